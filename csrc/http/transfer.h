/* One attempt of a call in libcurl's hands. An easy handle is set up once and used again. */
#ifndef DK_TRANSFER_H
#define DK_TRANSFER_H

#include "call.h"
#include "connections.h"

/* What all transfers of a client have in common; strings may be NULL: libcurl's defaults. */
typedef struct dk_transport {
    char *proxy;
    char *ca_file;
    char *client_cert;
    char *client_key;
    char *client_key_password; /* NULL: none. Without one an encrypted key cannot be used */
    bool is_loopback;          /* what is called: the environment's proxy is not for it */
} dk_transport;

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

    /* libcurl tries an attempt again by itself; of its tries so far: */
    bool asks;     /* libcurl asks before each of them: from 7.80 on */
    int tries;     /* how many it asked for */
    long connects; /* new connections */
    long bytes;    /* of requests, before the last try */
    bool anew;     /* the last try is on a connection that the attempt made itself */
    bool alone;    /* no other call was in its pool when the last try began */
    double begun;  /* how many requests the pool had then */
    bool left;     /* a try before the last may have arrived */
    bool stale;    /* the last was given up: its connection was ended before */
    bool ended_well;

    struct dk_transfer *next; /* in the engine's list of unused ones */
    char words[CURL_ERROR_SIZE];
} dk_transfer;

/* NULL where memory ran out, or where libcurl refuses an option: then *refused names it (static).
 */
dk_transfer *dk_transfer_new(const dk_transport *transport, dk_connections *connections,
                             const char **refused);
void dk_transfer_free(dk_transfer *t);

/* Readies the handle for the call's next attempt. False where memory ran out. */
bool dk_transfer_begin(dk_transfer *t, dk_call *call);

/* Idle connections that are two seconds old or more are closed rather than used. False where this
 * libcurl cannot (before 7.80). */
bool dk_transfer_leave_old(dk_transfer *t, bool leave);

/* Takes down what the attempt came to: status, code, words, kind; answers what that means for
 * trying again. */
dk_outcome dk_transfer_end(dk_transfer *t, CURLcode code);

/* What an engine has done so far. */
typedef struct dk_stats {
    double calls, attempts, retries, connections;
    double
        waited; /* seconds that calls spent waiting for a limit, their turn or the next attempt */
    double bytes_sent, bytes_received;
    double http_1, http_2, http_3; /* answers by version */
} dk_stats;

/* May it not be used again? libcurl remembers a refused stream until it has sent a request again
 * for that (all releases up to 8.23), and sends the next one again that dies. */
bool dk_transfer_is_spent(const dk_transfer *t);
/* Adds what the attempt moved: connections, bytes, versions. */
void dk_transfer_count(const dk_transfer *t, dk_stats *stats);

#endif
