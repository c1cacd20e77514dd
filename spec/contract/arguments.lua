-- What each operation is called with: a list of its path parameters and its body, the query a table
-- behind them. An operation that is not here takes nothing but ids, and gets ID for each. A row of its
-- own is needed where a description says more of a path parameter than that it is text.
local ddokta = require "ddokta"

local ID = "3653d3c6-0c75-11ea-ad28-fb5701eabc7d"
local USER = "urn:ietf:params:scim:schemas:core:2.0:User"

local role = { name = "Night shift", permissions = { ID } }
local key = { name = "Night shift", scopes = { "user_access_read" } }
local token = { name = "Night shift", scopes = { "user_access_read" }, expires_at = "2030-01-31T12:00:00Z" }
local user = { email = "a@example.com", name = "A", title = "SRE", roles = { ID } }
local scim_user = {
  userName = "a@example.com",
  active = true,
  name = { formatted = "A" },
  title = "SRE",
  emails = { { primary = true, type = "work", value = "a@example.com" } },
  roles = { { value = ID } },
}
local scim_group = {
  displayName = "Night shift",
  externalId = "00g1",
  members = {
    { value = ID, display = "A", type = "User", ["$ref"] = "https://example.com/api/v2/scim/Users/" .. ID },
  },
}
local team = {
  name = "Night shift",
  handle = "night-shift",
  description = "Watches.",
  avatar = "owl",
  banner = 3,
  hidden_modules = { "m1" },
  visible_modules = ddokta.array {},
}
local link = { label = "Runbook", url = "https://example.com/runbook", position = 0 }
local rule = { email = { enabled = true }, slack = { channel = "#night", workspace = "example" } }
local key_pages = {
  page_size = 10,
  page_number = 1,
  sort = "name",
  filter = "night",
  ["filter[created_at][start]"] = "2024-01-01",
  ["filter[created_at][end]"] = "2030-01-01",
}
local idp_file = { idp_file = "<EntityDescriptor/>" }

local datadog = {
  -- keys
  list_api_keys = {
    {
      page_size = 10,
      sort = "-name",
      include = "created_by",
      filter = "night",
      ["filter[modified_at][start]"] = "2024-01-01",
      ["filter[remote_config_read_enabled]"] = true,
    },
  },
  create_api_key = { { name = "Night shift", category = "ci", remote_config_read_enabled = true } },
  get_api_key = { ID, { include = "created_by,modified_by" } },
  update_api_key = { ID, { name = "Day shift" } },
  list_application_keys = { key_pages },
  get_application_key = { ID, { include = "owned_by" } },
  update_application_key = { ID, key },
  list_current_user_application_keys = { key_pages },
  create_current_user_application_key = { key },
  update_current_user_application_key = { ID, key },
  list_personal_access_tokens = {
    { page_size = 10, sort = "name", filter = "n", ["filter[owned_by]"] = { ID, ID } },
  },
  create_personal_access_token = { token },
  update_personal_access_token = { ID, key },

  -- the Okta integration
  create_okta_account = {
    {
      name = "Okta-Prod",
      domain = "https://example.okta.com/",
      auth_method = "oauth",
      client_id = "an-app",
      client_secret = "a secret",
    },
  },
  update_okta_account = {
    ID,
    {
      name = "Okta-Prod",
      domain = "https://example.okta.com/",
      auth_method = "oauth",
      client_secret = "a secret",
    },
  },

  -- organisation
  list_authn_mappings = { { page_size = 10, sort = "created_at", filter = "night", resource_type = "role" } },
  create_authn_mapping = { { attribute_key = "member-of", attribute_value = "night", role = ID } },
  update_authn_mapping = { ID, { attribute_key = "member-of", attribute_value = "night", team = ID } },
  update_identity_provider = { ID, { enabled = true } },
  list_identity_provider_users = {
    ID,
    { page_size = 10, sort = "name", sort_dir = "desc", filter = "a", ["filter[status]"] = "Active" },
  },
  update_login_org_configs_max_session_duration = { { max_session_duration = 604800 } },
  update_org_saml_configurations = { { default_role_uuids = { ID }, jit_domains = ddokta.array {} } },
  get_org_config = { "monitor_timezone" },
  update_org_config = { "monitor_timezone", { value = "UTC" } },
  upload_idp_metadata = { idp_file },
  update_saml_configuration = {
    ID,
    { idp_initiated = true, jit_domains = { "example.com" }, default_roles = { ID } },
  },
  create_child_org = { { name = "A child" } },
  get_org = { "abc123" },
  update_org = {
    "abc123",
    {
      name = "A child",
      settings = {
        saml = { enabled = true },
        saml_autocreate_users_domains = { domains = { "example.com" }, enabled = false },
      },
    },
  },
  upload_idp_for_org = { "abc123", idp_file },

  -- roles
  list_roles = { { page_size = 10, page_number = 0, sort = "name", filter = "n", ["filter[id]"] = ID } },
  create_role = { role },
  update_role = { ID, role },
  clone_role = { ID, { name = "Day shift" } },
  remove_permission_from_role = { ID, ID },
  add_permission_to_role = { ID, { id = ID } },
  remove_user_from_role = { ID, ID },
  list_role_users = { ID, { page_size = 10, sort = "name", filter = "a" } },
  add_user_to_role = { ID, { id = ID } },

  -- SCIM
  list_scim_users = { { startIndex = 1, count = 2, filter = 'userName eq "a@example.com"' } },
  create_scim_user = { scim_user },
  update_scim_user = { ID, scim_user },
  patch_scim_user = {
    ID,
    {
      { op = "replace", value = { name = { formatted = "B" } } },
      { op = "add", path = "title", value = "SRE" },
    },
  },
  list_scim_groups = { { start_index = 1, count = 2, filter = 'displayName eq "Night shift"' } },
  create_scim_group = { scim_group },
  update_scim_group = { ID, scim_group },
  patch_scim_group = {
    ID,
    {
      { op = "remove", path = ('members[value eq "%s"]'):format(ID) },
      { op = "add", path = "members", value = { { value = ID } } },
      { op = "replace", value = { displayName = "Night shift", id = ID } },
    },
  },
  get_scim_resource_type = { "User" },
  get_scim_schema = { USER },

  -- service accounts
  create_service_account = {
    { email = "bot@example.com", name = "Bot", service_account = true, roles = { ID } },
  },
  list_service_account_access_tokens = { ID, { page_size = 10, sort = "name", filter = "n" } },
  create_service_account_access_token = { ID, token },
  update_service_account_access_token = { ID, ID, key },
  list_service_account_application_keys = { ID, key_pages },
  create_service_account_application_key = { ID, key },
  update_service_account_application_key = { ID, ID, key },

  -- teams
  list_teams = {
    {
      page_size = 10,
      sort = "name",
      include = { "team_links", "user_team_permissions" },
      ["filter[keyword]"] = "night",
      ["filter[me]"] = true,
      ["fields[team]"] = { "id", "name" },
    },
  },
  create_team = { team },
  list_team_hierarchy_links = { { page_size = 10, ["filter[parent_team]"] = ID } },
  add_team_hierarchy_link = { { parent_team = ID, sub_team = ID } },
  delete_team_connections = { { ID, { id = ID } } },
  list_team_connections = {
    { page_size = 10, ["filter[sources]"] = { "github" }, ["filter[team_ids]"] = { ID } },
  },
  create_team_connections = {
    { { source = "github", managed_by = "datadog", team = ID, connected_team = "@Org/night" } },
  },
  get_team_sync = { { ["filter[source]"] = "github" } },
  sync_teams = { { source = "github", type = "link", frequency = "once" } },
  list_member_teams = { ID, { page_size = 10, ["fields[team]"] = { "id", "name" } } },
  add_member_team = { ID, ID },
  update_team = { ID, team },
  create_team_link = { ID, link },
  update_team_link = { ID, ID, link },
  get_team_memberships = { ID, { page_size = 10, sort = "name", ["filter[keyword]"] = "a" } },
  create_team_membership = { ID, { role = "admin", user = ID } },
  update_team_membership = { ID, ID, { role = "admin" } },
  create_team_notification_rule = { ID, rule },
  update_team_notification_rule = { ID, ID, rule },
  update_team_permission_setting = { ID, "manage_membership", { value = "admins" } },

  -- users
  anonymize_users = { { user_ids = { ID } } },
  update_current_user = { { id = ID, name = "A" } },
  send_invitations = { { { user = ID } } },
  list_users = {
    {
      page_size = 10,
      sort = "name",
      sort_dir = "asc",
      filter = "a",
      ["filter[status]"] = "Active,Pending",
    },
  },
  create_user = { user },
  update_user = { ID, { name = "A", disabled = false } },
  update_user_identity_providers = { ID, { ID } },
}

local orn = "orn:okta:idp:00o1:apps:salesforce:0oa1"
local app_pages = { limit = 20, after = "16278919418571", q = "a" }

local okta = {
  -- service accounts
  list_app_service_accounts = { { limit = 20, after = "16278919418571", match = "salesforce" } },
  create_app_service_account = {
    {
      name = "salesforce-prod-account",
      username = "salesforce-prod",
      containerOrn = orn,
      password = "a password",
      description = "For production.",
      ownerUserIds = { "00u1" },
      ownerGroupIds = { "00g1" },
    },
  },
  get_app_service_account = { ID },
  update_app_service_account = { ID, { name = "salesforce-prod", description = "" } },
  delete_app_service_account = { ID },

  -- group push
  list_group_push_mappings = {
    "0oa1",
    { limit = 20, sourceGroupId = "00g1", status = "ACTIVE", lastUpdated = "2024-01-31T12:00:00Z" },
  },
  create_group_push_mapping = {
    "0oa1",
    { sourceGroupId = "00g1", targetGroupName = "Night shift", status = "ACTIVE" },
  },
  update_group_push_mapping = { "0oa1", "gPm1", { status = "INACTIVE" } },
  delete_group_push_mapping = { "0oa1", "gPm1", { deleteTargetGroup = false } },

  -- apps
  list_applications = {
    {
      q = "Datadog",
      limit = 20,
      filter = 'status eq "ACTIVE"',
      expand = "user/0oa1",
      includeNonDeleted = true,
      useOptimization = false,
    },
  },
  list_application_users = { "0oa1", app_pages },
  assign_user_to_application = {
    "0oa1",
    { id = "00u1", scope = "USER", credentials = { userName = "a@example.com" } },
  },
  update_application_user = { "0oa1", "00u1", { profile = { title = "SRE" } } },
  unassign_user_from_application = { "0oa1", "00u1", { sendEmail = true } },
  list_application_group_assignments = { "0oa1", app_pages },
  get_application_group_assignment = { "0oa1", "00g1", { expand = "group" } },
  assign_group_to_application = { "0oa1", "00g1", { priority = 0, profile = { title = "SRE" } } },
  update_group_assignment_to_application = {
    "0oa1",
    "00g1",
    { { op = "replace", path = "/profile", value = { title = "SRE" } } },
  },
  update_default_provisioning_connection_for_application = {
    "0oa1",
    {
      baseUrl = "https://api.datadoghq.com/api/v2/scim",
      profile = { authScheme = "TOKEN", token = "a token" },
    },
    { activate = true },
  },
  get_feature_for_application = { "0oa1", "USER_PROVISIONING" },
  update_feature_for_application = {
    "0oa1",
    "USER_PROVISIONING",
    {
      create = { lifecycleCreate = { status = "ENABLED" } },
      update = { lifecycleDeactivate = { status = "ENABLED" }, profile = { status = "DISABLED" } },
    },
  },
  list_profile_mappings = { { limit = 20, sourceId = "0oa1" } },

  -- people
  list_groups = {
    {
      q = "Night",
      limit = 20,
      expand = "stats",
      sortBy = "lastUpdated",
      sortOrder = "asc",
      search = 'type eq "OKTA_GROUP"',
    },
  },
  list_group_users = { "00g1", { limit = 20 } },
  list_users = { { limit = 20, search = 'status eq "ACTIVE"', sortBy = "id", sortOrder = "asc" } },
  get_user = { "00u1", { expand = "blocks" } },
}

local services = { datadog = datadog, okta = okta }

-- arguments(operation) -> the list
return function(operation)
  local given = services[operation.service][operation.name]
  if not given then
    given = {}
    for _ in operation.path:gmatch "{" do
      given[#given + 1] = ID
    end
  end
  return given
end
