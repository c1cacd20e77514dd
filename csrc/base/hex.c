/* Hexadecimal digits; see hex.h. */
#include "hex.h"

long dk_hex_number(const char *s, size_t left, size_t digits)
{
    long number = 0;
    if (left < digits)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        int digit = dk_hex_value(s[i]);
        if (digit < 0)
            return -1;
        number = number * 16 + digit;
    }
    return number;
}

void dk_hex_write(const void *bytes, size_t n, char *out)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < n; i++) {
        *out++ = DK_HEX_LOWER[byte[i] >> 4];
        *out++ = DK_HEX_LOWER[byte[i] & 15];
    }
    *out = '\0';
}

bool dk_hex_read(const char *digits, void *bytes, size_t n)
{
    unsigned char *byte = bytes;
    for (size_t i = 0; i < n; i++) {
        long value = dk_hex_number(digits + 2 * i, 2, 2);
        if (value < 0)
            return false;
        byte[i] = (unsigned char)value;
    }
    return true;
}
