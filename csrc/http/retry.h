/* Which failures are tried again, and how long to wait first. A call is repeated only where twice
 * changes no more than once. Until when it is tried: attempts.c; how long to wait after a 429:
 * ratelimit.c.
 *
 * What carries it out:
 *   tries.c               notes what left, over all tries that libcurl makes by itself, and lets it
 *                         send again only what dk_retry_by_libcurl allows (may_send_again)
 *   transfer.c            sends an empty POST on a new connection where libcurl would ask nobody
 *                         before it sends it again (dk_tries_need_new_connection)
 *   outcome.c             says what became of an attempt, as a dk_outcome
 *   attempts.c            asks dk_retry_verdict, and waits or ends the call
 *   binding/call_error.c  finds that a whole answer is DK_UNREADABLE: the call is over then, and
 *                         err.retryable tells its caller
 */
#ifndef DK_RETRY_H
#define DK_RETRY_H

#include "operation.h"

#include <stdbool.h>

/* What became of an attempt, as far as trying again is concerned. */
typedef enum dk_outcome {
    DK_FINAL,       /* an answer that another attempt would not change */
    DK_STALE,       /* a kept connection was ended before anything left on it */
    DK_NOT_SENT,    /* no byte of the request left: no such host, refused, ended, TLS broke */
    DK_BROKEN,      /* it may have arrived, and no answer did */
    DK_LIMITED,     /* 429: counted, not carried out */
    DK_UNAVAILABLE, /* 408, 502, 503, 504: may have been carried out */
    DK_UNCLEAR,     /* other 5xx, garbled, too large: may have been carried out, would fail again */
    DK_UNREADABLE,  /* an answer that is whole HTTP, and says nothing that can be read */
    DK_OUTCOMES
} dk_outcome;

typedef struct dk_verdict {
    bool again;     /* this call may be sent again */
    bool at_once;   /* and need not wait: it was no attempt */
    bool ambiguous; /* the attempt may have taken effect though it failed */
} dk_verdict;

/* May the call be repeated without changing more than once would? RFC 9110, 9.2.2. PATCH may not:
 * Datadog gives an Okta account a new id at each. */
bool dk_retry_is_idempotent(const dk_operation *operation);

dk_verdict dk_retry_verdict(dk_outcome outcome, const dk_operation *operation);

/* libcurl is about to send a request again by itself. May it? left: a try before this one may have
 * arrived. */
bool dk_retry_by_libcurl(const dk_operation *operation, bool left);

/* Seconds to wait before attempt number `attempt` (the second is 2). told: what the service asked
 * for in seconds (-1: nothing); random: 0 <= random < 1, new for each call. */
double dk_retry_wait(int attempt, double told, double random);

#endif
