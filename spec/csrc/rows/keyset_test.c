/* csrc/rows/keyset.c */
#include "base/hash.h"
#include "rows/keyset.h"
#include "spec/csrc/support/suites.h"

static const dk_hash_key key = {1, 2};

static uint64_t hash_of(uint32_t i)
{
    return dk_hash(&key, &i, sizeof i);
}

static void finds_what_was_added_and_nothing_else(void **state)
{
    enum { COUNT = 100000 };
    dk_keyset *set = dk_keyset_new(DK_KEYSET_WIDE);
    (void)state;
    assert_null(dk_keyset_find(set, hash_of(1), NULL, NULL, NULL));
    for (uint32_t i = 1; i <= COUNT; i++)
        assert_true(dk_keyset_add(set, hash_of(i), i, ~i));
    for (uint32_t i = 1; i <= COUNT; i++) {
        uint32_t *extra = NULL;
        const dk_keyset_entry *entry = dk_keyset_find(set, hash_of(i), NULL, NULL, &extra);
        assert_non_null(entry);
        assert_int_equal(i, entry->value);
        assert_int_equal(~i, *extra);
        assert_null(dk_keyset_find(set, hash_of(i + COUNT), NULL, NULL, NULL));
    }
    dk_keyset_free(set);
}

static bool is_value(const void *context, const dk_keyset_entry *entry)
{
    return entry->value == *(const uint32_t *)context;
}

static void finds_in_a_narrow_set_what_is_looked_at(void **state)
{
    enum { COUNT = 100000 };
    dk_keyset *set = dk_keyset_new(DK_KEYSET_NARROW);
    (void)state;
    for (uint32_t i = 1; i <= COUNT; i++)
        assert_true(dk_keyset_add(set, hash_of(i), i, 0));
    for (uint32_t i = 1; i <= COUNT; i++) {
        assert_int_equal(i, dk_keyset_find(set, hash_of(i), is_value, &i, NULL)->value);
        assert_null(dk_keyset_find(set, hash_of(i), is_value, &(uint32_t){i + COUNT}, NULL));
    }
    dk_keyset_free(set);
}

static void tells_hashes_apart_whose_lower_half_is_one(void **state)
{
    const uint64_t one = 42, other = one | (uint64_t)1 << 32; /* of one segment */
    dk_keyset *set = dk_keyset_new(DK_KEYSET_WIDE);
    uint32_t *extra = NULL;
    (void)state;
    assert_true(dk_keyset_add(set, one, 1, 10));
    assert_null(dk_keyset_find(set, other, NULL, NULL, NULL));
    assert_true(dk_keyset_add(set, other, 2, 20));
    assert_int_equal(2, dk_keyset_find(set, other, NULL, NULL, &extra)->value);
    assert_int_equal(20, *extra);
    assert_int_equal(1, dk_keyset_find(set, one, NULL, NULL, &extra)->value);
    assert_int_equal(10, *extra);
    dk_keyset_free(set);
}

static void tells_two_of_one_hash_apart(void **state)
{
    dk_keyset *set = dk_keyset_new(DK_KEYSET_NARROW);
    (void)state;
    for (uint32_t i = 1; i <= 100; i++)
        assert_true(dk_keyset_add(set, 42, i, 0));
    for (uint32_t i = 1; i <= 100; i++)
        assert_int_equal(i, dk_keyset_find(set, 42, is_value, &i, NULL)->value);
    assert_null(dk_keyset_find(set, 42, is_value, &(uint32_t){101}, NULL));
    dk_keyset_free(set);
}

int keyset_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_added_and_nothing_else),
        cmocka_unit_test(finds_in_a_narrow_set_what_is_looked_at),
        cmocka_unit_test(tells_hashes_apart_whose_lower_half_is_one),
        cmocka_unit_test(tells_two_of_one_hash_apart),
    };
    return RUN_SUITE("keyset", tests);
}
