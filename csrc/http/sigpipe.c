/* SIGPIPE around libcurl; see sigpipe.h. */
#include "sigpipe.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

/* Since then libcurl writes for OpenSSL, with MSG_NOSIGNAL. */
#define SAFE_SINCE 0x075700

static void sigpipe_alone(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGPIPE);
}

static bool is_pending(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE);
}

void dk_sigpipe_begin(dk_sigpipe *s)
{
    s->raised = curl_version_info(CURLVERSION_NOW)->version_num < SAFE_SINCE;
    s->held = false;
}

void dk_sigpipe_hold(dk_sigpipe *s)
{
    sigset_t set;
    if (!s->raised)
        return;
    sigpipe_alone(&set);
    if (pthread_sigmask(SIG_BLOCK, &set, &s->before) == 0)
        /* one that the host has waiting is not ours, and another adds nothing to it */
        s->held = !sigismember(&s->before, SIGPIPE) || !is_pending();
}

void dk_sigpipe_release(dk_sigpipe *s)
{
    static const struct timespec at_once = {0, 0};
    sigset_t set;
    if (!s->held)
        return;
    s->held = false;
    sigpipe_alone(&set);
    while (sigtimedwait(&set, NULL, &at_once) == -1 && errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, &s->before, NULL);
}
