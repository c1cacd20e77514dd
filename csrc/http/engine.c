/* Calls in flight; see engine.h. */
#include "engine.h"
#include "sigpipe.h"

#include "base/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct dk_engine {
    unsigned users;
    bool closed;
    unsigned generation; /* of the process: sockets must not be shared with a forked child */
    dk_transport transport;
    dk_attempts attempts;
    dk_sigpipe sigpipe;
    double last_id;
};

/* --- what it knows --------------------------------------------------------------------------- */

void dk_engine_on_loopback(dk_engine *e, bool is_loopback)
{
    e->transport.is_loopback = is_loopback;
}

const dk_transport *dk_engine_transport(const dk_engine *e)
{
    return &e->transport;
}

const dk_stats *dk_engine_stats(const dk_engine *e)
{
    return &e->attempts.stats;
}

const dk_queue *dk_engine_queue(const dk_engine *e)
{
    return &e->attempts.queue;
}

void dk_engine_watch(dk_engine *e, bool on)
{
    e->attempts.events.watched = on;
}

bool dk_engine_event(dk_engine *e, dk_event *out)
{
    return dk_events_next(&e->attempts.events, out);
}

size_t dk_engine_pending(const dk_engine *e)
{
    return e->attempts.wakeups.count;
}

dk_call *dk_engine_finished(dk_engine *e)
{
    return dk_attempts_finished(&e->attempts);
}

/* --- the process ------------------------------------------------------------------------------ */

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static volatile unsigned generation; /* how many forks this process descends from */

static void count_fork(void)
{
    generation++;
}

static void global_init(void)
{
    /* several threads may load the module (ngx.run_worker_thread); older libcurls need the guard */
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_atfork(NULL, NULL, count_fork);
}

/* In a forked child the parent's connections must not be touched. */
static void disown_after_fork(dk_engine *e)
{
    if (e->generation != generation && (e->attempts.pools.newest || e->attempts.wakeups.count))
        dk_attempts_disown(&e->attempts);
}

/* Ready for use in this process. Each draws its own jitter: workers that were forked from one would
 * come back to the service in the same instant. */
static void own(dk_engine *e)
{
    disown_after_fork(e);
    if (e->attempts.random && e->generation == generation)
        return;
    pthread_once(&global_once, global_init);
    e->generation = generation;
    e->attempts.random = dk_random_seed() | 1; /* xorshift never leaves 0 */
}

/* --- life ------------------------------------------------------------------------------------- */

dk_engine *dk_engine_new(dk_transport transport, unsigned max_in_flight, double max_api_capacity)
{
    dk_engine *e = calloc(1, sizeof *e);
    if (!e) {
        dk_transport_free(&transport);
        return NULL;
    }
    e->users = 1;
    e->transport = transport;
    dk_attempts_init(&e->attempts, &e->transport, max_in_flight, max_api_capacity);
    dk_sigpipe_begin(&e->sigpipe);
    return e;
}

dk_engine *dk_engine_share(dk_engine *e)
{
    e->users++;
    return e;
}

void dk_engine_close(dk_engine *e)
{
    if (e->closed)
        return;
    e->closed = true;
    disown_after_fork(e);
    dk_sigpipe_hold(&e->sigpipe);
    dk_attempts_close(&e->attempts, "the client was closed");
    dk_sigpipe_release(&e->sigpipe);
    dk_transport_forget(&e->transport);
}

void dk_engine_release(dk_engine *e)
{
    if (!e || --e->users)
        return;
    dk_engine_close(e);
    dk_attempts_free(&e->attempts);
    dk_transport_free(&e->transport);
    free(e);
}

/* --- calls ------------------------------------------------------------------------------------ */

bool dk_engine_submit(dk_engine *e, dk_call *call, const char **why)
{
    *why = "the client is closed";
    if (e->closed)
        return false;
    *why = "out of memory";
    own(e);
    call->id = e->last_id + 1;
    if (!dk_attempts_add(&e->attempts, call))
        return false;
    e->last_id++;
    return true;
}

static bool is_pending(dk_engine *e, const dk_call *call)
{
    disown_after_fork(e);
    return call->state != DK_NEW && call->state != DK_DONE;
}

void dk_engine_cancel(dk_engine *e, dk_call *call)
{
    if (!is_pending(e, call))
        return;
    dk_sigpipe_hold(&e->sigpipe);
    dk_attempts_cancel(&e->attempts, call, "cancelled");
    dk_pools_drop_unused(&e->attempts.pools);
    dk_sigpipe_release(&e->sigpipe);
}

void dk_engine_withdraw(dk_engine *e, dk_call *call)
{
    if (!is_pending(e, call))
        return;
    dk_sigpipe_hold(&e->sigpipe);
    dk_attempts_withdraw(&e->attempts, call);
    dk_pools_drop_unused(&e->attempts.pools);
    dk_sigpipe_release(&e->sigpipe);
}

void dk_engine_reset_call(dk_engine *e, dk_call *call)
{
    dk_list *finished = &e->attempts.finished;
    dk_engine_cancel(e, call);
    if (call->state == DK_DONE && dk_list_has(finished, &call->link))
        dk_list_remove(finished, &call->link);
    dk_call_clear(call);
}

void dk_engine_free_call(dk_engine *e, dk_call *call)
{
    if (!call)
        return;
    dk_engine_reset_call(e, call);
    dk_call_free(call);
}

/* --- stepping --------------------------------------------------------------------------------- */

dk_time dk_engine_timeout(dk_engine *e)
{
    dk_time now = dk_clock_now(), due = dk_attempts_due(&e->attempts, now);
    if (due == DK_NEVER)
        return DK_NEVER;
    dk_time wait = due > now ? due - now : 0;
    /* While the machine sleeps, poll and the timers of loops stand still, and our clock goes on. No
     * wait is longer than a second, so what became due meanwhile is seen soon after it wakes. */
    dk_time most = e->attempts.pools.sockets.failed ? DK_SECOND / 100 : DK_SECOND;
    return wait < most ? wait : most;
}

const struct pollfd *dk_engine_sockets(const dk_engine *e, const double **serials, size_t *n)
{
    const dk_sockets *s = &e->attempts.pools.sockets;
    *serials = s->serials;
    *n = s->count;
    return s->polled;
}

int dk_engine_pollset(dk_engine *e)
{
    disown_after_fork(e);
    dk_sockets *s = &e->attempts.pools.sockets;
    if (s->pollset.open)
        return s->pollset.fd;
    if (e->closed || !dk_pollset_open(&s->pollset))
        return -1;
    for (size_t i = 0; i < s->count; i++)
        if (!dk_pollset_set(&s->pollset, s->polled[i].fd, s->polled[i].events))
            s->failed = true;
    return s->pollset.fd;
}

void dk_engine_step(dk_engine *e, dk_time most)
{
    if (e->closed)
        return;
    own(e);
    const dk_sockets *s = &e->attempts.pools.sockets;
    dk_time wait = dk_engine_timeout(e);
    if (wait > most)
        wait = most;
    e->attempts.connections.tls.flood = (dk_flood){0};
    bool ready = poll(s->polled, (nfds_t)s->count, dk_clock_milliseconds(wait)) > 0;
    dk_sigpipe_hold(&e->sigpipe);
    dk_attempts_act(&e->attempts, ready);
    dk_sigpipe_release(&e->sigpipe);
}

void dk_engines_wait(dk_engine **engines, size_t n, dk_time most)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < n; i++) {
        dk_time wait = dk_engine_timeout(engines[i]);
        most = wait < most ? wait : most;
        count += engines[i]->attempts.pools.sockets.count;
    }
    struct pollfd *all = malloc((count ? count : 1) * sizeof *all);
    if (!all) { /* whoever waits must not spin */
        poll(NULL, 0, dk_clock_milliseconds(most < DK_SECOND / 100 ? most : DK_SECOND / 100));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const dk_sockets *s = &engines[i]->attempts.pools.sockets;
        if (s->count)
            memcpy(all + at, s->polled, s->count * sizeof *all);
        at += s->count;
    }
    poll(all, (nfds_t)count, dk_clock_milliseconds(most));
    free(all);
}
