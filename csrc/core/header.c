/* Reading an answer's headers; see header.h. */
#include "header.h"

#include <ctype.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#define DAY 86400.0
/* Larger than any duration: the value is an epoch. */
#define EPOCH_FROM 1e9

static dk_text trim(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return (dk_text){from, (size_t)(to - from)};
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
        if (found.length == n && strncasecmp(found.data, name, n) == 0)
            return true;
    return false;
}

bool dk_header_integer(dk_text value, double *number)
{
    double sum = 0;
    size_t i = 0;
    for (; i < value.length && isdigit((unsigned char)value.data[i]) && i < 18; i++)
        sum = sum * 10 + (value.data[i] - '0');
    *number = sum;
    return i > 0;
}

static bool rate_header(dk_text block, const char *datadog, const char *okta, double *number)
{
    dk_text value;
    *number = -1;
    if (!dk_header_find(block, datadog, &value) && !dk_header_find(block, okta, &value))
        return false;
    if (!dk_header_integer(value, number))
        *number = -1;
    return true;
}

static double from_now(double seconds, double now)
{
    if (seconds >= EPOCH_FROM)
        seconds = seconds > now ? seconds - now : 0;
    return seconds > DAY ? DAY : seconds;
}

bool dk_header_rate_limit(dk_text block, double now, dk_rate_limit *out)
{
    bool any = rate_header(block, "x-ratelimit-limit", "x-rate-limit-limit", &out->limit);
    any |= rate_header(block, "x-ratelimit-period", "x-rate-limit-period", &out->period);
    any |= rate_header(block, "x-ratelimit-remaining", "x-rate-limit-remaining", &out->remaining);
    any |= rate_header(block, "x-ratelimit-reset", "x-rate-limit-reset", &out->reset);
    if (out->reset >= 0)
        out->reset = from_now(out->reset, now);
    if (!dk_header_find(block, "x-ratelimit-name", &out->name))
        out->name = (dk_text){"", 0};
    return any || out->name.length;
}

double dk_header_retry_after(dk_text block, double now)
{
    dk_text value;
    double seconds;
    if (!dk_header_find(block, "retry-after", &value) || value.length == 0)
        return -1;
    if (dk_header_integer(value, &seconds))
        return from_now(seconds, now);
    char date[64];
    if (value.length >= sizeof date)
        return -1;
    memcpy(date, value.data, value.length);
    date[value.length] = '\0';
    time_t when = curl_getdate(date, NULL);
    if (when == -1)
        return -1;
    return (double)when > now ? from_now((double)when, now) : 0;
}
