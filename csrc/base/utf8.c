/* UTF-8 validation after table 3-7 of the Unicode standard, eight ASCII bytes at a time. */
#include "utf8.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

size_t dk_utf8_ascii(const char *s, size_t n)
{
    size_t i = 0;
    for (uint64_t word; n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s + i, sizeof word); /* s may have any alignment */
        if (word & HIGH_BITS)
            break;
    }
    while (i < n && (unsigned char)s[i] < 0x80)
        i++;
    return i;
}

/* The length of the sequence that starts at s (its lead byte is 0x80 or above) with `left` bytes to
 * go, 0 when it is not one. The range of the second byte is what keeps out overlong forms (E0, F0),
 * surrogates (ED) and code points above U+10FFFF (F4). */
static size_t sequence_length(const unsigned char *s, size_t left)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t length = 0;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        length = 2;
    else if (s[0] >= 0xE0 && s[0] <= 0xEF)
        length = 3;
    else if (s[0] >= 0xF0 && s[0] <= 0xF4)
        length = 4;
    if (length == 0 || length > left)
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0;
    else if (s[0] == 0xED)
        high = 0x9F;
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
    return length;
}

size_t dk_utf8_check(const char *s, size_t n)
{
    for (size_t i = 0;;) {
        i += dk_utf8_ascii(s + i, n - i);
        if (i == n)
            return n;
        size_t length = sequence_length((const unsigned char *)s + i, n - i);
        if (length == 0)
            return i;
        i += length;
    }
}

size_t dk_utf8_read(const char *s, size_t left, unsigned long *c)
{
    /* the bits of the lead byte that belong to the code point, by length */
    static const unsigned char own[] = {0, 0, 0x1F, 0x0F, 0x07};
    const unsigned char *bytes = (const unsigned char *)s;
    if (bytes[0] < 0x80) {
        *c = bytes[0];
        return 1;
    }
    size_t length = sequence_length(bytes, left);
    *c = bytes[0] & own[length];
    for (size_t i = 1; i < length; i++)
        *c = *c << 6 | (bytes[i] & 0x3F);
    return length;
}

size_t dk_utf8_write(unsigned long c, char out[4])
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(leads[n] | c);
    return n;
}

size_t dk_utf8_count(const char *s, size_t n)
{
    size_t count = dk_utf8_ascii(s, n);
    for (size_t i = count; i < n; i++)
        count += !dk_utf8_goes_on(s[i]);
    return count;
}
