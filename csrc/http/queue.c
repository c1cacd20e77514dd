/* The calls that wait for their turn; see queue.h. */
#include "queue.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

/* Lanes that nobody uses are kept until their windows are over, and no more than so many: a service
 * may have a name per tenant or request, and each turn looks at all lanes. */
#define MOST_UNUSED 32

dk_call *dk_lane_first(const dk_lane *lane)
{
    return (dk_call *)lane->calls.first;
}

/* --- lanes ------------------------------------------------------------------------------------ */

static dk_lane *lane_of(const dk_call *call)
{
    return call->lane->merged ? call->lane->merged : call->lane;
}

static void free_lane(dk_lane *lane)
{
    free(lane->name);
    free(lane);
}

void dk_queue_free(dk_queue *q)
{
    for (size_t i = 0; i < q->count; i++)
        free_lane(q->lanes[i]);
    free(q->lanes);
    free(q->of_operation);
    q->lanes = q->of_operation = NULL;
    q->count = q->capacity = 0;
}

/* name may be empty: the lane of one operation. NULL where memory ran out. */
static dk_lane *new_lane(dk_queue *q, const dk_operation *operation, dk_text name)
{
    if (!dk_array_reserve(&q->lanes, &q->capacity, q->count, sizeof(dk_lane *)))
        return NULL;
    dk_lane *lane = calloc(1, sizeof *lane);
    char *copy = lane && name.length ? malloc(name.length + 1) : NULL;
    if (!lane || (name.length && !copy)) {
        free(lane);
        return NULL;
    }
    if (copy) {
        memcpy(copy, name.data, name.length);
        copy[name.length] = '\0';
    }
    lane->name = copy;
    lane->operation = operation;
    dk_bucket_init(&lane->bucket, q->max_api_capacity);
    return q->lanes[q->count++] = lane;
}

static dk_lane *find_named(const dk_queue *q, dk_text name)
{
    for (size_t i = 0; i < q->count; i++) {
        const char *have = q->lanes[i]->name;
        if (have && strlen(have) == name.length && memcmp(have, name.data, name.length) == 0)
            return q->lanes[i];
    }
    return NULL;
}

static void set_lane_of(dk_queue *q, const dk_operation *operation, dk_lane *lane)
{
    dk_lane **own = &q->of_operation[operation - dk_operations];
    if (*own == lane)
        return;
    if (*own)
        (*own)->operations--;
    lane->operations++;
    *own = lane;
}

static bool is_unused(const dk_lane *lane)
{
    return lane->users == 0 && lane->operations == 0;
}

/* Is there anything that the lane knows and a new one would not? */
static bool is_outdated(const dk_lane *lane, dk_time now)
{
    const dk_bucket *b = &lane->bucket;
    return now >= b->closed_until && (b->remaining < 0 || now >= b->wake);
}

static void drop(dk_queue *q, size_t index)
{
    free_lane(q->lanes[index]);
    q->count--;
    memmove(q->lanes + index, q->lanes + index + 1, (q->count - index) * sizeof *q->lanes);
}

static size_t oldest_unused(const dk_queue *q)
{
    size_t oldest = q->count;
    for (size_t i = 0; i < q->count; i++)
        if (is_unused(q->lanes[i]) &&
            (oldest == q->count ||
             q->lanes[i]->bucket.last_sent < q->lanes[oldest]->bucket.last_sent))
            oldest = i;
    return oldest;
}

/* Frees the lanes that nobody uses: the outdated ones, and of too many others the oldest. */
static void drop_unused(dk_queue *q, dk_time now)
{
    size_t kept = 0;
    for (size_t i = q->count; i-- > 0;) {
        if (!is_unused(q->lanes[i]))
            continue;
        if (is_outdated(q->lanes[i], now))
            drop(q, i);
        else
            kept++;
    }
    for (; kept > MOST_UNUSED; kept--)
        drop(q, oldest_unused(q));
}

/* One of its calls is done with the lane. One that was merged is there for them alone. */
static void leave(dk_queue *q, dk_lane *lane)
{
    if (--lane->users || !lane->merged)
        return;
    size_t i = 0;
    while (q->lanes[i] != lane)
        i++;
    drop(q, i);
}

/* --- calls ------------------------------------------------------------------------------------ */

bool dk_queue_reserve(dk_queue *q, dk_call *call)
{
    const dk_operation *operation = call->request.operation;
    if (!q->of_operation) {
        q->of_operation = calloc(dk_operations_count, sizeof *q->of_operation);
        if (!q->of_operation)
            return false;
    }
    dk_lane *lane = q->of_operation[operation - dk_operations];
    if (!lane) {
        const char *bucket = operation->bucket ? operation->bucket : "";
        dk_text name = {bucket, strlen(bucket)};
        lane = name.length ? find_named(q, name) : NULL;
        if (!lane)
            lane = new_lane(q, operation, name);
        if (!lane)
            return false;
        set_lane_of(q, operation, lane);
    }
    call->lane = lane;
    return true;
}

/* Inserts by id, and so by age: a call that is tried again comes before those that came after
 * it. */
static void insert(dk_lane *lane, dk_call *call)
{
    const dk_call *last = (dk_call *)lane->calls.last;
    dk_link *next = NULL;
    if (last && last->id > call->id)
        for (next = lane->calls.first; ((dk_call *)next)->id < call->id;)
            next = next->next;
    dk_list_insert(&lane->calls, &call->link, next);
}

void dk_queue_add(dk_queue *q, dk_call *call)
{
    /* the lane of its last attempt may be gone */
    call->lane = q->of_operation[call->request.operation - dk_operations];
    insert(call->lane, call);
    call->lane->users++;
    q->waiting++;
}

void dk_queue_remove(dk_queue *q, dk_call *call)
{
    dk_lane *lane = call->lane;
    dk_list_remove(&lane->calls, &call->link);
    lane->users--;
    q->waiting--;
}

dk_call *dk_queue_next(const dk_queue *q, dk_time now)
{
    dk_call *found = NULL;
    for (size_t i = 0; i < q->count; i++) {
        dk_call *first = dk_lane_first(q->lanes[i]);
        if (first && (!found || first->id < found->id) &&
            dk_bucket_ready(&q->lanes[i]->bucket, now) <= now)
            found = first;
    }
    return found;
}

dk_time dk_queue_wake(const dk_queue *q, dk_time now)
{
    dk_time wake = DK_NEVER;
    for (size_t i = 0; q->waiting && i < q->count; i++) {
        if (!q->lanes[i]->calls.first)
            continue;
        dk_time ready = dk_bucket_ready(&q->lanes[i]->bucket, now);
        if (ready < wake)
            wake = ready;
    }
    return wake;
}

dk_time dk_queue_opens(const dk_call *call, dk_time now)
{
    return dk_bucket_opens(&lane_of(call)->bucket, now);
}

dk_time dk_queue_ready(const dk_call *call, dk_time now)
{
    return dk_bucket_ready(&lane_of(call)->bucket, now);
}

void dk_queue_sent(dk_call *call, dk_time now)
{
    call->lane->users++;
    dk_bucket_sent(&call->lane->bucket, now);
}

void dk_queue_lost(dk_queue *q, dk_call *call)
{
    dk_bucket_lost(&lane_of(call)->bucket);
    leave(q, call->lane);
}

static void move(dk_queue *q, dk_call *call, dk_lane *into)
{
    into->users++;
    leave(q, call->lane);
    call->lane = into;
}

/* The lane of one operation turned out to be that of a limit with a name. Both are in order. */
static void merge(dk_queue *q, dk_lane *into, dk_lane *lane)
{
    dk_bucket_merge(&into->bucket, &lane->bucket);
    for (dk_call *call; (call = dk_lane_first(lane));) {
        dk_list_remove(&lane->calls, &call->link);
        insert(into, call);
        call->lane = into;
        into->users++;
        lane->users--;
    }
    lane->merged = into;
    set_lane_of(q, lane->operation, into);
}

/* The answer names the limit that the call counted against: from now on, and for all that waits or
 * is under way, the operation's lane is that one's. Where the name cannot be kept, nothing
 * changes. */
static void rename_lane(dk_queue *q, dk_call *call, const dk_told *told)
{
    const dk_operation *operation = call->request.operation;
    dk_text name = told->rate.name;
    dk_lane *lane = call->lane;
    if (!name.length)
        return;
    bool is_same = lane->name && strlen(lane->name) == name.length &&
                   memcmp(lane->name, name.data, name.length) == 0;
    dk_lane *named = is_same ? lane : find_named(q, name);
    if (!named) {
        drop_unused(q, told->now);
        named = new_lane(q, operation, name);
    }
    if (!named)
        return;
    if (!lane->name) {
        merge(q, named, lane);
    } else if (!is_same) {
        /* the operation has come under another limit; what is under way stays counted here */
        dk_bucket_lost(&lane->bucket);
        dk_bucket_sent(&named->bucket, call->attempt_started);
    }
    set_lane_of(q, operation, named);
    move(q, call, named);
}

/* The service's time, instead of ours: its epochs and its windows go by that. An epoch that is
 * over, by more than whole seconds explain, tells nothing: one of the clocks is wrong. */
static void set_clock(dk_queue *q, dk_told *told)
{
    dk_rate_limit *rate = &told->rate;
    if (rate->date >= 0)
        dk_service_clock_told(&q->clock, rate->date, told->sent, told->now);
    told->wall = dk_service_clock_at(&q->clock, told->now, told->wall);
    if (rate->resets_at < 0)
        return;
    double left = rate->resets_at - told->wall;
    rate->reset = left < -1 ? -1 : left < 0 ? 0 : left;
}

void dk_queue_answered(dk_queue *q, dk_call *call, const dk_told *told)
{
    dk_told t = *told;
    set_clock(q, &t);
    move(q, call, lane_of(call));
    rename_lane(q, call, &t);
    dk_bucket_answered(&call->lane->bucket, &t);
    leave(q, call->lane);
}
