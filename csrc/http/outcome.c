/* How an attempt ended; see outcome.h. */
#include "outcome.h"

#include <string.h>

static dk_outcome outcome_of_status(long status)
{
    switch (status) {
    case 429:
        return DK_LIMITED;
    case 408:
    case 502:
    case 503:
    case 504:
        return DK_UNAVAILABLE;
    }
    return status >= 500 ? DK_UNCLEAR : DK_FINAL;
}

static bool says(const char *words, const char *const *phrases)
{
    for (; *phrases; phrases++)
        if (strstr(words, *phrases))
            return true;
    return false;
}

/* libcurl's codes do not tell a network that failed in a handshake from a peer that refused it, nor
 * a refusal that TLS 1.3 brings only with the first read; its words do. */
static dk_kind kind_of_tls(CURLcode code, const char *words, dk_kind kind)
{
    static const char *const broken[] = {"SSL_ERROR_SYSCALL", "unexpected eof",   "Recv failure",
                                         "Send failure",      "Connection reset", NULL};
    static const char *const refused[] = {"alert certificate", "alert bad certificate",
                                          "alert unknown ca", "alert handshake failure", NULL};
    if (code == CURLE_SSL_CONNECT_ERROR && says(words, broken))
        return DK_NETWORK;
    if ((code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) && says(words, refused))
        return DK_TLS;
    return kind;
}

/* Headers that we or libcurl found too long: it has a code of its own for them since 8.6. */
static bool was_head_too_large(const dk_transfer *t, CURLcode code)
{
    static const char *const phrases[] = {"Too large response headers", NULL};
    bool ours = t->call->body.failed || t->call->head.failed;
    return t->head_bytes > DK_MOST_HEAD_BYTES || (int)code == DK_CURLE_TOO_LARGE ||
           (code == CURLE_OUT_OF_MEMORY && !ours) ||
           (code == CURLE_RECV_ERROR && says(t->words, phrases));
}

/* What a proxy answered to CONNECT; 0: it was not asked, or did not answer. */
static long status_of_proxy(CURL *easy)
{
    long status = 0;
    return curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status) == CURLE_OK ? status : 0;
}

/* The same code is of another kind before a connection was had and behind that: what cannot be used
 * is then an option or an answer, and what is no HTTP the proxy's or the service's. */
static dk_kind kind_by_time(const dk_transfer *t, dk_kind kind)
{
    dk_call *call = t->call;
    if (dk_tries_were_begun(&t->tries))
        return kind == DK_CONFIG ? DK_PROTOCOL : kind;
    if (kind == DK_CONFIG && dk_descriptors_are_used_up()) {
        /* libcurl calls the file that it could not open wrong */
        call->detail = DK_NO_DESCRIPTORS;
        return DK_NETWORK;
    }
    return kind == DK_PROTOCOL ? DK_NETWORK : kind;
}

static dk_kind kind_of_code(dk_transfer *t, CURLcode code)
{
    static const char *const no_proxy[] = {"Unsupported proxy", NULL};
    dk_call *call = t->call;
    if (call->too_large) {
        call->detail = "the answer is larger than max_response_bytes";
        return DK_PROTOCOL;
    }
    if (dk_tries_were_begun(&t->tries) && was_head_too_large(t, code)) {
        call->detail = "the answer's headers are too large";
        return DK_PROTOCOL;
    }
    long proxy = status_of_proxy(t->easy);
    if (call->status == 407 || proxy == 407 || proxy == 401) { /* tinyproxy's for a wrong one */
        call->detail = "the proxy refuses the user name and password, or has none (status 407)";
        return DK_CONFIG;
    }
    if (says(t->words, no_proxy)) {
        call->detail = "the proxy's address cannot be used"; /* libcurl's words show its password */
        return DK_CONFIG;
    }
    if (call->body.failed || call->head.failed)
        call->detail = "out of memory";
    else if (code == CURLE_SSL_CACERT_BADFILE && t->connections->tls.is_trusting)
        call->detail = "the certificates to trust cannot be read: ca_file, else the system's";
    else if (code == CURLE_RECV_ERROR && t->connections->tls.flood.ended)
        call->detail = "the server sends without end, and nothing of an answer";
    else if (t->tries.hung_up || t->tries.left)
        call->detail = t->tries.hung_up ? "the server had ended the connection"
                                        : "the connection broke before an answer came";
    else if (t->tries.count > DK_MOST_TRIES)
        call->detail = "the server refused the request, and did not look at it";
    if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_SEND_FAIL_REWIND)
        return DK_NETWORK; /* tries.c refused to try again */
    return kind_by_time(t, kind_of_tls(code, call->words, dk_kind_of_curl(code)));
}

static dk_outcome outcome_of_code(dk_transfer *t, CURLcode code)
{
    t->call->kind = kind_of_code(t, code);
    switch (t->call->kind) {
    case DK_CONFIG:
    case DK_TLS:
        return DK_FINAL;
    case DK_PROTOCOL:
        return dk_tries_were_not_sent(&t->tries, code) ? DK_NOT_SENT : DK_UNCLEAR;
    default:
        if (t->tries.hung_up && !t->tries.anew)
            return DK_STALE;
        return dk_tries_were_not_sent(&t->tries, code) ? DK_NOT_SENT : DK_BROKEN;
    }
}

dk_outcome dk_outcome_of(dk_transfer *t, CURLcode code)
{
    dk_call *call = t->call;
    if (code == CURLE_OK && !dk_head_is_whole(&call->head)) {
        code = CURLE_PARTIAL_FILE;
        call->detail = "the answer broke off within its headers";
    }
    call->code = code;
    t->ended_well = code == CURLE_OK;
    if (curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &call->status) != CURLE_OK)
        call->status = 0;
    if (code != CURLE_OK && call->status < 200)
        call->status = 0; /* a 1xx is no answer yet */
    memcpy(call->words, t->words, sizeof call->words);
    if (code != CURLE_OK)
        return outcome_of_code(t, code);
    dk_tries_learn(&t->tries);
    call->kind = dk_kind_of_status(call->status);
    return outcome_of_status(call->status);
}
