/* One call: what is asked, how long it may take, and what came of it. */
#ifndef DK_CALL_H
#define DK_CALL_H

#include "failure.h"
#include "request.h"

#include "base/clock.h"
#include "base/list.h"

typedef struct dk_call_options {
    dk_time timeout;         /* all attempts and waits together */
    dk_time attempt_timeout; /* one attempt */
    dk_time connect_timeout;
    int max_retries;
    size_t max_response_bytes; /* after decompression */
} dk_call_options;

typedef enum dk_state {
    DK_NEW,     /* not yet given to an engine */
    DK_QUEUED,  /* waits for its turn */
    DK_ON_WIRE, /* libcurl has it */
    DK_WAITING, /* for the time of its next attempt */
    DK_DONE     /* what follows below is final */
} dk_state;

typedef struct dk_call {
    dk_link link; /* in the lane where it waits, or in the list of those that are done; the first */
    double id;    /* of this engine, ascending from 1 */
    dk_request request;
    dk_call_options options;
    dk_state state;

    /* the last attempt's answer */
    long status; /* 0: none came */
    dk_buffer head, body;
    dk_kind kind; /* DK_OK: a 2xx came whole */
    CURLcode code;
    const char *detail; /* more than libcurl's words, a static string; or NULL */
    char words[CURL_ERROR_SIZE];

    int attempts;
    int retries;        /* attempts after a failure; a 429 is none */
    bool retryable;     /* may be tried again as is */
    bool ambiguous;     /* failed, and may have taken effect */
    double retry_after; /* seconds that the service asked to wait; -1: it did not */
    dk_time started, ended;

    /* the engine's own */
    struct dk_transfer *transfer; /* while on the wire */
    struct dk_lane *lane;         /* where it waits for its turn */
    dk_time deadline, wake;
    size_t heap_index;
    size_t sent;    /* bytes of the body that libcurl took, in its last try */
    int stale;      /* how often a kept connection turned out to be ended */
    bool too_large; /* the answer went over max_response_bytes */
    bool withdrawn; /* the attempt that is under way is the last */
    dk_time queued_at, attempt_started;
} dk_call;

/* NULL where memory ran out. */
dk_call *dk_call_new(void);
/* Of one that no engine has: makes it as new, and keeps what memory it has, within bounds. */
void dk_call_clear(dk_call *call);
void dk_call_free(dk_call *call); /* NULL is nothing */

#endif
