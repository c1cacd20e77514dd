/* Calls in flight; see engine.h. */
#include "engine.h"
#include "wakeups.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct dk_list {
    dk_call *first, *last;
} dk_list;

struct dk_engine {
    unsigned users;
    bool closed;
    unsigned generation; /* of the process: sockets must not be shared with a forked child */
    CURLM *multi;
    dk_transport transport;
    unsigned max_in_flight, on_wire;

    dk_queue queue;
    dk_list finished;
    dk_wakeups wakeups; /* every call that is pending */
    dk_stats stats;
    dk_transfer *unused;
    double last_id;

    struct pollfd *sockets;
    double *serials, last_serial;
    size_t sockets_count, sockets_capacity;
    bool sockets_failed; /* one could not be recorded, by us or by libcurl: look often instead */
    dk_time curl_due;    /* when libcurl wants to be called */

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

/* --- libcurl's wishes: recorded, never acted on inside its callbacks ---------------------------
 */

static bool reserve_socket(dk_engine *e)
{
    if (e->sockets_count < e->sockets_capacity)
        return true;
    size_t wanted = e->sockets_capacity ? e->sockets_capacity * 2 : 16;
    struct pollfd *sockets = realloc(e->sockets, wanted * sizeof *sockets);
    if (sockets)
        e->sockets = sockets;
    double *serials = sockets ? realloc(e->serials, wanted * sizeof *serials) : NULL;
    if (!serials)
        return false;
    e->serials = serials;
    e->sockets_capacity = wanted;
    return true;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
    dk_engine *e = user;
    size_t i = 0;
    (void)easy;
    (void)socket_user;
    while (i < e->sockets_count && e->sockets[i].fd != fd)
        i++;
    if (what == CURL_POLL_REMOVE) {
        if (i < e->sockets_count) {
            e->sockets[i] = e->sockets[--e->sockets_count];
            e->serials[i] = e->serials[e->sockets_count];
        }
        return 0;
    }
    if (i == e->sockets_count) {
        if (!reserve_socket(e)) {
            e->sockets_failed = true; /* to answer -1 would end every transfer */
            return 0;
        }
        e->serials[i] = ++e->last_serial;
        e->sockets_count++;
    }
    e->sockets[i].fd = fd;
    e->sockets[i].revents = 0;
    e->sockets[i].events =
        (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    return 0;
}

static int want_timer(CURLM *multi, long ms, void *user)
{
    dk_engine *e = user;
    (void)multi;
    e->curl_due = ms < 0 ? DK_NEVER : dk_clock_now() + (dk_time)ms * 1000;
    return 0;
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

static bool open_multi(dk_engine *e)
{
    pthread_once(&global_once, global_init);
    e->multi = curl_multi_init();
    if (!e->multi)
        return false;
    e->generation = generation;
    e->curl_due = DK_NEVER;
    long streams = e->max_in_flight > 100 ? (long)e->max_in_flight : 100L;
    return curl_multi_setopt(e->multi, CURLMOPT_SOCKETFUNCTION, want_socket) == CURLM_OK &&
           curl_multi_setopt(e->multi, CURLMOPT_SOCKETDATA, e) == CURLM_OK &&
           curl_multi_setopt(e->multi, CURLMOPT_TIMERFUNCTION, want_timer) == CURLM_OK &&
           curl_multi_setopt(e->multi, CURLMOPT_TIMERDATA, e) == CURLM_OK &&
           curl_multi_setopt(e->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX) == CURLM_OK &&
           curl_multi_setopt(e->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, streams) == CURLM_OK;
}

static void transport_free(dk_transport *t)
{
    free(t->proxy);
    free(t->ca_file);
    free(t->client_cert);
    free(t->client_key);
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
    e->max_in_flight = max_in_flight;
    e->queue.max_api_capacity = max_api_capacity;
    e->curl_due = DK_NEVER;
    e->random = (uint64_t)dk_clock_now() * 2654435761u ^ (uint64_t)(uintptr_t)e;
    return e;
}

dk_engine *dk_engine_share(dk_engine *e)
{
    e->users++;
    return e;
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
    curl_multi_remove_handle(e->multi, t->easy);
    call->transfer = NULL;
    t->call = NULL;
    t->next = e->unused;
    e->unused = t;
    if (--e->on_wire == 0)
        e->sockets_failed = false; /* the next call's sockets are recorded anew */
}

static void leave_state(dk_engine *e, dk_call *call)
{
    if (call->state == DK_QUEUED) {
        dk_queue_remove(&e->queue, call);
    } else if (call->state == DK_ON_WIRE) {
        dk_queue_lost(call);
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
    e->multi = NULL;
    e->unused = NULL;
    e->sockets_count = 0;
    e->curl_due = DK_NEVER;
    e->on_wire = 0;
    for (dk_call *call; (call = dk_wakeups_first(&e->wakeups));) {
        if (call->state == DK_QUEUED)
            dk_queue_remove(&e->queue, call);
        else if (call->state == DK_ON_WIRE)
            dk_queue_lost(call);
        call->transfer = NULL;
        call->kind = DK_CANCELLED;
        call->detail = "the process forked: the call belongs to the parent";
        end_call(e, call);
    }
}

static void disown_after_fork(dk_engine *e)
{
    if (e->multi && e->generation != generation)
        disown(e);
}

/* Ready for use in this process; false where memory ran out. */
static bool own(dk_engine *e)
{
    disown_after_fork(e);
    return e->multi || open_multi(e);
}

void dk_engine_cancel(dk_engine *e, dk_call *call)
{
    disown_after_fork(e);
    if (call->state != DK_NEW && call->state != DK_DONE)
        end_cancelled(e, call, "cancelled");
}

void dk_engine_close(dk_engine *e)
{
    if (e->closed)
        return;
    e->closed = true;
    disown_after_fork(e);
    for (dk_call *call; (call = dk_wakeups_first(&e->wakeups));)
        end_cancelled(e, call, "the client was closed");
    free_unused(e);
    if (e->multi)
        curl_multi_cleanup(e->multi);
    e->multi = NULL;
    e->sockets_count = 0;
    e->curl_due = DK_NEVER;
}

void dk_engine_release(dk_engine *e)
{
    if (!e || --e->users)
        return;
    dk_engine_close(e);
    dk_wakeups_free(&e->wakeups);
    dk_queue_free(&e->queue);
    transport_free(&e->transport);
    free(e->sockets);
    free(e->serials);
    free(e->events);
    free(e);
}

/* --- calls ------------------------------------------------------------------------------------ */

dk_call *dk_call_new(void)
{
    dk_call *call = calloc(1, sizeof *call);
    if (call)
        call->retry_after = -1;
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
        return dk_transfer_new(&e->transport, refused);
    e->unused = t->next;
    return t;
}

/* The handle that an attempt is sent with, ready and in libcurl's hands; else NULL, and the call
 * says why. */
static dk_transfer *begin_transfer(dk_engine *e, dk_call *call)
{
    const char *refused = NULL;
    dk_transfer *t = unused_transfer(e, &refused);
    if (t && dk_transfer_begin(t, call) && curl_multi_add_handle(e->multi, t->easy) == CURLM_OK)
        return t;
    call->kind = refused ? DK_CONFIG : DK_NETWORK;
    call->code = refused ? CURLE_UNKNOWN_OPTION : CURLE_OUT_OF_MEMORY;
    call->detail = refused ? refused : "out of memory";
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
        dk_time ready = lane->first ? dk_bucket_ready(&lane->bucket, now) : now;
        if (ready <= now || ready == DK_NEVER || ready == lane->announced)
            continue;
        lane->announced = ready;
        dk_event event = event_of(DK_EVENT_LIMIT, lane->first, (double)(ready - now) / DK_SECOND);
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
    dk_time ready = dk_queue_ready(call, now);
    if (ready == DK_NEVER || ready < call->deadline)
        return false;
    call->kind = DK_RATE_LIMITED;
    call->retryable = true;
    call->retry_after = (double)(ready - now) / DK_SECOND;
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
    if (!own(e) || !dk_wakeups_reserve(&e->wakeups) || !dk_queue_reserve(&e->queue, call))
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
                    .rate = {-1, -1, -1, -1, {"", 0}},
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
        dk_queue_lost(call);
    }
    if (call->kind == DK_OK) {
        end_call(e, call);
        return;
    }
    dk_verdict verdict = dk_retry_verdict(outcome, dk_operation_idempotent(operation),
                                          strcmp(operation->method, "GET") != 0);
    call->retryable = verdict.again;
    call->ambiguous |= verdict.ambiguous;
    call->retry_after = told.retry_after;
    if (told.limited && call->retry_after < 0)
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
    for (CURLMsg *m; (m = curl_multi_info_read(e->multi, &left));) {
        if (m->msg != CURLMSG_DONE)
            continue;
        dk_transfer *t = NULL;
        CURLcode code = m->data.result; /* the message is gone with the handle */
        if (curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK && t->call)
            end_attempt(e, t->call, code);
    }
}

/* --- stepping --------------------------------------------------------------------------------- */

/* libcurl ran out of memory: a socket may be waited for by nobody. */
static void note_failure(dk_engine *e, CURLMcode code)
{
    if (code != CURLM_OK)
        e->sockets_failed = true;
}

static void act_on_sockets(dk_engine *e)
{
    int running;
    /* libcurl changes the list while it acts: what is ready is marked before, looked for anew */
    for (size_t i = 0; i < e->sockets_count;) {
        short ready = e->sockets[i].revents;
        if (!ready) {
            i++;
            continue;
        }
        e->sockets[i].revents = 0;
        int mask =
            (ready & POLLIN ? CURL_CSELECT_IN : 0) | (ready & POLLOUT ? CURL_CSELECT_OUT : 0) |
            (ready & (POLLERR | POLLHUP | POLLNVAL) ? CURL_CSELECT_IN | CURL_CSELECT_ERR : 0);
        note_failure(e, curl_multi_socket_action(e->multi, e->sockets[i].fd, mask, &running));
        i = 0;
    }
}

static void act_on_timer(dk_engine *e)
{
    int running;
    /* libcurl may ask again at once, but not for ever: the caller has other things to do */
    for (int turns = 0; turns < 16 && e->curl_due <= dk_clock_now(); turns++) {
        e->curl_due = DK_NEVER;
        note_failure(e, curl_multi_socket_action(e->multi, CURL_SOCKET_TIMEOUT, 0, &running));
    }
    if (e->sockets_failed)
        curl_multi_perform(e->multi, &running); /* whatever socket it is */
}

dk_time dk_engine_timeout(dk_engine *e)
{
    dk_call *first = dk_wakeups_first(&e->wakeups);
    if (e->finished.first)
        return 0; /* somebody waits to hear of it */
    if (!first)
        return DK_NEVER;
    dk_time due = first->wake < e->curl_due ? first->wake : e->curl_due;
    dk_time now = dk_clock_now();
    if (e->queue.waiting && e->on_wire < e->max_in_flight) {
        dk_time opens = dk_queue_wake(&e->queue, now);
        due = opens < due ? opens : due;
    }
    dk_time wait = due > now ? due - now : 0;
    if (e->sockets_failed && wait > DK_SECOND / 100)
        wait = DK_SECOND / 100;
    return wait;
}

const struct pollfd *dk_engine_sockets(const dk_engine *e, const double **serials, size_t *n)
{
    *serials = e->serials;
    *n = e->sockets_count;
    return e->sockets;
}

void dk_engine_step(dk_engine *e, dk_time most)
{
    if (e->closed || !own(e))
        return;
    dk_time wait = dk_engine_timeout(e);
    if (wait > most)
        wait = most;
    if (poll(e->sockets, (nfds_t)e->sockets_count, dk_clock_milliseconds(wait)) > 0)
        act_on_sockets(e);
    act_on_timer(e);
    end_finished(e);
    end_all_due(e);
    send_queued(e);
    act_on_timer(e); /* new transfers ask to be begun at once */
    end_finished(e);
}

void dk_engines_wait(dk_engine **engines, size_t n, dk_time most)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < n; i++) {
        dk_time wait = dk_engine_timeout(engines[i]);
        most = wait < most ? wait : most;
        count += engines[i]->sockets_count;
    }
    struct pollfd *all = malloc((count ? count : 1) * sizeof *all);
    if (!all) { /* whoever waits must not spin */
        poll(NULL, 0, dk_clock_milliseconds(most < DK_SECOND / 100 ? most : DK_SECOND / 100));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (engines[i]->sockets_count)
            memcpy(all + at, engines[i]->sockets, engines[i]->sockets_count * sizeof *all);
        at += engines[i]->sockets_count;
    }
    poll(all, (nfds_t)count, dk_clock_milliseconds(most));
    free(all);
}
