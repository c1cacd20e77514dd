/* The life of a call: it waits for its turn, leaves, is answered or fails, and may wait to be tried
 * again. Where it waits: queue.c. Whether it is tried again: retry.c. On which connection it
 * leaves: pools.c. */
#ifndef DK_ATTEMPTS_H
#define DK_ATTEMPTS_H

#include "connections.h"
#include "event.h"
#include "pools.h"
#include "queue.h"
#include "wakeups.h"

typedef struct dk_attempts {
    const dk_transport *transport; /* the engine's */
    dk_connections connections;
    dk_pools pools;
    unsigned max_in_flight, on_wire;

    dk_queue queue;
    dk_wakeups wakeups; /* every call that is pending */
    dk_list finished;   /* and was not fetched yet */
    dk_transfer *unused;
    dk_stats stats;
    dk_events events;
    uint64_t random; /* for jitter; 0: not seeded yet */
} dk_attempts;

/* max_api_capacity: percent of a rate limit that may be used. */
void dk_attempts_init(dk_attempts *a, const dk_transport *transport, unsigned max_in_flight,
                      double max_api_capacity);
/* Ends all calls as cancelled, with these words, and closes all connections. */
void dk_attempts_close(dk_attempts *a, const char *detail);
void dk_attempts_free(dk_attempts *a);
/* In a forked child: the calls and the connections are the parent's, and are left as they are. */
void dk_attempts_disown(dk_attempts *a);

/* Takes a call in, whose id is set, and has it leave if it may. False where memory ran out. */
bool dk_attempts_add(dk_attempts *a, dk_call *call);
/* Ends a call that is pending. */
void dk_attempts_cancel(dk_attempts *a, dk_call *call, const char *detail);
/* Ends a call that is pending, unless something of it has left the machine: that is waited for, and
 * then it is not tried again. */
void dk_attempts_withdraw(dk_attempts *a, dk_call *call);
/* The next call that became done and was not yet fetched, or NULL. */
dk_call *dk_attempts_finished(dk_attempts *a);

/* When something is to be done, at the latest; DK_NEVER: nothing. */
dk_time dk_attempts_due(const dk_attempts *a, dk_time now);
/* Has libcurl act on sockets (their revents, where `ready`) and times, ends the attempts that it is
 * done with, and those whose time is over, and sends who may leave. */
void dk_attempts_act(dk_attempts *a, bool ready);

#endif
