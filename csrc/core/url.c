/* Escaping, path templates and queries; see url.h. */
#include "url.h"

#include <ctype.h>
#include <string.h>

bool dk_url_escape(dk_buffer *out, const char *bytes, size_t n)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        bool alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (alphanumeric || (c && strchr("-._~", c))) {
            dk_buffer_addc(out, (char)c);
        } else {
            const char escaped[3] = {'%', hex[c >> 4], hex[c & 15]};
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
    for (size_t i = 0; i < n; i++)
        if (iscntrl((unsigned char)value[i]))
            return "it holds a control character";
    return NULL;
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
