/* csrc/base/utf8.c against a decoder that is written another way: by the code points that come out.
 */
#include "base/utf8.h"
#include "fuzz.h"

/* How many bytes the sequence at s takes, by its lead byte; 0: that is none. */
static size_t length_of(uint8_t lead)
{
    return lead < 0x80             ? 1
           : (lead & 0xE0) == 0xC0 ? 2
           : (lead & 0xF0) == 0xE0 ? 3
           : (lead & 0xF8) == 0xF0 ? 4
                                   : 0;
}

/* The shortest encoding of a code point. */
static size_t shortest(uint32_t point)
{
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/* The same answer as dk_utf8_check's, by RFC 3629. */
static size_t first_bad(const uint8_t *s, size_t n)
{
    static const uint8_t lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    for (size_t at = 0; at < n;) {
        size_t length = length_of(s[at]);
        if (length == 0 || length > n - at)
            return at;
        uint32_t point = s[at] & lead_bits[length];
        for (size_t i = 1; i < length; i++) {
            if ((s[at + i] & 0xC0) != 0x80)
                return at;
            point = point << 6 | (s[at + i] & 0x3F);
        }
        if (shortest(point) != length || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
            return at;
        at += length;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    MUST(dk_utf8_check((const char *)bytes, n) == first_bad(bytes, n));
    return 0;
}
