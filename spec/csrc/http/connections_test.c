/* csrc/http/connections.c */
#define _GNU_SOURCE /* POLLRDHUP */
#include "http/connections.h"
#include "spec/csrc/support/loopback.h"
#include "spec/csrc/support/suites.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct pair {
    int ours, theirs, port;
} pair;

static pair connect_pair(int family)
{
    struct sockaddr_storage address = {.ss_family = (sa_family_t)family};
    socklen_t size = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int listener = socket(family, SOCK_STREAM, 0);
    if (family == AF_INET6)
        ((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
    else
        ((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pair p = {-1, -1, 0};
    if (bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 1) == 0 &&
        getsockname(listener, (struct sockaddr *)&address, &size) == 0) {
        p.ours = socket(family, SOCK_STREAM, 0);
        assert_int_equal(0, connect(p.ours, (struct sockaddr *)&address, size));
        p.theirs = accept(listener, NULL, NULL);
        assert_int_equal(0, getsockname(p.ours, (struct sockaddr *)&address, &size));
        p.port = ntohs(family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                          : ((struct sockaddr_in *)&address)->sin_port);
    }
    close(listener);
    return p;
}

static void notices_one_that_was_ended(int family)
{
    dk_connections c = {0};
    pair a = connect_pair(family), b = connect_pair(family);
    if (a.ours < 0 || b.ours < 0)
        skip(); /* this machine has no such addresses */
    dk_connections_opened(&c, a.ours);
    dk_connections_opened(&c, b.ours);
    assert_false(dk_connections_hung_up(&c, a.port, false));
    assert_false(dk_connections_hung_up(&c, b.port, false));
    assert_false(dk_connections_hung_up(&c, b.port, true));
    assert_int_equal(1, write(b.theirs, "x", 1));
    assert_false(dk_connections_hung_up(&c, b.port, false)); /* it may be an answer */
    assert_true(dk_connections_hung_up(&c, b.port, true));
    close(b.theirs);
    struct pollfd arrival = {.fd = b.ours, .events = POLLHUP | POLLRDHUP};
    assert_int_equal(1, poll(&arrival, 1, 1000));
    assert_true(dk_connections_hung_up(&c, b.port, false));
    assert_false(dk_connections_hung_up(&c, a.port, false));
    dk_connections_closed(&c, b.ours);
    close(b.ours);
    assert_false(dk_connections_hung_up(&c, b.port, false));
    dk_connections_closed(&c, b.ours); /* twice is harmless */
    dk_connections_free(&c);
    close(a.ours);
    close(a.theirs);
}

static void notices_what_was_ended(void **state)
{
    (void)state;
    notices_one_that_was_ended(AF_INET);
}

static void over_ipv6_as_well(void **state)
{
    (void)state;
    notices_one_that_was_ended(AF_INET6);
}

static void knows_nothing_of_others(void **state)
{
    (void)state;
    dk_connections c = {0};
    assert_false(dk_connections_hung_up(&c, 0, false));
    assert_false(dk_connections_hung_up(&c, 4711, false));
    pair a = connect_pair(AF_INET);
    dk_connections_opened(&c, a.ours);
    close(a.theirs);
    assert_false(dk_connections_hung_up(&c, 0, false));
    dk_connections_disown(&c); /* after a fork */
    assert_false(dk_connections_hung_up(&c, a.port, false));
    dk_connections_free(&c);
    close(a.ours);
}

int connections_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_what_was_ended),
        cmocka_unit_test(over_ipv6_as_well),
        cmocka_unit_test(knows_nothing_of_others),
    };
    return RUN_SUITE("connections", tests);
}
