/* A server on loopback; see loopback.h. */
#include "loopback.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool loopback_open(loopback *s, bool listening)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t n = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *s = (loopback){.listener = socket(AF_INET, SOCK_STREAM, 0), .fd = -1};
    if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&address, n) != 0 ||
        (listening && listen(s->listener, 16) != 0) ||
        getsockname(s->listener, (struct sockaddr *)&address, &n) != 0)
        return false;
    fcntl(s->listener, F_SETFL, O_NONBLOCK);
    s->port = ntohs(address.sin_port);
    return true;
}

void loopback_close(loopback *s)
{
    loopback_hang_up(s);
    close(s->listener);
    s->listener = -1;
}

static void hang_up(loopback *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->have = 0;
}

void loopback_hang_up(loopback *s)
{
    do {
        hang_up(s);
        s->fd = accept(s->listener, NULL, NULL);
    } while (s->fd >= 0);
}

/* Is the request whole? Content-Length counts. */
static bool is_whole(const loopback *s)
{
    const char *end = strstr(s->text, "\r\n\r\n"), *length = strstr(s->text, "Content-Length: ");
    size_t body = length ? (size_t)atoi(length + 16) : 0;
    return end && s->have >= (size_t)(end + 4 - s->text) + body;
}

bool loopback_serve(loopback *s, const char *(*answer)(const char *request))
{
    if (s->fd < 0 && (s->fd = accept(s->listener, NULL, NULL)) >= 0)
        fcntl(s->fd, F_SETFL, O_NONBLOCK);
    if (s->fd < 0)
        return true;
    ssize_t n = read(s->fd, s->text + s->have, sizeof s->text - 1 - s->have);
    if (n == 0)
        hang_up(s);
    if (n <= 0)
        return true;
    s->text[s->have += (size_t)n] = '\0';
    if (!is_whole(s))
        return true;
    s->have = 0;
    const char *text = answer(s->text);
    return write(s->fd, text, strlen(text)) == (ssize_t)strlen(text);
}
