/* The rows' room, and reading the lists in them; see operation.h. Sources of the rows: the
 * services' OpenAPI, and recordings where they differ. */
#include "operation.h"

#include <string.h>

const char *const dk_service_names[DK_SERVICES] = {"datadog", "okta"};

const char *const dk_shape_names[DK_SHAPES] = {
    "plain", "json_api", "json_api_list", "scim", "scim_patch",
};

#define DATADOG_DOCS "https://docs.datadoghq.com/api/latest/"
/* RFC 7643, 3.1, 4.1, 4.2, and the extension for enterprises, 4.3; others have a URN before them.
 */
#define SCIM_FIELDS "externalId id meta schemas "
#define SCIM_USER_FIELDS                                                                           \
    SCIM_FIELDS "active addresses displayName emails entitlements groups ims locale name "         \
                "nickName password phoneNumbers photos preferredLanguage profileUrl roles "        \
                "timezone title userName userType x509Certificates costCenter department "         \
                "division employeeNumber manager organization"
#define SCIM_GROUP_FIELDS SCIM_FIELDS "displayName members"

#define OKTA_DOCS "https://developer.okta.com/docs/api/openapi/okta-management/management/"

/* All rows of a file are of one family: each begins with its .name, and that with the family. */
#define name family = FAMILY, .name

const dk_operation dk_operations[] = {
#define FAMILY "Okta integration"
#include "operations/datadog_okta_integration.inc"
#undef FAMILY
#define FAMILY "SCIM"
#include "operations/datadog_scim.inc"
#undef FAMILY
#define FAMILY "Teams"
#include "operations/datadog_teams.inc"
#undef FAMILY
#define FAMILY "Users"
#include "operations/datadog_users.inc"
#undef FAMILY
#define FAMILY "Roles"
#include "operations/datadog_roles.inc"
#undef FAMILY
#define FAMILY "Service accounts"
#include "operations/datadog_service_accounts.inc"
#undef FAMILY
#define FAMILY "Keys"
#include "operations/datadog_keys.inc"
#undef FAMILY
#define FAMILY "Organizations"
#include "operations/datadog_organization.inc"
#undef FAMILY
#define FAMILY "Service accounts"
#include "operations/okta_service_accounts.inc"
#undef FAMILY
#define FAMILY "Group push"
#include "operations/okta_group_push.inc"
#undef FAMILY
#define FAMILY "Applications"
#include "operations/okta_applications.inc"
#undef FAMILY
#define FAMILY "Users and groups"
#include "operations/okta_people.inc"
#undef FAMILY
};

#undef name

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
    for (const char *w; (w = dk_list_next(&list, &length));) {
        const char *colon = memchr(w, ':', length);
        if (colon)
            length = (size_t)(colon - w);
        if (length == n && memcmp(w, word, n) == 0)
            return true;
    }
    return false;
}

/* Are the texts alike behind the first letter that differs? a is not the shorter one. */
static bool one_slip(const char *a, size_t a_n, const char *b, size_t b_n)
{
    size_t i = 0;
    while (i < b_n && a[i] == b[i])
        i++;
    if (a_n > b_n)
        return memcmp(a + i + 1, b + i, b_n - i) == 0;
    if (i == b_n || memcmp(a + i + 1, b + i + 1, b_n - i - 1) == 0)
        return true;
    return b_n - i > 1 && a[i] == b[i + 1] && a[i + 1] == b[i] &&
           memcmp(a + i + 2, b + i + 2, b_n - i - 2) == 0;
}

bool dk_list_nears(const char *list, const char *word, size_t n)
{
    size_t length;
    for (const char *w; (w = dk_list_next(&list, &length));) {
        const char *colon = memchr(w, ':', length);
        if (colon)
            length = (size_t)(colon - w);
        if (length == n || length == n + 1 ? one_slip(w, length, word, n)
                                           : n == length + 1 && one_slip(word, n, w, length))
            return true;
    }
    return false;
}

unsigned dk_list_marks(const char *word, size_t *n)
{
    unsigned marks = 0;
    for (; *n; --*n) {
        char last = word[*n - 1];
        unsigned mark = last == '!'   ? DK_REQUIRED
                        : last == '+' ? DK_REPEATED
                        : last == '*' ? DK_MANY
                                      : 0;
        if (!mark)
            break;
        marks |= mark;
    }
    return marks;
}
