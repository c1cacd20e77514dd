/* csrc/http/request.c */
#include "http/request.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static const dk_operation get = {
    .name = "get_thing",
    .method = "GET",
    .path = "/api/v2/things/{thing_id}",
    .query = "page[size] page[number] startIndex filter filter[created_at][start]",
    .success = "200",
};

static void writes_the_url(void **state)
{
    (void)state;
    dk_request r = {0};
    const char *values[] = {"a/b"};
    const size_t lengths[] = {3};
    assert_true(dk_request_begin(&r, &get, "https://api.datadoghq.com", values, lengths));
    assert_true(dk_request_query(&r, "page[size]", 10, "5", 1));
    assert_true(dk_request_query(&r, "filter", 6, "x y", 3));
    assert_string_equal(
        "https://api.datadoghq.com/api/v2/things/a%2Fb?page%5Bsize%5D=5&filter=x%20y", TEXT(r.url));
    assert_true(r.body.secret); /* bodies may hold secrets */
    dk_request_free(&r);
}

static void expect_query_name(const char *given, const char *expected)
{
    size_t n;
    const char *name = dk_request_query_name(&get, given, strlen(given), &n);
    if (!expected) {
        assert_null(name);
        return;
    }
    assert_non_null(name);
    assert_int_equal(strlen(expected), n);
    assert_memory_equal(expected, name, n);
}

static void finds_query_names(void **state)
{
    (void)state;
    expect_query_name("page[size]", "page[size]");
    expect_query_name("page_size", "page[size]");
    expect_query_name("startIndex", "startIndex");
    expect_query_name("start_index", "startIndex");
    expect_query_name("filter", "filter");
    expect_query_name("filter_created_at_start", "filter[created_at][start]");
    expect_query_name("page", NULL);
    expect_query_name("page_siz", NULL);
    expect_query_name("page_sizes", NULL);
    expect_query_name("", NULL);
    expect_query_name("startindex", NULL);
}

static bool has_line(const dk_headers *h, const char *line)
{
    for (const struct curl_slist *item = h->list; item; item = item->next)
        if (strcmp(item->data, line) == 0)
            return true;
    return false;
}

static bool has_name(const dk_headers *h, const char *name)
{
    for (const struct curl_slist *item = h->list; item; item = item->next)
        if (strncmp(item->data, name, strlen(name)) == 0)
            return true;
    return false;
}

static dk_credentials keys(const char *api, const char *app, const char *bearer)
{
    dk_credentials c = {0};
    if (api)
        assert_true(dk_credentials_set(&c, DK_API_KEY, api, strlen(api)));
    if (app)
        assert_true(dk_credentials_set(&c, DK_APP_KEY, app, strlen(app)));
    if (bearer)
        assert_true(dk_credentials_set(&c, DK_BEARER_TOKEN, bearer, strlen(bearer)));
    return c;
}

static const dk_operation datadog = {.name = "a", .service = DK_DATADOG, .method = "GET"};
static const dk_operation okta = {.name = "b", .service = DK_OKTA, .method = "GET"};
static const dk_operation scim = {
    .name = "c", .service = DK_DATADOG, .method = "POST", .auth = DK_BEARER, .shape = DK_SCIM};

static void datadog_takes_two_keys(void **state)
{
    (void)state;
    dk_credentials c = keys("AAA", "BBB", NULL);
    dk_headers *h = dk_headers_new(&c, NULL, &datadog, DK_NOTHING);
    assert_true(has_line(h, "DD-API-KEY: AAA"));
    assert_true(has_line(h, "DD-APPLICATION-KEY: BBB"));
    assert_true(has_line(h, "Accept: application/json"));
    assert_false(has_name(h, "Expect"));
    assert_false(has_name(h, "User-Agent"));
    assert_true(has_line(h, "Accept-Encoding: gzip"));
    assert_false(has_name(h, "Authorization"));
    assert_false(has_name(h, "Content-Type"));
    dk_headers_release(h);
    h = dk_headers_new(&c, "ddokta/1", &datadog, DK_JSON);
    assert_true(has_line(h, "Content-Type: application/json"));
    assert_true(has_line(h, "User-Agent: ddokta/1"));
    assert_true(has_line(h, "Expect:")); /* without a value: it is not sent */
    dk_headers_release(h);
    dk_credentials_free(&c);
}

static void a_bearer_token_replaces_them(void **state)
{
    (void)state;
    dk_credentials c = keys("AAA", "BBB", "CCC");
    dk_headers *h = dk_headers_new(&c, NULL, &datadog, DK_NOTHING);
    assert_true(has_line(h, "Authorization: Bearer CCC"));
    assert_false(has_name(h, "DD-"));
    dk_headers_release(h);
    dk_credentials_free(&c);
}

static void scim_takes_the_application_key_as_bearer(void **state)
{
    (void)state;
    dk_credentials c = keys("AAA", "BBB", NULL);
    dk_headers *h = dk_headers_new(&c, NULL, &scim, DK_JSON);
    assert_true(has_line(h, "Authorization: Bearer BBB"));
    assert_true(has_line(h, "Accept: application/scim+json, application/json"));
    assert_true(has_line(h, "Content-Type: application/scim+json"));
    assert_false(has_name(h, "DD-"));
    dk_headers_release(h);
    assert_true(dk_credentials_set(&c, DK_BEARER_TOKEN, "CCC", 3));
    h = dk_headers_new(&c, NULL, &scim, DK_NOTHING);
    assert_true(has_line(h, "Authorization: Bearer CCC"));
    assert_false(has_line(h, "Authorization: Bearer BBB"));
    dk_headers_release(h);
    dk_credentials_free(&c);
}

static void an_empty_body_has_no_type(void **state)
{
    (void)state;
    dk_credentials c = keys("AAA", "BBB", NULL);
    dk_headers *h = dk_headers_new(&c, NULL, &datadog, DK_EMPTY);
    assert_true(has_line(h, "Content-Type:")); /* without a value: libcurl adds none */
    dk_headers_release(h);
    h = dk_headers_new(&c, NULL, &datadog, DK_MULTIPART);
    assert_true(has_line(h, "Content-Type: multipart/form-data; boundary=" DK_BOUNDARY));
    dk_headers_release(h);
    dk_credentials_free(&c);
}

static void each_set_of_headers_has_its_own_number(void **state)
{
    (void)state;
    const dk_operation *const operations[] = {&datadog, &scim};
    bool seen[DK_HEADERS_SETS] = {false};
    for (size_t i = 0; i < 2; i++)
        for (int content = 0; content < DK_CONTENTS; content++) {
            size_t set = dk_headers_set(operations[i], (dk_content)content);
            assert_true(set < DK_HEADERS_SETS);
            assert_false(seen[set]);
            seen[set] = true;
        }
}

static void okta_takes_ssws_or_bearer(void **state)
{
    (void)state;
    dk_credentials c = keys("AAA", "BBB", NULL); /* the other service's are never sent */
    assert_true(dk_credentials_set(&c, DK_OKTA_TOKEN, "TTT", 3));
    dk_headers *h = dk_headers_new(&c, NULL, &okta, DK_NOTHING);
    assert_true(has_line(h, "Authorization: SSWS TTT"));
    assert_false(has_name(h, "DD-"));
    dk_headers_release(h);
    assert_true(dk_credentials_set(&c, DK_ACCESS_TOKEN, "UUU", 3));
    h = dk_headers_new(&c, NULL, &okta, DK_NOTHING);
    assert_true(has_line(h, "Authorization: Bearer UUU"));
    assert_false(has_line(h, "Authorization: SSWS TTT"));
    dk_headers_release(h);
    dk_credentials_free(&c);
}

static void keys_can_be_replaced(void **state)
{
    (void)state;
    dk_credentials c = keys("a long first key", "BBB", NULL);
    assert_true(dk_credentials_set(&c, DK_API_KEY, "ZZ", 2));
    dk_headers *h = dk_headers_new(&c, NULL, &datadog, DK_NOTHING);
    assert_true(has_line(h, "DD-API-KEY: ZZ"));
    dk_headers *shared = dk_headers_share(h);
    dk_headers_release(h);
    assert_true(has_line(shared, "DD-API-KEY: ZZ")); /* still there for its other user */
    dk_headers_release(shared);
    dk_headers_release(NULL);
    dk_credentials_free(&c);
}

static void refuses_keys_that_would_end_the_header(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        size_t n;
    } bad[] = {{"", 0},     {"a b", 3},  {"a\r\nX: y", 7}, {"a\n", 2},
               {"a\0b", 3}, {"a\tb", 3}, {"a\x7f", 2},     {"\xc3\xa4", 2}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(dk_key_refusal(bad[i].key, bad[i].n));
    assert_null(dk_key_refusal("0123456789abcdef", 16));
    assert_null(dk_key_refusal("a-b_c.d~e+f/g=", 14));
}

int request_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_url),
        cmocka_unit_test(finds_query_names),
        cmocka_unit_test(datadog_takes_two_keys),
        cmocka_unit_test(a_bearer_token_replaces_them),
        cmocka_unit_test(scim_takes_the_application_key_as_bearer),
        cmocka_unit_test(an_empty_body_has_no_type),
        cmocka_unit_test(each_set_of_headers_has_its_own_number),
        cmocka_unit_test(okta_takes_ssws_or_bearer),
        cmocka_unit_test(keys_can_be_replaced),
        cmocka_unit_test(refuses_keys_that_would_end_the_header),
    };
    return RUN_SUITE("request", tests);
}
