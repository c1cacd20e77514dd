/* An answer's headers, as received: rate limits, retry-after, content type. No copy is made; every
 * pointer is into the block. */
#ifndef DK_HEADER_H
#define DK_HEADER_H

#include "base/text.h"

/* The next "name: value" line at *cursor (moved on); false at the end. Status lines are skipped. */
bool dk_header_next(const char **cursor, const char *end, dk_text *name, dk_text *value);

/* The first header of that name (any case). */
bool dk_header_find(dk_text block, const char *name, dk_text *value);

/* The first whole number in a header's value: headers come doubled ("7, 7"). */
bool dk_header_integer(dk_text value, double *number);

/* What the answer says of the limit that it counted against. A field is -1 where it says nothing,
 * or nothing that can be meant: negative, not a number. `reset` is in seconds from the answer, also
 * where the service sends an epoch; over a day it is cut to a day. */
typedef struct dk_rate_limit {
    double limit, period, remaining, reset;
    double resets_at; /* the epoch, in the service's time; -1: it sent seconds */
    double date;      /* the answer's Date, in seconds since 1970: the service's time */
    dk_text name;
} dk_rate_limit;

/* What an answer without rate headers says of its limit. */
#define DK_NO_RATE_LIMIT ((dk_rate_limit){-1, -1, -1, -1, -1, -1, {"", 0}})

/* wall: our clock in seconds since 1970, which counts where the answer has no Date: an epoch is the
 * service's time, and ours may be minutes off. Answers whether any rate header was there; where
 * none was, Date is not read. */
bool dk_header_rate_limit(dk_text block, double wall, dk_rate_limit *out);

/* Retry-After, in seconds from the answer: a number or a date; -1 where there is none. */
double dk_header_retry_after(dk_text block, double wall);

/* The target of the link of that relation (RFC 8288): of Link headers, however they are joined. */
bool dk_header_link(dk_text block, const char *relation, dk_text *target);

#endif
