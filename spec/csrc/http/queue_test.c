/* csrc/http/queue.c: calls of a client against a service that is simulated, on a clock that the
 * test moves. */
#include "http/queue.h"
#include "spec/csrc/support/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MOST 64

/* What the service does and tells. Its answers are as Okta's or Datadog's. */
typedef struct service {
    double limit, period;
    bool okta;      /* an epoch, and no period; else seconds and a period */
    bool dateless;  /* it sends no Date */
    double skew;    /* its clock less ours at the beginning, seconds */
    double jump;    /* what our wall clock is set on by after ten answers */
    double stuck;   /* its Date is always this; 0: it goes on */
    double latency; /* one way, seconds */
    double window, used;
} service;

typedef struct outcome {
    double seconds;
    int refused, answers;
} outcome;

static double service_time(const service *s, dk_time now)
{
    return 1700000000.3 + s->skew + (double)now / DK_SECOND;
}

static double wall(const service *s, const outcome *o, dk_time now)
{
    return 1700000000.3 + (o->answers >= 10 ? s->jump : 0) + (double)now / DK_SECOND;
}

/* The answer's head to a call that arrives at that time; true: it is a 429. */
static bool serve(service *s, dk_time at, char *head, size_t size)
{
    double now = service_time(s, at), window = floor(now / s->period);
    if (window != s->window) {
        s->window = window;
        s->used = 0;
    }
    bool refused = s->used >= s->limit;
    s->used += !refused;
    double end = (window + 1) * s->period;
    char date[64] = "";
    time_t seconds = (time_t)(s->stuck > 0 ? s->stuck : now);
    struct tm tm;
    if (!s->dateless)
        strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&seconds, &tm));
    if (s->okta)
        snprintf(head, size,
                 "%sX-Rate-Limit-Limit: %.0f\r\nX-Rate-Limit-Remaining: %.0f\r\n"
                 "X-Rate-Limit-Reset: %.0f\r\n",
                 date, s->limit, s->limit - s->used, ceil(end));
    else
        snprintf(head, size,
                 "%sX-RateLimit-Limit: %.0f\r\nX-RateLimit-Remaining: %.0f\r\n"
                 "X-RateLimit-Reset: %.0f\r\nX-RateLimit-Period: %.0f\r\n",
                 date, s->limit, s->limit - s->used, ceil(end - now), s->period);
    return refused;
}

static void answer(dk_queue *q, dk_call *call, const char *head, bool refused, double our_wall,
                   dk_time now)
{
    dk_told told = {.limited = refused,
                    .retry_after = -1,
                    .wall = our_wall,
                    .random = 0.5,
                    .sent = call->attempt_started,
                    .now = now};
    dk_header_rate_limit((dk_text){head, strlen(head)}, our_wall, &told.rate);
    dk_queue_answered(q, call, &told);
}

static void leave(dk_queue *q, dk_call *call, dk_time now)
{
    dk_queue_remove(q, call);
    call->attempt_started = now;
    dk_queue_sent(call, now);
}

/* Sends `count` calls as fast as the queue lets them, at_once at a time, refused ones again. */
static outcome run(service s, int count, int at_once)
{
    dk_queue q = {.max_api_capacity = 100};
    dk_call calls[MOST] = {0}, *flights[MOST];
    dk_time arrivals[MOST], now = 0;
    outcome o = {0, 0, 0};
    int in_flight = 0;
    for (int i = 0; i < count; i++) {
        calls[i].id = i + 1;
        calls[i].request.operation = &dk_operations[0];
        assert_true(dk_queue_reserve(&q, &calls[i]));
        dk_queue_add(&q, &calls[i]);
    }
    while (q.waiting || in_flight) {
        for (dk_call *call; in_flight < at_once && (call = dk_queue_next(&q, now));) {
            leave(&q, call, now);
            flights[in_flight] = call;
            arrivals[in_flight++] = now + (dk_time)(s.latency * DK_SECOND);
        }
        dk_time next = in_flight < at_once ? dk_queue_wake(&q, now) : DK_NEVER;
        dk_time back = in_flight ? arrivals[0] + (dk_time)(s.latency * DK_SECOND) : DK_NEVER;
        assert_true(next != DK_NEVER || back != DK_NEVER); /* else it would wait for ever */
        if (next < back) {
            now = next > now ? next : now;
            continue;
        }
        char head[512];
        bool refused = serve(&s, arrivals[0], head, sizeof head);
        now = back;
        answer(&q, flights[0], head, refused, wall(&s, &o, now), now);
        o.answers++;
        o.refused += refused;
        if (refused)
            dk_queue_add(&q, flights[0]);
        in_flight--;
        memmove(flights, flights + 1, (size_t)in_flight * sizeof *flights);
        memmove(arrivals, arrivals + 1, (size_t)in_flight * sizeof *arrivals);
    }
    dk_queue_free(&q);
    o.seconds = (double)now / DK_SECOND;
    return o;
}

/* 24 calls under 6 per 4 s need three more windows than the first. */
#define LONGEST_RUN (4 * 4 + 3)

static void a_clock_that_is_off_costs_nothing(void **state)
{
    (void)state;
    static const double off[] = {0, 0.4, -0.4, 1.7, -1.7, 601.3, 600, -600, 86400, -3e8};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        for (int okta = 0; okta < 2; okta++) {
            service s = {.limit = 6, .period = 4, .okta = okta, .skew = off[i], .latency = 0.02};
            outcome one = run(s, 24, 1), five = run(s, 24, 5);
            assert_uint_in_range(one.refused, 0, 2);
            assert_true(one.seconds < LONGEST_RUN);
            assert_uint_in_range(five.refused, 0, 2);
            assert_true(five.seconds < LONGEST_RUN);
        }
}

static void a_clock_that_is_set_meanwhile_costs_nothing(void **state)
{
    (void)state;
    static const double jumps[] = {3600, -3600, 0.5, -0.5, -3e8};
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++)
        for (int okta = 0; okta < 2; okta++) {
            service s = {.limit = 6, .period = 4, .okta = okta, .jump = jumps[i], .latency = 0.02};
            outcome o = run(s, 24, 5);
            assert_uint_in_range(o.refused, 0, 2);
            assert_true(o.seconds < LONGEST_RUN);
        }
}

/* Nothing says then that it is our clock that is wrong, and an epoch says nothing. */
static void without_a_date_that_is_true_all_come_through(void **state)
{
    (void)state;
    static const double off[] = {0, 600, -600, 20, -20, 86400};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        for (int kind = 0; kind < 4; kind++) {
            service s = {.limit = 6,
                         .period = 4,
                         .okta = kind % 2,
                         .dateless = kind < 2,
                         .stuck = kind < 2 ? 0 : 1700000000.3 - off[i],
                         .skew = kind < 2 ? off[i] : 0,
                         .latency = 0.02};
            outcome o = run(s, 24, 5);
            assert_uint_in_range(o.refused, 0, 48); /* each window is felt for */
            assert_true(o.seconds < 4 * 31);
        }
}

/* --- lanes ------------------------------------------------------------------------------------ */

static const dk_operation *okta_operation(const char *name)
{
    for (size_t i = 0; i < dk_operations_count; i++)
        if (dk_operations[i].service == DK_OKTA && strcmp(dk_operations[i].name, name) == 0)
            return &dk_operations[i];
    fail_msg("no operation %s", name);
    return NULL;
}

static void begin(dk_queue *q, dk_call *call, const dk_operation *of, double id)
{
    *call = (dk_call){.id = id, .request = {.operation = of}};
    assert_true(dk_queue_reserve(q, call));
    dk_queue_add(q, call);
}

static void answer_name(dk_queue *q, dk_call *call, const char *name, dk_time now)
{
    char head[256];
    snprintf(head, sizeof head,
             "X-RateLimit-Name: %s\r\nX-RateLimit-Limit: 600\r\nX-RateLimit-Remaining: 500\r\n"
             "X-RateLimit-Reset: 10\r\nX-RateLimit-Period: 10\r\n",
             name);
    answer(q, call, head, false, 1.7e9, now);
}

static void lanes_that_nobody_uses_are_freed(void **state)
{
    (void)state;
    dk_queue q = {.max_api_capacity = 100};
    dk_call call;
    char name[64];
    dk_time now = DK_SECOND;
    for (int i = 0; i < 500; i++, now += DK_SECOND / 1000) {
        begin(&q, &call, &dk_operations[0], i + 1);
        leave(&q, &call, now);
        snprintf(name, sizeof name, "tenant %d", i);
        answer_name(&q, &call, name, now);
        assert_uint_in_range(q.count, 1, 40);
    }
    /* the last used of those whose windows go on are kept, with what is known of them */
    begin(&q, &call, &dk_operations[0], 1000);
    leave(&q, &call, now);
    answer_name(&q, &call, "tenant 490", now);
    assert_true(call.lane->bucket.limit == 600);
    /* their windows are over: the next name makes room */
    now += 20 * DK_SECOND;
    begin(&q, &call, &dk_operations[0], 1001);
    leave(&q, &call, now);
    answer_name(&q, &call, "another", now);
    assert_uint_in_range(q.count, 1, 2);
    dk_queue_free(&q);
}

static void lanes_in_use_are_not_freed(void **state)
{
    (void)state;
    dk_queue q = {.max_api_capacity = 100};
    dk_call calls[100], more;
    char name[64];
    dk_time now = 1000 * DK_SECOND;
    /* a hundred leave at once, come under a limit each, and are refused: they wait in its lane */
    for (int i = 0; i < 100; i++)
        begin(&q, &calls[i], &dk_operations[0], i + 1);
    for (int i = 0; i < 100; i++)
        leave(&q, &calls[i], now);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "X-RateLimit-Name: n%d\r\n", i);
        answer(&q, &calls[i], name, true, 1.7e9, now);
        dk_queue_add(&q, &calls[i]);
    }
    begin(&q, &more, &dk_operations[0], 101);
    assert_true(q.count >= 100);
    now += 100 * DK_SECOND;
    int left = 0;
    for (dk_call *call; (call = dk_queue_next(&q, now)); left++) {
        assert_true(call->id == left + 1);
        leave(&q, call, now);
        snprintf(name, sizeof name, "n%d", left);
        answer_name(&q, call, name, now);
    }
    assert_int_equal(101, left);
    assert_int_equal(0, q.waiting);
    for (size_t i = 0; i < q.count; i++) {
        assert_int_equal(0, q.lanes[i]->users);
        assert_int_equal(0, q.lanes[i]->bucket.in_flight);
    }
    assert_uint_in_range(q.count, 1, 40);
    dk_queue_free(&q);
}

/* Calls of two operations wait, then an answer names the limit of each: the same. */
static void lanes_that_are_one_limit_are_one_queue_by_age(void **state)
{
    (void)state;
    dk_queue q = {.max_api_capacity = 100};
    dk_call calls[20], first, second, wired;
    begin(&q, &first, &dk_operations[0], 1);
    begin(&q, &second, &dk_operations[1], 2);
    begin(&q, &wired, &dk_operations[1], 3);
    leave(&q, &first, 0);
    leave(&q, &second, 0);
    leave(&q, &wired, 0);
    for (int i = 0; i < 20; i++)
        begin(&q, &calls[i], &dk_operations[i * 7 % 2], 10 + i);
    answer_name(&q, &first, "one", DK_SECOND);
    answer_name(&q, &second, "one", DK_SECOND);
    assert_ptr_equal(q.of_operation[0], q.of_operation[1]);
    assert_int_equal(1, q.of_operation[0]->bucket.in_flight);
    dk_queue_lost(&q, &wired); /* it left through a lane that was merged meanwhile */
    assert_int_equal(0, q.of_operation[0]->bucket.in_flight);
    assert_int_equal(1, q.count);
    dk_queue_add(&q, &second); /* is tried again */
    dk_call *left = dk_queue_next(&q, DK_SECOND);
    assert_ptr_equal(&second, left);
    leave(&q, left, DK_SECOND);
    for (int i = 0; i < 20; i++) {
        left = dk_queue_next(&q, DK_SECOND);
        assert_ptr_equal(&calls[i], left);
        leave(&q, left, DK_SECOND);
    }
    assert_null(dk_queue_next(&q, DK_SECOND));
    dk_queue_free(&q);
}

static void oktas_operations_share_their_buckets(void **state)
{
    (void)state;
    dk_queue q = {.max_api_capacity = 100};
    dk_call list, assign, get, group;
    begin(&q, &list, okta_operation("list_applications"), 1);
    begin(&q, &assign, okta_operation("assign_user_to_application"), 2);
    begin(&q, &get, okta_operation("get_application"), 3);
    begin(&q, &group, okta_operation("list_groups"), 4);
    assert_int_equal(3, q.count);
    assert_ptr_equal(list.lane, assign.lane);
    assert_string_equal("/api/v1/apps", list.lane->name);
    assert_string_equal("/api/v1/apps/{id}", get.lane->name);
    leave(&q, &list, 0);
    answer(&q, &list,
           "X-Rate-Limit-Limit: 25\r\nX-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: 30\r\n",
           false, 1.7e9, DK_SECOND);
    assert_true(dk_queue_opens(&assign, DK_SECOND) > 30 * DK_SECOND);
    assert_true(dk_queue_opens(&get, DK_SECOND) <= DK_SECOND);
    assert_true(dk_queue_opens(&group, DK_SECOND) <= DK_SECOND);
    dk_queue_free(&q);
}

int queue_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_is_off_costs_nothing),
        cmocka_unit_test(a_clock_that_is_set_meanwhile_costs_nothing),
        cmocka_unit_test(without_a_date_that_is_true_all_come_through),
        cmocka_unit_test(lanes_that_nobody_uses_are_freed),
        cmocka_unit_test(lanes_in_use_are_not_freed),
        cmocka_unit_test(lanes_that_are_one_limit_are_one_queue_by_age),
        cmocka_unit_test(oktas_operations_share_their_buckets),
    };
    return RUN_SUITE("queue", tests);
}
