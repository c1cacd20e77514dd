/* csrc/base/hash.c */
#include "base/hash.h"
#include "spec/csrc/support/suites.h"

/* The paper's key, 00 01 .. 0f, and its texts 00 01 .. of n bytes; answers of its reference
 * code. */
static void answers_as_the_paper_does(void **state)
{
    static const struct {
        size_t n;
        uint64_t hash;
    } cases[] = {{0, UINT64_C(0x726fdb47dd0e0e31)},
                 {1, UINT64_C(0x74f839c593dc67fd)},
                 {8, UINT64_C(0x93f5f5799a932462)},
                 {15, UINT64_C(0xa129ca6149be45e5)}};
    const dk_hash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    unsigned char text[16];
    (void)state;
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(dk_hash(&key, text, cases[i].n) == cases[i].hash);
}

static void has_another_key_each_time(void **state)
{
    dk_hash_key one = dk_hash_key_new(), other = dk_hash_key_new();
    (void)state;
    assert_true(dk_hash(&one, "abc", 3) == dk_hash(&one, "abc", 3));
    assert_true(dk_hash(&one, "abc", 3) != dk_hash(&other, "abc", 3));
}

int hash_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_the_paper_does),
        cmocka_unit_test(has_another_key_each_time),
    };
    return RUN_SUITE("hash", tests);
}
