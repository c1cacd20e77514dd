/* Runs every suite, or those that are named: core-test retry queue. Lines "ok N - name" and "not ok
 * N - name", which spec/run counts. */
#include "alloc.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(void);
} suites[] = {
#define ROW(name) {#name, name##_suite},
    SUITES(ROW)
#undef ROW
};

static bool is_named(const char *name, char **names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    int failed = 0;
    alloc_give_to_libcurl();
    /* a crash must not take the lines before it along */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (argc == 1 || is_named(suites[i].name, argv + 1))
            failed += suites[i].run();
    return failed ? 1 : 0;
}
