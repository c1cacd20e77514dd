/* An answer's headers, as received: rate limits, retry-after, content type. No copy is made; every
 * pointer is into the block. */
#ifndef DK_HEADER_H
#define DK_HEADER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct dk_text {
    const char *data;
    size_t length;
} dk_text;

/* The next "name: value" line at *cursor (moved on); false at the end. Status lines are skipped. */
bool dk_header_next(const char **cursor, const char *end, dk_text *name, dk_text *value);

/* The first header of that name (any case). */
bool dk_header_find(dk_text block, const char *name, dk_text *value);

/* The first whole number in a header's value: headers come doubled ("7, 7"). */
bool dk_header_integer(dk_text value, double *number);

/* What the answer says of the limit that it counted against. A field is -1 where it says nothing,
 * or nothing that can be meant: negative, not a number. `reset` is in seconds from now, also where
 * the service sends an epoch; times over a day are cut to a day. */
typedef struct dk_rate_limit {
    double limit, period, remaining, reset;
    dk_text name;
} dk_rate_limit;

/* now: the wall clock in seconds since 1970. Answers whether any rate header was there. */
bool dk_header_rate_limit(dk_text block, double now, dk_rate_limit *out);

/* Retry-After, in seconds from now: a number or a date; -1 where there is none. */
double dk_header_retry_after(dk_text block, double now);

/* The target of the link of that relation (RFC 8288): of Link headers, however they are joined. */
bool dk_header_link(dk_text block, const char *relation, dk_text *target);

#endif
