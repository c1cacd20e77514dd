/* Wiping and redacting; see secret.h. */
#include "secret.h"
#include "base/ascii.h"
#include "base/wipe.h"
#include "disguise.h"

#include <stdlib.h>
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

/* Is `word` the end of the name, or all of it? */
static bool ends_in(const char *name, size_t n, const char *word, bool whole)
{
    size_t left = strlen(word);
    while (left && n) {
        char c = dk_ascii_lower(name[n - 1]);
        if (!joins_words(c) && c != word[--left])
            return false;
        n--;
    }
    return left == 0 && (!whole || bare_length(name, n) == 0);
}

static bool is_one_of(const char *name, size_t n, const char *const *words, size_t count,
                      bool whole)
{
    for (size_t i = 0; i < count; i++)
        if (ends_in(name, n, words[i], whole))
            return true;
    return false;
}

bool dk_is_secret_name(const char *name, size_t n)
{
    return is_one_of(name, n, secret_names, COUNT(secret_names), true) ||
           is_one_of(name, n, secret_ends, COUNT(secret_ends), false);
}

/* --- values that have a secret's name --------------------------------------------------------- */

/* A value that was found, [from, to) of the text, without its quotes. */
typedef bool (*take_value)(void *user, size_t from, size_t to, bool number);

typedef struct reader {
    const char *text;
    size_t length, at;
    take_value take;
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

static void found(reader *r, size_t from, size_t to, bool number)
{
    r->whole = r->whole && r->take(r->user, from, to, number);
}

/* A string's or a number's value is taken; goes behind it, or on by one byte. */
static void pass_value(reader *r, bool is_secret)
{
    size_t from = r->at;
    char c = r->text[from];
    if (is_quote(c)) {
        size_t to = pass_string(r);
        if (is_secret)
            found(r, from + 1, to, false);
    } else if (dk_ascii_is_digit(c) ||
               (c == '-' && from + 1 < r->length && dk_ascii_is_digit(r->text[from + 1]))) {
        pass_number(r);
        if (is_secret)
            found(r, from, r->at, true);
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
                                 true);
            else if (!open)
                found(r, from + 1, to, false);
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
    if (!is_one_of(name, n, names, COUNT(names), true) || r->at >= r->length ||
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
        found(r, value, r->at, false);
}

static bool read_values(const char *text, size_t n, take_value take, void *user)
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

/* --- the list --------------------------------------------------------------------------------- */

#define LEAST        ((size_t)4) /* a shorter one would shred each text */
#define LEAST_PACKED ((size_t)6) /* in base64 and hexadecimal, which words look like */
#define LEAST_PART   ((size_t)8) /* of a secret that was cut */

bool dk_secrets_add(dk_buffer *secrets, const char *secret, size_t n)
{
    if (n < LEAST)
        return !secrets->failed;
    return dk_buffer_add(secrets, &n, sizeof n) && dk_buffer_add(secrets, secret, n);
}

/* The secret at *at, which moves behind it. */
static bool next_secret(const dk_buffer *secrets, size_t *at, const char **secret, size_t *n)
{
    if (*at >= secrets->length)
        return false;
    memcpy(n, secrets->data + *at, sizeof *n);
    *secret = secrets->data + *at + sizeof *n;
    *at += sizeof *n + *n;
    return true;
}

typedef struct adding {
    dk_buffer *secrets;
    const char *text;
} adding;

/* Adds the string without its escapes. */
static bool add_value(void *user, size_t from, size_t to, bool number)
{
    const adding *a = user;
    dk_buffer plain = {.secret = true};
    (void)number;
    while (from < to) {
        char bytes[4];
        size_t n = 0, length = dk_escape_read(DK_BACKSLASHES, a->text + from, to - from, bytes, &n);
        if (length)
            dk_buffer_add(&plain, bytes, n);
        else
            dk_buffer_addc(&plain, a->text[from]);
        from += length ? length : 1;
    }
    bool whole = !plain.failed && dk_secrets_add(a->secrets, plain.data, plain.length);
    dk_buffer_free(&plain);
    return whole;
}

bool dk_secrets_add_members(dk_buffer *secrets, const char *text, size_t n)
{
    adding a = {secrets, text};
    return !secrets->failed && read_values(text, n, add_value, &a);
}

/* --- redacting -------------------------------------------------------------------------------- */

static const char SHOWN[] = "(secret)";

enum { PLAIN, HIDDEN, HIDDEN_NUMBER };

/* One secret as it is looked for. */
typedef struct needle {
    char *bytes; /* in lower case where `any_case` */
    size_t *borders, n;
    bool any_case;
} needle;

typedef struct hunt {
    const dk_buffer *secrets;
    char *marks;       /* of each byte of the text, one of the above */
    needle room;       /* for the longest secret */
    size_t least_bits; /* of the shortest that is looked for in base64 and hexadecimal; 0: none */
    bool failed;
} hunt;

/* Marks in order, so that no byte of a view is marked twice. */
typedef struct marker {
    hunt *hunt;
    const dk_view *view;
    size_t done;
} marker;

static void mark(marker *m, size_t from, size_t to, char how)
{
    for (size_t i = from > m->done ? from : m->done; i < to; i++) {
        dk_span span = dk_view_span(m->view, i, i + 1);
        for (; span.from < span.to; span.from++)
            if (m->hunt->marks[span.from] == PLAIN)
                m->hunt->marks[span.from] = how;
    }
    if (to > m->done)
        m->done = to;
}

static bool mark_value(void *user, size_t from, size_t to, bool number)
{
    marker *m = user;
    bool json = !m->view->spans; /* and not text inside of a string */
    mark(m, from, to, number && json ? HIDDEN_NUMBER : HIDDEN);
    return true;
}

/* Readies the room for a secret. A border is how long a beginning of the secret one of its
 * beginnings ends in: so much of it is there where the search goes on (Knuth, Morris, Pratt). */
static void set_needle(needle *s, const char *secret, size_t n)
{
    s->n = n;
    s->any_case = n >= LEAST_PART;
    for (size_t i = 0; i < n; i++)
        s->bytes[i] = s->any_case ? dk_ascii_lower(secret[i]) : secret[i];
    s->borders[0] = 0;
    for (size_t i = 1, had = 0; i < n; i++) {
        while (had && s->bytes[i] != s->bytes[had])
            had = s->borders[had - 1];
        had += s->bytes[i] == s->bytes[had];
        s->borders[i] = had;
    }
}

/* Marks the `had` bytes of the secret that end at `to`, if they are enough of it. */
static void mark_part(marker *m, const needle *s, size_t had, size_t to)
{
    if (had == s->n || (had >= LEAST_PART && had >= s->n / 4))
        mark(m, to - had, to, HIDDEN);
}

static void find_needle(hunt *h, const dk_view *view)
{
    const needle *s = &h->room;
    marker m = {h, view, 0};
    size_t had = 0;
    for (size_t i = 0; i < view->length; i++) {
        char c = s->any_case ? dk_ascii_lower(view->bytes[i]) : view->bytes[i];
        if (had && (had == s->n || c != s->bytes[had]))
            mark_part(&m, s, had, i);
        while (had && (had == s->n || c != s->bytes[had]))
            had = s->borders[had - 1];
        had += c == s->bytes[had];
    }
    if (had)
        mark_part(&m, s, had, view->length);
}

static void find_secrets(hunt *h, const dk_view *view)
{
    size_t n;
    const char *secret;
    for (size_t at = 0; next_secret(h->secrets, &at, &secret, &n);) {
        set_needle(&h->room, secret, n);
        find_needle(h, view);
    }
}

/* Looks into base64 and hexadecimal. Where an encoded text begins in its run of characters is not
 * known: all that it can be is tried. */
static void look_into_packed(hunt *h, const dk_view *view)
{
    for (int bits = 4; bits <= 6 && h->least_bits; bits += 2)
        for (size_t skip = 0; skip < (bits == 6 ? 4 : 2); skip++) {
            dk_view unpacked;
            size_t least = h->least_bits / (size_t)bits;
            if (!dk_view_unpack(view, bits, skip, least, &unpacked, &h->failed))
                break; /* no run is long enough */
            find_secrets(h, &unpacked);
            dk_view_free(&unpacked);
        }
}

/* Marks what the view shows, and what it shows with up to so many more encodings taken off. */
static void look(hunt *h, const dk_view *view, int encodings)
{
    marker m = {h, view, 0};
    read_values(view->bytes, view->length, mark_value, &m);
    find_secrets(h, view);
    look_into_packed(h, view);
    for (dk_encoding e = 0; encodings && e < DK_ENCODINGS; e++) {
        dk_view decoded;
        if (!dk_view_decode(view, e, &decoded, &h->failed))
            continue;
        look(h, &decoded, encodings - 1);
        dk_view_free(&decoded);
    }
}

/* Writes the text anew with what is marked replaced. */
static bool replace_marked(dk_buffer *text, const char *marks)
{
    dk_buffer out = {.secret = true};
    for (size_t at = 0, from = 0; at < text->length; from = at) {
        while (at < text->length && marks[at] == marks[from])
            at++;
        if (marks[from] == PLAIN)
            dk_buffer_add(&out, text->data + from, at - from);
        else if (marks[from] == HIDDEN_NUMBER)
            dk_buffer_addf(&out, "\"%s\"", SHOWN);
        else
            dk_buffer_adds(&out, SHOWN);
    }
    bool whole = !out.failed;
    out.secret = text->secret;
    dk_buffer_free(text);
    *text = out;
    return whole;
}

/* Room for the longest secret. */
static bool begin_hunt(hunt *h, size_t text)
{
    size_t n, longest = 1, shortest = 0;
    const char *secret;
    for (size_t at = 0; next_secret(h->secrets, &at, &secret, &n);) {
        longest = n > longest ? n : longest;
        if (n >= LEAST_PACKED && (!shortest || n < shortest))
            shortest = n;
    }
    h->least_bits = shortest * 8;
    h->marks = calloc(text, 1);
    h->room.bytes = malloc(longest);
    h->room.borders = malloc(longest * sizeof *h->room.borders);
    h->room.n = longest;
    return h->marks && h->room.bytes && h->room.borders;
}

static void end_hunt(hunt *h, size_t longest)
{
    if (h->room.bytes)
        dk_wipe(h->room.bytes, longest);
    free(h->room.bytes);
    free(h->room.borders);
    free(h->marks);
}

bool dk_secrets_redact(const dk_buffer *secrets, dk_buffer *text)
{
    hunt h = {.secrets = secrets};
    dk_view whole = {.bytes = text->data, .length = text->length};
    if (text->failed || secrets->failed)
        return false;
    if (!text->length)
        return true;
    h.failed = !begin_hunt(&h, text->length);
    size_t longest = h.room.n;
    if (!h.failed)
        look(&h, &whole, 3);
    if (!h.failed)
        h.failed = !replace_marked(text, h.marks);
    end_hunt(&h, longest);
    return !h.failed;
}
