/* A pool of connections: one multi handle of libcurl's. An engine sends into its newest pool. One
 * that may be dead, or has served as many requests as its server allows a connection, is retired:
 * it gets no more calls and goes with its last one. libcurl has no other way to keep a call off an
 * HTTP/2 connection that it holds for usable. */
#ifndef DK_POOL_H
#define DK_POOL_H

#include "transfer.h"

#include <poll.h>

/* The sockets of all pools of an engine. */
typedef struct dk_sockets {
    struct pollfd *polled;
    double
        *serials; /* beside each: one that is closed and whose descriptor comes again has another */
    struct dk_pool **pools; /* beside each: whose it is */
    double last_serial;
    size_t count, capacity;
    bool failed; /* one could not be recorded, by us or by libcurl: look often instead */
} dk_sockets;

void dk_sockets_free(dk_sockets *s);

typedef struct dk_pool {
    struct dk_pool *older; /* in the engine's list, the newest first */
    CURLM *multi;
    dk_sockets *sockets;
    dk_time opened;
    dk_time curl_due; /* when libcurl wants to be called */
    unsigned on_wire;
    double requests, connections; /* so far */
    bool answered;                /* once at least: its first connection stands */
    bool multiplexed;             /* over HTTP/2 */
    bool retired;
} dk_pool;

/* streams: how many at once on an HTTP/2 connection. share: what its transfers have in common with
 * those of other pools; see dk_transfer_share. NULL where memory ran out. */
dk_pool *dk_pool_new(dk_sockets *sockets, long streams);
/* Closes its connections. Nothing of it may be on the wire. NULL is nothing. */
void dk_pool_free(dk_pool *p);
/* Leaves its connections as they are: after a fork they are the parent's. */
void dk_pool_disown(dk_pool *p);

/* Gives the transfer's attempt to libcurl; false where memory ran out. */
bool dk_pool_begin(dk_pool *p, dk_transfer *t);
/* Takes it off, whatever became of it. */
void dk_pool_end(dk_pool *p, dk_transfer *t);

/* How many requests a connection has served, on the average where there are several. */
double dk_pool_age(const dk_pool *p);

/* Lets libcurl act on what is ready: sockets (their revents), times. */
void dk_pools_act_on_sockets(dk_sockets *s);
void dk_pool_act_on_timer(dk_pool *p);

#endif
