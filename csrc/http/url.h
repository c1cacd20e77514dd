/* Escaping, path templates and queries. */
#ifndef DK_URL_H
#define DK_URL_H

#include "base/buffer.h"

/* Percent-encodes all but RFC 3986's unreserved characters. */
bool dk_url_escape(dk_buffer *out, const char *bytes, size_t n);

/* How many {parameters} a path template has. */
int dk_url_parameters(const char *path);

/* The name of the i-th {parameter} (from 0); its length in *n; NULL past the last. */
const char *dk_url_parameter(const char *path, int i, size_t *n);

/* Why a value can't stand for a path parameter (a static string), or NULL where it can. A value of
 * "." or ".." would be taken out by path normalisation and so address another resource. */
const char *dk_url_bad_parameter(const char *value, size_t n);

/* Writes the template with its parameters filled in, escaped. */
bool dk_url_expand(dk_buffer *out, const char *path, const char *const *values,
                   const size_t *lengths);

/* Appends "?name=value" or "&name=value". */
bool dk_url_query(dk_buffer *url, bool first, const char *name, size_t name_n, const char *value,
                  size_t value_n);

/* Finds a parameter of a URL's query and appends its value, unescaped. False: it has none, or
 * memory ran out (then out->failed). */
bool dk_url_find(const char *url, const char *name, dk_buffer *out);

/* Are two URLs on the same host? Ports do not count: a service may be reached through another.
 * *failed: memory ran out, and it is not known. */
bool dk_url_same_host(const char *a, const char *b, bool *failed);

#endif
