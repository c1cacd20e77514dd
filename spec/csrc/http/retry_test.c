/* csrc/http/retry.c */
#include "http/retry.h"
#include "spec/csrc/support/suites.h"

static void a_create_that_may_have_arrived_is_never_sent_twice(void **state)
{
    (void)state;
    static const dk_outcome arrived[] = {DK_BROKEN, DK_UNAVAILABLE, DK_UNCLEAR};
    for (size_t i = 0; i < sizeof arrived / sizeof *arrived; i++) {
        dk_verdict v = dk_retry_verdict(arrived[i], false, true);
        assert_false(v.again);
        assert_true(v.ambiguous);
    }
}

static void what_was_not_carried_out_is_sent_again_by_all(void **state)
{
    (void)state;
    for (int idempotent = 0; idempotent < 2; idempotent++) {
        assert_true(dk_retry_verdict(DK_NOT_SENT, idempotent, true).again);
        assert_true(dk_retry_verdict(DK_LIMITED, idempotent, true).again);
        assert_false(dk_retry_verdict(DK_NOT_SENT, idempotent, true).ambiguous);
        assert_false(dk_retry_verdict(DK_LIMITED, idempotent, true).ambiguous);
        assert_false(dk_retry_verdict(DK_FINAL, idempotent, true).again);
        assert_false(dk_retry_verdict(DK_FINAL, idempotent, true).ambiguous);
    }
}

static void idempotent_calls_are_sent_again_where_that_may_help(void **state)
{
    (void)state;
    assert_true(dk_retry_verdict(DK_BROKEN, true, true).again);
    assert_true(dk_retry_verdict(DK_UNAVAILABLE, true, true).again);
    assert_false(dk_retry_verdict(DK_UNCLEAR, true, true).again);
}

static void a_get_is_never_ambiguous(void **state)
{
    (void)state;
    for (int outcome = 0; outcome < DK_OUTCOMES; outcome++)
        assert_false(dk_retry_verdict((dk_outcome)outcome, true, false).ambiguous);
}

static void waits_double_up_to_a_cap(void **state)
{
    (void)state;
    double before = 0;
    for (int attempt = 2; attempt < 100; attempt++) {
        double most = dk_retry_wait(attempt, -1, 0.999999);
        assert_true(most >= before);
        assert_true(most <= 30);
        before = most;
    }
    assert_true(dk_retry_wait(2, -1, 0.999999) < 1);
    assert_true(before > 29);
}

static void jitter_is_full(void **state)
{
    (void)state;
    assert_true(dk_retry_wait(5, -1, 0) == 0);
    assert_true(dk_retry_wait(5, -1, 0.5) > 0);
}

static void never_sooner_than_the_service_asks(void **state)
{
    (void)state;
    for (int attempt = 2; attempt < 10; attempt++) {
        assert_true(dk_retry_wait(attempt, 7, 0) >= 7);
        assert_true(dk_retry_wait(attempt, 7, 0.9) > 7);
    }
}

int retry_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_create_that_may_have_arrived_is_never_sent_twice),
        cmocka_unit_test(what_was_not_carried_out_is_sent_again_by_all),
        cmocka_unit_test(idempotent_calls_are_sent_again_where_that_may_help),
        cmocka_unit_test(a_get_is_never_ambiguous),
        cmocka_unit_test(waits_double_up_to_a_cap),
        cmocka_unit_test(jitter_is_full),
        cmocka_unit_test(never_sooner_than_the_service_asks),
    };
    return RUN_SUITE("retry", tests);
}
