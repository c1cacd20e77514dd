/* csrc/base/random.c */
#include "base/random.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void no_two_are_the_same(void **state)
{
    (void)state;
    unsigned char a[256] = {0}, b[256] = {0};
    assert_true(dk_random_bytes(a, sizeof a));
    assert_true(dk_random_bytes(b, sizeof b));
    assert_int_not_equal(0, memcmp(a, b, sizeof a));
    assert_false(dk_random_bytes(a, sizeof a + 1)); /* more than the system gives at once */
    assert_true(dk_random_seed() != dk_random_seed());
}

static void fractions_fill_their_range(void **state)
{
    (void)state;
    uint64_t seed = dk_random_seed() | 1;
    size_t counts[10] = {0};
    for (int i = 0; i < 100000; i++) {
        double x = dk_random_fraction(&seed);
        assert_true(x >= 0 && x < 1);
        counts[(int)(x * 10)]++;
    }
    for (size_t i = 0; i < 10; i++) /* 10,000 each; 21 standard deviations are let pass */
        assert_uint_in_range(counts[i], 8000, 12000);
}

int random_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_are_the_same),
        cmocka_unit_test(fractions_fill_their_range),
    };
    return RUN_SUITE("random", tests);
}
