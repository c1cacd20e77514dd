/* Text as people read it; see text.h. Plain ASCII, which most names are, never reaches utf8proc. */
#include "text.h"
#include "ascii.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

const char *const dk_text_flaw_names[DK_TEXT_FLAWS] = {
    [DK_TEXT_FINE] = "fine",           [DK_TEXT_NOT_UTF8] = "not_utf8",
    [DK_TEXT_SURROGATE] = "surrogate", [DK_TEXT_SPACE] = "space",
    [DK_TEXT_CONTROL] = "control",     [DK_TEXT_INVISIBLE] = "invisible",
    [DK_TEXT_PRIVATE] = "private",     [DK_TEXT_UNASSIGNED] = "unassigned",
};

const char *dk_text_library(void)
{
    return utf8proc_version();
}

typedef struct range {
    uint32_t first, last;
} range;

static bool is_in(uint32_t c, const range *ranges, size_t count)
{
    for (size_t i = 0; i < count && c >= ranges[i].first; i++)
        if (c <= ranges[i].last)
            return true;
    return false;
}

#define IS_IN(c, ranges) is_in(c, ranges, sizeof(ranges) / sizeof *(ranges))

/* Marks that make an accent of their letter. The marks of other scripts (the vowels of Devanagari,
 * the sounds of Kana) make another word, and stay. */
static const range accents[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05C7}, {0x064B, 0x065F}, {0x0670, 0x0670},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F},
};

/* Default_Ignorable_Code_Point (Unicode's DerivedCoreProperties.txt) less those of category Cf. */
static const range ignorable[] = {
    {0x034F, 0x034F}, {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x2065, 0x2065},
    {0x3164, 0x3164}, {0xFE00, 0xFE0F}, {0xFFA0, 0xFFA0}, {0xE0000, 0xE0FFF},
};

#define JOINER         0x200D /* zero width: makes one emoji of two */
#define EMOJI_SELECTOR 0xFE0F /* the character before it is shown as an emoji */
#define IS_SELECTOR(c) ((c) == 0xFE0E || (c) == EMOJI_SELECTOR)
#define IS_SKIN(c)     ((c) >= 0x1F3FB && (c) <= 0x1F3FF) /* changes the emoji before it */

/* The character at the text's start and its length in bytes; 0 where that is not UTF-8. */
static size_t next_character(const char *text, size_t n, uint32_t *c)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t length =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &point);
    if (length <= 0) {
        *c = (unsigned char)*text;
        return 0;
    }
    *c = (uint32_t)point;
    return (size_t)length;
}

/* --- the skeleton ----------------------------------------------------------------------------- */

static bool add_ascii(const char *text, size_t n, dk_buffer *out)
{
    size_t start = out->length, used = start;
    if (!dk_buffer_add(out, text, n))
        return false;
    for (size_t i = start; i < out->length; i++) {
        if (out->data[i] != ' ')
            out->data[used++] = dk_ascii_lower(out->data[i]);
    }
    out->length = used;
    return true;
}

typedef struct confusable {
    uint32_t letter; /* in lower case */
    char like, capital_like;
} confusable;

static const confusable confusables[] = {
#include "confusables.inc"
};

static int compare_letters(const void *left, const void *right)
{
    const confusable *a = left, *b = right;
    return (a->letter > b->letter) - (a->letter < b->letter);
}

static const confusable *confusable_of(uint32_t c)
{
    confusable wanted = {c, 0, 0};
    return bsearch(&wanted, confusables, sizeof confusables / sizeof *confusables, sizeof wanted,
                   compare_letters);
}

static bool has_latin(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (dk_ascii_is_alnum(text[i]) && !dk_ascii_is_digit(text[i]))
            return true;
    return false;
}

typedef struct folding {
    bool latin; /* the text has Latin letters too */
} folding;

/* A utf8proc_custom_func. Some capitals look like a different Latin letter than their lower case
 * does. In a text with Latin letters the capital's look decides; otherwise both cases are one
 * letter. */
static utf8proc_int32_t fold_capital(utf8proc_int32_t c, void *context)
{
    const folding *f = context;
    utf8proc_int32_t small = utf8proc_tolower(c);
    if (!f->latin || c < 0x80 || small == c)
        return c;
    const confusable *found = confusable_of((uint32_t)small);
    return found && found->capital_like != found->like ? found->capital_like : c;
}

static bool add_point(utf8proc_int32_t c, dk_buffer *out)
{
    utf8proc_uint8_t bytes[4];
    if (c == ' ' || IS_IN((uint32_t)c, accents))
        return true;
    const confusable *found = c >= 0x80 ? confusable_of((uint32_t)c) : NULL;
    if (found)
        return dk_buffer_addc(out, found->like);
    utf8proc_ssize_t length = utf8proc_encode_char(c, bytes);
    return dk_buffer_add(out, bytes, length > 0 ? (size_t)length : 0);
}

#define FOLD                                                                                       \
    (utf8proc_option_t)(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |                 \
                        UTF8PROC_IGNORE | UTF8PROC_LUMP)

bool dk_text_skeleton(const char *text, size_t n, dk_buffer *out)
{
    if (dk_utf8_ascii(text, n) == n)
        return add_ascii(text, n, out);
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
    folding f = {has_latin(text, n)};
    utf8proc_ssize_t count =
        utf8proc_decompose_custom(bytes, (utf8proc_ssize_t)n, NULL, 0, FOLD, fold_capital, &f);
    if (count < 0) /* not UTF-8; or longer than memory can be */
        return add_ascii(text, n, out);
    utf8proc_int32_t *points = malloc(((size_t)count + 1) * sizeof *points);
    bool ok = points != NULL;
    if (ok)
        count = utf8proc_decompose_custom(bytes, (utf8proc_ssize_t)n, points, count, FOLD,
                                          fold_capital, &f);
    for (utf8proc_ssize_t i = 0; ok && i < count; i++)
        ok = add_point(points[i], out);
    free(points);
    if (!ok)
        out->failed = true;
    return ok;
}

/* --- what a name may not have ----------------------------------------------------------------- */

static dk_text_flaw broken(const char *text, size_t n, uint32_t *c)
{
    const unsigned char *s = (const unsigned char *)text;
    if (n < 3 || s[0] != 0xED || s[1] < 0xA0 || s[1] > 0xBF || (s[2] & 0xC0) != 0x80)
        return DK_TEXT_NOT_UTF8;
    *c = 0xD000u | (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    return DK_TEXT_SURROGATE;
}

static bool is_letter(uint32_t c)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
}

/* A character by itself; before: the one before it, or 0. */
static dk_text_flaw flaw_of(uint32_t c, uint32_t before)
{
    if (c < 0x80)
        return dk_ascii_is_control((char)c) ? DK_TEXT_CONTROL : DK_TEXT_FINE;
    /* a selector behind a character may mark it as an emoji */
    if (IS_SELECTOR(c) && before && !is_letter(before))
        return DK_TEXT_FINE;
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return DK_TEXT_CONTROL;
    case UTF8PROC_CATEGORY_CF:
        return DK_TEXT_INVISIBLE;
    case UTF8PROC_CATEGORY_CO:
        return DK_TEXT_PRIVATE;
    case UTF8PROC_CATEGORY_CS:
        return DK_TEXT_SURROGATE;
    default:
        break;
    }
    if (IS_IN(c, ignorable))
        return DK_TEXT_INVISIBLE;
    return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_CN ? DK_TEXT_UNASSIGNED
                                                                          : DK_TEXT_FINE;
}

/* Eight bytes at a time: is one of them below 0x20, or 0x7F? Bytes of 0x80 and above are
 * neither. */
static bool word_has_control(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t below = (word - ones * 0x20) & ~word & high;
    uint64_t del = word ^ (ones * 0x7F);
    return below || ((del - ones) & ~del & high);
}

/* Is there one of U+0080 to U+009F, U+2028, U+2029? */
static bool has_wide_control(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i + 1 < n; i++) {
        if (s[i] == 0xC2 && s[i + 1] >= 0x80 && s[i + 1] <= 0x9F)
            return true;
        if (s[i] == 0xE2 && i + 2 < n && s[i + 1] == 0x80 && (s[i + 2] == 0xA8 || s[i + 2] == 0xA9))
            return true;
    }
    return false;
}

bool dk_text_has_control(const char *text, size_t n)
{
    uint64_t high = 0;
    size_t i = 0;
    for (; n - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        if (word_has_control(word))
            return true;
        high |= word & UINT64_C(0x8080808080808080);
    }
    for (; i < n; i++) {
        if (dk_ascii_is_control(text[i]))
            return true;
        high |= (unsigned char)text[i] & 0x80;
    }
    return high && has_wide_control(text, n);
}

static bool is_space(uint32_t c)
{
    return c == ' ' ||
           (c >= 0x80 && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ZS);
}

bool dk_text_has_space(const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t c;
        size_t length = next_character(text + i, n - i, &c);
        if (length && is_space(c))
            return true;
        i += length ? length : 1;
    }
    return false;
}

dk_text_flaw dk_text_check_name(const char *text, size_t n, dk_text_place *place)
{
    uint32_t c = 0, before = 0;
    size_t count = 0, length;
    for (size_t i = 0; i < n; i += length) {
        length = next_character(text + i, n - i, &c);
        dk_text_flaw flaw = length ? flaw_of(c, before) : broken(text + i, n - i, &c);
        bool last = i + length == n;
        count++;
        if (!flaw && (count == 1 || last) && is_space(c))
            flaw = DK_TEXT_SPACE;
        if (flaw) {
            if (place)
                *place = (dk_text_place){c, count, last};
            return flaw;
        }
        before = c;
    }
    return DK_TEXT_FINE;
}

/* --- showing ---------------------------------------------------------------------------------- */

/* How far a text has been measured. */
typedef struct measure {
    uint32_t before;         /* the character before, or 0 */
    uint32_t base;           /* the one that took columns last, or 0 */
    size_t taken;            /* how many these were */
    utf8proc_int32_t breaks; /* of utf8proc: where one character, as people count them, ends */
} measure;

/* The vowels and finals of a Hangul syllable stand in the columns of its initial. */
static bool is_in_syllable(uint32_t c)
{
    return (c >= 0x1160 && c <= 0x11FF) || (c >= 0xD7B0 && c <= 0xD7FF);
}

/* Emoji to come (emoji-data.txt keeps their places): a terminal may know newer ones than utf8proc. */
static bool is_emoji_to_come(uint32_t c)
{
    return c >= 0x1F000 && c <= 0x1FAFF &&
           utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_CN;
}

/* The columns that a character adds to what was measured. */
static size_t width_behind(uint32_t c, const measure *m)
{
    if (c < 0x80)
        return !dk_ascii_is_control((char)c);
    /* in Indic scripts a joiner joins letters that keep their columns */
    if (m->before == JOINER && m->base && !is_letter(m->base))
        return 0;
    if (IS_SKIN(c) && m->taken == 2)
        return 0;
    if (c == EMOJI_SELECTOR)
        return m->taken == 1 && !is_letter(m->before) ? 1 : 0;
    if (is_in_syllable(c))
        return m->base ? 0 : 1;
    if (is_emoji_to_come(c))
        return 2;
    int width = utf8proc_charwidth((utf8proc_int32_t)c);
    if (width > 0)
        return (size_t)width;
    /* utf8proc has 0 for the vowels of Devanagari that stand beside their letter; terminals give them a
     * column, as glibc's wcwidth does */
    return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MC;
}

/* Takes in the character at the text's start -> its length in bytes; columns: those that it adds. */
static size_t measure_next(measure *m, const char *text, size_t n, size_t *columns)
{
    uint32_t c;
    size_t length = next_character(text, n, &c);
    *columns = length ? width_behind(c, m) : 1; /* a replacement character */
    if (*columns && c == EMOJI_SELECTOR) {
        m->taken += *columns;
    } else if (*columns) {
        m->base = c;
        m->taken = *columns;
    }
    m->before = c;
    return length ? length : 1;
}

size_t dk_text_width(const char *text, size_t n)
{
    measure m = {0};
    size_t width = 0, columns;
    for (size_t i = 0; i < n; width += columns)
        i += measure_next(&m, text + i, n - i, &columns);
    return width;
}

/* May a text be cut before c? Not within what people take for one character: an emoji of several, two
 * letters that are a flag, a letter and its accents. */
static bool may_cut_before(measure *m, uint32_t c)
{
    return !m->before || utf8proc_grapheme_break_stateful((utf8proc_int32_t)m->before,
                                                          (utf8proc_int32_t)c, &m->breaks);
}

size_t dk_text_fitting(const char *text, size_t n, size_t columns)
{
    measure m = {0};
    size_t fitting = 0, width = 0, more;
    for (size_t i = 0; i < n;) {
        uint32_t c;
        next_character(text + i, n - i, &c);
        if (may_cut_before(&m, c))
            fitting = i;
        i += measure_next(&m, text + i, n - i, &more);
        width += more;
        if (width > columns)
            return fitting;
    }
    return n;
}

bool dk_text_code_points(const char *text, size_t n, dk_buffer *out)
{
    for (size_t i = 0; i < n && !out->failed;) {
        uint32_t c;
        size_t length = next_character(text + i, n - i, &c);
        dk_buffer_addf(out, length ? "%sU+%04X" : "%s0x%02X", i ? " " : "", (unsigned)c);
        i += length ? length : 1;
    }
    return !out->failed;
}
