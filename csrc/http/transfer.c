/* libcurl's handle of one attempt; see transfer.h. */
#include "transfer.h"
#include "proxy.h"

#include "base/wipe.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t take_body(char *bytes, size_t one, size_t n, void *user)
{
    dk_transfer *t = user;
    dk_call *call = t->call;
    (void)one;
    dk_flood_over(&t->connections->tls.flood);
    /* counted here, behind libcurl's decompression: its own limit looks at what is on the wire */
    if (n > call->options.max_response_bytes - call->body.length) {
        call->too_large = true;
        return 0;
    }
    return dk_buffer_add(&call->body, bytes, n) ? n : 0;
}

bool dk_head_is_whole(const dk_buffer *head)
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
    dk_flood_over(&t->connections->tls.flood);
    t->head_bytes += n;
    if (t->head_bytes > DK_MOST_HEAD_BYTES)
        return 0;
    if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        dk_buffer_clear(&call->head); /* what came before was a 1xx */
    else if (dk_head_is_whole(&call->head))
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
    dk_flood_over(&t->connections->tls.flood);
    memcpy(space, call->request.body.data + call->sent, n);
    call->sent += n;
    return n;
}

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

/* TLS 1.2 at least, with a proxy that is spoken to over TLS as well; HTTP/2 where libcurl has
 * it. */
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
    bool ours = dk_tls_watch(&t->connections->tls, easy),
         proxies = libcurl_has(CURL_VERSION_HTTPS_PROXY);
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
    if (!dk_tries_watch(&t->tries, easy, t->connections))
        return false;
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
    bool fresh = dk_tries_need_new_connection(&t->tries, operation, body);
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
    t->head_bytes = 0;
    t->ended_well = false;
    dk_tries_begin(&t->tries, call);
    call->sent = 0;
    call->status = 0;
    call->too_large = false;
    call->detail = NULL;
    call->words[0] = '\0';
    dk_buffer_clear(&call->head);
    dk_buffer_clear(&call->body);
    if (t->connect_timeout != call->options.connect_timeout) {
        long ms = dk_clock_milliseconds(call->options.connect_timeout);
        if (curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms) != CURLE_OK)
            return false;
        t->connect_timeout = call->options.connect_timeout;
    }
    return set_url(t, &call->request.url) &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->request.headers->list) == CURLE_OK &&
           set_method(t, call->request.operation, call->request.body.length);
}

bool dk_transfer_is_spent(const dk_transfer *t)
{
    return !t->ended_well || t->tries.count > 1;
}

#define HTTP_3 30 /* CURL_HTTP_VERSION_3, from 7.66 on an enum's value */

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
    if (number >= HTTP_3)
        stats->http_3++;
    else if (number >= CURL_HTTP_VERSION_2_0)
        stats->http_2++;
    else
        stats->http_1++;
}
