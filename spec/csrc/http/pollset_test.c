/* csrc/http/pollset.c */
#include "http/pollset.h"
#include "spec/csrc/support/suites.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__

static bool is_readable(const dk_pollset *p)
{
    struct pollfd polled = {.fd = p->fd, .events = POLLIN};
    return poll(&polled, 1, 0) == 1;
}

static void is_readable_while_one_of_its_sockets_is(void **state)
{
    (void)state;
    dk_pollset p = {0};
    int a[2], b[2];
    char byte;
    assert_true(dk_pollset_set(&p, 0, POLLIN)); /* nobody has asked for it */
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, b), 0);
    assert_true(dk_pollset_open(&p));
    assert_true(dk_pollset_set(&p, a[0], POLLIN));
    assert_true(dk_pollset_set(&p, b[0], POLLIN));
    assert_false(is_readable(&p));
    assert_int_equal(write(b[1], "x", 1), 1);
    assert_true(is_readable(&p));
    assert_int_equal(read(b[0], &byte, 1), 1);
    assert_false(is_readable(&p));
    assert_true(dk_pollset_set(&p, a[0], POLLIN | POLLOUT)); /* it can be written to */
    assert_true(is_readable(&p));
    assert_true(dk_pollset_set(&p, a[0], 0));
    assert_false(is_readable(&p));
    dk_pollset_close(&p);
    for (int i = 0; i < 2; i++) {
        close(a[i]);
        close(b[i]);
    }
}

/* As a child has it that was forked: a descriptor of the same socket outlives ours. */
static void forgets_a_socket_that_another_descriptor_keeps_open(void **state)
{
    (void)state;
    dk_pollset p = {0};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    int kept = dup(pair[0]);
    assert_true(dk_pollset_open(&p));
    assert_true(dk_pollset_set(&p, pair[0], POLLIN));
    assert_true(dk_pollset_set(&p, pair[0], 0));
    close(pair[0]);
    close(pair[1]);
    assert_false(is_readable(&p));
    dk_pollset_close(&p);
    close(kept);
}

static void takes_a_descriptor_that_comes_again(void **state)
{
    (void)state;
    dk_pollset p = {0};
    int first[2], again[2];
    assert_true(dk_pollset_open(&p));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, first), 0);
    assert_true(dk_pollset_set(&p, first[0], POLLIN));
    close(first[0]);
    close(first[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, again), 0);
    assert_int_equal(again[0], first[0]);
    assert_true(dk_pollset_set(&p, again[0], POLLIN));
    assert_false(is_readable(&p));
    close(again[1]);
    assert_true(is_readable(&p));
    close(again[0]);
    dk_pollset_close(&p);
}

int pollset_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_readable_while_one_of_its_sockets_is),
        cmocka_unit_test(forgets_a_socket_that_another_descriptor_keeps_open),
        cmocka_unit_test(takes_a_descriptor_that_comes_again),
    };
    return RUN_SUITE("pollset", tests);
}

#else

static void is_not_to_be_had(void **state)
{
    (void)state;
    dk_pollset p = {0};
    assert_false(dk_pollset_open(&p));
    assert_true(dk_pollset_set(&p, 0, POLLIN));
}

int pollset_suite(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_not_to_be_had)};
    return RUN_SUITE("pollset", tests);
}

#endif
