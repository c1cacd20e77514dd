/* csrc/http/proxy.c */
#include "http/proxy.h"
#include "http/secret.h"
#include "spec/csrc/support/suites.h"

#include <stdlib.h>
#include <string.h>

static const char *const variables[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",   "http_proxy",  "HTTP_PROXY"};

static int forget_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    return 0;
}

static void the_environment_names_one_in_curls_order(void **state)
{
    (void)state;
    const dk_transport none = {0};
    assert_null(dk_proxy_of(&none).url);
    setenv("http_proxy", "http://plain", 1); /* is for plain http: loopback alone */
    setenv("HTTP_PROXY", "http://cgi", 1);   /* a request's header Proxy, in CGI */
    assert_null(dk_proxy_of(&none).url);
    for (size_t i = 4; i-- > 0;) {
        setenv(variables[i], variables[i], 1);
        assert_string_equal(variables[i], dk_proxy_of(&none).url);
        assert_string_equal(variables[i], dk_proxy_of(&none).from);
    }
    setenv("https_proxy", "", 1);
    assert_string_equal("HTTPS_PROXY", dk_proxy_of(&none).from);
}

static void the_option_comes_first_and_loopback_has_no_other(void **state)
{
    (void)state;
    char url[] = "http://here:1", empty[] = "";
    setenv("https_proxy", "http://there:1", 1);
    dk_transport given = {.proxy = url, .is_loopback = true}, off = {.proxy = empty};
    const dk_transport loopback = {.is_loopback = true};
    assert_string_equal(url, dk_proxy_of(&given).url);
    assert_null(dk_proxy_of(&off).url);
    assert_null(dk_proxy_of(&loopback).url);
}

static void shows_where_it_is_and_no_more(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"http://proxy.example:3128", "proxy.example:3128"},
        {"http://user:word@proxy.example:3128/path", "proxy.example:3128"},
        {"user:word@proxy.example", "proxy.example:1080"},
        {"socks5h://user:word@[::1]:9", "[::1]:9"},
        {"https://proxy.example", "proxy.example:443"},
    };
    static const char *const unreadable[] = {"http://user:wo rd@h", "http://user:word@h:99999",
                                             "http://user:word@[::1", "://word", ""};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dk_buffer name = {0};
        assert_true(dk_proxy_name(rows[i][0], &name));
        assert_string_equal(rows[i][1], TEXT(name));
        dk_buffer_free(&name);
    }
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        dk_buffer name = {0};
        assert_false(dk_proxy_name(unreadable[i], &name));
        dk_buffer_free(&name);
    }
}

static void its_password_is_a_secret(void **state)
{
    (void)state;
    static const char *const urls[] = {"http://user:pass%2Fword@h:1", "user:pass%2Fword@@h",
                                       "http://user:pass%2Fword#x@h:1", "http://h?pass%2Fword"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        dk_buffer secrets = {.secret = true}, text = {0};
        setenv("https_proxy", urls[i], 1);
        const dk_transport none = {0};
        dk_buffer_adds(&text, urls[i]);
        assert_true(dk_proxy_secrets(&none, &secrets));
        assert_true(dk_secrets_redact(&secrets, &text));
        if (i < 3)
            assert_null(strstr(TEXT(text), "word"));
        dk_buffer_free(&secrets);
        dk_buffer_free(&text);
    }
}

int proxy_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_environment_names_one_in_curls_order, forget_all,
                                        forget_all),
        cmocka_unit_test_setup_teardown(the_option_comes_first_and_loopback_has_no_other,
                                        forget_all, forget_all),
        cmocka_unit_test(shows_where_it_is_and_no_more),
        cmocka_unit_test_setup_teardown(its_password_is_a_secret, forget_all, forget_all),
    };
    return RUN_SUITE("proxy", tests);
}
