/* csrc/core/secret.c */
#include "core/secret.h"
#include "suites.h"

#include <string.h>

static dk_buffer of(const char *text)
{
    dk_buffer b = {0};
    dk_buffer_adds(&b, text);
    return b;
}

static void expect_redacted(const char *text, const char *secret, const char *expected)
{
    dk_buffer b = of(text);
    assert_true(dk_redact(&b, secret, strlen(secret)));
    assert_string_equal(expected, TEXT(b));
    dk_buffer_free(&b);
}

static void redacts_every_occurrence(void **state)
{
    (void)state;
    expect_redacted("a hunter2 b hunter2", "hunter2", "a (secret) b (secret)");
    expect_redacted("hunter2", "hunter2", "(secret)");
    expect_redacted("hunter2hunter2", "hunter2", "(secret)(secret)");
    expect_redacted("hunthunter2", "hunter2", "hunt(secret)");
    expect_redacted("hunter", "hunter2", "hunter");
    expect_redacted("", "hunter2", "");
    expect_redacted("aaaaaaa", "aaaa", "(secret)aaa");
    expect_redacted("<h\\\\\\\\\\\\>", "h\\\\\\", "<(secret)>"); /* escaped */
    expect_redacted("<h\\\\\\>", "h\\\\\\", "<(secret)>");
}

static void a_very_short_secret_would_shred_the_text(void **state)
{
    (void)state;
    expect_redacted("banana", "an", "banana");
    expect_redacted("banana", "ana", "banana");
    expect_redacted("bananas", "anan", "b(secret)as");
}

static void expect_members(const char *text, const char *expected)
{
    dk_buffer b = of(text);
    assert_true(dk_redact_members(&b));
    assert_string_equal(expected, TEXT(b));
    dk_buffer_free(&b);
}

static void redacts_the_members_that_hold_secrets(void **state)
{
    (void)state;
    expect_members("{\"client_secret\":\"x\",\"name\":\"n\"}",
                   "{\"client_secret\":\"(secret)\",\"name\":\"n\"}");
    expect_members("{\"Password\" : \"a\\\"b\", \"api_key\":\n\"\"}",
                   "{\"Password\" : \"(secret)\", \"api_key\":\n\"(secret)\"}");
    expect_members("{\"name\":\"password\"}", "{\"name\":\"password\"}");
    expect_members("{\"token\":5,\"key\":[\"k\"]}", "{\"token\":5,\"key\":[\"k\"]}");
    expect_members("[\"secret\",\"public\"]", "[\"secret\",\"public\"]");
}

static void redacts_what_was_cut_off(void **state)
{
    (void)state;
    expect_members("{\"client_secret\":\"abc", "{\"client_secret\":\"(secret)");
    expect_members("{\"client_secret\":\"abc\\", "{\"client_secret\":\"(secret)");
    expect_members("{\"client_secret\":\"", "{\"client_secret\":\"(secret)");
    expect_members("{\"client_secret\":", "{\"client_secret\":");
    expect_members("{\"client_secret", "{\"client_secret");
    expect_members("\"", "\"");
    expect_members("\"\\", "\"\\");
}

static void expect_values(const char *text, const char *json, const char *expected)
{
    dk_buffer b = of(text), body = of(json);
    assert_true(dk_redact_values(&b, &body));
    assert_string_equal(expected, TEXT(b));
    dk_buffer_free(&b);
    dk_buffer_free(&body);
}

static void redacts_what_the_request_held(void **state)
{
    (void)state;
    const char *body =
        "{\"data\":{\"attributes\":{\"client_secret\":\"pa\\\"ss/1\",\"name\":\"n\"}}}";
    expect_values("no pa\"ss/1 here", body, "no (secret) here");
    expect_values("[\"pa\\\"ss/1\"]", body, "[\"(secret)\"]");
    expect_values("[\"pass n\"]", body, "[\"pass n\"]");
    expect_values("text", "", "text");
    expect_values("text", "{\"client_secret\":\"\"}", "text");
}

static void knows_the_names(void **state)
{
    (void)state;
    static const char *const secret[] = {"client_secret", "api_key", "app_key",     "password",
                                         "token",         "API_KEY", "access_token"};
    static const char *const open[] = {"client_id", "name", "keys", "tokens", "", "secret_"};
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        assert_true(dk_is_secret_name(secret[i], strlen(secret[i])));
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        assert_false(dk_is_secret_name(open[i], strlen(open[i])));
    assert_true(dk_is_secret_name("token and more", 5));
}

static void wipes(void **state)
{
    (void)state;
    char key[8] = "abcdefg";
    dk_wipe(key, sizeof key);
    for (size_t i = 0; i < sizeof key; i++)
        assert_int_equal(0, key[i]);
}

static void shows_nothing_where_memory_ran_out(void **state)
{
    (void)state;
    static const char *const texts[] = {"a hunter2", "nothing", "{\"token\":\"x\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dk_buffer one = of(texts[i]), other = of(texts[i]);
        one.failed = other.failed = true;
        assert_false(dk_redact(&one, "hunter2", 7));
        assert_false(dk_redact_members(&other));
        dk_buffer_free(&one);
        dk_buffer_free(&other);
    }
}

int secret_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redacts_every_occurrence),
        cmocka_unit_test(a_very_short_secret_would_shred_the_text),
        cmocka_unit_test(redacts_the_members_that_hold_secrets),
        cmocka_unit_test(redacts_what_was_cut_off),
        cmocka_unit_test(redacts_what_the_request_held),
        cmocka_unit_test(knows_the_names),
        cmocka_unit_test(wipes),
        cmocka_unit_test(shows_nothing_where_memory_ran_out),
    };
    return RUN_SUITE("secret", tests);
}
