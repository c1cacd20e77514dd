/* csrc/http/secret_value.c. What of it is hidden in a text: secret_test.c. */
#include "http/secret_value.h"
#include "spec/csrc/support/suites.h"

#include "base/buffer.h"

#include <string.h>

static void knows_the_names(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "client_secret", "api_key", "app_key",    "password",      "token",         "API_KEY",
        "access_token",  "apiKey",  "privateKey", "private_key",   "adminPassword", "key",
        "id_token",      "answer",  "salt",       "Authorization", "client-secret",
    };
    static const char *const open[] = {"client_id", "name",           "keys",  "tokens",
                                       "",          "api_key_id",     "keyed", "jwks_uri",
                                       "_",         "passwordChanged"};
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        assert_true(dk_is_secret_name(secret[i], strlen(secret[i])));
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        assert_false(dk_is_secret_name(open[i], strlen(open[i])));
    assert_true(dk_is_secret_name("token and more", 5));
}

/* How long it takes with a secret and a text of one letter, the worst that there is for a search
 * that begins anew behind each failure. */
typedef struct taker {
    const char *text;
    dk_buffer found;
    int room; /* how many it takes */
} taker;

static bool take(void *user, size_t from, size_t to, dk_secret_sort sort)
{
    taker *t = user;
    dk_buffer_addf(&t->found, sort == DK_SECRET_NUMBER ? "(%.*s)" : "[%.*s]", (int)(to - from),
                   t->text + from);
    return t->room-- > 1;
}

static void finds_values_in_what_the_languages_print(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"client_secret\": \"s1\", \"name\": \"open\"}", "[s1]"},
        {"{'token': 's2', 'n': 1}", "[s2]"},
        {"{\"passcode\" => 123456}", "(123456)"},
        {"grant=x&client_secret=s3&scope=y", "[s3]"},
        {"{\"credentials\": {\"type\": \"open\", \"value\": \"s4\", \"n\": [\"s5\"]}}", "[s4][s5]"},
        {"{\"path\": \"password\", \"value\": \"s6\"}", "[s6]"},
        {"{\"value\": \"open\"}", ""},
        {"{\"client_secret\": \"cut o", "[cut o]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        taker t = {.text = cases[i][0], .room = 100};
        assert_true(dk_secret_values(t.text, strlen(t.text), take, &t));
        assert_string_equal(cases[i][1], TEXT(t.found));
        dk_buffer_free(&t.found);
    }
}

static void tells_that_not_all_were_taken(void **state)
{
    (void)state;
    taker t = {.text = "{\"token\":\"a\",\"secret\":\"b\"}", .room = 1};
    assert_false(dk_secret_values(t.text, strlen(t.text), take, &t));
    assert_string_equal("[a]", TEXT(t.found));
    dk_buffer_free(&t.found);
}

int secret_value_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_names),
        cmocka_unit_test(finds_values_in_what_the_languages_print),
        cmocka_unit_test(tells_that_not_all_were_taken),
    };
    return RUN_SUITE("secret_value", tests);
}
