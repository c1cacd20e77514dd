/* csrc/http/tls.c. Handshakes with real servers: spec/e2e/connection_spec.lua. */
#include "http/tls.h"
#include "spec/csrc/support/loopback.h"
#include "spec/csrc/support/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static loopback nobody; /* takes connections, and never says a word */

static int start_listening(void **state)
{
    (void)state;
    return loopback_open(&nobody, true) ? 0 : -1;
}

static int stop_listening(void **state)
{
    (void)state;
    loopback_close(&nobody);
    return 0;
}

/* Begins a handshake, for which the certificates are read, and gives up. */
static CURLcode begin_handshake(dk_tls *tls)
{
    char url[64];
    CURL *easy = curl_easy_init();
    assert_non_null(easy);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", nobody.port);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 200L);
    bool is_trusting = dk_tls_watch(tls, easy);
    assert_int_equal(tls->is_trusting, is_trusting);
    CURLcode code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    return code;
}

static void certificates_are_read_once(void **state)
{
    (void)state;
    dk_tls tls = {0};
    assert_int_equal(CURLE_OPERATION_TIMEDOUT, begin_handshake(&tls));
    if (!tls.is_trusting)
        skip(); /* this libcurl's TLS is not our OpenSSL, or it does not say whom it trusts */
    assert_non_null(tls.trusted);
    struct x509_store_st *first = tls.trusted;
    dk_time read = tls.read;
    assert_int_equal(CURLE_OPERATION_TIMEDOUT, begin_handshake(&tls));
    assert_ptr_equal(first, tls.trusted);
    assert_true(read == tls.read);
    tls.read -= 25 * 60 * 60 * DK_SECOND; /* a day later they are read anew */
    assert_int_equal(CURLE_OPERATION_TIMEDOUT, begin_handshake(&tls));
    assert_true(tls.read >= read);
    dk_tls_free(&tls);
    assert_null(tls.trusted);
}

static void certificates_that_cannot_be_read_are_an_error(void **state)
{
    (void)state;
    static const char *const files[] = {"/nonexistent/ca.pem", "/dev/null"};
    for (size_t i = 0; i < 2; i++) {
        dk_tls tls = {.ca_file = files[i]};
        CURLcode code = begin_handshake(&tls);
        if (!tls.is_trusting)
            skip();
        assert_int_equal(CURLE_SSL_CACERT_BADFILE, code);
        assert_null(tls.trusted);
        dk_tls_free(&tls);
    }
}

int tls_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_read_once),
        cmocka_unit_test(certificates_that_cannot_be_read_are_an_error),
    };
    return cmocka_run_group_tests_name("tls", tests, start_listening, stop_listening);
}
