/* Takes an encoding off a text (escapes, base64, ...) and keeps where each decoded byte stood, so
 * that a secret that a server echoes in any encoding is found and can be hidden in the original. */
#ifndef DK_DISGUISE_H
#define DK_DISGUISE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum dk_encoding {
    DK_BACKSLASHES, /* \" \/ \n \u00e9 \xe9: JSON, JavaScript, Python */
    DK_PERCENTS,    /* %2F: URLs */
    DK_FORM_WORDS,  /* the same, and a + is a space: forms */
    DK_ENTITIES,    /* &quot; &#34; &#x22;: HTML, XML */
    DK_ENCODINGS
} dk_encoding;

/* Where a byte stands in the original text. */
typedef struct dk_span {
    size_t from, to;
} dk_span;

typedef struct dk_view {
    const char *bytes;
    size_t length;
    dk_span *spans; /* NULL: the original, where each byte stands for itself */
    char *decoded;  /* `bytes`, where they are its own; wiped */
    size_t room;
} dk_view;

/* Where the bytes [from, to) of the view stand. */
dk_span dk_view_span(const dk_view *view, size_t from, size_t to);

/* Takes an encoding off: false where none of it was there, or memory ran out (then *failed). What
 * comes out is freed with dk_view_free. */
bool dk_view_decode(const dk_view *in, dk_encoding encoding, dk_view *out, bool *failed);

/* Decodes every run of at least `least` base64 (bits 6) or hex (bits 4) characters, starting `skip`
 * characters into the run; a NUL separates the results. Base64 may be of either alphabet, and a run
 * may have line ends in it. skip is 0 to 3 for base64, 0 or 1 for hex. Answers as dk_view_decode.
 */
bool dk_view_unpack(const dk_view *in, int bits, size_t skip, size_t least, dk_view *out,
                    bool *failed);

void dk_view_free(dk_view *view);

/* The escape of the encoding at s: how many bytes it takes (0: there is none), what it means in
 * out, *n. */
size_t dk_escape_read(dk_encoding encoding, const char *s, size_t left, char out[4], size_t *n);

#endif
