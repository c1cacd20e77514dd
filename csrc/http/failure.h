/* The kinds of failure that the error table names, by HTTP status and by libcurl's code. */
#ifndef DK_FAILURE_H
#define DK_FAILURE_H

#include <curl/curl.h>
#include <stdbool.h>

typedef enum dk_kind {
    DK_OK,
    DK_CONFIG,          /* the client's options; 407 */
    DK_INVALID_REQUEST, /* 400, 422, other 4xx; or refused before sending */
    DK_UNAUTHORIZED,    /* 401 */
    DK_FORBIDDEN,       /* 403 */
    DK_NOT_FOUND,       /* 404, 410 */
    DK_CONFLICT,        /* 409, 412 */
    DK_RATE_LIMITED,    /* 429 */
    DK_SERVER,          /* 5xx */
    DK_TIMEOUT,         /* a deadline of ours passed */
    DK_NETWORK,         /* no connection, or it broke */
    DK_TLS,             /* no trust, or no common protocol */
    DK_PROTOCOL,        /* an answer that the service should not give */
    DK_CANCELLED,       /* by the user, or the client was closed */
    DK_KINDS
} dk_kind;

/* The names of the kinds, as in doc/errors.md; "ok" for DK_OK. */
extern const char *const dk_kind_names[DK_KINDS];

dk_kind dk_kind_of_status(long status);

/* What libcurl's code is. It does not tell whether the request left: libcurl may have tried more
 * than once, and the code is the last try's. A code that has no row is a failure of the network. */
dk_kind dk_kind_of_curl(CURLcode code);

/* libcurl's own name of a code ("COULDNT_CONNECT"), or NULL for one that has no row. */
const char *dk_curl_name(CURLcode code);

/* Codes that not all headers name: the library at run time may be another than that of the
 * headers. */
enum {
    DK_CURLE_SETOPT_OPTION_SYNTAX = 49, /* 7.78 */
    DK_CURLE_QUIC_CONNECT_ERROR = 96,   /* 7.69 */
    DK_CURLE_PROXY = 97,                /* 7.73 */
    DK_CURLE_SSL_CLIENTCERT = 98,       /* 7.77 */
    DK_CURLE_UNRECOVERABLE_POLL = 99,   /* 8.4 */
    DK_CURLE_TOO_LARGE = 100,           /* 8.6 */
    DK_CURLE_ECH_REQUIRED = 101         /* 8.8 */
};

#endif
