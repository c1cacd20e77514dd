/* csrc/http/tries.c. Over HTTP/2, with refused streams: spec/e2e/once_spec.lua. */
#include "http/tries.h"
#include "spec/csrc/support/exchange.h"
#include "spec/csrc/support/suites.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void a_post_that_may_have_arrived_is_sent_once(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{}");
    call->options.max_retries = 4;
    submit(e, call);
    int fd = serve(e, s, BUSY_ANSWER);
    finish(e, call);
    assert_int_equal(DK_SERVER, call->kind);
    assert_int_equal(1, call->attempts);
    assert_true(call->ambiguous);
    assert_false(call->retryable);
    close(fd);
    free_all(e, call, s);
}

static void a_delete_may_be_sent_again_and_stays_ambiguous(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(DELETE, s.port, NULL);
    call->options.max_retries = 1;
    submit(e, call);
    char request[4096];
    int fd = accept_one(e, s);
    assert_true(read_request(e, fd, request, sizeof request));
    close(fd);
    fd = serve(e, s, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    finish(e, call);
    assert_int_equal(DK_NOT_FOUND, call->kind);
    assert_int_equal(2, call->attempts);
    assert_true(call->ambiguous); /* the first one may have deleted it */
    close(fd);
    free_all(e, call, s);
}

static void a_call_that_never_left_is_not_ambiguous(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{}");
    submit(e, call);
    dk_engine_cancel(e, call); /* libcurl has it, and has not even connected */
    assert_int_equal(DK_CANCELLED, call->kind);
    assert_false(call->ambiguous);
    free_all(e, call, s);
}

/* libcurl sends again by itself what a reused connection did not answer: a POST must not be. With
 * an empty body there is nothing to rewind that could be refused. */
static void the_kept_alive_connection_that_dies_is_no_reason_to_post_twice(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{\"name\":\"x\"}", NULL};
    for (int i = 0; i < 2; i++) {
        dk_engine *e = new_engine(4);
        server s = start_server();
        dk_call *first = new_call(GET, s.port, NULL);
        submit(e, first);
        int fd = serve(e, s, OK_ANSWER);
        finish(e, first);
        dk_call *call = new_call(POST, s.port, bodies[i]);
        call->options.max_retries = 4;
        submit(e, call);
        char request[4096];
        assert_true(read_request(e, fd, request, sizeof request));
        assert_memory_equal("POST ", request, 5);
        close(fd); /* read, and no answer */
        finish(e, call);
        assert_int_equal(DK_NETWORK, call->kind);
        assert_true(call->ambiguous);
        assert_false(call->retryable);
        assert_int_equal(1, call->attempts);
        assert_false(anything_comes(e, s));
        dk_engine_free_call(e, first);
        free_all(e, call, s);
    }
}

static int connect_to(server s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(0, connect(fd, (struct sockaddr *)&address, sizeof address));
    return fd;
}

/* Has a call's connection made and ended by the server while the engine stands still: where nobody
 * else may wait to be accepted, its first SYN is dropped, and the next comes a second later. */
static void end_connection_before_it_is_seen(dk_engine *e, dk_call *call, server s, bool reset)
{
    struct linger at_once = {.l_onoff = 1};
    assert_int_equal(0, listen(s.fd, 0));
    int first = connect_to(s);
    submit(e, call);
    turn(e, give_up_at());
    close(accept_one(e, s));
    struct pollfd arrival = {.fd = s.fd, .events = POLLIN};
    assert_int_equal(1, poll(&arrival, 1, 8000));
    int fd = accept(s.fd, NULL, NULL);
    if (reset)
        assert_int_equal(0, setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    close(fd);
    close(first);
    assert_int_equal(0, listen(s.fd, 16));
}

static void what_never_left_on_a_new_connection_that_was_ended_is_not_ambiguous(void **state)
{
    (void)state;
    for (int reset = 0; reset < 2; reset++) {
        dk_engine *e = new_engine(1);
        server s = start_server();
        dk_call *call = new_call(POST, s.port, "{}");
        call->options.timeout = call->options.connect_timeout = 20 * DK_SECOND;
        call->options.attempt_timeout = 20 * DK_SECOND;
        end_connection_before_it_is_seen(e, call, s, reset);
        finish(e, call);
        assert_int_equal(DK_NETWORK, call->kind);
        assert_false(call->ambiguous);
        assert_true(call->retryable);
        free_all(e, call, s);
    }
}

/* It is an attempt, as a connection that was refused is: the next one waits. */
static void and_is_sent_again_over_another(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{}");
    call->options.timeout = call->options.connect_timeout = 20 * DK_SECOND;
    call->options.attempt_timeout = 20 * DK_SECOND;
    call->options.max_retries = 1;
    end_connection_before_it_is_seen(e, call, s, false);
    int fd = serve(e, s, OK_ANSWER);
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    assert_int_equal(2, call->attempts);
    assert_int_equal(1, call->retries);
    close(fd);
    free_all(e, call, s);
}

static void an_empty_post_needs_a_new_connection_where_libcurl_does_not_ask(void **state)
{
    (void)state;
    dk_tries asked = {.asks = true}, not_asked = {.asks = false};
    assert_false(dk_tries_need_new_connection(&asked, row(POST), 0));
    assert_true(dk_tries_need_new_connection(&not_asked, row(POST), 0));
    assert_false(dk_tries_need_new_connection(&not_asked, row(POST), 1));
    assert_false(dk_tries_need_new_connection(&not_asked, row(GET), 0));
    assert_false(dk_tries_need_new_connection(&not_asked, row(DELETE), 0));
}

/* When one call finds the connection broken, libcurl may say of all on it that they could not be sent. */
static void a_request_without_a_body_that_has_left_was_sent_whatever_libcurl_calls_its_end(
    void **state)
{
    (void)state;
    static const char *const names[] = {DELETE, POST};
    for (int i = 0; i < 2; i++) {
        dk_engine *e = new_engine(1);
        server s = start_server();
        dk_call *first = new_call(POST, s.port, "{}"); /* from it is learned what libcurl counts */
        submit(e, first);
        int fd = serve(e, s, OK_ANSWER);
        finish(e, first);
        dk_call *call = new_call(names[i], s.port, NULL);
        submit(e, call);
        char request[4096];
        assert_true(read_request(e, fd, request, sizeof request));
        assert_true(call->transfer->tries.connections->uploads_count);
        assert_false(dk_tries_were_not_sent(&call->transfer->tries, CURLE_SEND_ERROR));
        close(fd);
        dk_engine_free_call(e, first);
        free_all(e, call, s);
    }
}

int tries_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_that_may_have_arrived_is_sent_once),
        cmocka_unit_test(a_delete_may_be_sent_again_and_stays_ambiguous),
        cmocka_unit_test(a_call_that_never_left_is_not_ambiguous),
        cmocka_unit_test(the_kept_alive_connection_that_dies_is_no_reason_to_post_twice),
        cmocka_unit_test(what_never_left_on_a_new_connection_that_was_ended_is_not_ambiguous),
        cmocka_unit_test(and_is_sent_again_over_another),
        cmocka_unit_test(
            a_request_without_a_body_that_has_left_was_sent_whatever_libcurl_calls_its_end),
        cmocka_unit_test(an_empty_post_needs_a_new_connection_where_libcurl_does_not_ask),
    };
    return RUN_SUITE("tries", tests);
}
