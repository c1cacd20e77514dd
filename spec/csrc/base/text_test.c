/* csrc/base/text.c */
#include "spec/csrc/support/alloc.h"
#include "base/text.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static const char *skeleton(const char *text, dk_buffer *out)
{
    out->length = 0;
    assert_true(dk_text_skeleton(text, strlen(text), out));
    return dk_buffer_string(out);
}

/* Each line: names that a person takes for one. */
static const char *const alike[][6] = {
    {"Ada Byron", "ada byron", "ADA  BYRON", "AdaByron",
     "Ada\xc2\xa0"
     "Byron",
     "Ada\xe3\x80\x80"
     "Byron"},
    {"\xc3\x89"
     "cole", /* composed, decomposed, small, without an accent */
     "E\xcc\x81"
     "cole",
     "\xc3\xa9"
     "cole",
     "ecole"},
    {"ada@x.com",
     "\xd0\xb0"
     "da@x.com",         /* Cyrillic a */
     "ad\xce\xb1@x.com", /* Greek alpha */
     "a\xe2\x80\x8b"
     "da@x.com", /* zero width space */
     "ad\xc2\xad"
     "a@x.com",                                     /* soft hyphen */
     "\xef\xbd\x81\xef\xbd\x84\xef\xbd\x81@x.com"}, /* full width */
    {"HATE", "\xd0\x9d\xd0\x90\xd0\xa2\xd0\x95", "\xd0\xbd\xd0\xb0\xd1\x82\xd0\xb5",
     "\xce\x97\xce\x91\xce\xa4\xce\x95"},
    {"Nick", "\xce\x9d"
             "ick"},                             /* a Greek capital nu among Latin letters */
    {"\xce\x9d\xce\x99\xce\x9a\xce\x9f\xce\xa3", /* and in a word of its own, its cases */
     "\xce\xbd\xce\xb9\xce\xba\xce\xbf\xcf\x83", "\xce\xbd\xce\xb9\xce\xba\xce\xbf\xcf\x82"},
    {"stra\xc3\x9f"
     "e",
     "STRASSE",
     "Stra\xe1\xba\x9e"
     "e"},
    {"a-b",
     "a\xe2\x80\x93"
     "b",
     "a\xe2\x80\x90"
     "b"},
    {"S\xc3\xb8ren", "Soren", "soren"},
    {"\xec\x95\x88", "\xe1\x84\x8b\xe1\x85\xa1\xe1\x86\xab"}, /* Hangul in one and in three */
    {"\xe2\x9d\xa4 Team", "\xe2\x9d\xa4\xef\xb8\x8f Team"},
};

static void takes_for_one_what_people_do(void **state)
{
    dk_buffer first = {0}, other = {0};
    (void)state;
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        for (size_t k = 1; k < 6 && alike[i][k]; k++)
            assert_string_equal(skeleton(alike[i][0], &first), skeleton(alike[i][k], &other));
    dk_buffer_free(&first);
    dk_buffer_free(&other);
}

/* Each pair: two names, whatever they share. */
static const char *const apart[][2] = {
    {"ada", "adb"},
    {"account-1", "account-l"},
    {"a0", "ao"},
    {"vat", "nat"},
    {"a_b", "a-b"},
    {"a.b", "ab"},
    {"\xe3\x81\x8b\xe3\x81\x8d", "\xe3\x81\x8c\xe3\x81\x8d"}, /* Kana with and without a voice */
    {"\xe0\xa4\xb0\xe0\xa4\xbe\xe0\xa4\xae",
     "\xe0\xa4\xb0\xe0\xa5\x8b\xe0\xa4\xae"}, /* Devanagari */
    {"\xe6\x9d\xb1", "\xe4\xba\xac"},
    {"\xff", "\xfe"},
};

static void tells_apart_what_people_do(void **state)
{
    dk_buffer first = {0}, other = {0};
    (void)state;
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        assert_string_not_equal(skeleton(apart[i][0], &first), skeleton(apart[i][1], &other));
    dk_buffer_free(&first);
    dk_buffer_free(&other);
}

/* What is no UTF-8 has a skeleton too, and a skeleton is its own. */
static void makes_a_skeleton_of_anything(void **state)
{
    dk_buffer once = {0}, twice = {0};
    (void)state;
    assert_string_equal("a\xff", skeleton("A \xff", &once));
    assert_string_equal("", skeleton("", &once));
    assert_string_equal("", skeleton("\xe2\x80\x8b", &once));
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        skeleton(alike[i][0], &once);
        assert_string_equal(TEXT(once), skeleton(TEXT(once), &twice));
    }
    dk_buffer_free(&once);
    dk_buffer_free(&twice);
}

typedef struct flawed {
    const char *text;
    dk_text_flaw flaw;
    uint32_t code_point;
    size_t character;
    bool last;
} flawed;

static const flawed flaws[] = {
    {"ada@example.com", DK_TEXT_FINE, 0, 0, false},
    {"Zo\xc3\xab van der B", DK_TEXT_FINE, 0, 0, false},
    {"inner\xc2\xa0space", DK_TEXT_FINE, 0, 0, false},
    {"\xe2\x9d\xa4\xef\xb8\x8f", DK_TEXT_FINE, 0, 0, false}, /* a heart shown as an emoji */
    {"", DK_TEXT_FINE, 0, 0, false},
    {" a", DK_TEXT_SPACE, ' ', 1, false},
    {"a ", DK_TEXT_SPACE, ' ', 2, true},
    {"a\xc2\xa0", DK_TEXT_SPACE, 0xA0, 2, true},
    {"\xe3\x80\x80"
     "a",
     DK_TEXT_SPACE, 0x3000, 1, false},
    {"a\tb", DK_TEXT_CONTROL, '\t', 2, false},
    {"a\x7f", DK_TEXT_CONTROL, 0x7F, 2, true},
    {"\xc3\xa9\xc2\x85", DK_TEXT_CONTROL, 0x85, 2, true},
    {"a\xe2\x80\xa8"
     "b",
     DK_TEXT_CONTROL, 0x2028, 2, false},
    {"a\xe2\x80\x8b", DK_TEXT_INVISIBLE, 0x200B, 2, true},
    {"\xef\xbb\xbf"
     "a",
     DK_TEXT_INVISIBLE, 0xFEFF, 1, false},
    {"a\xe2\x80\xae"
     "b",
     DK_TEXT_INVISIBLE, 0x202E, 2, false}, /* bidi */
    {"a\xe3\x85\xa4"
     "b",
     DK_TEXT_INVISIBLE, 0x3164, 2, false}, /* Hangul filler */
    {"a\xef\xb8\x8f", DK_TEXT_INVISIBLE, 0xFE0F, 2, true},
    {"a\xf3\xa0\x81\x81", DK_TEXT_INVISIBLE, 0xE0041, 2, true}, /* a tag */
    {"\xee\x80\x80", DK_TEXT_PRIVATE, 0xE000, 1, true},
    {"\xcd\xb8", DK_TEXT_UNASSIGNED, 0x0378, 1, true},
    {"\xed\xa0\xbd", DK_TEXT_SURROGATE, 0xD83D, 1, false},
    {"a\xff"
     "b",
     DK_TEXT_NOT_UTF8, 0xFF, 2, false},
};

static void finds_what_nobody_sees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
        const flawed *f = &flaws[i];
        dk_text_place place = {0, 0, false};
        assert_int_equal(f->flaw, dk_text_check_name(f->text, strlen(f->text), &place));
        assert_int_equal(f->code_point, place.code_point);
        assert_int_equal(f->character, place.character);
        if (f->flaw != DK_TEXT_SURROGATE)
            assert_int_equal(f->last, place.last);
        assert_int_equal(f->flaw, dk_text_check_name(f->text, strlen(f->text), NULL));
    }
}

static void counts_columns(void **state)
{
    (void)state;
#define WIDTH(text) dk_text_width(text, sizeof text - 1)
    assert_int_equal(0, WIDTH(""));
    assert_int_equal(5, WIDTH("a b c"));
    assert_int_equal(4, WIDTH("caf\xc3\xa9"));
    assert_int_equal(4, WIDTH("cafe\xcc\x81"));
    assert_int_equal(6, WIDTH("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"));
    assert_int_equal(2, WIDTH("\xef\xbc\xa1"));
    assert_int_equal(0, WIDTH("\xe2\x80\x8b"));
    assert_int_equal(2, WIDTH("\xf0\x9f\x98\x80"));
    assert_int_equal(2, WIDTH("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb")); /* two joined */
    assert_int_equal(2, WIDTH("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"));             /* with a skin */
    assert_int_equal(2, WIDTH("\xe2\x9d\xa4\xef\xb8\x8f"));
    assert_int_equal(2, WIDTH("a\xff"));
    assert_int_equal(2, WIDTH("\xf0\x9f\x87\xaf\xf0\x9f\x87\xb5"));     /* a flag */
    assert_int_equal(2, WIDTH("1\xef\xb8\x8f\xe2\x83\xa3"));            /* a key cap */
    assert_int_equal(2, WIDTH("\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8")); /* Hangul in three */
    assert_int_equal(
        2, WIDTH("\xe2\x9d\xa4\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x94\xa5")); /* a heart on fire */
    assert_int_equal(2, WIDTH("\xf0\x9f\xaa\xbf"));                        /* a newer emoji */
    assert_int_equal(2, WIDTH("\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7")); /* Devanagari */
    assert_int_equal(2, WIDTH("\xe0\xa4\x95\xe0\xa4\xbf")); /* with a vowel beside it */
#undef WIDTH
}

/* Each: a text, the columns there are, and the bytes of it that fit. */
static const struct {
    const char *text;
    size_t columns, bytes;
} fittings[] = {
    {"", 0, 0},
    {"abc", 0, 0},
    {"abc", 2, 2},
    {"abc", 3, 3},
    {"abc", SIZE_MAX, 3},
    {"\xe6\x97\xa5\xe6\x9c\xac", 3, 3},
    {"e\xcc\x81"
     "a",
     1, 3},                                                  /* a letter and its accent */
    {"a\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", 2, 1}, /* two emoji that are one */
    {"a\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", 3, 12},
    {"\xf0\x9f\x87\xaf\xf0\x9f\x87\xb5x", 1, 0}, /* a flag */
    {"\xe2\x9d\xa4\xef\xb8\x8f", 1, 0},          /* takes two as an emoji */
    {"\xff\xfe", 1, 1},
};

static void cuts_between_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fittings / sizeof *fittings; i++)
        assert_int_equal(
            fittings[i].bytes,
            dk_text_fitting(fittings[i].text, strlen(fittings[i].text), fittings[i].columns));
}

static void shows_code_points(void **state)
{
    dk_buffer out = {0};
    (void)state;
    assert_true(dk_text_code_points("a\xc2\xa0\xf0\x9f\x98\x80\xff", 8, &out));
    assert_string_equal("U+0061 U+00A0 U+1F600 0xFF", TEXT(out));
    dk_buffer_free(&out);
}

static void survives_any_allocation_that_fails(void **state)
{
    const char *text = "\xd0\xb0\xc3\x89 B";
    unsigned long n = 0;
    bool whole;
    (void)state;
    do {
        dk_buffer out = {0};
        long before = alloc_in_use();
        alloc_fail_at(++n, false);
        whole = dk_text_skeleton(text, strlen(text), &out) &&
                dk_text_code_points(text, strlen(text), &out);
        alloc_fail_none();
        assert_int_equal(!whole, out.failed);
        dk_buffer_free(&out);
        assert_int_equal(before, alloc_in_use());
    } while (!whole);
    assert_true(n > 2);
}

static void finds_a_control_character_at_any_place(void **state)
{
    char text[40];
    (void)state;
    for (int c = 0; c < 256; c++)
        for (size_t i = 0; i < sizeof text; i++) {
            memset(text, 0xFF, sizeof text);
            text[i] = (char)c;
            assert_int_equal(c < 0x20 || c == 0x7F, dk_text_has_control(text, sizeof text));
        }
    assert_true(dk_text_has_control("a\xc2\x9b", 3));    /* C1 */
    assert_true(dk_text_has_control("\xe2\x80\xa8", 3)); /* a separator of lines */
    assert_false(dk_text_has_control("\xc2\xa0\xe2\x80\xa6", 5));
    assert_false(dk_text_has_control("\xe2\x80", 2));
}

int text_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_control_character_at_any_place),
        cmocka_unit_test(takes_for_one_what_people_do),
        cmocka_unit_test(tells_apart_what_people_do),
        cmocka_unit_test(makes_a_skeleton_of_anything),
        cmocka_unit_test(finds_what_nobody_sees),
        cmocka_unit_test(counts_columns),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(shows_code_points),
        cmocka_unit_test(survives_any_allocation_that_fails),
    };
    return RUN_SUITE("text", tests);
}
