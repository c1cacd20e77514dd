/* csrc/base/clock.c */
#include "base/clock.h"
#include "spec/csrc/support/suites.h"

#include <limits.h>
#include <math.h>

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

/* Answers that come every 130 ms from a service whose clock is `ahead` of ours; after each it must
 * be known within a second, and after 20 within 120 ms. */
static void check_clock(double ahead, double wall_error)
{
    dk_service_clock clock = {0};
    for (int i = 0; i < 40; i++) {
        dk_time sent = i * DK_SECOND * 13 / 100, now = sent + DK_SECOND / 100;
        double service = 1.7e9 + ahead + (double)now / DK_SECOND;
        dk_service_clock_told(&clock, floor(service - 0.005), sent, now);
        double seen =
            dk_service_clock_at(&clock, now, 1.7e9 + wall_error + (double)now / DK_SECOND);
        if (fabs(ahead - wall_error) < 0.01) /* ours agrees, and is better than whole seconds */
            assert_true(fabs(seen - service) < 0.011);
        else if (fabs(ahead - wall_error) > 1.1) /* ours counts nothing: never early */
            assert_true(seen <= service + 1e-6 && seen > service - (i < 20 ? 1.02 : 0.12));
        else
            assert_true(fabs(seen - service) < (i < 20 ? 1.02 : 0.12));
    }
}

static void a_services_clock_is_learned_from_its_dates(void **state)
{
    (void)state;
    static const double off[] = {0, 0.3, -0.3, 0.9, 1.5, -1.5, 600, -600, 3600, -3600.25, 1e9};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        check_clock(off[i], 0);
        check_clock(0, off[i]);
        check_clock(off[i], off[i]);
    }
}

static void a_services_clock_that_is_set_is_believed(void **state)
{
    (void)state;
    dk_service_clock clock = {0};
    assert_true(dk_service_clock_at(&clock, 0, 123) == 123);
    dk_service_clock_told(&clock, 1000, 0, DK_SECOND / 10);
    assert_true(dk_service_clock_at(&clock, DK_SECOND, 1001.125) == 1001.125);
    dk_service_clock_told(&clock, 5000, DK_SECOND, DK_SECOND);
    assert_true(dk_service_clock_at(&clock, 2 * DK_SECOND, 1002.125) == 5001);
}

int clock_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(milliseconds_round_up),
        cmocka_unit_test(never_is_for_ever_and_too_long_is_the_longest),
        cmocka_unit_test(time_goes_on),
        cmocka_unit_test(a_services_clock_is_learned_from_its_dates),
        cmocka_unit_test(a_services_clock_that_is_set_is_believed),
    };
    return RUN_SUITE("clock", tests);
}
