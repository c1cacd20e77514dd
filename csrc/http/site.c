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

/* What that page calls them in its column "Site". */
static const struct {
    const char *name, *site;
} labels[] = {
    {"US1", "datadoghq.com"},     {"US3", "us3.datadoghq.com"}, {"US5", "us5.datadoghq.com"},
    {"EU1", "datadoghq.eu"},      {"UK1", "uk1.datadoghq.com"}, {"AP1", "ap1.datadoghq.com"},
    {"AP2", "ap2.datadoghq.com"}, {"US1-FED", "ddog-gov.com"},  {"US2-FED", "us2.ddog-gov.com"}};

static const char *find_label(const char *given)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (dk_ascii_same_string(given, labels[i].name))
            return labels[i].site;
    return NULL;
}

const char *dk_site_find(const char *given)
{
    const char *host = skip_prefix(skip_prefix(given, "https://"), "http://");
    host = skip_prefix(skip_prefix(host, "app."), "api.");
    size_t n = strcspn(host, "/?#");
    for (size_t i = 0; dk_sites[i]; i++)
        if (strlen(dk_sites[i]) == n && dk_ascii_same(host, dk_sites[i], n))
            return dk_sites[i];
    return find_label(given);
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

/* Domains below which each organisation of Okta has a host of its own. */
static const char *const okta_domains[] = {".okta.com", ".oktapreview.com", ".okta-emea.com",
                                           ".okta-gov.com", ".okta.mil"};

/* How long the organisation's own name at the host's beginning is; 0: it is no host of Okta's. */
static size_t organisation_length(const char *host)
{
    size_t n = strlen(host);
    for (size_t i = 0; i < sizeof okta_domains / sizeof *okta_domains; i++)
        if (ends_in(host, n, okta_domains[i]))
            return n - strlen(okta_domains[i]);
    return 0;
}

/* The console of an organisation's administrators: it has Okta's name, and no API. (An organisation
 * whose own name ends so cannot be told from one.) */
static bool is_console(const char *host)
{
    size_t n = organisation_length(host);
    return n > strlen("-admin") && ends_in(host, n, "-admin");
}

/* A service's own host: its API begins at the root, whatever page the address was copied from. */
static bool is_services_own(const char *host)
{
    return dk_site_find(host) || organisation_length(host);
}

/* Writes where the API of a service is that has this host of its own. */
static void write_own(const char *host, dk_buffer *out)
{
    const char *site = dk_site_find(host);
    size_t own = organisation_length(host), cut = is_console(host) ? strlen("-admin") : 0;
    dk_buffer_adds(out, site ? "https://api." : "https://");
    if (site) {
        dk_buffer_adds(out, site);
        return;
    }
    dk_buffer_add(out, host, own - cut);
    dk_buffer_adds(out, host + own);
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

/* The parts of a URL, each NULL where it has none. */
typedef struct {
    char *scheme, *user, *password, *host, *port, *query, *fragment;
    bool failed; /* memory ran out: what is not known must not pass for what is not there */
} url_parts;

static url_parts parts_of(CURLU *url)
{
    url_parts parts = {0};
    parts.scheme = part(url, CURLUPART_SCHEME, &parts.failed);
    parts.user = part(url, CURLUPART_USER, &parts.failed);
    parts.password = part(url, CURLUPART_PASSWORD, &parts.failed);
    parts.host = part(url, CURLUPART_HOST, &parts.failed);
    parts.port = part(url, CURLUPART_PORT, &parts.failed);
    parts.query = part(url, CURLUPART_QUERY, &parts.failed);
    parts.fragment = part(url, CURLUPART_FRAGMENT, &parts.failed);
    return parts;
}

static void free_parts(url_parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->user);
    curl_free(parts->password);
    curl_free(parts->host);
    curl_free(parts->port);
    curl_free(parts->query);
    curl_free(parts->fragment);
}

/* A port that is the scheme's own is dropped, so that the same service has one base URL. */
static bool has_other_port(const url_parts *parts)
{
    return parts->port && strcmp(parts->port, "443") != 0;
}

/* Why the URL is refused, or NULL; *meant: its host would do. */
static const char *refusal(const url_parts *parts, bool *meant)
{
    *meant = false;
    if (parts->failed)
        return "out of memory";
    if (!parts->scheme || !parts->host || !*parts->host)
        return "it has no host";
    if (has_odd_byte(parts->host)) /* libcurl takes the escapes off a host */
        return "its host has an escape for a control character or a byte outside ASCII";
    if (parts->user || parts->password)
        return "it must not hold a user or password";
    *meant = is_services_own(parts->host) && !has_other_port(parts);
    if (is_console(parts->host))
        return "that is the administrators' console; the organisation's own address is the same "
               "without -admin";
    if ((parts->query || parts->fragment) && !*meant)
        return "it must not have a query or fragment";
    if (strcmp(parts->scheme, "https") != 0 && strcmp(parts->scheme, "http") != 0)
        return "only https is spoken (http on loopback alone)";
    if (strcmp(parts->scheme, "http") == 0 && !is_loopback(parts->host))
        return "keys are sent over https only (plain http is for loopback alone)";
    return NULL;
}

/* Reads what was given; a bare host means https. */
static const char *parse(CURLU *url, const char *given)
{
    dk_buffer whole = {0};
    if (!strstr(given, "://"))
        dk_buffer_adds(&whole, "https://");
    dk_buffer_adds(&whole, given);
    const char *text = dk_buffer_string(&whole);
    CURLUcode code = text ? curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME)
                          : CURLUE_OUT_OF_MEMORY;
    dk_buffer_free(&whole);
    if (code == CURLUE_OK)
        return NULL;
    return code == CURLUE_OUT_OF_MEMORY ? "out of memory" : "it is not a URL";
}

static const char *write_base_url(CURLU *url, dk_buffer *out)
{
    url_parts parts = parts_of(url);
    bool meant;
    const char *why = refusal(&parts, &meant);
    if (meant) {
        write_own(parts.host, out);
    } else if (!why) {
        bool failed = false;
        char *clean = part(url, CURLUPART_URL, &failed);
        if (!clean || !dk_buffer_add(out, clean, without_known_path(clean, strlen(clean))))
            why = "out of memory";
        curl_free(clean);
    }
    free_parts(&parts);
    return out->failed ? "out of memory" : why;
}

const char *dk_site_base_url(const char *given, dk_buffer *out)
{
    if (has_odd_byte(given))
        return "it has a space, a control character or a byte outside ASCII";
    CURLU *url = curl_url();
    if (!url)
        return "out of memory";
    const char *why = parse(url, given);
    if (!why)
        why = write_base_url(url, out);
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
