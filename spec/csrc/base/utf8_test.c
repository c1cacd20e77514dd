/* csrc/base/utf8.c */
#include "base/utf8.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

#define CHECK(text) dk_utf8_check(text, sizeof text - 1)

static void takes_what_is_well_formed(void **state)
{
    (void)state;
    assert_int_equal(0, dk_utf8_check("", 0));
    assert_int_equal(3, CHECK("a\0b"));
    assert_int_equal(2, CHECK("\xc2\x80"));
    assert_int_equal(3, CHECK("\xe0\xa0\x80"));
    assert_int_equal(3, CHECK("\xed\x9f\xbf"));
    assert_int_equal(3, CHECK("\xee\x80\x80"));
    assert_int_equal(4, CHECK("\xf0\x90\x80\x80"));
    assert_int_equal(4, CHECK("\xf4\x8f\xbf\xbf"));
}

static void tells_where_it_is_not(void **state)
{
    (void)state;
    assert_int_equal(0, CHECK("\x80"));
    assert_int_equal(1, CHECK("a\xc0\x80"));        /* overlong */
    assert_int_equal(0, CHECK("\xc1\xbf"));         /* overlong */
    assert_int_equal(0, CHECK("\xe0\x9f\xbf"));     /* overlong */
    assert_int_equal(0, CHECK("\xf0\x8f\xbf\xbf")); /* overlong */
    assert_int_equal(0, CHECK("\xed\xa0\x80"));     /* a surrogate */
    assert_int_equal(0, CHECK("\xf4\x90\x80\x80")); /* above U+10FFFF */
    assert_int_equal(0, CHECK("\xf5\x80\x80\x80"));
    assert_int_equal(0, CHECK("\xff"));
    assert_int_equal(9, CHECK("123456789\xe2\x82")); /* cut off */
    assert_int_equal(2, CHECK("\xc3\xa4\xc3"));
    assert_int_equal(0, CHECK("\xe2\x82x"));
}

static void finds_a_bad_byte_at_any_place(void **state)
{
    (void)state;
    char text[64];
    for (size_t at = 0; at < sizeof text; at++) {
        memset(text, 'x', sizeof text);
        text[at] = (char)0xfe;
        for (size_t from = 0; from <= at && from < 8; from++)
            assert_int_equal(at - from, dk_utf8_check(text + from, sizeof text - from));
    }
}

static void writes_every_character_as_it_is_read(void **state)
{
    (void)state;
    for (unsigned long c = 0; c <= 0x10FFFF; c++) {
        char bytes[4];
        unsigned long read = 0;
        size_t n = dk_utf8_write(c, bytes), had = dk_utf8_read(bytes, n, &read);
        if (c >= 0xD800 && c <= 0xDFFF)
            assert_int_equal(0, had);
        else if (had != n || read != c)
            fail_msg("U+%04lX", c);
    }
}

static void counts_characters_and_ascii(void **state)
{
    (void)state;
    assert_int_equal(0, dk_utf8_count("", 0));
    assert_int_equal(4, dk_utf8_count("a\xc3\xa4\xf0\x9f\x98\x80z", 8));
    char text[40];
    for (size_t at = 0; at <= sizeof text; at++) {
        memset(text, 'x', sizeof text);
        if (at < sizeof text)
            text[at] = '\x80';
        assert_int_equal(at, dk_utf8_ascii(text, sizeof text));
    }
}

int utf8_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_well_formed),
        cmocka_unit_test(tells_where_it_is_not),
        cmocka_unit_test(finds_a_bad_byte_at_any_place),
        cmocka_unit_test(writes_every_character_as_it_is_read),
        cmocka_unit_test(counts_characters_and_ascii),
    };
    return RUN_SUITE("utf8", tests);
}
