/* csrc/http/transfer.c */
#include "http/transfer.h"
#include "spec/csrc/support/exchange.h"
#include "spec/csrc/support/suites.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void an_answer_is_taken_whole(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    submit(e, call);
    assert_int_equal(1, dk_engine_pending(e));
    int fd = serve(e, s, OK_ANSWER);
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    assert_int_equal(200, call->status);
    assert_int_equal(1, call->attempts);
    assert_string_equal("{}", TEXT(call->body));
    assert_non_null(strstr(TEXT(call->head), "X-Dd-Version: 1"));
    assert_false(call->ambiguous);
    assert_int_equal(0, dk_engine_pending(e));
    assert_ptr_equal(call, dk_engine_finished(e));
    assert_null(dk_engine_finished(e));
    close(fd);
    free_all(e, call, s);
}

static void a_body_is_sent_with_its_length(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(POST, s.port, "{\"a\":1}");
    submit(e, call);
    char request[4096];
    int fd = accept_one(e, s);
    assert_true(read_request(e, fd, request, sizeof request));
    assert_memory_equal("POST " PATH " HTTP/1.1\r\n", request,
                        strlen("POST " PATH " HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "Content-Length: 7\r\n"));
    assert_non_null(strstr(request, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(request, "\r\n\r\n{\"a\":1}"));
    assert_null(strstr(request, "Expect:"));
    answer(fd, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}");
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    close(fd);
    free_all(e, call, s);
}

static void headers_end_with_an_empty_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool whole;
    } rows[] = {{"", false},
                {"\n", false},
                {"HTTP/1.1 200 OK\r\n", false},
                {"HTTP/1.1 200 OK\r\nA: b\r\n\r", false},
                {"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", true},
                {"HTTP/1.1 200 OK\n\n", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dk_buffer head = {0};
        dk_buffer_adds(&head, rows[i].text);
        assert_int_equal(rows[i].whole, dk_head_is_whole(&head));
        dk_buffer_free(&head);
    }
}

static void a_trailer_is_no_header(void **state)
{
    (void)state;
    dk_engine *e = new_engine(4);
    server s = start_server();
    dk_call *call = new_call(GET, s.port, NULL);
    submit(e, call);
    int fd = serve(e, s,
                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Retry-After\r\n\r\n"
                   "2\r\n{}\r\n0\r\nRetry-After: 7\r\n\r\n");
    finish(e, call);
    assert_int_equal(DK_OK, call->kind);
    assert_string_equal("{}", TEXT(call->body));
    assert_null(strstr(TEXT(call->head), "Retry-After: 7"));
    close(fd);
    free_all(e, call, s);
}

/* A handle that ended badly, or whose request was sent more than once, may be in libcurl's memory
 * of refused streams. */
static void a_handle_is_used_again_only_after_one_good_try(void **state)
{
    (void)state;
    assert_false(dk_transfer_is_spent(&(dk_transfer){.ended_well = true, .tries = {.count = 1}}));
    assert_true(dk_transfer_is_spent(&(dk_transfer){.ended_well = true, .tries = {.count = 2}}));
    assert_true(dk_transfer_is_spent(&(dk_transfer){.ended_well = false, .tries = {.count = 1}}));
}

static void what_libcurl_refuses_is_named(void **state)
{
    (void)state;
    dk_transport transport = {.proxy = "", .client_key_password = "x"};
    dk_connections connections = {0};
    const char *refused = NULL;
    dk_transfer *t = dk_transfer_new(&transport, &connections, &refused);
    assert_non_null(t);
    assert_null(refused);
    bool can = curl_version_info(CURLVERSION_NOW)->version_num >= 0x075000;
    assert_int_equal(can, dk_transfer_leave_old(t, true));
    assert_true(dk_transfer_leave_old(t, false));
    dk_transfer_free(t);
    dk_transfer_free(NULL);
    dk_connections_free(&connections);
}

int transfer_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_taken_whole),
        cmocka_unit_test(a_body_is_sent_with_its_length),
        cmocka_unit_test(headers_end_with_an_empty_line),
        cmocka_unit_test(a_trailer_is_no_header),
        cmocka_unit_test(a_handle_is_used_again_only_after_one_good_try),
        cmocka_unit_test(what_libcurl_refuses_is_named),
    };
    return RUN_SUITE("transfer", tests);
}
