/* The C floor's own unit tests: one suite per source file of csrc/core, run by main.c. */
#ifndef SPEC_CORE_SUITES_H
#define SPEC_CORE_SUITES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Each answers how many of its tests failed. */
int alloc_suite(void);
int ascii_suite(void);
int buffer_suite(void);
int clock_suite(void);
int connections_suite(void);
int disguise_suite(void);
int engine_suite(void);
int failure_suite(void);
int fingerprint_suite(void);
int form_suite(void);
int hash_suite(void);
int header_suite(void);
int journal_suite(void);
int json_scan_suite(void);
int keyset_suite(void);
int match_suite(void);
int operation_suite(void);
int pollset_suite(void);
int pool_suite(void);
int proxy_suite(void);
int queue_suite(void);
int ratelimit_suite(void);
int request_suite(void);
int retry_suite(void);
int rows_suite(void);
int secret_suite(void);
int session_suite(void);
int site_suite(void);
int text_suite(void);
int url_suite(void);
int utf8_suite(void);
int visible_suite(void);
int wakeups_suite(void);

/* A buffer's content as a string: assert_string_equal's food. */
#define TEXT(buffer) dk_buffer_string(&(buffer))

#define RUN_SUITE(name, tests) cmocka_run_group_tests_name(name, tests, NULL, NULL)

#endif
