/* Time; see clock.h. */
#include "clock.h"

#include <limits.h>
#include <time.h>

/* Linux's CLOCK_MONOTONIC stands still in suspend. A kernel that does not know CLOCK_BOOTTIME never
 * does, so that no two times are of different clocks. */
dk_time dk_clock_now(void)
{
    struct timespec t;
#ifdef CLOCK_BOOTTIME
    if (clock_gettime(CLOCK_BOOTTIME, &t) != 0)
#endif
        clock_gettime(CLOCK_MONOTONIC, &t);
    return (dk_time)t.tv_sec * DK_SECOND + t.tv_nsec / 1000;
}

double dk_clock_wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A server may write its Date once and send it with all answers of the next moments. */
#define DATE_AGE 0.05

static double seconds_of(dk_time time)
{
    return (double)time / DK_SECOND;
}

/* A Date is cut to whole seconds, and was written between the call's leaving and the answer's
 * coming. Each answer bounds the difference by that; what they have in common soon is a few
 * milliseconds wide. One that contradicts them is believed: a clock was set, or another server
 * answers. */
void dk_service_clock_told(dk_service_clock *clock, double date, dk_time sent, dk_time now)
{
    double least = date - seconds_of(now), most = date + 1 + DATE_AGE - seconds_of(sent);
    if (!clock->told || least > clock->most || most < clock->least) {
        *clock = (dk_service_clock){true, least, most};
        return;
    }
    if (least > clock->least)
        clock->least = least;
    if (most < clock->most)
        clock->most = most;
}

double dk_service_clock_at(const dk_service_clock *clock, dk_time now, double wall)
{
    double ahead = wall - seconds_of(now);
    if (!clock->told || (ahead >= clock->least && ahead <= clock->most))
        return wall;
    return seconds_of(now) + clock->least;
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
