/* Reading an answer's headers; see header.h. */
#include "header.h"
#include "base/ascii.h"

#include <curl/curl.h>
#include <string.h>

#define DAY 86400.0
/* Larger than any duration: the value is an epoch; and larger than any epoch in seconds: it is one
 * in milliseconds. */
#define EPOCH_FROM        1e9
#define MILLISECONDS_FROM 1e11

static dk_text trim(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && dk_ascii_is_space(to[-1]))
        to--;
    return (dk_text){from, from < to ? (size_t)(to - from) : 0}; /* gcc -O3 cannot see that it is */
}

bool dk_header_next(const char **cursor, const char *end, dk_text *name, dk_text *value)
{
    while (*cursor < end) {
        const char *line = *cursor;
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        *cursor = stop ? stop + 1 : end;
        if (!stop)
            stop = end;
        const char *colon = memchr(line, ':', (size_t)(stop - line));
        if (!colon || colon == line)
            continue;
        *name = trim(line, colon);
        *value = trim(colon + 1, stop);
        return true;
    }
    return false;
}

bool dk_header_find(dk_text block, const char *name, dk_text *value)
{
    const char *cursor = block.data, *end = block.data + block.length;
    size_t n = strlen(name);
    dk_text found;
    while (dk_header_next(&cursor, end, &found, value))
        if (found.length == n && dk_ascii_same(found.data, name, n))
            return true;
    return false;
}

bool dk_header_integer(dk_text value, double *number)
{
    double sum = 0;
    size_t i = 0;
    for (; i < value.length && dk_ascii_is_digit(value.data[i]) && i < 18; i++)
        sum = sum * 10 + (value.data[i] - '0');
    *number = sum;
    return i > 0;
}

/* The epoch that a value is, in seconds; -1 where it is a duration. */
static double epoch_of(double value)
{
    if (value < EPOCH_FROM)
        return -1;
    return value < MILLISECONDS_FROM ? value : value / 1000;
}

static double at_most_a_day(double seconds)
{
    return seconds > DAY ? DAY : seconds;
}

/* The month by its first three letters, from 1; 0: none. */
static int month_of(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (dk_ascii_same(name, names + 3 * i, 3))
            return i + 1;
    return 0;
}

/* The number of two digits, or -1. */
static int two_digits(const char *s)
{
    if (!dk_ascii_is_digit(s[0]) || !dk_ascii_is_digit(s[1]))
        return -1;
    return (s[0] - '0') * 10 + (s[1] - '0');
}

/* Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT", the form in which dates are sent (RFC
 * 9110, 5.6.7); -1 where it is another. Nearly every answer has one: libcurl's parser, which takes
 * all forms that there are, would cost more than all other headers together. */
static double read_fixed_date(dk_text text)
{
    const char *s = text.data;
    if (text.length != 29 || s[3] != ',' || s[16] != ' ' || s[19] != ':' || s[22] != ':' ||
        memcmp(s + 25, " GMT", 4) != 0)
        return -1;
    int day = two_digits(s + 5), month = month_of(s + 8);
    int century = two_digits(s + 12), year = two_digits(s + 14);
    int hour = two_digits(s + 17), minute = two_digits(s + 20), second = two_digits(s + 23);
    if (day < 1 || !month || century < 19 || year < 0 || hour < 0 || minute < 0 || second < 0)
        return -1;
    /* years that begin with March have the leap day at their end */
    year += 100 * century - (month < 3);
    int day_of_year = (153 * (month + (month < 3 ? 9 : -3)) + 2) / 5 + day - 1;
    int days = 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
    return days * DAY + hour * 3600.0 + minute * 60.0 + second;
}

/* Seconds since 1970 of a date in any form, or -1. */
static double read_date(dk_text text)
{
    double seconds = read_fixed_date(text);
    char date[64];
    if (seconds < 0 && text.length < sizeof date) {
        memcpy(date, text.data, text.length);
        date[text.length] = '\0';
        seconds = (double)curl_getdate(date, NULL);
    }
    return seconds < 0 ? -1 : seconds;
}

/* Behind "x-ratelimit-" (Datadog) or "x-rate-limit-" (Okta): which of the fields a header is. */
static double *rate_field(dk_text word, dk_rate_limit *rate)
{
    switch (word.length) {
    case 5:
        if (dk_ascii_same(word.data, "limit", 5))
            return &rate->limit;
        return dk_ascii_same(word.data, "reset", 5) ? &rate->reset : NULL;
    case 6:
        return dk_ascii_same(word.data, "period", 6) ? &rate->period : NULL;
    case 9:
        return dk_ascii_same(word.data, "remaining", 9) ? &rate->remaining : NULL;
    }
    return NULL;
}

/* What follows the prefix in a name, or nothing. */
static dk_text behind_prefix(dk_text name)
{
    static const char *const prefixes[] = {"x-ratelimit-", "x-rate-limit-"};
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(prefixes[i]);
        if (name.length > n && dk_ascii_same(name.data, prefixes[i], n))
            return (dk_text){name.data + n, name.length - n};
    }
    return (dk_text){"", 0};
}

/* An epoch becomes seconds from the answer. */
static void count_from_answer(dk_rate_limit *rate, double wall)
{
    rate->resets_at = epoch_of(rate->reset);
    if (rate->resets_at >= 0) {
        double left = rate->resets_at - (rate->date >= 0 ? rate->date : wall);
        rate->reset = left > 0 ? left : 0;
    }
    rate->reset = at_most_a_day(rate->reset);
}

bool dk_header_rate_limit(dk_text block, double wall, dk_rate_limit *out)
{
    const char *cursor = block.data, *end = block.data + block.length;
    dk_text name, value;
    dk_text date = {"", 0};
    bool any = false;
    *out = DK_NO_RATE_LIMIT;
    while (dk_header_next(&cursor, end, &name, &value)) {
        /* one look at the first letter spares nearly all names the comparing */
        char first = dk_ascii_lower(name.data[0]);
        if (first == 'd' && name.length == 4 && dk_ascii_same(name.data, "date", 4))
            date = value;
        if (first != 'x')
            continue;
        dk_text word = behind_prefix(name);
        double *field = rate_field(word, out);
        if (field && *field < 0 && !dk_header_integer(value, field))
            *field = -1;
        if (!field && word.length == 4 && dk_ascii_same(word.data, "name", 4))
            out->name = value;
        any |= word.length > 0;
    }
    if (any && date.length)
        out->date = read_date(date);
    if (out->reset >= 0)
        count_from_answer(out, wall);
    return any;
}

double dk_header_retry_after(dk_text block, double wall)
{
    dk_text value, date;
    double seconds;
    if (!dk_header_find(block, "retry-after", &value) || value.length == 0)
        return -1;
    bool number = dk_header_integer(value, &seconds);
    double until = number ? epoch_of(seconds) : read_date(value);
    if (until < 0)
        return number ? at_most_a_day(seconds) : -1;
    double now = dk_header_find(block, "date", &date) ? read_date(date) : -1;
    double left = until - (now >= 0 ? now : wall);
    return left > 0 ? at_most_a_day(left) : 0;
}

/* Where a link's parameter ends: a ; or , outside of quotes, in which \" is no quote. */
static const char *parameter_end(const char *at, const char *end)
{
    bool quoted = false;
    for (; at < end && (quoted || (*at != ';' && *at != ',')); at++) {
        quoted ^= *at == '"';
        if (quoted && *at == '\\' && at + 1 < end)
            at++;
    }
    return at;
}

/* Is the parameter rel=relation, or rel="..." with the relation among its words? There may be
 * spaces around the = (RFC 8288, 3). */
static bool is_relation(dk_text parameter, const char *relation)
{
    const char *end = parameter.data + parameter.length;
    const char *equals = memchr(parameter.data, '=', parameter.length);
    dk_text name = trim(parameter.data, equals ? equals : end);
    if (!equals || name.length != 3 || !dk_ascii_same(name.data, "rel", 3))
        return false;
    dk_text value = trim(equals + 1, end);
    if (value.length >= 2 && value.data[0] == '"' && value.data[value.length - 1] == '"')
        value = (dk_text){value.data + 1, value.length - 2};
    size_t n = strlen(relation), length;
    for (end = value.data + value.length; value.data < end; value.data += length + 1) {
        const char *space = memchr(value.data, ' ', (size_t)(end - value.data));
        length = (size_t)((space ? space : end) - value.data);
        if (length == n && dk_ascii_same(value.data, relation, n))
            return true;
    }
    return false;
}

/* Does a link's parameters, up to the comma that ends it, have rel=relation? Moves *at behind
 * it. */
static bool link_is(const char **at, const char *end, const char *relation)
{
    bool found = false;
    while (*at < end && **at != ',') {
        const char *stop = parameter_end(*at, end);
        found |= is_relation(trim(*at, stop), relation);
        *at = stop < end && *stop == ';' ? stop + 1 : stop;
    }
    return found;
}

bool dk_header_link(dk_text block, const char *relation, dk_text *target)
{
    const char *cursor = block.data, *end = block.data + block.length;
    dk_text name, value;
    while (dk_header_next(&cursor, end, &name, &value)) {
        if (name.length != 4 || !dk_ascii_same(name.data, "link", 4))
            continue;
        const char *at = value.data, *stop = value.data + value.length;
        while ((at = memchr(at, '<', (size_t)(stop - at)))) {
            const char *close = memchr(at, '>', (size_t)(stop - at));
            if (!close)
                break;
            *target = (dk_text){at + 1, (size_t)(close - at - 1)};
            at = close + 1;
            if (link_is(&at, stop, relation))
                return true;
        }
    }
    return false;
}
