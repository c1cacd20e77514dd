/* csrc/http/attempts.c */
#include "http/attempts.h"
#include "spec/csrc/support/exchange.h"
#include "spec/csrc/support/suites.h"

#include <string.h>
#include <unistd.h>

static void a_get_is_tried_again(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    call->options.max_retries = 1;
    submit(e, call);
    int fd = serve(e, s, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    close(fd);
    fd = serve(e, s, OK_ANSWER);
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    assert_int_equal(2, call->attempts);
    assert_string_equal("{}", TEXT(call->body)); /* of the last attempt alone */
    static const dk_event_type expected[] = {DK_EVENT_ATTEMPT, DK_EVENT_ANSWER, DK_EVENT_WAIT,
                                             DK_EVENT_ATTEMPT, DK_EVENT_ANSWER};
    dk_event event;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(dk_engine_event(e, &event));
        assert_int_equal(expected[i], event.type);
    }
    assert_int_equal(200, event.status);
    assert_false(dk_engine_event(e, &event));
    close(fd);
    free_all(e, call, s);
}

static void a_wait_that_would_end_too_late_is_not_begun(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    call->options.max_retries = 4;
    call->options.timeout = 2 * DK_SECOND;
    submit(e, call);
    int fd =
        serve(e, s, "HTTP/1.1 429 Too Many\r\nX-RateLimit-Reset: 60\r\nContent-Length: 0\r\n\r\n");
    finish(e, call);
    assert_int_equal(DK_RATE_LIMITED, call->kind);
    assert_true(call->retry_after >= 59 && call->retry_after <= 62);
    assert_true(call->ended - call->started < DK_SECOND);
    assert_true(call->retryable);
    close(fd);
    free_all(e, call, s);
}

static void a_deadline_ends_the_call(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server(); /* takes the connection, never answers */
    dk_call *call = new_call(POST, s.port, "{}");
    call->options.timeout = DK_SECOND / 5;
    submit(e, call);
    int fd = accept_one(e, s);
    finish(e, call);
    assert_int_equal(DK_TIMEOUT, call->kind);
    assert_true(call->ambiguous);
    dk_time lasted = call->ended - call->started;
    assert_true(lasted >= DK_SECOND / 5 && lasted <= DK_SECOND / 5 * 2);
    close(fd);
    free_all(e, call, s);
}

static void an_attempt_has_its_own_time(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    call->options.attempt_timeout = DK_SECOND / 10;
    call->options.max_retries = 1;
    submit(e, call);
    int stalled = accept_one(e, s);
    int fd = serve(e, s, OK_ANSWER);
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    assert_int_equal(2, call->attempts);
    close(stalled);
    close(fd);
    free_all(e, call, s);
}

static void a_deadline_also_ends_who_waits_for_a_turn(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *first = new_call(GET, s.port, NULL), *second = new_call(POST, s.port, "{}");
    second->options.timeout = DK_SECOND / 10;
    submit(e, first);
    submit(e, second);
    assert_int_equal(DK_ON_WIRE, first->state);
    assert_int_equal(DK_QUEUED, second->state);
    finish(e, second);
    assert_int_equal(DK_TIMEOUT, second->kind);
    assert_int_equal(0, second->attempts);
    assert_false(second->ambiguous); /* never left */
    assert_true(second->retryable);
    int fd = serve(e, s, OK_ANSWER);
    finish(e, first);
    assert_int_equal(DK_OK, first->kind);
    close(fd);
    dk_engine_free_call(e, first);
    free_all(e, second, s);
}

static void no_more_are_on_the_wire_than_allowed(void **state)
{
    (void)state;
    dk_engine *e = new_engine(2);
    server s = start_server();
    dk_call *calls[3], *first = new_call(GET, s.port, NULL);
    int fds[2];
    submit(e, first); /* until an answer has come libcurl hopes for HTTP/2, and opens no second */
    fds[0] = serve(e, s, OK_ANSWER);
    finish(e, first);
    dk_engine_free_call(e, first);
    for (int i = 0; i < 3; i++)
        submit(e, calls[i] = new_call(GET, s.port, NULL));
    assert_int_equal(DK_QUEUED, calls[2]->state);
    fds[1] = accept_one(e, s);
    assert_false(anything_comes(e, s));
    assert_int_equal(DK_QUEUED, calls[2]->state);
    char request[4096];
    assert_true(read_request(e, fds[0], request, sizeof request));
    answer(fds[0], OK_ANSWER);
    /* the third goes over the first one's connection */
    assert_true(read_request(e, fds[0], request, sizeof request));
    answer(fds[0], OK_ANSWER);
    assert_true(read_request(e, fds[1], request, sizeof request));
    answer(fds[1], OK_ANSWER);
    for (int i = 0; i < 3; i++) {
        finish(e, calls[i]);
        assert_int_equal(DK_OK, calls[i]->kind);
        dk_engine_free_call(e, calls[i]);
    }
    close(fds[0]);
    close(fds[1]);
    free_all(e, NULL, s);
}

#define LIMITED_ANSWER                                                                             \
    "HTTP/1.1 429 Too Many\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 4\r\n"                \
    "X-RateLimit-Period: 4\r\nX-RateLimit-Limit: 1\r\nContent-Length: 0\r\n\r\n"

static void what_waits_for_its_turn_is_withdrawn_at_once(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *refused = new_call(POST, s.port, "{}"), *queued = new_call(POST, s.port, "{}");
    refused->options.max_retries = queued->options.max_retries = 4;
    submit(e, refused);
    submit(e, queued);
    int fd = serve(e, s, LIMITED_ANSWER);
    for (dk_time give_up = give_up_at(); refused->state != DK_QUEUED;)
        turn(e, give_up);
    dk_engine_withdraw(e, refused);
    dk_engine_withdraw(e, queued);
    assert_int_equal(DK_CANCELLED, refused->kind);
    assert_int_equal(1, refused->attempts);
    assert_false(refused->ambiguous); /* a 429 is not carried out */
    assert_int_equal(DK_CANCELLED, queued->kind);
    assert_int_equal(0, queued->attempts);
    assert_int_equal(0, dk_engine_pending(e));
    dk_engine_withdraw(e, queued); /* done: harmless */
    close(fd);
    dk_engine_free_call(e, queued);
    free_all(e, refused, s);
}

static void what_may_have_arrived_before_stays_ambiguous(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *call = new_call(DELETE, s.port, NULL);
    call->options.max_retries = 4;
    submit(e, call);
    int fd = serve(e, s, "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n");
    for (dk_time give_up = give_up_at(); call->state != DK_WAITING;)
        turn(e, give_up);
    dk_engine_withdraw(e, call);
    assert_int_equal(DK_CANCELLED, call->kind);
    assert_true(call->ambiguous);
    close(fd);
    free_all(e, call, s);
}

/* On the wire: something of it has left, and its answer counts. It is not tried again. */
static void what_has_left_is_waited_for(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        dk_kind kind;
        bool ambiguous;
    } cases[] = {
        {POST, OK_ANSWER, DK_OK, false},
        {POST, LIMITED_ANSWER, DK_CANCELLED, false},
        {DELETE, BUSY_ANSWER, DK_CANCELLED, true},
        {POST, BUSY_ANSWER, DK_SERVER, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dk_engine *e = new_engine(1);
        server s = start_server();
        const char *body = strcmp(cases[i].name, POST) == 0 ? "{}" : NULL;
        dk_call *call = new_call(cases[i].name, s.port, body);
        char request[4096];
        call->options.max_retries = 4;
        submit(e, call);
        int fd = accept_one(e, s);
        assert_true(read_request(e, fd, request, sizeof request));
        dk_engine_withdraw(e, call);
        assert_int_equal(DK_ON_WIRE, call->state);
        answer(fd, cases[i].text);
        finish(e, call);
        assert_int_equal(cases[i].kind, call->kind);
        assert_int_equal(1, call->attempts);
        assert_int_equal(cases[i].ambiguous, call->ambiguous);
        close(fd);
        free_all(e, call, s);
    }
}

/* libcurl has it, and it has no connection yet: a network that swallows everything holds up
 * nobody. */
static void what_has_not_left_libcurl_is_withdrawn_too(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{}");
    submit(e, call);
    assert_int_equal(DK_ON_WIRE, call->state);
    dk_engine_withdraw(e, call);
    assert_int_equal(DK_CANCELLED, call->kind);
    assert_false(call->ambiguous);
    assert_false(anything_comes(e, s));
    free_all(e, call, s);
}

int attempts_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_get_is_tried_again),
        cmocka_unit_test(a_wait_that_would_end_too_late_is_not_begun),
        cmocka_unit_test(a_deadline_ends_the_call),
        cmocka_unit_test(an_attempt_has_its_own_time),
        cmocka_unit_test(a_deadline_also_ends_who_waits_for_a_turn),
        cmocka_unit_test(no_more_are_on_the_wire_than_allowed),
        cmocka_unit_test(what_waits_for_its_turn_is_withdrawn_at_once),
        cmocka_unit_test(what_may_have_arrived_before_stays_ambiguous),
        cmocka_unit_test(what_has_left_is_waited_for),
        cmocka_unit_test(what_has_not_left_libcurl_is_withdrawn_too),
    };
    return RUN_SUITE("attempts", tests);
}
