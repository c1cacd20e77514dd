/* Calls in flight: libcurl's multi interface, the queue before it and the waits between attempts.
 * It owns all sockets. Nothing here blocks but dk_engine_step and dk_engines_wait, for as long as
 * they are told; nothing calls back: what happened is recorded and fetched. */
#ifndef DK_ENGINE_H
#define DK_ENGINE_H

#include "attempts.h"

#include <poll.h>

typedef struct dk_engine dk_engine;

/* A new engine with one reference; it frees the transport's strings, which malloc gave. NULL where
 * memory ran out: the strings are freed then too. */
dk_engine *dk_engine_new(dk_transport transport, unsigned max_in_flight, double max_api_capacity);
dk_engine *dk_engine_share(dk_engine *e);
/* Gives one reference back. The last one closes the engine: calls in flight end as cancelled. */
void dk_engine_release(dk_engine *e);
/* Ends what is in flight as cancelled and closes all connections; later submits are refused. */
void dk_engine_close(dk_engine *e);

/* Takes the call in; it must stay where it is until it is DK_DONE or cancelled. False where that is
 * impossible: then *why says why (static). */
bool dk_engine_submit(dk_engine *e, dk_call *call, const char **why);

/* Ends a call now, as cancelled. Harmless for one that is done. */
void dk_engine_cancel(dk_engine *e, dk_call *call);

/* Ends a call as cancelled unless it has left the machine, and then behind its attempt: it is not
 * tried again. Harmless for one that is done. */
void dk_engine_withdraw(dk_engine *e, dk_call *call);

/* Waits until something can be done, `most` at most, and does it. */
void dk_engine_step(dk_engine *e, dk_time most);

/* The same for several engines: waits only; step each of them then. */
void dk_engines_wait(dk_engine **engines, size_t n, dk_time most);

/* How long to wait for sockets at most before the next step; DK_NEVER: nothing to wait for. */
dk_time dk_engine_timeout(dk_engine *e);
/* The sockets to wait for, and beside each its serial number: a socket that is closed and whose
 * descriptor comes again has another. Valid until the next call into the engine. */
const struct pollfd *dk_engine_sockets(const dk_engine *e, const double **serials, size_t *n);
/* One descriptor that is readable when one of them is ready, and the engine's own: it stays the
 * same until the engine is closed, and takes sockets in and out by itself. -1: this system has
 * none. */
int dk_engine_pollset(dk_engine *e);

/* Calls not yet done. */
size_t dk_engine_pending(const dk_engine *e);
/* The next call that became done and was not yet fetched, or NULL. */
dk_call *dk_engine_finished(dk_engine *e);

/* Before the first call: is it on loopback that it will call? */
void dk_engine_on_loopback(dk_engine *e, bool is_loopback);
const dk_transport *dk_engine_transport(const dk_engine *e);
const dk_stats *dk_engine_stats(const dk_engine *e);
/* The lanes of its rate limits; those that are merged into another are left out by the caller. */
const dk_queue *dk_engine_queue(const dk_engine *e);

void dk_engine_watch(dk_engine *e, bool on);
/* The next event, oldest first; false: there is none. */
bool dk_engine_event(dk_engine *e, dk_event *out);

/* Has the engine forget a call: cancels it where need be, and makes it as new or frees it (NULL is
 * nothing). */
void dk_engine_reset_call(dk_engine *e, dk_call *call);
void dk_engine_free_call(dk_engine *e, dk_call *call);

#endif
