/* csrc/base/ascii.h: what <ctype.h> says in a C locale, which is the one that a test begins in. */
#include "base/ascii.h"
#include "spec/csrc/support/suites.h"

#include <ctype.h>
#include <string.h>

static void every_byte_is_what_it_is_in_a_c_locale(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        assert_int_equal(isdigit(i) != 0, dk_ascii_is_digit(c));
        assert_int_equal(isupper(i) != 0, dk_ascii_is_upper(c));
        assert_int_equal(isalnum(i) != 0, dk_ascii_is_alnum(c));
        assert_int_equal(isspace(i) != 0, dk_ascii_is_space(c));
        assert_int_equal(iscntrl(i) != 0, dk_ascii_is_control(c));
        assert_int_equal((char)tolower(i), dk_ascii_lower(c));
        assert_int_equal(isgraph(i) != 0, dk_ascii_is_visible(&c, 1));
    }
    assert_true(dk_ascii_has_control("ab\r", 3));
    assert_false(dk_ascii_has_control("ab\r", 2));
    assert_true(dk_ascii_is_visible("a-key", 5));
    assert_false(dk_ascii_is_visible("a key", 5));
}

static void text_is_the_same_but_for_case(void **state)
{
    (void)state;
    assert_true(dk_ascii_same("X-Request-Id", "x-rEQUEST-iD", 12));
    assert_true(dk_ascii_same("abc1", "ABC2", 3));
    assert_true(dk_ascii_same("", "a", 0));
    assert_true(dk_ascii_same("a\0b", "A\0B", 3));
    assert_false(dk_ascii_same("a\0b", "A\0c", 3));
    assert_false(dk_ascii_same("@", "`", 1)); /* 0x20 apart, and no letters */
    assert_false(dk_ascii_same("[", "{", 1));
    assert_false(dk_ascii_same("\xc4", "\xe4", 1)); /* a letter's two cases in ISO 8859-1 */
    assert_true(dk_ascii_same_string("LocalHost", "localhost"));
    assert_true(dk_ascii_same_string("", ""));
    assert_false(dk_ascii_same_string("local", "localhost"));
    assert_false(dk_ascii_same_string("localhost", "local"));
}

int ascii_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_what_it_is_in_a_c_locale),
        cmocka_unit_test(text_is_the_same_but_for_case),
    };
    return RUN_SUITE("ascii", tests);
}
