/* csrc/base/arena.c */
#include "base/arena.h"
#include "spec/csrc/support/alloc.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void what_was_taken_stays_where_it_is(void **state)
{
    (void)state;
    enum { PIECES = 2000 };
    dk_arena arena = {0};
    char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = dk_arena_take(&arena, 400 + i % 7);
        assert_non_null(pieces[i]);
        memset(pieces[i], (int)(i % 251), 400 + i % 7);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t at = 0; at < 400 + i % 7; at++)
            assert_int_equal(i % 251, (unsigned char)pieces[i][at]);
    dk_arena_free(&arena);
    assert_null(arena.last);
}

static void takes_a_piece_larger_than_its_blocks(void **state)
{
    (void)state;
    dk_arena arena = {0};
    size_t n = (size_t)1 << 20;
    char *large = dk_arena_take(&arena, n);
    assert_non_null(large);
    memset(large, 'x', n);
    assert_non_null(dk_arena_take(&arena, 1));
    assert_null(dk_arena_take(&arena, SIZE_MAX));
    dk_arena_free(&arena);
}

static void is_wiped_when_it_is_given_back(void **state)
{
    (void)state;
    static const char *const secrets[] = {"the-arena-holds-this", NULL};
    dk_arena arena = {0};
    size_t n = (size_t)1 << 18; /* a whole block */
    char *text = dk_arena_take(&arena, n);
    memset(text, 'x', n);
    memcpy(text + n / 2, secrets[0], strlen(secrets[0]));
    alloc_search(secrets);
    dk_arena_free(&arena);
    assert_null(alloc_found());
    alloc_search(NULL);
}

static void has_no_memory_when_there_is_none(void **state)
{
    (void)state;
    dk_arena arena = {0};
    alloc_fail_at(1, true);
    void *piece = dk_arena_take(&arena, 10);
    alloc_fail_none();
    assert_null(piece);
    assert_non_null(dk_arena_take(&arena, 10));
    dk_arena_free(&arena);
}

int arena_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_taken_stays_where_it_is),
        cmocka_unit_test(takes_a_piece_larger_than_its_blocks),
        cmocka_unit_test(is_wiped_when_it_is_given_back),
        cmocka_unit_test(has_no_memory_when_there_is_none),
    };
    return RUN_SUITE("arena", tests);
}
