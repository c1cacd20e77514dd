/* One call; see call.h. */
#include "call.h"

#include <stdlib.h>

dk_call *dk_call_new(void)
{
    dk_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->retry_after = -1;
    /* answers hold keys that were made, and echo what was sent */
    call->head.secret = call->body.secret = true;
    return call;
}

/* Beyond this, a buffer is not kept for the next call. */
#define KEPT_BYTES ((size_t)64 * 1024)

static void empty(dk_buffer *b)
{
    if (b->capacity > KEPT_BYTES)
        dk_buffer_free(b);
    else
        dk_buffer_clear(b);
}

void dk_call_clear(dk_call *call)
{
    dk_headers_release(call->request.headers);
    empty(&call->request.url);
    empty(&call->request.body);
    empty(&call->head);
    empty(&call->body);
    dk_call fresh = {.request = {.url = call->request.url, .body = call->request.body},
                     .head = call->head,
                     .body = call->body,
                     .retry_after = -1};
    *call = fresh;
}

void dk_call_free(dk_call *call)
{
    if (!call)
        return;
    dk_request_free(&call->request);
    dk_buffer_free(&call->head);
    dk_buffer_free(&call->body);
    free(call);
}
