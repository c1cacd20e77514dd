/* Wiping and redacting; see secret.h. */
#include "secret.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

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
        if (strlen(secret_names[i]) == n && strncasecmp(name, secret_names[i], n) == 0)
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

bool dk_redact(dk_buffer *text, const char *secret, size_t n)
{
    if (n < 4 || text->length < n)
        return !text->failed;
    dk_buffer out = {0};
    size_t from = 0;
    for (size_t at = 0; at + n <= text->length;) {
        if (memcmp(text->data + at, secret, n) == 0) {
            dk_buffer_add(&out, text->data + from, at - from);
            dk_buffer_adds(&out, SHOWN);
            at += n;
            from = at;
        } else {
            at++;
        }
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
    while (at < text->length && isspace((unsigned char)text->data[at]))
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

/* The string without its escapes; \u escapes stay, for our own encoder writes none but controls. */
static bool unescape(const char *s, size_t n, dk_buffer *out)
{
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '\\' && i + 1 < n && s[i + 1] != 'u') {
            c = s[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
        }
        dk_buffer_addc(out, c);
    }
    return !out->failed;
}

/* Some encoders write a slash as "\/". */
static bool escape_slashes(const char *s, size_t n, dk_buffer *out)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '/')
            dk_buffer_addc(out, '\\');
        dk_buffer_addc(out, s[i]);
    }
    return !out->failed;
}

bool dk_redact_values(dk_buffer *text, const dk_buffer *json)
{
    size_t at = 0, from, to;
    bool whole = !text->failed;
    while (whole && next_secret(json, &at, &from, &to)) {
        const char *value = json->data + from;
        dk_buffer plain = {.secret = true}, slashes = {.secret = true};
        whole = unescape(value, to - from, &plain) && escape_slashes(value, to - from, &slashes) &&
                dk_redact(text, value, to - from) && dk_redact(text, plain.data, plain.length) &&
                dk_redact(text, slashes.data, slashes.length);
        dk_buffer_free(&plain);
        dk_buffer_free(&slashes);
    }
    return whole;
}
