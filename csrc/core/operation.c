/* The rows; see operation.h. Sources: the services' OpenAPI, and recordings where they differ. */
#include "operation.h"

#include <string.h>

const char *const dk_service_names[DK_SERVICES] = {"datadog", "okta"};

#define DOCS "https://docs.datadoghq.com/api/latest/"

const dk_operation dk_operations[] = {
    /* Datadog: Okta integration */
    {
        .name = "list_okta_accounts",
        .method = "GET",
        .path = "/api/v2/integrations/okta/accounts",
        .shape = DK_JSON_API,
        .success = "200",
        .permission = "integrations_read",
        .doc = DOCS "okta-integration/#list-okta-accounts",
    },
    {
        .name = "create_okta_account",
        .method = "POST",
        .path = "/api/v2/integrations/okta/accounts",
        .body = true,
        .shape = DK_JSON_API,
        .type = "okta-accounts",
        .required = "auth_method domain name",
        .success = "201",
        .permission = "manage_integrations",
        .doc = DOCS "okta-integration/#add-okta-account",
    },
    {
        .name = "get_okta_account",
        .method = "GET",
        .path = "/api/v2/integrations/okta/accounts/{account_id}",
        .shape = DK_JSON_API,
        .success = "200",
        .permission = "integrations_read",
        .doc = DOCS "okta-integration/#get-okta-account",
    },
    {
        .name = "update_okta_account",
        .method = "PATCH",
        .path = "/api/v2/integrations/okta/accounts/{account_id}",
        .body = true,
        .shape = DK_JSON_API,
        .type = "okta-accounts",
        .required = "auth_method domain",
        /* an update has no name in its schema, and no recorded one sends the id (the answer has
         * a new one) */
        .read_only = "name id",
        .success = "200",
        .permission = "manage_integrations",
        .doc = DOCS "okta-integration/#update-okta-account",
    },
    {
        .name = "delete_okta_account",
        .method = "DELETE",
        .path = "/api/v2/integrations/okta/accounts/{account_id}",
        .success = "204",
        .permission = "manage_integrations",
        .doc = DOCS "okta-integration/#delete-okta-account",
    },

    /* Datadog: keys and who holds them */
    {
        .name = "validate_api_key",
        .method = "GET",
        .path = "/api/v2/validate_keys",
        .success = "200",
        .doc = DOCS "key-management/#validate-api-and-application-keys",
    },
    {
        .name = "get_current_user",
        .method = "GET",
        .path = "/api/v2/current_user",
        .shape = DK_JSON_API,
        .success = "200",
        .doc = DOCS "users/#get-current-user",
    },
};

const size_t dk_operations_count = sizeof dk_operations / sizeof *dk_operations;

bool dk_operation_idempotent(const dk_operation *operation)
{
    return strcmp(operation->method, "POST") != 0 && strcmp(operation->method, "PATCH") != 0;
}

const char *dk_list_next(const char **list, size_t *n)
{
    if (!*list)
        return NULL;
    const char *word = *list + strspn(*list, " ");
    *n = strcspn(word, " ");
    *list = word + *n;
    return *n ? word : NULL;
}

bool dk_list_has(const char *list, const char *word, size_t n)
{
    size_t length;
    for (const char *w; (w = dk_list_next(&list, &length));)
        if (length == n && memcmp(w, word, n) == 0)
            return true;
    return false;
}
