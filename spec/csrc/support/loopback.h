/* A server on loopback for one connection at a time, in the same thread: whoever waits for its
 * answer gives it its turns. */
#ifndef SPEC_CORE_LOOPBACK_H
#define SPEC_CORE_LOOPBACK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct loopback {
    int listener, port;
    int fd; /* the connection; -1: none */
    size_t have;
    char text[2048]; /* what has come of the request at hand */
} loopback;

/* False where there is no port to be had. listening: else the port is held and refuses. */
bool loopback_open(loopback *s, bool listening);
void loopback_close(loopback *s);

/* Takes a connection, reads, and answers a request that is whole. False where it cannot. */
bool loopback_serve(loopback *s, const char *(*answer)(const char *request));

/* Hangs up, and on whoever else wants to connect. */
void loopback_hang_up(loopback *s);

#endif
