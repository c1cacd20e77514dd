/* csrc/rows/csv_input.c */
#include "rows/csv_input.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void feed(dk_csv_input *in, const char *text)
{
    assert_true(dk_csv_input_feed(in, text, strlen(text)));
}

static void assert_place(const dk_csv_input *in, size_t line, size_t column)
{
    assert_int_equal(line, in->line);
    assert_int_equal(column, in->column);
}

static void lines_and_characters_are_counted(void **state)
{
    (void)state;
    dk_csv_input in;
    dk_csv_input_init(&in);
    feed(&in, "a\xc3\xa4\nb\r\nc\rd");
    static const size_t places[][2] = {{1, 2}, {1, 3}, {1, 3}, {2, 1}, {2, 2},
                                       {3, 1}, {3, 1}, {3, 2}, {4, 1}, {4, 2}};
    assert_place(&in, 1, 1);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        dk_csv_input_pass(&in);
        assert_place(&in, places[i][0], places[i][1]);
    }
    assert_int_equal(0, dk_csv_input_left(&in));
    feed(&in, "xyz\xe2\x82\xac!"); /* what was passed makes room */
    assert_int_equal(7, dk_csv_input_left(&in));
    dk_csv_input_pass_run(&in, 6);
    assert_place(&in, 4, 6);
    assert_int_equal('!', *dk_csv_input_here(&in));
    dk_csv_input_free(&in);
}

static void a_line_end_may_be_cut(void **state)
{
    (void)state;
    dk_csv_input in;
    dk_csv_input_init(&in);
    feed(&in, "\r");
    dk_csv_input_pass(&in);
    feed(&in, "\n");
    dk_csv_input_pass(&in);
    assert_place(&in, 2, 1);
    dk_csv_input_free(&in);
}

static void a_byte_order_mark_is_waited_for_and_passed(void **state)
{
    (void)state;
    dk_csv_input in;
    dk_csv_input_init(&in);
    feed(&in, "\xef\xbb");
    assert_true(dk_csv_input_may_be_mark(&in));
    feed(&in, "\xbf"
              "a");
    assert_false(dk_csv_input_may_be_mark(&in));
    assert_true(dk_csv_input_pass_mark(&in));
    assert_int_equal('a', *dk_csv_input_here(&in));
    assert_place(&in, 1, 1);
    dk_csv_input_free(&in);
}

static void behind_utf_16s_mark_all_is_utf_16(void **state)
{
    (void)state;
    static const char *const marks[] = {"\xff\xfe", "\xfe\xff"};
    static const char *const texts[] = {"\xac\x20"
                                        "a",
                                        "\x20\xac"
                                        "\0"}; /* cut in a character */
    static const char *const rests[] = {"\0", "a"};
    for (size_t i = 0; i < 2; i++) {
        dk_csv_input in;
        dk_csv_input_init(&in);
        assert_true(dk_csv_input_feed(&in, marks[i], 1));
        assert_true(dk_csv_input_may_be_mark(&in));
        assert_true(dk_csv_input_feed(&in, marks[i] + 1, 1));
        assert_true(dk_csv_input_feed(&in, texts[i], 3));
        assert_true(dk_csv_input_pass_mark(&in));
        assert_true(dk_csv_input_feed(&in, rests[i], 1));
        assert_true(in.is_utf16);
        assert_int_equal(4, dk_csv_input_left(&in));
        assert_memory_equal("\xe2\x82\xac"
                            "a",
                            dk_csv_input_here(&in), 4);
        dk_csv_input_free(&in);
    }
}

int csv_input_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_characters_are_counted),
        cmocka_unit_test(a_line_end_may_be_cut),
        cmocka_unit_test(a_byte_order_mark_is_waited_for_and_passed),
        cmocka_unit_test(behind_utf_16s_mark_all_is_utf_16),
    };
    return RUN_SUITE("csv_input", tests);
}
