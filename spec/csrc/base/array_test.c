/* csrc/base/array.c */
#include "base/array.h"
#include "spec/csrc/support/alloc.h"
#include "spec/csrc/support/suites.h"

#include <stdlib.h>

static void grows_and_keeps_what_it_has(void **state)
{
    (void)state;
    size_t *numbers = NULL, capacity = 0;
    for (size_t i = 0; i < 1000; i++) {
        assert_true(dk_array_reserve(&numbers, &capacity, i, sizeof *numbers));
        assert_true(capacity > i);
        numbers[i] = i;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(i, numbers[i]);
    assert_int_equal(1024, capacity);
    free(numbers);
}

static void without_memory_it_is_as_it_was(void **state)
{
    (void)state;
    char *bytes = NULL;
    size_t capacity = 0;
    assert_true(dk_array_reserve(&bytes, &capacity, 0, 1));
    char *before = bytes;
    size_t had = capacity;
    alloc_fail_at(1, true);
    bool has_room = dk_array_reserve(&bytes, &capacity, had - 1, 1);
    bool grew = dk_array_reserve(&bytes, &capacity, had, 1);
    alloc_fail_none();
    assert_true(has_room);
    assert_false(grew);
    assert_ptr_equal(before, bytes);
    assert_int_equal(had, capacity);
    capacity = SIZE_MAX / 2; /* more than memory can be */
    assert_false(dk_array_reserve(&bytes, &capacity, capacity, 16));
    assert_ptr_equal(before, bytes);
    free(bytes);
}

int array_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps_what_it_has),
        cmocka_unit_test(without_memory_it_is_as_it_was),
    };
    return RUN_SUITE("array", tests);
}
