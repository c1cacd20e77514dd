/* Every allocation below the binding can fail, and each failure is an error value: no crash, no leak,
 * and what is left can be freed. Each scenario runs with its first allocation failing, its second,
 * and so on until it needs no more; and again with all behind that one failing as well. */
#include "alloc.h"
#include "rows/csv.h"
#include "http/engine.h"
#include "journal/journal.h"
#include "http/json_scan.h"
#include "rows/match.h"
#include "http/secret.h"
#include "http/session.h"
#include "http/site.h"
#include "http/wakeups.h"
#include "loopback.h"
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a scenario came to; one that says DONE did all that it should. */
typedef enum outcome { DONE, FAILED } outcome;

static outcome done_if(bool whole)
{
    return whole ? DONE : FAILED;
}

/* --- text ------------------------------------------------------------------------------------- */

static outcome grow_a_buffer(void)
{
    dk_buffer plain = {0}, secret = {.secret = true};
    bool whole = true;
    for (int i = 0; i < 100; i++) {
        whole &= dk_buffer_addf(&plain, "%d bottles", i);
        whole &= dk_buffer_adds(&secret, "hunter2 and more");
    }
    whole = whole && dk_buffer_string(&plain) && dk_buffer_string(&secret);
    assert_true(whole == (!plain.failed && !secret.failed));
    dk_buffer_free(&plain);
    dk_buffer_free(&secret);
    return done_if(whole);
}

static outcome mark_json(void)
{
    static const char text[] = "[[], 123456789012345678901234567890, {\"a\": [ ]}]";
    dk_buffer out = {0};
    bool whole = !dk_json_look(text, sizeof text - 1).why &&
                 dk_json_mark(text, sizeof text - 1, ~0, "\\u00000", &out);
    dk_buffer_free(&out);
    return done_if(whole);
}

static outcome redact_a_text(void)
{
    static const char body[] = "{\"password\": {\"value\": \"sword\\u0066ish\"}}";
    dk_buffer text = {.secret = true}, secrets = {.secret = true};
    dk_buffer_adds(&text, "hunter2, {\"api_key\": \"0123456789\"}, sw\\u006frdfish %68unter2");
    bool whole = !text.failed && dk_secrets_add(&secrets, "hunter2", 7) &&
                 dk_secrets_add_members(&secrets, body, sizeof body - 1) &&
                 dk_secrets_redact(&secrets, &text);
    if (whole) {
        const char *shown = dk_buffer_string(&text);
        whole = shown != NULL;
        if (shown)
            assert_string_equal("(secret), {\"api_key\": \"(secret)\"}, (secret) (secret)", shown);
    }
    dk_buffer_free(&text);
    dk_buffer_free(&secrets);
    return done_if(whole);
}

/* One cell of 20 KiB, and a row of more fields than are at first made room for. */
static outcome read_csv(void)
{
    dk_csv *csv = dk_csv_new(NULL);
    bool whole = csv != NULL;
    char cell[512];
    memset(cell, 'x', sizeof cell);
    for (int i = 0; whole && i < 40; i++)
        whole = dk_csv_feed(csv, cell, sizeof cell);
    for (int i = 0; whole && i < 100; i++)
        whole = dk_csv_feed(csv, ",\"a\"", 4);
    if (csv)
        dk_csv_finish(csv);
    dk_csv_step step = DK_CSV_ERROR;
    size_t fields = 0;
    while (whole && (step = dk_csv_next(csv)) == DK_CSV_ROW)
        fields = dk_csv_count(csv);
    if (whole && step == DK_CSV_ERROR) {
        assert_int_equal(DK_CSV_NO_MEMORY, dk_csv_fault(csv)->code);
        assert_int_equal(DK_CSV_END, dk_csv_next(csv)); /* nothing follows */
        whole = false;
    }
    if (whole)
        assert_int_equal(101, fields);
    dk_csv_free(csv);
    return done_if(whole);
}

/* UTF-16 whose first line shows the delimiter, and whose header is kept. */
static outcome read_utf16(void)
{
    static const char text[] = "s\0e\0p\0=\0;\0\n\0a\0;\0\xac\x20\n\0\x31\0;\0\x32\0";
    dk_csv_options options = {.dialect = true};
    dk_csv *csv = dk_csv_new(&options);
    bool whole = csv && dk_csv_feed(csv, "\xff\xfe", 2) && dk_csv_feed(csv, text, 9) &&
                 dk_csv_feed(csv, text + 9, sizeof text - 1 - 9);
    dk_csv_step step = DK_CSV_ERROR;
    size_t rows = 0;
    if (csv)
        dk_csv_finish(csv);
    while (whole && (step = dk_csv_next(csv)) == DK_CSV_ROW) {
        assert_int_equal(2, dk_csv_count(csv));
        whole = ++rows > 1 || dk_csv_keep_header(csv);
    }
    if (whole && step == DK_CSV_ERROR) {
        assert_int_equal(DK_CSV_NO_MEMORY, dk_csv_fault(csv)->code);
        whole = false;
    }
    if (whole)
        assert_int_equal(2, rows);
    dk_csv_free(csv);
    return done_if(whole);
}

static outcome read_headers(void)
{
    static const char text[] =
        "HTTP/1.1 200 OK\r\nX-RateLimit-Limit: 7, 7\r\nRetry-After: 3\r\n\r\n";
    dk_text head = {text, sizeof text - 1}, value;
    dk_rate_limit rate;
    return done_if(dk_header_rate_limit(head, 0, &rate) && dk_header_retry_after(head, 0) > 0 &&
                   dk_header_find(head, "retry-after", &value));
}

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

static const dk_operation *row(const char *name)
{
    for (size_t i = 0; i < dk_operations_count; i++)
        if (strcmp(dk_operations[i].name, name) == 0)
            return &dk_operations[i];
    fail_msg("no operation %s", name);
    return NULL;
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

/* --- bulk ------------------------------------------------------------------------------------- */

#define ROWS 300

/* Rows of a name and a list each, packed and found again; NULL where memory ran out. */
static dk_rows *make_rows(bool foreign)
{
    static const dk_column columns[] = {{.form = DK_FORM_LABEL, .required = true},
                                        {.form = DK_FORM_LIST, .separator = ';'}};
    dk_rows *rows = dk_rows_new(&(dk_rows_options){columns, 2, 0, true, foreign, false, 0});
    for (unsigned i = 0; rows && i < ROWS; i++) {
        char name[32];
        dk_rows_first first;
        int n = snprintf(name, sizeof name, "the account number %u", i);
        dk_rows_code code = dk_rows_set(rows, 0, name, (size_t)n);
        if (code == DK_ROWS_OK)
            code =
                foreign ? dk_rows_set_items(rows, 1, "a\0b", 4) : dk_rows_set(rows, 1, "b; a", 4);
        if (code == DK_ROWS_OK)
            code = dk_rows_end(rows, i + 1, true, &first);
        if (code != DK_ROWS_OK) {
            assert_int_equal(DK_ROWS_NO_MEMORY, code);
            assert_true(dk_rows_count(rows) <= i);
            dk_rows_free(rows);
            return NULL;
        }
    }
    return rows;
}

static outcome match_rows(void)
{
    static const dk_match_options options = {
        .prune = true, .inactive = DK_NO_COLUMN, .id = DK_NO_COLUMN};
    dk_rows *source = make_rows(false), *service = source ? make_rows(true) : NULL;
    dk_match match;
    bool whole = service && dk_match_make(&match, source, service, &options);
    if (whole) {
        assert_int_equal(ROWS, match.counts[DK_UNCHANGED]);
        dk_match_free(&match);
    }
    dk_rows_free(source);
    dk_rows_free(service);
    return done_if(whole);
}

/* Steps and their ends, on the disk, and read again. */
static bool write_journal(dk_journal *j)
{
    if (!dk_journal_start(j, "spec", "{\"a\":1}", 7) || !dk_journal_load(j, ROWS))
        return false;
    for (size_t step = 1; step <= ROWS; step++)
        if (!dk_journal_step(j, step, DK_STEP_BEGUN, "{\"name\":\"x\"}", 12))
            return false;
    size_t n;
    return dk_line_file_commit(&j->file) && dk_journal_last(j, 1, &n);
}

static outcome keep_a_journal(void)
{
    char folder[] = "/tmp/ddokta-alloc-XXXXXX", path[sizeof folder + 8];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/journal", folder);
    dk_journal j;
    bool whole = dk_journal_open(&j, path, "spec", DK_FILE_APPEND) && write_journal(&j);
    if (!whole)
        assert_true(j.file.failure.code == DK_FILE_NO_MEMORY || j.file.failure.error == ENOMEM);
    dk_journal_close(&j);
    unlink(path);
    assert_int_equal(0, rmdir(folder));
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

#define TURN     (DK_SECOND / 1000)
#define PATIENCE (5 * DK_SECOND)

#define HEADERS  "X-RateLimit-Name: a\r\nX-RateLimit-Remaining: 5\r\nX-RateLimit-Reset: 5\r\n"
#define ANSWER   "HTTP/1.1 200 OK\r\n" HEADERS "Content-Length: 2\r\n\r\n{}"
#define NO_MODEL "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}"

static loopback server;

static int start_listening(void **state)
{
    (void)state;
    return loopback_open(&server, true) ? 0 : -1;
}

static int stop_listening(void **state)
{
    (void)state;
    loopback_close(&server);
    return 0;
}

static const char *answer(const char *request)
{
    return strncmp(request, "DELETE", 6) == 0 ? NO_MODEL : ANSWER;
}

/* A call that is ready to be submitted, or NULL. */
static dk_call *new_call(dk_engine *e, const char *name)
{
    static const char *const id[] = {"the-id"};
    static const size_t length[] = {6};
    const dk_operation *operation = row(name);
    char base[64];
    dk_credentials none = {0};
    dk_call *call = dk_call_new();
    if (!call)
        return NULL;
    snprintf(base, sizeof base, "http://127.0.0.1:%d", server.port);
    call->limits = (dk_limits){.timeout = PATIENCE,
                               .attempt_timeout = PATIENCE,
                               .connect_timeout = PATIENCE,
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
static bool finish(dk_engine *e, dk_call *call)
{
    dk_time give_up = dk_clock_now() + PATIENCE / 2;
    while (call->state != DK_DONE) {
        dk_engine_step(e, TURN);
        assert_true(loopback_serve(&server, answer));
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
    dk_call *call = new_call(e, name);
    bool whole = false;
    if (call) {
        if (dk_engine_submit(e, call, &why))
            whole = finish(e, call);
        else
            assert_string_equal("out of memory", why);
    }
    assert_int_equal(0, dk_engine_pending(e));
    dk_engine_free_call(e, call);
    return whole;
}

static dk_engine *new_engine(void)
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
    dk_engine *e = new_engine();
    bool whole = e != NULL;
    for (int i = 0; e && i < 3; i++)
        whole &= make_call(e, names[i]);
    dk_event event;
    while (e && dk_engine_event(e, &event))
        ;
    dk_engine_release(e);
    loopback_hang_up(&server);
    return done_if(whole);
}

/* More calls than the queue lets out, given up by closing the engine. */
static outcome close_with_calls(void)
{
    dk_engine *e = new_engine();
    dk_call *calls[6] = {0};
    bool whole = e != NULL;
    for (int i = 0; e && i < 6; i++) {
        const char *why;
        calls[i] = new_call(e, "list_okta_accounts");
        whole &= calls[i] && dk_engine_submit(e, calls[i], &why);
    }
    if (e) {
        dk_engines_wait(&e, 1, TURN);
        dk_engine_step(e, TURN);
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
    loopback_hang_up(&server);
    return done_if(whole);
}

/* --- running ---------------------------------------------------------------------------------- */

#define MOST_ALLOCATIONS 5000

typedef struct scenario {
    const char *name;
    outcome (*run)(void);
    unsigned long least; /* allocations that it makes at least; 0: it makes none */
    bool tolerant;       /* what some allocations are for is done without */
} scenario;

/* Runs it with the n-th allocation failing; false: it needs fewer. */
static bool fails_well(const scenario *s, unsigned long n, bool rest)
{
    long before = alloc_in_use();
    alloc_fail_at(n, rest);
    outcome came_to = s->run();
    alloc_fail_none();
    unsigned long asked = alloc_asked();
    if (alloc_in_use() != before)
        fail_msg("allocation %lu fails: %ld blocks are lost", n, alloc_in_use() - before);
    if (asked < n && came_to != DONE)
        fail_msg("nothing fails, and yet it does not work");
    if (asked >= n && came_to == DONE && !s->tolerant)
        fail_msg("allocation %lu fails, and nobody is told", n);
    return asked >= n;
}

static void runs_out_of_memory_anywhere(void **state)
{
    const scenario *s = *state;
    for (int rest = 0; rest <= 1; rest++) {
        unsigned long n = 1;
        assert_int_equal(DONE, s->run()); /* and what is made once is made */
        while (fails_well(s, n, rest))
            if (++n > MOST_ALLOCATIONS)
                fail_msg("it needs ever more memory");
        if (s->least)
            assert_true(n > s->least);
        else
            assert_int_equal(1, n);
        assert_int_equal(DONE, s->run()); /* and nothing is spoilt */
    }
}

int alloc_suite(void)
{
    static scenario scenarios[] = {
        {"a buffer", grow_a_buffer, 7, false},
        {"marking JSON", mark_json, 1, false},
        {"redacting", redact_a_text, 5, false},
        {"reading CSV", read_csv, 10, false},
        {"reading UTF-16", read_utf16, 5, false},
        {"reading headers", read_headers, 0, false},
        {"a base URL", read_a_base_url, 5, false},
        {"a base URL that is refused", refuse_base_urls, 20, true},
        {"a request", build_a_request, 3, false},
        {"a session", use_a_session, 20, false},
        {"rows that are matched", match_rows, 20, false},
        {"a journal", keep_a_journal, 5, false},
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
    return cmocka_run_group_tests_name("allocations that fail", tests, start_listening,
                                       stop_listening);
}
