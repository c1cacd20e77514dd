/* What all transfers of an engine share; see connections.h. */
#define _GNU_SOURCE /* POLLRDHUP, of Linux and the BSDs: the peer has closed its side */
#include "connections.h"

#include "base/array.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef POLLRDHUP
#define HUNG_UP (POLLRDHUP | POLLHUP | POLLERR)
#else
#define HUNG_UP (POLLHUP | POLLERR)
#endif

CURLSH *dk_connections_sessions(dk_connections *c)
{
    if (!c->sessions && (c->sessions = curl_share_init()) &&
        curl_share_setopt(c->sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK) {
        curl_share_cleanup(c->sessions);
        c->sessions = NULL;
    }
    return c->sessions;
}

void dk_connections_disown(dk_connections *c)
{
    c->sessions = NULL;
    c->count = 0;
}

void dk_connections_free(dk_connections *c)
{
    if (c->sessions)
        curl_share_cleanup(c->sessions);
    free(c->open);
    dk_tls_free(&c->tls);
    *c = (dk_connections){0};
}

void dk_connections_opened(dk_connections *c, curl_socket_t fd)
{
    if (dk_array_reserve(&c->open, &c->capacity, c->count, sizeof *c->open))
        c->open[c->count++] = (dk_connection){fd, 0};
}

void dk_connections_closed(dk_connections *c, curl_socket_t fd)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->open[i].fd == fd) {
            c->open[i] = c->open[--c->count];
            return;
        }
    }
}

static int port_of(curl_socket_t fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return address.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&address)->sin_port) : 0;
}

bool dk_connections_hung_up(dk_connections *c, int port, bool idle)
{
    for (size_t i = 0; port && i < c->count; i++) {
        dk_connection *one = &c->open[i];
        if (!one->port)
            one->port = port_of(one->fd);
        if (one->port != port)
            continue;
        short end = idle ? HUNG_UP | POLLIN : HUNG_UP;
        struct pollfd look = {.fd = one->fd, .events = end};
        return poll(&look, 1, 0) > 0 && (look.revents & end);
    }
    return false;
}

bool dk_descriptors_are_used_up(void)
{
    int ends[2];
    if (pipe(ends) != 0)
        return errno == EMFILE || errno == ENFILE;
    close(ends[0]);
    close(ends[1]);
    return false;
}
