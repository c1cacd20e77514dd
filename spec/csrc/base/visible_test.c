/* csrc/base/visible.c */
#include "base/visible.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

typedef bool shower(dk_buffer *out, const char *text, size_t n);

static void expect(shower *show, const char *text, size_t n, const char *expected)
{
    dk_buffer out = {0};
    assert_true(show(&out, text, n));
    assert_string_equal(expected, TEXT(out));
    dk_buffer_free(&out);
}

#define SHOWN(text, expected) expect(dk_show, text, sizeof text - 1, expected)

static void leaves_what_can_be_seen(void **state)
{
    (void)state;
    SHOWN("", "");
    SHOWN("plain ~", "plain ~");
    SHOWN("J\xc3\xbcrgen \xe5\xb1\xb1 \xf0\x9f\x98\x80",
          "J\xc3\xbcrgen \xe5\xb1\xb1 \xf0\x9f\x98\x80");
    SHOWN("\xd9\x85\xd8\xb1 \xc2\xa0|", "\xd9\x85\xd8\xb1 \xc2\xa0|");
}

static void shows_code_points_of_the_rest(void **state)
{
    (void)state;
    SHOWN("\x1b]0;title\x07", "<U+001B>]0;title<U+0007>");
    SHOWN("a\0b", "a<U+0000>b");
    SHOWN("\x7f|\xc2\x80|\xc2\x9b"
          "2J|\xc2\x9f|",
          "<U+007F>|<U+0080>|<U+009B>2J|<U+009F>|");
    SHOWN("\xe2\x80\xaetxt.exe", "<U+202E>txt.exe");
    SHOWN("a\xe2\x80\x8b"
          "b\xe2\x80\x8d\xef\xbb\xbf",
          "a<U+200B>b<U+200D><U+FEFF>");
    SHOWN("\xe2\x80\xa8\xe2\x81\xa6\xc2\xad", "<U+2028><U+2066><U+00AD>");
    SHOWN("\xf3\xa0\x81\x81", "<U+E0041>");
    SHOWN("\xe3\x85\xa4", "<U+3164>");
}

static void shows_bytes_that_are_no_text(void **state)
{
    (void)state;
    SHOWN("\x9b"
          "2J \xe9t\xe9 \xc3",
          "<0x9B>2J <0xE9>t<0xE9> <0xC3>");
    SHOWN("\xed\xa0\x80", "<0xED><0xA0><0x80>");
}

static void keeps_lines_or_makes_one(void **state)
{
    (void)state;
    static const char text[] = "one\ntwo\r\n\tthree\rfour\r";
    expect(dk_show_lines, text, sizeof text - 1, "one\ntwo\r\n\tthree<U+000D>four<U+000D>");
    expect(dk_show, text, sizeof text - 1, "one two   three<U+000D>four<U+000D>");
}

int visible_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_what_can_be_seen),
        cmocka_unit_test(shows_code_points_of_the_rest),
        cmocka_unit_test(shows_bytes_that_are_no_text),
        cmocka_unit_test(keeps_lines_or_makes_one),
    };
    return RUN_SUITE("visible", tests);
}
