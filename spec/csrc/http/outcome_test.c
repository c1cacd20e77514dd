/* csrc/http/outcome.c */
#include "http/outcome.h"
#include "spec/csrc/support/exchange.h"
#include "spec/csrc/support/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_refused_connection_is_the_networks_failure(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    close(s.fd); /* the port is free again: refused */
    s.fd = -1;
    dk_call *call = new_call(POST, s.port, "{}");
    submit(e, call);
    finish(e, call);
    assert_int_equal(DK_NETWORK, call->kind);
    assert_int_equal(CURLE_COULDNT_CONNECT, call->code);
    assert_int_equal(0, call->status);
    assert_true(call->retryable);
    assert_false(call->ambiguous);
    free_all(e, call, s);
}

static void an_answer_that_is_too_large_is_cut_off(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    submit(e, call);
    char text[2100] = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n";
    memset(text + strlen(text), 'x', 1001);
    int fd = serve(e, s, text);
    finish(e, call);
    assert_int_equal(DK_PROTOCOL, call->kind);
    assert_true(call->body.length <= 1000);
    assert_false(call->retryable);
    close(fd);
    free_all(e, call, s);
}

static void what_is_no_http_is_the_services_failure(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{}");
    submit(e, call);
    int fd = serve(e, s, "SSH-2.0-OpenSSH_9.2\r\n");
    finish(e, call);
    assert_int_equal(DK_PROTOCOL, call->kind);
    assert_true(call->ambiguous); /* the request went out */
    assert_false(call->retryable);
    close(fd);
    free_all(e, call, s);
}

static void a_transport_that_libcurl_refuses_is_a_configuration_error(void **state)
{
    (void)state;
    dk_transport transport = {.proxy = strdup(""), .ca_file = strdup("/nonexistent/ca.pem")};
    dk_engine *e = dk_engine_new(transport, 1, 100);
    dk_call *call = new_call(GET, 1, NULL);
    dk_buffer_clear(&call->request.url);
    server s = start_server();
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", s.port);
    dk_buffer_adds(&call->request.url, url);
    submit(e, call);
    finish(e, call);
    assert_int_equal(DK_CONFIG, call->kind);
    assert_int_equal(CURLE_SSL_CACERT_BADFILE, call->code);
    free_all(e, call, s);
}

/* What a POST came to that was answered so. */
static void answered(const char *text, dk_kind kind, bool retryable, bool ambiguous)
{
    dk_engine *e = new_engine(1);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{}");
    submit(e, call);
    int fd = serve(e, s, text);
    close(fd);
    finish(e, call);
    if (call->kind != kind || call->retryable != retryable || call->ambiguous != ambiguous)
        fail_msg("%s %d %d: %s", dk_kind_names[call->kind], call->retryable, call->ambiguous, text);
    free_all(e, call, s);
}

static void every_answer_has_its_kind(void **state)
{
    (void)state;
    answered("HTTP/1.1 204 No\r\n\r\n", DK_OK, false, false);
    answered("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", DK_NOT_FOUND, false, false);
    answered("HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", DK_RATE_LIMITED, true, false);
    answered("HTTP/1.1 408 No\r\nContent-Length: 0\r\n\r\n", DK_INVALID_REQUEST, false, true);
    answered("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", DK_SERVER, false, true);
    answered("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", DK_SERVER, false, true);
    answered("", DK_NETWORK, false, true);
    answered("HTTP/1.1 200 OK\r\nX: y", DK_NETWORK, false, true); /* broke off within its headers */
    answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", DK_NETWORK, false, true);
}

int outcome_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_connection_is_the_networks_failure),
        cmocka_unit_test(an_answer_that_is_too_large_is_cut_off),
        cmocka_unit_test(what_is_no_http_is_the_services_failure),
        cmocka_unit_test(a_transport_that_libcurl_refuses_is_a_configuration_error),
        cmocka_unit_test(every_answer_has_its_kind),
    };
    return RUN_SUITE("outcome", tests);
}
