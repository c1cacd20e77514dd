/* Runs every suite; lines "ok N - name" and "not ok N - name", which spec/run counts. */
#include "alloc.h"
#include "suites.h"

#include <stdio.h>

int main(void)
{
    static int (*const suites[])(void) = {
        alloc_suite,    ascii_suite,     buffer_suite,  clock_suite,       connections_suite,
        disguise_suite, engine_suite,    failure_suite, fingerprint_suite, form_suite,
        hash_suite,     header_suite,    journal_suite, json_scan_suite,   keyset_suite,
        match_suite,    operation_suite, pollset_suite, pool_suite,        proxy_suite,
        queue_suite,    ratelimit_suite, request_suite, retry_suite,       rows_suite,
        secret_suite,   session_suite,   site_suite,    text_suite,        url_suite,
        utf8_suite,     visible_suite,   wakeups_suite,
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
