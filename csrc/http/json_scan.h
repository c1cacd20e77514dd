/* A look over a JSON text before lua-cjson decodes it. Finds what decoders differ in or get wrong,
 * so that the binding can refuse it or carry it through unharmed. It does not check the grammar:
 * lua-cjson does. */
#ifndef DK_JSON_SCAN_H
#define DK_JSON_SCAN_H

#include "base/buffer.h"

enum {
    DK_JSON_NULL = 1,         /* a null */
    DK_JSON_EMPTY_ARRAY = 2,  /* []: lua-cjson cannot tell it from {} */
    DK_JSON_INTEGER = 4,      /* a whole number of at most 15 digits */
    DK_JSON_OTHER_NUMBER = 8, /* a fraction or an exponent */
    DK_JSON_BIG_INTEGER = 16, /* more digits than a double surely holds */
    DK_JSON_NUL = 32,         /* a string holds \u0000 */
    /* a string holds one half of a surrogate pair: a text that was cut by UTF-16 units */
    DK_JSON_HALF_CHARACTER = 64
};

typedef struct dk_json_scan {
    int found;       /* flags of the above */
    const char *why; /* the text is refused: a static string, else NULL */
    size_t at;       /* where */
} dk_json_scan;

dk_json_scan dk_json_look(const char *text, size_t n);

/* The longest mark that is chosen, with its NUL. */
#define DK_JSON_MARK 32

/* Chooses a mark: "\u0000" and digits, as JSON writes it, which occurs nowhere in the text. Each
 * digit is the one that follows what stands before it least often: of ten at least one does so in
 * at most a tenth of the places, so that a few passes over the text are enough. */
void dk_json_choose_mark(const char *text, size_t n, char mark[DK_JSON_MARK]);

/* Writes the text anew with what is to be carried through a decoder, flags of the above: each [] as
 * ["<mark>a"], each number of those kinds as "<mark>n<its text>", and U+FFFD for each half of a
 * character (as Go and others read it). The mark must be JSON string content (escapes allowed) that
 * does not occur in the text. */
bool dk_json_mark(const char *text, size_t n, int carried, const char *mark, dk_buffer *out);

#endif
