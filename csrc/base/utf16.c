/* UTF-16 as UTF-8; see utf16.h. */
#include "utf16.h"
#include "utf8.h"

#include <string.h>

static unsigned unit_at(const dk_utf16 *from, const unsigned char *s)
{
    return from->big ? (unsigned)s[0] << 8 | s[1] : (unsigned)s[1] << 8 | s[0];
}

static bool is_high(unsigned unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(unsigned unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Takes the first character of what is held, where it is whole: its bytes, or 0. */
static size_t take(const dk_utf16 *from, unsigned long *c)
{
    if (from->count < 2)
        return 0;
    unsigned first = unit_at(from, from->held);
    *c = first;
    if (!is_high(first))
        return 2;
    if (from->count < 4)
        return 0;
    unsigned second = unit_at(from, from->held + 2);
    if (!is_low(second))
        return 2;
    *c = 0x10000 + ((unsigned long)(first - 0xD800) << 10) + (second - 0xDC00);
    return 4;
}

bool dk_utf16_decode(dk_utf16 *from, const char *bytes, size_t n, dk_buffer *out)
{
    for (size_t i = 0; i < n; i++) {
        from->held[from->count++] = (unsigned char)bytes[i];
        unsigned long c;
        char character[4];
        for (size_t taken = take(from, &c); taken; taken = take(from, &c)) {
            if (!dk_buffer_add(out, character, dk_utf8_write(c, character)))
                return false;
            from->count -= taken;
            memmove(from->held, from->held + taken, from->count);
        }
    }
    return true;
}

bool dk_utf16_is_cut(const dk_utf16 *from)
{
    return from->count > 0;
}
