/* The API map: one row per endpoint, nothing else. A new endpoint is a new row in operations/. */
#ifndef DK_OPERATION_H
#define DK_OPERATION_H

#include "base/words.h"

typedef enum dk_service { DK_DATADOG, DK_OKTA, DK_SERVICES } dk_service;

extern const char *const dk_service_names[DK_SERVICES];

/* What a call authorises itself with; see request.c. */
typedef enum dk_auth {
    DK_SERVICE_KEYS, /* the service's usual key headers */
    DK_BEARER,       /* a bearer token: Datadog's application key where none is given */
    DK_AUTHS
} dk_auth;

typedef enum dk_body {
    DK_NO_BODY,
    DK_BODY,          /* JSON */
    DK_OPTIONAL_BODY, /* JSON, or nothing */
    DK_FORM           /* multipart/form-data: each field of the table is a file */
} dk_body;

/* How a request's body is made from a Lua table, and a resource from an answer's. */
typedef enum dk_shape {
    DK_PLAIN,         /* the body is the resource */
    DK_JSON_API,      /* {data = {type, id, attributes, relationships}}; shown flat */
    DK_JSON_API_LIST, /* the same with a list of resources in the request */
    DK_SCIM,          /* the body is the resource, and names its schema */
    DK_SCIM_PATCH,    /* the request is a list of operations */
    DK_SHAPES
} dk_shape;

extern const char *const dk_shape_names[DK_SHAPES];

/* How a list comes in pages: which query parameters choose one, what the answer says of the rest.
 * See the table in binding/answer.c. */
typedef enum dk_paging {
    DK_WHOLE, /* one answer holds everything */
    DK_PAGES, /* page[number] from 0, page[size]; meta has a total */
    DK_INDEX, /* startIndex from 1, count; totalResults; or nextCursor (RFC 9865) */
    DK_AFTER, /* a cursor in the Link header; no total */
    DK_PAGINGS
} dk_paging;

/* Lists of names are strings with a space between the names. */
typedef struct dk_operation {
    const char *name;   /* as the service names it, in snake case */
    const char *family; /* what it is about, as a heading */
    dk_service service;
    const char *method;
    const char *path; /* the template, as the specification writes it */
    dk_auth auth;

    /* the request */
    dk_body body;
    dk_shape shape;       /* of both bodies */
    const char *type;     /* JSON:API type, SCIM schema, or a form's media type, of what is sent */
    bool bare;            /* JSON:API: there are no attributes, only an id or relationships */
    bool path_id;         /* JSON:API: data.id is the path's last parameter */
    const char *required; /* fields without which nothing is sent */
    const char *wanted;   /* fields without which it is sent, with a warning */
    /* what the body has beside id and type: a JSON:API resource's attributes, a SCIM resource's own
     * members, a SCIM patch's operations', a form's files */
    const char *fields;
    const char *relationships; /* "name:type", and a "*" behind it where it is a list */
    const char *read_only; /* fields that are never sent, so that what was read can be written */
    /* query parameters, as the service writes them; behind a name "!": it is required, "+": each
     * value of a list is a parameter of its own */
    const char *query;

    /* the answer */
    const char *result; /* the member that holds the resource, where the shape does not say it */
    bool list;          /* the resource is a list */
    bool empty;         /* a success says nothing, whatever its status */
    dk_paging paging;
    const char *each;       /* of a paged list: the client's iterator is each_<this> */
    const char *success;    /* statuses */
    const char *errors;     /* statuses that the service documents besides */
    const char *permission; /* what the key must be allowed to do; NULL: none, or not known */

    /* the rate limit that calls count against, where no answer names it: Okta's, as its table of
     * buckets has them; NULL: the answer's X-RateLimit-Name, or else one of its own */
    const char *bucket;

    bool unstable;      /* the service may change it */
    const char *sunset; /* the day after which the service may have removed it; NULL: none */
    const char *doc;
} dk_operation;

extern const dk_operation dk_operations[];
extern const size_t dk_operations_count;

#endif
