/* A look over a JSON text; see json_scan.h. */
#include "json_scan.h"
#include "ascii.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#define SAFE_DIGITS 15 /* 10^15 < 2^53: exact in a double, whatever the digits */

typedef enum token { END, STRING, NUMBER, LITERAL, PUNCTUATION } token;

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

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
    while (at < n && is_space(text[at]))
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

static bool holds_nul_escape(const char *text, size_t start, size_t end)
{
    for (size_t at = start; at + 6 <= end; at++) {
        const char *escape = memchr(text + at, '\\', end - at);
        if (!escape || (size_t)(text + end - escape) < 6)
            return false;
        if (memcmp(escape, "\\u0000", 6) == 0)
            return true;
        at = (size_t)(escape - text) + 1;
    }
    return false;
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
    size_t i = 0, start;
    for (token kind; (kind = next_token(text, n, &i, &start)) != END;) {
        switch (kind) {
        case STRING:
            if (holds_nul_escape(text, start, i))
                scan.found |= DK_JSON_NUL;
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

bool dk_json_mark(const char *text, size_t n, const char *mark, dk_buffer *out)
{
    size_t i = 0, start, copied = 0;
    for (token kind; (kind = next_token(text, n, &i, &start)) != END;) {
        size_t behind = kind == PUNCTUATION ? empty_array(text, n, start) : 0;
        bool big = kind == NUMBER && number_flag(text, start, i) == DK_JSON_BIG_INTEGER;
        if (!behind && !big)
            continue;
        dk_buffer_add(out, text + copied, start - copied);
        dk_buffer_adds(out, behind ? "[\"" : "\"");
        dk_buffer_adds(out, mark);
        if (behind) {
            dk_buffer_adds(out, "a\"]");
            i = behind;
        } else {
            dk_buffer_addc(out, 'n');
            dk_buffer_add(out, text + start, i - start);
            dk_buffer_addc(out, '"');
        }
        copied = i;
    }
    return dk_buffer_add(out, text + copied, n - copied);
}
