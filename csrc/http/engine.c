/* Calls in flight; see engine.h. */
#include "engine.h"
#include "base/wipe.h"
#include "pool.h"
#include "base/random.h"
#include "sigpipe.h"
#include "wakeups.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* nginx ends an HTTP/2 connection after 1,000 requests and an hour by default, load balancers do
 * alike: what is under way then and is not safe to repeat would be in doubt. */
#define MOST_REQUESTS   960.0
#define FEWEST_REQUESTS 8.0
#define LONGEST_LIFE    (50 * 60 * DK_SECOND)
/* After so long without another death, more are tried again. */
#define LESSON (10 * 60 * DK_SECOND)
/* So many kept connections of a call may turn out to be ended, until that counts as a failure. */
#define MOST_STALE 8

typedef struct dk_list {
    dk_call *first, *last;
} dk_list;

struct dk_engine {
    unsigned users;
    bool closed;
    unsigned generation; /* of the process: sockets must not be shared with a forked child */
    dk_pool *pools;      /* the newest first; the others are left when their last call has ended */
    dk_connections connections;
    double most_requests; /* that a connection of HTTP/2 is used for ... */
    dk_time learned;      /* ... since then */
    dk_transport transport;
    unsigned max_in_flight, on_wire;

    dk_queue queue;
    dk_list finished;
    dk_wakeups wakeups; /* every call that is pending */
    dk_stats stats;
    dk_transfer *unused;
    double last_id;

    dk_sockets sockets;
    dk_sigpipe sigpipe;

    bool watched;
    dk_event *events;
    size_t events_read, events_count, events_capacity;

    uint64_t random;
};

/* --- lists ------------------------------------------------------------------------------------ */

static void list_add(dk_list *list, dk_call *call)
{
    call->previous = list->last;
    call->next = NULL;
    *(list->last ? &list->last->next : &list->first) = call;
    list->last = call;
}

static void list_remove(dk_list *list, dk_call *call)
{
    *(call->previous ? &call->previous->next : &list->first) = call->next;
    *(call->next ? &call->next->previous : &list->last) = call->previous;
    call->previous = call->next = NULL;
}

/* --- events ----------------------------------------------------------------------------------- */

static void record(dk_engine *e, dk_event event)
{
    if (!e->watched)
        return;
    if (e->events_count == e->events_capacity) {
        size_t wanted = e->events_capacity ? e->events_capacity * 2 : 64;
        dk_event *grown = realloc(e->events, wanted * sizeof *grown);
        if (!grown)
            return; /* an event less; the call itself is not touched */
        e->events = grown;
        e->events_capacity = wanted;
    }
    e->events[e->events_count++] = event;
}

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
    return &e->stats;
}

const dk_queue *dk_engine_queue(const dk_engine *e)
{
    return &e->queue;
}

void dk_engine_watch(dk_engine *e, bool on)
{
    e->watched = on;
}

bool dk_engine_event(dk_engine *e, dk_event *out)
{
    if (e->events_read == e->events_count) {
        e->events_read = e->events_count = 0;
        return false;
    }
    *out = e->events[e->events_read++];
    return true;
}

static dk_event event_of(dk_event_type type, const dk_call *call, double seconds)
{
    return (dk_event){.type = type,
                      .call = call->id,
                      .operation = call->request.operation,
                      .attempt = call->attempts,
                      .status = call->status,
                      .kind = call->kind,
                      .seconds = seconds};
}

/* --- life ------------------------------------------------------------------------------------- */

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

/* In each process anew: workers that were forked from one would wait the same jitters, and come
 * back to the service in the same instant. */
static void seed_random(dk_engine *e)
{
    if (!dk_random_bytes(&e->random, sizeof e->random))
        e->random = (uint64_t)dk_clock_now() * 2654435761u ^ (uint64_t)getpid() << 32;
    e->random |= 1; /* xorshift never leaves 0 */
}

/* What is left is an empty one. */
static void forget(char *text)
{
    if (text)
        dk_wipe(text, strlen(text));
}

static void free_secret(char *text)
{
    forget(text);
    free(text);
}

static void transport_free(dk_transport *t)
{
    free_secret(t->proxy); /* may hold a password */
    free(t->ca_file);
    free(t->client_cert);
    free(t->client_key);
    free_secret(t->client_key_password);
    *t = (dk_transport){0};
}

dk_engine *dk_engine_new(dk_transport transport, unsigned max_in_flight, double max_api_capacity)
{
    dk_engine *e = calloc(1, sizeof *e);
    if (!e) {
        transport_free(&transport);
        return NULL;
    }
    e->users = 1;
    e->transport = transport;
    e->connections.ca_file = transport.ca_file;
    e->max_in_flight = max_in_flight;
    e->queue.max_api_capacity = max_api_capacity;
    e->most_requests = MOST_REQUESTS;
    dk_sigpipe_begin(&e->sigpipe);
    return e;
}

dk_engine *dk_engine_share(dk_engine *e)
{
    e->users++;
    return e;
}

/* --- pools ------------------------------------------------------------------------------------ */

/* What nobody uses any more is closed, but for what the next burst will fill, and for one that can
 * be used again. Not inside of libcurl, nor while the list is walked. */
static void free_pools(dk_engine *e)
{
    bool spare = false;
    for (dk_pool **at = e->pools ? &e->pools->older : &e->pools; *at;) {
        dk_pool *p = *at;
        bool spares = !p->on_wire && p->used_up && !p->retired && !spare;
        spare |= spares;
        bool stays = p->multiplexed && !p->used_up && !p->retired;
        if (spares || stays || p->on_wire) {
            at = &p->older;
        } else {
            *at = p->older;
            dk_pool_free(p);
        }
    }
}

static bool open_pool(dk_engine *e)
{
    dk_pool *p = NULL, **at = &e->pools;
    while (*at && !dk_pool_renew(*at))
        at = &(*at)->older;
    if (*at) {
        p = *at;
        *at = p->older;
    } else {
        p = dk_pool_new(&e->sockets);
    }
    if (!p)
        return false;
    p->older = e->pools;
    e->pools = p;
    return true;
}

/* How many requests before the last the next connection is begun. */
static double reserve(const dk_engine *e)
{
    return fmin(e->max_in_flight, e->most_requests / 4);
}

/* So many calls at once on an HTTP/2 connection: services allow 100 or 128. Beyond what a server
 * allows libcurl opens a connection for each call. */
#define MOST_STREAMS 100

static bool has_room(const dk_pool *p)
{
    return p->on_wire < MOST_STREAMS || (p->answered && !p->multiplexed);
}

/* Marks a pool that is to get no more calls: its connection is old, or its server may end it soon.
 * What was learned of that came from HTTP/2: it holds before a new connection's first answer, too.
 */
static bool is_past(dk_engine *e, dk_pool *p)
{
    p->retired |= dk_clock_now() - p->opened > LONGEST_LIFE;
    bool counts = p->multiplexed || (!p->answered && e->most_requests < MOST_REQUESTS);
    if (counts && !p->retired && !p->used_up && dk_pool_age(p) + reserve(e) >= e->most_requests) {
        p->used_up = true;
        if (p->opened - e->learned > LESSON) {
            e->most_requests = fmin(e->most_requests * 1.25, MOST_REQUESTS);
            e->learned = p->opened;
        }
    }
    return p->retired || p->used_up;
}

/* While one call makes a new connection, the others need not wait for it: for a while the one
 * before may go on. */
static bool can_stand_in(const dk_engine *e, const dk_pool *p)
{
    return !p->retired && has_room(p) && dk_pool_age(p) < e->most_requests;
}

/* The pool for the next attempt: the newest, where that is full another, or one more. NULL where
 * memory ran out. */
static dk_pool *pool_for_attempt(dk_engine *e)
{
    if ((!e->pools || is_past(e, e->pools)) && !open_pool(e))
        return NULL;
    dk_pool *newest = e->pools, *older = newest->older;
    if (!newest->answered && newest->on_wire && older && can_stand_in(e, older))
        return older;
    for (dk_pool *p = newest; p; p = p->older)
        if (has_room(p) && !is_past(e, p))
            return p;
    return open_pool(e) ? e->pools : NULL;
}

/* An HTTP/2 connection died under an attempt: its server may end each after so many requests. */
static void learn_most_requests(dk_engine *e, const dk_pool *p)
{
    double served = dk_pool_age(p) - p->on_wire;
    if (!p->multiplexed || p->retired || served >= e->most_requests)
        return;
    e->most_requests = fmax(served * 0.9, FEWEST_REQUESTS);
    e->learned = dk_clock_now();
}

/* What an attempt that ended tells of its pool. */
static void note_attempt(dk_engine *e, const dk_transfer *t, dk_outcome outcome)
{
    dk_pool *p = t->pool;
    long version = 0;
    p->connections += (double)t->connects;
    if (t->call->status && !p->answered)
        p->answered = dk_clock_now();
    if (t->call->status && !p->multiplexed &&
        curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version) == CURLE_OK)
        p->multiplexed = version >= CURL_HTTP_VERSION_2_0;
    bool died = outcome == DK_STALE || t->left || t->tries > 1;
    if (died)
        learn_most_requests(e, p);
    p->retired |= died;
}

static void end_call(dk_engine *e, dk_call *call)
{
    dk_wakeups_remove(&e->wakeups, call);
    call->state = DK_DONE;
    call->ended = dk_clock_now();
    list_add(&e->finished, call);
}

static void take_off_wire(dk_engine *e, dk_call *call)
{
    dk_transfer *t = call->transfer;
    bool spent = dk_transfer_is_spent(t);
    dk_pool_end(t->pool, t);
    call->transfer = NULL;
    if (spent) {
        dk_transfer_free(t);
    } else {
        t->call = NULL;
        t->next = e->unused;
        e->unused = t;
    }
    if (--e->on_wire == 0)
        e->sockets.failed = false; /* the next call's sockets are recorded anew */
}

static void leave_state(dk_engine *e, dk_call *call)
{
    if (call->state == DK_QUEUED) {
        dk_queue_remove(&e->queue, call);
    } else if (call->state == DK_ON_WIRE) {
        dk_queue_lost(&e->queue, call);
        take_off_wire(e, call);
    }
}

static void end_cancelled(dk_engine *e, dk_call *call, const char *detail)
{
    if (call->state == DK_ON_WIRE) {
        bool changes = strcmp(call->request.operation->method, "GET") != 0;
        dk_outcome outcome = dk_transfer_end(call->transfer, CURLE_ABORTED_BY_CALLBACK);
        call->ambiguous |= dk_retry_verdict(outcome, false, changes).ambiguous;
    }
    leave_state(e, call);
    call->kind = DK_CANCELLED;
    call->code = CURLE_OK;
    call->status = 0;
    call->detail = detail;
    call->retryable = false;
    end_call(e, call);
}

static void free_unused(dk_engine *e)
{
    while (e->unused) {
        dk_transfer *t = e->unused;
        e->unused = t->next;
        dk_transfer_free(t);
    }
}

/* In a forked child the parent's connections must not be touched: closing them properly would say
 * goodbye in the parent's name. They are left behind, and the calls are the parent's. */
static void disown(dk_engine *e)
{
    dk_pollset_close(
        &e->sockets.pollset); /* the parent's is not to hear of what is forgotten here */
    for (dk_pool *p; (p = e->pools);) {
        e->pools = p->older;
        dk_pool_disown(p);
    }
    dk_connections_disown(&e->connections);
    e->unused = NULL;
    e->on_wire = 0;
    for (dk_call *call; (call = dk_wakeups_first(&e->wakeups));) {
        if (call->state == DK_QUEUED)
            dk_queue_remove(&e->queue, call);
        else if (call->state == DK_ON_WIRE)
            dk_queue_lost(&e->queue, call);
        call->transfer = NULL;
        call->kind = DK_CANCELLED;
        call->detail = "the process forked: the call belongs to the parent";
        end_call(e, call);
    }
}

static void disown_after_fork(dk_engine *e)
{
    if (e->generation != generation && (e->pools || e->wakeups.count))
        disown(e);
}

/* Ready for use in this process. */
static void own(dk_engine *e)
{
    disown_after_fork(e);
    if (e->random && e->generation == generation)
        return;
    pthread_once(&global_once, global_init);
    e->generation = generation;
    seed_random(e);
}

void dk_engine_cancel(dk_engine *e, dk_call *call)
{
    disown_after_fork(e);
    if (call->state == DK_NEW || call->state == DK_DONE)
        return;
    dk_sigpipe_hold(&e->sigpipe);
    end_cancelled(e, call, "cancelled");
    free_pools(e);
    dk_sigpipe_release(&e->sigpipe);
}

void dk_engine_close(dk_engine *e)
{
    if (e->closed)
        return;
    e->closed = true;
    disown_after_fork(e);
    dk_sigpipe_hold(&e->sigpipe);
    for (dk_call *call; (call = dk_wakeups_first(&e->wakeups));)
        end_cancelled(e, call, "the client was closed");
    free_unused(e);
    for (dk_pool *p; (p = e->pools);) {
        e->pools = p->older;
        dk_pool_free(p);
    }
    dk_pollset_close(&e->sockets.pollset);
    dk_connections_free(&e->connections);
    dk_sigpipe_release(&e->sigpipe);
    forget(e->transport.proxy); /* it may hold a password */
    forget(e->transport.client_key_password);
}

void dk_engine_release(dk_engine *e)
{
    if (!e || --e->users)
        return;
    dk_engine_close(e);
    dk_wakeups_free(&e->wakeups);
    dk_queue_free(&e->queue);
    transport_free(&e->transport);
    dk_sockets_free(&e->sockets);
    free(e->events);
    free(e);
}

/* --- calls ------------------------------------------------------------------------------------ */

dk_call *dk_call_new(void)
{
    dk_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->retry_after = -1;
    /* answers hold keys that were made, and echo what was sent */
    call->head.secret = call->body.secret = true;
    return call;
}

/* Beyond this, a buffer is not kept for the next call. */
#define KEPT_BYTES ((size_t)64 * 1024)

static void empty(dk_buffer *b)
{
    if (b->capacity > KEPT_BYTES)
        dk_buffer_free(b);
    else
        dk_buffer_clear(b);
}

void dk_call_reset(dk_engine *e, dk_call *call)
{
    dk_engine_cancel(e, call);
    if (call->state == DK_DONE && (call->previous || call->next || e->finished.first == call))
        list_remove(&e->finished, call);
    dk_headers_release(call->request.headers);
    empty(&call->request.url);
    empty(&call->request.body);
    empty(&call->head);
    empty(&call->body);
    dk_call fresh = {.request = {.url = call->request.url, .body = call->request.body},
                     .head = call->head,
                     .body = call->body,
                     .retry_after = -1};
    *call = fresh;
}

void dk_call_free(dk_engine *e, dk_call *call)
{
    if (!call)
        return;
    dk_call_reset(e, call);
    dk_request_free(&call->request);
    dk_buffer_free(&call->head);
    dk_buffer_free(&call->body);
    free(call);
}

static void set_wake(dk_engine *e, dk_call *call, dk_time wake)
{
    call->wake = wake < call->deadline ? wake : call->deadline;
    dk_wakeups_moved(&e->wakeups, call);
}

static dk_transfer *unused_transfer(dk_engine *e, const char **refused)
{
    dk_transfer *t = e->unused;
    if (!t)
        return dk_transfer_new(&e->transport, &e->connections, refused);
    e->unused = t->next;
    return t;
}

/* The handle that an attempt is sent with, ready and in libcurl's hands; else NULL, and the call
 * says why. */
static dk_transfer *begin_transfer(dk_engine *e, dk_call *call)
{
    const char *refused = NULL;
    dk_pool *pool = pool_for_attempt(e);
    dk_transfer *t = pool ? unused_transfer(e, &refused) : NULL;
    if (t && dk_transfer_begin(t, call) && dk_pool_begin(pool, t))
        return t;
    call->kind = refused ? DK_CONFIG : DK_NETWORK;
    call->code = refused ? CURLE_UNKNOWN_OPTION : CURLE_OUT_OF_MEMORY;
    call->detail = refused                        ? refused
                   : dk_descriptors_are_used_up() ? DK_NO_DESCRIPTORS
                                                  : "out of memory";
    call->retryable = !refused; /* nothing left */
    dk_transfer_free(t);
    return NULL;
}

static void send_attempt(dk_engine *e, dk_call *call)
{
    dk_transfer *t = begin_transfer(e, call);
    dk_queue_remove(&e->queue, call);
    if (!t) {
        end_call(e, call);
        return;
    }
    call->transfer = t;
    call->state = DK_ON_WIRE;
    call->attempts++;
    call->attempt_started = dk_clock_now();
    dk_queue_sent(call, call->attempt_started);
    e->on_wire++;
    e->stats.attempts++;
    e->stats.waited += (double)(call->attempt_started - call->queued_at) / DK_SECOND;
    set_wake(e, call, call->attempt_started + call->limits.attempt_timeout);
    record(e, event_of(DK_EVENT_ATTEMPT, call, 0));
}

/* Tells watchers, once per closure, that calls wait for a limit. */
static void announce_closures(dk_engine *e, dk_time now)
{
    for (size_t i = 0; e->watched && i < e->queue.count; i++) {
        dk_lane *lane = e->queue.lanes[i];
        dk_time opens = lane->first ? dk_bucket_opens(&lane->bucket, now) : now;
        if (opens <= now || opens == lane->announced)
            continue;
        lane->announced = opens;
        dk_event event = event_of(DK_EVENT_LIMIT, lane->first, (double)(opens - now) / DK_SECOND);
        snprintf(event.limit, sizeof event.limit, "%s", lane->name ? lane->name : "");
        record(e, event);
    }
}

static void send_queued(dk_engine *e)
{
    if (!e->queue.waiting)
        return;
    dk_time now = dk_clock_now();
    for (dk_call *call; e->on_wire < e->max_in_flight && (call = dk_queue_next(&e->queue, now));)
        send_attempt(e, call);
    announce_closures(e, now);
}

static void enqueue(dk_engine *e, dk_call *call, dk_time now)
{
    call->state = DK_QUEUED;
    call->queued_at = now;
    dk_queue_add(&e->queue, call);
    set_wake(e, call, call->deadline);
}

/* Is the limit closed for longer than the call may take? Then it ends now, not at its deadline. */
static bool ends_by_limit(dk_engine *e, dk_call *call, dk_time now)
{
    dk_time opens = dk_queue_opens(call, now);
    if (opens < call->deadline)
        return false;
    call->kind = DK_RATE_LIMITED;
    call->retryable = true;
    call->retry_after = (double)(opens - now) / DK_SECOND;
    if (!call->attempts)
        call->detail = "the rate limit is used up for longer than this call may take";
    end_call(e, call);
    return true;
}

bool dk_engine_submit(dk_engine *e, dk_call *call, const char **why)
{
    *why = "the client is closed";
    if (e->closed)
        return false;
    *why = "out of memory";
    own(e);
    if (!dk_wakeups_reserve(&e->wakeups) || !dk_queue_reserve(&e->queue, call))
        return false;
    call->id = ++e->last_id;
    call->started = dk_clock_now();
    call->deadline = call->started + call->limits.timeout;
    call->wake = call->deadline;
    e->stats.calls++;
    dk_wakeups_add(&e->wakeups, call);
    if (ends_by_limit(e, call, call->started))
        return true;
    enqueue(e, call, call->started);
    send_queued(e);
    return true;
}

size_t dk_engine_pending(const dk_engine *e)
{
    return e->wakeups.count;
}

dk_call *dk_engine_finished(dk_engine *e)
{
    dk_call *call = e->finished.first;
    if (call)
        list_remove(&e->finished, call);
    return call;
}

/* --- attempts end ----------------------------------------------------------------------------- */

/* 0 <= x < 1 (xorshift) */
static double random_fraction(dk_engine *e)
{
    e->random ^= e->random << 13;
    e->random ^= e->random >> 7;
    e->random ^= e->random << 17;
    return (double)(e->random >> 11) / 9007199254740992.0;
}

/* What the answer's headers tell, for the bucket and for trying again. */
static dk_told read_told(dk_engine *e, const dk_call *call, dk_outcome outcome, dk_time now)
{
    dk_told told = {.limited = outcome == DK_LIMITED,
                    .rate = DK_NO_RATE_LIMIT,
                    .retry_after = -1,
                    .wall = dk_clock_wall(),
                    .random = random_fraction(e),
                    .sent = call->attempt_started,
                    .now = now};
    dk_text head = {call->head.data, call->head.length};
    if (!head.length)
        return told;
    dk_header_rate_limit(head, told.wall, &told.rate);
    if (outcome == DK_LIMITED || outcome == DK_UNAVAILABLE)
        told.retry_after = dk_header_retry_after(head, told.wall);
    return told;
}

static void wait_and_retry(dk_engine *e, dk_call *call, dk_time now)
{
    double wait = dk_retry_wait(call->retries + 2, call->retry_after, random_fraction(e));
    dk_time due = now + (dk_time)(wait * DK_SECOND);
    if (call->retries >= call->limits.max_retries || due >= call->deadline) {
        end_call(e, call);
        return;
    }
    call->retries++;
    e->stats.retries++;
    e->stats.waited += wait;
    call->state = DK_WAITING;
    set_wake(e, call, due);
    record(e, event_of(DK_EVENT_WAIT, call, wait));
}

static void after_attempt(dk_engine *e, dk_call *call, dk_outcome outcome)
{
    const dk_operation *operation = call->request.operation;
    dk_time now = dk_clock_now();
    record(e, event_of(DK_EVENT_ANSWER, call, (double)(now - call->attempt_started) / DK_SECOND));
    dk_told told = {.retry_after = -1};
    if (call->status) {
        told = read_told(e, call, outcome, now);
        dk_queue_answered(&e->queue, call, &told);
    } else {
        dk_queue_lost(&e->queue, call);
    }
    if (call->kind == DK_OK) {
        end_call(e, call);
        return;
    }
    dk_verdict verdict = dk_retry_verdict(outcome, dk_operation_idempotent(operation),
                                          strcmp(operation->method, "GET") != 0);
    if (verdict.at_once && call->stale++ < MOST_STALE) {
        call->attempts--;
        enqueue(e, call, now);
        return;
    }
    call->retryable = verdict.again;
    call->ambiguous |= verdict.ambiguous;
    call->retry_after = told.retry_after;
    if (told.limited && call->retry_after < 0 && !dk_told_crowded(&told))
        call->retry_after = told.rate.reset;
    if (!verdict.again || call->limits.max_retries == 0)
        end_call(e, call);
    else if (!told.limited)
        wait_and_retry(e, call, now);
    else if (!ends_by_limit(e, call,
                            now)) /* its limit says when: no attempt of its own is used up */
        enqueue(e, call, now);
}

static void end_attempt(dk_engine *e, dk_call *call, CURLcode code)
{
    dk_outcome outcome = dk_transfer_end(call->transfer, code);
    dk_transfer_count(call->transfer, &e->stats);
    note_attempt(e, call->transfer, outcome);
    take_off_wire(e, call);
    after_attempt(e, call, outcome);
}

static void end_due(dk_engine *e, dk_call *call, dk_time now)
{
    if (call->state == DK_WAITING && now < call->deadline) {
        enqueue(e, call, now);
        return;
    }
    bool last = now >= call->deadline;
    if (call->state == DK_ON_WIRE) {
        dk_outcome outcome = dk_transfer_end(call->transfer, CURLE_OPERATION_TIMEDOUT);
        call->kind = DK_TIMEOUT;
        call->status = 0;
        call->detail =
            last ? "the time for the whole call is over" : "the time for one attempt is over";
        call->transfer->pool->retired = true; /* whatever holds it up may hold up others */
        take_off_wire(e, call);
        after_attempt(e, call, outcome);
        return;
    }
    bool closed = call->state == DK_QUEUED && dk_queue_ready(call, now) > now;
    call->kind = closed ? DK_RATE_LIMITED : DK_TIMEOUT;
    call->detail = closed ? "the time for the whole call is over: it waited for its rate limit"
                          : "the time for the whole call is over: it waited for its turn";
    leave_state(e, call);
    call->retryable = true;
    end_call(e, call);
}

static void end_all_due(dk_engine *e)
{
    dk_time now = dk_clock_now();
    for (dk_call *call; (call = dk_wakeups_first(&e->wakeups)) && call->wake <= now;)
        end_due(e, call, now);
}

static void end_finished(dk_engine *e)
{
    int left;
    for (dk_pool *p = e->pools; p; p = p->older) {
        for (CURLMsg *m; (m = curl_multi_info_read(p->multi, &left));) {
            if (m->msg != CURLMSG_DONE)
                continue;
            dk_transfer *t = NULL;
            CURLcode code = m->data.result; /* the message is gone with the handle */
            if (curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK &&
                t->call)
                end_attempt(e, t->call, code);
        }
    }
}

/* --- stepping --------------------------------------------------------------------------------- */

static void act_on_timers(dk_engine *e)
{
    for (dk_pool *p = e->pools; p; p = p->older)
        dk_pool_act_on_timer(p);
}

static dk_time pools_due(const dk_engine *e)
{
    dk_time due = DK_NEVER;
    for (const dk_pool *p = e->pools; p; p = p->older) {
        dk_time wanted = dk_pool_due(p);
        due = wanted < due ? wanted : due;
    }
    return due;
}

dk_time dk_engine_timeout(dk_engine *e)
{
    dk_call *first = dk_wakeups_first(&e->wakeups);
    if (e->finished.first)
        return 0; /* somebody waits to hear of it */
    if (!first)
        return DK_NEVER;
    dk_time due = pools_due(e);
    due = first->wake < due ? first->wake : due;
    dk_time now = dk_clock_now();
    if (e->queue.waiting && e->on_wire < e->max_in_flight) {
        dk_time opens = dk_queue_wake(&e->queue, now);
        due = opens < due ? opens : due;
    }
    dk_time wait = due > now ? due - now : 0;
    /* poll and the timers of loops stand still while the machine sleeps, our clock goes on: what
     * became due meanwhile is seen a second after it woke */
    dk_time most = e->sockets.failed ? DK_SECOND / 100 : DK_SECOND;
    return wait < most ? wait : most;
}

const struct pollfd *dk_engine_sockets(const dk_engine *e, const double **serials, size_t *n)
{
    *serials = e->sockets.serials;
    *n = e->sockets.count;
    return e->sockets.polled;
}

int dk_engine_pollset(dk_engine *e)
{
    disown_after_fork(e);
    dk_sockets *s = &e->sockets;
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
    dk_time wait = dk_engine_timeout(e);
    if (wait > most)
        wait = most;
    e->connections.flood = (dk_flood){0};
    bool ready = poll(e->sockets.polled, (nfds_t)e->sockets.count, dk_clock_milliseconds(wait)) > 0;
    dk_sigpipe_hold(&e->sigpipe);
    if (ready)
        dk_pools_act_on_sockets(&e->sockets);
    act_on_timers(e);
    end_finished(e);
    end_all_due(e);
    send_queued(e);
    act_on_timers(e); /* new transfers ask to be begun at once */
    end_finished(e);
    free_pools(e);
    dk_sigpipe_release(&e->sigpipe);
}

void dk_engines_wait(dk_engine **engines, size_t n, dk_time most)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < n; i++) {
        dk_time wait = dk_engine_timeout(engines[i]);
        most = wait < most ? wait : most;
        count += engines[i]->sockets.count;
    }
    struct pollfd *all = malloc((count ? count : 1) * sizeof *all);
    if (!all) { /* whoever waits must not spin */
        poll(NULL, 0, dk_clock_milliseconds(most < DK_SECOND / 100 ? most : DK_SECOND / 100));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (engines[i]->sockets.count)
            memcpy(all + at, engines[i]->sockets.polled, engines[i]->sockets.count * sizeof *all);
        at += engines[i]->sockets.count;
    }
    poll(all, (nfds_t)count, dk_clock_milliseconds(most));
    free(all);
}
