/* csrc/http/engine.c */
#include "http/engine.h"
#include "spec/csrc/support/exchange.h"
#include "spec/csrc/support/suites.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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
        call->options.max_retries = 1;
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

int engine_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_waits_no_longer_than_told),
        cmocka_unit_test(nothing_to_do_is_nothing_to_wait_for),
        cmocka_unit_test(what_is_finished_is_due_at_once),
        cmocka_unit_test(several_engines_are_waited_for_together),
        cmocka_unit_test(a_call_can_be_cancelled),
        cmocka_unit_test(a_call_that_is_given_up_is_taken_out_everywhere),
        cmocka_unit_test(closing_ends_what_is_in_flight),
        cmocka_unit_test(a_fork_shares_nothing),
        cmocka_unit_test(forks_draw_their_own_jitter),
    };
    return RUN_SUITE("engine", tests);
}
