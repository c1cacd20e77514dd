/* csrc/http/site.c */
#include "http/site.h"
#include "spec/csrc/support/suites.h"

#include <stdio.h>
#include <string.h>

static void knows_nine_sites(void **state)
{
    (void)state;
    int n = 0;
    for (; dk_sites[n]; n++)
        assert_string_equal(dk_sites[n], dk_site_find(dk_sites[n]));
    assert_int_equal(9, n);
}

static void knows_what_a_site_is_called_besides(void **state)
{
    (void)state;
    assert_string_equal("datadoghq.com", dk_site_find("app.datadoghq.com"));
    assert_string_equal("us5.datadoghq.com", dk_site_find("https://api.us5.datadoghq.com/"));
    assert_string_equal("datadoghq.eu", dk_site_find("https://app.datadoghq.eu/account?x=1#y"));
    assert_string_equal("ddog-gov.com", dk_site_find("DDOG-GOV.com"));
    assert_string_equal("us5.datadoghq.com",
                        dk_site_find("https://us5.datadoghq.com/account/login"));
    assert_string_equal("datadoghq.eu", dk_site_find("datadoghq.eu/"));
}

static void knows_what_datadogs_pages_call_a_site(void **state)
{
    (void)state;
    static const char *const labels[][2] = {
        {"US1", "datadoghq.com"},       {"us3", "us3.datadoghq.com"},
        {"us5", "us5.datadoghq.com"},   {"EU1", "datadoghq.eu"},
        {"UK1", "uk1.datadoghq.com"},   {"ap1", "ap1.datadoghq.com"},
        {"AP2", "ap2.datadoghq.com"},   {"US1-FED", "ddog-gov.com"},
        {"us2-fed", "us2.ddog-gov.com"}};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        assert_string_equal(labels[i][1], dk_site_find(labels[i][0]));
}

static void knows_no_others(void **state)
{
    (void)state;
    static const char *const unknown[] = {"",
                                          "datadog.com",
                                          "us4.datadoghq.com",
                                          "datadoghq.com.evil.org",
                                          "evil.org",
                                          "xdatadoghq.com",
                                          "datadoghq.com@evil.org",
                                          "datadoghq.com:8080",
                                          " datadoghq.com",
                                          "api.",
                                          "US4",
                                          "us",
                                          "US1/",
                                          "https://"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_null(dk_site_find(unknown[i]));
}

static void expect_url(const char *given, const char *expected)
{
    dk_buffer out = {0};
    assert_null(dk_site_base_url(given, &out));
    assert_string_equal(expected, TEXT(out));
    dk_buffer_free(&out);
}

static void makes_base_urls(void **state)
{
    (void)state;
    expect_url("example.okta.com", "https://example.okta.com");
    expect_url("https://example.okta.com/", "https://example.okta.com");
    expect_url("https://proxy.example.com/datadog//", "https://proxy.example.com/datadog");
    expect_url("https://proxy.example.com:8443", "https://proxy.example.com:8443");
    expect_url("http://127.0.0.1:8080", "http://127.0.0.1:8080");
    expect_url("http://127.8.9.10", "http://127.8.9.10");
    expect_url("http://localhost:1", "http://localhost:1");
    expect_url("http://[::1]:99", "http://[::1]:99");
    expect_url("https://api.datadoghq.com/api/v2/scim/", "https://api.datadoghq.com");
    expect_url("https://gateway.example/dd/api/v2", "https://gateway.example/dd");
    expect_url("example.okta.com/login/login.htm", "https://example.okta.com");
    expect_url("https://gateway.example/okta/admin", "https://gateway.example/okta/admin");
}

static void takes_the_host_of_a_page_that_was_copied(void **state)
{
    (void)state;
    expect_url("https://us5.datadoghq.com/account/login", "https://api.us5.datadoghq.com");
    expect_url("https://app.datadoghq.com/dashboard/lists?p=1#x", "https://api.datadoghq.com");
    expect_url("datadoghq.eu", "https://api.datadoghq.eu");
    expect_url("https://api.datadoghq.com:443/api/v2/scim", "https://api.datadoghq.com");
    expect_url("https://api.datadoghq.com:8443", "https://api.datadoghq.com:8443");
    expect_url("https://acme.okta.com/app/UserHome?session_hint=AUTHENTICATED",
               "https://acme.okta.com");
    expect_url("acme.oktapreview.com/admin/groups/00g1#members", "https://acme.oktapreview.com");
    expect_url("https://acme.okta.com.example.org/api/v1", "https://acme.okta.com.example.org");
    expect_url("https://xokta.com/a/page", "https://xokta.com/a/page");
}

static void names_the_address_that_is_meant(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"https://acme-admin.okta.com/admin/dashboard", "https://acme.okta.com"},
        {"acme-admin.oktapreview.com", "https://acme.oktapreview.com"},
        {"http://acme.okta.com", "https://acme.okta.com"},
        {"http://app.datadoghq.eu/", "https://api.datadoghq.eu"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        dk_buffer out = {0};
        assert_non_null(dk_site_base_url(pairs[i][0], &out));
        assert_string_equal(pairs[i][1], TEXT(out));
        dk_buffer_free(&out);
    }
}

static void refuses_what_would_give_keys_away(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "http://example.com",
        "http://127.0.0.1.example.com",
        "http://127.example.com",
        "http://localhost.example.com",
        "http://example.com#127.0.0.1",
        "http://127.0.0.1@example.com",
        "http://10.0.0.1",
        "http://[::2]",
        "http://127.999.1.1",
        "https://acme-admin.okta.com:8443",
        "https://user@acme.okta.com",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://user@example.com",
        "https://user:pass@example.com",
        "https://example.com?x=1",
        "https://example.com#x",
        "https://example.com/a b",
        "https://example.com\n",
        "https://example.com\r\nX: y",
        "https://ex\tample.com",
        ("https://ex\x7f"
         "ample.com"),
        "https://ex\xc3\xa4mple.com",
        "https://ex%01mple.com",
        "https://%ad",
        "https://",
        "://",
        "",
        "/",
        "https://example.com:99999",
        "https://example.com:x",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dk_buffer out = {0};
        const char *why = dk_site_base_url(bad[i], &out);
        if (!why)
            fail_msg("taken: \"%s\" as %s", bad[i], dk_buffer_string(&out));
        assert_int_equal(0, out.length);
        dk_buffer_free(&out);
    }
}

static void knows_what_is_on_this_machine(void **state)
{
    (void)state;
    static const char *const here[] = {"http://127.0.0.1:1/x", "https://127.1.2.3",
                                       "https://localhost",    "https://LOCALHOST:1",
                                       "https://[::1]",        "https://[::ffff:127.0.0.1]:1"};
    static const char *const elsewhere[] = {
        "https://127.example.com", "https://128.0.0.1",         "https://localhost.example.com",
        "https://[::2]",           "https://[::ffff:10.0.0.1]", "https://0.0.0.0",
        "nothing at all"};
    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        assert_true(dk_site_on_loopback(here[i]));
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        assert_false(dk_site_on_loopback(elsewhere[i]));
    assert_true(dk_site_is_plain("http://127.0.0.1"));
    assert_false(dk_site_is_plain("https://127.0.0.1"));
}

int site_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_nine_sites),
        cmocka_unit_test(knows_what_a_site_is_called_besides),
        cmocka_unit_test(knows_what_datadogs_pages_call_a_site),
        cmocka_unit_test(knows_no_others),
        cmocka_unit_test(makes_base_urls),
        cmocka_unit_test(takes_the_host_of_a_page_that_was_copied),
        cmocka_unit_test(names_the_address_that_is_meant),
        cmocka_unit_test(refuses_what_would_give_keys_away),
        cmocka_unit_test(knows_what_is_on_this_machine),
    };
    return RUN_SUITE("site", tests);
}
