/* One bucket per rate limit: when may the next call leave? It counts what is in flight, so that a
 * burst never overruns what is known to remain. No I/O and no clock of its own: time is given. */
#ifndef DK_RATELIMIT_H
#define DK_RATELIMIT_H

#include "base/clock.h"
#include "header.h"

#include <stdbool.h>

typedef struct dk_bucket {
    double share;  /* of the limit that is ours: 0 < share <= 1 */
    double limit;  /* per window; -1: not known */
    double period; /* seconds of a window; -1: not known */

    /* the window that the last answer counted in */
    double remaining; /* when that answer was made; -1: not known */
    dk_time resets;   /* when it ends; DK_NEVER: not known */
    dk_time wake;     /* when we go on after it: a little later, everyone does at the same time */
    double late;      /* seconds that our clock was found to be early */

    unsigned in_flight;
    dk_time last_sent;
    /* one call finds out whether the limit has opened again; the others wait for it, but no longer
     * than an answer takes */
    bool probing;
    double answer_time, answer_deviation; /* seconds that answers take, smoothed; -1: none came */

    /* where the service tells nothing but 429: like TCP, halve at each, grow by one with each
     * round */
    double most_in_flight; /* -1: no bound */
    dk_time closed_until;
    dk_time closed_since; /* what was sent before belongs to the same overrun */
    int refusals;         /* in a row */
} dk_bucket;

/* capacity: percent of the limit that may be used. */
void dk_bucket_init(dk_bucket *b, double capacity);

/* When the limit lets a call leave, whatever is under way: `now` or earlier means at once. */
dk_time dk_bucket_opens(const dk_bucket *b, dk_time now);

/* When the next call may leave: the same, or later where it waits for an answer that is under way.
 * That may come earlier; where it does not come at all the call leaves nevertheless. */
dk_time dk_bucket_ready(const dk_bucket *b, dk_time now);

void dk_bucket_sent(dk_bucket *b, dk_time now);

typedef struct dk_told {
    bool limited;       /* a 429 */
    dk_rate_limit rate; /* -1 everywhere: no header */
    double retry_after; /* -1: none */
    double wall;        /* the service's wall clock, as near as we know it */
    double random;      /* 0 <= random < 1, new each time */
    dk_time sent, now;
} dk_told;

/* Is it Okta's 429 for too many calls at once? Then Limit and Remaining are 0, and Reset is a hint
 * that says nothing of when: that is when one of the calls under way has ended, mostly at once.
 * https://developer.okta.com/docs/reference/rl-best-practices/ */
bool dk_told_crowded(const dk_told *told);

void dk_bucket_answered(dk_bucket *b, const dk_told *told);

/* No answer came: nothing is known of what it counted. */
void dk_bucket_lost(dk_bucket *b);

/* Another bucket turned out to be the same limit: takes its calls in flight. */
void dk_bucket_merge(dk_bucket *b, dk_bucket *other);

#endif
