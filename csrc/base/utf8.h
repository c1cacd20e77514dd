/* Is this text UTF-8? One question about bytes, asked of every answer body and every source file.
 */
#ifndef DK_UTF8_H
#define DK_UTF8_H

#include <stddef.h>

/*
 * The offset of the first byte that is not part of well-formed UTF-8 (RFC 3629: no overlong form,
 * no surrogate, nothing above U+10FFFF), or n when all n bytes are. A sequence cut off by the end
 * counts as bad at its first byte.
 */
size_t dk_utf8_check(const char *s, size_t n);

/* The character at s, at least one byte long: its length and its code point in *c; 0: there is
 * none. */
size_t dk_utf8_read(const char *s, size_t left, unsigned long *c);

#endif
