/* csrc/http/disguise.c: what is read, and where it stands. What it is for: secret_test.c. */
#include "http/disguise.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static dk_view of(const char *text)
{
    return (dk_view){.bytes = text, .length = strlen(text)};
}

static void expect(const char *text, dk_encoding encoding, const char *expected)
{
    dk_view whole = of(text), out;
    bool failed = false, any = dk_view_decode(&whole, encoding, &out, &failed);
    assert_false(failed);
    assert_int_equal(expected != NULL, any);
    if (any) {
        assert_int_equal(strlen(expected), out.length);
        assert_memory_equal(expected, out.bytes, out.length);
        dk_view_free(&out);
    }
}

static void takes_escapes_off(void **state)
{
    (void)state;
    expect("a\\\"\\/\\n\\u00e9\\xe9\\ud83d\\ude00", DK_BACKSLASHES,
           "a\"/\n\xc3\xa9\xe9\xf0\x9f\x98\x80");
    expect("\\q \\ux \\x4 \\", DK_BACKSLASHES, NULL);
    expect("%2F%2f%zz%4", DK_PERCENTS, "//%zz%4");
    expect("a+b%2B", DK_FORM_WORDS, "a b+");
    expect("a%2Bb", DK_FORM_WORDS, NULL); /* which DK_PERCENTS reads */
    expect("&amp;&lt;&#65;&#x42;&#0000067;&sol;", DK_ENTITIES, "&<ABC/");
    expect("&nothing; &#; &#x; &#x110000; &#0; & ;", DK_ENTITIES, NULL);
    expect("", DK_PERCENTS, NULL);
}

static void tells_where_each_byte_stands(void **state)
{
    (void)state;
    dk_view whole = of("x\\u00e9%41y"), once, twice;
    bool failed = false;
    assert_true(dk_view_decode(&whole, DK_BACKSLASHES, &once, &failed));
    assert_true(dk_view_decode(&once, DK_PERCENTS, &twice, &failed));
    assert_memory_equal("x\xc3\xa9"
                        "Ay",
                        twice.bytes, twice.length);
    static const dk_span expected[] = {{0, 1}, {1, 7}, {1, 7}, {7, 10}, {10, 11}};
    for (size_t i = 0; i < 5; i++) {
        dk_span span = dk_view_span(&twice, i, i + 1);
        assert_int_equal(expected[i].from, span.from);
        assert_int_equal(expected[i].to, span.to);
    }
    dk_span all = dk_view_span(&twice, 1, 4);
    assert_int_equal(1, all.from);
    assert_int_equal(10, all.to);
    dk_view_free(&once);
    dk_view_free(&twice);
    assert_false(failed);
}

static void unpacks_runs_that_are_long_enough(void **state)
{
    (void)state;
    dk_view whole = of("so: YWJj\r\nZGVm, x61"), out;
    bool failed = false;
    assert_true(dk_view_unpack(&whole, 6, 0, 8, &out, &failed));
    assert_memory_equal("abcdef", out.bytes, out.length);
    assert_int_equal(4, dk_view_span(&out, 0, 6).from);
    assert_int_equal(14, dk_view_span(&out, 0, 6).to);
    dk_view_free(&out);
    assert_false(dk_view_unpack(&whole, 6, 0, 9, &out, &failed));
    assert_true(dk_view_unpack(&whole, 4, 0, 2, &out, &failed));
    assert_memory_equal("a", out.bytes, 2); /* and a NUL behind the run */
    dk_view_free(&out);
    assert_false(failed);
}

int disguise_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_escapes_off),
        cmocka_unit_test(tells_where_each_byte_stands),
        cmocka_unit_test(unpacks_runs_that_are_long_enough),
    };
    return RUN_SUITE("disguise", tests);
}
