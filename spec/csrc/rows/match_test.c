/* csrc/rows/match.c, digest.c */
#include "spec/csrc/support/alloc.h"
#include "rows/match.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

enum { NAME, DOMAIN, MAIL, PLACE, ACTIVE, SECRET, TAGS, ID, COLUMNS };

static const dk_column columns[COLUMNS] = {
    [NAME] = {.form = DK_FORM_TEXT, .required = true},
    [DOMAIN] = {.form = DK_FORM_OKTA_DOMAIN},
    [MAIL] = {.form = DK_FORM_TEXT, .fold = true},
    [PLACE] = {.form = DK_FORM_TEXT, .immutable = true},
    [ACTIVE] = {.form = DK_FORM_BOOLEAN},
    [SECRET] = {.form = DK_FORM_TEXT, .secret = true},
    [TAGS] = {.form = DK_FORM_LIST, .separator = ';'},
    [ID] = {.form = DK_FORM_TEXT},
};

static dk_rows *new_rows(bool foreign)
{
    return dk_rows_new(&(dk_rows_options){columns, COLUMNS, NAME, true, foreign, false, 0});
}

/* values: of each column, NULL where absent */
static void add(dk_rows *rows, const char *const values[COLUMNS])
{
    dk_rows_first first;
    for (size_t i = 0; i < COLUMNS; i++)
        if (values[i])
            assert_int_equal(DK_ROWS_OK, dk_rows_set(rows, i, values[i], strlen(values[i])));
    assert_int_equal(DK_ROWS_OK, dk_rows_end_partial(rows, dk_rows_count(rows) + 1, &first));
}

#define ADD(rows, ...) add(rows, (const char *const[COLUMNS]){__VA_ARGS__})

static const dk_match_options plain = {.inactive = DK_NO_COLUMN, .id = DK_NO_COLUMN};

/* The actions of the source's rows, a letter each, and what is deleted. */
static void expect(dk_rows *source, dk_rows *service, const dk_match_options *options,
                   const char *actions)
{
    static const char letters[] = "+~=-2vrosf!"; /* in the order of dk_action */
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
    expect(source, service,
           &(dk_match_options){.prune = true, .inactive = DK_NO_COLUMN, .id = DK_NO_COLUMN},
           "=+~f2v-");
    dk_rows_free(source);
    dk_rows_free(service);
}

static void folds_keys_where_the_service_does(void **state)
{
    dk_rows_options options = {columns, COLUMNS, NAME, true, false, true, 0};
    dk_rows *source = dk_rows_new(&options), *service = new_rows(true);
    (void)state;
    ADD(service, "Acme");
    ADD(service, "two");
    ADD(service, "TWO");
    ADD(source, "ACME");
    ADD(source, "Two");
    expect(source, service, &plain, "=2");
    dk_rows_free(source);
    dk_rows_free(service);
}

/* Whoever has this very key is meant; what only reads like it is a conflict, and is not deleted. */
static void tells_what_reads_alike(void **state)
{
    dk_match_options options = {.prune = true, .inactive = DK_NO_COLUMN, .id = DK_NO_COLUMN};
    dk_rows *source = new_rows(false), *service = new_rows(true);
    dk_match match;
    (void)state;
    ADD(service, "ada\xc2\xa0");
    ADD(service, "Bob");
    ADD(service, "bob");
    ADD(service, "Zo\xc3\xab");
    ADD(source, "ada");
    ADD(source, "bob");
    ADD(source, "Zoe\xcc\x88"); /* decomposed */
    ADD(source, "new");
    ADD(source, "n\xd0\xb5w"); /* with a Cyrillic e */
    expect(source, service, &options, "v=vrr");
    assert_true(dk_match_make(&match, source, service, &options));
    assert_int_equal(3, match.spared);
    assert_int_equal(match.service, match.active);
    dk_match_free(&match);
    dk_rows_free(source);
    dk_rows_free(service);
}

static void knows_by_id_what_has_another_name(void **state)
{
    dk_match_options options = {.prune = true, .inactive = DK_NO_COLUMN, .id = ID};
    dk_rows *source = new_rows(false), *service = new_rows(true);
    dk_match match;
#define PERSON(rows, name, id) ADD(rows, name, NULL, NULL, NULL, NULL, NULL, NULL, id)
    (void)state;
    PERSON(service, "byron", "1");
    PERSON(service, "bob", "2");
    PERSON(service, "eve", "3");
    PERSON(service, "twin", "4");
    PERSON(service, "twin", "5");
    PERSON(service, "gone", "6");
    PERSON(source, "lovelace", "1"); /* renamed */
    PERSON(source, "eve", "2");      /* the id says bob */
    PERSON(source, "twin", "5");     /* which one is said by the id */
    PERSON(source, "Byron", "1");    /* the first row's thing once more */
    PERSON(source, "new", "9");      /* an id of elsewhere */
    ADD(source, "GONE");
    expect(source, service, &options, "so=s+v");
    assert_true(dk_match_make(&match, source, service, &options));
    assert_int_equal(0, dk_match_other(&match, 0));
    assert_int_equal(4, dk_match_other(&match, 2));
    dk_match_free(&match);
    dk_rows_free(source);
    source = new_rows(false);
    PERSON(source, "lovelace", "1");
    expect(source, service, &options, "~-----");
    PERSON(source, "byron", "1"); /* has the name, and is right */
    expect(source, service, &options, "s=-----");
    dk_rows_free(source);
    dk_rows_free(service);
}

static void takes_a_list_that_was_not_sent_for_unknown(void **state)
{
    dk_rows *source = new_rows(false), *service = new_rows(true);
    (void)state;
    ADD(service, "a");
    ADD(service, "b");
    ADD(source, "a", NULL, NULL, NULL, NULL, NULL, "(none)");
    ADD(source, "b", NULL, "(none)");
    expect(source, service, &plain, "~=");
    dk_rows_free(source);
    dk_rows_free(service);
}

static void sends_secrets_only_to_rotate(void **state)
{
    dk_match_options options = {.rotate = true, .inactive = DK_NO_COLUMN, .id = DK_NO_COLUMN};
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
    dk_match_options options = {.prune = true, .inactive = ACTIVE, .id = DK_NO_COLUMN};
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
    assert_int_equal(2, match.active); /* "leaves" still, and "goes" */
    assert_int_equal(2, match.met);
    assert_int_equal(3, dk_match_other(&match, 2));
    dk_match_free(&match);
    options.reactivate = true;
    ADD(source, "gone");
    expect(source, service, &options, "~=~-");
    assert_true(dk_match_make(&match, source, service, &options));
    assert_int_equal(1, match.reactivations);
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
    dk_match_options options = {.prune = true, .inactive = DK_NO_COLUMN, .id = ID};
    dk_match match;
    unsigned long n = 0;
    bool whole;
    (void)state;
    static char key[600]; /* longer than what the rows have room for when they look for it */
    uint32_t row;
    memset(key, 'k', sizeof key - 1);
    ADD(service, "\xc3\xa4", "HTTPS://A.okta.com", NULL, NULL, NULL, NULL, NULL, "1");
    ADD(service, "k");
    ADD(source, "\xc3\xa4", "a.okta.com", NULL, NULL, NULL, NULL, NULL, "1");
    ADD(source, key);
    /* rows keep the memory that they compare keys in */
    assert_true(dk_rows_find(service, "\xc3\xa4", 2, NULL, 0, &row));
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
        cmocka_unit_test(tells_what_reads_alike),
        cmocka_unit_test(knows_by_id_what_has_another_name),
        cmocka_unit_test(takes_a_list_that_was_not_sent_for_unknown),
        cmocka_unit_test(sends_secrets_only_to_rotate),
        cmocka_unit_test(counts_deactivations),
        cmocka_unit_test(has_a_digest_without_secrets),
        cmocka_unit_test(knows_where_a_text_ends),
        cmocka_unit_test(survives_any_allocation_that_fails),
    };
    return RUN_SUITE("match", tests);
}
