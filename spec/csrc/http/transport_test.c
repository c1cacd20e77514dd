/* csrc/http/transport.c */
#include "http/transport.h"
#include "spec/csrc/support/alloc.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void its_passwords_are_wiped(void **state)
{
    (void)state;
    static const char *const secrets[] = {"of-the-proxy", "of-the-client-key", NULL};
    dk_transport t = {.proxy = strdup("http://user:of-the-proxy@127.0.0.1:1"),
                      .ca_file = strdup("/ca.pem"),
                      .client_key_password = strdup(secrets[1])};
    alloc_search(secrets);
    dk_transport_free(&t);
    assert_null(alloc_found());
    alloc_search(NULL);
    assert_null(t.proxy);
    assert_null(t.ca_file);
}

static void what_is_forgotten_is_empty_and_can_be_freed(void **state)
{
    (void)state;
    dk_transport t = {.proxy = strdup("http://a:b@c"), .client_cert = strdup("/cert.pem")};
    dk_transport_forget(&t);
    assert_string_equal("", t.proxy);
    assert_string_equal("/cert.pem", t.client_cert);
    dk_transport_free(&t);
    dk_transport_forget(&t); /* there is nothing */
    dk_transport_free(&t);
}

int transport_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_passwords_are_wiped),
        cmocka_unit_test(what_is_forgotten_is_empty_and_can_be_freed),
    };
    return RUN_SUITE("transport", tests);
}
