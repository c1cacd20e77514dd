/* libcurl's easy handle for one attempt of a call: set up once, used again for others. */
#ifndef DK_TRANSFER_H
#define DK_TRANSFER_H

#include "call.h"
#include "connections.h"
#include "transport.h"
#include "tries.h"

typedef struct dk_transfer {
    CURL *easy;
    dk_call *call; /* NULL while unused */
    /* what the handle was last set to */
    dk_time connect_timeout;
    const dk_operation *operation;
    bool leaves_old; /* see dk_transfer_leave_old */
    CURLU *parsed;   /* the URL: libcurl would parse it anew for each request */
    dk_buffer url;
    dk_connections *connections; /* of the engine */
    struct dk_pool *pool;        /* while on the wire */
    size_t head_bytes; /* of the attempt's answers: what came before the body or behind it */
    dk_tries tries;
    bool ended_well;
    struct dk_transfer *next; /* in the list of unused ones */
    char words[CURL_ERROR_SIZE];
} dk_transfer;

/* An answer's headers, those of each 1xx before it and its trailers: more than any service sends,
 * less than an endless stream of them. */
#define DK_MOST_HEAD_BYTES ((size_t)256 * 1024)

/* NULL where memory ran out, or where libcurl refuses an option: then *refused names it
 * (static). */
dk_transfer *dk_transfer_new(const dk_transport *transport, dk_connections *connections,
                             const char **refused);
void dk_transfer_free(dk_transfer *t);

/* Readies the handle for the call's next attempt. False where memory ran out. */
bool dk_transfer_begin(dk_transfer *t, dk_call *call);

/* Idle connections that are two seconds old or more are closed rather than used. False where this
 * libcurl cannot (before 7.80). */
bool dk_transfer_leave_old(dk_transfer *t, bool leave);

/* Did the headers come to their end, an empty line? libcurl takes an answer that breaks off within
 * them for one without a body. */
bool dk_head_is_whole(const dk_buffer *head);

/* May it not be used again? libcurl remembers a refused stream until it has sent a request again
 * for that (all releases up to 8.23), and sends the next one again that dies. */
bool dk_transfer_is_spent(const dk_transfer *t);

/* What an engine has done so far. */
typedef struct dk_stats {
    double calls, attempts, retries, connections;
    double waited; /* seconds: for a limit, a turn or the next attempt */
    double bytes_sent, bytes_received;
    double http_1, http_2, http_3; /* answers by version */
} dk_stats;

/* Adds what the attempt moved: connections, bytes, versions. */
void dk_transfer_count(const dk_transfer *t, dk_stats *stats);

#endif
