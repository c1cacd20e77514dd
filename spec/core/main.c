/* Runs every suite; lines "ok N - name" and "not ok N - name", which spec/run counts. */
#include "alloc.h"
#include "suites.h"

#include <stdio.h>

int main(void)
{
    static int (*const suites[])(void) = {
        buffer_suite,    clock_suite,   failure_suite, header_suite,      json_scan_suite,
        retry_suite,     secret_suite,  site_suite,    url_suite,         utf8_suite,
        wakeups_suite,   request_suite, session_suite, engine_suite,      operation_suite,
        ratelimit_suite, alloc_suite,   journal_suite, fingerprint_suite, hash_suite,
        keyset_suite,    form_suite,    rows_suite,    match_suite,       connections_suite,
        pool_suite,
    };
    int failed = 0;
    alloc_give_to_libcurl();
    /* a crash must not take the lines before it along */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        failed += suites[i]();
    return failed ? 1 : 0;
}
