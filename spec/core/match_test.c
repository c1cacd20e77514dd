/* csrc/core/match.c, digest.c */
#include "alloc.h"
#include "core/match.h"
#include "suites.h"

#include <string.h>

enum { NAME, DOMAIN, MAIL, PLACE, ACTIVE, SECRET, COLUMNS };

static const dk_column columns[COLUMNS] = {
    [NAME] = {.form = DK_FORM_TEXT, .required = true},
    [DOMAIN] = {.form = DK_FORM_OKTA_DOMAIN},
    [MAIL] = {.form = DK_FORM_TEXT, .fold = true},
    [PLACE] = {.form = DK_FORM_TEXT, .fixed = true},
    [ACTIVE] = {.form = DK_FORM_BOOLEAN},
    [SECRET] = {.form = DK_FORM_TEXT, .secret = true},
};

static dk_rows *new_rows(bool foreign)
{
    return dk_rows_new(&(dk_rows_options){columns, COLUMNS, NAME, true, foreign});
}

/* values: of each column, NULL where absent */
static void add(dk_rows *rows, const char *const values[COLUMNS])
{
    dk_rows_first first;
    for (size_t i = 0; i < COLUMNS; i++)
        if (values[i])
            assert_int_equal(DK_ROWS_OK, dk_rows_set(rows, i, values[i], strlen(values[i])));
    assert_int_equal(DK_ROWS_OK, dk_rows_end(rows, dk_rows_count(rows) + 1, false, &first));
}

#define ADD(rows, ...) add(rows, (const char *const[COLUMNS]){__VA_ARGS__})

static const dk_match_options plain = {.inactive = DK_NO_COLUMN};

/* The actions of the source's rows, a letter each, and what is deleted. */
static void expect(dk_rows *source, dk_rows *service, const dk_match_options *options,
                   const char *actions)
{
    static const char letters[] = "+~=-2vf!";
    dk_match match;
    assert_true(dk_match_make(&match, source, service, options));
    assert_int_equal(strlen(actions), match.steps);
    for (size_t i = 0; i < match.steps; i++)
        assert_int_equal(actions[i], letters[dk_match_action(&match, i)]);
    dk_match_free(&match);
}

static void finds_what_differs(void **state)
{
    dk_rows *source = new_rows(false), *service = new_rows(true);
    (void)state;
    ADD(service, "same", "HTTPS://Same.okta.com", "A@B.c", "here", "True");
    ADD(service, "other", "https://other.okta.com/");
    ADD(service, "fixed", NULL, NULL, "there");
    ADD(service, "twin");
    ADD(service, "twin");
    ADD(service, "Acme");
    ADD(service, "foreign");
    ADD(source, "same", "same.okta.com", "a@b.C", "here", "true");
    ADD(source, "same too");
    ADD(source, "other", "moved.okta.com");
    ADD(source, "fixed", NULL, NULL, "here");
    ADD(source, "twin");
    ADD(source, "ACME");
    expect(source, service, &plain, "=+~f2v");
    expect(source, service, &(dk_match_options){.prune = true, .inactive = DK_NO_COLUMN},
           "=+~f2v-");
    dk_rows_free(source);
    dk_rows_free(service);
}

static void folds_keys_where_the_service_does(void **state)
{
    dk_match_options options = {.fold_keys = true, .inactive = DK_NO_COLUMN};
    dk_rows *source = new_rows(false), *service = new_rows(true);
    (void)state;
    ADD(service, "Acme");
    ADD(service, "two");
    ADD(service, "TWO");
    ADD(source, "ACME");
    ADD(source, "Two");
    expect(source, service, &options, "=2");
    dk_rows_free(source);
    dk_rows_free(service);
}

static void sends_secrets_only_to_rotate(void **state)
{
    dk_match_options options = {.rotate = true, .inactive = DK_NO_COLUMN};
    dk_rows *source = new_rows(false), *service = new_rows(true);
    (void)state;
    ADD(service, "a");
    ADD(service, "b");
    ADD(source, "a", NULL, NULL, NULL, NULL, "secret");
    ADD(source, "b");
    expect(source, service, &plain, "==");
    expect(source, service, &options, "~=");
    dk_rows_free(source);
    dk_rows_free(service);
}

static void counts_deactivations(void **state)
{
    dk_match_options options = {.prune = true, .inactive = ACTIVE};
    dk_rows *source = new_rows(false), *service = new_rows(true);
    dk_match match;
    (void)state;
    ADD(service, "leaves", NULL, NULL, NULL, "true");
    ADD(service, "left", NULL, NULL, NULL, "false");
    ADD(service, "gone", NULL, NULL, NULL, "false");
    ADD(service, "goes");
    ADD(source, "leaves", NULL, NULL, NULL, "FALSE");
    ADD(source, "left", NULL, NULL, NULL, "false");
    expect(source, service, &options, "~=-");
    assert_true(dk_match_make(&match, source, service, &options));
    assert_int_equal(1, match.deactivations);
    assert_int_equal(3, dk_match_other(&match, 2));
    dk_match_free(&match);
    dk_rows_free(source);
    dk_rows_free(service);
}

static void digest(const char *place, const char *secret, bool steps, char hex[DK_DIGEST_HEX + 1])
{
    dk_rows *source = new_rows(false), *service = new_rows(true);
    dk_match match;
    dk_digest *d = dk_digest_new();
    ADD(service, "a", NULL, NULL, place);
    ADD(source, "a", NULL, "mail", NULL, NULL, secret);
    assert_true(dk_match_make(&match, source, service, &plain));
    dk_match_digest(&match, source, service, steps, d);
    assert_true(dk_digest_end(d, hex));
    dk_digest_free(d);
    dk_match_free(&match);
    dk_rows_free(source);
    dk_rows_free(service);
}

static void has_a_digest_without_secrets(void **state)
{
    char one[DK_DIGEST_HEX + 1], other[DK_DIGEST_HEX + 1];
    (void)state;
    digest("x", "hunter2", true, one);
    digest("x", "hunter3", true, other);
    assert_string_equal(one, other);
    digest("x", NULL, true, other);
    assert_string_not_equal(one, other);
    digest("y", "hunter2", true, other);
    assert_string_not_equal(one, other);
    digest("x", "hunter2", false, one);
    digest("y", "hunter2", false, other);
    assert_string_equal(one, other);
}

/* What is cut differently is different. */
static void knows_where_a_text_ends(void **state)
{
    char one[DK_DIGEST_HEX + 1], other[DK_DIGEST_HEX + 1];
    static const char *const texts[][2] = {{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"abc", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dk_digest *d = dk_digest_new();
        for (size_t part = 0; part < 2; part++)
            dk_digest_add(d, texts[i][part], texts[i][part] ? strlen(texts[i][part]) : 0);
        assert_true(dk_digest_end(d, i % 2 ? other : one));
        dk_digest_free(d);
        if (i > 0)
            assert_string_not_equal(one, other);
    }
}

static void survives_any_allocation_that_fails(void **state)
{
    dk_rows *source = new_rows(false), *service = new_rows(true);
    dk_match_options options = {.prune = true, .inactive = DK_NO_COLUMN};
    dk_match match;
    unsigned long n = 0;
    bool whole;
    (void)state;
    static char key[600]; /* longer than what the rows have room for when they look for it */
    memset(key, 'k', sizeof key - 1);
    ADD(service, "a", "HTTPS://A.okta.com");
    ADD(service, "k");
    ADD(source, "a", "a.okta.com");
    ADD(source, key);
    do {
        long before = alloc_in_use();
        alloc_fail_at(++n, false);
        whole = dk_match_make(&match, source, service, &options);
        alloc_fail_none();
        if (whole) { /* what could not be looked for is not one that is not there */
            assert_int_equal(DK_UNCHANGED, dk_match_action(&match, 0));
            assert_int_equal(DK_CREATE, dk_match_action(&match, 1));
            assert_int_equal(1, match.counts[DK_DELETE]);
            dk_match_free(&match);
        }
        assert_int_equal(before, alloc_in_use());
    } while (!whole);
    assert_true(n > 5);
    dk_rows_free(source);
    dk_rows_free(service);
}

int match_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_differs),
        cmocka_unit_test(folds_keys_where_the_service_does),
        cmocka_unit_test(sends_secrets_only_to_rotate),
        cmocka_unit_test(counts_deactivations),
        cmocka_unit_test(has_a_digest_without_secrets),
        cmocka_unit_test(knows_where_a_text_ends),
        cmocka_unit_test(survives_any_allocation_that_fails),
    };
    return RUN_SUITE("match", tests);
}
