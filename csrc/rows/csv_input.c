/* The bytes of a CSV file; see csv_input.h. */
#include "csv_input.h"

#include "base/utf8.h"

#include <string.h>

static const char utf8_mark[3] = {'\xEF', '\xBB', '\xBF'};

void dk_csv_input_init(dk_csv_input *in)
{
    /* a file of accounts holds their secrets */
    *in = (dk_csv_input){.bytes = {.secret = true}, .line = 1, .column = 1};
}

void dk_csv_input_free(dk_csv_input *in)
{
    dk_buffer_free(&in->bytes);
}

bool dk_csv_input_feed(dk_csv_input *in, const char *bytes, size_t n)
{
    if (in->at > 0) {
        in->bytes.length -= in->at;
        memmove(in->bytes.data, in->bytes.data + in->at, in->bytes.length);
        in->at = 0;
    }
    if (in->is_utf16)
        return dk_utf16_decode(&in->utf16, bytes, n, &in->bytes);
    return dk_buffer_add(&in->bytes, bytes, n);
}

void dk_csv_input_pass(dk_csv_input *in)
{
    char c = in->bytes.data[in->at++];
    if (c == '\r' || (c == '\n' && !in->after_cr)) {
        in->line++;
        in->column = 1;
    } else if (c != '\n' && !dk_utf8_goes_on(c)) {
        in->column++;
    }
    in->after_cr = c == '\r';
}

void dk_csv_input_pass_run(dk_csv_input *in, size_t n)
{
    in->column += dk_utf8_count(in->bytes.data + in->at, n);
    in->at += n;
    in->after_cr = false;
}

size_t dk_csv_mark_length(const char *text, size_t n)
{
    return n >= sizeof utf8_mark && memcmp(text, utf8_mark, sizeof utf8_mark) == 0
               ? sizeof utf8_mark
               : 0;
}

bool dk_csv_input_may_be_mark(const dk_csv_input *in)
{
    const char *s = dk_csv_input_here(in);
    size_t left = dk_csv_input_left(in);
    if (left == 1 && (s[0] == '\xFF' || s[0] == '\xFE'))
        return true;
    return left < sizeof utf8_mark && memcmp(s, utf8_mark, left) == 0;
}

static bool begin_utf16(dk_csv_input *in)
{
    dk_buffer raw = in->bytes;
    size_t start = in->at + 2;
    in->bytes = (dk_buffer){.secret = true};
    in->at = 0;
    in->is_utf16 = true;
    in->utf16.big = raw.data[start - 2] == '\xFE';
    bool done = dk_utf16_decode(&in->utf16, raw.data + start, raw.length - start, &in->bytes);
    dk_buffer_free(&raw);
    return done;
}

bool dk_csv_input_pass_mark(dk_csv_input *in)
{
    const char *s = dk_csv_input_here(in);
    size_t left = dk_csv_input_left(in);
    if (left >= 2 && (memcmp(s, "\xFF\xFE", 2) == 0 || memcmp(s, "\xFE\xFF", 2) == 0))
        return begin_utf16(in);
    in->at += dk_csv_mark_length(s, left);
    return true;
}
