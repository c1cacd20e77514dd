/* csrc/http/sigpipe.c */
#include "http/sigpipe.h"
#include "spec/csrc/support/exchange.h"
#include "spec/csrc/support/old_libcurl.h"
#include "spec/csrc/support/suites.h"

#include <pthread.h>
#include <unistd.h>

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

int sigpipe_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_libcurl_writes_to_who_is_gone_does_not_reach_the_host),
        cmocka_unit_test(a_libcurl_without_http_2_speaks_1_1),
        cmocka_unit_test(a_host_that_blocks_sigpipe_finds_its_own_alone),
    };
    return RUN_SUITE("sigpipe", tests);
}
