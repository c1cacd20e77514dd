/* csrc/http/json_scan.c: what is marked needs no more marks, and nothing else is changed. */
#include "http/json_scan.h"
#include "fuzz.h"

#include <string.h>

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
    const int carried = DK_JSON_EMPTY_ARRAY | DK_JSON_BIG_INTEGER | DK_JSON_OTHER_NUMBER |
                        DK_JSON_HALF_CHARACTER | DK_JSON_INTEGER;
    const int strings = DK_JSON_EMPTY_ARRAY | DK_JSON_NUL;
    char mark[DK_JSON_MARK];
    dk_buffer out = {0};
    dk_json_scan scan = dk_json_look(text, n);
    MUST(scan.why ? scan.at < n : scan.at == 0);
    dk_json_choose_mark(text, n, mark);
    MUST(strlen(mark) > 6 && !holds(text, n, mark));
    MUST(dk_json_mark(text, n, carried, mark, &out));
    if (!scan.why && !(scan.found & carried))
        MUST(out.length == n && (n == 0 || memcmp(out.data, text, n) == 0));
    if (!scan.why && (scan.found & carried)) {
        dk_json_scan again = dk_json_look(out.data, out.length);
        MUST(!again.why && !(again.found & carried));
        MUST((again.found | carried | strings) == (scan.found | carried | strings));
        MUST(!(scan.found & carried & ~DK_JSON_HALF_CHARACTER) ||
             holds(out.data, out.length, mark));
    }
    dk_buffer_free(&out);
    return 0;
}
