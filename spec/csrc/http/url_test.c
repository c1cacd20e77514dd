/* csrc/http/url.c */
#include "http/url.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void escapes_all_but_the_unreserved(void **state)
{
    (void)state;
    dk_buffer b = {0};
    const char bytes[] = "aZ09-._~ /?#[]@!$&'()*+,;=%\"\n\xc3\xa4";
    assert_true(dk_url_escape(&b, bytes, sizeof bytes)); /* with its NUL */
    assert_string_equal("aZ09-._~%20%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25%22%0A"
                        "%C3%A4%00",
                        TEXT(b));
    dk_buffer_free(&b);
}

static void finds_the_parameters(void **state)
{
    (void)state;
    size_t n;
    const char *path = "/a/{one}/b/{two_2}/c";
    assert_int_equal(2, dk_url_parameters(path));
    assert_int_equal(0, dk_url_parameters("/a/b"));
    assert_memory_equal("one", dk_url_parameter(path, 0, &n), 3);
    assert_int_equal(3, n);
    assert_memory_equal("two_2", dk_url_parameter(path, 1, &n), 5);
    assert_int_equal(5, n);
    assert_null(dk_url_parameter(path, 2, &n));
}

static void fills_them_in(void **state)
{
    (void)state;
    dk_buffer b = {0};
    const char *values[] = {"../x", "a b"};
    const size_t lengths[] = {4, 3};
    assert_true(dk_url_expand(&b, "/a/{one}/b/{two}", values, lengths));
    assert_string_equal("/a/..%2Fx/b/a%20b", TEXT(b));
    dk_buffer_clear(&b);
    assert_true(dk_url_expand(&b, "/{one}{two}/end", values, lengths));
    assert_string_equal("/..%2Fxa%20b/end", TEXT(b));
    dk_buffer_clear(&b);
    assert_true(dk_url_expand(&b, "/none", NULL, NULL));
    assert_string_equal("/none", TEXT(b));
    dk_buffer_free(&b);
}

static void refuses_parameters_that_mean_another_resource(void **state)
{
    (void)state;
    assert_non_null(dk_url_bad_parameter("", 0));
    assert_non_null(dk_url_bad_parameter(".", 1));
    assert_non_null(dk_url_bad_parameter("..", 2));
    assert_non_null(dk_url_bad_parameter("a\nb", 3));
    assert_non_null(dk_url_bad_parameter("a\0b", 3));
    assert_non_null(dk_url_bad_parameter("a\x7f", 2));
    assert_null(dk_url_bad_parameter("...", 3));
    assert_null(dk_url_bad_parameter(".a", 2));
    assert_null(dk_url_bad_parameter("a/b?c", 5));
    assert_null(dk_url_bad_parameter("\xc3\xa4", 2));
}

static void writes_queries(void **state)
{
    (void)state;
    dk_buffer b = {0};
    dk_buffer_adds(&b, "https://h/p");
    assert_true(dk_url_query(&b, true, "page[size]", 10, "10", 2));
    assert_true(dk_url_query(&b, false, "filter", 6, "a&b=\"c\"", 7));
    assert_string_equal("https://h/p?page%5Bsize%5D=10&filter=a%26b%3D%22c%22", TEXT(b));
    dk_buffer_free(&b);
}

static void finds_query_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *url, *after; /* NULL: none */
    } rows[] = {
        {"https://h/p?limit=2&after=a%2Bb+c%zz", "a+b+c%zz"},
        {"https://h/p?after=x#after=y", "x"},
        {"https://h/p?before=1&after=", ""},
        {"https://h/p?after", NULL},
        {"https://h/p?thereafter=1", NULL},
        {"https://h/p", NULL},
        {"https://h/p?after=%4", "%4"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dk_buffer b = {0};
        assert_int_equal(rows[i].after != NULL, dk_url_find(rows[i].url, "after", &b));
        if (rows[i].after)
            assert_string_equal(rows[i].after, b.data ? TEXT(b) : "");
        dk_buffer_free(&b);
    }
}

static void compares_hosts(void **state)
{
    (void)state;
    bool failed;
    assert_true(dk_url_same_host("https://a.okta.com/x", "https://A.okta.com", &failed));
    assert_true(dk_url_same_host("https://127.0.0.1:1/x", "http://127.0.0.1:2", &failed));
    assert_false(
        dk_url_same_host("https://a.okta.com.evil.example/x", "https://a.okta.com", &failed));
    assert_false(
        dk_url_same_host("https://a.okta.com@evil.example/x", "https://a.okta.com", &failed));
    assert_false(dk_url_same_host("/api/v1/users?after=1", "https://a.okta.com", &failed));
    assert_false(dk_url_same_host("", "", &failed));
}

int url_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_all_but_the_unreserved),
        cmocka_unit_test(finds_the_parameters),
        cmocka_unit_test(fills_them_in),
        cmocka_unit_test(refuses_parameters_that_mean_another_resource),
        cmocka_unit_test(writes_queries),
        cmocka_unit_test(finds_query_parameters),
        cmocka_unit_test(compares_hosts),
    };
    return RUN_SUITE("url", tests);
}
