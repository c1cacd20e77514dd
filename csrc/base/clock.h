/* Time: microseconds of a clock that never jumps, the wall clock, and what a service's wall clock
 * shows. */
#ifndef DK_CLOCK_H
#define DK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t dk_time;

#define DK_SECOND INT64_C(1000000)
#define DK_NEVER  INT64_MAX

/* Goes on while the machine sleeps, where the system has such a clock: a deadline and a rate
 * limit's window do. */
dk_time dk_clock_now(void);
double dk_clock_wall(void); /* seconds since 1970 */

/* How far a service's wall clock is ahead of dk_clock_now, in seconds, as far as the Dates of its
 * answers tell. */
typedef struct dk_service_clock {
    bool told;
    double least, most;
} dk_service_clock;

/* An answer with that Date (seconds since 1970), to a call that left at `sent`, came at `now`. */
void dk_service_clock_told(dk_service_clock *clock, double date, dk_time sent, dk_time now);

/* What the service's clock shows at `now`. wall: ours at that time, which is taken where it agrees
 * with what was told, or nothing was: it knows more than whole seconds. Else the answer is the
 * earliest time that it can be, so that what waits for an instant is late and never early. */
double dk_service_clock_at(const dk_service_clock *clock, dk_time now, double wall);

/* Whole milliseconds, rounded up: a sleep that ends early would be slept again. -1 for DK_NEVER. */
int dk_clock_milliseconds(dk_time duration);

#endif
