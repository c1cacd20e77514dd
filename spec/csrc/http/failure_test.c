/* csrc/http/failure.c */
#include "http/failure.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

/* a code that no libcurl has */
#define UNKNOWN ((CURLcode)999)

static void statuses_have_the_kinds_of_the_contract(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *kind;
    } rows[] = {
        {200, "ok"},
        {201, "ok"},
        {204, "ok"},
        {301, "protocol"},
        {302, "protocol"},
        {307, "protocol"},
        {400, "invalid_request"},
        {401, "unauthorized"},
        {403, "forbidden"},
        {404, "not_found"},
        {409, "conflict"},
        {413, "invalid_request"},
        {422, "invalid_request"},
        {429, "rate_limited"},
        {500, "server"},
        {502, "server"},
        {503, "server"},
        {504, "server"},
        {599, "server"},
        {600, "protocol"},
        {101, "protocol"},
        {0, "protocol"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(rows[i].kind, dk_kind_names[dk_kind_of_status(rows[i].status)]);
}

static void curl_codes_have_kinds(void **state)
{
    (void)state;
    assert_int_equal(DK_OK, dk_kind_of_curl(CURLE_OK));
    assert_int_equal(DK_NETWORK, dk_kind_of_curl(CURLE_COULDNT_CONNECT));
    assert_int_equal(DK_NETWORK, dk_kind_of_curl(CURLE_COULDNT_RESOLVE_HOST));
    assert_int_equal(DK_NETWORK, dk_kind_of_curl(CURLE_GOT_NOTHING));
    assert_int_equal(DK_TIMEOUT, dk_kind_of_curl(CURLE_OPERATION_TIMEDOUT));
    assert_int_equal(DK_TLS, dk_kind_of_curl(CURLE_PEER_FAILED_VERIFICATION));
    assert_int_equal(DK_CONFIG, dk_kind_of_curl(CURLE_SSL_CACERT_BADFILE));
    assert_int_equal(DK_PROTOCOL, dk_kind_of_curl(CURLE_WEIRD_SERVER_REPLY));
    assert_int_equal(DK_CONFIG, dk_kind_of_curl(CURLE_BAD_FUNCTION_ARGUMENT));
    assert_int_equal(DK_NETWORK, dk_kind_of_curl(UNKNOWN));
    assert_int_equal(DK_NETWORK, dk_kind_of_curl((CURLcode)-1));
}

static void codes_have_names(void **state)
{
    (void)state;
    assert_string_equal("COULDNT_CONNECT", dk_curl_name(CURLE_COULDNT_CONNECT));
    assert_string_equal("TOO_LARGE", dk_curl_name((CURLcode)DK_CURLE_TOO_LARGE));
    assert_null(dk_curl_name(CURLE_OK));
    assert_null(dk_curl_name(UNKNOWN));
    assert_null(dk_curl_name((CURLcode)-1));
}

/* The library that runs may be newer than all that we know of. */
static void every_code_of_libcurl_has_a_row(void **state)
{
    (void)state;
    int known = 0;
    for (int code = 1; code < (int)UNKNOWN; code++) {
        const char *words = curl_easy_strerror((CURLcode)code);
        if (strcmp(words, "Unknown error") == 0)
            continue;
        known++;
        if (!dk_curl_name((CURLcode)code))
            fail_msg("code %d has no row: %s", code, words);
        assert_int_not_equal(DK_OK, dk_kind_of_curl((CURLcode)code));
    }
    assert_true(known > 70);
}

int failure_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_the_kinds_of_the_contract),
        cmocka_unit_test(curl_codes_have_kinds),
        cmocka_unit_test(codes_have_names),
        cmocka_unit_test(every_code_of_libcurl_has_a_row),
    };
    return RUN_SUITE("failure", tests);
}
