/* The bytes of a CSV file that were fed and not yet read, as UTF-8, and which line and column they
 * are at. */
#ifndef DK_CSV_INPUT_H
#define DK_CSV_INPUT_H

#include "base/buffer.h"
#include "base/utf16.h"

typedef struct dk_csv_input {
    dk_buffer bytes;
    size_t at;           /* the next byte to look at */
    size_t line, column; /* its place, both from 1; columns are characters */
    bool after_cr;       /* the last byte was a CR: an LF now belongs to it */
    bool is_utf16;
    dk_utf16 utf16;
} dk_csv_input;

void dk_csv_input_init(dk_csv_input *in);
void dk_csv_input_free(dk_csv_input *in);

/* Takes a copy of the bytes; false when there is no memory. */
bool dk_csv_input_feed(dk_csv_input *in, const char *bytes, size_t n);

/* The bytes that are left to look at, and the first of them. */
static inline size_t dk_csv_input_left(const dk_csv_input *in)
{
    return in->bytes.length - in->at;
}

static inline const char *dk_csv_input_here(const dk_csv_input *in)
{
    return in->bytes.data + in->at;
}

/* The next byte is done with. */
void dk_csv_input_pass(dk_csv_input *in);
/* The same of n bytes without a line end among them. */
void dk_csv_input_pass_run(dk_csv_input *in, size_t n);

/* At the start: is too little there to tell whether a byte order mark stands there? */
bool dk_csv_input_may_be_mark(const dk_csv_input *in);
/* At the start: goes behind a byte order mark. Behind that of UTF-16 all that was fed, and will be,
 * is UTF-16. False when there is no memory. */
bool dk_csv_input_pass_mark(dk_csv_input *in);

/* The length of UTF-8's byte order mark where the text begins with it, else 0. */
size_t dk_csv_mark_length(const char *text, size_t n);

#endif
