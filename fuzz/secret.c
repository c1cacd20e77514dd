/* csrc/http/secret.c: what is redacted is gone. The first byte is the secret's length; the secret
 * and the text follow. */
#include "http/secret.h"
#include "fuzz.h"

#include <string.h>

static bool holds(const dk_buffer *text, const char *word, size_t n)
{
    for (size_t at = 0; at + n <= text->length; at++)
        if (memcmp(text->data + at, word, n) == 0)
            return true;
    return false;
}

/* Can what stands for a secret be a part of this one? */
static bool looks_like_the_mark(const char *secret, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (secret[i] && strchr("(secret)", secret[i]))
            return true;
    return false;
}

static dk_buffer copy(const char *text, size_t n)
{
    dk_buffer b = {.secret = true};
    MUST(dk_buffer_add(&b, text, n));
    return b;
}

/* Takes one secret, and what a body's members hold, out of the text; either may be NULL. */
static void redact(dk_buffer *text, const char *secret, size_t n, const dk_buffer *body)
{
    dk_buffer secrets = {.secret = true};
    MUST(!secret || dk_secrets_add(&secrets, secret, n));
    MUST(!body || dk_secrets_add_members(&secrets, body->data, body->length));
    MUST(dk_secrets_redact(&secrets, text));
    dk_buffer_free(&secrets);
}

static void check_redact(const char *secret, size_t secret_n, const char *text, size_t n)
{
    dk_buffer b = copy(text, n);
    redact(&b, secret, secret_n, NULL);
    if (secret_n >= 4 && !looks_like_the_mark(secret, secret_n))
        MUST(!holds(&b, secret, secret_n));
    dk_buffer_free(&b);
}

/* A byte as one encoder or another may write it in JSON. */
static void add_escaped(dk_buffer *out, char c, unsigned how)
{
    if (how % 3 == 0 || c < ' ')
        dk_buffer_addf(out, how % 2 ? "\\u%04x" : "\\u%04X", (unsigned)c);
    else if (c == '"' || c == '\\' || (c == '/' && how % 3 == 1))
        dk_buffer_addf(out, "\\%c", c);
    else
        dk_buffer_addc(out, c);
}

/* Can it be read as a member or a parameter, whose value may go on behind it? */
static bool looks_like_a_member(const char *secret, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (secret[i] && strchr("\"'=", secret[i]))
            return true;
    return false;
}

/* The secret escaped, each byte as the text's say: it is gone, and nothing else is. */
static void check_escaped(const char *secret, size_t secret_n, const char *text, size_t n)
{
    dk_buffer b = {.secret = true};
    dk_buffer_addc(&b, '|');
    for (size_t i = 0; i < secret_n; i++) {
        if ((unsigned char)secret[i] >= 0x80 || secret[i] == '|')
            secret_n = 0; /* of one byte each, and not what stands around it */
        else
            add_escaped(&b, secret[i], n ? (unsigned char)text[i % n] : 0);
    }
    dk_buffer_addc(&b, '|');
    if (secret_n >= 4) {
        redact(&b, secret, secret_n, NULL);
        const char *shown = dk_buffer_string(&b);
        MUST(strncmp("|(secret)", shown, 9) == 0);
        MUST(looks_like_a_member(secret, secret_n) || strcmp("|(secret)|", shown) == 0);
    }
    dk_buffer_free(&b);
}

/* A member's value is gone, whatever it is and however it is escaped; and any text may come. */
static void check_members(const char *text, size_t n)
{
    static const char shown[] = "{\"client_secret\":\"(secret)";
    dk_buffer any = copy(text, n), b = {.secret = true};
    redact(&any, NULL, 0, NULL);
    dk_buffer_free(&any);
    dk_buffer_adds(&b, "{\"client_secret\":\"");
    for (size_t i = 0; i < n; i++)
        add_escaped(&b, (char)(text[i] & 0x7f), (unsigned char)text[n - 1 - i]);
    dk_buffer_adds(&b, "\"}");
    redact(&b, NULL, 0, NULL);
    MUST(n == 0 || strncmp(shown, dk_buffer_string(&b), sizeof shown - 1) == 0);
    dk_buffer_free(&b);
}

/* The secret as a member of a request's body, escaped as any encoder may. */
static void check_values(const char *secret, size_t secret_n, const char *text, size_t n)
{
    dk_buffer b = copy(text, n), json = {.secret = true};
    dk_buffer_adds(&json, "{\"a\":[\"b\"],\"client_secret\":\"");
    for (size_t i = 0; i < secret_n; i++)
        dk_buffer_addf(&json, "\\u%04x", (unsigned char)secret[i] & 0x7fu);
    dk_buffer_adds(&json, "\"}");
    redact(&b, NULL, 0, &json);
    bool ascii = true;
    for (size_t i = 0; i < secret_n; i++)
        ascii &= (unsigned char)secret[i] < 0x80;
    if (secret_n >= 4 && ascii && !looks_like_the_mark(secret, secret_n))
        MUST(!holds(&b, secret, secret_n));
    /* and any text may be the body */
    dk_buffer body = copy(text, n);
    redact(&b, NULL, 0, &body);
    dk_buffer_free(&b);
    dk_buffer_free(&json);
    dk_buffer_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 1)
        return 0;
    const char *secret = (const char *)bytes + 1;
    size_t secret_n = bytes[0] % 16;
    if (secret_n > n - 1)
        secret_n = n - 1;
    const char *text = secret + secret_n;
    n -= 1 + secret_n;
    check_redact(secret, secret_n, text, n);
    check_escaped(secret, secret_n, text, n);
    check_members(text, n);
    check_values(secret, secret_n, text, n);
    return 0;
}
