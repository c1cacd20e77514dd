/* csrc/base/buffer.c */
#include "base/buffer.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void grows_and_keeps_what_it_has(void **state)
{
    (void)state;
    dk_buffer b = {0};
    for (int i = 0; i < 10000; i++)
        assert_true(dk_buffer_addc(&b, (char)('a' + i % 26)));
    assert_int_equal(10000, b.length);
    for (int i = 0; i < 10000; i++)
        assert_int_equal('a' + i % 26, b.data[i]);
    dk_buffer_free(&b);
    assert_null(b.data);
}

static void takes_nul_bytes_and_nothing(void **state)
{
    (void)state;
    dk_buffer b = {0};
    assert_true(dk_buffer_add(&b, "a\0b", 3));
    assert_true(dk_buffer_add(&b, NULL, 0));
    assert_int_equal(3, b.length);
    assert_memory_equal("a\0b", b.data, 3);
    dk_buffer_free(&b);
}

static void string_ends_in_nul_that_is_not_counted(void **state)
{
    (void)state;
    dk_buffer b = {0};
    assert_string_equal("", dk_buffer_string(&b));
    char exact[256];
    memset(exact, 'x', sizeof exact);
    dk_buffer_add(&b, exact, sizeof exact); /* the capacity, to the byte */
    assert_int_equal(256, strlen(dk_buffer_string(&b)));
    assert_int_equal(256, b.length);
    dk_buffer_free(&b);
}

static void formats(void **state)
{
    (void)state;
    dk_buffer b = {0};
    char name[600];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_true(dk_buffer_addf(&b, "%s=%d", "a", -7));
    assert_true(dk_buffer_addf(&b, ";%s", name)); /* longer than the first capacity */
    assert_memory_equal("a=-7;n", b.data, 6);
    assert_int_equal(5 + 599, b.length);
    dk_buffer_free(&b);
}

static void a_size_that_cannot_be_is_a_failure_that_stays(void **state)
{
    (void)state;
    dk_buffer b = {0};
    dk_buffer_adds(&b, "kept");
    assert_false(dk_buffer_add(&b, "", SIZE_MAX - 2));
    assert_true(b.failed);
    assert_false(dk_buffer_addc(&b, 'x'));
    assert_null(dk_buffer_string(&b));
    assert_int_equal(4, b.length);
    dk_buffer_clear(&b);
    assert_true(dk_buffer_adds(&b, "again"));
    assert_string_equal("again", TEXT(b));
    dk_buffer_free(&b);
}

static void a_secret_is_wiped_when_cleared(void **state)
{
    (void)state;
    dk_buffer b = {.secret = true};
    dk_buffer_adds(&b, "hunter2");
    dk_buffer_clear(&b);
    for (size_t i = 0; i < b.capacity; i++)
        if (i < 7)
            assert_int_equal(0, b.data[i]);
    dk_buffer_free(&b);
}

static void a_secret_keeps_its_content_when_it_moves(void **state)
{
    (void)state;
    dk_buffer b = {.secret = true};
    for (int i = 0; i < 100; i++)
        assert_true(dk_buffer_adds(&b, "0123456789"));
    assert_int_equal(1000, b.length);
    for (int i = 0; i < 1000; i++)
        assert_int_equal('0' + i % 10, b.data[i]);
    dk_buffer_free(&b);
}

int buffer_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps_what_it_has),
        cmocka_unit_test(takes_nul_bytes_and_nothing),
        cmocka_unit_test(string_ends_in_nul_that_is_not_counted),
        cmocka_unit_test(formats),
        cmocka_unit_test(a_size_that_cannot_be_is_a_failure_that_stays),
        cmocka_unit_test(a_secret_is_wiped_when_cleared),
        cmocka_unit_test(a_secret_keeps_its_content_when_it_moves),
    };
    return RUN_SUITE("buffer", tests);
}
