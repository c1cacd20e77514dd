/* csrc/http/session.c */
#include "http/secret.h"
#include "http/session.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static const dk_operation asked = {.name = "a", .service = DK_DATADOG, .method = "POST"};

static dk_session *new_session(void)
{
    dk_session *s = dk_session_new(DK_DATADOG, dk_engine_new((dk_transport){0}, 4, 100), NULL);
    assert_non_null(s);
    assert_true(dk_session_set_key(s, DK_API_KEY, "api-key-one", 11));
    assert_true(dk_session_set_key(s, DK_APP_KEY, "app-key-one", 11));
    return s;
}

static void calls_share_their_headers(void **state)
{
    (void)state;
    dk_session *s = new_session();
    dk_headers *a = dk_session_headers(s, &asked, DK_NOTHING),
               *b = dk_session_headers(s, &asked, DK_NOTHING);
    dk_headers *c = dk_session_headers(s, &asked, DK_JSON);
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, c);
    dk_headers_release(a);
    dk_headers_release(b);
    dk_headers_release(c);
    dk_session_release(s);
}

static void a_new_key_leaves_calls_in_flight_theirs(void **state)
{
    (void)state;
    dk_session *s = new_session();
    dk_headers *before = dk_session_headers(s, &asked, DK_NOTHING);
    assert_true(dk_session_set_key(s, DK_API_KEY, "api-key-one", 11)); /* the same: nothing new */
    dk_headers *again = dk_session_headers(s, &asked, DK_NOTHING);
    assert_ptr_equal(before, again);
    assert_true(dk_session_set_key(s, DK_API_KEY, "api-key-two", 11));
    dk_headers *after = dk_session_headers(s, &asked, DK_NOTHING);
    assert_ptr_not_equal(before, after);
    bool old = false;
    for (struct curl_slist *item = before->list; item; item = item->next)
        old |= strcmp(item->data, "DD-API-KEY: api-key-one") == 0;
    assert_true(old);
    dk_headers_release(before);
    dk_headers_release(again);
    dk_headers_release(after);
    dk_session_release(s);
}

static void expect_shown(const dk_session *s, const char *expected)
{
    dk_buffer text = {0}, secrets = {.secret = true};
    dk_buffer_adds(&text, "api-key-one, app-key-one, api-key-one");
    assert_true(dk_session_secrets(s, &secrets));
    assert_true(dk_secrets_redact(&secrets, &text));
    assert_string_equal(expected, TEXT(text));
    dk_buffer_free(&text);
    dk_buffer_free(&secrets);
}

static void knows_its_keys_until_it_is_closed(void **state)
{
    (void)state;
    dk_session *s = new_session();
    expect_shown(s, "(secret), (secret), (secret)");
    dk_session_close(s);
    expect_shown(s, "api-key-one, app-key-one, api-key-one");
    assert_true(dk_session_set_key(s, DK_API_KEY, "api-key-one", 11)); /* and keeps no other */
    expect_shown(s, "api-key-one, app-key-one, api-key-one");
    dk_session_close(s);
    dk_session_release(s);
}

static void lives_as_long_as_its_last_user(void **state)
{
    (void)state;
    dk_session *s = new_session(), *view = dk_session_share(s);
    dk_session_release(s);
    dk_headers *h = dk_session_headers(view, &asked, DK_JSON);
    assert_non_null(h);
    dk_session_release(view);
    dk_headers_release(h); /* a call's may outlive the session */
    dk_session_release(NULL);
}

int session_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_share_their_headers),
        cmocka_unit_test(a_new_key_leaves_calls_in_flight_theirs),
        cmocka_unit_test(knows_its_keys_until_it_is_closed),
        cmocka_unit_test(lives_as_long_as_its_last_user),
    };
    return RUN_SUITE("session", tests);
}
