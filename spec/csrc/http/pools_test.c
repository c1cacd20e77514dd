/* csrc/http/pools.c. Over real connections: spec/e2e/connection_spec.lua. */
#include "http/pools.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

/* The pool for the next attempt, which is then on the wire. */
static dk_pool *send_one(dk_pools *pools)
{
    dk_pool *p = dk_pools_next(pools);
    assert_non_null(p);
    p->traffic.on_wire++;
    p->traffic.requests++;
    return p;
}

static size_t count(const dk_pools *pools)
{
    size_t n = 0;
    for (const dk_pool *p = pools->newest; p; p = p->older)
        n++;
    return n;
}

static void free_all_of(dk_pools *pools)
{
    dk_pools_free(pools);
    assert_null(pools->newest);
}

static void one_connection_serves_all_until_it_is_full(void **state)
{
    (void)state;
    dk_pools pools;
    dk_pools_init(&pools, 200);
    dk_pool *first = send_one(&pools);
    first->answered = dk_clock_now();
    first->multiplexed = true;
    for (int i = 1; i < 100; i++)
        assert_ptr_equal(first, send_one(&pools));
    dk_pool *second = send_one(&pools); /* a hundred streams, and no more */
    assert_ptr_not_equal(first, second);
    first->traffic.on_wire--;
    second->answered = dk_clock_now();
    second->multiplexed = true;
    assert_ptr_equal(second, send_one(&pools));
    assert_int_equal(2, count(&pools));
    free_all_of(&pools);
}

static void http_1_needs_no_second_pool(void **state)
{
    (void)state;
    dk_pools pools;
    dk_pools_init(&pools, 500);
    dk_pool *p = send_one(&pools);
    p->answered = dk_clock_now();
    for (int i = 0; i < 300; i++)
        assert_ptr_equal(p, send_one(&pools));
    free_all_of(&pools);
}

/* Before a server ends its connection after so many requests, another one is begun. */
static void a_connection_is_used_up_before_its_server_ends_it(void **state)
{
    (void)state;
    dk_pools pools;
    dk_pools_init(&pools, 8);
    dk_pool *old = send_one(&pools);
    old->answered = dk_clock_now();
    old->multiplexed = true;
    old->traffic.requests = 951;
    assert_ptr_equal(old, dk_pools_next(&pools));
    old->traffic.requests = 952; /* 960 less the eight that may be under way */
    dk_pool *fresh = send_one(&pools);
    assert_ptr_not_equal(old, fresh);
    assert_true(old->used_up);
    /* while the new connection is made, the old one goes on */
    assert_ptr_equal(old, dk_pools_next(&pools));
    fresh->answered = dk_clock_now();
    assert_ptr_equal(fresh, dk_pools_next(&pools));
    free_all_of(&pools);
}

/* Notes an attempt of the pool's that ended, on a connection that died where `died`. */
static void end_one(dk_pools *pools, dk_pool *p, bool died)
{
    dk_call call = {0};
    dk_transfer t = {.easy = curl_easy_init(), .call = &call, .pool = p, .tries = {.left = died}};
    dk_pools_learn(pools, &t, died ? DK_BROKEN : DK_NOT_SENT);
    p->traffic.on_wire--;
    curl_easy_cleanup(t.easy);
}

static void a_death_teaches_how_many_requests_a_server_allows(void **state)
{
    (void)state;
    dk_pools pools;
    dk_pools_init(&pools, 8);
    dk_pool *p = send_one(&pools);
    p->answered = dk_clock_now();
    p->multiplexed = true;
    p->traffic.requests = 101;
    end_one(&pools, p, false);
    assert_true(pools.most_requests == 960 && !p->retired);
    p->traffic.on_wire = 1;
    end_one(&pools, p, true);
    assert_true(pools.most_requests == 90); /* nine tenths of the hundred that were served */
    assert_true(p->retired);
    assert_ptr_not_equal(p, send_one(&pools));
    free_all_of(&pools);
}

static void what_nobody_uses_is_closed(void **state)
{
    (void)state;
    dk_pools pools;
    dk_pools_init(&pools, 8);
    dk_pool *oldest = send_one(&pools);
    oldest->retired = true;
    dk_pool *used_up = send_one(&pools);
    used_up->answered = dk_clock_now();
    used_up->used_up = true;
    dk_pool *newest = send_one(&pools);
    assert_int_equal(3, count(&pools));
    dk_pools_drop_unused(&pools); /* each has a call under way */
    assert_int_equal(3, count(&pools));
    oldest->traffic.on_wire = used_up->traffic.on_wire = newest->traffic.on_wire = 0;
    dk_pools_drop_unused(&pools);
    assert_ptr_equal(newest, pools.newest);
    assert_ptr_equal(used_up, newest->older); /* it may be used again */
    assert_null(used_up->older);
    dk_pools_act_on_timers(&pools);
    assert_true(dk_pools_due(&pools) == DK_NEVER);
    free_all_of(&pools);
}

int pools_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_serves_all_until_it_is_full),
        cmocka_unit_test(http_1_needs_no_second_pool),
        cmocka_unit_test(a_connection_is_used_up_before_its_server_ends_it),
        cmocka_unit_test(a_death_teaches_how_many_requests_a_server_allows),
        cmocka_unit_test(what_nobody_uses_is_closed),
    };
    return RUN_SUITE("pools", tests);
}
