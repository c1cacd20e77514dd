/* Sockets behind one descriptor; see pollset.h. */
#include "pollset.h"

#ifdef __linux__

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

bool dk_pollset_open(dk_pollset *p)
{
    p->fd = epoll_create1(EPOLL_CLOEXEC);
    return p->open = p->fd >= 0;
}

void dk_pollset_close(dk_pollset *p)
{
    if (p->open)
        close(p->fd);
    p->open = false;
}

bool dk_pollset_set(dk_pollset *p, int fd, short events)
{
    if (!p->open)
        return true;
    struct epoll_event event = {.data.fd = fd};
    if (!events) {
        epoll_ctl(p->fd, EPOLL_CTL_DEL, fd, &event);
        return true;
    }
    event.events = (uint32_t)((events & POLLIN ? EPOLLIN : 0) | (events & POLLOUT ? EPOLLOUT : 0));
    if (epoll_ctl(p->fd, EPOLL_CTL_MOD, fd, &event) == 0)
        return true;
    return errno == ENOENT && epoll_ctl(p->fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

#else

bool dk_pollset_open(dk_pollset *p)
{
    (void)p;
    return false;
}

void dk_pollset_close(dk_pollset *p)
{
    (void)p;
}

bool dk_pollset_set(dk_pollset *p, int fd, short events)
{
    (void)p, (void)fd, (void)events;
    return true;
}

#endif
