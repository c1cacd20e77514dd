/* UTF-8: checked, read and written, a character at a time. */
#ifndef DK_UTF8_H
#define DK_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The offset of the first byte that is not part of well-formed UTF-8 (RFC 3629: no overlong form,
 * no surrogate, nothing above U+10FFFF), or n when all n bytes are. A sequence cut off by the end
 * counts as bad at its first byte. */
size_t dk_utf8_check(const char *s, size_t n);

/* The character at s, at least one byte long: its length and its code point in *c; 0: there is
 * none. */
size_t dk_utf8_read(const char *s, size_t left, unsigned long *c);

/* Writes a character, up to U+10FFFF: its length. Of a surrogate it writes what its number would
 * be, which is not UTF-8. */
size_t dk_utf8_write(unsigned long c, char out[4]);

/* How many bytes at its beginning are ASCII. */
size_t dk_utf8_ascii(const char *s, size_t n);

/* Does the byte go on with a character that began before it? */
static inline bool dk_utf8_goes_on(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* How many characters it has; a byte that is none counts as the one before it does. */
size_t dk_utf8_count(const char *s, size_t n);

#endif
