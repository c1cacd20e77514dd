/* Time; see clock.h. */
#include "clock.h"

#include <limits.h>
#include <time.h>

dk_time dk_clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (dk_time)t.tv_sec * DK_SECOND + t.tv_nsec / 1000;
}

double dk_clock_wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int dk_clock_milliseconds(dk_time duration)
{
    if (duration == DK_NEVER)
        return -1;
    if (duration <= 0)
        return 0;
    dk_time ms = (duration + 999) / 1000;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}
