/* Finds the character that separates the columns of a CSV file, from its first line. */
#ifndef DK_DELIMITER_H
#define DK_DELIMITER_H

#include <stdbool.h>
#include <stddef.h>

/* Those that are looked for. */
extern const char dk_delimiters[];

bool dk_is_delimiter(char c); /* one of those */

/* The length of the line (a record: a line end between quotes does not end it) without its line
 * end, or n where there is none. */
size_t dk_line_length(const char *text, size_t n);

/* Excel's own line "sep=;": the delimiter that it names, or 0. */
char dk_delimiter_named(const char *line, size_t n);

typedef enum dk_delimiter_code {
    DK_DELIMITER_FOUND,
    DK_DELIMITER_NONE, /* the line has none of them */
    DK_DELIMITER_OPEN  /* two of them come equally often, and either may be meant */
} dk_delimiter_code;

/* The one that comes most often outside of quotes. */
dk_delimiter_code dk_delimiter_find(const char *line, size_t n, char *delimiter);

#endif
