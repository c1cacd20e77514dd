/* The proxy; see proxy.h. */
#include "proxy.h"
#include "disguise.h"
#include "secret.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

dk_proxy dk_proxy_of(const dk_transport *transport)
{
    /* in curl's order; one that is empty counts as not set */
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    if (transport->proxy)
        return (dk_proxy){*transport->proxy ? transport->proxy : NULL, "the option proxy"};
    for (size_t i = 0; !transport->is_loopback && i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return (dk_proxy){value, names[i]};
    }
    return (dk_proxy){NULL, NULL};
}

/* Reads the URL as libcurl's lib/url.c does: without a scheme it is an HTTP proxy. */
static CURLU *parse(const char *url)
{
    CURLU *parsed = curl_url();
    dk_buffer whole = {.secret = true};
    if (!strstr(url, "://"))
        dk_buffer_adds(&whole, "http://");
    dk_buffer_adds(&whole, url);
    const char *text = dk_buffer_string(&whole);
    if (parsed && (!text || curl_url_set(parsed, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME))) {
        curl_url_cleanup(parsed);
        parsed = NULL;
    }
    dk_buffer_free(&whole);
    return parsed;
}

bool dk_proxy_name(const char *url, dk_buffer *out)
{
    CURLU *parsed = parse(url);
    char *host = NULL, *port = NULL;
    bool done = parsed && curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK && *host;
    if (done) {
        dk_buffer_adds(out, host);
        bool given = curl_url_get(parsed, CURLUPART_PORT, &port, 0) == CURLUE_OK;
        dk_buffer_addf(out, ":%s", given ? port : strncmp(url, "https:", 6) == 0 ? "443" : "1080");
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
    return done && !out->failed;
}

/* Adds a part of the URL, as it stands there and as it is meant. */
static void add_part(const char *part, size_t n, dk_buffer *secrets)
{
    dk_buffer plain = {.secret = true};
    dk_secrets_add(secrets, part, n);
    for (size_t i = 0, length; i < n; i += length) {
        char bytes[4];
        size_t count = 0;
        length = dk_escape_read(DK_PERCENTS, part + i, n - i, bytes, &count);
        dk_buffer_addc(&plain, length ? bytes[0] : part[i]);
        length = length ? length : 1;
    }
    dk_secrets_add(secrets, plain.data, plain.length);
    secrets->failed |= plain.failed;
    dk_buffer_free(&plain);
}

bool dk_proxy_secrets(const dk_transport *transport, dk_buffer *secrets)
{
    const char *url = dk_proxy_of(transport).url;
    if (!url)
        return !secrets->failed;
    const char *scheme = strstr(url, "://"), *user = scheme ? scheme + 3 : url;
    const char *end = strrchr(user, '@'); /* a password may hold what ends a URL's part */
    const char *password = end ? memchr(user, ':', (size_t)(end - user)) : NULL;
    if (password)
        add_part(password + 1, (size_t)(end - password) - 1, secrets);
    dk_buffer name = {0};
    if (!dk_proxy_name(url, &name))
        add_part(user, strlen(user), secrets);
    dk_buffer_free(&name);
    return !secrets->failed;
}
