/* The calls that wait for their turn: a lane for each rate limit, first come first served.
 *
 * A limit is the service's: so many calls in a window of time, of all callers together. A bucket
 * (ratelimit.h) is what we know of a limit, and says when the next call may leave. A lane is the
 * line of calls that wait for one bucket. The service tells which limit a call counted against only
 * with the answer, by name: until then each operation has a lane to itself, or shares one by the
 * name that its row has for it. */
#ifndef DK_QUEUE_H
#define DK_QUEUE_H

#include "call.h"
#include "ratelimit.h"

typedef struct dk_lane {
    dk_bucket bucket;
    const dk_operation *operation; /* whose calls made the lane */
    char *name;    /* the limit's, as the service writes it; NULL: not told, one operation's */
    dk_list calls; /* who wait, by id */
    struct dk_lane *merged; /* the lane of the same limit by its name, once that is known */
    dk_time announced;      /* the opening time that watchers were last told of */
    unsigned users;         /* calls that wait in it, or left through it and are under way */
    unsigned operations;    /* whose next calls wait in it */
} dk_lane;

/* Who waits longest in it; NULL: nobody waits. */
dk_call *dk_lane_first(const dk_lane *lane);

typedef struct dk_queue {
    double max_api_capacity; /* percent of a limit */
    dk_lane **lanes;
    size_t count, capacity;
    dk_lane **of_operation; /* by row of the operation map; NULL: none yet */
    size_t waiting;         /* calls, in all lanes */
    dk_service_clock clock;
} dk_queue;

void dk_queue_free(dk_queue *q);

/* Readies the lane of a call, so that adding cannot fail. False where memory ran out. */
bool dk_queue_reserve(dk_queue *q, dk_call *call);
void dk_queue_add(dk_queue *q, dk_call *call);
void dk_queue_remove(dk_queue *q, dk_call *call);

/* The call that waits longest of those that may leave now; NULL: none may. */
dk_call *dk_queue_next(const dk_queue *q, dk_time now);

/* When the next one may leave, if no answer comes before; DK_NEVER: none waits. */
dk_time dk_queue_wake(const dk_queue *q, dk_time now);

/* opens: when the limit itself lets the call leave. ready: the same, or later where it waits for
 * another call's answer. See ratelimit.h. */
dk_time dk_queue_opens(const dk_call *call, dk_time now);
dk_time dk_queue_ready(const dk_call *call, dk_time now);

/* A call left. */
void dk_queue_sent(dk_call *call, dk_time now);
/* The answer to a call that left has come. told->wall is the time by our own clock. */
void dk_queue_answered(dk_queue *q, dk_call *call, const dk_told *told);
/* No answer came to a call that left. */
void dk_queue_lost(dk_queue *q, dk_call *call);

#endif
