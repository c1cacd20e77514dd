/* csrc/rows/rows.c, arena.c */
#include "spec/csrc/support/alloc.h"
#include "rows/rows.h"
#include "spec/csrc/support/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME, DOMAIN, SECRET, TAGS, COLUMNS };

static const dk_column columns[COLUMNS] = {
    [NAME] = {.form = DK_FORM_TEXT, .required = true, .max = 20},
    [DOMAIN] = {.form = DK_FORM_OKTA_DOMAIN},
    [SECRET] = {.form = DK_FORM_TEXT, .secret = true},
    [TAGS] = {.form = DK_FORM_LIST, .separator = ';'},
};

static dk_rows *new_rows(bool keep, bool foreign)
{
    return dk_rows_new(&(dk_rows_options){columns, COLUMNS, NAME, keep, foreign, false, 0});
}

static dk_rows_code set(dk_rows *rows, size_t column, const char *text)
{
    return dk_rows_set(rows, column, text, strlen(text));
}

static dk_rows_code add(dk_rows *rows, const char *name, size_t line, dk_rows_first *first)
{
    dk_rows_code code = set(rows, NAME, name);
    return code == DK_ROWS_OK ? dk_rows_end(rows, line, first) : code;
}

static uint32_t find(dk_rows *rows, const char *key)
{
    uint32_t row = 12345;
    assert_true(dk_rows_find(rows, key, strlen(key), NULL, 0, &row));
    return row;
}

static void has(const dk_rows *rows, size_t row, size_t column, const char *text)
{
    size_t n;
    const char *value = dk_rows_value(rows, row, column, &n);
    assert_non_null(value);
    assert_int_equal(strlen(text), n);
    assert_memory_equal(text, value, n);
}

static void keeps_values_in_their_form(void **state)
{
    dk_rows *rows = new_rows(true, false);
    dk_rows_first first;
    size_t n;
    char *long_text = malloc(1000001);
    (void)state;
    memset(long_text, 'x', 1000000);
    long_text[1000000] = '\0';
    assert_int_equal(DK_ROWS_OK, set(rows, DOMAIN, "A.okta.com"));
    assert_int_equal(DK_ROWS_OK, set(rows, TAGS, "b;a"));
    assert_int_equal(DK_ROWS_OK, set(rows, SECRET, long_text));
    assert_int_equal(DK_ROWS_OK, add(rows, "first", 7, &first));
    assert_int_equal(DK_ROWS_OK, set(rows, DOMAIN, ""));
    assert_int_equal(DK_ROWS_OK, dk_rows_set_items(rows, TAGS, "", 0));
    assert_int_equal(DK_ROWS_OK, add(rows, "second", 8, &first));
    assert_int_equal(2, dk_rows_count(rows));
    has(rows, 0, NAME, "first");
    has(rows, 0, DOMAIN, "https://a.okta.com/");
    has(rows, 0, SECRET, long_text);
    assert_memory_equal("a\0b", dk_rows_value(rows, 0, TAGS, &n), 4);
    assert_int_equal(4, n);
    assert_int_equal(7, dk_rows_line(rows, 0));
    has(rows, 1, NAME, "second");
    assert_null(dk_rows_value(rows, 1, DOMAIN, &n));
    assert_null(dk_rows_value(rows, 1, SECRET, &n));
    assert_non_null(dk_rows_value(rows, 1, TAGS, &n)); /* empty, and there */
    assert_int_equal(0, n);
    dk_rows_free(rows);
    free(long_text);
}

static void refuses_and_forgets(void **state)
{
    dk_rows *rows = new_rows(true, false);
    dk_rows_first first;
    size_t n;
    (void)state;
    assert_int_equal(DK_ROWS_REFUSED, set(rows, NAME, "tab\t"));
    assert_int_equal(DK_ROWS_REFUSED, set(rows, DOMAIN, "http://a.b"));
    assert_int_equal(DK_ROWS_REFUSED, set(rows, NAME, "123456789012345678901"));
    assert_int_equal(DK_ROWS_OK, set(rows, NAME, "1234567890123456789\xc3\xa4"));
    dk_rows_drop(rows);
    assert_int_equal(DK_ROWS_OK, set(rows, DOMAIN, "a.b"));
    assert_int_equal(DK_ROWS_REFUSED, dk_rows_end(rows, 1, &first)); /* no name */
    assert_int_equal(DK_ROWS_OK, add(rows, "a", 2, &first));
    assert_null(dk_rows_value(rows, 0, DOMAIN, &n)); /* of the row that was refused */
    assert_int_equal(DK_ROWS_FULL, add(rows, "b", (size_t)UINT32_MAX, &first));
    assert_int_equal(DK_ROWS_FULL, add(rows, "b", 0, &first));
    assert_int_equal(1, dk_rows_count(rows));
    dk_rows_free(rows);
}

static void tells_a_key_that_is_there_already(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        dk_rows *rows = new_rows(keep, false);
        dk_rows_first first;
        assert_int_equal(DK_ROWS_OK, add(rows, "Acme", 3, &first));
        assert_int_equal(DK_ROWS_OK, add(rows, "other", 4, &first));
        assert_int_equal(DK_ROWS_TWICE, add(rows, "Acme", 5, &first));
        assert_true(first.exact);
        assert_int_equal(3, first.line);
        assert_int_equal(keep ? 0 : DK_ROWS_NONE, first.row);
        assert_int_equal(2, dk_rows_count(rows));
        dk_rows_free(rows);
    }
}

/* A key may name one thing within another's value alone. */
static void tells_keys_apart_by_what_they_are_within(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        dk_rows_options options = {columns, COLUMNS, NAME, keep != 0, false, false, DOMAIN + 1};
        dk_rows *rows = dk_rows_new(&options), *others = dk_rows_new(&options);
        dk_rows_first first;
        uint32_t row;
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(DK_ROWS_OK, set(rows, DOMAIN, i ? "b.okta.com" : "a.okta.com"));
            assert_int_equal(DK_ROWS_OK, add(rows, "admin", 2 + i, &first));
        }
        assert_int_equal(DK_ROWS_OK, add(rows, "admin", 4, &first)); /* within nothing */
        assert_int_equal(DK_ROWS_OK, set(rows, DOMAIN, "b.okta.com"));
        assert_int_equal(DK_ROWS_TWICE, add(rows, "admin", 5, &first));
        assert_int_equal(3, first.line);
        assert_false(dk_rows_has_variants(rows));
        if (keep) {
            const char *b = "https://b.okta.com/";
            assert_true(dk_rows_find(rows, "admin", 5, b, strlen(b), &row));
            assert_int_equal(1, row);
            assert_int_equal(DK_ROWS_NONE, dk_rows_before(rows, row));
            assert_true(dk_rows_find(rows, "admin", 5, "c", 1, &row));
            assert_int_equal(DK_ROWS_NONE, row);
            assert_int_equal(DK_ROWS_OK, set(others, DOMAIN, "b.okta.com"));
            assert_int_equal(DK_ROWS_OK, add(others, "Admin", 1, &first));
            assert_true(dk_rows_find_like(rows, others, 0, &row));
            assert_int_equal(1, row);
        }
        dk_rows_free(rows);
        dk_rows_free(others);
    }
}

/* Where rows are kept whoever compares them with a service decides; else it is told at once. */
static void keeps_keys_that_read_alike(void **state)
{
    dk_rows *rows = new_rows(true, false), *keys = new_rows(false, false);
    dk_rows_first first;
    uint32_t row;
    (void)state;
    assert_int_equal(DK_ROWS_OK, add(rows, "Acme", 3, &first));
    assert_false(dk_rows_has_variants(rows));
    assert_int_equal(DK_ROWS_OK, add(rows, "A\xd1\x81me", 4, &first)); /* with a Cyrillic c */
    assert_int_equal(DK_ROWS_OK, add(rows, "a c m e", 5, &first));
    assert_true(dk_rows_has_variants(rows));
    assert_int_equal(DK_ROWS_TWICE, add(rows, "Acme", 6, &first));
    assert_int_equal(3, first.line);
    assert_true(dk_rows_find(rows, "ACME", 4, NULL, 0, &row));
    assert_int_equal(2, row);
    assert_int_equal(1, dk_rows_before(rows, 2));
    assert_int_equal(0, dk_rows_before(rows, 1));
    assert_int_equal(DK_ROWS_OK, add(keys, "Acme", 3, &first));
    assert_int_equal(DK_ROWS_TWICE, add(keys, "A\xd1\x81me", 4, &first));
    assert_false(first.exact);
    assert_int_equal(3, first.line);
    dk_rows_free(rows);
    dk_rows_free(keys);
}

static void keeps_so_many_of_them(void **state)
{
    dk_rows *rows = new_rows(true, false);
    dk_rows_first first;
    char name[20] = "a";
    size_t kept = 0;
    (void)state;
    for (int i = 0; i < 128; i++) { /* each of seven letters large or small */
        for (int bit = 0; bit < 7; bit++)
            name[bit] = i & 1 << bit ? 'A' : 'a';
        name[7] = '\0';
        kept += add(rows, name, 1, &first) == DK_ROWS_OK;
    }
    assert_int_equal(64, kept);
    dk_rows_free(rows);
}

static void folds_keys_where_the_service_does(void **state)
{
    dk_rows *rows = dk_rows_new(&(dk_rows_options){columns, COLUMNS, NAME, true, false, true, 0});
    dk_rows_first first;
    (void)state;
    assert_int_equal(DK_ROWS_OK, add(rows, "Acme", 3, &first));
    assert_int_equal(DK_ROWS_TWICE, add(rows, "ACME", 4, &first));
    assert_false(first.exact);
    assert_int_equal(DK_ROWS_OK, add(rows, "A\xc3\xa7me", 5, &first));
    dk_rows_free(rows);
}

static void refuses_names_that_nobody_can_read(void **state)
{
    dk_rows *rows = new_rows(true, false), *service = new_rows(true, true);
    (void)state;
    assert_int_equal(DK_ROWS_REFUSED, set(rows, NAME, "ada\xc2\xa0"));
    assert_int_equal(DK_ROWS_REFUSED, set(rows, NAME, " ada"));
    assert_int_equal(DK_ROWS_REFUSED, set(rows, NAME,
                                          "a\xe2\x80\x8b"
                                          "da"));
    assert_int_equal(DK_ROWS_OK, set(rows, SECRET, " \xc2\xa0"));
    assert_int_equal(DK_ROWS_OK, set(service, NAME, "ada\xc2\xa0"));
    dk_rows_free(rows);
    dk_rows_free(service);
}

static void clears_what_is_optional(void **state)
{
    static const dk_column some[] = {{.required = true},
                                     {.form = DK_FORM_TEXT},
                                     {.form = DK_FORM_LIST, .separator = ';'},
                                     {.form = DK_FORM_TEXT, .immutable = true},
                                     {.form = DK_FORM_TEXT, .secret = true}};
    dk_rows_options options = {some, 5, 0, true, false, false, 0};
    dk_rows *rows = dk_rows_new(&options);
    dk_rows_first first;
    size_t n;
    (void)state;
    assert_int_equal(DK_ROWS_REFUSED, set(rows, 0, "(none)"));
    assert_int_equal(DK_ROWS_REFUSED, set(rows, 3, "(none)"));
    for (size_t i = 1; i < 3; i++)
        assert_int_equal(DK_ROWS_OK, set(rows, i, "(none)"));
    assert_int_equal(DK_ROWS_OK, set(rows, 4, "(none)"));
    assert_int_equal(DK_ROWS_OK, set(rows, 0, "a"));
    assert_int_equal(DK_ROWS_OK, dk_rows_end(rows, 1, &first));
    for (size_t i = 1; i < 3; i++) {
        assert_non_null(dk_rows_value(rows, 0, i, &n));
        assert_int_equal(0, n);
    }
    assert_null(dk_rows_value(rows, 0, 3, &n));
    has(rows, 0, 4, "(none)");
    assert_int_equal(DK_ROWS_OK, dk_rows_set_items(rows, 2, "(none)", 7));
    assert_int_equal(DK_ROWS_OK, set(rows, 0, "b"));
    assert_int_equal(DK_ROWS_OK, dk_rows_end(rows, 2, &first));
    assert_non_null(dk_rows_value(rows, 1, 2, &n));
    assert_int_equal(0, n);
    dk_rows_free(rows);
}

static void takes_a_services_rows_as_they_are(void **state)
{
    dk_rows *rows = new_rows(true, true);
    dk_rows_first first;
    size_t n;
    (void)state;
    assert_int_equal(DK_ROWS_OK, set(rows, DOMAIN, "http://\tx"));
    assert_int_equal(DK_ROWS_OK, add(rows, "twin", 1, &first));
    assert_int_equal(DK_ROWS_OK, add(rows, "TWIN", 2, &first));
    assert_int_equal(DK_ROWS_OK, add(rows, "other", 3, &first));
    assert_int_equal(DK_ROWS_OK, dk_rows_end_partial(rows, 4, &first)); /* without a key */
    has(rows, 0, DOMAIN, "http://\tx");
    assert_int_equal(1, find(rows, "tWiN"));
    assert_int_equal(0, dk_rows_before(rows, 1));
    assert_int_equal(DK_ROWS_NONE, dk_rows_before(rows, 0));
    assert_int_equal(DK_ROWS_NONE, find(rows, "twi"));
    assert_int_equal(DK_ROWS_NONE, find(rows, ""));
    assert_null(dk_rows_value(rows, 3, NAME, &n));
    dk_rows_free(rows);
}

/* Some of everything; false where memory ran out. */
static bool fill(bool keep)
{
    dk_rows *rows = new_rows(keep, false);
    dk_rows_first first;
    char name[20];
    bool whole = rows != NULL;
    for (int i = 0; whole && i < 3000; i++) {
        snprintf(name, sizeof name, "N\xc3\xa4me %d", i);
        whole = set(rows, DOMAIN, "A.okta.com") == DK_ROWS_OK &&
                set(rows, TAGS, "b;a") == DK_ROWS_OK && add(rows, name, 1, &first) == DK_ROWS_OK;
    }
    dk_rows_free(rows);
    return whole;
}

static void survives_any_allocation_that_fails(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        long before = alloc_in_use();
        alloc_fail_at((unsigned long)-1, false);
        assert_true(fill(keep));
        unsigned long asked = alloc_asked();
        alloc_fail_none();
        assert_int_equal(before, alloc_in_use());
        /* the first ones make the rows; then one in a hundred of the many */
        for (unsigned long n = 1; n <= asked; n += n < 50 ? 1 : 97) {
            alloc_fail_at(n, false);
            bool whole = fill(keep);
            /* how many there are differs by a few: where keys fall is random */
            bool has_failed = alloc_asked() >= n;
            alloc_fail_none();
            assert_int_equal(!has_failed, whole);
            assert_int_equal(before, alloc_in_use());
        }
    }
}

int rows_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_values_in_their_form),
        cmocka_unit_test(refuses_and_forgets),
        cmocka_unit_test(tells_a_key_that_is_there_already),
        cmocka_unit_test(tells_keys_apart_by_what_they_are_within),
        cmocka_unit_test(keeps_keys_that_read_alike),
        cmocka_unit_test(keeps_so_many_of_them),
        cmocka_unit_test(folds_keys_where_the_service_does),
        cmocka_unit_test(refuses_names_that_nobody_can_read),
        cmocka_unit_test(clears_what_is_optional),
        cmocka_unit_test(takes_a_services_rows_as_they_are),
        cmocka_unit_test(survives_any_allocation_that_fails),
    };
    return RUN_SUITE("rows", tests);
}
