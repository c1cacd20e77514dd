/* The sockets of an engine behind one descriptor, which is readable when one of them is ready: what
 * a loop watches instead of sockets that libcurl opens and closes without asking. Linux has it
 * (epoll). */
#ifndef DK_POLLSET_H
#define DK_POLLSET_H

#include <stdbool.h>

typedef struct dk_pollset {
    bool open; /* false: nobody has asked for it */
    int fd;
} dk_pollset;

/* Makes the descriptor, empty. False where the system has no such thing, or none left. */
bool dk_pollset_open(dk_pollset *p);
void dk_pollset_close(dk_pollset *p);

/* Watches fd for poll(2)'s events, 0: no longer. A socket must be taken out before it is closed: a
 * child that has inherited it would keep it in. False where it cannot be watched; true while nobody
 * has asked for the descriptor. */
bool dk_pollset_set(dk_pollset *p, int fd, short events);

#endif
