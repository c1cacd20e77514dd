/* csrc/rows/delimiter.c */
#include "rows/delimiter.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void a_quoted_line_end_is_part_of_the_line(void **state)
{
    (void)state;
    assert_int_equal(3, dk_line_length("a,b\nc", 5));
    assert_int_equal(3, dk_line_length("a,b\r\nc", 6));
    assert_int_equal(7, dk_line_length("\"a\nb\",c\nd", 9));
    assert_int_equal(3, dk_line_length("a,b", 3));
    assert_int_equal(0, dk_line_length("\na", 2));
}

static void excels_own_line_names_it(void **state)
{
    (void)state;
    assert_int_equal(';', dk_delimiter_named("sep=;", 5));
    assert_int_equal('\t', dk_delimiter_named("SEP=\t", 5));
    assert_int_equal(0, dk_delimiter_named("sep=", 4));
    assert_int_equal(0, dk_delimiter_named("sep=;;", 6));
    assert_int_equal(0, dk_delimiter_named("sep=\"", 5));
    assert_int_equal(0, dk_delimiter_named("sep=\xc2", 5));
    assert_int_equal(0, dk_delimiter_named("name;", 5));
}

static void the_one_that_comes_most_often_is_it(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        dk_delimiter_code code;
        char found;
    } rows[] = {
        {"a,b,c", DK_DELIMITER_FOUND, ','},       {"a;b;c,d", DK_DELIMITER_FOUND, ';'},
        {"a\tb", DK_DELIMITER_FOUND, '\t'},       {"a|b|c", DK_DELIMITER_FOUND, '|'},
        {"\"a,b,c\";d", DK_DELIMITER_FOUND, ';'}, {"name", DK_DELIMITER_NONE, 0},
        {"\"a,b\"", DK_DELIMITER_NONE, 0},        {"", DK_DELIMITER_NONE, 0},
        {"a,b;c", DK_DELIMITER_OPEN, 0},          {"a;b|c", DK_DELIMITER_OPEN, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char found = 0;
        dk_delimiter_code code = dk_delimiter_find(rows[i].line, strlen(rows[i].line), &found);
        if (code != rows[i].code || (rows[i].found && found != rows[i].found))
            fail_msg("%s: %d '%c'", rows[i].line, code, found);
    }
    assert_true(dk_is_delimiter('|'));
    assert_false(dk_is_delimiter('\0'));
    assert_false(dk_is_delimiter(':'));
}

int delimiter_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quoted_line_end_is_part_of_the_line),
        cmocka_unit_test(excels_own_line_names_it),
        cmocka_unit_test(the_one_that_comes_most_often_is_it),
    };
    return RUN_SUITE("delimiter", tests);
}
