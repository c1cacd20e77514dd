/* The calls that wait for their turn; see queue.h. */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

static dk_lane *resolve(dk_lane *lane)
{
    while (lane && lane->merged)
        lane = lane->merged;
    return lane;
}

static dk_lane *lane_of(const dk_call *call)
{
    return resolve(call->lane);
}

void dk_queue_free(dk_queue *q)
{
    for (size_t i = 0; i < q->count; i++) {
        free(q->lanes[i]->name);
        free(q->lanes[i]);
    }
    free(q->lanes);
    free(q->of_operation);
    q->lanes = q->of_operation = NULL;
    q->count = q->capacity = 0;
}

/* name may be empty: the lane of one operation. NULL where memory ran out. */
static dk_lane *new_lane(dk_queue *q, const dk_operation *operation, dk_text name)
{
    if (q->count == q->capacity) {
        size_t wanted = q->capacity ? q->capacity * 2 : 8;
        dk_lane **grown = realloc(q->lanes, wanted * sizeof(dk_lane *));
        if (!grown)
            return NULL;
        q->lanes = grown;
        q->capacity = wanted;
    }
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

bool dk_queue_reserve(dk_queue *q, dk_call *call)
{
    size_t row = (size_t)(call->request.operation - dk_operations);
    if (!q->of_operation) {
        q->of_operation = calloc(dk_operations_count, sizeof *q->of_operation);
        if (!q->of_operation)
            return false;
    }
    dk_lane *lane = resolve(q->of_operation[row]);
    if (!lane)
        lane = new_lane(q, call->request.operation, (dk_text){"", 0});
    if (!lane)
        return false;
    q->of_operation[row] = call->lane = lane;
    return true;
}

static void append(dk_lane *lane, dk_call *call)
{
    call->previous = lane->last;
    call->next = NULL;
    *(lane->last ? &lane->last->next : &lane->first) = call;
    lane->last = call;
}

void dk_queue_add(dk_queue *q, dk_call *call)
{
    append(lane_of(call), call);
    q->waiting++;
}

void dk_queue_remove(dk_queue *q, dk_call *call)
{
    dk_lane *lane = lane_of(call);
    *(call->previous ? &call->previous->next : &lane->first) = call->next;
    *(call->next ? &call->next->previous : &lane->last) = call->previous;
    call->previous = call->next = NULL;
    q->waiting--;
}

dk_call *dk_queue_next(const dk_queue *q, dk_time now)
{
    dk_call *found = NULL;
    for (size_t i = 0; i < q->count; i++) {
        dk_call *first = q->lanes[i]->first;
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
        if (!q->lanes[i]->first)
            continue;
        dk_time ready = dk_bucket_ready(&q->lanes[i]->bucket, now);
        if (ready < wake)
            wake = ready;
    }
    return wake;
}

dk_time dk_queue_ready(const dk_call *call, dk_time now)
{
    return dk_bucket_ready(&lane_of(call)->bucket, now);
}

void dk_queue_sent(dk_call *call, dk_time now)
{
    dk_bucket_sent(&lane_of(call)->bucket, now);
}

void dk_queue_lost(dk_call *call)
{
    dk_bucket_lost(&lane_of(call)->bucket);
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

static void merge(dk_lane *into, dk_lane *lane)
{
    dk_bucket_merge(&into->bucket, &lane->bucket);
    while (lane->first) {
        dk_call *call = lane->first;
        lane->first = call->next;
        append(into, call);
    }
    lane->last = NULL;
    lane->merged = into;
}

/* The answer names the limit that the call counted against: from now on, and for all that waits or
 * is under way, the operation's lane is that one's. Where the name cannot be kept, nothing changes.
 */
static dk_lane *rename_lane(dk_queue *q, dk_call *call, dk_text name)
{
    dk_lane *lane = lane_of(call);
    if (!name.length)
        return lane;
    if (lane->name && strlen(lane->name) == name.length &&
        memcmp(lane->name, name.data, name.length) == 0)
        return lane;
    dk_lane *named = find_named(q, name);
    if (!named)
        named = new_lane(q, call->request.operation, name);
    if (!named)
        return lane;
    if (!lane->name) {
        merge(named, lane);
    } else { /* the operation has come under another limit; what is under way stays counted here */
        dk_bucket_lost(&lane->bucket);
        dk_bucket_sent(&named->bucket, call->attempt_started);
        q->of_operation[call->request.operation - dk_operations] = named;
    }
    return call->lane = named;
}

void dk_queue_answered(dk_queue *q, dk_call *call, const dk_told *told)
{
    dk_bucket_answered(&rename_lane(q, call, told->rate.name)->bucket, told);
}
