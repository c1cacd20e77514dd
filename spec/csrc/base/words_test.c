/* csrc/base/words.c */
#include "base/words.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void reads_words_between_spaces(void **state)
{
    (void)state;
    const char *list = "  one two ";
    size_t n;
    assert_memory_equal("one", dk_words_next(&list, &n), 3);
    assert_int_equal(3, n);
    assert_memory_equal("two", dk_words_next(&list, &n), 3);
    assert_null(dk_words_next(&list, &n));
    list = NULL;
    assert_null(dk_words_next(&list, &n));
    assert_true(dk_words_have("one two", "two", 3));
    assert_false(dk_words_have("one two", "tw", 2));
    assert_false(dk_words_have("one two", "one two", 7));
    assert_false(dk_words_have("", "", 0));
    assert_false(dk_words_have(NULL, "one", 3));
    assert_true(dk_words_have("team:team users:users*", "users", 5));
    assert_false(dk_words_have("team:team users:users*", "team:team", 9));
}

static void takes_marks_off_a_name(void **state)
{
    (void)state;
    size_t n = 12;
    assert_int_equal(DK_REQUIRED | DK_REPEATED, dk_words_marks("filter[id]+!", &n));
    assert_int_equal(10, n);
    n = 12;
    assert_int_equal(DK_MANY, dk_words_marks("users:users*", &n));
    assert_int_equal(11, n);
    n = 4;
    assert_int_equal(0, dk_words_marks("sort", &n));
    assert_int_equal(4, n);
}

static void tells_slips_from_other_names(void **state)
{
    (void)state;
    static const char list[] = "name client_id roles:roles* ab";
    static const char *const slips[] = {"nam",       "names", "nane",   "naem", "anme", "clientid",
                                        "client_di", "role",  "roless", "ba",   "a"};
    static const char *const others[] = {"",   "nme_",        "client",      "modified_by",
                                         "na", "eman",        "client_id_x", "rolse_",
                                         "cd", "roles:roles*"};
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++)
        if (!dk_words_have_near(list, slips[i], strlen(slips[i])))
            fail_msg("no slip: %s", slips[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (dk_words_have_near(list, others[i], strlen(others[i])))
            fail_msg("a slip: %s", others[i]);
    assert_false(dk_words_have_near(NULL, "name", 4));
}

int words_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_words_between_spaces),
        cmocka_unit_test(takes_marks_off_a_name),
        cmocka_unit_test(tells_slips_from_other_names),
    };
    return RUN_SUITE("words", tests);
}
