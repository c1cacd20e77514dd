/* csrc/base/text.c: a skeleton has no space, no capital and no byte that is not UTF-8 unless the
 * text has; a text without a flaw is UTF-8; no text is wider than two columns a character; what
 * fits into some columns is no wider. */
#include "base/text.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <string.h>

static size_t characters(const char *text, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *text = (const char *)bytes;
    dk_buffer once = {0}, points = {0};
    dk_text_place place = {0, 0, false};
    size_t valid = dk_utf8_check(text, n);
    MUST(dk_text_skeleton(text, n, &once));
    for (size_t i = 0; i < once.length; i++)
        MUST(once.data[i] != ' ' && !(once.data[i] >= 'A' && once.data[i] <= 'Z'));
    if (valid == n)
        MUST(dk_utf8_check(once.length ? once.data : "", once.length) == once.length);
    dk_text_flaw flaw = dk_text_check_name(text, n, &place);
    MUST(flaw < DK_TEXT_FLAWS && (flaw != DK_TEXT_FINE) == (place.character > 0));
    if (flaw == DK_TEXT_FINE || n == 0)
        MUST(valid == n);
    if (valid == n) {
        MUST(flaw != DK_TEXT_NOT_UTF8 && flaw != DK_TEXT_SURROGATE);
        MUST(dk_text_width(text, n) <= 2 * characters(text, n));
    }
    for (size_t columns = 0; columns < 12; columns++) {
        size_t fitting = dk_text_fitting(text, n, columns);
        MUST(fitting <= n && dk_text_width(text, fitting) <= columns);
        MUST(fitting == n || dk_text_width(text, n) > columns);
    }
    MUST(dk_text_code_points(text, n, &points));
    dk_buffer_free(&once);
    dk_buffer_free(&points);
    return 0;
}
