/* A pool of connections; see pool.h. */
#include "pool.h"

#include "base/array.h"

#include <stdlib.h>

void dk_sockets_free(dk_sockets *s)
{
    free(s->polled);
    free(s->serials);
    free(s->pools);
    dk_pollset_close(&s->pollset);
    *s = (dk_sockets){0};
}

/* Room for one more in each of the arrays. */
static bool reserve(dk_sockets *s)
{
    size_t polled = s->capacity, serials = s->capacity, pools = s->capacity;
    if (!dk_array_reserve(&s->polled, &polled, s->count, sizeof *s->polled) ||
        !dk_array_reserve(&s->serials, &serials, s->count, sizeof *s->serials) ||
        !dk_array_reserve(&s->pools, &pools, s->count, sizeof *s->pools))
        return false;
    s->capacity = pools;
    return true;
}

static void forget(dk_sockets *s, size_t i)
{
    size_t last = --s->count;
    dk_pollset_set(&s->pollset, s->polled[i].fd, 0);
    s->polled[i] = s->polled[last];
    s->serials[i] = s->serials[last];
    s->pools[i] = s->pools[last];
}

static void forget_all(dk_pool *p)
{
    for (size_t i = p->sockets->count; i-- > 0;)
        if (p->sockets->pools[i] == p)
            forget(p->sockets, i);
}

/* --- what libcurl asks for: noted, never acted on inside of its callbacks --------------------- */

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
    dk_pool *p = user;
    dk_sockets *s = p->sockets;
    size_t i = 0;
    (void)easy, (void)socket_user;
    while (i < s->count && s->polled[i].fd != fd)
        i++;
    if (what == CURL_POLL_REMOVE) {
        if (i < s->count)
            forget(s, i);
        return 0;
    }
    if (i == s->count) {
        if (!reserve(s)) {
            s->failed = true; /* to answer -1 would end every transfer */
            return 0;
        }
        s->serials[i] = ++s->last_serial;
        s->count++;
    }
    s->pools[i] = p;
    s->polled[i].fd = fd;
    s->polled[i].revents = 0;
    s->polled[i].events =
        (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    if (!dk_pollset_set(&s->pollset, fd, s->polled[i].events))
        s->failed = true;
    return 0;
}

static int want_timer(CURLM *multi, long ms, void *user)
{
    dk_pool *p = user;
    (void)multi;
    p->curl_due = ms < 0 ? DK_NEVER : dk_clock_now() + (dk_time)ms * 1000;
    return 0;
}

/* --- life ------------------------------------------------------------------------------------- */

static bool set_up(dk_pool *p)
{
    CURLM *multi = p->multi;
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, want_socket) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, p) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, want_timer) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERDATA, p) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX) == CURLM_OK;
}

dk_pool *dk_pool_new(dk_sockets *sockets)
{
    dk_pool *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->sockets = sockets;
    p->curl_due = DK_NEVER;
    p->opened = dk_clock_now();
    p->multi = curl_multi_init();
    if (p->multi && set_up(p))
        return p;
    dk_pool_free(p);
    return NULL;
}

void dk_pool_free(dk_pool *p)
{
    if (!p)
        return;
    if (p->multi)
        curl_multi_cleanup(p->multi);
    forget_all(p);
    free(p);
}

/* What libcurl closes as too old is at least two whole seconds old. */
#define OLD (3 * DK_SECOND)

bool dk_pool_renew(dk_pool *p)
{
    dk_time now = dk_clock_now();
    bool can = LIBCURL_VERSION_NUM >= 0x075000 &&
               curl_version_info(CURLVERSION_NOW)->version_num >= 0x075000;
    if (!can || p->traffic.on_wire || p->retired || !p->used_up || now - p->answered < OLD)
        return false;
    p->opened = now;
    p->traffic.requests = p->connections = 0;
    p->answered = 0;
    p->multiplexed = p->used_up = false;
    p->renewed = true;
    return true;
}

void dk_pool_disown(dk_pool *p)
{
    forget_all(p);
    free(p);
}

/* --- transfers -------------------------------------------------------------------------------- */

bool dk_pool_begin(dk_pool *p, dk_transfer *t)
{
    if (!dk_transfer_leave_old(t, p->renewed && p->traffic.requests == 0) ||
        curl_multi_add_handle(p->multi, t->easy) != CURLM_OK)
        return false;
    t->pool = p;
    t->tries.traffic = &p->traffic;
    if (p->traffic.on_wire++ == 0)
        p->looked = dk_clock_now();
    p->traffic.requests++;
    return true;
}

void dk_pool_end(dk_pool *p, dk_transfer *t)
{
    curl_multi_remove_handle(p->multi, t->easy);
    t->pool = NULL;
    p->traffic.on_wire--;
}

double dk_pool_age(const dk_pool *p)
{
    return p->connections > 1 ? p->traffic.requests / p->connections : p->traffic.requests;
}

/* libcurl ran out of memory: a socket may be waited for by nobody. */
static void note_failure(dk_sockets *s, CURLMcode code)
{
    if (code != CURLM_OK)
        s->failed = true;
}

void dk_pools_act_on_sockets(dk_sockets *s)
{
    int running;
    /* libcurl changes the list while it acts: what is ready is marked before, looked for anew */
    for (size_t i = 0; i < s->count;) {
        short ready = s->polled[i].revents;
        if (!ready) {
            i++;
            continue;
        }
        s->polled[i].revents = 0;
        int mask =
            (ready & POLLIN ? CURL_CSELECT_IN : 0) | (ready & POLLOUT ? CURL_CSELECT_OUT : 0) |
            (ready & (POLLERR | POLLHUP | POLLNVAL) ? CURL_CSELECT_IN | CURL_CSELECT_ERR : 0);
        note_failure(s,
                     curl_multi_socket_action(s->pools[i]->multi, s->polled[i].fd, mask, &running));
        i = 0;
    }
}

/* libcurl can miss that its peer broke HTTP/2 (8.13 to 8.23): it has read it, and asks for neither
 * time nor socket. It finds out when it looks at all transfers, as curl does once a second. */
#define LOOK_EVERY DK_SECOND

static dk_time look_due(const dk_pool *p)
{
    return p->traffic.on_wire ? p->looked + LOOK_EVERY : DK_NEVER;
}

dk_time dk_pool_due(const dk_pool *p)
{
    dk_time look = look_due(p);
    return look < p->curl_due ? look : p->curl_due;
}

void dk_pool_act_on_timer(dk_pool *p)
{
    int running;
    dk_time now = dk_clock_now();
    /* libcurl may ask again at once, but not for ever: the caller has other things to do */
    for (int turns = 0; turns < 16 && p->curl_due <= now; turns++, now = dk_clock_now()) {
        p->curl_due = DK_NEVER;
        note_failure(p->sockets,
                     curl_multi_socket_action(p->multi, CURL_SOCKET_TIMEOUT, 0, &running));
    }
    if (p->sockets->failed || look_due(p) <= now) {
        curl_multi_perform(p->multi, &running); /* whatever socket it is */
        p->looked = now;
    }
}
