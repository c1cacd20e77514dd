/* A look over a JSON text before lua-cjson decodes it. Finds what decoders differ in or get wrong,
 * so that the binding can refuse it or carry it through unharmed. It does not check the grammar:
 * lua-cjson does. */
#ifndef DK_JSON_SCAN_H
#define DK_JSON_SCAN_H

#include "buffer.h"

enum {
    DK_JSON_NULL = 1,         /* a null */
    DK_JSON_EMPTY_ARRAY = 2,  /* []: lua-cjson cannot tell it from {} */
    DK_JSON_INTEGER = 4,      /* a whole number of at most 15 digits */
    DK_JSON_OTHER_NUMBER = 8, /* a fraction or an exponent */
    DK_JSON_BIG_INTEGER = 16, /* more digits than a double surely holds */
    DK_JSON_NUL = 32          /* a string holds \u0000 */
};

typedef struct dk_json_scan {
    int found;       /* flags of the above */
    const char *why; /* the text is refused: a static string, else NULL */
    size_t at;       /* where */
} dk_json_scan;

dk_json_scan dk_json_look(const char *text, size_t n);

/* Writes the text anew with each [] as ["<mark>a"] and each big integer as "<mark>n<digits>".
 * The mark must be JSON string content (escapes allowed) that does not occur in the text. */
bool dk_json_mark(const char *text, size_t n, const char *mark, dk_buffer *out);

#endif
