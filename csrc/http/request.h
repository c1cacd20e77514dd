/* What is sent: operation + arguments -> method, URL, headers, body. No I/O. */
#ifndef DK_REQUEST_H
#define DK_REQUEST_H

#include "base/buffer.h"
#include "operation.h"

#include <curl/curl.h>

/* What a client authorises itself with. Which of them is sent in which header: request.c. */
typedef enum dk_key {
    DK_API_KEY,
    DK_APP_KEY,
    DK_BEARER_TOKEN,
    DK_OKTA_TOKEN,
    DK_ACCESS_TOKEN,
    DK_KEYS
} dk_key;

/* The names of the client's options. */
extern const char *const dk_key_names[DK_KEYS];

typedef struct dk_credentials {
    dk_buffer key[DK_KEYS]; /* secret buffers; empty: not given */
} dk_credentials;

/* Keeps a wiped copy. False where memory ran out. */
bool dk_credentials_set(dk_credentials *c, dk_key key, const char *value, size_t n);
void dk_credentials_free(dk_credentials *c);

/* Why a key cannot be sent (a static string), or NULL: control characters end a header. */
const char *dk_key_refusal(const char *value, size_t n);

/* Header lines for libcurl, shared by all calls that send the same ones. */
typedef struct dk_headers {
    struct curl_slist *list;
    unsigned users;
} dk_headers;

/* What a request's body is, for its headers. */
typedef enum dk_content {
    DK_NOTHING, /* and none is expected */
    DK_EMPTY,   /* nothing where there could be something */
    DK_JSON,
    DK_MULTIPART,
    DK_CONTENTS
} dk_content;

/* Stands between the parts of a form; what holds it cannot be sent. */
#define DK_BOUNDARY "ddokta-7Vq3mYt0cWkZ9aXe5sLb2Hf8"

/* Requests of the same number have the same headers. */
size_t dk_headers_set(const dk_operation *operation, dk_content content);
#define DK_HEADERS_SETS ((size_t)DK_AUTHS * 2 * DK_CONTENTS)

/* One user; NULL where memory ran out. All that every request says is in here: what libcurl adds by
 * its own options it prints anew, twice, for each request. */
dk_headers *dk_headers_new(const dk_credentials *c, const char *user_agent,
                           const dk_operation *operation, dk_content content);
dk_headers *dk_headers_share(dk_headers *h);
void dk_headers_release(dk_headers *h); /* wiped with the last user */
/* Adds each key that these headers send to a list of secrets. False where memory ran out. */
bool dk_headers_secrets(const dk_headers *h, dk_buffer *secrets);

typedef struct dk_request {
    const dk_operation *operation;
    dk_headers *headers;
    dk_buffer url;
    dk_buffer body; /* secret: may hold a client_secret, a password */
    dk_content content;
    bool queried;     /* the URL has a query */
    unsigned lacks;   /* which of the row's wanted fields are not sent, a bit each */
    double place;     /* of a page: the number or index asked for; -1: none */
    double page_size; /* how many were asked for; -1: not told */
    bool by_cursor;   /* a cursor leads to the page */
} dk_request;

/* HTTP/2 in libcurl sends 64 KiB of headers at most (nghttp2's limit), the URL and the keys among
 * them, and says of more that the server refused it. */
#define DK_MOST_URL_BYTES 49152

/* Begins a request, all zero or emptied: the URL is base + path. */
bool dk_request_begin(dk_request *r, const dk_operation *operation, const char *base,
                      const char *const *parameters, const size_t *lengths);
bool dk_request_query(dk_request *r, const char *name, size_t name_n, const char *value,
                      size_t value_n);
void dk_request_free(dk_request *r);

/* The parameter that the service calls so, given as it writes it or in snake case (page_size for
 * page[size], start_index for startIndex): its length in *n, NULL where the row has none. */
const char *dk_request_query_name(const dk_operation *operation, const char *given, size_t given_n,
                                  size_t *n);

#endif
