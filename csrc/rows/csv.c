/*
 * The CSV state machine. Input waits in one buffer, the record being read in another ("text"),
 * with the end of each field; both grow to the largest record and stay, so that reading a file of
 * any length takes constant memory.
 */
#include "csv.h"
#include "base/ascii.h"
#include "base/buffer.h"
#include "delimiter.h"
#include "base/utf16.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAX_FIELD  ((size_t)1 << 20)
#define DEFAULT_MAX_RECORD ((size_t)1 << 24)
#define MAX_FIRST_LINE     ((size_t)1 << 16) /* bytes in which the delimiter is looked for */

static const char utf8_mark[3] = {'\xEF', '\xBB', '\xBF'};

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
    bool after_cr; /* the last byte was a CR: an LF now belongs to it */
    char delimiter;
    bool dialect;    /* the first line has not been looked at yet */
    bool find;       /* it is to show the delimiter */
    bool one_column; /* it had no delimiter: it names one column */
    bool is_utf16;
    dk_utf16 utf16;
    size_t max_field, max_record;
    dk_buffer input;
    size_t at; /* the next byte of input to look at */
    dk_buffer text;
    size_t *ends; /* ends[i]: where field i ends in text */
    size_t count, ends_size;
    size_t line, column; /* of the next byte */
    size_t record_line;
    bool quoted;      /* the current field, or the record's last */
    dk_buffer header; /* the header's text and the ends of its fields, where it is kept */
    dk_buffer header_ends;
    dk_csv_place start; /* where the current field starts */
    dk_csv_place fault;
};

dk_csv *dk_csv_new(const dk_csv_options *options)
{
    dk_csv *csv = calloc(1, sizeof *csv);

    if (!csv)
        return NULL;
    csv->dialect = options && options->dialect;
    csv->find = csv->dialect && !options->delimiter;
    csv->delimiter = options && options->delimiter ? options->delimiter : ',';
    csv->max_field = options && options->max_field ? options->max_field : DEFAULT_MAX_FIELD;
    csv->max_record = options && options->max_record ? options->max_record : DEFAULT_MAX_RECORD;
    csv->line = csv->column = 1;
    /* a file of accounts holds their secrets, and a first line may be data */
    csv->input.secret = csv->text.secret = csv->header.secret = true;
    return csv;
}

void dk_csv_free(dk_csv *csv)
{
    if (!csv)
        return;
    dk_buffer_free(&csv->input);
    dk_buffer_free(&csv->text);
    dk_buffer_free(&csv->header);
    dk_buffer_free(&csv->header_ends);
    free(csv->ends);
    free(csv);
}

bool dk_csv_feed(dk_csv *csv, const char *bytes, size_t n)
{
    if (csv->finished)
        return false;
    if (n == 0 || csv->state == AT_END)
        return true;
    if (csv->at > 0) {
        csv->input.length -= csv->at;
        memmove(csv->input.data, csv->input.data + csv->at, csv->input.length);
        csv->at = 0;
    }
    if (csv->is_utf16)
        return dk_utf16_decode(&csv->utf16, bytes, n, &csv->input);
    return dk_buffer_add(&csv->input, bytes, n);
}

void dk_csv_finish(dk_csv *csv)
{
    csv->finished = true;
}

static dk_csv_step fail_at(dk_csv *csv, dk_csv_code code, state next, size_t line, size_t column)
{
    csv->fault.code = code;
    csv->fault.line = line;
    csv->fault.column = column;
    csv->fault.field = csv->count + 1;
    csv->state = next;
    return DK_CSV_ERROR;
}

static dk_csv_step fail(dk_csv *csv, dk_csv_code code, state next)
{
    return fail_at(csv, code, next, csv->line, csv->column);
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Continuation bytes are no characters of their own. */
static size_t characters(const char *s, size_t n)
{
    size_t i, count = 0;

    for (i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xC0) != 0x80;
    return count;
}

/* One byte of input is done with. */
static void pass(dk_csv *csv, char c)
{
    csv->at++;
    if (c == '\r' || (c == '\n' && !csv->after_cr)) {
        csv->line++;
        csv->column = 1;
    } else if (c != '\n' && ((unsigned char)c & 0xC0) != 0x80) {
        csv->column++;
    }
    csv->after_cr = c == '\r';
}

static size_t field_start(const dk_csv *csv)
{
    return csv->count ? csv->ends[csv->count - 1] : 0;
}

/* Adds bytes of the current field; a code other than DK_CSV_OK when that cannot be. */
static dk_csv_code add(dk_csv *csv, const char *bytes, size_t n)
{
    size_t field_room = csv->max_field - (csv->text.length - field_start(csv));
    size_t record_room = csv->max_record - csv->text.length;

    /* whichever limit comes first in the text, however the text was cut */
    if (n > field_room || n > record_room)
        return field_room <= record_room ? DK_CSV_FIELD_TOO_LARGE : DK_CSV_RECORD_TOO_LARGE;
    return dk_buffer_add(&csv->text, bytes, n) ? DK_CSV_OK : DK_CSV_NO_MEMORY;
}

static dk_csv_code end_field(dk_csv *csv)
{
    /* delimiters count too: a record of nothing but empty fields has its limit as well */
    if (csv->count >= csv->max_record)
        return DK_CSV_RECORD_TOO_LARGE;
    if (csv->count == csv->ends_size) {
        size_t size = csv->ends_size ? csv->ends_size * 2 : 16;
        size_t *ends =
            size > SIZE_MAX / sizeof *ends ? NULL : realloc(csv->ends, size * sizeof *ends);

        if (!ends)
            return DK_CSV_NO_MEMORY;
        csv->ends = ends;
        csv->ends_size = size;
    }
    csv->ends[csv->count++] = csv->text.length;
    return DK_CSV_OK;
}

static dk_csv_step not_utf8(dk_csv *csv, size_t bad)
{
    size_t field = 0, line = csv->record_line, i;

    while (field < csv->count && csv->ends[field] <= bad)
        field++;
    /* the line of the bad byte; its column is lost with the quotes, the field says it better */
    for (i = 0; i < bad; i++)
        if (csv->text.data[i] == '\n' ||
            (csv->text.data[i] == '\r' && (i + 1 == bad || csv->text.data[i + 1] != '\n')))
            line++;
    csv->fault.code = csv->is_utf16 ? DK_CSV_NOT_UTF16 : DK_CSV_NOT_UTF8;
    csv->fault.line = line;
    csv->fault.column = 0;
    csv->fault.field = field + 1;
    return DK_CSV_ERROR;
}

static dk_csv_step fail_record(dk_csv *csv, dk_csv_code code)
{
    csv->fault = (dk_csv_place){code, csv->record_line, 1, 1};
    return DK_CSV_ERROR;
}

/* Files that were put one behind the other bring their headers along, and their marks. */
static bool is_header_again(const dk_csv *csv)
{
    size_t mark = csv->text.length - csv->header.length;

    if (csv->header.length == 0 || csv->count * sizeof *csv->ends != csv->header_ends.length)
        return false;
    if (mark != 0 && !(mark == 3 && memcmp(csv->text.data, utf8_mark, 3) == 0))
        return false;
    if (!dk_ascii_same(csv->text.data + mark, csv->header.data, csv->header.length))
        return false;
    for (size_t i = 0; i < csv->count; i++) {
        size_t end;

        memcpy(&end, csv->header_ends.data + i * sizeof end, sizeof end);
        if (csv->ends[i] != end + mark)
            return false;
    }
    return true;
}

/* A file whose first line names one column has a delimiter in a later one: which lines are wrong
 * nobody can say. */
static bool has_late_delimiter(const dk_csv *csv)
{
    if (!csv->one_column || csv->quoted || csv->count != 1)
        return false;
    for (size_t i = 0; i < csv->text.length; i++)
        if (dk_is_delimiter(csv->text.data[i]))
            return true;
    return false;
}

/* The record is complete: fields are checked one by one, a sequence must not cross two. */
static dk_csv_step end_record(dk_csv *csv)
{
    size_t i, start = 0, bad;

    csv->state = AT_RECORD;
    for (i = 0; i < csv->count; i++) {
        size_t length = csv->ends[i] - start;

        bad = length ? dk_utf8_check(csv->text.data + start, length) : 0;
        if (bad < length)
            return not_utf8(csv, start + bad);
        start = csv->ends[i];
    }
    if (is_header_again(csv))
        return fail_record(csv, DK_CSV_HEADER_AGAIN);
    if (has_late_delimiter(csv))
        return fail_record(csv, DK_CSV_DELIMITER_LATE);
    return DK_CSV_ROW;
}

static void begin_record(dk_csv *csv)
{
    csv->text.length = 0;
    csv->count = 0;
    csv->record_line = csv->line;
    csv->state = AT_FIELD;
}

/* The byte that ends a field, unquoted or quoted: a delimiter or a line end. */
static dk_csv_step end_field_with(dk_csv *csv, char c)
{
    dk_csv_code code = end_field(csv);

    if (code != DK_CSV_OK)
        return fail(csv, code, AT_END);
    pass(csv, c);
    if (c == csv->delimiter) {
        csv->state = AT_FIELD;
        return DK_CSV_MORE;
    }
    return end_record(csv);
}

/* How many bytes from here on are plain, in an unquoted field. */
static size_t plain_run(const dk_csv *csv)
{
    const char *s = csv->input.data;
    char delimiter = csv->delimiter;
    size_t i;

    for (i = csv->at; i < csv->input.length; i++)
        if (s[i] == delimiter || s[i] == '"' || s[i] == '\n' || s[i] == '\r' || s[i] == '\0')
            break;
    return i - csv->at;
}

/* The same inside quotes, where only a quote, a NUL and (for counting lines) line ends matter. */
static size_t quoted_run(const dk_csv *csv)
{
    const char *s = csv->input.data;
    size_t i;

    for (i = csv->at; i < csv->input.length; i++)
        if (s[i] == '"' || s[i] == '\n' || s[i] == '\r' || s[i] == '\0')
            break;
    return i - csv->at;
}

static dk_csv_step take_run(dk_csv *csv, size_t n)
{
    const char *run = csv->input.data + csv->at;
    dk_csv_code code = add(csv, run, n);

    if (code != DK_CSV_OK)
        return fail_at(csv, code, AT_END, csv->start.line, csv->start.column);
    csv->column += characters(run, n);
    csv->at += n;
    csv->after_cr = false;
    return DK_CSV_MORE;
}

static dk_csv_step in_text(dk_csv *csv)
{
    size_t run = plain_run(csv);
    char c;

    if (run > 0)
        return take_run(csv, run);
    c = csv->input.data[csv->at];
    if (c == '\0')
        return fail(csv, DK_CSV_NUL, IN_BAD_LINE);
    if (c == '"')
        return fail(csv, DK_CSV_QUOTE_IN_TEXT, IN_BAD_LINE);
    return end_field_with(csv, c);
}

static dk_csv_step in_quotes(dk_csv *csv)
{
    size_t run = quoted_run(csv);
    char c;

    if (run > 0)
        return take_run(csv, run);
    c = csv->input.data[csv->at];
    if (c == '\0')
        return fail(csv, DK_CSV_NUL, IN_BAD_LINE);
    if (c == '"') {
        pass(csv, c);
        csv->state = AFTER_QUOTE;
        return DK_CSV_MORE;
    }
    {
        /* a line end belongs to the text; pass counts the line */
        dk_csv_code code = add(csv, &c, 1);

        if (code != DK_CSV_OK)
            return fail_at(csv, code, AT_END, csv->start.line, csv->start.column);
    }
    pass(csv, c);
    return DK_CSV_MORE;
}

static dk_csv_step after_quote(dk_csv *csv)
{
    char c = csv->input.data[csv->at];

    if (c == '"') {
        csv->state = IN_QUOTES;
        return take_run(csv, 1);
    }
    if (c == csv->delimiter || is_line_end(c))
        return end_field_with(csv, c);
    return fail(csv, c == '\0' ? DK_CSV_NUL : DK_CSV_TEXT_AFTER_QUOTE, IN_BAD_LINE);
}

static dk_csv_step at_field(dk_csv *csv)
{
    csv->start.line = csv->line;
    csv->start.column = csv->column;
    csv->quoted = csv->input.data[csv->at] == '"';
    if (csv->quoted) {
        pass(csv, '"');
        csv->state = IN_QUOTES;
    } else {
        csv->state = IN_TEXT;
    }
    return DK_CSV_MORE;
}

static dk_csv_step at_record(dk_csv *csv)
{
    char c = csv->input.data[csv->at];

    if (is_line_end(c)) /* a blank line, or the LF of the CRLF that ended the record before */
        pass(csv, c);
    else
        begin_record(csv);
    return DK_CSV_MORE;
}

/* Too little of the input is there to tell whether it starts with a byte order mark. */
static bool may_be_mark(const dk_csv *csv)
{
    const char *s = csv->input.data + csv->at;
    size_t left = csv->input.length - csv->at;

    if (left == 1 && (s[0] == '\xFF' || s[0] == '\xFE'))
        return true;
    return left < sizeof utf8_mark && memcmp(s, utf8_mark, left) == 0;
}

/* What is there of the input is UTF-16, as all that comes will be. */
static dk_csv_step begin_utf16(dk_csv *csv)
{
    dk_buffer raw = csv->input;
    size_t start = csv->at + 2;

    csv->input = (dk_buffer){.secret = true};
    csv->at = 0;
    csv->is_utf16 = true;
    csv->utf16.big = raw.data[start - 2] == '\xFE';
    bool ok = dk_utf16_decode(&csv->utf16, raw.data + start, raw.length - start, &csv->input);
    dk_buffer_free(&raw);
    return ok ? DK_CSV_MORE : fail(csv, DK_CSV_NO_MEMORY, AT_END);
}

static dk_csv_step at_start(dk_csv *csv)
{
    const char *s = csv->input.data + csv->at;
    size_t left = csv->input.length - csv->at;

    csv->state = csv->dialect ? AT_DIALECT : AT_RECORD;
    if (left >= 2 && (memcmp(s, "\xFF\xFE", 2) == 0 || memcmp(s, "\xFE\xFF", 2) == 0))
        return begin_utf16(csv);
    if (left >= sizeof utf8_mark && memcmp(s, utf8_mark, sizeof utf8_mark) == 0)
        csv->at += sizeof utf8_mark;
    return DK_CSV_MORE;
}

/* Is the first line not whole yet? */
static bool may_go_on(const dk_csv *csv)
{
    size_t left = csv->input.length - csv->at;
    return dk_line_length(csv->input.data + csv->at, left) == left && left < MAX_FIRST_LINE;
}

/* The first line, looked at before it is read. */
static dk_csv_step at_dialect(dk_csv *csv)
{
    const char *line = csv->input.data + csv->at;
    size_t n = dk_line_length(line, csv->input.length - csv->at);
    char named = dk_delimiter_named(line, n);

    if (n == 0) { /* a blank one */
        pass(csv, *line);
        return DK_CSV_MORE;
    }
    csv->state = AT_RECORD;
    if (named) {
        csv->at += n;
        csv->column += n;
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
    char c = csv->input.data[csv->at];

    pass(csv, c);
    if (is_line_end(c))
        csv->state = AT_RECORD;
    return DK_CSV_MORE;
}

/* The end of the input: what is still open? */
static dk_csv_step at_input_end(dk_csv *csv)
{
    dk_csv_code code;

    if (dk_utf16_is_cut(&csv->utf16))
        return fail(csv, DK_CSV_CUT_UTF16, AT_END);
    switch (csv->state) {
    case IN_QUOTES:
        return fail_at(csv, DK_CSV_UNTERMINATED_QUOTE, AT_END, csv->start.line, csv->start.column);
    case AT_FIELD: /* after a delimiter: one more field, an empty one */
    case IN_TEXT:
    case AFTER_QUOTE:
        code = end_field(csv);
        return code == DK_CSV_OK ? end_record(csv) : fail(csv, code, AT_END);
    default:
        csv->state = AT_END;
        return DK_CSV_END;
    }
}

/* The state's next move with at least one byte to look at. DK_CSV_MORE: go on. */
static dk_csv_step move(dk_csv *csv)
{
    switch (csv->state) {
    case AT_START:
        return at_start(csv);
    case AT_DIALECT:
        return at_dialect(csv);
    case AT_RECORD:
        return at_record(csv);
    case AT_FIELD:
        return at_field(csv);
    case IN_TEXT:
        return in_text(csv);
    case IN_QUOTES:
        return in_quotes(csv);
    case AFTER_QUOTE:
        return after_quote(csv);
    case IN_BAD_LINE:
        return in_bad_line(csv);
    case AT_END:
        break;
    }
    return DK_CSV_END;
}

/* Does the state want to see more than is there before it moves? */
static bool is_waiting(const dk_csv *csv)
{
    return (csv->state == AT_START && may_be_mark(csv)) ||
           (csv->state == AT_DIALECT && may_go_on(csv));
}

dk_csv_step dk_csv_next(dk_csv *csv)
{
    for (;;) {
        dk_csv_step step;
        bool empty = csv->at == csv->input.length;

        if (csv->state == AT_END)
            return DK_CSV_END;
        if (!csv->finished && (empty || (csv->state <= AT_DIALECT && is_waiting(csv))))
            return DK_CSV_MORE;
        if (empty)
            return at_input_end(csv);
        step = move(csv);
        if (step != DK_CSV_MORE)
            return step;
    }
}

size_t dk_csv_count(const dk_csv *csv)
{
    return csv->count;
}

/* Has it a ' before what a spreadsheet would run? Of several the first is the writer's. */
static bool is_guarded(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] == '\'')
        i++;
    return i > 0 && i < n && memchr("=+-@\t\r", s[i], 6);
}

const char *dk_csv_field(const dk_csv *csv, size_t index, size_t *length)
{
    size_t start = index ? csv->ends[index - 1] : 0;

    *length = csv->ends[index] - start;
    if (*length == 0)
        return "";
    const char *text = csv->text.data + start;
    bool guarded = is_guarded(text, *length);
    *length -= guarded;
    return text + guarded;
}

size_t dk_csv_length(const dk_csv *csv)
{
    return csv->text.length;
}

size_t dk_csv_line(const dk_csv *csv)
{
    return csv->record_line;
}

bool dk_csv_is_blank(const dk_csv *csv)
{
    const char *s = csv->text.data;
    size_t n = csv->text.length, i = 0;

    while (i < n && (s[i] == ' ' || s[i] == '\t'))
        i++;
    return i == n || (n == 1 && csv->count == 1 && s[0] == '\x1A');
}

bool dk_csv_keep_header(dk_csv *csv)
{
    dk_buffer_clear(&csv->header);
    dk_buffer_clear(&csv->header_ends);
    return csv->text.length == 0 ||
           (dk_buffer_add(&csv->header, csv->text.data, csv->text.length) &&
            dk_buffer_add(&csv->header_ends, csv->ends, csv->count * sizeof *csv->ends));
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

const char *dk_csv_message(dk_csv_code code)
{
    switch (code) {
    case DK_CSV_TEXT_AFTER_QUOTE:
        return "text after a closing quote (a quote inside quotes is written twice)";
    case DK_CSV_QUOTE_IN_TEXT:
        return "a quote inside a field that does not start with one";
    case DK_CSV_UNTERMINATED_QUOTE:
        return "this quote is never closed";
    case DK_CSV_NUL:
        return "a NUL character (is the file UTF-16 or UTF-32? save it as UTF-8)";
    case DK_CSV_FIELD_TOO_LARGE:
        return "the field is too large (is a quote not closed?)";
    case DK_CSV_RECORD_TOO_LARGE:
        return "the record is too large (is a quote not closed?)";
    case DK_CSV_NOT_UTF8:
        return "not UTF-8 (save the file as UTF-8)";
    case DK_CSV_NOT_UTF16:
        return "half of a character of UTF-16, a surrogate without the other (save the file as "
               "UTF-8)";
    case DK_CSV_CUT_UTF16:
        return "the file ends inside a character of UTF-16: a part of it is missing";
    case DK_CSV_DELIMITER_OPEN:
        return "two of comma, semicolon, tab and | come equally often in the first line: say which "
               "one separates the columns (delimiter)";
    case DK_CSV_DELIMITER_LATE:
        return "a comma, semicolon, tab or | outside of quotes, and the first line has none: say "
               "what "
               "separates the columns (delimiter)";
    case DK_CSV_HEADER_AGAIN:
        return "the header comes here once more (are these several files in one?)";
    case DK_CSV_NO_MEMORY:
        return "out of memory";
    case DK_CSV_OK:
        break;
    }
    return "no error";
}
