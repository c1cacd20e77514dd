/* Failures as tables; see failure.h. */
#include "failure.h"

#include <stddef.h>

const char *const dk_kind_names[DK_KINDS] = {
    "ok",        "config",   "invalid_request", "unauthorized", "forbidden",
    "not_found", "conflict", "rate_limited",    "server",       "timeout",
    "network",   "tls",      "protocol",        "cancelled",
};

dk_kind dk_kind_of_status(long status)
{
    switch (status) {
    case 401:
        return DK_UNAUTHORIZED;
    case 403:
        return DK_FORBIDDEN;
    case 407:
        return DK_CONFIG; /* a proxy's */
    case 404:
    case 410:
        return DK_NOT_FOUND;
    case 409:
    case 412:
        return DK_CONFLICT;
    case 429:
        return DK_RATE_LIMITED;
    }
    if (status >= 500 && status <= 599)
        return DK_SERVER;
    if (status >= 400 && status <= 499)
        return DK_INVALID_REQUEST;
    if (status >= 200 && status <= 299)
        return DK_OK;
    return DK_PROTOCOL;
}

static const struct {
    CURLcode code;
    const char *name;
    dk_kind kind;
    bool before_sending;
} curl_failures[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, "UNSUPPORTED_PROTOCOL", DK_CONFIG, true},
    {CURLE_URL_MALFORMAT, "URL_MALFORMAT", DK_CONFIG, true},
    {CURLE_COULDNT_RESOLVE_PROXY, "COULDNT_RESOLVE_PROXY", DK_NETWORK, true},
    {CURLE_COULDNT_RESOLVE_HOST, "COULDNT_RESOLVE_HOST", DK_NETWORK, true},
    {CURLE_COULDNT_CONNECT, "COULDNT_CONNECT", DK_NETWORK, true},
    {CURLE_WEIRD_SERVER_REPLY, "WEIRD_SERVER_REPLY", DK_PROTOCOL, false},
    {CURLE_HTTP2, "HTTP2", DK_NETWORK, false},
    {CURLE_PARTIAL_FILE, "PARTIAL_FILE", DK_NETWORK, false},
    {CURLE_WRITE_ERROR, "WRITE_ERROR", DK_PROTOCOL, false},
    {CURLE_OUT_OF_MEMORY, "OUT_OF_MEMORY", DK_NETWORK, false},
    {CURLE_OPERATION_TIMEDOUT, "OPERATION_TIMEDOUT", DK_TIMEOUT, false},
    {CURLE_SSL_CONNECT_ERROR, "SSL_CONNECT_ERROR", DK_TLS, true},
    {CURLE_GOT_NOTHING, "GOT_NOTHING", DK_NETWORK, false},
    {CURLE_SSL_ENGINE_NOTFOUND, "SSL_ENGINE_NOTFOUND", DK_TLS, true},
    {CURLE_SEND_ERROR, "SEND_ERROR", DK_NETWORK, false},
    {CURLE_RECV_ERROR, "RECV_ERROR", DK_NETWORK, false},
    {CURLE_SSL_CERTPROBLEM, "SSL_CERTPROBLEM", DK_CONFIG, true},
    {CURLE_SSL_CIPHER, "SSL_CIPHER", DK_TLS, true},
    {CURLE_PEER_FAILED_VERIFICATION, "PEER_FAILED_VERIFICATION", DK_TLS, true},
    {CURLE_BAD_CONTENT_ENCODING, "BAD_CONTENT_ENCODING", DK_PROTOCOL, false},
    {CURLE_FILESIZE_EXCEEDED, "FILESIZE_EXCEEDED", DK_PROTOCOL, false},
    {CURLE_SEND_FAIL_REWIND, "SEND_FAIL_REWIND", DK_NETWORK, false},
    {CURLE_SSL_CACERT_BADFILE, "SSL_CACERT_BADFILE", DK_CONFIG, true},
    {CURLE_SSL_ISSUER_ERROR, "SSL_ISSUER_ERROR", DK_TLS, true},
    {CURLE_SSL_INVALIDCERTSTATUS, "SSL_INVALIDCERTSTATUS", DK_TLS, true},
    {CURLE_HTTP2_STREAM, "HTTP2_STREAM", DK_NETWORK, false},
    {CURLE_ABORTED_BY_CALLBACK, "ABORTED_BY_CALLBACK", DK_CANCELLED, false},
    {CURLE_PROXY, "PROXY", DK_NETWORK, true},
    {CURLE_SSL_CLIENTCERT, "SSL_CLIENTCERT", DK_TLS, true},
#if LIBCURL_VERSION_NUM >= 0x080600
    {CURLE_TOO_LARGE, "TOO_LARGE", DK_PROTOCOL, false},
#endif
};

#define ROWS (sizeof curl_failures / sizeof *curl_failures)

dk_kind dk_kind_of_curl(CURLcode code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (curl_failures[i].code == code)
            return curl_failures[i].kind;
    return code == CURLE_OK ? DK_OK : DK_NETWORK;
}

const char *dk_curl_name(CURLcode code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (curl_failures[i].code == code)
            return curl_failures[i].name;
    return NULL;
}

bool dk_curl_before_sending(CURLcode code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (curl_failures[i].code == code)
            return curl_failures[i].before_sending;
    return false;
}
