-- What the contract run does in the sandbox, in an order in which it makes sense: each journey makes what
-- it needs. ok.<operation>(...) must succeed and gives result and response; no.<operation>(kind, ...) must
-- fail with an error of that kind, which it gives; each.<list>(...) walks one and gives its items.
local assert = require "luassert"
local ddokta = require "ddokta"
local organisation = require "ddokta.sandbox.datadog.organisation"
local org = require "ddokta.sandbox.okta.org"
local scim = require "ddokta.scim"

local NOBODY = "3653d3c6-0c75-11ea-ad28-fb5701eabc7d"
local APP = org.DATADOG_APP_ID
local METADATA = '<md:EntityDescriptor entityID="okta"></md:EntityDescriptor>'

local count = 0

local function fresh(name)
  count = count + 1
  return ("%s-%d"):format(name, count)
end

local function new_user(ok)
  return ok.create_user {
    email = fresh "user" .. "@example.com",
    name = "A User",
    title = "SRE",
    roles = { organisation.STANDARD_ROLE_ID },
  }
end

local function new_team(ok)
  local name = fresh "team"
  return ok.create_team { name = name, handle = name, description = "Watches." }
end

local datadog, okta = {}, {}

datadog["Okta accounts"] = function(ok, no)
  local account = {
    name = "Okta-Prod",
    domain = "https://example.okta.com/",
    auth_method = "oauth",
    client_id = "an-app",
    client_secret = "a secret",
  }
  local made = ok.create_okta_account(account)
  assert.equal(made.id, ok.get_okta_account(made.id).id)
  assert.equal(1, #ok.list_okta_accounts())
  account.client_id = "another-app"
  local updated = ok.update_okta_account(made.id, account)
  assert.not_equal(made.id, updated.id)
  no.get_okta_account("invalid_request", made.id)
  no.update_okta_account("invalid_request", made.id, account)
  no.delete_okta_account("invalid_request", made.id)
  no.create_okta_account("invalid_request", { name = "x", domain = "", auth_method = "oauth" })
  ok.delete_okta_account(updated.id)
end

datadog["users"] = function(ok, no, each)
  local user = new_user(ok)
  assert.equal(user.email, ok.get_user(user.id).email)
  assert.equal("B", ok.update_user(user.id, { name = "B" }).name)
  assert.equal(1, #ok.list_users {
    filter = user.email,
    page_size = 1,
    sort = "name",
    sort_dir = "desc",
    ["filter[status]"] = "Pending,Active",
  })
  no.list_users("invalid_request", { sort = "shoe_size" })
  assert.is_true(#each.user { page_size = 2 } >= 1)
  assert.equal(user.id, ok.list_user_organizations(user.id).id)
  assert.is_true(#ok.list_user_permissions(user.id) > 0)
  no.create_user("conflict", { email = user.email })

  local invitation = ok.send_invitations({ { user = user.id } })[1]
  assert.equal(invitation.id, ok.get_invitation(invitation.id).id)
  no.send_invitations("invalid_request", { { user = NOBODY } })
  ok.delete_user_invitations(user.id)
  no.get_invitation("not_found", invitation.id)

  ok.disable_user(user.id)
  assert.is_true(ok.get_user(user.id).disabled)
  assert.same({ user.id }, ok.anonymize_users { user_ids = { user.id } }.anonymized_user_ids)

  local me = ok.get_current_user()
  assert.equal("Me", ok.update_current_user { id = me.id, name = "Me" }.name)
  no.update_current_user("invalid_request", { id = NOBODY, name = "Me" })
end

datadog["roles"] = function(ok, no, each)
  local permission = ok.list_permissions()[1]
  local role = ok.create_role { name = fresh "role", permissions = { permission.id } }
  assert.equal(role.name, ok.get_role(role.id).name)
  local name = fresh "role"
  assert.equal(name, ok.update_role(role.id, { name = name }).name)
  assert.is_true(#each.role { page_size = 2 } >= 4)
  assert.is_table(ok.list_role_templates())
  local clone = ok.clone_role(role.id, { name = fresh "role" })
  no.clone_role("conflict", role.id, { name = clone.name })
  assert.equal(1, #ok.list_role_permissions(role.id))
  assert.equal(0, #ok.remove_permission_from_role(role.id, permission.id))
  assert.equal(1, #ok.add_permission_to_role(role.id, permission))
  no.add_permission_to_role("not_found", role.id, NOBODY)
  local user = new_user(ok)
  assert.equal(1, #ok.add_user_to_role(role.id, user))
  assert.equal(user.id, each.role_user(role.id)[1].id)
  assert.equal(0, #ok.remove_user_from_role(role.id, user.id))
  no.update_role(
    "invalid_request",
    role.id,
    { data = { type = "roles", id = clone.id, attributes = { name = "x" } } }
  )
  ok.delete_role(clone.id)
  no.delete_role("not_found", clone.id)
  ok.delete_role(role.id)
end

datadog["teams"] = function(ok, no, each)
  local team, other, user = new_team(ok), new_team(ok), new_user(ok)
  assert.equal(team.handle, ok.get_team(team.id).handle)
  no.create_team("conflict", { name = team.name, handle = team.handle })
  ok.update_team(team.id, { name = team.name, handle = team.handle, description = "Sleeps." })
  no.update_team("conflict", team.id, { name = other.name, handle = other.handle })
  assert.equal(2, #each.team { page_size = 1, ["filter[keyword]"] = "team-" })
  ok.list_teams {
    include = { "team_links", "user_team_permissions" },
    ["fields[team]"] = { "name", "handle" },
  }

  local membership = ok.create_team_membership(team.id, { role = "admin", user = user.id })
  assert.equal("admin", membership.role)
  no.create_team_membership("conflict", team.id, { user = user.id })
  assert.equal(1, #each.team_membership(team.id))
  assert.equal(1, #ok.get_user_memberships(user.id))
  ok.update_team_membership(team.id, user.id, { role = ddokta.null })
  ok.delete_team_membership(team.id, user.id)
  no.delete_team_membership("not_found", team.id, user.id)

  local link = ok.create_team_link(team.id, { label = "Runbook", url = "https://example.com/", position = 0 })
  assert.equal("Runbook", ok.get_team_link(team.id, link.id).label)
  assert.equal("Book", ok.update_team_link(team.id, link.id, { label = "Book", url = link.url }).label)
  assert.equal(1, #ok.get_team_links(team.id))
  ok.delete_team_link(team.id, link.id)
  no.get_team_link("not_found", team.id, link.id)

  assert.is_true(#ok.get_team_permission_settings(team.id) > 0)
  assert.equal("admins", ok.update_team_permission_setting(team.id, "edit", { value = "admins" }).value)

  local rule = ok.create_team_notification_rule(team.id, { email = { enabled = true } })
  no.create_team_notification_rule("conflict", team.id, { email = { enabled = true } })
  assert.is_true(ok.get_team_notification_rule(team.id, rule.id).email.enabled)
  ok.update_team_notification_rule(team.id, rule.id, { slack = { channel = "#night", workspace = "w" } })
  assert.equal(1, #ok.get_team_notification_rules(team.id))
  ok.delete_team_notification_rule(team.id, rule.id)
  no.delete_team_notification_rule("not_found", team.id, rule.id)

  local below = ok.add_team_hierarchy_link { parent_team = team.id, sub_team = other.id }
  no.add_team_hierarchy_link("conflict", { parent_team = team.id, sub_team = other.id })
  assert.equal(below.id, ok.get_team_hierarchy_link(below.id).id)
  assert.equal(1, #each.team_hierarchy_link { ["filter[parent_team]"] = team.id })
  ok.remove_team_hierarchy_link(below.id)
  no.get_team_hierarchy_link("not_found", below.id)
  ok.add_member_team(team.id, other.id)
  no.add_member_team("conflict", team.id, other.id)
  assert.equal(1, #each.member_team(team.id))
  ok.remove_member_team(team.id, other.id)
  no.remove_member_team("not_found", team.id, other.id)

  local connection = { source = "github", managed_by = "datadog", team = team.id, connected_team = "@O/t" }
  local connected = ok.create_team_connections { connection }
  no.create_team_connections("conflict", { connection })
  assert.equal(1, #each.team_connection { ["filter[team_ids]"] = { team.id } })
  ok.delete_team_connections { connected[1].id }
  no.delete_team_connections("not_found", { connected[1].id })
  ok.sync_teams { source = "github", type = "link", frequency = "once" }
  assert.equal(1, #ok.get_team_sync { ["filter[source]"] = "github" })

  ok.delete_team(team.id)
  no.delete_team("not_found", team.id)
  ok.delete_team(other.id)
end

datadog["SCIM users"] = function(ok, no, each)
  local name = fresh "scim" .. "@example.com"
  local user = ok.create_scim_user {
    userName = name,
    active = true,
    title = "SRE",
    name = { formatted = "A" },
    emails = { { primary = true, type = "work", value = name } },
    roles = { { value = organisation.STANDARD_ROLE_ID } },
  }
  no.create_scim_user("conflict", { userName = name })
  assert.equal(name, ok.get_scim_user(user.id).userName)
  assert.equal(1, #ok.list_scim_users { filter = scim.filter.eq("userName", name), count = 1 })
  no.list_scim_users("invalid_request", { filter = "userName eq" })
  for _ = 1, 25 do
    ok.create_scim_user { userName = fresh "scim" .. "@example.com" }
  end
  assert.is_true(#each.scim_user { count = 10 } >= 26)
  user = ok.get_scim_user(user.id)
  user.title = "Lead"
  assert.equal("Lead", ok.update_scim_user(user.id, user).title)
  assert.is_false(ok.patch_scim_user(user.id, { scim.replace(nil, { active = false }) }).active)
  ok.patch_scim_user(user.id, { scim.replace("name.formatted", "B"), scim.add("title", "SRE") })
  ok.delete_scim_user(user.id)
  no.delete_scim_user("not_found", user.id)
end

datadog["SCIM groups"] = function(ok, no, each)
  local user = ok.create_scim_user { userName = fresh "scim" .. "@example.com" }
  local name = fresh "group"
  local group = ok.create_scim_group { displayName = name, externalId = fresh "00g" }
  assert.equal(name, ok.get_scim_group(group.id).displayName)
  group = ok.patch_scim_group(group.id, { scim.add("members", { { value = user.id } }) })
  assert.equal(user.id, group.members[1].value)
  assert.equal(1, #ok.list_scim_groups {
    filter = scim.filter.And(scim.filter.eq("id", group.id), scim.filter.eq("members", user.id)),
  })
  assert.equal(1, #ok.list_scim_groups { filter = scim.filter.eq("displayName", name) })
  assert.is_true(#each.scim_group { count = 1 } >= 1)
  group.members = ddokta.array {}
  ok.update_scim_group(group.id, group)
  ok.patch_scim_group(group.id, { scim.replace(nil, { displayName = name, id = group.id }) })
  no.patch_scim_group("invalid_request", group.id, { scim.add("members", { { value = NOBODY } }) })
  no.create_scim_group("conflict", { displayName = name })
  no.list_scim_groups("invalid_request", { filter = "displayName is" })
  ok.delete_scim_group(group.id)
  no.delete_scim_group("not_found", group.id)
  ok.delete_scim_user(user.id)
end

datadog["SCIM discovery"] = function(ok)
  assert.equal(2, #ok.list_scim_resource_types())
  assert.equal("Group", ok.get_scim_resource_type("Group").name)
  assert.equal(2, #ok.list_scim_schemas())
  assert.equal("User", ok.get_scim_schema(scim.schemas.user).name)
end

datadog["service accounts"] = function(ok, no, each)
  local bot = ok.create_service_account {
    email = fresh "bot" .. "@example.com",
    name = "Bot",
    service_account = true,
    roles = { organisation.STANDARD_ROLE_ID },
  }
  local key = ok.create_service_account_application_key(bot.id, { name = fresh "key" })
  assert.is_string(key.key)
  assert.is_nil(ok.get_service_account_application_key(bot.id, key.id).key)
  local name = fresh "key"
  assert.equal(name, ok.update_service_account_application_key(bot.id, key.id, { name = name }).name)
  assert.equal(1, #each.service_account_application_key(bot.id))
  ok.delete_service_account_application_key(bot.id, key.id)
  no.delete_service_account_application_key("not_found", bot.id, key.id)
  local token = ok.create_service_account_access_token(
    bot.id,
    { name = fresh "token", scopes = { "user_access_read" }, expires_at = "2040-01-31T12:00:00Z" }
  )
  assert.is_string(token.key)
  assert.equal(token.id, ok.get_service_account_access_token(bot.id, token.id).id)
  ok.update_service_account_access_token(bot.id, token.id, { name = fresh "token" })
  assert.equal(1, #each.service_account_access_token(bot.id))
  ok.revoke_service_account_access_token(bot.id, token.id)
  no.revoke_service_account_access_token("not_found", bot.id, token.id)
end

datadog["keys"] = function(ok, no, each)
  local key = ok.create_api_key { name = fresh "key" }
  assert.is_string(key.key)
  ok.get_api_key(key.id, { include = "created_by,modified_by" })
  ok.update_api_key(key.id, { name = fresh "key" })
  assert.is_true(#each.api_key { page_size = 1, include = "created_by" } >= 1)
  ok.delete_api_key(key.id)
  no.get_api_key("not_found", key.id)

  local own = ok.create_current_user_application_key { name = fresh "key", scopes = { "user_access_read" } }
  ok.get_current_user_application_key(own.id)
  ok.update_current_user_application_key(own.id, { name = fresh "key" })
  assert.is_true(#each.current_user_application_key() >= 1)
  assert.is_true(#each.application_key { page_size = 1 } >= 1)
  ok.get_application_key(own.id, { include = "owned_by" })
  ok.update_application_key(own.id, { name = fresh "key" })
  ok.delete_current_user_application_key(own.id)
  no.delete_current_user_application_key("not_found", own.id)
  own = ok.create_current_user_application_key { name = fresh "key" }
  ok.delete_application_key(own.id)
  no.delete_application_key("not_found", own.id)

  local token = ok.create_personal_access_token {
    name = fresh "token",
    scopes = { "user_access_read" },
    expires_at = "2040-01-31T12:00:00Z",
  }
  ok.get_personal_access_token(token.id)
  ok.update_personal_access_token(token.id, { name = fresh "token" })
  assert.is_true(#each.personal_access_token { page_size = 1 } >= 1)
  ok.revoke_personal_access_token(token.id)
  no.revoke_personal_access_token("not_found", token.id)

  ok.validate()
  assert.is_true(ok.validate_v1().valid)
  ok.validate_api_key()
end

datadog["AuthN mappings"] = function(ok, no, each)
  local given =
    { attribute_key = "member-of", attribute_value = fresh "value", role = organisation.STANDARD_ROLE_ID }
  local mapping = ok.create_authn_mapping(given)
  no.create_authn_mapping("invalid_request", given)
  assert.equal(mapping.id, ok.get_authn_mapping(mapping.id).id)
  local team = new_team(ok)
  ok.update_authn_mapping(mapping.id, { team = team.id })
  assert.equal(1, #each.authn_mapping { filter = given.attribute_value, resource_type = "team" })
  ok.delete_authn_mapping(mapping.id)
  no.delete_authn_mapping("not_found", mapping.id)
  ok.delete_team(team.id)
end

datadog["SAML, identity providers and settings"] = function(ok, no, each)
  ok.upload_idp_metadata { idp_file = METADATA }
  no.upload_idp_metadata("invalid_request", { idp_file = "nothing" })
  local saml = ok.list_saml_configurations()[1]
  assert.equal(saml.id, ok.get_saml_configuration(saml.id).id)
  ok.update_saml_configuration(saml.id, {
    jit_domains = { "example.com" },
    idp_initiated = true,
    default_roles = { organisation.STANDARD_ROLE_ID },
  })
  ok.update_org_saml_configurations {
    jit_domains = ddokta.array {},
    default_role_uuids = { organisation.STANDARD_ROLE_ID },
  }
  no.update_org_saml_configurations(
    "not_found",
    { jit_domains = ddokta.array {}, default_role_uuids = { NOBODY } }
  )

  local provider = ok.list_identity_providers()[1]
  assert.is_true(ok.update_identity_provider(provider.id, { enabled = true }).enabled)
  local user = new_user(ok)
  ok.update_user_identity_providers(user.id, { provider.id })
  assert.equal(1, #ok.get_user_identity_providers(user.id))
  assert.equal(user.id, each.identity_provider_user(provider.id)[1].id)
  no.update_user_identity_providers("not_found", user.id, { NOBODY })

  local config = ok.list_org_configs()[1]
  local value = ok.get_org_config(config.name).value
  ok.update_org_config(config.name, { value = value })
  no.get_org_config("not_found", "nothing")
  ok.update_login_org_configs_max_session_duration { max_session_duration = 604800 }
end

datadog["organisations"] = function(ok, no)
  local made = ok.create_child_org { name = "A child" }
  assert.is_table(made.org)
  assert.equal(2, #ok.list_orgs())
  local own = ok.get_org(organisation.PUBLIC_ID)
  own.settings = { saml_strict_mode = { enabled = true } }
  assert.is_true(ok.update_org(organisation.PUBLIC_ID, own).settings.saml_strict_mode.enabled)
  ok.upload_idp_for_org(organisation.PUBLIC_ID, { idp_file = METADATA })
  no.upload_idp_for_org("invalid_request", organisation.PUBLIC_ID, { idp_file = "nothing" })
end

-- --- Okta ----------------------------------------------------------------------------------------

okta["people"] = function(ok, no, each)
  local users = each.user { limit = 2 }
  assert.equal(5, #users)
  assert.equal(users[1].id, ok.get_user(users[1].profile.login).id)
  assert.equal(1, #ok.list_users { search = 'profile.login eq "ada.byron@example.com"' })
  local groups = each.group { limit = 1, filter = 'type eq "OKTA_GROUP"' }
  assert.equal(2, #groups)
  assert.equal(groups[1].id, ok.get_group(groups[1].id).id)
  assert.equal(3, #each.group_user(groups[1].id, { limit = 1 }))
  assert.is_true(#each.assigned_application_for_group(groups[1].id) >= 1)
  no.get_group("not_found", "00gNobody")
end

okta["apps and assignments"] = function(ok, no, each)
  local apps = each.application { limit = 1 }
  assert.is_true(#apps >= 2)
  assert.equal("datadog", ok.get_application(APP).name)
  ok.get_application_user_schema(APP)
  assert.is_table(each.profile_mapping { limit = 1 })

  local user = ok.get_user "edsger.wybe@example.com"
  local assigned = ok.assign_user_to_application(
    APP,
    { id = user.id, scope = "USER", credentials = { userName = user.profile.login } }
  )
  assert.equal(user.id, ok.get_application_user(APP, assigned.id).id)
  ok.update_application_user(APP, user.id, { profile = { title = "Chief" } })
  assert.is_true(#each.application_user(APP, { limit = 1 }) >= 1)
  ok.unassign_user_from_application(APP, user.id, { sendEmail = false })
  no.get_application_user("not_found", APP, user.id)
  no.assign_user_to_application("not_found", APP, { id = "00uNobody", scope = "USER" })

  local group = ok.list_groups { q = "Security" }[1]
  ok.unassign_application_from_group(APP, group.id)
  no.get_application_group_assignment("not_found", APP, group.id)
  ok.assign_group_to_application(APP, group.id, { priority = 0 })
  assert.equal(group.id, ok.get_application_group_assignment(APP, group.id).id)
  ok.update_group_assignment_to_application(
    APP,
    group.id,
    { { op = "replace", path = "/profile", value = { title = "Guard" } } }
  )
  assert.equal(2, #each.application_group_assignment(APP, { limit = 20 }))
end

okta["group push"] = function(ok, no, each)
  local group = ok.list_groups { q = "Security" }[1]
  local mapping = ok.create_group_push_mapping(
    APP,
    { sourceGroupId = group.id, targetGroupName = "Security", status = "ACTIVE" }
  )
  no.create_group_push_mapping("invalid_request", APP, { sourceGroupId = group.id, targetGroupName = "S" })
  assert.equal(mapping.id, ok.get_group_push_mapping(APP, mapping.id).id)
  assert.equal(2, #each.group_push_mapping(APP, { limit = 1 }))
  assert.equal(1, #ok.list_group_push_mappings(APP, { sourceGroupId = group.id, status = "ACTIVE" }))
  no.delete_group_push_mapping("invalid_request", APP, mapping.id, { deleteTargetGroup = false })
  assert.equal("INACTIVE", ok.update_group_push_mapping(APP, mapping.id, { status = "INACTIVE" }).status)
  ok.delete_group_push_mapping(APP, mapping.id, { deleteTargetGroup = true })
  no.get_group_push_mapping("not_found", APP, mapping.id)
end

okta["provisioning"] = function(ok, no)
  local app = "0oaSandboxOrg2Org0g1"
  local get, set =
    "get_default_provisioning_connection_for_application",
    "update_default_provisioning_connection_for_application"
  assert.equal("UNKNOWN", ok[get](app).status)
  assert.equal(
    "ENABLED",
    ok[set](
      app,
      { baseUrl = "https://example.okta.com", profile = { authScheme = "TOKEN", token = "a token" } },
      { activate = true }
    ).status
  )
  ok.deactivate_default_provisioning_connection_for_application(app)
  ok.activate_default_provisioning_connection_for_application(app)
  assert.is_true(#ok.list_features_for_application(app) >= 1)
  assert.equal("USER_PROVISIONING", ok.get_feature_for_application(app, "USER_PROVISIONING").name)
  ok.update_feature_for_application(app, "USER_PROVISIONING", {
    create = { lifecycleCreate = { status = "ENABLED" } },
  })
  no[get]("invalid_request", APP)
  no.list_features_for_application("invalid_request", APP)
end

okta["service accounts"] = function(ok, no, each)
  local app = ok.list_applications({ q = "Salesforce" })[1]
  local orn = app.orn
  local account = ok.create_app_service_account {
    name = fresh "account",
    username = fresh "name",
    containerOrn = orn,
    password = "a password",
  }
  no.create_app_service_account(
    "not_found",
    { name = fresh "account", username = fresh "name", containerOrn = orn .. "x", password = "a password" }
  )
  assert.equal(account.id, ok.get_app_service_account(account.id).id)
  assert.equal("Runs.", ok.update_app_service_account(account.id, { description = "Runs." }).description)
  assert.is_true(#each.app_service_account { limit = 1 } >= 1)
  assert.equal(1, #ok.list_app_service_accounts { match = account.name })
  ok.delete_app_service_account(account.id)
  no.delete_app_service_account("not_found", account.id)
end

return { datadog = datadog, okta = okta }
