/* The pools of an engine: which connection the next attempt goes out on, and when one is too old
 * for it. */
#ifndef DK_POOLS_H
#define DK_POOLS_H

#include "pool.h"
#include "retry.h"

typedef struct dk_pools {
    dk_pool *newest; /* then the older ones; they are left when their last call has ended */
    dk_sockets sockets;
    unsigned max_in_flight;
    double most_requests; /* that a connection of HTTP/2 is used for ... */
    dk_time learned;      /* ... since then */
} dk_pools;

void dk_pools_init(dk_pools *pools, unsigned max_in_flight);
/* Closes all connections. Nothing may be on the wire. */
void dk_pools_close(dk_pools *pools);
/* Leaves the connections as they are: after a fork they are the parent's. */
void dk_pools_disown(dk_pools *pools);
void dk_pools_free(dk_pools *pools);

/* The pool for the next attempt: the newest, where that is full another, or one more. NULL where
 * memory ran out. */
dk_pool *dk_pools_next(dk_pools *pools);
/* What an attempt that ended tells of its pool. */
void dk_pools_learn(dk_pools *pools, const dk_transfer *t, dk_outcome outcome);
/* Closes what nobody uses any more. Not inside of libcurl, nor while the pools are walked. */
void dk_pools_drop_unused(dk_pools *pools);

/* When one wants to act on the time, at the latest. */
dk_time dk_pools_due(const dk_pools *pools);
/* Lets libcurl act on the time. */
void dk_pools_act_on_timers(dk_pools *pools);

#endif
