/* csrc/rows/form.c */
#include "rows/form.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

typedef struct example {
    dk_form form;
    const char *text;
    const char *normal; /* NULL: it is refused */
} example;

static const example examples[] = {
    {DK_FORM_TEXT, "any text \xc3\xa4", "any text \xc3\xa4"},
    {DK_FORM_TEXT, "a tab\tin it", NULL},
    {DK_FORM_TEXT, "12345678\x7f", NULL},
    {DK_FORM_TEXT, "1234567\x1f, more than a word", NULL},
    {DK_FORM_TEXT, "next line \xc2\x85", NULL},
    {DK_FORM_TEXT, "\xc2\xa0 a space that does not break", "\xc2\xa0 a space that does not break"},
    {DK_FORM_TEXT, "line\xe2\x80\xa8separator", NULL},
    {DK_FORM_TEXT, "\xe2\x80\xa6", "\xe2\x80\xa6"},
    {DK_FORM_OKTA_DOMAIN, "https://a.okta.com/", "https://a.okta.com/"},
    {DK_FORM_OKTA_DOMAIN, "https://a.okta.com", "https://a.okta.com/"},
    {DK_FORM_OKTA_DOMAIN, "HTTPS://A.Okta.com/", "https://a.okta.com/"},
    {DK_FORM_OKTA_DOMAIN, "a-b.okta.com", "https://a-b.okta.com/"},
    {DK_FORM_OKTA_DOMAIN, "https://a.okta.com//", NULL},
    {DK_FORM_OKTA_DOMAIN, "http://a.okta.com", NULL},
    {DK_FORM_OKTA_DOMAIN, "://a.okta.com", NULL},
    {DK_FORM_OKTA_DOMAIN, "https:/", NULL},
    {DK_FORM_OKTA_DOMAIN, "https://", NULL},
    {DK_FORM_OKTA_DOMAIN, "/", NULL},
    {DK_FORM_OKTA_DOMAIN, "okta", NULL},
    {DK_FORM_OKTA_DOMAIN, "a..b", NULL},
    {DK_FORM_OKTA_DOMAIN, "a.-b", NULL},
    {DK_FORM_OKTA_DOMAIN, "a-.b", NULL},
    {DK_FORM_OKTA_DOMAIN, "a.b.", NULL},
    {DK_FORM_OKTA_DOMAIN, "a.b\n", NULL},
    {DK_FORM_BOOLEAN, "true", "true"},
    {DK_FORM_BOOLEAN, "FALSE", "false"},
    {DK_FORM_BOOLEAN, "Yes", "true"},
    {DK_FORM_BOOLEAN, "no", "false"},
    {DK_FORM_BOOLEAN, "1", "true"},
    {DK_FORM_BOOLEAN, "0", "false"},
    {DK_FORM_BOOLEAN, "WAHR", "true"},
    {DK_FORM_BOOLEAN, "onwaar", "false"},
    {DK_FORM_BOOLEAN, "falso", "false"},
    {DK_FORM_BOOLEAN, "ye", NULL},
    {DK_FORM_BOOLEAN, "2", NULL},
    {DK_FORM_TEXT, "#N/A", NULL},
    {DK_FORM_TEXT, "#name?", NULL},
    {DK_FORM_TEXT, "#N/A of them", "#N/A of them"},
    {DK_FORM_TEXT, "#", "#"},
    {DK_FORM_BOOLEAN, "tru", NULL},
    {DK_FORM_EMAIL, "a@b.c", "a@b.c"},
    {DK_FORM_EMAIL, "a@b@c", NULL},
    {DK_FORM_EMAIL, "@b", NULL},
    {DK_FORM_EMAIL, "a@localhost", "a@localhost"},
    {DK_FORM_EMAIL, "mailto:a@b.c", NULL},
    {DK_FORM_EMAIL, "Ada<a@b.c>", NULL},
    {DK_FORM_EMAIL, "a@b.c;d@e.f", NULL},
    {DK_FORM_EMAIL, "a@b.c.", NULL},
    {DK_FORM_EMAIL, "a@b..c", NULL},
    {DK_FORM_EMAIL, "a@-", NULL},
    {DK_FORM_EMAIL, "o'hara+x@b-c.d", "o'hara+x@b-c.d"},
    {DK_FORM_EMAIL, "a@", NULL},
    {DK_FORM_EMAIL, "a b@c", NULL},
    {DK_FORM_EMAIL,
     "a\xc2\xa0"
     "b@c",
     NULL},
    {DK_FORM_EMAIL, "a@b\xc3\xa9.c", "a@b\xc3\xa9.c"},
    {DK_FORM_EMAIL, "a\r@c", NULL},
    {DK_FORM_LABEL, "svc_1-a. b", "svc_1-a. b"},
    {DK_FORM_LABEL, "svc/1", NULL},
};

static void lets_in_and_normalises(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const example *e = &examples[i];
        dk_buffer out = {0};
        dk_form_code code = dk_form_apply(e->form, e->text, strlen(e->text), &out);
        if (!e->normal)
            assert_int_equal(DK_FORM_REFUSED, code);
        else if (strcmp(e->text, e->normal) == 0)
            assert_int_equal(DK_FORM_AS_IS, code);
        else
            assert_string_equal(e->normal, TEXT(out));
        dk_buffer_free(&out);
    }
}

static void has_limits_for_a_host(void **state)
{
    char host[300];
    dk_buffer out = {0};
    (void)state;
    memset(host, 'a', sizeof host);
    host[63] = '.';
    assert_int_equal(DK_FORM_CHANGED, dk_form_apply(DK_FORM_OKTA_DOMAIN, host, 127, &out));
    assert_int_equal(DK_FORM_REFUSED, dk_form_apply(DK_FORM_OKTA_DOMAIN, host, 128, &out));
    for (size_t i = 1; i < sizeof host; i += 2)
        host[i] = '.';
    assert_int_equal(DK_FORM_CHANGED, dk_form_apply(DK_FORM_OKTA_DOMAIN, host, 253, &out));
    assert_int_equal(DK_FORM_REFUSED, dk_form_apply(DK_FORM_OKTA_DOMAIN, host, 255, &out));
    dk_buffer_free(&out);
}

static void sorts_a_list_and_drops_what_is_there_twice(void **state)
{
    dk_buffer out = {0};
    (void)state;
    assert_int_equal(DK_FORM_CHANGED, dk_form_list(" b;a ;;ab; a;", 13, ';', &out));
    assert_int_equal(7, out.length);
    assert_memory_equal("a\0ab\0b", out.data, 7);
    assert_int_equal(DK_FORM_REFUSED, dk_form_list("a;b\tc", 5, ';', &out));
    out.length = 0;
    assert_int_equal(DK_FORM_CHANGED, dk_form_list("", 0, '\0', &out));
    assert_int_equal(0, out.length);
    dk_buffer_free(&out);
}

int form_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_in_and_normalises),
        cmocka_unit_test(has_limits_for_a_host),
        cmocka_unit_test(sorts_a_list_and_drops_what_is_there_twice),
    };
    return RUN_SUITE("form", tests);
}
