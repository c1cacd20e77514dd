/* csrc/base/hex.c */
#include "base/hex.h"
#include "spec/csrc/support/suites.h"

#include <ctype.h>
#include <string.h>

static void knows_digits_of_both_cases(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++)
        assert_int_equal(isxdigit(i) != 0, dk_hex_value((char)i) >= 0);
    assert_int_equal(9, dk_hex_value('9'));
    assert_int_equal(10, dk_hex_value('a'));
    assert_int_equal(15, dk_hex_value('F'));
}

static void bytes_come_back_as_they_were_written(void **state)
{
    (void)state;
    unsigned char all[256], back[256];
    char digits[2 * sizeof all + 1];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)i;
    dk_hex_write(all, sizeof all, digits);
    assert_int_equal(512, strlen(digits));
    assert_memory_equal("00010203", digits, 8);
    assert_string_equal("fcfdfeff", digits + 504);
    assert_true(dk_hex_read(digits, back, sizeof back));
    assert_memory_equal(all, back, sizeof all);
    assert_true(dk_hex_read("FF", back, 1));
    assert_int_equal(0xFF, back[0]);
    assert_false(dk_hex_read("0g", back, 1));
    assert_false(dk_hex_read("g0", back, 1));
}

static void reads_a_number_no_further_than_the_text(void **state)
{
    (void)state;
    assert_int_equal(0xe9, dk_hex_number("e9", 2, 2));
    assert_int_equal(0x20AC, dk_hex_number("20ACff", 6, 4));
    assert_int_equal(-1, dk_hex_number("20ACff", 3, 4));
    assert_int_equal(-1, dk_hex_number("20 C", 4, 4));
    assert_int_equal(-1, dk_hex_number("", 0, 2));
}

int hex_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_digits_of_both_cases),
        cmocka_unit_test(bytes_come_back_as_they_were_written),
        cmocka_unit_test(reads_a_number_no_further_than_the_text),
    };
    return RUN_SUITE("hex", tests);
}
