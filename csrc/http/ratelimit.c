/* One bucket per rate limit; see ratelimit.h. */
#include "ratelimit.h"

#include <math.h>

/* Reset is in whole seconds, rounded either way. */
#define RESET_PRECISION 1.05
/* On waking: so many seconds at least behind the boundary, and as much again at most. */
#define SHORTEST_JITTER  0.004
#define JITTER_OF_PERIOD 0.01
#define LONGEST_JITTER   0.5
/* Our clock runs ahead of the service's if calls are refused just behind the boundary. */
#define LATE_STEP    0.1
#define LONGEST_LATE 2.0
/* A Reset is trusted as far as the service's own Period, and that as far as the longest that was
 * recorded (Datadog's, an hour); without one as far as a minute, in which Okta counts. What goes
 * beyond is milliseconds for seconds, another clock's epoch, an overflow or a bug of a proxy.
 * Nobody could tell it from a limit that is really shut for a day, so it shuts the lane for half a
 * minute, and then one call asks again: within the default timeout of those who wait. */
#define LONGEST_PERIOD 3600.0
#define USUAL_PERIOD   60.0
#define UNTRUSTED_WAIT 30.0
/* How long calls wait for another's answer: as RFC 6298 has it for acknowledgements. */
#define FIRST_PATIENCE    1.0
#define SHORTEST_PATIENCE 0.2
#define LONGEST_PATIENCE  5.0
/* Waits of a service that tells nothing. */
#define FIRST_CLOSURE   0.08
#define CLOSURE_GROWTH  1.5
#define LONGEST_CLOSURE 5.0

static dk_time after(dk_time now, double seconds)
{
    return now + (dk_time)(seconds * DK_SECOND);
}

static double between(double low, double value, double high)
{
    return value < low ? low : value > high ? high : value;
}

void dk_bucket_init(dk_bucket *b, double capacity)
{
    *b = (dk_bucket){
        .share = capacity / 100,
        .limit = -1,
        .period = -1,
        .remaining = -1,
        .resets = DK_NEVER,
        .wake = DK_NEVER,
        .answer_time = -1,
        .most_in_flight = -1,
    };
}

/* Is all that is known of a window that is over? */
static bool window_is_over(const dk_bucket *b, dk_time now)
{
    return b->remaining >= 0 && now >= b->wake;
}

/* How many calls may be in flight by what is known of the window, which is not over. */
static double allowance(const dk_bucket *b)
{
    if (b->limit > 0)
        return floor(b->remaining - b->limit * (1 - b->share));
    return floor(b->remaining * b->share);
}

dk_time dk_bucket_opens(const dk_bucket *b, dk_time now)
{
    if (now < b->closed_until)
        return b->closed_until;
    if (b->probing || b->remaining < 0 || window_is_over(b, now) || b->in_flight < allowance(b))
        return now;
    return b->wake;
}

/* Does the next call wait for the answer to one that is under way? */
static bool waits_for_answer(const dk_bucket *b)
{
    if (b->probing)
        return b->in_flight > 0;
    return b->most_in_flight >= 0 && b->in_flight >= b->most_in_flight;
}

static double patience(const dk_bucket *b)
{
    if (b->answer_time < 0)
        return FIRST_PATIENCE;
    return between(SHORTEST_PATIENCE, b->answer_time + 4 * b->answer_deviation, LONGEST_PATIENCE);
}

dk_time dk_bucket_ready(const dk_bucket *b, dk_time now)
{
    dk_time opens = dk_bucket_opens(b, now);
    if (opens > now || !waits_for_answer(b))
        return opens;
    /* a call that hangs must not hold up all others: one more leaves each time */
    return after(b->last_sent > b->closed_until ? b->last_sent : b->closed_until, patience(b));
}

void dk_bucket_sent(dk_bucket *b, dk_time now)
{
    if (window_is_over(b, now))
        b->probing = true;
    b->in_flight++;
    if (now > b->last_sent)
        b->last_sent = now;
}

static void learn_answer_time(dk_bucket *b, double seconds)
{
    if (b->answer_time < 0) {
        b->answer_time = seconds;
        b->answer_deviation = seconds / 2;
        return;
    }
    b->answer_deviation += (fabs(seconds - b->answer_time) - b->answer_deviation) / 4;
    b->answer_time += (seconds - b->answer_time) / 8;
}

/* How long a window can be, by what is known of its period (-1: nothing). */
static double trusted(double period)
{
    return period > 0 && period <= LONGEST_PERIOD ? period : USUAL_PERIOD;
}

/* When the window ends. Windows are aligned to the calendar, so that the service's clock knows the
 * instant better than whole seconds can say, if it agrees with them. */
static dk_time window_end(const dk_told *t, double period)
{
    double reset = t->rate.reset;
    if (reset > trusted(period) + RESET_PRECISION)
        return after(t->now, UNTRUSTED_WAIT);
    if (period > 0 && isfinite(t->wall)) {
        double ahead = period - fmod(t->wall, period);
        ahead += period * floor((reset - ahead) / period + 0.5);
        if (ahead <= 0)
            ahead += period;
        if (fabs(ahead - reset) <= RESET_PRECISION)
            return after(t->now, ahead);
    }
    return after(t->now, reset);
}

static void begin_window(dk_bucket *b, const dk_told *t, dk_time end)
{
    double jitter = SHORTEST_JITTER + between(0, b->period * JITTER_OF_PERIOD, LONGEST_JITTER);
    b->remaining = t->rate.remaining;
    b->resets = end;
    b->wake = after(end, b->late + jitter * (0.5 + t->random / 2));
    b->probing = false;
}

/* How much two estimates of one window's end differ at most. An epoch is the same in all answers: only
 * what we know of the service's clock changes. */
static double precision(const dk_bucket *b, const dk_told *t)
{
    double apart = t->rate.resets_at >= 0 ? RESET_PRECISION : 2 * RESET_PRECISION;
    return b->period > 0 && apart > b->period / 2 ? b->period / 2 : apart;
}

static void learn_window(dk_bucket *b, const dk_told *t)
{
    if (t->rate.limit >= 0)
        b->limit = t->rate.limit;
    if (t->rate.period > 0)
        b->period = t->rate.period;
    dk_time end = window_end(t, b->period);
    double apart = precision(b, t);
    bool probed = b->probing && t->sent >= b->wake;
    if (b->remaining < 0 || probed || end > after(b->resets, apart))
        begin_window(b, t, end);
    else if (end >= after(b->resets, -apart) && t->rate.remaining < b->remaining)
        b->remaining = t->rate.remaining; /* answers overtake each other: the least is the latest */
}

/* A 429 with its window: nothing is left of that, whatever Remaining says. */
static void close_window(dk_bucket *b, const dk_told *t)
{
    bool thought_fresh = b->remaining >= 0 && t->sent >= b->wake;
    if (thought_fresh)
        b->late = between(0, b->late + LATE_STEP, LONGEST_LATE);
    begin_window(b, t, window_end(t, b->period));
    b->remaining = 0;
}

/* A 429 that tells nothing of the limit's window, or only how long to wait. */
static void close_for_a_while(dk_bucket *b, const dk_told *t)
{
    if (t->sent < b->closed_since)
        return; /* sent before we knew */
    double wait = FIRST_CLOSURE * pow(CLOSURE_GROWTH, between(0, b->refusals, 32));
    wait = (wait < LONGEST_CLOSURE ? wait : LONGEST_CLOSURE) * (0.5 + t->random / 2);
    if (t->retry_after >= 0)
        wait += t->retry_after <= LONGEST_PERIOD ? t->retry_after : UNTRUSTED_WAIT;
    if (b->refusals++ == 0)
        b->most_in_flight = between(1, b->in_flight / 2.0, 1e6);
    b->probing = true;
    b->closed_since = t->now;
    b->closed_until = after(t->now, wait);
}

bool dk_told_crowded(const dk_told *told)
{
    return told->limited && told->rate.limit == 0;
}

void dk_bucket_answered(dk_bucket *b, const dk_told *told)
{
    dk_told t = *told;
    if (b->in_flight)
        b->in_flight--;
    learn_answer_time(b, (double)(t.now - t.sent) / DK_SECOND);
    if (t.rate.remaining < 0 && t.limited)
        t.rate.remaining = 0;
    bool told_window = t.rate.remaining >= 0 && t.rate.reset >= 0;
    if (t.limited && told_window && t.retry_after < 0 && !dk_told_crowded(&t)) {
        if (t.rate.period > 0)
            b->period = t.rate.period;
        if (t.rate.limit > 0)
            b->limit = t.rate.limit;
        close_window(b, &t);
        return;
    }
    if (t.limited) {
        close_for_a_while(b, &t);
        return;
    }
    if (t.sent >= b->closed_since) {
        b->refusals = 0;
        if (b->most_in_flight >= 0) {
            b->most_in_flight += 1 / b->most_in_flight;
            b->probing = false;
        }
    }
    if (told_window) {
        learn_window(b, &t);
    } else if (window_is_over(b, t.now)) { /* it has stopped telling */
        b->remaining = -1;
        b->probing = false;
    }
}

void dk_bucket_lost(dk_bucket *b)
{
    if (b->in_flight)
        b->in_flight--;
    if (b->in_flight == 0)
        b->probing = false;
}

void dk_bucket_merge(dk_bucket *b, dk_bucket *other)
{
    b->in_flight += other->in_flight;
    other->in_flight = 0;
}
