/* A look over a JSON text; see json_scan.h. */
#include "json_scan.h"

#include "base/hex.h"
#include "base/utf8.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SAFE_DIGITS 15 /* 10^15 < 2^53: exact in a double, whatever the digits */

typedef enum token { END, STRING, NUMBER, LITERAL, PUNCTUATION } token;

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What stands between the tokens that are looked at: whether it stands there rightly the decoder
 * finds out. */
static const bool passed_over[UCHAR_MAX + 1] = {
    [' '] = true, ['\t'] = true, ['\n'] = true, ['\r'] = true, [','] = true,
    [':'] = true, ['{'] = true,  ['}'] = true,  [']'] = true,
};

static bool is_word(char c)
{
    return dk_ascii_is_alnum(c) || c == '.' || c == '+' || c == '-' || c == '_';
}

static bool is_escaped(const char *text, size_t from, size_t at)
{
    size_t backslashes = 0;
    while (at - backslashes > from && text[at - backslashes - 1] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

/* The index behind the quote that ends a string, whose inside begins at `from`. */
static size_t behind_string(const char *text, size_t n, size_t from)
{
    for (size_t at = from; at < n; at++) {
        const char *quote = memchr(text + at, '"', n - at);
        if (!quote)
            return n;
        at = (size_t)(quote - text);
        if (!is_escaped(text, from, at))
            return at + 1;
    }
    return n;
}

/* The token at or behind *i: from *start to *i. */
static token next_token(const char *text, size_t n, size_t *i, size_t *start)
{
    size_t at = *i;
    while (at < n && passed_over[(unsigned char)text[at]])
        at++;
    *start = at;
    if (at == n) {
        *i = at;
        return END;
    }
    if (text[at] == '"') {
        *i = behind_string(text, n, at + 1);
        return STRING;
    }
    if (!is_word(text[at])) {
        *i = at + 1;
        return PUNCTUATION;
    }
    token kind = dk_ascii_is_digit(text[at]) || text[at] == '-' ? NUMBER : LITERAL;
    while (at < n && is_word(text[at]))
        at++;
    *i = at;
    return kind;
}

static size_t skip_digits(const char *text, size_t at, size_t end)
{
    while (at < end && dk_ascii_is_digit(text[at]))
        at++;
    return at;
}

/* The flag of a number, or 0 where it is none by RFC 8259's grammar. */
static int number_flag(const char *text, size_t at, size_t end)
{
    if (text[at] == '-')
        at++;
    size_t whole = at;
    at = skip_digits(text, at, end);
    size_t digits = at - whole;
    if (digits == 0 || (digits > 1 && text[whole] == '0'))
        return 0;
    if (at == end)
        return digits <= SAFE_DIGITS ? DK_JSON_INTEGER : DK_JSON_BIG_INTEGER;
    if (text[at] == '.') {
        size_t fraction = ++at;
        at = skip_digits(text, at, end);
        if (at == fraction)
            return 0;
    }
    if (at < end && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < end && (text[at] == '+' || text[at] == '-'))
            at++;
        size_t exponent = at;
        at = skip_digits(text, at, end);
        if (at == exponent)
            return 0;
    }
    return at == end ? DK_JSON_OTHER_NUMBER : 0;
}

static bool is(const char *text, size_t start, size_t end, const char *word)
{
    size_t n = strlen(word);
    return end - start == n && memcmp(text + start, word, n) == 0;
}

/* Is the "[" at `start` followed by its "]"? Then the index behind that, else 0. */
static size_t empty_array(const char *text, size_t n, size_t start)
{
    if (text[start] != '[')
        return 0;
    for (size_t at = start + 1; at < n; at++) {
        if (text[at] == ']')
            return at + 1;
        if (!is_space(text[at]))
            return 0;
    }
    return 0;
}

/* The four hexadecimal digits of the \u escape whose backslash is at `at`; -1: they are none. */
static int escaped_unit(const char *text, size_t at, size_t end)
{
    if (end - at < 6 || text[at + 1] != 'u')
        return -1;
    return (int)dk_hex_number(text + at + 2, 4, 4);
}

static bool is_high_surrogate(int unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low_surrogate(int unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

/* The next escape of a string at or behind *i: its flag, or 0 where it is one that every decoder
 * reads alike; from *start to *i. False: there is none up to `end`. */
static bool next_escape(const char *text, size_t end, size_t *i, size_t *start, int *flag)
{
    const char *backslash = *i < end ? memchr(text + *i, '\\', end - *i) : NULL;
    if (!backslash)
        return false;
    size_t at = (size_t)(backslash - text);
    int unit = escaped_unit(text, at, end);
    *start = at;
    *flag = unit == 0 ? DK_JSON_NUL : 0;
    *i = unit >= 0 ? at + 6 : at + 2;
    if (is_high_surrogate(unit) && is_low_surrogate(escaped_unit(text, *i < end ? *i : end, end)))
        *i += 6;
    else if (is_high_surrogate(unit) || is_low_surrogate(unit))
        *flag = DK_JSON_HALF_CHARACTER;
    return true;
}

static int string_flags(const char *text, size_t start, size_t end)
{
    int flags = 0, flag;
    for (size_t i = start, escape; next_escape(text, end, &i, &escape, &flag);)
        flags |= flag;
    return flags;
}

dk_json_scan dk_json_look(const char *text, size_t n)
{
    dk_json_scan scan = {0, NULL, 0};
    size_t bad = dk_utf8_check(text, n);
    if (bad < n) {
        scan.why = "not UTF-8";
        scan.at = bad;
        return scan;
    }
    bool escapes = n && memchr(text, '\\', n);
    size_t i = 0, start;
    for (token kind; (kind = next_token(text, n, &i, &start)) != END;) {
        switch (kind) {
        case STRING:
            if (escapes)
                scan.found |= string_flags(text, start, i);
            break;
        case NUMBER: {
            int flag = number_flag(text, start, i);
            scan.found |= flag;
            if (!flag)
                scan.why = "not a JSON number";
            break;
        }
        case LITERAL:
            if (is(text, start, i, "null"))
                scan.found |= DK_JSON_NULL;
            else if (!is(text, start, i, "true") && !is(text, start, i, "false"))
                scan.why = "not a JSON value";
            break;
        case PUNCTUATION:
            if (empty_array(text, n, start))
                scan.found |= DK_JSON_EMPTY_ARRAY;
            break;
        case END:
            break;
        }
        if (scan.why) {
            scan.at = start;
            return scan;
        }
    }
    return scan;
}

/* How often each digit follows the escape in the text. */
static void count_digits(const char *text, size_t n, const char *escape, size_t counts[10])
{
    size_t length = strlen(escape);
    memset(counts, 0, 10 * sizeof *counts);
    for (size_t at = 0; at + length < n; at++) {
        const char *backslash = memchr(text + at, '\\', n - length - at);
        if (!backslash)
            return;
        at = (size_t)(backslash - text);
        if (memcmp(backslash, escape, length) == 0 && dk_ascii_is_digit(backslash[length]))
            counts[backslash[length] - '0']++;
    }
}

void dk_json_choose_mark(const char *text, size_t n, char mark[DK_JSON_MARK])
{
    strcpy(mark, "\\u0000");
    for (size_t length = 6, least = 1; least && length + 1 < DK_JSON_MARK; length++) {
        size_t counts[10], best = 0;
        count_digits(text, n, mark, counts);
        for (size_t digit = 1; digit < 10; digit++)
            if (counts[digit] < counts[best])
                best = digit;
        least = counts[best];
        mark[length] = (char)('0' + best);
        mark[length + 1] = '\0';
    }
}

/* Copies a string from `start` to `end`, U+FFFD for each half of a character. */
static void copy_string(const char *text, size_t start, size_t end, dk_buffer *out)
{
    size_t copied = start, escape;
    int flag;
    for (size_t i = start; next_escape(text, end, &i, &escape, &flag);) {
        if (flag != DK_JSON_HALF_CHARACTER)
            continue;
        dk_buffer_add(out, text + copied, escape - copied);
        dk_buffer_adds(out, "\\ufffd");
        copied = i;
    }
    dk_buffer_add(out, text + copied, end - copied);
}

/* Writes a number as a string of the mark and its digits. */
static void mark_number(const char *text, size_t start, size_t end, const char *mark,
                        dk_buffer *out)
{
    dk_buffer_addc(out, '"');
    dk_buffer_adds(out, mark);
    dk_buffer_addc(out, 'n');
    dk_buffer_add(out, text + start, end - start);
    dk_buffer_addc(out, '"');
}

bool dk_json_mark(const char *text, size_t n, int carried, const char *mark, dk_buffer *out)
{
    size_t i = 0, start, copied = 0;
    for (token kind; (kind = next_token(text, n, &i, &start)) != END;) {
        size_t behind = kind == PUNCTUATION && (carried & DK_JSON_EMPTY_ARRAY)
                            ? empty_array(text, n, start)
                            : 0;
        bool number = kind == NUMBER && (number_flag(text, start, i) & carried);
        bool string = kind == STRING && (carried & DK_JSON_HALF_CHARACTER);
        if (!behind && !number && !string)
            continue;
        dk_buffer_add(out, text + copied, start - copied);
        if (string) {
            copy_string(text, start, i, out);
        } else if (number) {
            mark_number(text, start, i, mark, out);
        } else {
            dk_buffer_adds(out, "[\"");
            dk_buffer_adds(out, mark);
            dk_buffer_adds(out, "a\"]");
            i = behind;
        }
        copied = i;
    }
    return dk_buffer_add(out, text + copied, n - copied);
}
