/* C's unit tests: one suite per source file of csrc but for the binding, run by main.c. */
#ifndef SPEC_SUITES_H
#define SPEC_SUITES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka 2 has named it so, for there is a signed one beside it, and warns of the old name. */
#ifndef assert_uint_in_range
#define assert_uint_in_range assert_in_range
#endif

/* clang-format off */
#define SUITES(X) \
    X(alloc_calls) X(alloc_data) X(arena) X(array) X(ascii) X(attempts) X(buffer) X(call) \
    X(clock) X(connections) X(csv) X(csv_input) X(csv_record) X(delimiter) X(digest) \
    X(disguise) X(engine) X(event) X(failure) X(file) X(fingerprint) X(flood) X(form) \
    X(hash) X(header) X(hex) X(journal) X(json_scan) X(keyset) X(line_file) X(list) X(match) \
    X(operation) X(outcome) X(pollset) X(pool) X(pools) X(proxy) X(queue) X(random) \
    X(ratelimit) X(request) X(retry) X(rows) X(secret) X(secret_value) X(session) X(sigpipe) \
    X(site) X(text) X(tls) X(transfer) X(transport) X(tries) X(url) X(utf16) X(utf8) \
    X(visible) X(wakeups) X(wipe) X(words)
/* clang-format on */

/* Each answers how many of its tests failed. */
#define DECLARE(name) int name##_suite(void);
SUITES(DECLARE)
#undef DECLARE

/* A buffer's content as a string: assert_string_equal's food. */
#define TEXT(buffer) dk_buffer_string(&(buffer))

#define RUN_SUITE(name, tests) cmocka_run_group_tests_name(name, tests, NULL, NULL)

#endif
