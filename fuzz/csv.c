/* csrc/rows/csv.c: whatever the bytes are and however they are cut, the rows and errors are the
 * same. The first byte chooses the delimiter, the limits, whether the file may say how it is
 * written and whether its first record is its header, the second the cuts; the rest is the file. */
#include "base/buffer.h"
#include "rows/csv.h"
#include "fuzz.h"

#include <string.h>

static void note_row(const dk_csv *csv, dk_buffer *trace)
{
    dk_buffer_addf(trace, "\nrow %zu at %zu by %d%s:", dk_csv_count(csv), dk_csv_line(csv),
                   dk_csv_delimiter(csv), dk_csv_is_blank(csv) ? ", blank" : "");
    size_t all = 0, length;
    for (size_t i = 0; i < dk_csv_count(csv); i++) {
        const char *field = dk_csv_field(csv, i, &length);
        dk_buffer_addf(trace, " %zu ", length);
        dk_buffer_add(trace, field, length);
        all += length;
    }
    MUST(all <= dk_csv_length(csv)); /* less the guards against spreadsheets */
}

static void note_fault(const dk_csv *csv, dk_buffer *trace)
{
    const dk_csv_place *at = dk_csv_fault(csv);
    MUST(at->code != DK_CSV_OK && at->code != DK_CSV_NO_MEMORY && *dk_csv_message(at->code));
    MUST(at->line >= 1 && at->field >= 1);
    dk_buffer_addf(trace, "\nerror %d at %zu:%zu, field %zu", at->code, at->line, at->column,
                   at->field);
}

/* Takes down all that is there; answers what ended it. */
static dk_csv_step drain(dk_csv *csv, bool has_header, dk_buffer *trace, size_t *steps)
{
    for (;;) {
        dk_csv_step step = dk_csv_next(csv);
        if (step == DK_CSV_ROW && has_header && *steps == 0)
            MUST(dk_csv_keep_header(csv));
        if (step == DK_CSV_ROW)
            note_row(csv, trace);
        else if (step == DK_CSV_ERROR)
            note_fault(csv, trace);
        else
            return step;
        ++*steps;
    }
}

/* The next piece's length, after the seed. */
static size_t cut(unsigned *seed, size_t left)
{
    *seed = *seed * 1103515245u + 12345u;
    size_t n = 1 + (*seed >> 16) % 7;
    return n < left ? n : left;
}

/* seed 0: in one piece */
static dk_buffer read_all(const dk_csv_options *options, bool has_header, const char *text,
                          size_t n, unsigned seed)
{
    dk_buffer trace = {0};
    dk_csv *csv = dk_csv_new(options);
    size_t steps = 0;
    MUST(csv);
    for (size_t at = 0; at < n;) {
        size_t piece = seed ? cut(&seed, n - at) : n;
        MUST(dk_csv_feed(csv, text + at, piece));
        at += piece;
        MUST(drain(csv, has_header, &trace, &steps) != DK_CSV_ERROR);
    }
    dk_csv_finish(csv);
    MUST(drain(csv, has_header, &trace, &steps) == DK_CSV_END);
    MUST(dk_csv_next(csv) == DK_CSV_END);
    MUST(steps <= n + 1);
    MUST(!trace.failed);
    dk_csv_free(csv);
    return trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char delimiters[] = {',', ';', '\t', '|'};
    if (n < 2)
        return 0;
    dk_csv_options options = {.delimiter = bytes[0] & 32 ? '\0' : delimiters[bytes[0] % 4],
                              .dialect = bytes[0] & 16,
                              .max_field = bytes[0] & 4 ? 8 : 0,
                              .max_record = bytes[0] & 8 ? 16 : 0};
    const char *text = (const char *)bytes + 2;
    dk_buffer whole = read_all(&options, bytes[0] & 64, text, n - 2, 0);
    dk_buffer pieces = read_all(&options, bytes[0] & 64, text, n - 2, bytes[1] + 1u);
    MUST(whole.length == pieces.length);
    MUST(whole.length == 0 || memcmp(whole.data, pieces.data, whole.length) == 0);
    dk_buffer_free(&whole);
    dk_buffer_free(&pieces);
    return 0;
}
