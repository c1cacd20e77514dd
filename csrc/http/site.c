/* Sites and base URLs; see site.h. */
#include "site.h"

#include "base/ascii.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>

/* One row per site: https://docs.datadoghq.com/getting_started/site/ */
const char *const dk_sites[] = {
    "datadoghq.com",     "us3.datadoghq.com",
    "us5.datadoghq.com", "ap1.datadoghq.com",
    "ap2.datadoghq.com", "uk1.datadoghq.com",
    "datadoghq.eu",      "ddog-gov.com",
    "us2.ddog-gov.com",  NULL,
};

static const char *skip_prefix(const char *s, const char *prefix)
{
    size_t n = strlen(prefix);
    return dk_ascii_same(s, prefix, n) ? s + n : s;
}

const char *dk_site_find(const char *given)
{
    const char *host = skip_prefix(skip_prefix(given, "https://"), "http://");
    host = skip_prefix(skip_prefix(host, "app."), "api.");
    size_t n = strcspn(host, "/?#");
    for (size_t i = 0; dk_sites[i]; i++)
        if (strlen(dk_sites[i]) == n && dk_ascii_same(host, dk_sites[i], n))
            return dk_sites[i];
    return NULL;
}

/* Does the host, as libcurl writes it, stand for this machine? An address in 127.0.0.0/8, ::1, one
 * of the former mapped to IPv6 (RFC 4291, 2.5.5.2), or the name (RFC 6761, 6.3). */
static bool is_loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    char inside[INET6_ADDRSTRLEN];
    size_t n = strlen(host);
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    if (n < 2 || n - 2 >= sizeof inside || host[0] != '[')
        return dk_ascii_same_string(host, "localhost");
    memcpy(inside, host + 1, n - 2);
    inside[n - 2] = '\0';
    if (inet_pton(AF_INET6, inside, &six) != 1)
        return false;
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

/* A part of the URL, or NULL where it has none, or memory ran out (then *failed); freed with
 * curl_free. */
static char *part(CURLU *url, CURLUPart what, bool *failed)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(url, what, &text, 0);
    *failed |= code == CURLUE_OUT_OF_MEMORY;
    return code == CURLUE_OK ? text : NULL;
}

/* No URL of ours has a space, a control character or a byte outside ASCII. */
static bool has_odd_byte(const char *text)
{
    return !dk_ascii_is_visible(text, strlen(text));
}

static bool ends_in(const char *text, size_t n, const char *end)
{
    size_t length = strlen(end);
    return n >= length && dk_ascii_same(text + n - length, end, length);
}

/* The console of an organisation's administrators: it has Okta's name, and no API. */
static bool is_console(const char *host)
{
    static const char *const consoles[] = {"-admin.okta.com", "-admin.oktapreview.com",
                                           "-admin.okta-emea.com", "-admin.okta-gov.com",
                                           "-admin.okta.mil"};
    for (size_t i = 0; i < sizeof consoles / sizeof *consoles; i++)
        if (ends_in(host, strlen(host), consoles[i]))
            return true;
    return false;
}

/* How long a URL is without a path that the services print beside their address and that the
 * operations' own paths begin anew: of an API, behind whatever a gateway has; else of a page. */
static size_t without_known_path(const char *url, size_t n)
{
    static const char *const apis[] = {"/api/v2/scim", "/api/v1", "/api/v2"};
    static const char *const pages[] = {"/oauth2/default", "/oauth2/v1", "/login/login.htm",
                                        "/login/default",  "/admin",     "/admin/dashboard",
                                        "/app/UserHome"};
    const char *path = strchr(strstr(url, "://") + 3, '/');
    while (n && url[n - 1] == '/')
        n--;
    for (size_t i = 0; i < sizeof apis / sizeof *apis; i++)
        if (ends_in(url, n, apis[i]))
            n -= strlen(apis[i]);
    for (size_t i = 0; path && i < sizeof pages / sizeof *pages; i++)
        if (strlen(pages[i]) == n - (size_t)(path - url) && ends_in(url, n, pages[i]))
            return (size_t)(path - url);
    while (n && url[n - 1] == '/')
        n--;
    return n;
}

static const char *refusal(CURLU *url)
{
    bool failed = false;
    char *user = part(url, CURLUPART_USER, &failed);
    char *password = part(url, CURLUPART_PASSWORD, &failed);
    char *query = part(url, CURLUPART_QUERY, &failed);
    char *fragment = part(url, CURLUPART_FRAGMENT, &failed);
    char *scheme = part(url, CURLUPART_SCHEME, &failed);
    char *host = part(url, CURLUPART_HOST, &failed);
    const char *why = NULL;
    if (failed)
        why = "out of memory"; /* what is not known must not pass for what is not there */
    else if (!scheme || !host || !*host)
        why = "it has no host";
    else if (has_odd_byte(host)) /* libcurl takes the escapes off a host */
        why = "its host has an escape for a control character or a byte outside ASCII";
    else if (user || password)
        why = "it must not hold a user or password";
    else if (is_console(host))
        why = "that is the administrators' console; the organisation's own address is the same "
              "without -admin";
    else if (query || fragment)
        why = "it must not have a query or fragment";
    else if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
        why = "only https is spoken (http on loopback alone)";
    else if (strcmp(scheme, "http") == 0 && !is_loopback(host))
        why = "keys are sent over https only (plain http is for loopback alone)";
    curl_free(user);
    curl_free(password);
    curl_free(query);
    curl_free(fragment);
    curl_free(scheme);
    curl_free(host);
    return why;
}

const char *dk_site_base_url(const char *given, dk_buffer *out)
{
    if (has_odd_byte(given))
        return "it has a space, a control character or a byte outside ASCII";
    CURLU *url = curl_url();
    if (!url)
        return "out of memory";
    dk_buffer whole = {0};
    if (!strstr(given, "://"))
        dk_buffer_adds(&whole, "https://");
    dk_buffer_adds(&whole, given);
    const char *text = dk_buffer_string(&whole);
    CURLUcode code = text ? curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME)
                          : CURLUE_OUT_OF_MEMORY;
    const char *why = code == CURLUE_OK              ? refusal(url)
                      : code == CURLUE_OUT_OF_MEMORY ? "out of memory"
                                                     : "it is not a URL";
    if (!why) {
        bool failed = false;
        char *clean = part(url, CURLUPART_URL, &failed);
        if (!clean || !dk_buffer_add(out, clean, without_known_path(clean, strlen(clean))))
            why = "out of memory";
        curl_free(clean);
    }
    dk_buffer_free(&whole);
    curl_url_cleanup(url);
    return why;
}

bool dk_site_on_loopback(const char *base_url)
{
    bool failed = false;
    CURLU *url = curl_url();
    char *host = url && curl_url_set(url, CURLUPART_URL, base_url, 0) == CURLUE_OK
                     ? part(url, CURLUPART_HOST, &failed)
                     : NULL;
    bool loopback = host && is_loopback(host);
    curl_free(host);
    curl_url_cleanup(url);
    return loopback;
}

bool dk_site_is_plain(const char *base_url)
{
    return dk_ascii_same(base_url, "http://", 7);
}
