/* Secrets in a text are told by the names that stand before them: "client_secret": "...",
 * token=... */
#ifndef DK_SECRET_VALUE_H
#define DK_SECRET_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* Is this the name of a field that holds a secret: client_secret, apiKey, new_password, ...? */
bool dk_is_secret_name(const char *name, size_t n);

typedef enum dk_secret_sort { DK_SECRET_TEXT, DK_SECRET_NUMBER } dk_secret_sort;

/* Takes a value that was found, [from, to) of the text, without its quotes. False: there is no
 * memory for it. */
typedef bool dk_take_secret_value(void *user, size_t from, size_t to, dk_secret_sort sort);

/* Finds each value that has a secret's name in JSON, in a form or query, and in what Python and
 * Ruby print: a string, a number, and whatever is in an object or array but what is known to be
 * open (types, states). False where `take` had no memory: then not all were found. */
bool dk_secret_values(const char *text, size_t n, dk_take_secret_value *take, void *user);

#endif
