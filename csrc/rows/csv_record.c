/* A CSV record; see csv_record.h. */
#include "csv_record.h"
#include "csv_input.h"

#include "base/array.h"
#include "base/ascii.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

void dk_csv_record_free(dk_csv_record *r)
{
    dk_buffer_free(&r->text);
    free(r->ends);
}

void dk_csv_record_begin(dk_csv_record *r, size_t line)
{
    r->text.length = 0;
    r->count = 0;
    r->line = line;
}

dk_csv_room dk_csv_record_add(dk_csv_record *r, const char *bytes, size_t n)
{
    size_t start = r->count ? r->ends[r->count - 1] : 0;
    size_t field_room = r->max_field - (r->text.length - start);
    size_t record_room = r->max_size - r->text.length;
    /* whichever limit comes first in the text, however the text was cut */
    if (n > field_room || n > record_room)
        return field_room <= record_room ? DK_CSV_FIELD_IS_FULL : DK_CSV_RECORD_IS_FULL;
    return dk_buffer_add(&r->text, bytes, n) ? DK_CSV_FITS : DK_CSV_MEMORY_IS_FULL;
}

dk_csv_room dk_csv_record_end_field(dk_csv_record *r)
{
    /* delimiters count too: a record of nothing but empty fields has its limit as well */
    if (r->count >= r->max_size)
        return DK_CSV_RECORD_IS_FULL;
    if (!dk_array_reserve(&r->ends, &r->capacity, r->count, sizeof *r->ends))
        return DK_CSV_MEMORY_IS_FULL;
    r->ends[r->count++] = r->text.length;
    return DK_CSV_FITS;
}

const char *dk_csv_record_field(const dk_csv_record *r, size_t index, size_t *n)
{
    size_t start = index ? r->ends[index - 1] : 0;
    *n = r->ends[index] - start;
    return *n ? r->text.data + start : "";
}

/* The lines that begin in the text before an offset. */
static size_t lines_before(const dk_buffer *text, size_t end)
{
    const char *s = text->data;
    size_t lines = 0;
    for (size_t i = 0; i < end; i++)
        lines += s[i] == '\n' || (s[i] == '\r' && (i + 1 == end || s[i + 1] != '\n'));
    return lines;
}

bool dk_csv_record_find_bad(const dk_csv_record *r, size_t *field, size_t *line)
{
    for (size_t i = 0, n; i < r->count; i++) {
        const char *text = dk_csv_record_field(r, i, &n);
        size_t bad = dk_utf8_check(text, n);
        if (bad == n)
            continue;
        *field = i;
        *line = r->line + lines_before(&r->text, r->ends[i] - n + bad);
        return true;
    }
    return false;
}

bool dk_csv_kept_set(dk_csv_kept *k, const dk_csv_record *r)
{
    dk_buffer_clear(&k->text);
    dk_buffer_clear(&k->ends);
    k->text.secret = true; /* a first line may be data */
    return r->text.length == 0 || (dk_buffer_add(&k->text, r->text.data, r->text.length) &&
                                   dk_buffer_add(&k->ends, r->ends, r->count * sizeof *r->ends));
}

bool dk_csv_kept_is(const dk_csv_kept *k, const dk_csv_record *r)
{
    size_t mark = r->text.length - k->text.length;
    if (k->text.length == 0 || r->count * sizeof *r->ends != k->ends.length)
        return false;
    if (mark != 0 && mark != dk_csv_mark_length(r->text.data, r->text.length))
        return false;
    if (!dk_ascii_same(r->text.data + mark, k->text.data, k->text.length))
        return false;
    for (size_t i = 0; i < r->count; i++) {
        size_t end;
        memcpy(&end, k->ends.data + i * sizeof end, sizeof end);
        if (r->ends[i] != end + mark)
            return false;
    }
    return true;
}

void dk_csv_kept_free(dk_csv_kept *k)
{
    dk_buffer_free(&k->text);
    dk_buffer_free(&k->ends);
}
