/* csrc/http/header.c */
#include "http/header.h"
#include "spec/csrc/support/suites.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NOW         1700000000.0
#define BLOCK(text) ((dk_text){text, sizeof text - 1})

static bool same(dk_text text, const char *expected)
{
    return text.length == strlen(expected) && memcmp(text.data, expected, text.length) == 0;
}

static void reads_lines(void **state)
{
    (void)state;
    static const char head[] = "HTTP/1.1 200 OK\r\nA: 1\r\nb:two words \r\nEmpty:\r\n: none\r\n"
                               "no colon\r\nC:: x\r\n\r\nlast: end";
    const char *cursor = head, *end = head + sizeof head - 1;
    dk_text name, value;
    static const char *const expected[][2] = {
        {"A", "1"}, {"b", "two words"}, {"Empty", ""}, {"C", ": x"}, {"last", "end"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(dk_header_next(&cursor, end, &name, &value));
        assert_true(same(name, expected[i][0]));
        assert_true(same(value, expected[i][1]));
    }
    assert_false(dk_header_next(&cursor, end, &name, &value));
}

static void finds_any_case_and_the_first(void **state)
{
    (void)state;
    dk_text value;
    dk_text block = BLOCK("Retry-AFTER: 5\r\nretry-after: 6\r\n");
    assert_true(dk_header_find(block, "retry-after", &value));
    assert_true(same(value, "5"));
    assert_false(dk_header_find(block, "retry", &value));
    assert_false(dk_header_find(block, "retry-after-x", &value));
    assert_false(dk_header_find(BLOCK(""), "retry-after", &value));
}

static dk_rate_limit rate(dk_text block)
{
    dk_rate_limit out;
    assert_true(dk_header_rate_limit(block, NOW, &out));
    return out;
}

#define assert_number(expected, actual) assert_true((expected) == (actual))

static void reads_rate_limits_as_datadog_sends_them(void **state)
{
    (void)state;
    dk_rate_limit r = rate(
        BLOCK("X-Ratelimit-Limit: 100\r\nX-Ratelimit-Period: 60\r\nX-Ratelimit-Remaining: 7\r\n"
              "X-Ratelimit-Reset: 13\r\nX-Ratelimit-Name: create_user_api\r\n"));
    assert_number(100, r.limit);
    assert_number(60, r.period);
    assert_number(7, r.remaining);
    assert_number(13, r.reset);
    assert_true(same(r.name, "create_user_api"));
}

static void reads_rate_limits_as_okta_sends_them(void **state)
{
    (void)state;
    dk_rate_limit r = rate(BLOCK("x-rate-limit-limit: 600\r\nx-rate-limit-remaining: 0\r\n"
                                 "x-rate-limit-reset: 1700000030\r\n"));
    assert_number(600, r.limit);
    assert_number(0, r.remaining);
    assert_number(30, r.reset);
    assert_number(-1, r.period);
    assert_int_equal(0, r.name.length);
}

static void reads_what_came_doubled(void **state)
{
    (void)state;
    dk_rate_limit r = rate(BLOCK("X-RateLimit-Reset: 7, 7\r\nX-RateLimit-Limit: 30,30\r\n"));
    assert_number(7, r.reset);
    assert_number(30, r.limit);
}

static void trusts_nothing_odd(void **state)
{
    (void)state;
    assert_number(-1, rate(BLOCK("X-RateLimit-Reset: -5\r\n")).reset);
    assert_number(-1, rate(BLOCK("X-RateLimit-Reset: soon\r\n")).reset);
    assert_number(-1, rate(BLOCK("X-RateLimit-Reset:\r\n")).reset);
    assert_number(86400, rate(BLOCK("X-RateLimit-Reset: 999999999\r\n")).reset);
    assert_number(86400, rate(BLOCK("X-RateLimit-Reset: 99999999999999999999999\r\n")).reset);
    assert_number(0, rate(BLOCK("X-RateLimit-Reset: 1600000000\r\n")).reset); /* long ago */
    dk_rate_limit r;
    assert_false(dk_header_rate_limit(BLOCK("Content-Type: text/html\r\n"), NOW, &r));
    assert_number(-1, r.limit);
    assert_number(-1, r.remaining);
}

static void reads_retry_after(void **state)
{
    (void)state;
    assert_number(120, dk_header_retry_after(BLOCK("Retry-After: 120\r\n"), NOW));
    assert_number(0, dk_header_retry_after(BLOCK("Retry-After: 0\r\n"), NOW));
    /* 1700000000 is 2023-11-14 22:13:20 */
    assert_number(
        40, dk_header_retry_after(BLOCK("Retry-After: Tue, 14 Nov 2023 22:14:00 GMT\r\n"), NOW));
    assert_number(
        0, dk_header_retry_after(BLOCK("Retry-After: Tue, 14 Nov 2023 22:13:00 GMT\r\n"), NOW));
    assert_number(
        86400, dk_header_retry_after(BLOCK("Retry-After: Tue, 14 Nov 2033 22:13:00 GMT\r\n"), NOW));
    assert_number(86400, dk_header_retry_after(BLOCK("Retry-After: 100000\r\n"), NOW));
    assert_number(-1, dk_header_retry_after(BLOCK("Retry-After: later\r\n"), NOW));
    assert_number(-1, dk_header_retry_after(BLOCK("Retry-After:\r\n"), NOW));
    assert_number(-1, dk_header_retry_after(BLOCK("X: 1\r\n"), NOW));
    assert_number(-1, dk_header_retry_after(
                          BLOCK("Retry-After: x23456789012345678901234567890123456789012345678901"
                                "23456789\r\n"),
                          NOW));
}

/* A service ten minutes ahead of us, as its Date says: 1700000600. */
static void counts_an_epoch_from_the_answers_date(void **state)
{
    (void)state;
#define DATE "Date: Tue, 14 Nov 2023 22:23:20 GMT\r\n"
    dk_rate_limit r = rate(BLOCK(DATE "X-Rate-Limit-Reset: 1700000602\r\n"));
    assert_number(2, r.reset);
    assert_number(1700000602, r.resets_at);
    assert_number(1700000600, r.date);
    assert_number(2, rate(BLOCK("X-Rate-Limit-Reset: 1700000602\r\n" DATE)).reset);
    assert_number(2, rate(BLOCK(DATE "X-RateLimit-Reset: 1700000602000\r\n")).reset);
    assert_number(0, rate(BLOCK(DATE "X-Rate-Limit-Reset: 1700000002\r\n")).reset);
    assert_number(7, rate(BLOCK(DATE "X-RateLimit-Reset: 7\r\n")).reset);
    assert_number(-1, rate(BLOCK(DATE "X-RateLimit-Reset: 7\r\n")).resets_at);
    assert_number(2, rate(BLOCK("Date: today\r\nX-Rate-Limit-Reset: 1700000002\r\n")).reset);
    assert_number(2, rate(BLOCK("Date:\r\nX-Rate-Limit-Reset: 1700000002\r\n")).reset);
    assert_number(30, dk_header_retry_after(BLOCK("Retry-After: Tue, 14 Nov 2023 22:23:50 GMT\r\n"),
                                            NOW + 600));
}

static double date_of(const char *value)
{
    char head[128];
    snprintf(head, sizeof head, "date: %s\r\nX-RateLimit-Limit: 1\r\n", value);
    return rate((dk_text){head, strlen(head)}).date;
}

static void reads_all_forms_of_dates(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "SUN, 06 NOV 1994 08:49:37 GMT"};
    for (size_t i = 0; i < 4; i++)
        assert_number(784111777, date_of(forms[i]));
    /* each day of 130 years, against libcurl's own parser; where its time_t has 32 bits it
     * reads none of 2038 */
    double most = sizeof(time_t) > 4 ? 130 * 365.25 * 86400 : 68 * 365.25 * 86400;
    for (double seconds = 43210; seconds < most; seconds += 86400) {
        char value[64];
        time_t when = (time_t)seconds;
        struct tm tm;
        strftime(value, sizeof value, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&when, &tm));
        assert_number(seconds, date_of(value));
        assert_number(seconds, curl_getdate(value, NULL));
    }
    static const char *const others[] = {"", "today", "Sun, 06 Nov x994 08:49:37 GMT",
                                         "Sun, 06 Nom 1994 08:49:37 GMT",
                                         "Sun, 06 Nov 1907 08:49:37 GMT"};
    for (size_t i = 0; i < 5; i++)
        assert_number(-1, date_of(others[i]));
}

static void finds_the_link_of_a_relation(void **state)
{
    (void)state;
    static const struct {
        const char *head, *next; /* NULL: none */
    } rows[] = {
        {"Link: <https://h/a?after=1>; rel=\"next\"\r\n", "https://h/a?after=1"},
        {"link: <https://h/s>; rel=\"self\"\r\nLink: <https://h/n>; rel=next\r\n", "https://h/n"},
        {"Link: <https://h/s>; rel=\"self\", <https://h/n>; title=\"a, b; c\" ; REL=\"Next\"\r\n",
         "https://h/n"},
        {"Link: <https://h/n>; rel = \"next\"\r\n", "https://h/n"},
        {"Link: <https://h/n>; rel=\"last next\"\r\n", "https://h/n"},
        {"Link: <https://h/n>; title=\"a\\\"; b\"; rel=next\r\n", "https://h/n"},
        {"Link: <https://h/n>; rel=\"next-archive\"; rels=next; next=rel; rel\r\n", NULL},
        {"Link: <https://h/n>; title=\"; rel=next\"\r\n", NULL},
        {"Link: <https://h/n>; title=\"a\\", NULL},
        {"Link: <https://h/s>; rel=\"self\"\r\n", NULL},
        {"Link: <https://h/s\r\n", NULL},
        {"Link: <https://h/s>; rel=\"next", NULL},
        {"Link: <https://h/s>; rel=\"\r\n", NULL},
        {"Links: <https://h/s>; rel=\"next\"\r\n", NULL},
        {"Link:\r\n", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dk_text target = {0}, head = {rows[i].head, strlen(rows[i].head)};
        assert_int_equal(rows[i].next != NULL, dk_header_link(head, "next", &target));
        if (rows[i].next)
            assert_true(same(target, rows[i].next));
    }
}

int header_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(finds_any_case_and_the_first),
        cmocka_unit_test(reads_rate_limits_as_datadog_sends_them),
        cmocka_unit_test(reads_rate_limits_as_okta_sends_them),
        cmocka_unit_test(reads_what_came_doubled),
        cmocka_unit_test(trusts_nothing_odd),
        cmocka_unit_test(reads_retry_after),
        cmocka_unit_test(counts_an_epoch_from_the_answers_date),
        cmocka_unit_test(reads_all_forms_of_dates),
        cmocka_unit_test(finds_the_link_of_a_relation),
    };
    return RUN_SUITE("header", tests);
}
