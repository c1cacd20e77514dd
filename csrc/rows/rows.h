/* Rows of a source or of a service: checked, packed one behind the other, found by their key.
 *
 * A row is set column by column (dk_rows_set) and then added (dk_rows_end). The texts must live
 * until then; those that are kept are copied to memory that is wiped when it is freed. Rows are
 * found by the skeleton of their key (base/text.h), which is the same for all keys that look alike
 * to a person. */
#ifndef DK_ROWS_H
#define DK_ROWS_H

#include "form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dk_rows dk_rows;

typedef struct dk_column {
    dk_form form;
    bool required;
    bool secret;    /* never compared */
    bool immutable; /* an update cannot change it */
    bool fold;      /* letter case does not matter to the service */
    char separator; /* of a list's items in a text */
    size_t max;     /* characters; 0: as many as there are */
} dk_column;

typedef struct dk_rows_options {
    const dk_column *columns; /* copied */
    size_t count;
    size_t key;     /* which column */
    bool keep;      /* the values; else only which keys there were, and where */
    bool foreign;   /* the service's: values as they are, keys as often as they are there */
    bool fold_keys; /* to the service two keys that differ in letter case (ASCII) are one */
    size_t within; /* the column plus one within whose value a key names one thing; 0: everywhere */
} dk_rows_options;

/* What clears a value: an empty one is not specified. Of optional texts and lists alone, and never
 * of secrets, which may be any text. */
#define DK_ROWS_CLEAR "(none)"

typedef enum dk_rows_code {
    DK_ROWS_OK,
    DK_ROWS_REFUSED, /* a value is not in its column's form, or a required one is absent */
    DK_ROWS_TWICE,   /* the key is there already; of rows that are not kept: or one that reads alike
                      */
    DK_ROWS_FULL,    /* more rows or lines than 32 bits count */
    DK_ROWS_NO_MEMORY
} dk_rows_code;

#define DK_ROWS_NONE UINT32_MAX

/* The row that has the key already, or one of too many that read alike. */
typedef struct dk_rows_first {
    size_t line;
    bool exact;   /* the same spelling */
    uint32_t row; /* where values are kept; else DK_ROWS_NONE */
} dk_rows_first;

/* NULL when there is no memory. */
dk_rows *dk_rows_new(const dk_rows_options *options);
void dk_rows_free(dk_rows *rows);

/* A value of the row that is being made; an empty one is an absent one, DK_ROWS_CLEAR one that is
 * there and empty. */
dk_rows_code dk_rows_set(dk_rows *rows, size_t column, const char *text, size_t n);
/* The same for a list that came as items, a NUL behind each; an empty one is there. */
dk_rows_code dk_rows_set_items(dk_rows *rows, size_t column, const char *items, size_t n);

/* Adds the row that was set: absent required values are refused. Whatever the answer, what was set is
 * forgotten. */
dk_rows_code dk_rows_end(dk_rows *rows, size_t line, dk_rows_first *first);
/* The same for a row that may lack them. */
dk_rows_code dk_rows_end_partial(dk_rows *rows, size_t line, dk_rows_first *first);
/* Forgets what was set. */
void dk_rows_drop(dk_rows *rows);

size_t dk_rows_count(const dk_rows *rows);
const dk_rows_options *dk_rows_options_of(const dk_rows *rows);
size_t dk_rows_line(const dk_rows *rows, size_t index);
/* A kept value, or NULL where it is absent. */
const char *dk_rows_value(const dk_rows *rows, size_t index, size_t column, size_t *n);

/* The last kept row whose key has this one's skeleton, and of options.within this value (of m
 * bytes, 0 for none), or DK_ROWS_NONE. False when there is no memory to look: then it is not
 * known. */
bool dk_rows_find(dk_rows *rows, const char *key, size_t n, const char *within, size_t m,
                  uint32_t *last);
/* The same for the key of a row of others, which have the same columns as far as the rows have. */
bool dk_rows_find_like(dk_rows *rows, const dk_rows *others, size_t index, uint32_t *last);
/* The one before it. */
uint32_t dk_rows_before(const dk_rows *rows, uint32_t index);
/* Is there a source's row that reads like another one? */
bool dk_rows_has_variants(const dk_rows *rows);
/* Are these two one key to the service? */
bool dk_rows_same_key(const dk_rows_options *options, const char *a, size_t n, const char *b,
                      size_t m);

#endif
