/* Redacting; see secret.h. */
#include "secret.h"
#include "disguise.h"
#include "secret_value.h"

#include "base/ascii.h"
#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

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
static bool add_value(void *user, size_t from, size_t to, dk_secret_sort sort)
{
    const adding *a = user;
    dk_buffer plain = {.secret = true};
    (void)sort;
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
    return !secrets->failed && dk_secret_values(text, n, add_value, &a);
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

static bool mark_value(void *user, size_t from, size_t to, dk_secret_sort sort)
{
    marker *m = user;
    bool json = !m->view->spans; /* and not text inside of a string */
    mark(m, from, to, sort == DK_SECRET_NUMBER && json ? HIDDEN_NUMBER : HIDDEN);
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
    dk_secret_values(view->bytes, view->length, mark_value, &m);
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
