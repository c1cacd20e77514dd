/* What all transfers of an engine share, whichever pool they are in: the list of the TCP
 * connections that libcurl has open, and the TLS sessions that a new connection can resume. */
#ifndef DK_CONNECTIONS_H
#define DK_CONNECTIONS_H

#include "tls.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct dk_connection {
    curl_socket_t fd;
    int port; /* our own; 0: not yet asked for */
} dk_connection;

typedef struct dk_connections {
    CURLSH *sessions; /* NULL until first needed */
    dk_connection *open;
    size_t count, capacity;
    bool uploads_count; /* libcurl was seen to count what it writes of a body */
    dk_tls tls;
} dk_connections;

/* The handle for CURLOPT_SHARE; NULL where memory ran out: then nothing is shared. */
CURLSH *dk_connections_sessions(dk_connections *c);
void dk_connections_free(dk_connections *c);
/* After a fork they are the parent's: forgets them, closes nothing. */
void dk_connections_disown(dk_connections *c);

/* A socket was opened, or is to be closed. One that cannot be noted is only never looked at. */
void dk_connections_opened(dk_connections *c, curl_socket_t fd);
void dk_connections_closed(dk_connections *c, curl_socket_t fd);

/* Has the server ended the connection whose port on our side this is, as far as can be known now?
 * idle: nothing was asked for on it that is not answered, so that what it sends can only be its end
 * (GOAWAY). */
bool dk_connections_hung_up(dk_connections *c, int port, bool idle);

/* Can the process not open two files more? A connection takes one and, over TLS, another to read
 * certificates with; when it has failed for want of that one, its own is free again. */
bool dk_descriptors_are_used_up(void);
#define DK_NO_DESCRIPTORS "the process cannot open more files (ulimit -n)"

#endif
