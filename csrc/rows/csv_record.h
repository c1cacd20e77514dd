/* A CSV record while it is read, and the one that was read last: the text of its fields, one behind
 * the other, and where each ends. Both grow to the largest record and stay. */
#ifndef DK_CSV_RECORD_H
#define DK_CSV_RECORD_H

#include "base/buffer.h"

typedef struct dk_csv_record {
    dk_buffer text;
    size_t *ends; /* ends[i]: where field i ends in text */
    size_t count, capacity;
    size_t line;                /* where it starts */
    bool quoted;                /* the current field, or the last one */
    size_t max_field, max_size; /* bytes */
} dk_csv_record;

typedef enum dk_csv_room {
    DK_CSV_FITS,
    DK_CSV_FIELD_IS_FULL,
    DK_CSV_RECORD_IS_FULL,
    DK_CSV_MEMORY_IS_FULL
} dk_csv_room;

void dk_csv_record_free(dk_csv_record *r);

void dk_csv_record_begin(dk_csv_record *r, size_t line);
/* Adds bytes to the current field. */
dk_csv_room dk_csv_record_add(dk_csv_record *r, const char *bytes, size_t n);
dk_csv_room dk_csv_record_end_field(dk_csv_record *r);

/* A field, from 0, as it was read. */
const char *dk_csv_record_field(const dk_csv_record *r, size_t index, size_t *n);

/* The first byte that is not UTF-8: its field, from 0, and its line. Fields are looked at one by
 * one: a character must not cross two. False: all is UTF-8. */
bool dk_csv_record_find_bad(const dk_csv_record *r, size_t *field, size_t *line);

/* A record that is kept to know it again: the header. */
typedef struct dk_csv_kept {
    dk_buffer text, ends;
} dk_csv_kept;

/* False when there is no memory. */
bool dk_csv_kept_set(dk_csv_kept *k, const dk_csv_record *r);
/* Is it the kept one, in any letter case, with or without a byte order mark? Files that were put
 * one behind the other bring their headers along, and their marks. False of a kept one without
 * text. */
bool dk_csv_kept_is(const dk_csv_kept *k, const dk_csv_record *r);
void dk_csv_kept_free(dk_csv_kept *k);

#endif
