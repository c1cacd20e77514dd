/* csrc/http/wakeups.c */
#include "http/wakeups.h"
#include "spec/csrc/support/suites.h"

#define MANY 500

static uint32_t next_random(uint32_t *seed)
{
    return *seed = *seed * 1664525u + 1013904223u;
}

static void add(dk_wakeups *w, dk_call *call, dk_time wake)
{
    call->wake = wake;
    assert_true(dk_wakeups_reserve(w));
    dk_wakeups_add(w, call);
}

static dk_call *take_first(dk_wakeups *w)
{
    dk_call *first = dk_wakeups_first(w);
    dk_wakeups_remove(w, first);
    return first;
}

static void an_empty_heap_has_no_first(void **state)
{
    (void)state;
    dk_wakeups w = {0};
    assert_null(dk_wakeups_first(&w));
    dk_wakeups_free(&w);
}

static void the_earliest_comes_first(void **state)
{
    (void)state;
    dk_wakeups w = {0};
    static dk_call calls[MANY];
    uint32_t seed = 1;
    for (int i = 0; i < MANY; i++)
        add(&w, &calls[i], next_random(&seed) % 100); /* many alike */
    dk_time before = -1;
    for (int i = 0; i < MANY; i++) {
        dk_call *call = take_first(&w);
        assert_true(call->wake >= before);
        before = call->wake;
    }
    assert_null(dk_wakeups_first(&w));
    dk_wakeups_free(&w);
}

static void order_survives_moves_and_removals(void **state)
{
    (void)state;
    dk_wakeups w = {0};
    static dk_call calls[MANY];
    static char gone[MANY];
    uint32_t seed = 7;
    for (int i = 0; i < MANY; i++)
        add(&w, &calls[i], next_random(&seed) >> 8);
    for (int i = 0; i < MANY; i++) {
        dk_call *call = &calls[next_random(&seed) % MANY];
        if (gone[call - calls])
            continue;
        if (i % 3 == 0) {
            dk_wakeups_remove(&w, call);
            gone[call - calls] = 1;
        } else {
            call->wake = next_random(&seed) >> 8;
            dk_wakeups_moved(&w, call);
        }
        for (size_t k = 0; k < w.count; k++)
            assert_int_equal(k, w.calls[k]->heap_index);
    }
    dk_time before = -1;
    while (dk_wakeups_first(&w)) {
        dk_call *call = take_first(&w);
        assert_true(call->wake >= before);
        assert_false(gone[call - calls]);
        before = call->wake;
    }
    dk_wakeups_free(&w);
}

static void the_last_one_can_be_removed(void **state)
{
    (void)state;
    dk_wakeups w = {0};
    dk_call a = {0}, b = {0};
    add(&w, &a, 1);
    add(&w, &b, 2);
    dk_wakeups_remove(&w, &b);
    assert_ptr_equal(&a, dk_wakeups_first(&w));
    dk_wakeups_remove(&w, &a);
    assert_null(dk_wakeups_first(&w));
    dk_wakeups_free(&w);
}

int wakeups_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_heap_has_no_first),
        cmocka_unit_test(the_earliest_comes_first),
        cmocka_unit_test(order_survives_moves_and_removals),
        cmocka_unit_test(the_last_one_can_be_removed),
    };
    return RUN_SUITE("wakeups", tests);
}
