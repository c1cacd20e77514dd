/* A CSV reader that is pushed: bytes go in, however they are cut, and records come out.
 *
 * RFC 4180, with LF, CR and CRLF all ending a line, a UTF-8 byte order mark dropped and blank lines
 * skipped. After a UTF-16 byte order mark the input is UTF-16 and comes out as UTF-8. Whatever the
 * RFC does not allow is an error with its place: nothing is guessed. What the delimiter is can be
 * told by the file itself: see dialect below. */
#ifndef DK_CSV_H
#define DK_CSV_H

#include <stdbool.h>
#include <stddef.h>

typedef struct dk_csv dk_csv;

typedef enum dk_csv_step {
    DK_CSV_ROW,  /* a record is there: dk_csv_count, dk_csv_field, dk_csv_line */
    DK_CSV_MORE, /* feed more, or say that there is no more */
    DK_CSV_END,  /* the last record has been had */
    DK_CSV_ERROR /* dk_csv_fault says what and where; the next step goes on after it */
} dk_csv_step;

typedef enum dk_csv_code {
    DK_CSV_OK,
    DK_CSV_TEXT_AFTER_QUOTE,   /* "a"b */
    DK_CSV_QUOTE_IN_TEXT,      /* a"b */
    DK_CSV_UNTERMINATED_QUOTE, /* the end came inside quotes: nothing follows */
    DK_CSV_NUL,                /* a NUL byte, as in UTF-16 */
    DK_CSV_FIELD_TOO_LARGE,    /* longer than max_field: nothing follows */
    DK_CSV_RECORD_TOO_LARGE,   /* longer than max_record: nothing follows */
    DK_CSV_NOT_UTF8,           /* a field is not UTF-8 */
    DK_CSV_NOT_UTF16,          /* the same of a file in UTF-16 */
    DK_CSV_CUT_UTF16,          /* the end came inside a character of UTF-16: nothing follows */
    DK_CSV_DELIMITER_OPEN, /* the first line may be separated by either of two: nothing follows */
    DK_CSV_DELIMITER_LATE, /* the first line has no delimiter, and this record has */
    DK_CSV_HEADER_AGAIN,   /* the record is the header once more */
    DK_CSV_NO_MEMORY       /* nothing follows */
} dk_csv_code;

typedef struct dk_csv_options {
    char delimiter;    /* 0: a comma, or with dialect the one that the first line shows */
    bool dialect;      /* the first line may be Excel's "sep=;", which is no record */
    size_t max_field;  /* bytes; 0: 1 MiB */
    size_t max_record; /* bytes; 0: 16 MiB */
} dk_csv_options;

typedef struct dk_csv_place {
    dk_csv_code code;
    size_t line;   /* from 1, physical lines */
    size_t column; /* from 1, in characters */
    size_t field;  /* from 1, the field of the record */
} dk_csv_place;

/* NULL when there is no memory. Options may be NULL. */
dk_csv *dk_csv_new(const dk_csv_options *options);
void dk_csv_free(dk_csv *csv);

/* Takes a copy of the bytes; false when there is no memory, or after dk_csv_finish. */
bool dk_csv_feed(dk_csv *csv, const char *bytes, size_t n);

/* No more bytes will come. */
void dk_csv_finish(dk_csv *csv);

dk_csv_step dk_csv_next(dk_csv *csv);

/* The record of the last DK_CSV_ROW; valid until the next call of dk_csv_next. */
size_t dk_csv_count(const dk_csv *csv);
/* Without the ' that stands before = + - @ tab or CR, so that no spreadsheet runs the cell: that is
 * how ddokta and others write it. */
const char *dk_csv_field(const dk_csv *csv, size_t index, size_t *length); /* index from 0 */
size_t dk_csv_length(const dk_csv *csv); /* bytes of all fields together */
size_t dk_csv_line(const dk_csv *csv);   /* where the record starts */
bool dk_csv_is_blank(const dk_csv *csv); /* nothing but spaces, or the end mark of DOS (^Z) */

/* The record of the last DK_CSV_ROW is the header: where it comes again, that is an error. A header
 * counts as the same in any letter case. False when there is no memory. */
bool dk_csv_keep_header(dk_csv *csv);

/* By what columns are separated; 0: not known yet, or the first line has only one. */
char dk_csv_delimiter(const dk_csv *csv);

/* The place of the last DK_CSV_ERROR. */
const dk_csv_place *dk_csv_fault(const dk_csv *csv);

/* What an error code means, in words. */
const char *dk_csv_message(dk_csv_code code);

#endif
