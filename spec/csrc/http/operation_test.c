/* csrc/http/operation.c: every row is complete, so that a new one cannot be half a row. */
#include "http/operation.h"
#include "http/url.h"
#include "spec/csrc/support/suites.h"

#include <ctype.h>
#include <string.h>

/* A path is one service's, and so is a name: both have a list_users. */
#define EACH(o)                                                                                    \
    for (const dk_operation *o = dk_operations; o < dk_operations + dk_operations_count; o++)

static const dk_operation *find_of(dk_service service, const char *name)
{
    EACH(o)
    if (o->service == service && strcmp(o->name, name) == 0)
        return o;
    fail_msg("no operation %s", name);
    return NULL;
}

static const dk_operation *find(const char *name)
{
    return find_of(DK_DATADOG, name);
}

static void names_are_snake_case_and_unique(void **state)
{
    (void)state;
    EACH(o)
    {
        for (const char *p = o->name; *p; p++)
            assert_true(islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_');
        assert_ptr_equal(o, find_of(o->service, o->name));
    }
}

static void rows_are_complete(void **state)
{
    (void)state;
    EACH(o)
    {
        assert_true(dk_words_have("GET POST PUT PATCH DELETE", o->method, strlen(o->method)));
        assert_true(o->path[0] == '/');
        assert_non_null(o->success);
        assert_non_null(o->doc);
        assert_true(dk_url_parameters(o->path) <= 8); /* what the binding has room for */
        bool typed = o->shape != DK_PLAIN && o->shape != DK_SCIM_PATCH;
        if (o->body && typed && o->body != DK_FORM)
            assert_non_null(o->type);
        assert_false(o->body && strcmp(o->method, "GET") == 0);
        if (o->body == DK_FORM) /* of whose media type the parts' names end in the second half */
            assert_true(o->type && strchr(o->type, '/'));
        if (!o->body)
            assert_true(!o->required && !o->fields && !o->relationships);
        else
            assert_true(o->bare || o->fields);
        if (o->paging != DK_WHOLE)
            assert_true(o->each && o->list);
        else
            assert_null(o->each);
        if (o->path_id)
            assert_true(dk_url_parameters(o->path) > 0);
    }
}

static void the_main_jobs_rows_are_as_the_specification_says(void **state)
{
    (void)state;
    assert_string_equal("GET", find("list_okta_accounts")->method);
    assert_string_equal("POST", find("create_okta_account")->method);
    assert_string_equal("201", find("create_okta_account")->success);
    assert_string_equal("PATCH", find("update_okta_account")->method);
    assert_string_equal("204", find("delete_okta_account")->success);
    assert_string_equal("manage_integrations", find("delete_okta_account")->permission);
    assert_string_equal("integrations_read", find("get_okta_account")->permission);
    assert_string_equal("/api/v2/validate_keys", find("validate_api_key")->path);
    assert_string_equal("/api/v2/current_user", find("get_current_user")->path);
}

int operation_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_snake_case_and_unique),
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(the_main_jobs_rows_are_as_the_specification_says),
    };
    return RUN_SUITE("operation", tests);
}
