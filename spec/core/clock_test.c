/* csrc/core/clock.c */
#include "core/clock.h"
#include "suites.h"

#include <limits.h>

static void milliseconds_round_up(void **state)
{
    (void)state;
    assert_int_equal(0, dk_clock_milliseconds(0));
    assert_int_equal(0, dk_clock_milliseconds(-5));
    assert_int_equal(1, dk_clock_milliseconds(1));
    assert_int_equal(1, dk_clock_milliseconds(1000));
    assert_int_equal(2, dk_clock_milliseconds(1001));
    assert_int_equal(60000, dk_clock_milliseconds(60 * DK_SECOND));
}

static void never_is_for_ever_and_too_long_is_the_longest(void **state)
{
    (void)state;
    assert_int_equal(-1, dk_clock_milliseconds(DK_NEVER));
    assert_int_equal(INT_MAX, dk_clock_milliseconds(DK_NEVER - 1000));
}

static void time_goes_on(void **state)
{
    (void)state;
    dk_time before = dk_clock_now();
    assert_true(before > 0);
    while (dk_clock_now() == before)
        ;
    assert_true(dk_clock_now() > before);
    assert_true(dk_clock_wall() > 1.7e9); /* seconds, of this century */
    assert_true(dk_clock_wall() < 1e10);
}

int clock_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(milliseconds_round_up),
        cmocka_unit_test(never_is_for_ever_and_too_long_is_the_longest),
        cmocka_unit_test(time_goes_on),
    };
    return RUN_SUITE("clock", tests);
}
