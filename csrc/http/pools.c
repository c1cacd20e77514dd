/* The pools of an engine; see pools.h. */
#include "pools.h"

#include <math.h>

/* nginx ends an HTTP/2 connection after 1,000 requests and an hour by default, load balancers do
 * alike: what is under way then and is not safe to repeat would be in doubt. */
#define MOST_REQUESTS   960.0
#define FEWEST_REQUESTS 8.0
#define LONGEST_LIFE    (50 * 60 * DK_SECOND)
/* After so long without another death, more are tried again. */
#define LESSON (10 * 60 * DK_SECOND)

void dk_pools_init(dk_pools *pools, unsigned max_in_flight)
{
    *pools = (dk_pools){.max_in_flight = max_in_flight, .most_requests = MOST_REQUESTS};
}

void dk_pools_close(dk_pools *pools)
{
    for (dk_pool *p; (p = pools->newest);) {
        pools->newest = p->older;
        dk_pool_free(p);
    }
    dk_pollset_close(&pools->sockets.pollset);
}

void dk_pools_disown(dk_pools *pools)
{
    /* first: the parent's descriptor is not to hear of what is forgotten here */
    dk_pollset_close(&pools->sockets.pollset);
    for (dk_pool *p; (p = pools->newest);) {
        pools->newest = p->older;
        dk_pool_disown(p);
    }
}

void dk_pools_free(dk_pools *pools)
{
    dk_pools_close(pools);
    dk_sockets_free(&pools->sockets);
}

/* Kept are the newest, those that the next burst will fill, and one that can be used again. */
void dk_pools_drop_unused(dk_pools *pools)
{
    bool spare = false;
    for (dk_pool **at = pools->newest ? &pools->newest->older : &pools->newest; *at;) {
        dk_pool *p = *at;
        bool spares = !p->traffic.on_wire && p->used_up && !p->retired && !spare;
        spare |= spares;
        bool stays = p->multiplexed && !p->used_up && !p->retired;
        if (spares || stays || p->traffic.on_wire) {
            at = &p->older;
        } else {
            *at = p->older;
            dk_pool_free(p);
        }
    }
}

static bool open_pool(dk_pools *pools)
{
    dk_pool *p = NULL, **at = &pools->newest;
    while (*at && !dk_pool_renew(*at))
        at = &(*at)->older;
    if (*at) {
        p = *at;
        *at = p->older;
    } else {
        p = dk_pool_new(&pools->sockets);
    }
    if (!p)
        return false;
    p->older = pools->newest;
    pools->newest = p;
    return true;
}

/* How many requests before the last the next connection is begun. */
static double requests_kept_back(const dk_pools *pools)
{
    return fmin(pools->max_in_flight, pools->most_requests / 4);
}

/* So many calls at once on an HTTP/2 connection: services allow 100 or 128. Beyond what a server
 * allows libcurl opens a connection for each call. */
#define MOST_STREAMS 100

static bool has_room(const dk_pool *p)
{
    return p->traffic.on_wire < MOST_STREAMS || (p->answered && !p->multiplexed);
}

/* Marks a pool that is to get no more calls: its connection is old, or its server may end it soon.
 * What was learned of that came from HTTP/2: it holds before a new connection's first answer,
 * too. */
static bool is_past(dk_pools *pools, dk_pool *p)
{
    p->retired |= dk_clock_now() - p->opened > LONGEST_LIFE;
    bool counts = p->multiplexed || (!p->answered && pools->most_requests < MOST_REQUESTS);
    if (counts && !p->retired && !p->used_up &&
        dk_pool_age(p) + requests_kept_back(pools) >= pools->most_requests) {
        p->used_up = true;
        if (p->opened - pools->learned > LESSON) {
            pools->most_requests = fmin(pools->most_requests * 1.25, MOST_REQUESTS);
            pools->learned = p->opened;
        }
    }
    return p->retired || p->used_up;
}

/* While one call makes a new connection, the others need not wait for it: for a while the one
 * before may go on. */
static bool can_stand_in(const dk_pools *pools, const dk_pool *p)
{
    return !p->retired && has_room(p) && dk_pool_age(p) < pools->most_requests;
}

dk_pool *dk_pools_next(dk_pools *pools)
{
    if ((!pools->newest || is_past(pools, pools->newest)) && !open_pool(pools))
        return NULL;
    dk_pool *newest = pools->newest, *older = newest->older;
    if (!newest->answered && newest->traffic.on_wire && older && can_stand_in(pools, older))
        return older;
    for (dk_pool *p = newest; p; p = p->older)
        if (has_room(p) && !is_past(pools, p))
            return p;
    return open_pool(pools) ? pools->newest : NULL;
}

/* An HTTP/2 connection died under an attempt: its server may end each after so many requests. */
static void learn_most_requests(dk_pools *pools, const dk_pool *p)
{
    double served = dk_pool_age(p) - p->traffic.on_wire;
    if (!p->multiplexed || p->retired || served >= pools->most_requests)
        return;
    pools->most_requests = fmax(served * 0.9, FEWEST_REQUESTS);
    pools->learned = dk_clock_now();
}

void dk_pools_learn(dk_pools *pools, const dk_transfer *t, dk_outcome outcome)
{
    dk_pool *p = t->pool;
    long version = 0;
    p->connections += (double)t->tries.connects;
    if (t->call->status && !p->answered)
        p->answered = dk_clock_now();
    if (t->call->status && !p->multiplexed &&
        curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version) == CURLE_OK)
        p->multiplexed = version >= CURL_HTTP_VERSION_2_0;
    bool died = outcome == DK_STALE || t->tries.left || t->tries.count > 1;
    if (died)
        learn_most_requests(pools, p);
    p->retired |= died;
}

dk_time dk_pools_due(const dk_pools *pools)
{
    dk_time due = DK_NEVER;
    for (const dk_pool *p = pools->newest; p; p = p->older) {
        dk_time wanted = dk_pool_due(p);
        due = wanted < due ? wanted : due;
    }
    return due;
}

void dk_pools_act_on_timers(dk_pools *pools)
{
    for (dk_pool *p = pools->newest; p; p = p->older)
        dk_pool_act_on_timer(p);
}
