/* Keeps the host from getting a SIGPIPE because of libcurl.
 *
 * Up to libcurl 7.86 OpenSSL writes with write(2), which raises the signal where the peer is gone;
 * libcurl's own guard, which CURLOPT_NOSIGNAL turns off, would change the whole process's
 * disposition. Here the thread blocks the signal for as long as it is in libcurl, and takes what
 * came meanwhile. */
#ifndef DK_SIGPIPE_H
#define DK_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

typedef struct dk_sigpipe {
    bool raised; /* by this libcurl */
    bool held;
    sigset_t before;
} dk_sigpipe;

/* Asks which libcurl it is. */
void dk_sigpipe_begin(dk_sigpipe *s);

/* Around all that may write to a connection or close one. They are not nested. */
void dk_sigpipe_hold(dk_sigpipe *s);
void dk_sigpipe_release(dk_sigpipe *s);

#endif
