/* csrc/rows/form.c, rows.c, keyset.c, match.c: a value in its form stays as it is in it; rows come
 * back as they were put in; and a service that has what the source asks for needs nothing. The
 * first byte chooses the form, the rest is lines of fields with commas between them. */
#include "rows/match.h"

#include "base/text.h"
#include "fuzz.h"

#include <string.h>

enum { COLUMNS = 3, ROWS = 64 };

typedef struct made {
    const char *text[COLUMNS];
    size_t n[COLUMNS];
} made;

static void check_form(dk_form form, const char *text, size_t n)
{
    dk_buffer once = {0}, twice = {0};
    dk_form_code code = dk_form_apply(form, text, n, &once);
    MUST(code != DK_FORM_NO_MEMORY);
    if (code == DK_FORM_CHANGED)
        MUST(dk_form_apply(form, once.data, once.length, &twice) == DK_FORM_AS_IS);
    else
        MUST(once.length == 0);
    if (code != DK_FORM_REFUSED)
        MUST(!dk_text_has_control(text, n));
    dk_buffer_free(&once);
    dk_buffer_free(&twice);
}

static void check_list(const char *text, size_t n)
{
    dk_buffer once = {0}, twice = {0};
    if (dk_form_list(text, n, ';', &once) == DK_FORM_CHANGED) {
        MUST(dk_form_list(once.length ? once.data : "", once.length, '\0', &twice) ==
             DK_FORM_CHANGED);
        MUST(once.length == twice.length);
        MUST(once.length == 0 || memcmp(once.data, twice.data, once.length) == 0);
    }
    dk_buffer_free(&once);
    dk_buffer_free(&twice);
}

/* The next field, without what ends it. */
static const char *field(const char **at, const char *end, char stop, size_t *n)
{
    const char *start = *at;
    const char *found = memchr(start, stop, (size_t)(end - start));
    *n = (size_t)((found ? found : end) - start);
    *at = found ? found + 1 : end;
    return start;
}

static made make(const char *line, size_t n)
{
    made row;
    const char *at = line, *end = line + n;
    for (size_t i = 0; i < COLUMNS; i++)
        row.text[i] = field(&at, end, ',', &row.n[i]);
    return row;
}

static bool add(dk_rows *rows, const made *row, size_t line)
{
    dk_rows_first first = {0};
    for (size_t i = 0; i < COLUMNS; i++)
        if (dk_rows_set(rows, i, row->text[i], row->n[i]) != DK_ROWS_OK) {
            dk_rows_drop(rows);
            return false;
        }
    dk_rows_code code = dk_rows_end(rows, line, &first);
    MUST(code != DK_ROWS_NO_MEMORY && code != DK_ROWS_FULL);
    if (code == DK_ROWS_TWICE)
        MUST(first.line < line && first.row < dk_rows_count(rows));
    return code == DK_ROWS_OK;
}

/* What stands in the rows goes to the service as it is. */
static void copy(const dk_rows *from, dk_rows *to, size_t index)
{
    made row;
    dk_rows_first first = {0};
    for (size_t i = 0; i < COLUMNS; i++) {
        row.text[i] = dk_rows_value(from, index, i, &row.n[i]);
        if (i == 2 && row.text[i])
            MUST(dk_rows_set_items(to, i, row.text[i], row.n[i]) == DK_ROWS_OK);
        else if (row.text[i])
            MUST(dk_rows_set(to, i, row.text[i], row.n[i]) == DK_ROWS_OK);
    }
    MUST(dk_rows_end_partial(to, index + 1, &first) == DK_ROWS_OK);
}

static void check_match(dk_rows *source, dk_rows *service, size_t id)
{
    dk_match_options options = {.prune = true, .inactive = DK_NO_COLUMN, .id = id};
    dk_match match;
    MUST(dk_match_make(&match, source, service, &options));
    MUST(match.counts[DK_UNCHANGED] == dk_rows_count(source));
    MUST(match.steps == dk_rows_count(source));
    dk_match_free(&match);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 1)
        return 0;
    dk_form form = (dk_form)(bytes[0] % DK_FORM_LIST);
    const dk_column columns[COLUMNS] = {{.required = true, .max = 40},
                                        {.form = form, .secret = bytes[0] & 64},
                                        {.form = DK_FORM_LIST, .separator = ';'}};
    dk_rows_options options = {columns, COLUMNS, 0, true, false, bytes[0] & 16, 0};
    dk_rows *source = dk_rows_new(&options);
    options.foreign = true;
    dk_rows *service = dk_rows_new(&options);
    MUST(source && service);
    const char *at = (const char *)bytes + 1, *end = (const char *)bytes + n;
    check_form(form, at, n - 1);
    check_list(at, n - 1);
    for (size_t line = 1; line <= ROWS && at < end; line++) {
        size_t length;
        const char *text = field(&at, end, '\n', &length);
        made row = make(text, length);
        if (add(source, &row, line))
            copy(source, service, dk_rows_count(source) - 1);
    }
    check_match(source, service, bytes[0] & 32 ? 1 : DK_NO_COLUMN);
    dk_rows_free(source);
    dk_rows_free(service);
    return 0;
}
