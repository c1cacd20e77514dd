/* Sites and base URLs; see site.h. */
#include "site.h"
#include "ascii.h"

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

/* Four numbers up to 255: what is only like an address is a name, and asked for. */
static bool is_ipv4(const char *host)
{
    int numbers = 1, digits = 0, number = 0;
    for (const char *p = host; *p; p++) {
        if (*p == '.' && digits) {
            numbers++;
            digits = number = 0;
        } else if (dk_ascii_is_digit(*p) && ++digits <= 3) {
            number = number * 10 + (*p - '0');
        } else {
            return false;
        }
        if (number > 255)
            return false;
    }
    return numbers == 4 && digits > 0;
}

static bool is_loopback(const char *host)
{
    if (dk_ascii_same_string(host, "localhost") || strcmp(host, "[::1]") == 0)
        return true;
    return is_ipv4(host) && strncmp(host, "127.", 4) == 0;
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

/* A byte that no URL of ours holds: a space, a control character, or one outside ASCII. */
static bool has_odd_byte(const char *text)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
            return true;
    return false;
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
        size_t n = clean ? strlen(clean) : 0;
        while (n && clean[n - 1] == '/')
            n--;
        if (!clean || !dk_buffer_add(out, clean, n))
            why = "out of memory";
        curl_free(clean);
    }
    dk_buffer_free(&whole);
    curl_url_cleanup(url);
    return why;
}
