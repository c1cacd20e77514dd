/* csrc/http/ratelimit.c: buckets against a service that is simulated, on a clock that the test
 * moves. */
#include "http/ratelimit.h"
#include "spec/csrc/support/suites.h"

#include <math.h>
#include <string.h>

#define MOST_IN_FLIGHT 50

/* What the service does and tells. */
typedef struct service {
    double limit, period;
    double skew;    /* its wall clock less ours, seconds */
    double latency; /* one way, seconds */
    double
        uneven; /* so many times the latency more at most, by chance: calls overtake each other */
    bool headers;
    bool floors;    /* Reset is rounded down, not up */
    bool no_period; /* tells no Period, and an epoch: Okta */
    double others;  /* of the limit that somebody else uses at the start of each window */
    double window, used;
} service;

typedef struct flight {
    dk_time sent, arrives, back;
    bool counted, limited;
    dk_rate_limit rate;
} flight;

typedef struct outcome {
    double seconds;
    int refused;
    int most_in_flight;
} outcome;

#define WALL_OF_START 1700000000.3

static double random_state;

static double next_random(void)
{
    random_state = fmod(random_state * 16807.0, 2147483647.0);
    return random_state / 2147483647.0;
}

static double wall_at(dk_time now)
{
    return WALL_OF_START + (double)now / DK_SECOND;
}

static dk_time latency_of(const service *s)
{
    double uneven = s->uneven > 0 ? s->uneven * next_random() : 0;
    return (dk_time)(s->latency * (1 + uneven) * DK_SECOND);
}

/* An epoch is counted from the service's clock when the answer is there, as the queue does. */
static void count_from(const service *s, dk_rate_limit *rate, dk_time now)
{
    if (rate->resets_at >= 0)
        rate->reset = fmax(0, rate->resets_at - (wall_at(now) + s->skew));
}

static void serve(service *s, flight *f)
{
    double wall = wall_at(f->arrives) + s->skew;
    double window = floor(wall / s->period);
    if (window != s->window) {
        s->window = window;
        s->used = s->others;
    }
    f->limited = s->used >= s->limit;
    if (!f->limited)
        s->used++;
    double left = (window + 1) * s->period - wall;
    f->rate = DK_NO_RATE_LIMIT;
    if (s->headers) {
        f->rate.limit = s->limit;
        f->rate.period = s->no_period ? -1 : s->period;
        f->rate.remaining = s->limit - s->used;
        f->rate.reset = s->floors ? floor(left) : ceil(left);
        if (s->no_period)
            f->rate.resets_at = (window + 1) * s->period;
    }
    f->back = f->arrives + latency_of(s);
    f->counted = true;
}

/* Sends `calls` calls through a bucket as fast as it lets them, refused ones again. */
static outcome run(service s, dk_bucket *b, int calls)
{
    flight flights[MOST_IN_FLIGHT];
    int in_flight = 0, waiting = calls;
    dk_time now = 0;
    outcome o = {0, 0, 0};
    random_state = 42;
    while (waiting || in_flight) {
        while (waiting && in_flight < MOST_IN_FLIGHT && dk_bucket_ready(b, now) <= now) {
            flight *f = &flights[in_flight++];
            *f = (flight){.sent = now, .arrives = now + latency_of(&s)};
            dk_bucket_sent(b, now++); /* no two leave in the same instant */
            waiting--;
        }
        if (in_flight > o.most_in_flight)
            o.most_in_flight = in_flight;
        dk_time ready = waiting && in_flight < MOST_IN_FLIGHT ? dk_bucket_ready(b, now) : DK_NEVER;
        dk_time next = ready;
        for (int i = 0; i < in_flight; i++) {
            dk_time at = flights[i].counted ? flights[i].back : flights[i].arrives;
            next = at < next ? at : next;
        }
        assert_true(next != DK_NEVER); /* else it would wait for ever */
        now = next > now ? next : now;
        for (int i = 0; i < in_flight; i++) {
            flight *f = &flights[i];
            if (!f->counted && f->arrives <= now) {
                serve(&s, f);
            } else if (f->counted && f->back <= now) {
                count_from(&s, &f->rate, now);
                dk_told told = {.limited = f->limited,
                                .rate = f->rate,
                                .retry_after = -1,
                                .wall = wall_at(now),
                                .random = next_random(),
                                .sent = f->sent,
                                .now = now};
                dk_bucket_answered(b, &told);
                o.refused += f->limited;
                waiting += f->limited;
                flights[i--] = flights[--in_flight];
            }
        }
    }
    o.seconds = (double)now / DK_SECOND;
    return o;
}

static outcome run_new(service s, int calls, double capacity)
{
    dk_bucket b;
    dk_bucket_init(&b, capacity);
    return run(s, &b, calls);
}

/* The rate, as a share of what the limit allows over the time it took. */
static double share(const service *s, const outcome *o, int calls)
{
    return calls / o->seconds / (s->limit / s->period);
}

static void a_limit_is_used_up_without_a_refusal(void **state)
{
    static const struct {
        double limit, period;
        bool floors;
    } rows[] = {{100, 1, false}, {100, 1, true},  {500, 10, false},
                {500, 10, true}, {60, 60, false}, {10, 2, false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        service s = {.limit = rows[i].limit,
                     .period = rows[i].period,
                     .latency = 0.002,
                     .headers = true,
                     .floors = rows[i].floors};
        /* the first burst may overrun a limit that nobody has told of yet */
        int calls = (int)(rows[i].limit * 20);
        outcome o = run_new(s, calls, 100);
        if (rows[i].limit >= MOST_IN_FLIGHT)
            assert_int_equal(0, o.refused);
        else
            assert_true(o.refused <= MOST_IN_FLIGHT);
        assert_true(share(&s, &o, calls) >= 0.97);
    }
}

static void windows_without_a_period_are_used_by_their_reset(void **state)
{
    (void)state;
    service s = {.limit = 300, .period = 60, .latency = 0.02, .headers = true, .no_period = true};
    outcome o = run_new(s, 3000, 100);
    assert_int_equal(0, o.refused);
    assert_true(share(&s, &o, 3000) >= 0.95);
}

/* The first answer may be to the last call of a burst, and be the one that knows least of it. */
static void answers_that_overtake_each_other_overrun_nothing(void **state)
{
    static const struct {
        double period;
        double uneven; /* answers take 40 to 160, or to 840 ms */
        bool epoch;
    } rows[] = {
        {2, 3, false},  {4, 3, false},   {60, 3, false}, {2, 3, true},
        {4, 20, false}, {60, 20, false}, {2, 20, true},  {60, 20, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int more = 0; more < 20; more++) {
            service s = {.limit = MOST_IN_FLIGHT + more,
                         .period = rows[i].period,
                         .latency = 0.02,
                         .uneven = rows[i].uneven,
                         .headers = true,
                         .no_period = rows[i].epoch};
            outcome o = run_new(s, 600, 100);
            assert_int_equal(0, o.refused);
            assert_true(share(&s, &o, 600) >= 0.95);
        }
    }
}

static void a_clock_that_is_off_is_noticed(void **state)
{
    (void)state;
    for (double skew = -0.5; skew <= 0.5; skew += 0.125) {
        service s = {.limit = 200, .period = 10, .latency = 0.005, .headers = true, .skew = skew};
        outcome o = run_new(s, 4000, 100);
        /* one probe is refused each time until we know how late to be */
        assert_true(o.refused <= 8);
        assert_true(share(&s, &o, 4000) >= 0.9);
    }
}

static void only_a_share_is_used_if_so_asked(void **state)
{
    (void)state;
    service s = {.limit = 100, .period = 1, .latency = 0.002, .headers = true};
    outcome o = run_new(s, 1500, 50);
    assert_int_equal(0, o.refused);
    assert_true(share(&s, &o, 1500) <= 0.56); /* of which the first window */
    assert_true(share(&s, &o, 1500) >= 0.47);
}

static void others_under_the_same_limit_are_seen(void **state)
{
    (void)state;
    service s = {.limit = 100, .period = 1, .latency = 0.002, .headers = true, .others = 60};
    outcome o = run_new(s, 800, 100);
    assert_true(o.refused <= MOST_IN_FLIGHT); /* the first burst */
    assert_true(share(&s, &o, 800) >= 0.38);  /* of 0.40 */
}

static void refusals_that_tell_nothing_slow_down_and_no_more(void **state)
{
    (void)state;
    service s = {.limit = 100, .period = 1, .latency = 0.002};
    outcome o = run_new(s, 3000, 100);
    assert_true(share(&s, &o, 3000) >= 0.8);
    assert_true(o.refused < 1500);
}

static void no_limit_is_no_bound(void **state)
{
    (void)state;
    service s = {.limit = 1e9, .period = 1, .latency = 0.01};
    outcome o = run_new(s, 1000, 100);
    assert_int_equal(MOST_IN_FLIGHT, o.most_in_flight);
    assert_true(o.seconds < 0.5);
}

static dk_told refusal(dk_time now)
{
    return (dk_told){.limited = true,
                     .rate = DK_NO_RATE_LIMIT,
                     .retry_after = -1,
                     .wall = wall_at(now),
                     .random = 0.5,
                     .sent = now,
                     .now = now};
}

static void retry_after_is_kept_to(void **state)
{
    (void)state;
    dk_bucket b;
    dk_bucket_init(&b, 100);
    dk_told told = refusal(1000);
    told.retry_after = 7;
    dk_bucket_sent(&b, 900);
    dk_bucket_answered(&b, &told);
    assert_true(dk_bucket_ready(&b, 1000) >= 1000 + 7 * DK_SECOND);
    assert_true(dk_bucket_ready(&b, 1000) < 1000 + 8 * DK_SECOND);
}

static void one_overrun_closes_once(void **state)
{
    (void)state;
    dk_bucket b;
    dk_bucket_init(&b, 100);
    for (int i = 0; i < 30; i++)
        dk_bucket_sent(&b, i);
    for (int i = 0; i < 30; i++) {
        dk_told told = refusal(1000 + i);
        told.sent = i;
        dk_bucket_answered(&b, &told);
    }
    assert_int_equal(1, b.refusals);
    assert_int_equal(0, b.in_flight);
    assert_true(dk_bucket_ready(&b, 2000) < DK_SECOND / 5);
}

static void what_is_absurd_opens_with_one_call_within_a_minute(void **state)
{
    (void)state;
    dk_told told = refusal(1000);
    told.rate.remaining = 0;
    static const double resets[] = {61.5, 7 * 86400, 1e15};
    static const double periods[] = {-1, 60, 1e9};
    for (size_t i = 0; i < 9; i++) {
        dk_bucket b;
        dk_bucket_init(&b, 100);
        told.rate.reset = resets[i % 3];
        told.rate.period = periods[i / 3];
        dk_bucket_sent(&b, 1000);
        dk_bucket_answered(&b, &told);
        dk_time ready = dk_bucket_ready(&b, 1000);
        assert_uint_in_range(ready / DK_SECOND, 29, 60);
        assert_true(dk_bucket_ready(&b, ready) <= ready);
        dk_bucket_sent(&b, ready); /* one asks, the others wait for its answer */
        assert_true(dk_bucket_ready(&b, ready) > ready);
    }
}

static void what_is_long_and_told_with_its_period_is_kept_to(void **state)
{
    (void)state;
    dk_bucket b;
    dk_bucket_init(&b, 100);
    dk_told told = refusal(1000);
    told.rate.remaining = 0;
    told.rate.reset = 2111; /* recorded */
    told.rate.period = 3600;
    dk_bucket_sent(&b, 1000);
    dk_bucket_answered(&b, &told);
    assert_true(dk_bucket_ready(&b, 1000) > 2110 * DK_SECOND);
    told.retry_after = 86400;
    dk_bucket_init(&b, 100);
    dk_bucket_sent(&b, 1000);
    dk_bucket_answered(&b, &told);
    assert_true(dk_bucket_ready(&b, 1000) < 60 * DK_SECOND);
}

static void too_many_calls_at_once_are_tried_again_soon(void **state)
{
    (void)state;
    dk_bucket b;
    dk_bucket_init(&b, 100);
    dk_told told = refusal(1000);
    told.rate = DK_NO_RATE_LIMIT;
    told.rate.limit = told.rate.remaining = 0;
    told.rate.reset = 60;
    double earlier = 0;
    for (int i = 0; i < 5; i++) { /* later each time, and never at Reset */
        dk_bucket_sent(&b, told.now);
        told.sent = told.now;
        dk_bucket_answered(&b, &told);
        double wait = (double)(dk_bucket_ready(&b, told.now) - told.now) / DK_SECOND;
        assert_true(wait > earlier && wait < 1);
        earlier = wait;
        told.now += DK_SECOND;
    }
    assert_true(b.limit < 0);
    told.limited = false;
    told.rate.limit = 600;
    told.rate.remaining = 500;
    told.sent = told.now;
    dk_bucket_sent(&b, told.now);
    dk_bucket_answered(&b, &told);
    assert_true(dk_bucket_ready(&b, told.now) <= told.now);
}

/* A window is over, a call asks whether it has opened, and no answer comes. */
static void a_call_that_hangs_holds_up_no_other(void **state)
{
    (void)state;
    dk_bucket b;
    dk_bucket_init(&b, 100);
    dk_told told = refusal(1000);
    told.limited = false;
    told.rate.limit = 3;
    told.rate.remaining = 0;
    told.rate.period = 1;
    told.rate.reset = 1;
    for (int i = 0; i < 20; i++) { /* answers take 50 ms */
        dk_bucket_sent(&b, told.now - DK_SECOND / 20);
        told.sent = told.now - DK_SECOND / 20;
        dk_bucket_answered(&b, &told);
    }
    dk_time open = dk_bucket_ready(&b, told.now);
    dk_bucket_sent(&b, open);
    dk_time next = dk_bucket_ready(&b, open);
    assert_true(next - open >= DK_SECOND / 20);
    assert_true(next - open <= DK_SECOND / 2);
    assert_true(dk_bucket_opens(&b, open) <= open); /* the limit itself is not what holds it up */
    assert_true(dk_bucket_ready(&b, next) <= next);
    dk_bucket_sent(&b, next);
    told.sent = next;
    told.now = next + DK_SECOND / 20;
    told.rate.remaining = 2;
    dk_bucket_answered(&b, &told);
    assert_true(dk_bucket_ready(&b, told.now) <= told.now);
}

/* The same where 429s have told how many may be under way: one. */
static void calls_that_hang_do_not_fill_the_lane(void **state)
{
    (void)state;
    dk_bucket b;
    dk_bucket_init(&b, 100);
    dk_told told = refusal(1000);
    dk_bucket_sent(&b, 900);
    dk_bucket_answered(&b, &told);
    told = refusal(DK_SECOND);
    told.limited = false;
    dk_bucket_sent(&b, DK_SECOND);
    dk_bucket_answered(&b, &told);
    while (b.in_flight < b.most_in_flight)
        dk_bucket_sent(&b, 2 * DK_SECOND);
    dk_time next = dk_bucket_ready(&b, 2 * DK_SECOND);
    assert_true(next > 2 * DK_SECOND && next < 4 * DK_SECOND);
}

static void an_answer_that_is_lost_frees_its_place(void **state)
{
    (void)state;
    dk_bucket b;
    dk_bucket_init(&b, 100);
    dk_told told = refusal(1000);
    told.limited = false;
    told.rate.limit = told.rate.period = 10;
    told.rate.remaining = 1;
    told.rate.reset = 5;
    dk_bucket_sent(&b, 500);
    dk_bucket_answered(&b, &told);
    dk_bucket_sent(&b, 2000);
    assert_true(dk_bucket_ready(&b, 2000) > 2000);
    dk_bucket_lost(&b);
    assert_true(dk_bucket_ready(&b, 2000) <= 2000);
    dk_bucket_lost(&b);
    assert_int_equal(0, b.in_flight);
}

int ratelimit_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_is_used_up_without_a_refusal),
        cmocka_unit_test(windows_without_a_period_are_used_by_their_reset),
        cmocka_unit_test(answers_that_overtake_each_other_overrun_nothing),
        cmocka_unit_test(a_clock_that_is_off_is_noticed),
        cmocka_unit_test(only_a_share_is_used_if_so_asked),
        cmocka_unit_test(others_under_the_same_limit_are_seen),
        cmocka_unit_test(refusals_that_tell_nothing_slow_down_and_no_more),
        cmocka_unit_test(no_limit_is_no_bound),
        cmocka_unit_test(retry_after_is_kept_to),
        cmocka_unit_test(one_overrun_closes_once),
        cmocka_unit_test(what_is_absurd_opens_with_one_call_within_a_minute),
        cmocka_unit_test(what_is_long_and_told_with_its_period_is_kept_to),
        cmocka_unit_test(too_many_calls_at_once_are_tried_again_soon),
        cmocka_unit_test(a_call_that_hangs_holds_up_no_other),
        cmocka_unit_test(calls_that_hang_do_not_fill_the_lane),
        cmocka_unit_test(an_answer_that_is_lost_frees_its_place),
    };
    return RUN_SUITE("ratelimit", tests);
}
