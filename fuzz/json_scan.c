/* csrc/core/json_scan.c: what is marked needs no more marks, and nothing else is changed. */
#include "core/json_scan.h"
#include "fuzz.h"

#include <string.h>

#define MARK "\\u00007"

static bool holds(const char *text, size_t n, const char *word)
{
    size_t length = strlen(word);
    for (size_t at = 0; at + length <= n; at++)
        if (memcmp(text + at, word, length) == 0)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *text = (const char *)bytes;
    const int marked = DK_JSON_EMPTY_ARRAY | DK_JSON_BIG_INTEGER;
    dk_buffer out = {0};
    dk_json_scan scan = dk_json_look(text, n);
    MUST(scan.why ? scan.at < n : scan.at == 0);
    MUST(dk_json_mark(text, n, MARK, &out));
    if (!scan.why && !(scan.found & marked))
        MUST(out.length == n && (n == 0 || memcmp(out.data, text, n) == 0));
    if (!scan.why && (scan.found & marked)) {
        dk_json_scan again = dk_json_look(out.data, out.length);
        MUST(!again.why && !(again.found & marked));
        MUST((again.found | marked | DK_JSON_NUL) == (scan.found | marked | DK_JSON_NUL));
        MUST(holds(out.data, out.length, MARK));
    }
    dk_buffer_free(&out);
    return 0;
}
