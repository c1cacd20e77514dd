/* Memory runs out while calls are made; see starve.h. */
#include "exchange.h"
#include "http/session.h"
#include "http/site.h"
#include "loopback.h"
#include "starve.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- requests --------------------------------------------------------------------------------- */

static outcome read_a_base_url(void)
{
    dk_buffer url = {0};
    const char *why = dk_site_base_url("https://api.us5.datadoghq.com/", &url);
    dk_buffer_free(&url);
    return done_if(!why);
}

/* What is not known for want of memory must not pass for what is not there. (libcurl calls some of
 * it a bad login.) */
static outcome refuse_base_urls(void)
{
    static const char *const bad[] = {"https://user@example.com", "https://example.com?x=1",
                                      "https://:password@example.com", "https://example.com#x"};
    bool whole = true;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dk_buffer url = {0};
        const char *why = dk_site_base_url(bad[i], &url);
        assert_non_null(why);
        whole &= strcmp(why, "out of memory") != 0;
        dk_buffer_free(&url);
    }
    return done_if(whole);
}

static outcome build_a_request(void)
{
    char id[300];
    memset(id, '/', sizeof id);
    const char *const ids[] = {id};
    const size_t lengths[] = {sizeof id};
    dk_request r = {0};
    bool whole =
        dk_request_begin(&r, row("get_okta_account"), "https://api.datadoghq.com", ids, lengths) &&
        dk_request_query(&r, "filter", 6, id, sizeof id) &&
        dk_buffer_adds(&r.body, "{\"client_secret\":\"x\"}");
    dk_request_free(&r);
    return done_if(whole);
}

/* A new key, the headers that were made before it, and both as secrets. */
static bool use_session(dk_session *s)
{
    dk_buffer secrets = {.secret = true};
    dk_headers *h = NULL, *with_body = NULL;
    bool whole = dk_session_set_key(s, DK_API_KEY, "api-key-one", 11) &&
                 dk_session_set_key(s, DK_APP_KEY, "app-key-one", 11) &&
                 (h = dk_session_headers(s, row("list_okta_accounts"), DK_NOTHING)) != NULL &&
                 dk_session_set_key(s, DK_API_KEY, "api-key-two", 11) &&
                 (with_body = dk_session_headers(s, row("create_okta_account"), DK_JSON)) != NULL &&
                 dk_session_secrets(s, &secrets) && dk_headers_secrets(h, &secrets);
    dk_buffer_free(&secrets);
    dk_headers_release(h);
    dk_headers_release(with_body);
    return whole;
}

static outcome use_a_session(void)
{
    dk_engine *e = dk_engine_new((dk_transport){0}, 4, 100);
    dk_session *s = e ? dk_session_new(DK_DATADOG, e, "ddokta/1") : NULL;
    if (!s) {
        dk_engine_release(e);
        return FAILED;
    }
    bool whole = use_session(s);
    dk_session_release(s);
    return done_if(whole);
}

/* --- the engine's parts ----------------------------------------------------------------------- */

#define CALLS 100

static outcome fill_the_heap(void)
{
    static dk_call calls[CALLS];
    dk_wakeups wakeups = {0};
    bool whole = true;
    for (int i = 0; i < CALLS && (whole = dk_wakeups_reserve(&wakeups)); i++) {
        calls[i].wake = CALLS - i;
        dk_wakeups_add(&wakeups, &calls[i]);
    }
    for (dk_call *first; (first = dk_wakeups_first(&wakeups));)
        dk_wakeups_remove(&wakeups, first);
    dk_wakeups_free(&wakeups);
    return done_if(whole);
}

/* Every operation's lane, and each is then told the name of its limit. Where that cannot be kept
 * the lane stays as it is: whether all went well is asked at its end. */
static outcome fill_the_queue(void)
{
    dk_queue q = {.max_api_capacity = 100};
    bool whole = true;
    for (size_t i = 0; whole && i < dk_operations_count; i++) {
        char name[16];
        dk_call call = {.request = {.operation = &dk_operations[i]}};
        dk_told told = {.rate = DK_NO_RATE_LIMIT, .retry_after = -1};
        snprintf(name, sizeof name, "limit %d", (int)i);
        told.rate.name = (dk_text){name, strlen(name)};
        whole = dk_queue_reserve(&q, &call);
        if (!whole)
            break;
        dk_queue_add(&q, &call);
        assert_ptr_equal(&call, dk_queue_next(&q, 0));
        dk_queue_remove(&q, &call);
        dk_queue_sent(&call, 0);
        dk_queue_answered(&q, &call, &told);
        assert_int_equal(0, call.lane->bucket.in_flight);
        whole = call.lane->name != NULL;
    }
    assert_int_equal(0, q.waiting);
    dk_queue_free(&q);
    return done_if(whole);
}

/* --- whole calls ------------------------------------------------------------------------------ */

#define MOMENT (DK_SECOND / 1000)
#define LONG   (5 * DK_SECOND)

#define HEADERS  "X-RateLimit-Name: a\r\nX-RateLimit-Remaining: 5\r\nX-RateLimit-Reset: 5\r\n"
#define ANSWER   "HTTP/1.1 200 OK\r\n" HEADERS "Content-Length: 2\r\n\r\n{}"
#define NO_MODEL "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}"

static loopback service;

static int start_listening(void **state)
{
    (void)state;
    return loopback_open(&service, true) ? 0 : -1;
}

static int stop_listening(void **state)
{
    (void)state;
    loopback_close(&service);
    return 0;
}

static const char *answer_of(const char *request)
{
    return strncmp(request, "DELETE", 6) == 0 ? NO_MODEL : ANSWER;
}

/* A call that is ready to be submitted, or NULL. */
static dk_call *ready_call(dk_engine *e, const char *name)
{
    static const char *const id[] = {"the-id"};
    static const size_t length[] = {6};
    const dk_operation *operation = row(name);
    char base[64];
    dk_credentials none = {0};
    dk_call *call = dk_call_new();
    if (!call)
        return NULL;
    snprintf(base, sizeof base, "http://127.0.0.1:%d", service.port);
    call->options = (dk_call_options){.timeout = LONG,
                                      .attempt_timeout = LONG,
                                      .connect_timeout = LONG,
                                      .max_response_bytes = 1000};
    if (dk_request_begin(&call->request, operation, base, id, length) &&
        (!operation->body || dk_buffer_adds(&call->request.body, "{\"name\":\"x\"}")) &&
        (call->request.headers =
             dk_headers_new(&none, "ddokta/1", operation, operation->body ? DK_JSON : DK_NOTHING)))
        return call;
    dk_engine_free_call(e, call);
    return NULL;
}

/* A call that was taken has an end: the answer, or an error that says what it is. */
static bool has_an_end(dk_engine *e, dk_call *call)
{
    dk_time give_up = dk_clock_now() + LONG / 2;
    while (call->state != DK_DONE) {
        dk_engine_step(e, MOMENT);
        assert_true(loopback_serve(&service, answer_of));
        if (dk_clock_now() > give_up)
            fail_msg("nothing happens");
    }
    if (call->code != CURLE_OK) {
        assert_int_not_equal(DK_OK, call->kind);
        return false;
    }
    assert_true(call->status == 200 || call->status == 404);
    assert_memory_equal("{}", call->body.data, 2);
    return true;
}

static bool make_call(dk_engine *e, const char *name)
{
    const char *why = NULL;
    dk_call *call = ready_call(e, name);
    bool whole = false;
    if (call) {
        if (dk_engine_submit(e, call, &why))
            whole = has_an_end(e, call);
        else
            assert_string_equal("out of memory", why);
    }
    assert_int_equal(0, dk_engine_pending(e));
    dk_engine_free_call(e, call);
    return whole;
}

static dk_engine *starving_engine(void)
{
    dk_transport transport = {.proxy = strdup("")}; /* not the environment's */
    dk_engine *e = transport.proxy ? dk_engine_new(transport, 4, 100) : NULL;
    if (e)
        dk_engine_watch(e, true);
    return e;
}

/* A GET, then a POST over the same connection, then a DELETE that finds nothing. */
static outcome make_calls(void)
{
    static const char *const names[] = {"list_okta_accounts", "create_okta_account",
                                        "delete_okta_account"};
    dk_engine *e = starving_engine();
    bool whole = e != NULL;
    for (int i = 0; e && i < 3; i++)
        whole &= make_call(e, names[i]);
    dk_event event;
    while (e && dk_engine_event(e, &event))
        ;
    dk_engine_release(e);
    loopback_hang_up(&service);
    return done_if(whole);
}

/* More calls than the queue lets out, given up by closing the engine. */
static outcome close_with_calls(void)
{
    dk_engine *e = starving_engine();
    dk_call *calls[6] = {0};
    bool whole = e != NULL;
    for (int i = 0; e && i < 6; i++) {
        const char *why;
        calls[i] = ready_call(e, "list_okta_accounts");
        whole &= calls[i] && dk_engine_submit(e, calls[i], &why);
    }
    if (e) {
        dk_engines_wait(&e, 1, MOMENT);
        dk_engine_step(e, MOMENT);
        dk_engine_close(e);
        assert_int_equal(0, dk_engine_pending(e));
    }
    for (int i = 0; i < 6; i++) {
        if (calls[i] && calls[i]->state == DK_DONE)
            assert_int_not_equal(DK_OK, calls[i]->kind);
        if (calls[i])
            whole &= calls[i]->state == DK_DONE && calls[i]->kind == DK_CANCELLED;
        dk_engine_free_call(e, calls[i]);
    }
    dk_engine_release(e);
    loopback_hang_up(&service);
    return done_if(whole);
}

int alloc_calls_suite(void)
{
    static scenario scenarios[] = {
        {"a base URL", read_a_base_url, 5, false},
        {"a base URL that is refused", refuse_base_urls, 20, true},
        {"a request", build_a_request, 3, false},
        {"a session", use_a_session, 20, false},
        {"the heap", fill_the_heap, 2, false},
        {"the queue", fill_the_queue, 10, true},
        {"whole calls", make_calls, 50, true},
        {"closing with calls under way", close_with_calls, 50, true},
    };
    enum { COUNT = sizeof scenarios / sizeof *scenarios };
    struct CMUnitTest tests[COUNT];
    for (int i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){scenarios[i].name, runs_out_of_memory_anywhere, NULL, NULL,
                                       &scenarios[i]};
    return cmocka_run_group_tests_name("allocations that fail: calls", tests, start_listening,
                                       stop_listening);
}
