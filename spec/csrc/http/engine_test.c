/* csrc/http/engine.c and transfer.c, against a server in the same process: the engine never blocks
 * longer than it is told, so that both take turns. */
#include "http/engine.h"
#include "spec/csrc/support/old_libcurl.h"
#include "spec/csrc/support/suites.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURN     (DK_SECOND / 100)
#define PATIENCE (10 * DK_SECOND)

#define GET    "list_okta_accounts"
#define POST   "create_okta_account"
#define DELETE "delete_okta_account"
#define PATH   "/api/v2/integrations/okta/accounts"

/* --- the server --------------------------------------------------------------------------------
 */

typedef struct server {
    int fd, port;
} server;

static server start_server(void)
{
    server s = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t n = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(s.fd >= 0);
    assert_int_equal(0, bind(s.fd, (struct sockaddr *)&address, n));
    assert_int_equal(0, listen(s.fd, 16));
    assert_int_equal(0, getsockname(s.fd, (struct sockaddr *)&address, &n));
    fcntl(s.fd, F_SETFL, O_NONBLOCK);
    s.port = ntohs(address.sin_port);
    return s;
}

static dk_time give_up_at(void)
{
    return dk_clock_now() + PATIENCE;
}

static void turn(dk_engine *e, dk_time give_up)
{
    dk_engine_step(e, TURN);
    if (dk_clock_now() > give_up)
        fail_msg("nothing happens");
}

static int accept_one(dk_engine *e, server s)
{
    dk_time give_up = give_up_at();
    int fd;
    while ((fd = accept(s.fd, NULL, NULL)) < 0)
        turn(e, give_up);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* Reads a request to its end (Content-Length counts) and says so; false: the client hung up. */
static bool read_request(dk_engine *e, int fd, char *text, size_t size)
{
    dk_time give_up = give_up_at();
    size_t have = 0;
    for (;;) {
        ssize_t n = read(fd, text + have, size - 1 - have);
        if (n == 0)
            return false;
        if (n > 0)
            have += (size_t)n;
        text[have] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
        size_t body = length ? (size_t)atoi(length + 16) : 0;
        if (end && have >= (size_t)(end + 4 - text) + body)
            return true;
        turn(e, give_up);
    }
}

static void answer(int fd, const char *text)
{
    assert_int_equal((ssize_t)strlen(text), write(fd, text, strlen(text)));
}

/* Takes a connection, reads its request and answers. */
static int serve(dk_engine *e, server s, const char *text)
{
    char request[4096];
    int fd = accept_one(e, s);
    assert_true(read_request(e, fd, request, sizeof request));
    answer(fd, text);
    return fd;
}

/* --- the client --------------------------------------------------------------------------------
 */

static dk_engine *new_engine(unsigned max_in_flight)
{
    dk_transport transport = {.proxy =
                                  strdup("")}; /* the environment's proxy is not for loopback */
    dk_engine *e = dk_engine_new(transport, max_in_flight, 100);
    assert_non_null(e);
    dk_engine_watch(e, true);
    return e;
}

/* a row of the operation map: the engine's queue knows no others */
static const dk_operation *row(const char *name)
{
    for (size_t i = 0; i < dk_operations_count; i++)
        if (strcmp(dk_operations[i].name, name) == 0)
            return &dk_operations[i];
    fail_msg("no operation %s", name);
    return NULL;
}

static dk_call *new_call(const char *name, int port, const char *body)
{
    static const char *const id[] = {"the-id"};
    static const size_t length[] = {6};
    const dk_operation *operation = row(name);
    char base[64];
    dk_credentials none = {0};
    dk_call *call = dk_call_new();
    assert_non_null(call);
    snprintf(base, sizeof base, "http://127.0.0.1:%d", port);
    assert_true(dk_request_begin(&call->request, operation, base, id, length));
    if (body)
        dk_buffer_adds(&call->request.body, body);
    call->request.headers =
        dk_headers_new(&none, NULL, operation, operation->body ? DK_JSON : DK_NOTHING);
    assert_non_null(call->request.headers);
    call->limits = (dk_limits){.timeout = 5 * DK_SECOND,
                               .attempt_timeout = 5 * DK_SECOND,
                               .connect_timeout = 5 * DK_SECOND,
                               .max_retries = 0,
                               .max_response_bytes = 1000};
    return call;
}

static void submit(dk_engine *e, dk_call *call)
{
    const char *why;
    if (!dk_engine_submit(e, call, &why))
        fail_msg("not taken: %s", why);
}

static void finish(dk_engine *e, dk_call *call)
{
    dk_time give_up = give_up_at();
    while (call->state != DK_DONE)
        turn(e, give_up);
}

static void free_all(dk_engine *e, dk_call *call, server s)
{
    dk_engine_free_call(e, call);
    dk_engine_release(e);
    if (s.fd >= 0)
        close(s.fd);
}

/* --- answers -----------------------------------------------------------------------------------
 */

#define OK_ANSWER   "HTTP/1.1 200 OK\r\nX-Dd-Version: 1\r\nContent-Length: 2\r\n\r\n{}"
#define BUSY_ANSWER "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"

static void an_answer_is_taken_whole(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    submit(e, call);
    assert_int_equal(1, dk_engine_pending(e));
    int fd = serve(e, s, OK_ANSWER);
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    assert_int_equal(200, call->status);
    assert_int_equal(1, call->attempts);
    assert_string_equal("{}", TEXT(call->body));
    assert_non_null(strstr(TEXT(call->head), "X-Dd-Version: 1"));
    assert_false(call->ambiguous);
    assert_int_equal(0, dk_engine_pending(e));
    assert_ptr_equal(call, dk_engine_finished(e));
    assert_null(dk_engine_finished(e));
    close(fd);
    free_all(e, call, s);
}

static void a_body_is_sent_with_its_length(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{\"a\":1}");
    submit(e, call);
    char request[4096];
    int fd = accept_one(e, s);
    assert_true(read_request(e, fd, request, sizeof request));
    assert_memory_equal("POST " PATH " HTTP/1.1\r\n", request,
                        strlen("POST " PATH " HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "Content-Length: 7\r\n"));
    assert_non_null(strstr(request, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(request, "\r\n\r\n{\"a\":1}"));
    assert_null(strstr(request, "Expect:"));
    answer(fd, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}");
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    close(fd);
    free_all(e, call, s);
}

static void a_refused_connection_is_the_networks_failure(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    close(s.fd); /* the port is free again: refused */
    s.fd = -1;
    dk_call *call = new_call(POST, s.port, "{}");
    submit(e, call);
    finish(e, call);
    assert_int_equal(DK_NETWORK, call->kind);
    assert_int_equal(CURLE_COULDNT_CONNECT, call->code);
    assert_int_equal(0, call->status);
    assert_true(call->retryable);
    assert_false(call->ambiguous);
    free_all(e, call, s);
}

static void an_answer_that_is_too_large_is_cut_off(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    submit(e, call);
    char text[2100] = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n";
    memset(text + strlen(text), 'x', 1001);
    int fd = serve(e, s, text);
    finish(e, call);
    assert_int_equal(DK_PROTOCOL, call->kind);
    assert_true(call->body.length <= 1000);
    assert_false(call->retryable);
    close(fd);
    free_all(e, call, s);
}

static void what_is_no_http_is_the_services_failure(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{}");
    submit(e, call);
    int fd = serve(e, s, "SSH-2.0-OpenSSH_9.2\r\n");
    finish(e, call);
    assert_int_equal(DK_PROTOCOL, call->kind);
    assert_true(call->ambiguous); /* the request went out */
    assert_false(call->retryable);
    close(fd);
    free_all(e, call, s);
}

/* --- retries -----------------------------------------------------------------------------------
 */

static void a_get_is_tried_again(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    call->limits.max_retries = 1;
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

static void a_post_is_not(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{}");
    call->limits.max_retries = 4;
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

/* Does a request come over a new connection? Watched for a moment: what must not happen has no
 * event to wait for. A connection alone does no harm. */
static bool anything_comes(dk_engine *e, server s)
{
    dk_time until = dk_clock_now() + DK_SECOND / 5;
    int fd = -1;
    bool came = false;
    while (!came && dk_clock_now() < until) {
        char byte;
        dk_engine_step(e, TURN);
        if (fd < 0 && (fd = accept(s.fd, NULL, NULL)) >= 0)
            fcntl(fd, F_SETFL, O_NONBLOCK);
        came = fd >= 0 && read(fd, &byte, 1) > 0;
    }
    if (fd >= 0)
        close(fd);
    return came;
}

/* libcurl sends again by itself what a reused connection did not answer: a POST must not be */
static void the_kept_alive_connection_that_dies_is_no_reason_to_post_twice(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *first = new_call(GET, s.port, NULL);
    submit(e, first);
    int fd = serve(e, s, OK_ANSWER);
    finish(e, first);
    dk_call *call = new_call(POST, s.port, "{\"name\":\"x\"}");
    call->limits.max_retries = 4;
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

static void a_delete_may_be_sent_again_and_stays_ambiguous(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(DELETE, s.port, NULL);
    call->limits.max_retries = 1;
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

static void a_wait_that_would_end_too_late_is_not_begun(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    call->limits.max_retries = 4;
    call->limits.timeout = 2 * DK_SECOND;
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

/* --- time --------------------------------------------------------------------------------------
 */

static void a_deadline_ends_the_call(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server(); /* takes the connection, never answers */
    dk_call *call = new_call(POST, s.port, "{}");
    call->limits.timeout = DK_SECOND / 5;
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
    call->limits.attempt_timeout = DK_SECOND / 10;
    call->limits.max_retries = 1;
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
    second->limits.timeout = DK_SECOND / 10;
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

static void a_step_waits_no_longer_than_told(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    submit(e, call);
    int fd = accept_one(e, s);
    dk_time before = dk_clock_now();
    dk_engine_step(e, DK_SECOND / 20);
    assert_true(dk_clock_now() - before < DK_SECOND / 4);
    dk_engine_step(e, 0);
    assert_true(dk_engine_timeout(e) <= DK_SECOND); /* what libcurl misses, it finds when asked */
    size_t n;
    const double *serials;
    const struct pollfd *sockets = dk_engine_sockets(e, &serials, &n);
    assert_true(n >= 1); /* 8.23 has one for itself among them */
    assert_true(sockets[0].events & POLLIN);
    close(fd);
    free_all(e, call, s);
}

static void nothing_to_do_is_nothing_to_wait_for(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    size_t n;
    const double *serials;
    assert_true(dk_engine_timeout(e) == DK_NEVER);
    dk_engine_sockets(e, &serials, &n);
    assert_int_equal(0, n);
    assert_int_equal(0, dk_engine_pending(e));
    dk_engine_release(e);
}

/* --- many --------------------------------------------------------------------------------------
 */

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

static void several_engines_are_waited_for_together(void **state)
{
    (void)state;
    dk_engine *engines[2] = {new_engine(1), new_engine(1)};
    server s = start_server();
    dk_call *silent = new_call(GET, s.port, NULL), *call = new_call(GET, s.port, NULL);
    submit(engines[0], silent);
    int first = accept_one(engines[0], s);
    submit(engines[1], call);
    int fd = serve(engines[1], s, OK_ANSWER);
    dk_time give_up = give_up_at(), before = dk_clock_now();
    while (call->state != DK_DONE && dk_clock_now() < give_up) {
        dk_engines_wait(engines, 2, 5 * DK_SECOND);
        dk_engine_step(engines[0], 0);
        dk_engine_step(engines[1], 0);
    }
    assert_int_equal(DK_OK, call->kind);
    assert_true(dk_clock_now() - before < DK_SECOND);
    dk_engine_free_call(engines[0], silent);
    dk_engine_release(engines[0]);
    close(first);
    close(fd);
    free_all(engines[1], call, s);
}

/* --- ends --------------------------------------------------------------------------------------
 */

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

static void a_call_can_be_cancelled(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *wired = new_call(POST, s.port, "{}"), *queued = new_call(POST, s.port, "{}");
    dk_call *fresh = new_call(GET, s.port, NULL);
    submit(e, wired);
    submit(e, queued);
    int fd = accept_one(e, s);
    char request[4096];
    assert_true(read_request(e, fd, request, sizeof request));
    dk_engine_cancel(e, queued);
    dk_engine_cancel(e, wired);
    dk_engine_cancel(e, fresh); /* never submitted: harmless */
    assert_int_equal(DK_NEW, fresh->state);
    assert_int_equal(DK_CANCELLED, wired->kind);
    assert_int_equal(DK_CANCELLED, queued->kind);
    assert_true(wired->ambiguous);
    assert_false(queued->ambiguous);
    assert_int_equal(0, dk_engine_pending(e));
    assert_ptr_equal(queued, dk_engine_finished(e));
    assert_ptr_equal(wired, dk_engine_finished(e));
    dk_engine_cancel(e, wired); /* done: harmless */
    assert_null(dk_engine_finished(e));
    close(fd);
    dk_engine_free_call(e, queued);
    dk_engine_free_call(e, fresh);
    free_all(e, wired, s);
}

static void a_call_that_is_given_up_is_taken_out_everywhere(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *wired = new_call(GET, s.port, NULL), *queued = new_call(GET, s.port, NULL);
    dk_call *done = new_call(GET, s.port, NULL), *last = new_call(GET, s.port, NULL);
    submit(e, wired);
    submit(e, queued);
    submit(e, done);
    submit(e, last);
    dk_engine_cancel(e, done); /* finished, and not fetched */
    dk_engine_free_call(e, wired);
    dk_engine_free_call(e, queued);
    dk_engine_free_call(e, done);
    assert_null(dk_engine_finished(e));
    assert_int_equal(1, dk_engine_pending(e));
    int fd = serve(e, s, OK_ANSWER); /* the engine goes on */
    while (last->state != DK_DONE && fd >= 0) {
        int next = accept(s.fd, NULL, NULL);
        if (next >= 0) { /* the abandoned call's connection came first */
            char request[4096];
            fcntl(next, F_SETFL, O_NONBLOCK);
            assert_true(read_request(e, next, request, sizeof request));
            answer(next, OK_ANSWER);
            close(next);
        }
        dk_engine_step(e, TURN);
    }
    assert_int_equal(DK_OK, last->kind);
    close(fd);
    free_all(e, last, s);
}

static void closing_ends_what_is_in_flight(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *wired = new_call(GET, s.port, NULL), *queued = new_call(GET, s.port, NULL);
    dk_call *late = new_call(GET, s.port, NULL);
    const char *why = NULL;
    submit(e, wired);
    submit(e, queued);
    int fd = accept_one(e, s);
    dk_engine_close(e);
    assert_int_equal(DK_CANCELLED, wired->kind);
    assert_int_equal(DK_CANCELLED, queued->kind);
    assert_int_equal(0, dk_engine_pending(e));
    assert_false(dk_engine_submit(e, late, &why));
    assert_string_equal("the client is closed", why);
    dk_engine_close(e); /* again: harmless */
    dk_engine_step(e, DK_SECOND);
    char byte;
    fcntl(fd, F_SETFL, 0);
    while (read(fd, &byte, 1) > 0) /* the connection is closed */
        ;
    close(fd);
    dk_engine_free_call(e, queued);
    dk_engine_free_call(e, late);
    free_all(e, wired, s);
}

/* Who waits for several engines must not sleep while one of them has something to fetch. */
static void what_is_finished_is_due_at_once(void **state)
{
    (void)state;
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    submit(e, call);
    dk_engine_cancel(e, call);
    assert_true(dk_engine_timeout(e) == 0);
    assert_ptr_equal(call, dk_engine_finished(e));
    assert_true(dk_engine_timeout(e) == DK_NEVER);
    free_all(e, call, s);
}

/* A forked child must leave the parent's connections alone, and can make calls of its own. The
 * child ends as another program: what it leaves behind on purpose is no leak. */
static void a_fork_shares_nothing(void **state)
{
    (void)state;
    dk_engine *e = new_engine(2);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    submit(e, call);
    int fd = accept_one(e, s);
    int report[2];
    assert_int_equal(0, pipe(report));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char said[4] = "nnn";
        dk_engine_step(e, 0);
        if (call->state == DK_DONE && call->kind == DK_CANCELLED)
            said[0] = 'y';
        server own = start_server();
        dk_call *another = new_call(GET, own.port, NULL);
        const char *why;
        if (dk_engine_submit(e, another, &why)) {
            serve(e, own, OK_ANSWER);
            finish(e, another);
            said[1] = another->kind == DK_OK ? 'y' : 'n';
        }
        dk_engine_free_call(e, call);
        dk_engine_free_call(e, another);
        dk_engine_release(e);
        said[2] = 'y';
        if (write(report[1], said, 3) == 3)
            execlp("true", "true", (char *)NULL);
        _exit(1);
    }
    close(report[1]);
    char said[4] = "";
    assert_int_equal(3, read(report[0], said, 3));
    assert_string_equal("yyy", said);
    assert_int_equal(child, waitpid(child, NULL, 0));
    close(report[0]);
    char request[4096]; /* and the parent's call is alive */
    assert_true(read_request(e, fd, request, sizeof request));
    answer(fd, OK_ANSWER);
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    close(fd);
    free_all(e, call, s);
}

/* How long a child that is forked now waits before it tries again, on a port that refuses. */
static double wait_of_a_child(dk_engine *e, int port)
{
    int report[2];
    assert_int_equal(0, pipe(report));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dk_call *call = new_call(GET, port, NULL);
        dk_event event = {.seconds = -1};
        const char *why;
        call->limits.max_retries = 1;
        bool whole = dk_engine_submit(e, call, &why);
        while (whole && call->state != DK_WAITING && call->state != DK_DONE)
            dk_engine_step(e, DK_SECOND / 10);
        while (dk_engine_event(e, &event) && event.type != DK_EVENT_WAIT)
            ;
        if (write(report[1], &event.seconds, sizeof event.seconds) > 0)
            execlp("true", "true", (char *)NULL);
        _exit(1);
    }
    close(report[1]);
    double seconds;
    assert_int_equal(sizeof seconds, read(report[0], &seconds, sizeof seconds));
    assert_int_equal(child, waitpid(child, NULL, 0));
    close(report[0]);
    return seconds;
}

/* Workers of one master that wait the same jitters come back to the service in the same instant. */
static void forks_draw_their_own_jitter(void **state)
{
    (void)state;
    for (int used = 0; used < 2; used++) { /* before the fork */
        dk_engine *e = new_engine(2);
        server s = start_server();
        if (used) {
            dk_call *call = new_call(GET, s.port, NULL);
            submit(e, call);
            serve(e, s, OK_ANSWER);
            finish(e, call);
            dk_engine_free_call(e, call);
        }
        close(s.fd);
        double one = wait_of_a_child(e, s.port), other = wait_of_a_child(e, s.port);
        assert_true(one >= 0 && other >= 0);
        assert_true(one != other);
        dk_engine_release(e);
    }
}

/* --- SIGPIPE -----------------------------------------------------------------------------------
 */

static volatile sig_atomic_t sigpipes;

static void count_sigpipe(int number)
{
    (void)number;
    sigpipes++;
}

static bool sigpipe_is_pending(void)
{
    sigset_t pending;
    assert_int_equal(0, sigpending(&pending));
    return sigismember(&pending, SIGPIPE);
}

/* One call is answered, one cancelled on the wire, one ended by closing. */
static void use_an_engine(void)
{
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL), *cancelled = new_call(GET, s.port, NULL);
    dk_call *last = new_call(GET, s.port, NULL);
    submit(e, call);
    close(serve(e, s, OK_ANSWER));
    finish(e, call);
    if (call->kind != DK_OK)
        fail_msg("%s", call->detail ? call->detail : call->words);
    submit(e, cancelled);
    dk_engine_cancel(e, cancelled);
    submit(e, last);
    dk_engine_close(e);
    dk_engine_free_call(e, cancelled);
    dk_engine_free_call(e, last);
    free_all(e, call, s);
    old_libcurl_writes wrote = old_libcurl_wrote();
    assert_true(wrote.at_work > 0 && wrote.taken_off >= 3 && wrote.closed > 0);
}

static void what_libcurl_writes_to_who_is_gone_does_not_reach_the_host(void **state)
{
    (void)state;
    struct sigaction ours = {.sa_handler = count_sigpipe}, before, after;
    sigset_t mask;
    assert_int_equal(0, sigaction(SIGPIPE, &ours, &before));
    old_libcurl_begin();
    use_an_engine();
    assert_int_equal(0, sigpipes);
    assert_int_equal(0, sigaction(SIGPIPE, NULL, &after));
    assert_true(after.sa_handler == count_sigpipe);
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, NULL, &mask));
    assert_false(sigismember(&mask, SIGPIPE));
    raise(SIGPIPE); /* the host's own reach it */
    assert_int_equal(1, sigpipes);
    old_libcurl_end();
    assert_int_equal(0, sigaction(SIGPIPE, &before, NULL));
    sigpipes = 0;
}

static void a_libcurl_without_http_2_speaks_1_1(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    old_libcurl_begin();
    use_an_engine();
    old_libcurl_end();
    signal(SIGPIPE, SIG_DFL);
}

static void a_host_that_blocks_sigpipe_finds_its_own_alone(void **state)
{
    (void)state;
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    assert_int_equal(0, pthread_sigmask(SIG_BLOCK, &set, &before));
    old_libcurl_begin();
    use_an_engine();
    assert_false(sigpipe_is_pending());
    raise(SIGPIPE);
    use_an_engine();
    assert_true(sigpipe_is_pending());
    int number;
    assert_int_equal(0, sigwait(&set, &number));
    old_libcurl_end();
    assert_int_equal(0, pthread_sigmask(SIG_SETMASK, &before, NULL));
}

static void a_transport_that_libcurl_refuses_is_a_configuration_error(void **state)
{
    (void)state;
    dk_transport transport = {.proxy = strdup(""), .ca_file = strdup("/nonexistent/ca.pem")};
    dk_engine *e = dk_engine_new(transport, 1, 100);
    dk_call *call = new_call(GET, 1, NULL);
    dk_buffer_clear(&call->request.url);
    server s = start_server();
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", s.port);
    dk_buffer_adds(&call->request.url, url);
    submit(e, call);
    finish(e, call);
    assert_int_equal(DK_CONFIG, call->kind);
    assert_int_equal(CURLE_SSL_CACERT_BADFILE, call->code);
    free_all(e, call, s);
}

int engine_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_taken_whole),
        cmocka_unit_test(a_body_is_sent_with_its_length),
        cmocka_unit_test(a_refused_connection_is_the_networks_failure),
        cmocka_unit_test(an_answer_that_is_too_large_is_cut_off),
        cmocka_unit_test(what_is_no_http_is_the_services_failure),
        cmocka_unit_test(a_get_is_tried_again),
        cmocka_unit_test(a_post_is_not),
        cmocka_unit_test(the_kept_alive_connection_that_dies_is_no_reason_to_post_twice),
        cmocka_unit_test(a_delete_may_be_sent_again_and_stays_ambiguous),
        cmocka_unit_test(a_wait_that_would_end_too_late_is_not_begun),
        cmocka_unit_test(a_deadline_ends_the_call),
        cmocka_unit_test(an_attempt_has_its_own_time),
        cmocka_unit_test(a_deadline_also_ends_who_waits_for_a_turn),
        cmocka_unit_test(a_step_waits_no_longer_than_told),
        cmocka_unit_test(nothing_to_do_is_nothing_to_wait_for),
        cmocka_unit_test(no_more_are_on_the_wire_than_allowed),
        cmocka_unit_test(several_engines_are_waited_for_together),
        cmocka_unit_test(a_call_can_be_cancelled),
        cmocka_unit_test(a_call_that_never_left_is_not_ambiguous),
        cmocka_unit_test(a_call_that_is_given_up_is_taken_out_everywhere),
        cmocka_unit_test(closing_ends_what_is_in_flight),
        cmocka_unit_test(what_is_finished_is_due_at_once),
        cmocka_unit_test(a_fork_shares_nothing),
        cmocka_unit_test(forks_draw_their_own_jitter),
        cmocka_unit_test(what_libcurl_writes_to_who_is_gone_does_not_reach_the_host),
        cmocka_unit_test(a_libcurl_without_http_2_speaks_1_1),
        cmocka_unit_test(a_host_that_blocks_sigpipe_finds_its_own_alone),
        cmocka_unit_test(a_transport_that_libcurl_refuses_is_a_configuration_error),
    };
    return RUN_SUITE("engine", tests);
}
