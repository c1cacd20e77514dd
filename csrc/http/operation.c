/* The table of the rows; see operation.h. Their sources: the services' OpenAPI, and recordings
 * where they differ. */
#include "operation.h"

const char *const dk_service_names[DK_SERVICES] = {[DK_DATADOG] = "datadog", [DK_OKTA] = "okta"};

const char *const dk_shape_names[DK_SHAPES] = {
    [DK_PLAIN] = "plain", [DK_JSON_API] = "json_api",     [DK_JSON_API_LIST] = "json_api_list",
    [DK_SCIM] = "scim",   [DK_SCIM_PATCH] = "scim_patch",
};

#define DATADOG_DOCS "https://docs.datadoghq.com/api/latest/"
/* RFC 7643, 3.1, 4.1, 4.2, and the extension for enterprises, 4.3; others have a URN before
 * them. */
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
