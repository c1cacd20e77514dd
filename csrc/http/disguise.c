/* Encodings taken off a text; see disguise.h. */
#include "disguise.h"

#include "base/ascii.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

/* --- characters ------------------------------------------------------------------------------- */

/* RFC 4648, 4 and 5: the two alphabets differ in their last two characters. */
static int base64_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' || c == '-' ? 62
           : c == '/' || c == '_' ? 63
                                  : -1;
}

/* --- escapes ---------------------------------------------------------------------------------- */

/* \uXXXX, or two of them that are one character outside the first plane */
static size_t read_unicode(const char *s, size_t left, char out[4], size_t *n)
{
    long c = dk_hex_number(s + 2, left - 2, 4);
    size_t length = 6;
    if (c < 0)
        return 0;
    if (c >= 0xd800 && c < 0xdc00 && left >= 12 && s[6] == '\\' && s[7] == 'u') {
        long low = dk_hex_number(s + 8, left - 8, 4);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            length = 12;
        }
    }
    *n = dk_utf8_write((unsigned long)c, out);
    return length;
}

static size_t read_backslash(const char *s, size_t left, char out[4], size_t *n)
{
    static const char letters[] = "\"\\/'bfnrt", meanings[] = "\"\\/'\b\f\n\r\t";
    if (left < 2 || s[0] != '\\' || !s[1])
        return 0;
    const char *letter = strchr(letters, s[1]);
    if (letter) {
        out[0] = meanings[letter - letters];
        *n = 1;
        return 2;
    }
    if (s[1] == 'u')
        return read_unicode(s, left, out, n);
    long c = s[1] == 'x' ? dk_hex_number(s + 2, left - 2, 2) : -1;
    if (c < 0)
        return 0;
    out[0] = (char)c;
    *n = 1;
    return 4;
}

static size_t read_percent(const char *s, size_t left, char out[4], size_t *n)
{
    long c = s[0] == '%' ? dk_hex_number(s + 1, left - 1, 2) : -1;
    if (c < 0)
        return 0;
    out[0] = (char)c;
    *n = 1;
    return 3;
}

static size_t read_form_word(const char *s, size_t left, char out[4], size_t *n)
{
    if (s[0] != '+')
        return read_percent(s, left, out, n);
    out[0] = ' ';
    *n = 1;
    return 1;
}

/* HTML's names for what is in ASCII and no letter or digit:
 * https://html.spec.whatwg.org/multipage/named-characters.html */
static const struct {
    const char *name;
    char c;
} entities[] = {
    {"amp", '&'},    {"lt", '<'},     {"gt", '>'},     {"quot", '"'},     {"apos", '\''},
    {"AMP", '&'},    {"LT", '<'},     {"GT", '>'},     {"QUOT", '"'},     {"nbsp", ' '},
    {"excl", '!'},   {"num", '#'},    {"dollar", '$'}, {"percnt", '%'},   {"lpar", '('},
    {"rpar", ')'},   {"ast", '*'},    {"midast", '*'}, {"plus", '+'},     {"comma", ','},
    {"period", '.'}, {"sol", '/'},    {"colon", ':'},  {"semi", ';'},     {"equals", '='},
    {"quest", '?'},  {"commat", '@'}, {"lsqb", '['},   {"lbrack", '['},   {"bsol", '\\'},
    {"rsqb", ']'},   {"rbrack", ']'}, {"Hat", '^'},    {"lowbar", '_'},   {"grave", '`'},
    {"lcub", '{'},   {"lbrace", '{'}, {"verbar", '|'}, {"vert", '|'},     {"VerticalLine", '|'},
    {"rcub", '}'},   {"rbrace", '}'}, {"Tab", '\t'},   {"NewLine", '\n'},
};

/* &#34; and &#x22;, with leading zeros as well: [s, end) is between the # and the ; */
static long read_number(const char *s, const char *end)
{
    int base = s < end && (*s | 0x20) == 'x' ? 16 : 10;
    long c = 0;
    if (base == 16)
        s++;
    if (s == end)
        return -1;
    for (; s < end; s++) {
        int digit = dk_hex_value(*s);
        if (digit < 0 || digit >= base || c > 0x10ffff)
            return -1;
        c = c * base + digit;
    }
    return c > 0 && c <= 0x10ffff ? c : -1;
}

static size_t read_entity(const char *s, size_t left, char out[4], size_t *n)
{
    const char *end = s[0] == '&' ? memchr(s, ';', left < 16 ? left : 16) : NULL;
    if (!end)
        return 0;
    size_t length = (size_t)(end - s) - 1;
    if (length && s[1] == '#') {
        long c = read_number(s + 2, end);
        *n = c > 0 ? dk_utf8_write((unsigned long)c, out) : 0;
        return c > 0 ? length + 2 : 0;
    }
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (strlen(entities[i].name) == length && memcmp(s + 1, entities[i].name, length) == 0) {
            out[0] = entities[i].c;
            *n = 1;
            return length + 2;
        }
    return 0;
}

/* What each encoding's escapes begin with, and who reads them. */
static const struct {
    char begins;
    size_t (*read)(const char *s, size_t left, char out[4], size_t *n);
} encodings[DK_ENCODINGS] = {
    [DK_BACKSLASHES] = {'\\', read_backslash},
    [DK_PERCENTS] = {'%', read_percent},
    [DK_FORM_WORDS] = {'+', read_form_word},
    [DK_ENTITIES] = {'&', read_entity},
};

size_t dk_escape_read(dk_encoding encoding, const char *s, size_t left, char out[4], size_t *n)
{
    return encodings[encoding].read(s, left, out, n);
}

/* --- views ------------------------------------------------------------------------------------ */

dk_span dk_view_span(const dk_view *view, size_t from, size_t to)
{
    if (!view->spans)
        return (dk_span){from, to};
    return (dk_span){view->spans[from].from, view->spans[to - 1].to};
}

/* Nothing that is taken off makes a text longer, but for the NULs between runs: there is room for
 * twice as much. */
static bool begin(const dk_view *in, size_t room, dk_view *out, bool *failed)
{
    *out = (dk_view){.room = room};
    out->bytes = out->decoded = in->length ? malloc(room) : NULL;
    out->spans = out->decoded ? malloc(room * sizeof *out->spans) : NULL;
    *failed |= in->length && !out->spans;
    if (!out->spans)
        dk_view_free(out);
    return out->spans != NULL;
}

/* Takes the byte that stands for [from, to) of the view before. */
static void put(dk_view *out, char c, const dk_view *in, size_t from, size_t to)
{
    out->spans[out->length] = dk_view_span(in, from, to);
    out->decoded[out->length++] = c;
}

bool dk_view_decode(const dk_view *in, dk_encoding encoding, dk_view *out, bool *failed)
{
    char begins = encodings[encoding].begins;
    bool any = false;
    if (!memchr(in->bytes, begins, in->length) || !begin(in, in->length, out, failed))
        return false;
    for (size_t at = 0; at < in->length;) {
        char c = in->bytes[at], bytes[4];
        size_t n = 0, length = 0;
        if (c == begins || (c == '%' && encoding == DK_FORM_WORDS))
            length = dk_escape_read(encoding, in->bytes + at, in->length - at, bytes, &n);
        any |= length > 0;
        for (size_t i = 0; i < n && length; i++)
            put(out, bytes[i], in, at, at + length);
        if (!length) {
            put(out, c, in, at, at + 1);
            length = 1;
        }
        at += length;
    }
    if (!any)
        dk_view_free(out);
    return any;
}

/* Where the run that begins at `at` ends, and how many characters it has. */
static size_t run_end(const dk_view *in, int (*value)(char), size_t at, size_t *count)
{
    for (*count = 0; at < in->length; at++) {
        if (value(in->bytes[at]) >= 0)
            ++*count;
        else if (!*count || !dk_ascii_is_line_end(in->bytes[at]))
            break;
    }
    return at;
}

/* Each character but the first of a group makes a byte with the one before it: of that it takes the
 * bits that are left over, all six or four of them at most. */
static void unpack_run(const dk_view *in, int bits, size_t skip, size_t at, size_t end,
                       dk_view *out)
{
    int (*value)(char) = bits == 6 ? base64_value : dk_hex_value;
    int group = bits == 6 ? 4 : 2, place = 0, before = 0;
    size_t from = at;
    for (; at < end; at++) {
        int now = value(in->bytes[at]);
        if (now < 0)
            continue; /* a line end */
        if (skip) {
            skip--;
            continue;
        }
        int taken = bits == 6 ? 2 * place : 4;
        if (place)
            put(out, (char)(before << taken | now >> (bits - taken)), in, from, at + 1);
        before = now;
        from = at;
        place = (place + 1) % group;
    }
}

bool dk_view_unpack(const dk_view *in, int bits, size_t skip, size_t least, dk_view *out,
                    bool *failed)
{
    int (*value)(char) = bits == 6 ? base64_value : dk_hex_value;
    *out = (dk_view){0};
    for (size_t at = 0, end, count; at<in->length; at = end> at ? end : at + 1) {
        end = run_end(in, value, at, &count);
        if (count < least)
            continue;
        if (!out->room && !begin(in, 2 * in->length, out, failed))
            return false;
        unpack_run(in, bits, skip, at, end, out);
        put(out, '\0', in, end - 1, end);
    }
    return out->room > 0;
}

void dk_view_free(dk_view *view)
{
    if (view->decoded)
        dk_wipe(view->decoded, view->length);
    free(view->decoded);
    free(view->spans);
    *view = (dk_view){0};
}
