/* A server can keep libcurl reading and never answer: with empty HTTP/2 frames, or with extensions
 * behind a chunk's length. While there is something to read, libcurl may read on (frames from 7.87
 * to 8.8) and look at no deadline. Such a connection is broken off. */
#ifndef DK_FLOOD_H
#define DK_FLOOD_H

#include "base/clock.h"

#include <stdbool.h>

typedef struct dk_flood {
    unsigned records; /* of TLS that were read since something left or came */
    dk_time since;    /* when there were too many of them; 0: there are not */
    bool ended;       /* a connection was broken off in this step */
} dk_flood;

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */

/* Has the connections of this context of TLS looked at; the flood outlives them. Without TLS there
 * is no need: libcurl reads once and comes back. */
void dk_flood_watch(dk_flood *f, struct ssl_ctx_st *context);

/* Some of a request left, or some of an answer came. */
static inline void dk_flood_over(dk_flood *f)
{
    f->records = 0;
    f->since = 0;
}

#endif
