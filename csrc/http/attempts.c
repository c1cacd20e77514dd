/* The life of a call; see attempts.h. */
#include "attempts.h"
#include "outcome.h"

#include "base/random.h"

#include <stdio.h>

/* So many kept connections of a call may turn out to be ended, until that counts as a failure. */
#define MOST_STALE 8

#define WITHDRAWN "withdrawn while it waited for its turn"

static void record(dk_attempts *a, dk_event event)
{
    dk_events_add(&a->events, &event);
}

/* --- beginning -------------------------------------------------------------------------------- */

static void end_call(dk_attempts *a, dk_call *call)
{
    dk_wakeups_remove(&a->wakeups, call);
    call->state = DK_DONE;
    call->ended = dk_clock_now();
    dk_list_insert(&a->finished, &call->link, NULL);
}

static void take_off_wire(dk_attempts *a, dk_call *call)
{
    dk_transfer *t = call->transfer;
    bool spent = dk_transfer_is_spent(t);
    dk_pool_end(t->pool, t);
    call->transfer = NULL;
    if (spent) {
        dk_transfer_free(t);
    } else {
        t->call = NULL;
        t->next = a->unused;
        a->unused = t;
    }
    if (--a->on_wire == 0)
        a->pools.sockets.failed = false; /* the next call's sockets are recorded anew */
}

static void leave_state(dk_attempts *a, dk_call *call)
{
    if (call->state == DK_QUEUED) {
        dk_queue_remove(&a->queue, call);
    } else if (call->state == DK_ON_WIRE) {
        dk_queue_lost(&a->queue, call);
        take_off_wire(a, call);
    }
}

static void set_wake(dk_attempts *a, dk_call *call, dk_time wake)
{
    call->wake = wake < call->deadline ? wake : call->deadline;
    dk_wakeups_moved(&a->wakeups, call);
}

static dk_transfer *unused_transfer(dk_attempts *a, const char **refused)
{
    dk_transfer *t = a->unused;
    if (!t)
        return dk_transfer_new(a->transport, &a->connections, refused);
    a->unused = t->next;
    return t;
}

/* The handle that an attempt is sent with, ready and in libcurl's hands; else NULL, and the call
 * says why. */
static dk_transfer *begin_transfer(dk_attempts *a, dk_call *call)
{
    const char *refused = NULL;
    dk_pool *pool = dk_pools_next(&a->pools);
    dk_transfer *t = pool ? unused_transfer(a, &refused) : NULL;
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

static void send_attempt(dk_attempts *a, dk_call *call)
{
    dk_transfer *t = begin_transfer(a, call);
    dk_queue_remove(&a->queue, call);
    if (!t) {
        end_call(a, call);
        return;
    }
    call->transfer = t;
    call->state = DK_ON_WIRE;
    call->attempts++;
    call->attempt_started = dk_clock_now();
    dk_queue_sent(call, call->attempt_started);
    a->on_wire++;
    a->stats.attempts++;
    a->stats.waited += (double)(call->attempt_started - call->queued_at) / DK_SECOND;
    set_wake(a, call, call->attempt_started + call->options.attempt_timeout);
    record(a, dk_event_of(DK_EVENT_ATTEMPT, call, 0));
}

/* Tells watchers, once per closure, that calls wait for a limit. */
static void announce_closures(dk_attempts *a, dk_time now)
{
    for (size_t i = 0; a->events.watched && i < a->queue.count; i++) {
        dk_lane *lane = a->queue.lanes[i];
        dk_time opens = lane->calls.first ? dk_bucket_opens(&lane->bucket, now) : now;
        if (opens <= now || opens == lane->announced)
            continue;
        lane->announced = opens;
        dk_event event =
            dk_event_of(DK_EVENT_LIMIT, dk_lane_first(lane), (double)(opens - now) / DK_SECOND);
        snprintf(event.limit, sizeof event.limit, "%s", lane->name ? lane->name : "");
        record(a, event);
    }
}

static void send_queued(dk_attempts *a)
{
    if (!a->queue.waiting)
        return;
    dk_time now = dk_clock_now();
    for (dk_call *call; a->on_wire < a->max_in_flight && (call = dk_queue_next(&a->queue, now));)
        send_attempt(a, call);
    announce_closures(a, now);
}

static void enqueue(dk_attempts *a, dk_call *call, dk_time now)
{
    call->state = DK_QUEUED;
    call->queued_at = now;
    dk_queue_add(&a->queue, call);
    set_wake(a, call, call->deadline);
}

/* Is the limit closed for longer than the call may take? Then it ends now, not at its deadline. */
static bool ends_by_limit(dk_attempts *a, dk_call *call, dk_time now)
{
    dk_time opens = dk_queue_opens(call, now);
    if (opens < call->deadline)
        return false;
    call->kind = DK_RATE_LIMITED;
    call->retryable = true;
    call->retry_after = (double)(opens - now) / DK_SECOND;
    if (!call->attempts)
        call->detail = "the rate limit is used up for longer than this call may take";
    end_call(a, call);
    return true;
}

bool dk_attempts_add(dk_attempts *a, dk_call *call)
{
    if (!dk_wakeups_reserve(&a->wakeups) || !dk_queue_reserve(&a->queue, call))
        return false;
    call->started = dk_clock_now();
    call->deadline = call->started + call->options.timeout;
    call->wake = call->deadline;
    a->stats.calls++;
    dk_wakeups_add(&a->wakeups, call);
    if (ends_by_limit(a, call, call->started))
        return true;
    enqueue(a, call, call->started);
    send_queued(a);
    return true;
}

/* --- ending ----------------------------------------------------------------------------------- */

/* What the answer's headers tell, for the bucket and for trying again. */
static dk_told read_told(dk_attempts *a, const dk_call *call, dk_outcome outcome, dk_time now)
{
    dk_told told = {.limited = outcome == DK_LIMITED,
                    .rate = DK_NO_RATE_LIMIT,
                    .retry_after = -1,
                    .wall = dk_clock_wall(),
                    .random = dk_random_fraction(&a->random),
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

static void wait_and_retry(dk_attempts *a, dk_call *call, dk_time now)
{
    double wait =
        dk_retry_wait(call->retries + 2, call->retry_after, dk_random_fraction(&a->random));
    dk_time due = now + (dk_time)(wait * DK_SECOND);
    if (call->retries >= call->options.max_retries || due >= call->deadline) {
        end_call(a, call);
        return;
    }
    call->retries++;
    a->stats.retries++;
    a->stats.waited += wait;
    call->state = DK_WAITING;
    set_wake(a, call, due);
    record(a, dk_event_of(DK_EVENT_WAIT, call, wait));
}

/* Whether an attempt before may have taken effect stays known. */
static void end_cancelled(dk_attempts *a, dk_call *call, const char *detail)
{
    call->kind = DK_CANCELLED;
    call->code = CURLE_OK;
    call->status = 0;
    call->detail = detail;
    call->retryable = false;
    call->retry_after = -1;
    end_call(a, call);
}

static void after_attempt(dk_attempts *a, dk_call *call, dk_outcome outcome)
{
    dk_time now = dk_clock_now();
    record(a,
           dk_event_of(DK_EVENT_ANSWER, call, (double)(now - call->attempt_started) / DK_SECOND));
    dk_told told = {.retry_after = -1};
    if (call->status) {
        told = read_told(a, call, outcome, now);
        dk_queue_answered(&a->queue, call, &told);
    } else {
        dk_queue_lost(&a->queue, call);
    }
    if (call->kind == DK_OK) {
        end_call(a, call);
        return;
    }
    dk_verdict verdict = dk_retry_verdict(outcome, call->request.operation);
    if (verdict.at_once && !call->withdrawn && call->stale++ < MOST_STALE) {
        call->attempts--;
        enqueue(a, call, now);
        return;
    }
    call->retryable = verdict.again;
    call->ambiguous |= verdict.ambiguous;
    call->retry_after = told.retry_after;
    if (told.limited && call->retry_after < 0 && !dk_told_crowded(&told))
        call->retry_after = told.rate.reset;
    if (verdict.again && call->withdrawn)
        end_cancelled(a, call, WITHDRAWN);
    else if (!verdict.again || call->options.max_retries == 0)
        end_call(a, call);
    else if (!told.limited)
        wait_and_retry(a, call, now);
    else if (!ends_by_limit(a, call, now))
        enqueue(a, call, now); /* its limit says when: no attempt of its own is used up */
}

static void end_attempt(dk_attempts *a, dk_call *call, CURLcode code)
{
    dk_outcome outcome = dk_outcome_of(call->transfer, code);
    dk_transfer_count(call->transfer, &a->stats);
    dk_pools_learn(&a->pools, call->transfer, outcome);
    take_off_wire(a, call);
    after_attempt(a, call, outcome);
}

static void end_due(dk_attempts *a, dk_call *call, dk_time now)
{
    if (call->state == DK_WAITING && now < call->deadline) {
        enqueue(a, call, now);
        return;
    }
    bool last = now >= call->deadline;
    if (call->state == DK_ON_WIRE) {
        dk_outcome outcome = dk_outcome_of(call->transfer, CURLE_OPERATION_TIMEDOUT);
        call->kind = DK_TIMEOUT;
        call->status = 0;
        call->detail =
            last ? "the time for the whole call is over" : "the time for one attempt is over";
        call->transfer->pool->retired = true; /* whatever holds it up may hold up others */
        take_off_wire(a, call);
        after_attempt(a, call, outcome);
        return;
    }
    bool closed = call->state == DK_QUEUED && dk_queue_ready(call, now) > now;
    call->kind = closed ? DK_RATE_LIMITED : DK_TIMEOUT;
    call->detail = closed ? "the time for the whole call is over: it waited for its rate limit"
                          : "the time for the whole call is over: it waited for its turn";
    leave_state(a, call);
    call->retryable = true;
    end_call(a, call);
}

static void end_all_due(dk_attempts *a)
{
    dk_time now = dk_clock_now();
    for (dk_call *call; (call = dk_wakeups_first(&a->wakeups)) && call->wake <= now;)
        end_due(a, call, now);
}

static void end_finished(dk_attempts *a)
{
    int left;
    for (dk_pool *p = a->pools.newest; p; p = p->older) {
        for (CURLMsg *m; (m = curl_multi_info_read(p->multi, &left));) {
            if (m->msg != CURLMSG_DONE)
                continue;
            dk_transfer *t = NULL;
            CURLcode code = m->data.result; /* the message is gone with the handle */
            if (curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK &&
                t->call)
                end_attempt(a, t->call, code);
        }
    }
}

void dk_attempts_cancel(dk_attempts *a, dk_call *call, const char *detail)
{
    if (call->state == DK_ON_WIRE) {
        dk_outcome outcome = dk_outcome_of(call->transfer, CURLE_ABORTED_BY_CALLBACK);
        call->ambiguous |= dk_retry_verdict(outcome, call->request.operation).ambiguous;
    }
    leave_state(a, call);
    end_cancelled(a, call, detail);
}

/* A request to read, too, is waited for: its answer may say what became of a change. */
void dk_attempts_withdraw(dk_attempts *a, dk_call *call)
{
    bool has_left =
        call->state == DK_ON_WIRE && !dk_tries_were_not_sent(&call->transfer->tries, CURLE_OK);
    if (has_left)
        call->withdrawn = true;
    else
        dk_attempts_cancel(a, call, WITHDRAWN);
}

/* --- acting ----------------------------------------------------------------------------------- */

dk_call *dk_attempts_finished(dk_attempts *a)
{
    dk_call *call = (dk_call *)a->finished.first;
    if (call)
        dk_list_remove(&a->finished, &call->link);
    return call;
}

dk_time dk_attempts_due(const dk_attempts *a, dk_time now)
{
    const dk_call *first = dk_wakeups_first(&a->wakeups);
    if (a->finished.first)
        return now; /* somebody waits to hear of it */
    if (!first)
        return DK_NEVER;
    dk_time due = dk_pools_due(&a->pools);
    due = first->wake < due ? first->wake : due;
    if (a->queue.waiting && a->on_wire < a->max_in_flight) {
        dk_time opens = dk_queue_wake(&a->queue, now);
        due = opens < due ? opens : due;
    }
    return due;
}

void dk_attempts_act(dk_attempts *a, bool ready)
{
    if (ready)
        dk_pools_act_on_sockets(&a->pools.sockets);
    dk_pools_act_on_timers(&a->pools);
    end_finished(a);
    end_all_due(a);
    send_queued(a);
    dk_pools_act_on_timers(&a->pools); /* new transfers ask to be begun at once */
    end_finished(a);
    dk_pools_drop_unused(&a->pools);
}

/* --- life ------------------------------------------------------------------------------------- */

void dk_attempts_init(dk_attempts *a, const dk_transport *transport, unsigned max_in_flight,
                      double max_api_capacity)
{
    *a = (dk_attempts){.transport = transport,
                       .max_in_flight = max_in_flight,
                       .queue = {.max_api_capacity = max_api_capacity}};
    a->connections.tls.ca_file = transport->ca_file;
    dk_pools_init(&a->pools, max_in_flight);
}

static void free_unused(dk_attempts *a)
{
    while (a->unused) {
        dk_transfer *t = a->unused;
        a->unused = t->next;
        dk_transfer_free(t);
    }
}

/* Closing the parent's connections properly would say in its name that it is done with them. */
void dk_attempts_disown(dk_attempts *a)
{
    dk_pools_disown(&a->pools);
    dk_connections_disown(&a->connections);
    a->unused = NULL;
    a->on_wire = 0;
    for (dk_call *call; (call = dk_wakeups_first(&a->wakeups));) {
        if (call->state == DK_QUEUED)
            dk_queue_remove(&a->queue, call);
        else if (call->state == DK_ON_WIRE)
            dk_queue_lost(&a->queue, call);
        call->transfer = NULL;
        call->kind = DK_CANCELLED;
        call->detail = "the process forked: the call belongs to the parent";
        end_call(a, call);
    }
}

void dk_attempts_close(dk_attempts *a, const char *detail)
{
    for (dk_call *call; (call = dk_wakeups_first(&a->wakeups));)
        dk_attempts_cancel(a, call, detail);
    free_unused(a);
    dk_pools_close(&a->pools);
    dk_connections_free(&a->connections);
}

void dk_attempts_free(dk_attempts *a)
{
    dk_wakeups_free(&a->wakeups);
    dk_queue_free(&a->queue);
    dk_pools_free(&a->pools);
    dk_events_free(&a->events);
}
