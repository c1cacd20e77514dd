/* Escaping, path templates and queries; see url.h. */
#include "url.h"

#include "base/hex.h"

#include <curl/curl.h>
#include <string.h>

bool dk_url_escape(dk_buffer *out, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (dk_ascii_is_alnum((char)c) || (c && strchr("-._~", c))) {
            dk_buffer_addc(out, (char)c);
        } else {
            const char escaped[3] = {'%', DK_HEX_UPPER[c >> 4], DK_HEX_UPPER[c & 15]};
            dk_buffer_add(out, escaped, 3);
        }
    }
    return !out->failed;
}

const char *dk_url_parameter(const char *path, int i, size_t *n)
{
    for (const char *open = strchr(path, '{'); open; open = strchr(open + 1, '{'))
        if (i-- == 0) {
            *n = strcspn(open + 1, "}");
            return open + 1;
        }
    return NULL;
}

int dk_url_parameters(const char *path)
{
    int count = 0;
    size_t n;
    while (dk_url_parameter(path, count, &n))
        count++;
    return count;
}

const char *dk_url_bad_parameter(const char *value, size_t n)
{
    if (n == 0)
        return "it is empty";
    if ((n == 1 && value[0] == '.') || (n == 2 && value[0] == '.' && value[1] == '.'))
        return "\".\" and \"..\" would address another resource";
    return dk_ascii_has_control(value, n) ? "it holds a control character" : NULL;
}

bool dk_url_expand(dk_buffer *out, const char *path, const char *const *values,
                   const size_t *lengths)
{
    for (int i = 0; *path; i++) {
        size_t n = strcspn(path, "{");
        dk_buffer_add(out, path, n);
        path += n;
        if (*path == '{') {
            dk_url_escape(out, values[i], lengths[i]);
            path += strcspn(path, "}") + 1;
        }
    }
    return !out->failed;
}

bool dk_url_query(dk_buffer *url, bool first, const char *name, size_t name_n, const char *value,
                  size_t value_n)
{
    dk_buffer_addc(url, first ? '?' : '&');
    dk_url_escape(url, name, name_n);
    dk_buffer_addc(url, '=');
    return dk_url_escape(url, value, value_n);
}

/* A "+" is one (RFC 3986): that it is a space holds for forms alone, and cursors are base64. */
static bool unescape(dk_buffer *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        long byte = text[i] == '%' ? dk_hex_number(text + i + 1, n - i - 1, 2) : -1;
        dk_buffer_addc(out, byte >= 0 ? (char)byte : text[i]);
        if (byte >= 0)
            i += 2;
    }
    return !out->failed;
}

bool dk_url_find(const char *url, const char *name, dk_buffer *out)
{
    const char *at = strchr(url, '?');
    size_t n = strlen(name);
    while (at) {
        at++;
        if (strncmp(at, "amp;", 4) == 0) /* a gateway has escaped it as if it were HTML */
            at += 4;
        size_t length = strcspn(at, "&#");
        if (length > n && memcmp(at, name, n) == 0 && at[n] == '=')
            return unescape(out, at + n + 1, length - n - 1);
        at = at[length] == '&' ? at + length : NULL;
    }
    return false;
}

/* NULL: it has none, or memory ran out. */
static char *host_of(const char *url, bool *failed)
{
    CURLU *parsed = curl_url();
    char *host = NULL;
    CURLUcode code = parsed ? curl_url_set(parsed, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;
    if (code == CURLUE_OK)
        code = curl_url_get(parsed, CURLUPART_HOST, &host, 0);
    *failed |= code == CURLUE_OUT_OF_MEMORY;
    curl_url_cleanup(parsed);
    return code == CURLUE_OK ? host : NULL;
}

bool dk_url_same_host(const char *a, const char *b, bool *failed)
{
    *failed = false;
    char *one = host_of(a, failed), *other = host_of(b, failed);
    bool same = one && other && dk_ascii_same_string(one, other);
    curl_free(one);
    curl_free(other);
    return same;
}
