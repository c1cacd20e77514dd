/* The forms of columns; see form.h. Only ASCII letters have a case here, as in a C locale. */
#include "form.h"
#include "base/ascii.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *const dk_form_names[DK_FORMS] = {
    [DK_FORM_TEXT] = "text",       [DK_FORM_OKTA_DOMAIN] = "okta_domain",
    [DK_FORM_BOOLEAN] = "boolean", [DK_FORM_EMAIL] = "email",
    [DK_FORM_LABEL] = "label",     [DK_FORM_LIST] = "list",
};

/* Labels of letters, digits and inner hyphens, two or more; a label has at most 63, all 253. */
static bool is_host(const char *host, size_t n)
{
    size_t label = 0, labels = 1;
    if (n == 0 || n > 253)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool edge = label == 0 || i + 1 == n || host[i + 1] == '.';
        if (host[i] == '.') {
            if (label == 0)
                return false;
            label = 0;
            labels++;
        } else if (dk_ascii_is_alnum(host[i]) || (host[i] == '-' && !edge)) {
            if (++label > 63)
                return false;
        } else {
            return false;
        }
    }
    return label > 0 && labels > 1;
}

/* [https://]host[/]: the host, or false where the text is something else */
static bool find_host(const char **text, size_t *n)
{
    const char *slash = memchr(*text, '/', *n);
    size_t before = slash ? (size_t)(slash - *text) : 0;
    if (slash && before >= 1 && before + 1 < *n && slash[-1] == ':' && slash[1] == '/') {
        if (before != 6 || !dk_ascii_same(*text, "https:", 6))
            return false;
        *text += 8;
        *n -= 8;
    }
    if (*n && (*text)[*n - 1] == '/')
        --*n;
    return is_host(*text, *n);
}

static bool is_lower(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] != dk_ascii_lower(text[i]))
            return false;
    return true;
}

static dk_form_code okta_domain(const char *text, size_t n, dk_buffer *out)
{
    const char *host = text;
    size_t length = n;
    if (!find_host(&host, &length))
        return DK_FORM_REFUSED;
    if (n == length + 9 && is_lower(text, n)) /* https://, the host and a slash */
        return DK_FORM_AS_IS;
    dk_buffer_adds(out, "https://");
    for (size_t i = 0; i < length; i++)
        dk_buffer_addc(out, dk_ascii_lower(host[i]));
    return dk_buffer_addc(out, '/') ? DK_FORM_CHANGED : DK_FORM_NO_MEMORY;
}

/* Words for true and false, pairs of them: what people write, then what spreadsheets write for a
 * truth value in German, French, Spanish, Italian, Portuguese and Dutch. */
static const char *const truths[][2] = {
    {"true", "false"}, {"yes", "no"},           {"y", "n"},         {"1", "0"},
    {"on", "off"},     {"wahr", "falsch"},      {"vrai", "faux"},   {"verdadero", "falso"},
    {"vero", "falso"}, {"verdadeiro", "falso"}, {"waar", "onwaar"},
};

static bool is_word(const char *text, size_t n, const char *word)
{
    return strlen(word) == n && dk_ascii_same(text, word, n);
}

static dk_form_code boolean(const char *text, size_t n, dk_buffer *out)
{
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++)
        for (size_t k = 0; k < 2; k++) {
            const char *value = truths[0][k];
            if (!is_word(text, n, truths[i][k]))
                continue;
            if (n == strlen(value) && memcmp(text, value, n) == 0)
                return DK_FORM_AS_IS;
            return dk_buffer_adds(out, value) ? DK_FORM_CHANGED : DK_FORM_NO_MEMORY;
        }
    return DK_FORM_REFUSED;
}

/* Labels with something in them, no hyphen at their ends; one alone is a host of an own network. */
static bool is_mail_domain(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool edge = i == 0 || i + 1 == n || text[i - 1] == '.' || text[i + 1] == '.';
        if (text[i] == '@' || (edge && (text[i] == '.' || text[i] == '-')))
            return false;
    }
    return n > 0;
}

/* What an address has around it elsewhere (Ada <ada@example.com>, mailto:, a list of them) is no
 * part of it (RFC 5322, 3.2.3: specials). */
static bool is_email(const char *text, size_t n)
{
    const char *at = memchr(text, '@', n);
    for (size_t i = 0; i < n; i++)
        if (text[i] && strchr("<>()[]:;,\\\"", text[i]))
            return false;
    return at && at > text && is_mail_domain(at + 1, n - (size_t)(at + 1 - text)) &&
           !dk_text_has_space(text, n);
}

/* What a spreadsheet shows, and exports, where a formula has failed. */
static const char *const spreadsheet_errors[] = {"#N/A",    "#NAME?", "#REF!",  "#VALUE!",
                                                 "#DIV/0!", "#NULL!", "#NUM!",  "#SPILL!",
                                                 "#CALC!",  "#NV",    "#WERT!", "#BEZUG!"};

static bool is_spreadsheet_error(const char *text, size_t n)
{
    if (n == 0 || text[0] != '#')
        return false;
    for (size_t i = 0; i < sizeof spreadsheet_errors / sizeof *spreadsheet_errors; i++)
        if (is_word(text, n, spreadsheet_errors[i]))
            return true;
    return false;
}

static bool is_label(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!dk_ascii_is_alnum(text[i]) && !memchr("_-. ", text[i], 4))
            return false;
    return true;
}

dk_form_code dk_form_apply(dk_form form, const char *text, size_t n, dk_buffer *out)
{
    switch (form) {
    case DK_FORM_OKTA_DOMAIN:
        return okta_domain(text, n, out);
    case DK_FORM_BOOLEAN:
        return boolean(text, n, out);
    case DK_FORM_EMAIL:
        if (!is_email(text, n))
            return DK_FORM_REFUSED;
        break;
    case DK_FORM_LABEL:
        return is_label(text, n) ? DK_FORM_AS_IS : DK_FORM_REFUSED;
    default:
        if (is_spreadsheet_error(text, n))
            return DK_FORM_REFUSED;
        break;
    }
    return dk_text_has_control(text, n) ? DK_FORM_REFUSED : DK_FORM_AS_IS;
}

static int compare_items(const void *left, const void *right)
{
    const dk_text *a = left, *b = right;
    int order = memcmp(a->data, b->data, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static dk_text trimmed(const char *start, const char *end)
{
    while (start < end && *start == ' ')
        start++;
    while (end > start && end[-1] == ' ')
        end--;
    return (dk_text){start, (size_t)(end - start)};
}

static size_t split(const char *text, size_t n, char separator, dk_text *items)
{
    const char *start = text, *end = text + n;
    size_t count = 0;
    while (start < end) {
        const char *stop = memchr(start, separator, (size_t)(end - start));
        dk_text one = trimmed(start, stop ? stop : end);
        if (one.length)
            items[count++] = one;
        start = stop ? stop + 1 : end;
    }
    return count;
}

static size_t count_of(const char *text, size_t n, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += text[i] == c;
    return count;
}

dk_form_code dk_form_list(const char *text, size_t n, char separator, dk_buffer *out)
{
    dk_text *items = calloc(count_of(text, n, separator) + 1, sizeof *items);
    if (!items)
        return DK_FORM_NO_MEMORY;
    dk_form_code code = DK_FORM_CHANGED;
    size_t count = split(text, n, separator, items);
    qsort(items, count, sizeof *items, compare_items);
    for (size_t i = 0; i < count && code == DK_FORM_CHANGED; i++) {
        if (dk_text_has_control(items[i].data, items[i].length))
            code = DK_FORM_REFUSED;
        else if ((i == 0 || compare_items(&items[i - 1], &items[i]) != 0) &&
                 !(dk_buffer_add(out, items[i].data, items[i].length) && dk_buffer_addc(out, '\0')))
            code = DK_FORM_NO_MEMORY;
    }
    free(items);
    return code;
}
