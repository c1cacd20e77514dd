/* csrc/base/utf16.c */
#include "base/utf16.h"
#include "spec/csrc/support/suites.h"

/* Decodes what comes in pieces of that many bytes. */
static void decode(dk_utf16 *from, const char *bytes, size_t n, size_t piece, dk_buffer *out)
{
    dk_buffer_clear(out);
    for (size_t at = 0; at < n; at += piece)
        assert_true(dk_utf16_decode(from, bytes + at, n - at < piece ? n - at : piece, out));
}

static void is_read_however_it_is_cut(void **state)
{
    (void)state;
    /* a, e acute, the euro sign, U+1F600 */
    static const char little[] = "a\0\xe9\0\xac\x20\x3d\xd8\x00\xde";
    static const char big[] = "\0a\0\xe9\x20\xac\xd8\x3d\xde\x00";
    dk_buffer out = {0};
    for (size_t piece = 1; piece <= 10; piece++) {
        dk_utf16 from = {0}, high_first = {.big = true};
        decode(&from, little, 10, piece, &out);
        assert_string_equal("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", TEXT(out));
        assert_false(dk_utf16_is_cut(&from));
        decode(&high_first, big, 10, piece, &out);
        assert_string_equal("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", TEXT(out));
    }
    dk_buffer_free(&out);
}

static void half_a_pair_stays_visible(void **state)
{
    (void)state;
    dk_buffer out = {0};
    dk_utf16 from = {0};
    decode(&from,
           "\x3d\xd8"
           "a\0",
           4, 4, &out);
    assert_string_equal("\xed\xa0\xbd"
                        "a",
                        TEXT(out)); /* what a check for UTF-8 refuses */
    decode(&from, "\x00\xde", 2, 2, &out);
    assert_string_equal("\xed\xb8\x80", TEXT(out));
    dk_buffer_free(&out);
}

static void knows_that_a_character_is_not_whole(void **state)
{
    (void)state;
    dk_buffer out = {0};
    dk_utf16 from = {0};
    decode(&from, "a", 1, 1, &out);
    assert_true(dk_utf16_is_cut(&from));
    decode(&from, "\0\x3d\xd8", 3, 3, &out);
    assert_string_equal("a", TEXT(out));
    assert_true(dk_utf16_is_cut(&from));
    decode(&from, "\x00\xde", 2, 1, &out);
    assert_false(dk_utf16_is_cut(&from));
    dk_buffer_free(&out);
}

int utf16_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_however_it_is_cut),
        cmocka_unit_test(half_a_pair_stays_visible),
        cmocka_unit_test(knows_that_a_character_is_not_whole),
    };
    return RUN_SUITE("utf16", tests);
}
