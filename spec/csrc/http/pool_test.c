/* csrc/http/pool.c; what an engine does with pools is in spec/e2e/connection_spec.lua */
#include "http/pool.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void begins_with_nothing(void **state)
{
    (void)state;
    dk_sockets sockets = {0};
    dk_pool *p = dk_pool_new(&sockets);
    assert_non_null(p);
    assert_int_equal(0, p->traffic.on_wire);
    assert_true(p->curl_due == DK_NEVER);
    assert_true(dk_pool_age(p) == 0);
    dk_pool_act_on_timer(p);
    dk_pools_act_on_sockets(&sockets);
    dk_pool_free(p);
    dk_pool_free(NULL);
    dk_sockets_free(&sockets);
}

static void its_age_is_that_of_a_connection(void **state)
{
    (void)state;
    dk_pool p = {.traffic.requests = 90};
    assert_true(dk_pool_age(&p) == 90);
    p.connections = 1;
    assert_true(dk_pool_age(&p) == 90);
    p.connections = 3;
    assert_true(dk_pool_age(&p) == 30);
}

static void is_used_again_only_where_the_old_connection_is_left(void **state)
{
    (void)state;
    dk_time now = dk_clock_now();
    dk_pool used_up = {.used_up = true,
                       .answered = now - 4 * DK_SECOND,
                       .traffic.requests = 900,
                       .connections = 1,
                       .multiplexed = true};
    bool can = curl_version_info(CURLVERSION_NOW)->version_num >= 0x075000;
    dk_pool p = used_up;
    assert_int_equal(can, dk_pool_renew(&p));
    if (can) {
        assert_true(p.renewed && !p.used_up && !p.multiplexed && !p.answered);
        assert_true(dk_pool_age(&p) == 0 && p.opened >= now);
        assert_false(dk_pool_renew(&p)); /* it is not used up */
    }
    p = used_up;
    p.traffic.on_wire = 1;
    assert_false(dk_pool_renew(&p));
    p = used_up;
    p.retired = true;
    assert_false(dk_pool_renew(&p));
    p = used_up;
    p.answered = now; /* libcurl tells ages by the second */
    assert_false(dk_pool_renew(&p));
}

static void gives_up_its_sockets_with_itself(void **state)
{
    (void)state;
    dk_sockets sockets = {0};
    dk_pool *a = dk_pool_new(&sockets), *b = dk_pool_new(&sockets);
    assert_non_null(a);
    assert_non_null(b);
    struct pollfd polled[3] = {{.fd = 5}, {.fd = 6}, {.fd = 7}};
    double serials[3] = {1, 2, 3};
    dk_pool *pools[3] = {a, b, a};
    sockets = (dk_sockets){
        .polled = polled, .serials = serials, .pools = pools, .count = 3, .capacity = 3};
    CURLM *multi = a->multi;
    dk_pool_disown(a);
    curl_multi_cleanup(multi); /* left alone, for it would be the parent's */
    assert_int_equal(1, sockets.count);
    assert_int_equal(6, sockets.polled[0].fd);
    assert_true(sockets.serials[0] == 2);
    assert_ptr_equal(b, sockets.pools[0]);
    dk_pool_free(b);
    assert_int_equal(0, sockets.count);
}

int pool_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_with_nothing),
        cmocka_unit_test(its_age_is_that_of_a_connection),
        cmocka_unit_test(is_used_again_only_where_the_old_connection_is_left),
        cmocka_unit_test(gives_up_its_sockets_with_itself),
    };
    return RUN_SUITE("pool", tests);
}
