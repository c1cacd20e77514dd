/* Lists of names as the rows of the API map have them: one string, a space between the names. */
#ifndef DK_WORDS_H
#define DK_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The next word of a list: its length in *n, *words moved behind it; NULL at the end. The list may
 * be NULL: it has none. */
const char *dk_words_next(const char **words, size_t *n);

/* Is the word in the list? What a word of the list has behind a ":" does not count. */
bool dk_words_have(const char *words, const char *word, size_t n);

/* Is a word of the list this one but for a letter: one more, one less, another, two exchanged? */
bool dk_words_have_near(const char *words, const char *word, size_t n);

/* Takes the marks behind a query parameter's or relationship's name off its length, as bits. */
enum { DK_REQUIRED = 1, DK_REPEATED = 2, DK_MANY = 4 };
unsigned dk_words_marks(const char *word, size_t *n);

#endif
