/* csrc/http/json_scan.c */
#include "http/json_scan.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

/* what is carried where the locale's decimal point is a comma */
#define CARRIED                                                                                    \
    (DK_JSON_EMPTY_ARRAY | DK_JSON_INTEGER | DK_JSON_BIG_INTEGER | DK_JSON_OTHER_NUMBER |          \
     DK_JSON_HALF_CHARACTER)

static dk_json_scan look(const char *text)
{
    return dk_json_look(text, strlen(text));
}

static void expect_found(const char *text, int flags)
{
    dk_json_scan scan = look(text);
    if (scan.why)
        fail_msg("%s: refused: %s", text, scan.why);
    if (scan.found != flags)
        fail_msg("%s: found %d, not %d", text, scan.found, flags);
}

static void finds_what_decoders_differ_in(void **state)
{
    (void)state;
    expect_found("{}", 0);
    expect_found("", 0);
    expect_found("{\"a\":null}", DK_JSON_NULL);
    expect_found("{\"a\":\"null\"}", 0);
    expect_found("[]", DK_JSON_EMPTY_ARRAY);
    expect_found("[ \r\n\t ]", DK_JSON_EMPTY_ARRAY);
    expect_found("[1]", DK_JSON_INTEGER);
    expect_found("[-0]", DK_JSON_INTEGER);
    expect_found("[999999999999999]", DK_JSON_INTEGER);
    expect_found("[1000000000000000]", DK_JSON_BIG_INTEGER);
    expect_found("[1.5,1e3,1E-3,-1.5e+10]", DK_JSON_OTHER_NUMBER);
    expect_found("\"\\u0000\"", DK_JSON_NUL);
    expect_found("\"\\\\u0000\"", 0);
    expect_found("\"\\\\\\u0000\"", DK_JSON_NUL);
    expect_found("[\"[]\",\"5\",\"\\\"[]\"]", 0);
    expect_found("[true,false]", 0);
    expect_found("\"\\ud83d\\ude00\"", 0);
    expect_found("\"\\uD83D\\uDE00\\ud83d\"", DK_JSON_HALF_CHARACTER);
    expect_found("\"\\ude00\"", DK_JSON_HALF_CHARACTER);
    expect_found("\"\\ud83d\\ud83d\\ude00\"", DK_JSON_HALF_CHARACTER);
    expect_found("\"\\\\ud83d\"", 0);
    expect_found("\"\\ud83\"", 0);
}

static void refuses_what_decoders_wrongly_take(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "[NaN]", "[Infinity]", "[-Infinity]", "[0x10]", "[01]",   "[-01]", "[1.]",  "[.5]",  "[1e]",
        "[1e+]", "[+1]",       "[-]",         "[nul]",  "[True]", "[1a]",  "[inf]", "<html>"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dk_json_scan scan = look(bad[i]);
        if (!scan.why)
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(1, scan.at);
    }
}

static void refuses_what_is_not_utf8(void **state)
{
    (void)state;
    dk_json_scan scan = look("[\"ab\xff\"]");
    assert_non_null(scan.why);
    assert_int_equal(4, scan.at);
}

static void ends_with_the_text(void **state)
{
    (void)state;
    /* every prefix of a text: valgrind and ASan see what is read behind the end */
    static const char text[] =
        "{\"a\\\"\\u0000\": [ ], \"b\":[-12.5e+3, null,1234567890123456789]}";
    for (size_t n = 0; n < sizeof text; n++) {
        char *copy = test_malloc(n + 1);
        memcpy(copy, text, n);
        dk_json_look(copy, n);
        dk_buffer out = {0};
        assert_true(dk_json_mark(copy, n, ~0, "\\u00000", &out));
        dk_buffer_free(&out);
        test_free(copy);
    }
}

static void expect_marked(const char *text, const char *expected)
{
    dk_buffer out = {0};
    assert_true(dk_json_mark(text, strlen(text), CARRIED, "M", &out));
    assert_string_equal(expected, TEXT(out));
    dk_buffer_free(&out);
}

static void marks(void **state)
{
    (void)state;
    expect_marked("{}", "{}");
    expect_marked("[]", "[\"Ma\"]");
    expect_marked("{\"a\": [ ], \"b\":[[]]}", "{\"a\": [\"Ma\"], \"b\":[[\"Ma\"]]}");
    expect_marked("[1,1234567890123456,-1234567890123456]",
                  "[\"Mn1\",\"Mn1234567890123456\",\"Mn-1234567890123456\"]");
    expect_marked("[\"[]\",\"1234567890123456\",1234567890123456.5, -1E+3]",
                  "[\"[]\",\"1234567890123456\",\"Mn1234567890123456.5\", \"Mn-1E+3\"]");
    expect_marked("[\"a\\ud83d\\n\\\\ud83d\\ud83d\\ude00\\ude00\"]",
                  "[\"a\\ufffd\\n\\\\ud83d\\ud83d\\ude00\\ufffd\"]");
}

static void marks_only_what_is_carried(void **state)
{
    (void)state;
    static const char text[] = "[[],1,1.5,1234567890123456,\"\\ud83d\"]";
    dk_buffer out = {0};
    assert_true(dk_json_mark(text, sizeof text - 1, DK_JSON_BIG_INTEGER, "M", &out));
    assert_string_equal("[[],1,1.5,\"Mn1234567890123456\",\"\\ud83d\"]", TEXT(out));
    dk_buffer_free(&out);
}

static void chooses_a_mark_that_is_not_there(void **state)
{
    (void)state;
    char mark[DK_JSON_MARK];
    dk_buffer text = {0};
    dk_json_choose_mark("", 0, mark);
    assert_string_equal("\\u00000", mark);
    dk_json_choose_mark("\\u0000", 6, mark);
    assert_string_equal("\\u00000", mark);
    for (int i = 0; i < 1234; i++) {
        dk_buffer_addf(&text, "\\u0000%d", i);
        dk_json_choose_mark(text.data, text.length, mark);
        assert_null(strstr(TEXT(text), mark));
        assert_true(strlen(mark) <= 10);
    }
    dk_buffer_free(&text);
}

int json_scan_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_decoders_differ_in),
        cmocka_unit_test(refuses_what_decoders_wrongly_take),
        cmocka_unit_test(refuses_what_is_not_utf8),
        cmocka_unit_test(ends_with_the_text),
        cmocka_unit_test(marks),
        cmocka_unit_test(marks_only_what_is_carried),
        cmocka_unit_test(chooses_a_mark_that_is_not_there),
    };
    return RUN_SUITE("json_scan", tests);
}
