/* A pool of connections: one multi handle of libcurl's.
 *
 * An engine sends into its newest pool. A pool whose connections may be dead is retired: it gets no
 * more calls, and is freed after its last one. A pool whose connection has served nearly as many
 * requests as its server allows is used up: it gets no more calls either, but the handle may be
 * used again with a new connection. That saves time where libcurl reads the certificates itself
 * (dk_tls_watch answers false): the handle may keep them, and to read them takes as long as 500
 * calls. Pools are needed because libcurl has no other way to keep a call off an HTTP/2 connection
 * that it believes to be usable. */
#ifndef DK_POOL_H
#define DK_POOL_H

#include "pollset.h"
#include "transfer.h"

#include <poll.h>

/* The sockets of all pools of an engine. */
typedef struct dk_sockets {
    struct pollfd *polled;
    double *serials; /* beside each: a descriptor that is closed and comes again has another */
    struct dk_pool **pools; /* beside each: whose it is */
    double last_serial;
    size_t count, capacity;
    dk_pollset pollset; /* the same, behind one descriptor */
    bool failed;        /* one could not be recorded, by us or by libcurl: look often instead */
} dk_sockets;

void dk_sockets_free(dk_sockets *s);

typedef struct dk_pool {
    struct dk_pool *older; /* in the engine's list, the newest first */
    CURLM *multi;
    dk_sockets *sockets;
    dk_time opened;
    dk_time curl_due; /* when libcurl wants to be called */
    dk_time looked;   /* at all transfers, at last; or the first of them was begun */
    dk_traffic traffic;
    double connections; /* so far */
    dk_time answered;   /* for the first time; 0: never, its connection may not stand */
    bool multiplexed;   /* over HTTP/2 */
    bool retired, used_up;
    bool renewed; /* its first call leaves the old connection behind */
} dk_pool;

/* NULL where memory ran out. */
dk_pool *dk_pool_new(dk_sockets *sockets);
/* Closes its connections. Nothing of it may be on the wire. NULL is nothing. */
void dk_pool_free(dk_pool *p);
/* Can it be used again, with a new connection? If so it is as new. */
bool dk_pool_renew(dk_pool *p);
/* Leaves its connections as they are: after a fork they are the parent's. */
void dk_pool_disown(dk_pool *p);

/* Gives the transfer's attempt to libcurl; false where memory ran out. */
bool dk_pool_begin(dk_pool *p, dk_transfer *t);
/* Takes it off, whatever became of it. */
void dk_pool_end(dk_pool *p, dk_transfer *t);

/* How many requests a connection has served, on the average where there are several. */
double dk_pool_age(const dk_pool *p);

/* When it wants to act on the time, at the latest. */
dk_time dk_pool_due(const dk_pool *p);
/* Lets libcurl act on what is ready: sockets (their revents), times. */
void dk_pools_act_on_sockets(dk_sockets *s);
void dk_pool_act_on_timer(dk_pool *p);

#endif
