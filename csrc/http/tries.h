/* The tries of one attempt. libcurl may send a request again by itself, even a POST. Here it is
 * noted how much of each try left, and one that would do a thing twice is refused; see retry.h. */
#ifndef DK_TRIES_H
#define DK_TRIES_H

#include "call.h"
#include "connections.h"

/* What a pool of connections carries. */
typedef struct dk_traffic {
    unsigned on_wire; /* requests, now */
    double requests;  /* so far */
} dk_traffic;

typedef struct dk_tries {
    CURL *easy;
    dk_connections *connections; /* of the engine */
    bool asks;                   /* libcurl asks before each try: from 7.80 on */

    /* of the attempt at hand */
    dk_call *call;
    const dk_traffic *traffic; /* of the pool that it is in */
    int count;                 /* how many tries libcurl asked for */
    long connects;             /* new connections so far */
    long bytes;                /* of requests, before the last try */
    bool anew;                 /* the last try is on a connection that the attempt made itself */
    bool alone;                /* no other call was in its pool when the last try began */
    double begun;              /* how many requests the pool had then */
    bool left;                 /* a try before the last may have arrived */
    bool hung_up;              /* the last was given up: its connection had been ended before */
} dk_tries;

/* So often may a server refuse to look at a request, at once one after the other. */
#define DK_MOST_TRIES 3

/* Has libcurl ask. False where it has no memory for that, which it has for every other option. */
bool dk_tries_watch(dk_tries *t, CURL *easy, dk_connections *connections);

/* The call's next attempt begins. */
void dk_tries_begin(dk_tries *t, dk_call *call);

/* Must a request with a body of that length leave on a new connection, which is never tried twice?
 * An empty POST must where libcurl asks nobody before it sends it again: there is no body that
 * could be refused to it. */
bool dk_tries_need_new_connection(const dk_tries *t, const dk_operation *operation, size_t body);

/* Was a connection had to send on? With a proxy, one that reaches through it. */
bool dk_tries_were_begun(const dk_tries *t);

/* Is it proved that the service cannot have acted? By what left, over all tries: libcurl's code
 * tells of the last one alone. */
bool dk_tries_were_not_sent(const dk_tries *t, CURLcode code);

/* The attempt came to its end well: some libcurls count what they write of a body, and are believed
 * from the first time on. */
void dk_tries_learn(dk_tries *t);

#endif
