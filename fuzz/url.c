/* csrc/http/url.c and site.c: a base URL that is taken is https or on loopback, holds no password
 * and means the same read again; an escaped value is the value, and stays one segment of a path. */
#include "http/site.h"
#include "http/url.h"
#include "fuzz.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void check_base_url(const char *given)
{
    dk_buffer first = {0}, second = {0};
    const char *site = dk_site_find(given);
    if (site)
        MUST(dk_site_find(site) == site);
    if (!dk_site_base_url(given, &first)) {
        const char *url = dk_buffer_string(&first);
        MUST(begins(url, "https://") || (begins(url, "http://") && dk_site_on_loopback(url)));
        size_t authority = strcspn(strstr(url, "://") + 3, "/");
        MUST(authority > 0 && !memchr(strstr(url, "://") + 3, '@', authority));
        MUST(!strpbrk(url, "?# \r\n") && url[first.length - 1] != '/');
        MUST(!dk_site_base_url(url, &second));
        MUST(strcmp(url, dk_buffer_string(&second)) == 0);
    }
    dk_buffer_free(&first);
    dk_buffer_free(&second);
}

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : c - 'A' + 10;
}

static void check_escape(const char *value, size_t n)
{
    dk_buffer out = {0};
    MUST(dk_url_escape(&out, value, n));
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        MUST(at < out.length);
        char c = out.data[at++];
        if (c == '%') {
            MUST(at + 2 <= out.length);
            c = (char)(digit(out.data[at]) * 16 + digit(out.data[at + 1]));
            at += 2;
        } else {
            MUST(isalnum((unsigned char)c) || strchr("-._~", c));
        }
        MUST(c == value[i]);
    }
    MUST(at == out.length);
    dk_buffer_free(&out);
}

static void check_path(const char *value, size_t n)
{
    dk_buffer out = {0};
    const char *const values[] = {value, value};
    const size_t lengths[] = {n, n};
    if (!dk_url_bad_parameter(value, n)) {
        MUST(dk_url_expand(&out, "/a/{one}/b/{two}", values, lengths));
        const char *path = dk_buffer_string(&out);
        size_t slashes = 0;
        for (const char *p = path; *p; p++)
            slashes += *p == '/';
        MUST(slashes == 4 && !strpbrk(path, "?#") && strlen(path) == out.length);
        MUST(!strstr(path, "/./") && !strstr(path, "/../"));
    }
    dk_buffer_free(&out);
}

/* A parameter that is written is the one that is found. */
static void check_query(const char *value, size_t n)
{
    dk_buffer url = {0}, found = {0};
    dk_buffer_adds(&url, "https://example.com/a?before=1");
    MUST(dk_url_query(&url, false, "after", 5, value, n));
    MUST(dk_url_find(dk_buffer_string(&url), "after", &found));
    MUST(found.length == n && (n == 0 || memcmp(found.data, value, n) == 0));
    dk_buffer_free(&url);
    dk_buffer_free(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *value = (const char *)bytes;
    char *text = malloc(n + 1);
    MUST(text);
    if (n)
        memcpy(text, bytes, n);
    text[n] = '\0';
    dk_buffer found = {0};
    check_base_url(text);
    check_escape(value, n);
    check_path(value, n);
    check_query(value, n);
    dk_url_find(text, "after", &found);
    MUST(!found.failed);
    dk_buffer_free(&found);
    bool failed = false;
    MUST(dk_url_same_host(text, "https://example.com/", &failed) ==
         dk_url_same_host("https://example.com/", text, &failed));
    MUST(!failed);
    free(text);
    return 0;
}
