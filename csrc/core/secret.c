/* Wiping and redacting; see secret.h. */
#include "secret.h"
#include "ascii.h"

#include <string.h>

void dk_wipe(void *memory, size_t n)
{
    volatile unsigned char *p = memory;
    while (n--)
        *p++ = 0;
}

static const char SHOWN[] = "(secret)";

/* Members that hold secrets in the APIs' schemas: accounts, keys, tokens, SCIM users. */
static const char *const secret_names[] = {
    "api_key",  "app_key",      "application_key", "client_secret", "key",
    "password", "access_token", "refresh_token",   "token",         "secret",
};

bool dk_is_secret_name(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++)
        if (strlen(secret_names[i]) == n && dk_ascii_same(name, secret_names[i], n))
            return true;
    return false;
}

static bool replace(dk_buffer *text, dk_buffer *with)
{
    bool whole = !with->failed && !text->failed;
    dk_buffer_free(text);
    *text = *with;
    return whole;
}

/* The value of four hexadecimal digits, or -1. */
static long read_hex(const char *s, size_t left)
{
    long value = 0;
    if (left < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = dk_ascii_hex_value(s[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t write_utf8(long c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xf00 >> n & 0xff) | c);
    return n;
}

/* The JSON escape at s: how many bytes it takes (0: there is none), what it means in out, *n. */
static size_t read_escape(const char *s, size_t left, char out[4], size_t *n)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (left < 2 || s[0] != '\\' || !s[1])
        return 0;
    const char *letter = strchr(letters, s[1]);
    if (letter) {
        out[0] = meanings[letter - letters];
        *n = 1;
        return 2;
    }
    long c = s[1] == 'u' ? read_hex(s + 2, left - 2) : -1;
    if (c < 0)
        return 0;
    size_t length = 6;
    if (c >= 0xd800 && c < 0xdc00 && left >= 12 && s[6] == '\\' && s[7] == 'u') {
        long low = read_hex(s + 8, left - 8);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            length = 12;
        }
    }
    *n = write_utf8(c, out);
    return length;
}

/* How many bytes at s are the secret, written with JSON's escapes or without, whichever of them
 * the server's encoder likes; 0: they are something else. */
static size_t match_escaped(const char *s, size_t left, const char *secret, size_t n)
{
    size_t at = 0, had = 0;
    while (had < n) {
        char bytes[4];
        size_t count = 0;
        size_t length = at < left ? read_escape(s + at, left - at, bytes, &count) : 0;
        if (length && count <= n - had && memcmp(secret + had, bytes, count) == 0) {
            at += length;
            had += count;
        } else if (at < left && s[at] == secret[had]) {
            at++;
            had++;
        } else {
            return 0;
        }
    }
    return at;
}

/* The same, or as it is: that comes second, for a secret that ends in backslashes is the beginning
 * of its own escaped form. */
static size_t match(const char *s, size_t left, const char *secret, size_t n)
{
    size_t length = match_escaped(s, left, secret, n);
    if (!length && left >= n && memcmp(s, secret, n) == 0)
        length = n;
    return length;
}

bool dk_redact(dk_buffer *text, const char *secret, size_t n)
{
    if (n < 4 || text->length < n)
        return !text->failed;
    dk_buffer out = {0};
    size_t from = 0;
    for (size_t at = 0; at + n <= text->length;) {
        size_t length = 0;
        if (text->data[at] == secret[0] || text->data[at] == '\\')
            length = match(text->data + at, text->length - at, secret, n);
        if (!length) {
            at++;
            continue;
        }
        dk_buffer_add(&out, text->data + from, at - from);
        dk_buffer_adds(&out, SHOWN);
        at += length;
        from = at;
    }
    if (from == 0)
        return !text->failed;
    dk_buffer_add(&out, text->data + from, text->length - from);
    return replace(text, &out);
}

/* The index just behind the string that opens at `at`, or the end of an unfinished text. */
static size_t string_end(const dk_buffer *text, size_t at)
{
    for (at++; at < text->length; at++) {
        if (text->data[at] == '\\')
            at++;
        else if (text->data[at] == '"')
            return at + 1;
    }
    return text->length;
}

static size_t skip_space(const dk_buffer *text, size_t at)
{
    while (at < text->length && dk_ascii_is_space(text->data[at]))
        at++;
    return at;
}

/* The next secret member's value at or behind *at: the string's inside is [*from, *to). */
static bool next_secret(const dk_buffer *text, size_t *at, size_t *from, size_t *to)
{
    while (*at < text->length) {
        if (text->data[*at] != '"') {
            ++*at;
            continue;
        }
        size_t name = *at, end = string_end(text, name);
        size_t value = skip_space(text, end);
        *at = end;
        if (end - name < 2 || !dk_is_secret_name(text->data + name + 1, end - name - 2))
            continue;
        if (value >= text->length || text->data[value] != ':')
            continue;
        value = skip_space(text, value + 1);
        if (value >= text->length || text->data[value] != '"')
            continue;
        *from = value + 1;
        *at = string_end(text, value);
        *to = *at > *from && text->data[*at - 1] == '"' ? *at - 1 : *at;
        return true;
    }
    return false;
}

bool dk_redact_members(dk_buffer *text)
{
    dk_buffer out = {0};
    size_t copied = 0, at = 0, from, to;
    while (next_secret(text, &at, &from, &to)) {
        dk_buffer_add(&out, text->data + copied, from - copied);
        dk_buffer_adds(&out, SHOWN);
        copied = to;
    }
    if (copied == 0)
        return !text->failed;
    dk_buffer_add(&out, text->data + copied, text->length - copied);
    return replace(text, &out);
}

/* The string without its escapes. */
static bool unescape(const char *s, size_t n, dk_buffer *out)
{
    for (size_t i = 0; i < n;) {
        char bytes[4];
        size_t count = 0, length = read_escape(s + i, n - i, bytes, &count);
        if (length)
            dk_buffer_add(out, bytes, count);
        else
            dk_buffer_addc(out, s[i]);
        i += length ? length : 1;
    }
    return !out->failed;
}

bool dk_redact_values(dk_buffer *text, const dk_buffer *json)
{
    size_t at = 0, from, to;
    bool whole = !text->failed;
    while (whole && next_secret(json, &at, &from, &to)) {
        const char *value = json->data + from;
        dk_buffer plain = {.secret = true};
        /* as it stands, too: our JSON may be quoted in theirs */
        whole = unescape(value, to - from, &plain) && dk_redact(text, value, to - from) &&
                dk_redact(text, plain.data, plain.length);
        dk_buffer_free(&plain);
    }
    return whole;
}
