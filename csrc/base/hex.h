/* Hexadecimal digits: bytes written as pairs of them and read back, and numbers of a few digits. */
#ifndef DK_HEX_H
#define DK_HEX_H

#include "ascii.h"

/* The digits that are written: small ones, but for percent-encoding (RFC 3986, 2.1). */
#define DK_HEX_LOWER "0123456789abcdef"
#define DK_HEX_UPPER "0123456789ABCDEF"

/* The value of a digit, in either letter case, or -1. */
static inline int dk_hex_value(char c)
{
    if (dk_ascii_is_digit(c))
        return c - '0';
    c = dk_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number that `digits` digits at s make, at most seven; -1: fewer than that are left, or one is
 * no digit. */
long dk_hex_number(const char *s, size_t left, size_t digits);

/* Writes n bytes as 2 n digits and a NUL. */
void dk_hex_write(const void *bytes, size_t n, char *out);

/* Reads n bytes from 2 n digits. False: one is no digit. */
bool dk_hex_read(const char *digits, void *bytes, size_t n);

#endif
