/* csrc/base/list.c */
#include "base/list.h"
#include "spec/csrc/support/suites.h"

typedef struct letter {
    dk_link link;
    char c;
} letter;

/* Both ways through the list must say the same. */
static void assert_spells(const char *word, const dk_list *list)
{
    const char *at = word;
    for (const dk_link *l = list->first; l; l = l->next)
        assert_int_equal(*at++, ((const letter *)l)->c);
    assert_int_equal('\0', *at);
    for (const dk_link *l = list->last; l; l = l->previous)
        assert_int_equal(*--at, ((const letter *)l)->c);
    assert_ptr_equal(word, at);
}

static void keeps_its_order(void **state)
{
    (void)state;
    letter a = {.c = 'a'}, b = {.c = 'b'}, c = {.c = 'c'}, d = {.c = 'd'};
    dk_list list = {0};
    assert_spells("", &list);
    dk_list_insert(&list, &b.link, NULL);
    dk_list_insert(&list, &d.link, NULL);
    dk_list_insert(&list, &a.link, &b.link);
    dk_list_insert(&list, &c.link, &d.link);
    assert_spells("abcd", &list);
    dk_list_remove(&list, &c.link);
    assert_spells("abd", &list);
    dk_list_remove(&list, &a.link);
    dk_list_remove(&list, &d.link);
    assert_spells("b", &list);
    dk_list_insert(&list, &c.link, NULL);
    assert_spells("bc", &list);
}

static void knows_what_it_has(void **state)
{
    (void)state;
    letter a = {.c = 'a'}, b = {.c = 'b'};
    dk_list list = {0};
    assert_false(dk_list_has(&list, &a.link));
    dk_list_insert(&list, &a.link, NULL);
    assert_true(dk_list_has(&list, &a.link)); /* alone, without a neighbour */
    dk_list_insert(&list, &b.link, NULL);
    dk_list_remove(&list, &a.link);
    assert_false(dk_list_has(&list, &a.link));
    assert_true(dk_list_has(&list, &b.link));
    dk_list_remove(&list, &b.link);
    assert_spells("", &list);
}

int list_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_its_order),
        cmocka_unit_test(knows_what_it_has),
    };
    return RUN_SUITE("list", tests);
}
