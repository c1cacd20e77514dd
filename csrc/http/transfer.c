/* One attempt in libcurl's hands; see transfer.h. */
#include "transfer.h"
#include "base/wipe.h"
#include "pool.h"
#include "tls.h"
#include "proxy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An answer's headers, those of each 1xx before it and its trailers: more than any service sends,
 * less than an endless stream of them. */
#define MAX_HEAD_BYTES ((size_t)256 * 1024)

static size_t take_body(char *bytes, size_t one, size_t n, void *user)
{
    dk_transfer *t = user;
    dk_call *call = t->call;
    (void)one;
    dk_flood_over(&t->connections->flood);
    /* counted here, behind libcurl's decompression: its own limit looks at what is on the wire */
    if (n > call->limits.max_response_bytes - call->body.length) {
        call->too_large = true;
        return 0;
    }
    return dk_buffer_add(&call->body, bytes, n) ? n : 0;
}

/* Did the headers come to their end, an empty line? libcurl takes an answer that breaks off within
 * them for one without a body. */
static bool head_is_whole(const dk_buffer *head)
{
    return head->length >= 2 && head->data[head->length - 1] == '\n' &&
           (head->data[head->length - 2] == '\n' ||
            (head->length >= 3 && head->data[head->length - 2] == '\r' &&
             head->data[head->length - 3] == '\n'));
}

static size_t take_header(char *bytes, size_t one, size_t n, void *user)
{
    dk_transfer *t = user;
    dk_call *call = t->call;
    (void)one;
    dk_flood_over(&t->connections->flood);
    t->head_bytes += n;
    if (t->head_bytes > MAX_HEAD_BYTES)
        return 0;
    if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        dk_buffer_clear(&call->head); /* what came before was a 1xx */
    else if (head_is_whole(&call->head))
        return n; /* a trailer, which must not pass for a header (RFC 9110, 6.5.1) */
    return dk_buffer_add(&call->head, bytes, n) ? n : 0;
}

static size_t give_body(char *space, size_t one, size_t n, void *user)
{
    dk_transfer *t = user;
    dk_call *call = t->call;
    size_t left = call->request.body.length - call->sent;
    n *= one;
    if (n > left)
        n = left;
    dk_flood_over(&t->connections->flood);
    memcpy(space, call->request.body.data + call->sent, n);
    call->sent += n;
    return n;
}

/* So often may a server refuse to look at a request, at once one after the other. */
#define MOST_TRIES 3

/* Did anything of the last try leave that the service may act on? Some of the body; where there is
 * none, anything. */
static bool last_try_left(const dk_transfer *t)
{
    long bytes = 0;
    if (t->call->request.body.length)
        return t->call->sent > 0;
    return curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &bytes) != CURLE_OK ||
           bytes > t->bytes;
}

static curl_off_t uploaded(const dk_transfer *t)
{
    curl_off_t bytes = 0;
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &bytes);
    return bytes;
}

/* Could none of the body be written that libcurl took, to a connection that was dead? It counts
 * anew with each try, so only the first is asked, on the connection that it began on; and only a
 * libcurl that was seen to count. */
static bool wrote_nothing(const dk_transfer *t, CURLcode code)
{
    long connects = -1;
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    return code == CURLE_SEND_ERROR && t->tries == 1 && connects == t->connects &&
           t->connections->uploads_count && uploaded(t) == 0;
}

/* Is this the first try, on a connection that it made and that nobody else has used? libcurl takes
 * one that another call has joined for a used one, also for the call that made it. */
static bool is_first_and_alone(const dk_transfer *t)
{
    return t->tries == 1 && t->anew && t->alone && t->pool->requests == t->begun;
}

/* libcurl sends a request again by itself in two cases, POST as well: a used connection died before
 * an answer, or the server refused the stream and has not looked at it (RFC 9113, 8.7). Only the
 * second can happen in the first try on a connection that it made and has for itself; later
 * libcurl may take a death for a refusal, for it does not forget one (see dk_transfer_is_spent). It
 * asks for the body's beginning then: refused where the server may have acted. */
static int rewind_body(void *user, curl_off_t offset, int origin)
{
    dk_transfer *t = user;
    dk_call *call = t->call;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > call->request.body.length)
        return CURL_SEEKFUNC_FAIL;
    t->left |= !is_first_and_alone(t) && last_try_left(t);
    if (t->left && !dk_operation_idempotent(call->request.operation))
        return CURL_SEEKFUNC_FAIL;
    call->sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

#if LIBCURL_VERSION_NUM >= 0x075000
/* Before each try of libcurl's. Not one that would do a thing twice; none with half a body, as
 * after HTTP_1_1_REQUIRED; and a call that may not be repeated does not leave on a connection that
 * was ended, which libcurl looks at once a second (from 8.22 on). */
static int before_try(void *user, char *ip, char *own_ip, int port, int own_port)
{
    dk_transfer *t = user;
    long connects = 0;
    (void)ip, (void)own_ip, (void)port;
    t->left |= t->tries && !is_first_and_alone(t) && last_try_left(t);
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &t->bytes);
    t->anew = connects > t->connects;
    t->connects = connects;
    t->alone = t->pool->on_wire == 1;
    t->begun = t->pool->requests;
    t->tries++;
    t->left |= t->call->sent > 0;
    if (dk_operation_idempotent(t->call->request.operation))
        return t->call->sent > 0 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
    t->stale = !t->left && !t->anew &&
               dk_connections_hung_up(t->connections, own_port, t->pool->on_wire == 1);
    return t->left || t->stale || t->tries > MOST_TRIES ? CURL_PREREQFUNC_ABORT
                                                        : CURL_PREREQFUNC_OK;
}
#endif

static int note_opened(void *user, curl_socket_t fd, curlsocktype purpose)
{
    (void)purpose;
    /* a program that the caller starts must not hold our connections open */
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
        return CURL_SOCKOPT_ERROR;
    dk_connections_opened(user, fd);
    return CURL_SOCKOPT_OK;
}

static int note_closed(void *user, curl_socket_t fd)
{
    dk_connections_closed(user, fd);
    return close(fd);
}

#define SET(option, value)                                                                         \
    do {                                                                                           \
        CURLcode set_code = curl_easy_setopt(easy, option, value);                                 \
        if (set_code != CURLE_OK) {                                                                \
            if (set_code != CURLE_OUT_OF_MEMORY)                                                   \
                *refused = "libcurl refuses " #option;                                             \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

static bool set_protocols(CURL *easy, const char **refused)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    if (curl_version_info(CURLVERSION_NOW)->version_num >= 0x075500) {
        SET(CURLOPT_PROTOCOLS_STR, "http,https");
        return true;
    }
#endif
#if LIBCURL_VERSION_NUM < 0x075500
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    return true;
}

static bool libcurl_has(int feature)
{
    return curl_version_info(CURLVERSION_NOW)->features & feature;
}

/* TLS 1.2 at least, with a proxy that is spoken to over TLS as well; HTTP/2 where libcurl has it.
 */
static bool set_versions(CURL *easy, const char **refused)
{
    bool http_2 = libcurl_has(CURL_VERSION_HTTP2);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (libcurl_has(CURL_VERSION_HTTPS_PROXY))
        SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_HTTP_VERSION, (long)(http_2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    return true;
}

/* Whom to trust, the proxy too. Where dk_tls_watch sees to that, libcurl is to read nothing. */
static bool set_trusted(dk_transfer *t, const char *ca_file, const char **refused)
{
    CURL *easy = t->easy;
    bool ours = dk_tls_watch(t->connections, easy), proxies = libcurl_has(CURL_VERSION_HTTPS_PROXY);
    if (ours)
        ca_file = NULL;
    if (ours || ca_file)
        SET(CURLOPT_CAINFO, ca_file);
    if ((ours || ca_file) && proxies)
        SET(CURLOPT_PROXY_CAINFO, ca_file);
    if (ours)
        SET(CURLOPT_CAPATH, NULL);
    if (ours && proxies)
        SET(CURLOPT_PROXY_CAPATH, NULL);
    return true;
}

/* As whom to come to the service. */
static bool set_certificates(CURL *easy, const dk_transport *transport, const char **refused)
{
    if (transport->client_cert)
        SET(CURLOPT_SSLCERT, transport->client_cert);
    if (transport->client_key)
        SET(CURLOPT_SSLKEY, transport->client_key);
    /* never left out: OpenSSL would ask for it on the host's terminal */
    SET(CURLOPT_KEYPASSWD, transport->client_key_password ? transport->client_key_password : "");
    return true;
}

static bool set_up(dk_transfer *t, const dk_transport *transport, const char **refused)
{
    CURL *easy = t->easy;
    SET(CURLOPT_PRIVATE, t);
    SET(CURLOPT_ERRORBUFFER, t->words);
    SET(CURLOPT_NOSIGNAL, 1L);
    if (!set_protocols(easy, refused))
        return false;
    if (!set_versions(easy, refused))
        return false;
    SET(CURLOPT_ACCEPT_ENCODING, ""); /* undo what comes; what we ask for is in the headers */
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_SOCKOPTFUNCTION, note_opened);
    SET(CURLOPT_SOCKOPTDATA, t->connections);
    SET(CURLOPT_CLOSESOCKETFUNCTION, note_closed);
    SET(CURLOPT_CLOSESOCKETDATA, t->connections);
    SET(CURLOPT_SHARE, dk_connections_sessions(t->connections));
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* libcurl would hand our key headers to the other host */
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_READFUNCTION, give_body);
    SET(CURLOPT_READDATA, t);
    SET(CURLOPT_SEEKFUNCTION, rewind_body);
    SET(CURLOPT_SEEKDATA, t);
    if (transport->proxy) {
        SET(CURLOPT_PROXY, transport->proxy);
    } else if (!dk_proxy_of(transport).url) {
        /* libcurl would look at the environment for each transfer, which takes time, and would give
         * loopback to its proxy: keys in the clear, where it speaks plain http */
        SET(CURLOPT_PROXY, "");
        SET(CURLOPT_NOPROXY, "");
    }
    if (!set_trusted(t, transport->ca_file, refused))
        return false;
    if (!set_certificates(easy, transport, refused))
        return false;
#if LIBCURL_VERSION_NUM >= 0x075000
    if (curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_try) == CURLE_OK) {
        SET(CURLOPT_PREREQDATA, t);
        t->asks = true;
    }
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    /* a name that is still being resolved must not hold up whoever cancels; refused by an older
     * library at run time, which is no harm */
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    return true;
}

dk_transfer *dk_transfer_new(const dk_transport *transport, dk_connections *connections,
                             const char **refused)
{
    dk_transfer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->connections = connections;
    t->easy = curl_easy_init();
    t->parsed = curl_url();
    if (t->easy && t->parsed && set_up(t, transport, refused))
        return t;
    dk_transfer_free(t);
    return NULL;
}

void dk_transfer_free(dk_transfer *t)
{
    if (!t)
        return;
    curl_easy_cleanup(t->easy);
    curl_url_cleanup(t->parsed);
    dk_buffer_free(&t->url);
    dk_wipe(t->words, sizeof t->words); /* libcurl quotes what it was given */
    free(t);
}

static bool set_method(dk_transfer *t, const dk_operation *operation, size_t body)
{
    CURL *easy = t->easy;
    if (t->operation == operation && !operation->body)
        return true; /* as it is since the last call */
    t->operation = operation;
    const char *method = operation->method;
    bool post = strcmp(method, "POST") == 0;
    bool plain = post || strcmp(method, "GET") == 0;
    if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, plain ? NULL : method) != CURLE_OK)
        return false;
    /* an empty POST gives rewind_body nothing to refuse: where libcurl does not ask before each try
     * either, it leaves on a new connection, which is never tried twice */
    bool fresh = !t->asks && body == 0 && !dk_operation_idempotent(operation);
    if (curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L) != CURLE_OK)
        return false;
    if (!operation->body && !post)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body) == CURLE_OK;
}

/* Gives libcurl the URL parsed, if it is another than the last one. */
static bool set_url(dk_transfer *t, dk_buffer *url)
{
    if (t->url.length == url->length && memcmp(t->url.data, url->data, url->length) == 0)
        return true;
    dk_buffer_clear(&t->url);
    const char *text = dk_buffer_string(url);
    /* wait for a connection to multiplex on rather than open another, where HTTP/2 can be:
     * elsewhere one slow first call would hold up all others */
    long wait = text && strncmp(text, "https:", 6) == 0;
    /* without CURLOPT_URL's end, libcurl would go on with the text of the last one */
    bool done = text && curl_url_set(t->parsed, CURLUPART_URL, text, 0) == CURLUE_OK &&
                curl_easy_setopt(t->easy, CURLOPT_URL, NULL) == CURLE_OK &&
                curl_easy_setopt(t->easy, CURLOPT_CURLU, t->parsed) == CURLE_OK &&
                curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT, wait) == CURLE_OK;
    return done && dk_buffer_add(&t->url, url->data, url->length);
}

bool dk_transfer_leave_old(dk_transfer *t, bool leave)
{
#if LIBCURL_VERSION_NUM >= 0x075000
    if (t->leaves_old != leave &&
        curl_easy_setopt(t->easy, CURLOPT_MAXLIFETIME_CONN, leave ? 1L : 0L) == CURLE_OK)
        t->leaves_old = leave;
#endif
    return t->leaves_old == leave;
}

bool dk_transfer_begin(dk_transfer *t, dk_call *call)
{
    CURL *easy = t->easy;
    t->call = call;
    t->words[0] = '\0';
    t->tries = 0;
    t->connects = t->bytes = 0;
    t->head_bytes = 0;
    t->anew = t->alone = t->left = t->stale = t->ended_well = false;
    call->sent = 0;
    call->status = 0;
    call->too_large = false;
    call->detail = NULL;
    call->words[0] = '\0';
    dk_buffer_clear(&call->head);
    dk_buffer_clear(&call->body);
    if (t->connect_timeout != call->limits.connect_timeout) {
        long ms = dk_clock_milliseconds(call->limits.connect_timeout);
        if (curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms) != CURLE_OK)
            return false;
        t->connect_timeout = call->limits.connect_timeout;
    }
    return set_url(t, &call->request.url) &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->request.headers->list) == CURLE_OK &&
           set_method(t, call->request.operation, call->request.body.length);
}

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

static bool was_connected(CURL *easy)
{
    curl_off_t ready = 0;
    return curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready) == CURLE_OK && ready > 0;
}

/* Was a connection had to send on? With a proxy, one that reaches through it. */
static bool was_begun(const dk_transfer *t)
{
    return t->asks ? t->tries > 0 : was_connected(t->easy);
}

/* Is it proved that the service cannot have acted? By what left, over all of libcurl's tries: its
 * code tells of the last one alone. */
static bool was_not_sent(const dk_transfer *t, CURLcode code)
{
    if (t->left)
        return false;
    return !was_begun(t) || t->stale || !last_try_left(t) || wrote_nothing(t, code);
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
    return t->head_bytes > MAX_HEAD_BYTES || (int)code == DK_CURLE_TOO_LARGE ||
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
    if (was_begun(t))
        return kind == DK_CONFIG ? DK_PROTOCOL : kind;
    if (kind == DK_CONFIG && dk_descriptors_are_used_up()) {
        t->call->detail =
            DK_NO_DESCRIPTORS; /* libcurl calls the file that it could not open wrong */
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
    if (was_begun(t) && was_head_too_large(t, code)) {
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
    else if (code == CURLE_RECV_ERROR && t->connections->flood.ended)
        call->detail = "the server sends without end, and nothing of an answer";
    else if (t->stale || t->left)
        call->detail = t->stale ? "the server had ended the connection"
                                : "the connection broke before an answer came";
    else if (t->tries > MOST_TRIES)
        call->detail = "the server refused the request, and did not look at it";
    if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_SEND_FAIL_REWIND)
        return DK_NETWORK; /* rewind_body and before_try refused to try again */
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
        return was_not_sent(t, code) ? DK_NOT_SENT : DK_UNCLEAR;
    default:
        if (t->stale)
            return DK_STALE;
        return was_not_sent(t, code) ? DK_NOT_SENT : DK_BROKEN;
    }
}

dk_outcome dk_transfer_end(dk_transfer *t, CURLcode code)
{
    dk_call *call = t->call;
    if (code == CURLE_OK && !head_is_whole(&call->head)) {
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
    if (call->sent > 0 && !t->connections->uploads_count)
        t->connections->uploads_count = uploaded(t) > 0;
    call->kind = dk_kind_of_status(call->status);
    return outcome_of_status(call->status);
}

bool dk_transfer_is_spent(const dk_transfer *t)
{
    return !t->ended_well || t->tries > 1;
}

void dk_transfer_count(const dk_transfer *t, dk_stats *stats)
{
    long number = 0;
    curl_off_t bytes = 0;
    if (curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &number) == CURLE_OK)
        stats->connections += (double)number;
    if (curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &number) == CURLE_OK)
        stats->bytes_sent += (double)number;
    stats->bytes_sent += (double)t->call->sent;
    if (curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes) == CURLE_OK)
        stats->bytes_received += (double)bytes + (double)t->call->head.length;
    if (!t->call->status || curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &number) != CURLE_OK)
        return;
    *(number >= 30                      ? &stats->http_3
      : number >= CURL_HTTP_VERSION_2_0 ? &stats->http_2
                                        : &stats->http_1) += 1;
}
