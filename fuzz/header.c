/* csrc/http/header.c: whatever a server sends, what is read lies within it and within bounds. */
#include "http/header.h"
#include "fuzz.h"

#define DAY 86400.0

static void check_inside(dk_text block, dk_text part)
{
    if (part.length == 0)
        return;
    MUST(part.data >= block.data && part.data + part.length <= block.data + block.length);
}

static void check_lines(dk_text block)
{
    const char *cursor = block.data, *end = block.data + block.length;
    dk_text name, value;
    while (cursor < end) {
        const char *before = cursor;
        if (!dk_header_next(&cursor, end, &name, &value))
            break;
        MUST(cursor > before && cursor <= end);
        check_inside(block, name);
        check_inside(block, value);
    }
}

static void check_times(dk_text block, double now)
{
    dk_rate_limit rate;
    dk_header_rate_limit(block, now, &rate);
    check_inside(block, rate.name);
    MUST(rate.limit == -1 || (rate.limit >= 0 && rate.limit < 1e18));
    MUST(rate.period == -1 || (rate.period >= 0 && rate.period < 1e18));
    MUST(rate.remaining == -1 || (rate.remaining >= 0 && rate.remaining < 1e18));
    MUST(rate.reset == -1 || (rate.reset >= 0 && rate.reset <= DAY));
    MUST(rate.date == -1 || (rate.date >= 0 && rate.date < 1e18));
    MUST(rate.resets_at == -1 || (rate.resets_at >= 1e8 && rate.resets_at < 1e18));
    double after = dk_header_retry_after(block, now);
    MUST(after == -1 || (after >= 0 && after <= DAY));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const names[] = {"content-type", "retry-after", "x-request-id"};
    dk_text block = {(const char *)bytes, n}, value;
    check_lines(block);
    check_times(block, 0);
    check_times(block, 1.7e9);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (dk_header_find(block, names[i], &value))
            check_inside(block, value);
    if (dk_header_link(block, "next", &value))
        check_inside(block, value);
    return 0;
}
