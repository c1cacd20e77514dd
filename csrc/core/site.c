/* Sites and base URLs; see site.h. */
#include "site.h"

#include <curl/curl.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

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
    return strncasecmp(s, prefix, n) == 0 ? s + n : s;
}

const char *dk_site_find(const char *given)
{
    const char *host = skip_prefix(skip_prefix(given, "https://"), "http://");
    host = skip_prefix(skip_prefix(host, "app."), "api.");
    size_t n = strcspn(host, "/?#");
    for (size_t i = 0; dk_sites[i]; i++)
        if (strlen(dk_sites[i]) == n && strncasecmp(host, dk_sites[i], n) == 0)
            return dk_sites[i];
    return NULL;
}

static bool is_loopback(const char *host)
{
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    int dots = 0;
    for (const char *p = host; *p; p++) {
        if (*p == '.')
            dots++;
        else if (!isdigit((unsigned char)*p))
            return false;
    }
    return dots == 3 && strncmp(host, "127.", 4) == 0;
}

/* A part of the URL, or NULL where it has none; freed with curl_free. */
static char *part(CURLU *url, CURLUPart what)
{
    char *text = NULL;
    return curl_url_get(url, what, &text, 0) == CURLUE_OK ? text : NULL;
}

static const char *refusal(CURLU *url)
{
    char *user = part(url, CURLUPART_USER), *password = part(url, CURLUPART_PASSWORD);
    char *query = part(url, CURLUPART_QUERY), *fragment = part(url, CURLUPART_FRAGMENT);
    char *scheme = part(url, CURLUPART_SCHEME), *host = part(url, CURLUPART_HOST);
    const char *why = NULL;
    if (!scheme || !host || !*host)
        why = "it has no host";
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
    for (const char *p = given; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
            return "it has a space, a control character or a byte outside ASCII";
    CURLU *url = curl_url();
    if (!url)
        return "out of memory";
    dk_buffer whole = {0};
    if (!strstr(given, "://"))
        dk_buffer_adds(&whole, "https://");
    dk_buffer_adds(&whole, given);
    const char *text = dk_buffer_string(&whole);
    const char *why = NULL;
    if (!text)
        why = "out of memory";
    else if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        why = "it is not a URL";
    else
        why = refusal(url);
    if (!why) {
        char *clean = part(url, CURLUPART_URL);
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
