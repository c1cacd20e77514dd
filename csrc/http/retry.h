/* Which failures are tried again, when, and until when. */
#ifndef DK_RETRY_H
#define DK_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* What became of an attempt, as far as trying again is concerned. */
typedef enum dk_outcome {
    DK_FINAL,       /* an answer that another attempt would not change */
    DK_STALE,       /* a kept connection was ended before anything left on it */
    DK_NOT_SENT,    /* no byte of the request left: refused, no such host, TLS handshake broke */
    DK_BROKEN,      /* it may have arrived, and no answer did */
    DK_LIMITED,     /* 429: counted, not carried out */
    DK_UNAVAILABLE, /* 408, 502, 503, 504: may have been carried out */
    DK_UNCLEAR,     /* other 5xx, garbled, too large: may have been carried out, would fail again */
    DK_OUTCOMES
} dk_outcome;

typedef struct dk_verdict {
    bool again;     /* this call may be sent again */
    bool at_once;   /* and need not wait: it was no attempt */
    bool ambiguous; /* the attempt may have taken effect though it failed */
} dk_verdict;

/* idempotent: see dk_operation_idempotent. changes: not a GET. */
dk_verdict dk_retry_verdict(dk_outcome outcome, bool idempotent, bool changes);

/* Seconds to wait before attempt number `attempt` (the second is 2). told: what the service asked
 * for in seconds (-1: nothing); random: 0 <= random < 1, new for each call. */
double dk_retry_wait(int attempt, double told, double random);

#endif
