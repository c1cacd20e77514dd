/* The CSV state machine; see csv.h. What was fed and not read waits in csv_input, what is read goes
 * to csv_record, so that reading a file of any length takes constant memory. */
#include "csv.h"
#include "csv_input.h"
#include "csv_record.h"
#include "delimiter.h"

#include "base/ascii.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAX_FIELD  ((size_t)1 << 20)
#define DEFAULT_MAX_RECORD ((size_t)1 << 24)
#define MAX_FIRST_LINE     ((size_t)1 << 16) /* bytes in which the delimiter is looked for */

typedef enum state {
    AT_START,    /* of the input: a byte order mark may come */
    AT_DIALECT,  /* before the first line, which may show the delimiter */
    AT_RECORD,   /* before a record: a line end here is a blank line */
    AT_FIELD,    /* before a field of a record */
    IN_TEXT,     /* inside an unquoted field */
    IN_QUOTES,   /* inside a quoted field */
    AFTER_QUOTE, /* a quote inside quotes: the end of the field, or half of a doubled quote */
    IN_BAD_LINE, /* an error was told: skip to the line's end */
    AT_END       /* nothing more will be read */
} state;

struct dk_csv {
    state state;
    bool finished; /* no more input will come */
    char delimiter;
    bool dialect;    /* the first line has not been looked at yet */
    bool find;       /* it is to show the delimiter */
    bool one_column; /* it had no delimiter: it names one column */
    dk_csv_input input;
    dk_csv_record record;
    dk_csv_kept header;
    dk_csv_place start; /* where the current field starts */
    dk_csv_place fault;
};

dk_csv *dk_csv_new(const dk_csv_options *options)
{
    dk_csv *csv = calloc(1, sizeof *csv);
    if (!csv)
        return NULL;
    dk_csv_options o = options ? *options : (dk_csv_options){0};
    csv->dialect = o.dialect;
    csv->find = o.dialect && !o.delimiter;
    csv->delimiter = o.delimiter ? o.delimiter : ',';
    dk_csv_input_init(&csv->input);
    csv->record.text.secret = true; /* a file of accounts holds their secrets */
    csv->record.max_field = o.max_field ? o.max_field : DEFAULT_MAX_FIELD;
    csv->record.max_size = o.max_record ? o.max_record : DEFAULT_MAX_RECORD;
    return csv;
}

void dk_csv_free(dk_csv *csv)
{
    if (!csv)
        return;
    dk_csv_input_free(&csv->input);
    dk_csv_record_free(&csv->record);
    dk_csv_kept_free(&csv->header);
    free(csv);
}

bool dk_csv_feed(dk_csv *csv, const char *bytes, size_t n)
{
    if (csv->finished)
        return false;
    if (n == 0 || csv->state == AT_END)
        return true;
    return dk_csv_input_feed(&csv->input, bytes, n);
}

void dk_csv_finish(dk_csv *csv)
{
    csv->finished = true;
}

/* --- faults ----------------------------------------------------------------------------------- */

static dk_csv_step fail_at(dk_csv *csv, dk_csv_code code, state next, size_t line, size_t column)
{
    csv->fault = (dk_csv_place){code, line, column, csv->record.count + 1};
    csv->state = next;
    return DK_CSV_ERROR;
}

static dk_csv_step fail(dk_csv *csv, dk_csv_code code, state next)
{
    return fail_at(csv, code, next, csv->input.line, csv->input.column);
}

static dk_csv_step fail_at_field(dk_csv *csv, dk_csv_code code)
{
    return fail_at(csv, code, AT_END, csv->start.line, csv->start.column);
}

static dk_csv_step fail_record(dk_csv *csv, dk_csv_code code)
{
    csv->fault = (dk_csv_place){code, csv->record.line, 1, 1};
    return DK_CSV_ERROR;
}

static const dk_csv_code codes[] = {
    [DK_CSV_FITS] = DK_CSV_OK,
    [DK_CSV_FIELD_IS_FULL] = DK_CSV_FIELD_TOO_LARGE,
    [DK_CSV_RECORD_IS_FULL] = DK_CSV_RECORD_TOO_LARGE,
    [DK_CSV_MEMORY_IS_FULL] = DK_CSV_NO_MEMORY,
};

/* --- records ---------------------------------------------------------------------------------- */

/* A file whose first line names one column has a delimiter in a later one: which lines are wrong
 * nobody can say. */
static bool has_late_delimiter(const dk_csv *csv)
{
    const dk_csv_record *r = &csv->record;
    if (!csv->one_column || r->quoted || r->count != 1)
        return false;
    for (size_t i = 0; i < r->text.length; i++)
        if (dk_is_delimiter(r->text.data[i]))
            return true;
    return false;
}

/* The record is complete. */
static dk_csv_step end_record(dk_csv *csv)
{
    size_t field, line;
    csv->state = AT_RECORD;
    if (dk_csv_record_find_bad(&csv->record, &field, &line)) {
        /* the column is lost with the quotes, the field says it better */
        dk_csv_code code = csv->input.is_utf16 ? DK_CSV_NOT_UTF16 : DK_CSV_NOT_UTF8;
        csv->fault = (dk_csv_place){code, line, 0, field + 1};
        return DK_CSV_ERROR;
    }
    if (dk_csv_kept_is(&csv->header, &csv->record))
        return fail_record(csv, DK_CSV_HEADER_AGAIN);
    if (has_late_delimiter(csv))
        return fail_record(csv, DK_CSV_DELIMITER_LATE);
    return DK_CSV_ROW;
}

/* The byte that ends a field, unquoted or quoted: a delimiter or a line end. */
static dk_csv_step end_field_with(dk_csv *csv, char c)
{
    dk_csv_room room = dk_csv_record_end_field(&csv->record);
    if (room != DK_CSV_FITS)
        return fail(csv, codes[room], AT_END);
    dk_csv_input_pass(&csv->input);
    if (c != csv->delimiter)
        return end_record(csv);
    csv->state = AT_FIELD;
    return DK_CSV_MORE;
}

/* What ends a run of plain bytes, in a quoted field as in another; unquoted, a delimiter does too. */
static const bool ends_run[UCHAR_MAX + 1] = {
    ['"'] = true, ['\n'] = true, ['\r'] = true, ['\0'] = true};

/* How many bytes from here on are plain. */
static size_t plain_run(const dk_csv *csv)
{
    const char *here = dk_csv_input_here(&csv->input), *at = here;
    const char *end = here + dk_csv_input_left(&csv->input);
    char delimiter = csv->state == IN_QUOTES ? '"' : csv->delimiter;
    while (at < end && *at != delimiter && !ends_run[(unsigned char)*at])
        at++;
    return (size_t)(at - here);
}

static dk_csv_step take_run(dk_csv *csv, size_t n)
{
    dk_csv_room room = dk_csv_record_add(&csv->record, dk_csv_input_here(&csv->input), n);
    if (room != DK_CSV_FITS)
        return fail_at_field(csv, codes[room]);
    dk_csv_input_pass_run(&csv->input, n);
    return DK_CSV_MORE;
}

/* --- states ----------------------------------------------------------------------------------- */

static dk_csv_step in_text(dk_csv *csv)
{
    size_t run = plain_run(csv);
    if (run > 0)
        return take_run(csv, run);
    char c = *dk_csv_input_here(&csv->input);
    if (c == '\0')
        return fail(csv, DK_CSV_NUL, IN_BAD_LINE);
    if (c == '"')
        return fail(csv, DK_CSV_QUOTE_IN_TEXT, IN_BAD_LINE);
    return end_field_with(csv, c);
}

static dk_csv_step in_quotes(dk_csv *csv)
{
    size_t run = plain_run(csv);
    if (run > 0)
        return take_run(csv, run);
    char c = *dk_csv_input_here(&csv->input);
    if (c == '\0')
        return fail(csv, DK_CSV_NUL, IN_BAD_LINE);
    if (c == '"') {
        csv->state = AFTER_QUOTE;
    } else { /* a line end belongs to the text */
        dk_csv_room room = dk_csv_record_add(&csv->record, &c, 1);
        if (room != DK_CSV_FITS)
            return fail_at_field(csv, codes[room]);
    }
    dk_csv_input_pass(&csv->input);
    return DK_CSV_MORE;
}

static dk_csv_step after_quote(dk_csv *csv)
{
    char c = *dk_csv_input_here(&csv->input);
    if (c == '"') {
        csv->state = IN_QUOTES;
        return take_run(csv, 1);
    }
    if (c == csv->delimiter || dk_ascii_is_line_end(c))
        return end_field_with(csv, c);
    return fail(csv, c == '\0' ? DK_CSV_NUL : DK_CSV_TEXT_AFTER_QUOTE, IN_BAD_LINE);
}

static dk_csv_step at_field(dk_csv *csv)
{
    csv->start.line = csv->input.line;
    csv->start.column = csv->input.column;
    csv->record.quoted = *dk_csv_input_here(&csv->input) == '"';
    csv->state = csv->record.quoted ? IN_QUOTES : IN_TEXT;
    if (csv->record.quoted)
        dk_csv_input_pass(&csv->input);
    return DK_CSV_MORE;
}

static dk_csv_step at_record(dk_csv *csv)
{
    if (dk_ascii_is_line_end(*dk_csv_input_here(&csv->input))) {
        /* a blank line, or the LF of the CRLF that ended the record before */
        dk_csv_input_pass(&csv->input);
        return DK_CSV_MORE;
    }
    dk_csv_record_begin(&csv->record, csv->input.line);
    csv->state = AT_FIELD;
    return DK_CSV_MORE;
}

static dk_csv_step at_start(dk_csv *csv)
{
    csv->state = csv->dialect ? AT_DIALECT : AT_RECORD;
    if (!dk_csv_input_pass_mark(&csv->input))
        return fail(csv, DK_CSV_NO_MEMORY, AT_END);
    return DK_CSV_MORE;
}

/* Is the first line not whole yet? */
static bool may_go_on(const dk_csv *csv)
{
    size_t left = dk_csv_input_left(&csv->input);
    return dk_line_length(dk_csv_input_here(&csv->input), left) == left && left < MAX_FIRST_LINE;
}

/* The first line, looked at before it is read. */
static dk_csv_step at_dialect(dk_csv *csv)
{
    const char *line = dk_csv_input_here(&csv->input);
    size_t n = dk_line_length(line, dk_csv_input_left(&csv->input));
    char named = dk_delimiter_named(line, n);
    if (n == 0) { /* a blank one */
        dk_csv_input_pass(&csv->input);
        return DK_CSV_MORE;
    }
    csv->state = AT_RECORD;
    if (named) {
        dk_csv_input_pass_run(&csv->input, n);
        if (csv->find)
            csv->delimiter = named;
        csv->find = false;
        return DK_CSV_MORE;
    }
    if (!csv->find)
        return DK_CSV_MORE;
    dk_delimiter_code code = dk_delimiter_find(line, n, &csv->delimiter);
    if (code == DK_DELIMITER_OPEN) {
        csv->delimiter = '\0';
        return fail(csv, DK_CSV_DELIMITER_OPEN, AT_END);
    }
    csv->one_column = code == DK_DELIMITER_NONE;
    return DK_CSV_MORE;
}

static dk_csv_step in_bad_line(dk_csv *csv)
{
    if (dk_ascii_is_line_end(*dk_csv_input_here(&csv->input)))
        csv->state = AT_RECORD;
    dk_csv_input_pass(&csv->input);
    return DK_CSV_MORE;
}

/* The end of the input: what is still open? */
static dk_csv_step at_input_end(dk_csv *csv)
{
    if (dk_utf16_is_cut(&csv->input.utf16))
        return fail(csv, DK_CSV_CUT_UTF16, AT_END);
    switch (csv->state) {
    case IN_QUOTES:
        return fail_at_field(csv, DK_CSV_UNTERMINATED_QUOTE);
    case AT_FIELD: /* after a delimiter: one more field, an empty one */
    case IN_TEXT:
    case AFTER_QUOTE: {
        dk_csv_room room = dk_csv_record_end_field(&csv->record);
        return room == DK_CSV_FITS ? end_record(csv) : fail(csv, codes[room], AT_END);
    }
    default:
        csv->state = AT_END;
        return DK_CSV_END;
    }
}

/* Each state's next move, with at least one byte to look at. DK_CSV_MORE: go on. */
static dk_csv_step (*const moves[])(dk_csv *csv) = {
    [AT_START] = at_start,       [AT_DIALECT] = at_dialect,   [AT_RECORD] = at_record,
    [AT_FIELD] = at_field,       [IN_TEXT] = in_text,         [IN_QUOTES] = in_quotes,
    [AFTER_QUOTE] = after_quote, [IN_BAD_LINE] = in_bad_line,
};

/* Does the state want to see more than is there before it moves? */
static bool is_waiting(const dk_csv *csv)
{
    return (csv->state == AT_START && dk_csv_input_may_be_mark(&csv->input)) ||
           (csv->state == AT_DIALECT && may_go_on(csv));
}

dk_csv_step dk_csv_next(dk_csv *csv)
{
    while (csv->state != AT_END) {
        bool empty = dk_csv_input_left(&csv->input) == 0;
        if (!csv->finished && (empty || (csv->state <= AT_DIALECT && is_waiting(csv))))
            return DK_CSV_MORE;
        if (empty)
            return at_input_end(csv);
        dk_csv_step step = moves[csv->state](csv);
        if (step != DK_CSV_MORE)
            return step;
    }
    return DK_CSV_END;
}

/* --- what was read ---------------------------------------------------------------------------- */

size_t dk_csv_count(const dk_csv *csv)
{
    return csv->record.count;
}

/* Does the field begin with quotes (') and then a formula character? Then the first quote was added
 * by whoever wrote the file, and is dropped. */
static bool is_guarded(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] == '\'')
        i++;
    return i > 0 && i < n && memchr("=+-@\t\r", s[i], 6);
}

const char *dk_csv_field(const dk_csv *csv, size_t index, size_t *length)
{
    const char *text = dk_csv_record_field(&csv->record, index, length);
    bool guarded = is_guarded(text, *length);
    *length -= guarded;
    return text + guarded;
}

size_t dk_csv_length(const dk_csv *csv)
{
    return csv->record.text.length;
}

size_t dk_csv_line(const dk_csv *csv)
{
    return csv->record.line;
}

bool dk_csv_is_blank(const dk_csv *csv)
{
    const char *s = csv->record.text.data;
    size_t n = csv->record.text.length, i = 0;
    while (i < n && (s[i] == ' ' || s[i] == '\t'))
        i++;
    return i == n || (n == 1 && csv->record.count == 1 && s[0] == '\x1A');
}

bool dk_csv_keep_header(dk_csv *csv)
{
    return dk_csv_kept_set(&csv->header, &csv->record);
}

char dk_csv_delimiter(const dk_csv *csv)
{
    bool is_known = csv->state != AT_START && csv->state != AT_DIALECT && !csv->one_column;
    return is_known ? csv->delimiter : '\0';
}

const dk_csv_place *dk_csv_fault(const dk_csv *csv)
{
    return &csv->fault;
}

static const char *const messages[] = {
    [DK_CSV_OK] = "no error",
    [DK_CSV_TEXT_AFTER_QUOTE] =
        "text after a closing quote (a quote inside quotes is written twice)",
    [DK_CSV_QUOTE_IN_TEXT] = "a quote inside a field that does not start with one",
    [DK_CSV_UNTERMINATED_QUOTE] = "this quote is never closed",
    [DK_CSV_NUL] = "a NUL character (is the file UTF-16 or UTF-32? save it as UTF-8)",
    [DK_CSV_FIELD_TOO_LARGE] = "the field is too large (is a quote not closed?)",
    [DK_CSV_RECORD_TOO_LARGE] = "the record is too large (is a quote not closed?)",
    [DK_CSV_NOT_UTF8] = "not UTF-8 (save the file as UTF-8)",
    [DK_CSV_NOT_UTF16] =
        "half of a character of UTF-16, a surrogate without the other (save the file as UTF-8)",
    [DK_CSV_CUT_UTF16] = "the file ends inside a character of UTF-16: a part of it is missing",
    [DK_CSV_DELIMITER_OPEN] = "two of comma, semicolon, tab and | come equally often in the first "
                              "line: say which one separates the columns (delimiter)",
    [DK_CSV_DELIMITER_LATE] = "a comma, semicolon, tab or | outside of quotes, and the first line "
                              "has none: say what separates the columns (delimiter)",
    [DK_CSV_HEADER_AGAIN] = "the header comes here once more (are these several files in one?)",
    [DK_CSV_NO_MEMORY] = "out of memory",
};

const char *dk_csv_message(dk_csv_code code)
{
    return messages[code];
}
