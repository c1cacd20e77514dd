/* Values that have a secret's name; see secret_value.h. */
#include "secret_value.h"

#include "base/ascii.h"

#include <string.h>

/* --- names ------------------------------------------------------------------------------------ */

/* Names are compared without case and without what joins their words: apiKey is api_key. */

/* A name that is one of these, of the services' schemas ... */
static const char *const secret_names[] = {
    "key",      "hash",        "salt",          "answer",        "jwks",
    "passcode", "credentials", "authorization", "activationurl", "resetpasswordurl",
};

/* ... or ends in one of these. */
static const char *const secret_ends[] = {
    "password",       "passphrase", "secret",        "token",     "apikey",    "appkey",
    "applicationkey", "privatekey", "privatekeypem", "secretkey", "accesskey", "assertion",
};

/* What stands inside of a secret's object and is none: kinds, names, states. */
static const char *const open_names[] = {
    "type",
    "algorithm",
    "saltorder",
    "workfactor",
    "iterationcount",
    "keysize",
    "digestalgorithm",
    "kty",
    "alg",
    "use",
    "kid",
    "e",
    "status",
    "change",
    "seed",
    "username",
    "scheme",
    "clientid",
    "name",
    "question",
    "id",
    "rotationtype",
    "leeway",
    "created",
    "createdby",
    "owner",
    "lastupdated",
    "expires",
    "tokenendpointauthmethod",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool joins_words(char c)
{
    return c == '_' || c == '-';
}

/* How long a name is without what joins its words. */
static size_t bare_length(const char *name, size_t n)
{
    size_t bare = 0;
    for (size_t i = 0; i < n; i++)
        bare += !joins_words(name[i]);
    return bare;
}

/* Of a name. */
enum part { ALL, END };

/* Is `word` the end of the name, or all of it? */
static bool ends_in(const char *name, size_t n, const char *word, enum part part)
{
    size_t left = strlen(word);
    while (left && n) {
        char c = dk_ascii_lower(name[n - 1]);
        if (!joins_words(c) && c != word[--left])
            return false;
        n--;
    }
    return left == 0 && (part == END || bare_length(name, n) == 0);
}

static bool is_one_of(const char *name, size_t n, const char *const *words, size_t count,
                      enum part part)
{
    for (size_t i = 0; i < count; i++)
        if (ends_in(name, n, words[i], part))
            return true;
    return false;
}

bool dk_is_secret_name(const char *name, size_t n)
{
    return is_one_of(name, n, secret_names, COUNT(secret_names), ALL) ||
           is_one_of(name, n, secret_ends, COUNT(secret_ends), END);
}

/* --- values that have a secret's name --------------------------------------------------------- */

typedef struct reader {
    const char *text;
    size_t length, at;
    dk_take_secret_value *take;
    void *user;
    bool named; /* a member of this object says that its `value` is a secret */
    bool whole; /* `take` had memory for all */
} reader;

static bool is_name_character(char c)
{
    return dk_ascii_is_alnum(c) || joins_words(c) || c == '.' || c == ':' || c == '$';
}

static bool is_quote(char c)
{
    return c == '"' || c == '\''; /* Python's */
}

static void skip_space(reader *r)
{
    while (r->at < r->length && dk_ascii_is_space(r->text[r->at]))
        r->at++;
}

static bool looks_at(const reader *r, char c)
{
    return r->at < r->length && r->text[r->at] == c;
}

/* Goes behind the string that opens here, or to the end of an unfinished text; answers where its
 * inside ends. */
static size_t pass_string(reader *r)
{
    char quote = r->text[r->at++];
    while (r->at < r->length) {
        if (r->text[r->at] == quote)
            return r->at++;
        r->at += r->text[r->at] == '\\' && r->at + 1 < r->length ? 2 : 1;
    }
    return r->length;
}

static void pass_number(reader *r)
{
    r->at++;
    while (r->at < r->length &&
           (dk_ascii_is_digit(r->text[r->at]) || memchr("+-.eE", r->text[r->at], 5)))
        r->at++;
}

static void found(reader *r, size_t from, size_t to, dk_secret_sort sort)
{
    r->whole = r->whole && r->take(r->user, from, to, sort);
}

/* A string's or a number's value is taken; goes behind it, or on by one byte. */
static void pass_value(reader *r, bool is_secret)
{
    size_t from = r->at;
    char c = r->text[from];
    if (is_quote(c)) {
        size_t to = pass_string(r);
        if (is_secret)
            found(r, from + 1, to, DK_SECRET_TEXT);
    } else if (dk_ascii_is_digit(c) ||
               (c == '-' && from + 1 < r->length && dk_ascii_is_digit(r->text[from + 1]))) {
        pass_number(r);
        if (is_secret)
            found(r, from, r->at, DK_SECRET_NUMBER);
    } else {
        r->at++;
    }
}

/* Behind a name: its colon (or what other languages write) and the space around it. */
static bool pass_colon(reader *r)
{
    size_t from = r->at;
    skip_space(r);
    if (looks_at(r, '=') && r->at + 1 < r->length && r->text[r->at + 1] == '>')
        r->at++; /* Ruby's */
    else if (!looks_at(r, ':')) {
        r->at = from;
        return false;
    }
    r->at++;
    skip_space(r);
    return true;
}

/* An object or array under a secret's name: all that is in it but what is known to be open. */
static void pass_container(reader *r)
{
    size_t depth = 0;
    bool open = false;
    do {
        char c = r->text[r->at];
        size_t from = r->at;
        if (c == '{' || c == '[') {
            depth++;
            r->at++;
        } else if (c == '}' || c == ']') {
            depth--;
            r->at++;
        } else if (is_quote(c)) {
            size_t to = pass_string(r);
            if (pass_colon(r))
                open = is_one_of(r->text + from + 1, to - from - 1, open_names, COUNT(open_names),
                                 ALL);
            else if (!open)
                found(r, from + 1, to, DK_SECRET_TEXT);
        } else {
            pass_value(r, !open);
        }
    } while (depth && r->at < r->length);
}

/* The name at hand has a secret's value behind it. */
static void pass_secret(reader *r)
{
    if (looks_at(r, '{') || looks_at(r, '['))
        pass_container(r);
    else if (r->at < r->length)
        pass_value(r, true);
}

/* SCIM's and others' way to name what they set: {"path": "password", "value": "..."}. */
static bool names_its_value(reader *r, const char *name, size_t n)
{
    static const char *const names[] = {"path", "key", "name"};
    if (!is_one_of(name, n, names, COUNT(names), ALL) || r->at >= r->length ||
        !is_quote(r->text[r->at]))
        return false;
    reader look = *r;
    size_t from = look.at + 1, to = pass_string(&look);
    return dk_is_secret_name(r->text + from, to - from);
}

/* A name in quotes, and what it has. */
static void read_member(reader *r)
{
    char quote = r->text[r->at];
    size_t from = r->at + 1, to = from;
    while (to < r->length && is_name_character(r->text[to]))
        to++;
    r->at = from;
    if (to == r->length || r->text[to] != quote)
        return;
    r->at = to + 1;
    if (!pass_colon(r))
        return;
    const char *name = r->text + from;
    size_t n = to - from;
    bool value = r->named && n == 5 && memcmp(name, "value", n) == 0;
    r->named |= names_its_value(r, name, n);
    if (value || dk_is_secret_name(name, n))
        pass_secret(r);
}

/* A word: a form's name where an = is behind it. */
static void read_word(reader *r)
{
    size_t from = r->at;
    while (r->at < r->length && is_name_character(r->text[r->at]))
        r->at++;
    if (!looks_at(r, '=') || !dk_is_secret_name(r->text + from, r->at - from))
        return;
    size_t value = ++r->at;
    while (r->at < r->length && !dk_ascii_is_space(r->text[r->at]) && !is_quote(r->text[r->at]) &&
           !memchr("&;<>,\\", r->text[r->at], 6))
        r->at++;
    if (r->at > value)
        found(r, value, r->at, DK_SECRET_TEXT);
}

bool dk_secret_values(const char *text, size_t n, dk_take_secret_value *take, void *user)
{
    reader r = {.text = text, .length = n, .take = take, .user = user, .whole = true};
    while (r.at < n && r.whole) {
        char c = text[r.at];
        if (is_quote(c)) {
            read_member(&r);
        } else if (is_name_character(c)) {
            read_word(&r);
        } else {
            if (c == '{' || c == '}')
                r.named = false;
            r.at++;
        }
    }
    return r.whole;
}
