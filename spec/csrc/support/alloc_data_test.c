/* Memory runs out while texts, rows and journals are read and written; see starve.h. */
#include "http/header.h"
#include "http/json_scan.h"
#include "http/secret.h"
#include "journal/journal.h"
#include "rows/csv.h"
#include "rows/match.h"
#include "starve.h"
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
            code = dk_rows_end(rows, i + 1, &first);
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

int alloc_data_suite(void)
{
    static scenario scenarios[] = {
        {"a buffer", grow_a_buffer, 7, false},
        {"marking JSON", mark_json, 1, false},
        {"redacting", redact_a_text, 5, false},
        {"reading CSV", read_csv, 10, false},
        {"reading UTF-16", read_utf16, 5, false},
        {"reading headers", read_headers, 0, false},
        {"rows that are matched", match_rows, 20, false},
        {"a journal", keep_a_journal, 5, false},
    };
    enum { COUNT = sizeof scenarios / sizeof *scenarios };
    struct CMUnitTest tests[COUNT];
    for (int i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){scenarios[i].name, runs_out_of_memory_anywhere, NULL, NULL,
                                       &scenarios[i]};
    return cmocka_run_group_tests_name("allocations that fail: data", tests, NULL, NULL);
}
