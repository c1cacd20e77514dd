/* csrc/base/wipe.c */
#include "base/wipe.h"
#include "spec/csrc/support/suites.h"

static void wipes(void **state)
{
    (void)state;
    char key[8] = "abcdefg";
    dk_wipe(key, sizeof key);
    for (size_t i = 0; i < sizeof key; i++)
        assert_int_equal(0, key[i]);
    dk_wipe(NULL, 0);
}

int wipe_suite(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(wipes)};
    return RUN_SUITE("wipe", tests);
}
