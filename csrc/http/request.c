/* Building requests; see request.h. */
#include "request.h"
#include "base/ascii.h"
#include "secret.h"
#include "base/wipe.h"
#include "url.h"

#include <stdlib.h>
#include <string.h>

const char *const dk_key_names[DK_KEYS] = {
    [DK_API_KEY] = "api_key",           [DK_APP_KEY] = "app_key",
    [DK_BEARER_TOKEN] = "bearer_token", [DK_OKTA_TOKEN] = "token",
    [DK_ACCESS_TOKEN] = "access_token",
};

/* The headers that authorise: of the rows of a service and a way the first whose key is given is
 * sent, and with it all other rows of the same group. Datadog's SCIM takes the application key as a
 * bearer token. */
static const struct {
    dk_service service;
    dk_auth auth;
    int group;
    dk_key key;
    const char *header;
} authorisation[] = {
    {DK_DATADOG, DK_SERVICE_KEYS, 1, DK_BEARER_TOKEN, "Authorization: Bearer "},
    {DK_DATADOG, DK_SERVICE_KEYS, 2, DK_API_KEY, "DD-API-KEY: "},
    {DK_DATADOG, DK_SERVICE_KEYS, 2, DK_APP_KEY, "DD-APPLICATION-KEY: "},
    {DK_DATADOG, DK_BEARER, 3, DK_BEARER_TOKEN, "Authorization: Bearer "},
    {DK_DATADOG, DK_BEARER, 4, DK_APP_KEY, "Authorization: Bearer "},
    {DK_OKTA, DK_SERVICE_KEYS, 5, DK_ACCESS_TOKEN, "Authorization: Bearer "},
    {DK_OKTA, DK_SERVICE_KEYS, 6, DK_OKTA_TOKEN, "Authorization: SSWS "},
};

#define AUTHORISATIONS (sizeof authorisation / sizeof *authorisation)

bool dk_credentials_set(dk_credentials *c, dk_key key, const char *value, size_t n)
{
    dk_buffer *b = &c->key[key];
    dk_buffer_free(b);
    b->secret = true;
    return dk_buffer_add(b, value, n) && dk_buffer_string(b);
}

void dk_credentials_free(dk_credentials *c)
{
    for (int i = 0; i < DK_KEYS; i++)
        dk_buffer_free(&c->key[i]);
}

/* What people leave around a key that they copy, and what to do about it. */
static const struct {
    const char *begins, *why;
} leftovers[] = {
    {"\xef\xbb\xbf", "it begins with a byte order mark (U+FEFF): save its file without one"},
    {"SSWS ", "it begins with \"SSWS \", which is sent anyway: leave that out"},
    {"Bearer ", "it begins with \"Bearer \", which is sent anyway: leave that out"},
    {"\"", "it stands in quotes, which are no part of a key: leave them out"},
    {"'", "it stands in quotes, which are no part of a key: leave them out"},
};

const char *dk_key_refusal(const char *value, size_t n)
{
    if (n == 0)
        return "it is empty";
    for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++) {
        size_t length = strlen(leftovers[i].begins);
        if (n >= length && dk_ascii_same(value, leftovers[i].begins, length))
            return leftovers[i].why;
    }
    if (!dk_ascii_is_visible(value, n))
        return "it holds a space, a line end, a control character or a byte outside ASCII";
    return NULL;
}

static void free_list(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        dk_wipe(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

static bool append(dk_headers *h, const char *line)
{
    struct curl_slist *longer = line ? curl_slist_append(h->list, line) : NULL;
    if (!longer)
        return false;
    h->list = longer;
    return true;
}

static bool append_keys(dk_headers *h, const dk_credentials *c, const dk_operation *operation)
{
    int group = 0;
    for (size_t i = 0; i < AUTHORISATIONS; i++) {
        const dk_buffer *key = &c->key[authorisation[i].key];
        if (authorisation[i].service != operation->service ||
            authorisation[i].auth != operation->auth || !key->length)
            continue;
        if (group && group != authorisation[i].group)
            continue;
        group = authorisation[i].group;
        dk_buffer line = {.secret = true};
        dk_buffer_adds(&line, authorisation[i].header);
        dk_buffer_add(&line, key->data, key->length);
        bool done = append(h, dk_buffer_string(&line));
        dk_buffer_free(&line);
        if (!done)
            return false;
    }
    return true;
}

static bool append_user_agent(dk_headers *h, const char *user_agent)
{
    if (!user_agent)
        return true;
    dk_buffer line = {0};
    dk_buffer_adds(&line, "User-Agent: ");
    dk_buffer_adds(&line, user_agent);
    bool done = append(h, dk_buffer_string(&line));
    dk_buffer_free(&line);
    return done;
}

/* What libcurl can undo; more than gzip no service here speaks. */
static bool append_encodings(dk_headers *h)
{
    bool gzip = curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_LIBZ;
    return append(h, gzip ? "Accept-Encoding: gzip" : "Accept-Encoding: identity");
}

/* By media type (is it SCIM's?) and what is sent. libcurl would call an empty POST a form. */
static const char *const content_types[2][DK_CONTENTS] = {
    {[DK_EMPTY] = "Content-Type:",
     [DK_JSON] = "Content-Type: application/json",
     [DK_MULTIPART] = "Content-Type: multipart/form-data; boundary=" DK_BOUNDARY},
    {[DK_EMPTY] = "Content-Type:",
     [DK_JSON] = "Content-Type: application/scim+json",
     [DK_MULTIPART] = "Content-Type: multipart/form-data; boundary=" DK_BOUNDARY},
};

/* SCIM's servers are to speak its media type (RFC 7644, 3.1); Datadog's documents plain JSON. */
static const char *const accepted[2] = {
    "Accept: application/json",
    "Accept: application/scim+json, application/json",
};

static bool is_scim(const dk_operation *operation)
{
    return operation->shape == DK_SCIM || operation->shape == DK_SCIM_PATCH;
}

size_t dk_headers_set(const dk_operation *operation, dk_content content)
{
    return ((size_t)operation->auth * 2 + is_scim(operation)) * DK_CONTENTS + content;
}

dk_headers *dk_headers_new(const dk_credentials *c, const char *user_agent,
                           const dk_operation *operation, dk_content content)
{
    dk_headers *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->users = 1;
    bool scim = is_scim(operation);
    const char *type = content_types[scim][content];
    if (append(h, accepted[scim]) && append_encodings(h) && append_user_agent(h, user_agent) &&
        (!type || append(h, type)) &&
        /* libcurl would wait for a 100 Continue before it sends a large body */
        (content == DK_NOTHING || append(h, "Expect:")) && append_keys(h, c, operation))
        return h;
    dk_headers_release(h);
    return NULL;
}

bool dk_headers_secrets(const dk_headers *h, dk_buffer *secrets)
{
    for (const struct curl_slist *item = h ? h->list : NULL; item; item = item->next)
        for (size_t i = 0; i < AUTHORISATIONS; i++) {
            size_t n = strlen(authorisation[i].header);
            if (strncmp(item->data, authorisation[i].header, n) == 0)
                dk_secrets_add(secrets, item->data + n, strlen(item->data + n));
        }
    return !secrets->failed;
}

dk_headers *dk_headers_share(dk_headers *h)
{
    h->users++;
    return h;
}

void dk_headers_release(dk_headers *h)
{
    if (!h || --h->users)
        return;
    free_list(h->list);
    free(h);
}

bool dk_request_begin(dk_request *r, const dk_operation *operation, const char *base,
                      const char *const *parameters, const size_t *lengths)
{
    r->operation = operation;
    /* a GET's or DELETE's empty body goes without saying */
    bool silent = strcmp(operation->method, "GET") == 0 || strcmp(operation->method, "DELETE") == 0;
    r->content = silent ? DK_NOTHING : DK_EMPTY;
    r->queried = false;
    r->lacks = 0;
    r->place = -1;
    r->page_size = -1;
    r->by_cursor = false;
    r->body.secret = true;
    dk_buffer_adds(&r->url, base);
    return dk_url_expand(&r->url, operation->path, parameters, lengths);
}

bool dk_request_query(dk_request *r, const char *name, size_t name_n, const char *value,
                      size_t value_n)
{
    bool first = !r->queried;
    r->queried = true;
    return dk_url_query(&r->url, first, name, name_n, value, value_n);
}

void dk_request_free(dk_request *r)
{
    dk_headers_release(r->headers);
    dk_buffer_free(&r->url);
    dk_buffer_free(&r->body);
    r->headers = NULL;
}

/* Does `given` spell `name` in snake case? page[size] ~ page_size, startIndex ~ start_index. */
static bool spells(const char *given, size_t given_n, const char *name, size_t name_n)
{
    size_t g = 0;
    for (size_t i = 0; i < name_n; i++) {
        char c = name[i];
        if (c == ']')
            continue;
        if (dk_ascii_is_upper(c) || c == '[') {
            if (g >= given_n || given[g++] != '_')
                return false;
            if (c == '[')
                continue;
            c = dk_ascii_lower(c);
        }
        if (g >= given_n || given[g++] != c)
            return false;
    }
    return g == given_n;
}

const char *dk_request_query_name(const dk_operation *operation, const char *given, size_t given_n,
                                  size_t *n)
{
    const char *list = operation->query, *found = NULL;
    size_t length;
    for (const char *name; (name = dk_words_next(&list, &length));) {
        dk_words_marks(name, &length);
        if (length == given_n && memcmp(name, given, length) == 0) {
            *n = length;
            return name;
        }
        if (!found && spells(given, given_n, name, length)) {
            *n = length;
            found = name;
        }
    }
    return found;
}
