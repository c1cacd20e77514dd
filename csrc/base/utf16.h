/* Turns UTF-16 into UTF-8, in pieces that may be cut anywhere. Spreadsheets write UTF-16 as
 * "Unicode text". */
#ifndef DK_UTF16_H
#define DK_UTF16_H

#include "buffer.h"

typedef struct dk_utf16 {
    bool big;              /* the high byte of a unit comes first */
    unsigned char held[4]; /* bytes of a character that is not whole yet */
    size_t count;
} dk_utf16;

/* Appends the bytes as UTF-8; false when there is no memory. A surrogate without its other half
 * becomes the three bytes that its number would have, which are not UTF-8: whoever checks the text
 * finds them in their place. */
bool dk_utf16_decode(dk_utf16 *from, const char *bytes, size_t n, dk_buffer *out);

/* Is a character begun and not ended? At the end of the input it never will be. */
bool dk_utf16_is_cut(const dk_utf16 *from);

#endif
