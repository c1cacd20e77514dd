/* csrc/base/digest.c */
#include "base/digest.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

/* Of the texts, "-" for one that is not there. */
static void digest_of(const char *const *texts, size_t count, char hex[DK_DIGEST_HEX + 1])
{
    dk_digest *d = dk_digest_new();
    assert_non_null(d);
    for (size_t i = 0; i < count; i++)
        dk_digest_add(d, strcmp(texts[i], "-") == 0 ? NULL : texts[i], strlen(texts[i]));
    assert_true(dk_digest_end(d, hex));
    dk_digest_free(d);
}

/* Each thing is preceded by its length plus one, eight bytes, the lowest first: printf
 * '\4\0\0\0\0\0\0\0abc' | sha256sum */
static void is_the_sha_256_of_things_with_their_lengths(void **state)
{
    (void)state;
    char hex[DK_DIGEST_HEX + 1];
    digest_of(NULL, 0, hex);
    assert_string_equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", hex);
    digest_of((const char *const[]){"abc"}, 1, hex);
    assert_string_equal("49e92f341dd9429d89db22e407613f269142e3199a3a0090d179a6bd9ca24e8e", hex);
}

static void no_two_lists_look_alike(void **state)
{
    (void)state;
    static const char *const lists[][2] = {{"ab", "c"},  {"a", "bc"},  {"abc", ""}, {"", "abc"},
                                           {"abc", "-"}, {"-", "abc"}, {"", "-"},   {"-", ""}};
    enum { LISTS = sizeof lists / sizeof *lists };
    char hex[LISTS][DK_DIGEST_HEX + 1];
    for (size_t i = 0; i < LISTS; i++) {
        digest_of(lists[i], 2, hex[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(hex[k], hex[i]);
    }
}

int digest_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_sha_256_of_things_with_their_lengths),
        cmocka_unit_test(no_two_lists_look_alike),
    };
    return RUN_SUITE("digest", tests);
}
