/* csrc/http/retry.c */
#include "http/retry.h"
#include "spec/csrc/support/suites.h"

static const dk_operation get = {.method = "GET"}, put = {.method = "PUT"},
                          post = {.method = "POST"}, patch = {.method = "PATCH"},
                          removal = {.method = "DELETE"};
static const dk_operation *const all[] = {&get, &put, &post, &patch, &removal};
enum { ALL = sizeof all / sizeof *all };

static void a_create_that_may_have_arrived_is_never_sent_twice(void **state)
{
    (void)state;
    static const dk_outcome arrived[] = {DK_BROKEN, DK_UNAVAILABLE, DK_UNCLEAR, DK_UNREADABLE};
    for (size_t i = 0; i < sizeof arrived / sizeof *arrived; i++) {
        assert_false(dk_retry_verdict(arrived[i], &post).again);
        assert_true(dk_retry_verdict(arrived[i], &post).ambiguous);
        assert_false(dk_retry_verdict(arrived[i], &patch).again);
        assert_true(dk_retry_verdict(arrived[i], &patch).ambiguous);
    }
    assert_false(dk_retry_by_libcurl(&post, true));
    assert_false(dk_retry_by_libcurl(&patch, true));
}

static void what_was_not_carried_out_is_sent_again_by_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALL; i++) {
        assert_true(dk_retry_verdict(DK_NOT_SENT, all[i]).again);
        assert_true(dk_retry_verdict(DK_LIMITED, all[i]).again);
        assert_true(dk_retry_verdict(DK_STALE, all[i]).at_once);
        assert_false(dk_retry_verdict(DK_NOT_SENT, all[i]).ambiguous);
        assert_false(dk_retry_verdict(DK_LIMITED, all[i]).ambiguous);
        assert_false(dk_retry_verdict(DK_FINAL, all[i]).again);
        assert_false(dk_retry_verdict(DK_FINAL, all[i]).ambiguous);
        assert_true(dk_retry_by_libcurl(all[i], false));
    }
}

static void safe_calls_are_sent_again_where_that_may_help(void **state)
{
    (void)state;
    static const dk_operation *const safe[] = {&get, &put, &removal};
    for (size_t i = 0; i < 3; i++) {
        assert_true(dk_retry_is_idempotent(safe[i]));
        assert_true(dk_retry_by_libcurl(safe[i], true));
        assert_true(dk_retry_verdict(DK_BROKEN, safe[i]).again);
        assert_true(dk_retry_verdict(DK_UNAVAILABLE, safe[i]).again);
        assert_true(dk_retry_verdict(DK_UNREADABLE, safe[i]).again);
        assert_false(dk_retry_verdict(DK_UNCLEAR, safe[i]).again);
    }
}

static void a_get_is_never_ambiguous(void **state)
{
    (void)state;
    for (int outcome = 0; outcome < DK_OUTCOMES; outcome++)
        assert_false(dk_retry_verdict((dk_outcome)outcome, &get).ambiguous);
}

static void waits_double_up_to_a_cap(void **state)
{
    (void)state;
    static const double most[] = {0.5, 1, 2, 4, 8, 16, 30, 30};
    for (int attempt = 2; attempt < 10; attempt++)
        assert_true(dk_retry_wait(attempt, -1, 1) == most[attempt - 2]);
    assert_true(dk_retry_wait(1000, -1, 1) == 30);
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
        cmocka_unit_test(safe_calls_are_sent_again_where_that_may_help),
        cmocka_unit_test(a_get_is_never_ambiguous),
        cmocka_unit_test(waits_double_up_to_a_cap),
        cmocka_unit_test(jitter_is_full),
        cmocka_unit_test(never_sooner_than_the_service_asks),
    };
    return RUN_SUITE("retry", tests);
}
