/* The API map: one row per endpoint, nothing else. A new endpoint is a new row in operation.c. */
#ifndef DK_OPERATION_H
#define DK_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

typedef enum dk_service { DK_DATADOG, DK_OKTA, DK_SERVICES } dk_service;

extern const char *const dk_service_names[DK_SERVICES];

/* How a request's body is made from a Lua table, and a resource from an answer's. */
typedef enum dk_shape {
    DK_PLAIN,   /* the body is the resource */
    DK_JSON_API /* {data = {type, id, attributes}}; shown flat */
} dk_shape;

typedef enum dk_paging {
    DK_WHOLE /* one answer holds everything */
} dk_paging;

/* Lists of names are strings with a space between the names. */
typedef struct dk_operation {
    const char *name; /* as the service names it, in snake case */
    dk_service service;
    const char *method;
    const char *path;     /* the template, as the specification writes it */
    bool body;            /* takes a body */
    dk_shape shape;       /* of both bodies */
    const char *type;     /* JSON:API type of the resource that is sent */
    const char *required; /* attributes without which nothing is sent */
    const char
        *read_only;      /* attributes that are never sent, so that what was read can be written */
    const char *query;   /* query parameters, as the service writes them */
    const char *success; /* statuses */
    const char *permission; /* what the key must be allowed to do; NULL: none, or not known */
    dk_paging paging;
    const char *doc;
} dk_operation;

extern const dk_operation dk_operations[];
extern const size_t dk_operations_count;

/* May the call be repeated without changing more than once would? RFC 9110, 9.2.2. PATCH may not:
 * Datadog gives an Okta account a new id at each. */
bool dk_operation_idempotent(const dk_operation *operation);

/* Is the word in the list? */
bool dk_list_has(const char *list, const char *word, size_t n);

/* The next word of a list: its length in *n, *list moved behind it; NULL at the end. */
const char *dk_list_next(const char **list, size_t *n);

#endif
