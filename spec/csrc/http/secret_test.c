/* csrc/http/secret.c */
#include "http/secret.h"
#include "spec/csrc/support/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static dk_buffer of(const char *text)
{
    dk_buffer b = {0};
    dk_buffer_adds(&b, text);
    return b;
}

/* What redacting makes of the text; NULL for a secret: none is known. */
static void expect(const char *text, const char *secret, const char *expected)
{
    dk_buffer b = of(text), secrets = {.secret = true};
    if (secret)
        assert_true(dk_secrets_add(&secrets, secret, strlen(secret)));
    assert_true(dk_secrets_redact(&secrets, &b));
    assert_string_equal(expected, TEXT(b));
    dk_buffer_free(&b);
    dk_buffer_free(&secrets);
}

static void redacts_every_occurrence(void **state)
{
    (void)state;
    expect("a hunter2 b hunter2", "hunter2", "a (secret) b (secret)");
    expect("hunter2", "hunter2", "(secret)");
    expect("hunter2hunter2", "hunter2", "(secret)");
    expect("hunthunter2", "hunter2", "hunt(secret)");
    expect("hunter", "hunter2", "hunter");
    expect("", "hunter2", "");
    expect("aaaaaaa", "aaaa", "(secret)");
    expect("xabababacx", "ababac", "xab(secret)x");
    expect("xaabaabaaabx", "aabaaab", "xaab(secret)x");
}

static void a_very_short_secret_would_shred_the_text(void **state)
{
    (void)state;
    expect("banana", "an", "banana");
    expect("banana", "ana", "banana");
    expect("bananas", "anan", "b(secret)as");
}

static void knows_escapes(void **state)
{
    (void)state;
    static const char secret[] = "pa\"ss/wo\\rd <\xc3\xa9>&+ 1'";
    static const char *const written[] = {
        "pa\"ss/wo\\rd <\xc3\xa9>&+ 1'",
        "pa\\\"ss/wo\\\\rd <\xc3\xa9>&+ 1'",                          /* JSON */
        "pa\\\"ss\\/wo\\\\rd \\u003c\\u00e9\\u003E\\u0026+ 1\\u0027", /* and more of it */
        "pa\\\\\\\"ss/wo\\\\\\\\rd <\\\\u00e9>&+ 1'",                 /* JSON in JSON */
        "pa\"ss/wo\\\\rd <\\xc3\\xa9>&+ 1\\'",                        /* Python */
        "pa%22ss%2Fwo%5Crd%20%3C%C3%A9%3E%26%2B%201%27",              /* a URL */
        "pa%22ss%2fwo%5crd%20%3c%c3%a9%3e%26%2b%201%27",
        "pa%22ss/wo%5Crd+%3C%C3%A9%3E%26%2B+1%27", /* a form */
        "pa%2522ss%252Fwo%255Crd%2520%253C%25C3%25A9%253E%2526%252B%25201%2527",
        "pa&quot;ss/wo\\rd &lt;\xc3\xa9&gt;&amp;+ 1&#x27;", /* HTML */
        "pa&#34;ss&#047;wo&bsol;rd&#32;&#x3c;&#xE9;&#x3E;&#38;&plus;&nbsp;1&apos;",
        "pa&quot;ss/wo\\\\rd &lt;\\u00e9&gt;&amp;+ 1&#39;", /* HTML in JSON */
        "pa&amp;quot;ss/wo\\rd &amp;lt;\xc3\xa9&amp;gt;&amp;amp;+ 1&amp;#39;",
        "PA\"SS/wo\\rd <\xc3\xa9>&+ 1'",
    };
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        dk_buffer text = {0};
        dk_buffer_addf(&text, "[%s]", written[i]);
        expect(TEXT(text), secret, "[(secret)]");
        dk_buffer_free(&text);
    }
    expect("<h\\\\\\\\\\\\>", "h\\\\\\", "<(secret)>");
    expect("<h\\\\\\>", "h\\\\\\", "<(secret)>");
    expect("x\\ud83d\\ude00wordx", "\xf0\x9f\x98\x80word", "x(secret)x");
}

/* Base64 of `lead` bytes, the secret and one byte more; by the shell's alphabet or the other. */
static void encode64(const char *text, size_t n, bool url, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
    for (size_t i = 0; i < n; i += 3) {
        unsigned long bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < n ? (unsigned char)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++) {
            unsigned value = bits >> (18 - 6 * k) & 63;
            bool padding = i + k > n;
            *out++ = padding ? '=' : value > 61 && url ? alphabet[value + 2] : alphabet[value];
        }
    }
    *out = '\0';
}

static void knows_base64_wherever_the_secret_is(void **state)
{
    (void)state;
    static const char secret[] = "~?>secret-0123~?>";
    for (size_t lead = 0; lead < 5; lead++)
        for (size_t before = 0; before < 5; before++)
            for (int url = 0; url < 2; url++) {
                char plain[64], packed[128], text[256];
                snprintf(plain, sizeof plain, "%.*s%s!", (int)lead, "abcdef", secret);
                encode64(plain, strlen(plain), url, packed);
                /* what stands before may look like a part of it */
                snprintf(text, sizeof text, "%.*s%s", (int)before, "/xyz", packed);
                dk_buffer b = of(text), secrets = {.secret = true};
                dk_secrets_add(&secrets, secret, strlen(secret));
                assert_true(dk_secrets_redact(&secrets, &b));
                assert_non_null(strstr(TEXT(b), "(secret)"));
                /* no more of it is left than the characters of the neighbours */
                assert_true(b.length <= before + 4 + strlen("(secret)") + 2 * lead);
                dk_buffer_free(&b);
                dk_buffer_free(&secrets);
            }
    expect("c2VjcmV0LTAxMjM0NTY3\r\nODk=", "secret-0123456789", "(secret)\r\n(secret)=");
    expect("\"c2VjcmV0LTAxMjM0NTY3\\r\\nODk=\"", "secret-0123456789",
           "\"(secret)\\r\\n(secret)=\"");
    expect("c2VjcmV0%4CTAxMjM0NTY3ODk%3D", "secret-0123456789", "(secret)%3D");
}

static void knows_hexadecimal(void **state)
{
    (void)state;
    expect("x 7365637265742d30313233 y", "secret-0123", "x (secret) y");
    expect("x 7365637265742D30313233 y", "secret-0123", "x (secret) y");
    expect("x a7365637265742d30313233 y", "secret-0123", "x a(secret) y");
}

static void a_beginning_of_a_quarter_of_it_is_too_much(void **state)
{
    (void)state;
    expect("cut 0123456789abcd", "0123456789abcdef", "cut (secret)");
    expect("cut 0123456789abc, and more", "0123456789abcdef", "cut (secret), and more");
    expect("cut 01234567, and more", "0123456789abcdef0123456789abcdef", "cut (secret), and more");
    expect("cut 01234567, and more", "0123456789abcdef0123456789abcdef0123",
           "cut 01234567, and more");
    expect("cut 0123456, and more", "0123456789abcdef", "cut 0123456, and more");
    expect("cut hunt", "hunter2", "cut hunt");
}

static void redacts_the_members_that_hold_secrets(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"{\"client_secret\":\"x\",\"name\":\"n\"}",
         "{\"client_secret\":\"(secret)\",\"name\":\"n\"}"},
        {"{\"Password\" : \"a\\\"b\", \"api_key\":\n\"\"}",
         "{\"Password\" : \"(secret)\", \"api_key\":\n\"\"}"},
        {"{\"name\":\"password\"}", "{\"name\":\"password\"}"},
        {"[\"secret\",\"public\"]", "[\"secret\",\"public\"]"},
        {"{\"token\":5,\"key\":[\"k\",-1.5e3,true]}",
         "{\"token\":\"(secret)\",\"key\":[\"(secret)\",\"(secret)\",true]}"},
        /* Okta's */
        {"{\"password\":{\"value\":\"x\"}}", "{\"password\":{\"value\":\"(secret)\"}}"},
        {"{\"password\":{\"hash\":{\"algorithm\":\"MD5\",\"salt\":\"s\",\"value\":\"v\"}},\"a\":1}",
         "{\"password\":{\"hash\":{\"algorithm\":\"MD5\",\"salt\":\"(secret)\",\"value\":\"(secret)"
         "\"}},"
         "\"a\":1}"},
        {"{\"recovery_question\":{\"question\":\"q\",\"answer\":\"a\"}}",
         "{\"recovery_question\":{\"question\":\"q\",\"answer\":\"(secret)\"}}"},
        {"{\"credentials\":{\"userName\":\"u\",\"password\":{\"value\":\"p\"}},\"id\":\"i\"}",
         "{\"credentials\":{\"userName\":\"u\",\"password\":{\"value\":\"(secret)\"}},\"id\":"
         "\"i\"}"},
        {"{\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"d\":\"x\",\"kid\":\"k\"}]}}",
         "{\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"d\":\"(secret)\",\"kid\":\"k\"}]}}"},
        {"{\"authScheme\":{\"type\":\"HEADER\",\"key\":\"Authorization\",\"value\":\"x\"}}",
         "{\"authScheme\":{\"type\":\"HEADER\",\"key\":\"(secret)\",\"value\":\"(secret)\"}}"},
        {"{\"adminPassword\":\"x\",\"activationToken\":\"x\",\"privateKey\":\"x\"}",
         "{\"adminPassword\":\"(secret)\",\"activationToken\":\"(secret)\",\"privateKey\":\"("
         "secret)\"}"},
        /* SCIM's PATCH */
        {"{\"op\":\"replace\",\"path\":\"password\",\"value\":\"x\"},{\"path\":\"name\",\"value\":"
         "\"y\"}",
         "{\"op\":\"replace\",\"path\":\"password\",\"value\":\"(secret)\"},{\"path\":\"name\","
         "\"value\":\"y\"}"},
        /* JSON in a string, and what is no JSON */
        {"{\"detail\":\"bad: {\\\"client_secret\\\": \\\"x\\\"}\"}",
         "{\"detail\":\"bad: {\\\"client_secret\\\": \\\"(secret)\\\"}\"}"},
        {"{'client_secret': 'x', 'name': 'n'}", "{'client_secret': '(secret)', 'name': 'n'}"},
        {"{\"client_secret\"=>\"x\"}", "{\"client_secret\"=>\"(secret)\"}"},
        {"grant_type=x&client_secret=s%2F1&scope=y", "grant_type=x&client_secret=(secret)&scope=y"},
        {"see https://x.example/?token=abc, please",
         "see https://x.example/?token=(secret), please"},
        {"can't say 'password' or token = 5", "can't say 'password' or token = 5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect(rows[i][0], NULL, rows[i][1]);
        expect(rows[i][1], NULL, rows[i][1]);
    }
}

static void redacts_what_was_cut_off(void **state)
{
    (void)state;
    expect("{\"client_secret\":\"abc", NULL, "{\"client_secret\":\"(secret)");
    expect("{\"client_secret\":\"abc\\", NULL, "{\"client_secret\":\"(secret)");
    expect("{\"client_secret\":\"", NULL, "{\"client_secret\":\"");
    expect("{\"client_secret\":", NULL, "{\"client_secret\":");
    expect("{\"client_secret", NULL, "{\"client_secret");
    expect("{\"password\":{\"value\":\"ab", NULL, "{\"password\":{\"value\":\"(secret)");
    expect("{\"password\":{\"value\":", NULL, "{\"password\":{\"value\":");
    expect("{\"password\":[[[", NULL, "{\"password\":[[[");
    expect("{\"token\":-1", NULL, "{\"token\":\"(secret)\"");
    expect("\"", NULL, "\"");
    expect("\"\\", NULL, "\"\\");
    expect("token=", NULL, "token=");
}

static void expect_of(const char *text, const char *body, const char *expected)
{
    dk_buffer b = of(text), secrets = {.secret = true};
    assert_true(dk_secrets_add_members(&secrets, body, strlen(body)));
    assert_true(dk_secrets_redact(&secrets, &b));
    assert_string_equal(expected, TEXT(b));
    dk_buffer_free(&b);
    dk_buffer_free(&secrets);
}

static void redacts_what_the_request_held(void **state)
{
    (void)state;
    const char *body =
        "{\"data\":{\"attributes\":{\"client_secret\":\"pa\\\"ss/1\",\"name\":\"n\"}}}";
    expect_of("no pa\"ss/1 here", body, "no (secret) here");
    expect_of("[\"pa\\\"ss/1\"]", body, "[\"(secret)\"]");
    expect_of("[\"pass n\"]", body, "[\"pass n\"]");
    expect_of("text", "", "text");
    expect_of("text", "{\"client_secret\":\"\"}", "text");
    expect_of("what is S3cret-Pa55?",
              "{\"credentials\":{\"password\":{\"value\":\"S3cret-Pa55\"}}}", "what is (secret)?");
    expect_of("123456 SSHA", "{\"password\":{\"hash\":{\"algorithm\":\"SSHA\",\"value\":123456}}}",
              "(secret) SSHA");
    expect_of("what is n3w-word?",
              "{\"Operations\":[{\"op\":\"add\",\"path\":\"password\",\"value\":\"n3w-word\"}]}",
              "what is (secret)?");
    expect_of("assertion eyJh.eyJi.c2ln", "grant_type=x&client_assertion=eyJh.eyJi.c2ln&a=b",
              "assertion (secret)");
}

static double seconds_for(size_t secret_n, size_t n)
{
    dk_buffer text = {0}, secrets = {.secret = true};
    char *letters = malloc(n);
    assert_non_null(letters);
    memset(letters, 'a', n);
    dk_secrets_add(&secrets, letters, secret_n);
    dk_secrets_add_members(&secrets, "{\"key\":\"aaaaaaaab\"}", 19);
    letters[n / 2] = 'b';
    dk_buffer_add(&text, letters, n);
    clock_t from = clock(); /* of this process: other programs may have the processor meanwhile */
    assert_true(dk_secrets_redact(&secrets, &text));
    double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
    assert_string_equal("(secret)", TEXT(text));
    free(letters);
    dk_buffer_free(&text);
    dk_buffer_free(&secrets);
    return seconds;
}

static void takes_time_by_the_size_of_the_text(void **state)
{
    (void)state;
    assert_true(seconds_for(4096, 1024 * 1024) < 3); /* what took 13 s by the product of both */
}

static void shows_nothing_where_memory_ran_out(void **state)
{
    (void)state;
    static const char *const texts[] = {"a hunter2", "nothing", "{\"token\":\"x\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dk_buffer text = of(texts[i]), secrets = {.secret = true};
        text.failed = true;
        assert_false(dk_secrets_redact(&secrets, &text));
        text.failed = false;
        secrets.failed = true; /* one may be missing */
        assert_false(dk_secrets_redact(&secrets, &text));
        dk_buffer_free(&text);
        dk_buffer_free(&secrets);
    }
}

int secret_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redacts_every_occurrence),
        cmocka_unit_test(a_very_short_secret_would_shred_the_text),
        cmocka_unit_test(knows_escapes),
        cmocka_unit_test(knows_base64_wherever_the_secret_is),
        cmocka_unit_test(knows_hexadecimal),
        cmocka_unit_test(a_beginning_of_a_quarter_of_it_is_too_much),
        cmocka_unit_test(redacts_the_members_that_hold_secrets),
        cmocka_unit_test(redacts_what_was_cut_off),
        cmocka_unit_test(redacts_what_the_request_held),
        cmocka_unit_test(takes_time_by_the_size_of_the_text),
        cmocka_unit_test(shows_nothing_where_memory_ran_out),
    };
    return RUN_SUITE("secret", tests);
}
