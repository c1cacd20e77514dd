/* Time: microseconds of a clock that never jumps, and the wall clock for what servers say. */
#ifndef DK_CLOCK_H
#define DK_CLOCK_H

#include <stdint.h>

typedef int64_t dk_time;

#define DK_SECOND INT64_C(1000000)
#define DK_NEVER  INT64_MAX

dk_time dk_clock_now(void);
double dk_clock_wall(void); /* seconds since 1970 */

/* Whole milliseconds, rounded up: a sleep that ends early would be slept again. -1 for DK_NEVER. */
int dk_clock_milliseconds(dk_time duration);

#endif
