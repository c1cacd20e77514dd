/* What the views of one client share; see session.h. */
#include "session.h"
#include "proxy.h"
#include "secret.h"

#include <stdlib.h>
#include <string.h>

dk_session *dk_session_new(dk_service service, dk_engine *engine, const char *user_agent)
{
    dk_session *s = calloc(1, sizeof *s);
    char *copy = s && user_agent ? strdup(user_agent) : NULL;
    if (!s || (user_agent && !copy)) {
        free(s);
        return NULL;
    }
    s->users = 1;
    s->service = service;
    s->user_agent = copy;
    s->engine = engine;
    return s;
}

dk_session *dk_session_share(dk_session *s)
{
    s->users++;
    return s;
}

static void forget_headers(dk_session *s)
{
    for (size_t i = 0; i < DK_HEADERS_SETS; i++) {
        dk_headers_release(s->headers[i]);
        s->headers[i] = NULL;
    }
}

void dk_session_release(dk_session *s)
{
    if (!s || --s->users)
        return;
    forget_headers(s);
    dk_engine_release(s->engine);
    dk_credentials_free(&s->credentials);
    dk_buffer_free(&s->base_url);
    free(s->user_agent);
    free(s);
}

bool dk_session_set_key(dk_session *s, dk_key key, const char *value, size_t n)
{
    if (s->closed)
        return true; /* whoever calls is told so when the call is refused */
    const dk_buffer *old = &s->credentials.key[key];
    if (old->length == n && n && memcmp(old->data, value, n) == 0)
        return true;
    forget_headers(s);
    return dk_credentials_set(&s->credentials, key, value, n);
}

dk_headers *dk_session_headers(dk_session *s, const dk_operation *operation, dk_content content)
{
    dk_headers **set = &s->headers[dk_headers_set(operation, content)];
    if (!*set)
        *set = dk_headers_new(&s->credentials, s->user_agent, operation, content);
    return *set ? dk_headers_share(*set) : NULL;
}

bool dk_session_secrets(const dk_session *s, dk_buffer *secrets)
{
    for (int i = 0; i < DK_KEYS; i++) {
        const dk_buffer *key = &s->credentials.key[i];
        dk_secrets_add(secrets, key->data, key->length);
    }
    return !secrets->failed && dk_proxy_secrets(dk_engine_transport(s->engine), secrets);
}

void dk_session_close(dk_session *s)
{
    s->closed = true;
    dk_engine_close(s->engine);
    forget_headers(s);
    dk_credentials_free(&s->credentials);
}
