--- The organisation that the sandbox is: its users (people and service accounts), its roles and the
--- permissions that endpoints ask for. Other modules change these through the functions below.
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local store = require "ddokta.sandbox.store"
local timestamp = require "ddokta.sandbox.timestamp"
local uuid = require "ddokta.sandbox.uuid"

local organisation = {
  ID = "0a4d3e5c-7b21-4f6a-8c9d-1e2f3a4b5c6d",
  PUBLIC_ID = "sandbox01",
  NAME = "Sandbox",
  -- the service account whose keys the sandbox hands out
  CURRENT_USER_ID = "5b9d7f2e-6a1c-4c0e-9f3b-2f1d8c7a4e60",
  ADMIN_ROLE_ID = "3f2a1b4c-5d6e-4f70-8192-a3b4c5d6e7f8",
  STANDARD_ROLE_ID = "7c1d9e80-2b3a-4c5d-9e6f-108192a3b4c5",
  READ_ONLY_ROLE_ID = "b46e5f1a-90c8-4d27-8a3b-6c7d8e9f0a1b",
  -- the organisation itself does not change: the time at which it was made
  CREATED_AT = "2024-01-15T09:30:00.000000+00:00",
  -- how many records of a collection /_sandbox/state shows
  MOST_SHOWN = 1000,
}

-- every permission that an endpoint of the sandbox asks for: name, what it is called, its group
local PERMISSIONS = {
  { "api_keys_delete", "API Keys Delete", "API and Application Keys" },
  { "api_keys_read", "API Keys Read", "API and Application Keys" },
  { "api_keys_write", "API Keys Write", "API and Application Keys" },
  { "org_app_keys_read", "Org App Keys Read", "API and Application Keys" },
  { "org_app_keys_write", "Org App Keys Write", "API and Application Keys" },
  { "user_app_keys", "User App Keys", "API and Application Keys" },
  { "integrations_read", "Integrations Read", "Integrations" },
  { "manage_integrations", "Integrations Manage", "Integrations" },
  { "org_management", "Org Management", "Access Management" },
  { "service_account_write", "Service Account Write", "Access Management" },
  { "user_access_invite", "User Access Invite", "Access Management" },
  { "user_access_manage", "User Access Manage", "Access Management" },
  { "user_access_read", "User Access Read", "Access Management" },
  { "teams_manage", "Teams Manage", "Teams" },
  { "teams_read", "Teams Read", "Teams" },
  { "user_self_profile_write", "User Self Profile Write", "Access Management" },
}

-- the roles that every organisation has; a permission that is not named is not held
local MANAGED_ROLES = {
  { id = organisation.ADMIN_ROLE_ID, name = "Datadog Admin Role", permissions = "all" },
  {
    id = organisation.STANDARD_ROLE_ID,
    name = "Datadog Standard Role",
    permissions = {
      "user_app_keys",
      "integrations_read",
      "user_access_read",
      "user_access_invite",
      "teams_read",
    },
  },
  {
    id = organisation.READ_ONLY_ROLE_ID,
    name = "Datadog Read Only Role",
    permissions = { "integrations_read", "user_access_read", "teams_read" },
  },
}

organisation.STATUSES = { Active = true, Pending = true, Disabled = true }

organisation.timestamp = timestamp.format

-- handles and user names are compared in lower case
local function folded(field)
  return function(record) return record[field] and record[field]:lower() end
end

--- The user of a handle (which is the SCIM user name too) in any case, or nil.
function organisation.user_by_handle(state, handle) return state.users:find("handle", handle:lower()) end

--- Adds a user. fields: {email =, name =, handle = email, id = random, title =, status = "Active",
-- service_account =, verified =, role_ids =, now = seconds}; what is nil gets a default. The user is
-- {id, name, handle, email, title, status, disabled, service_account, verified, created_at, modified_at,
-- role_ids}. Handles must be unique: ask user_by_handle first.
function organisation.add_user(state, fields)
  local at = organisation.timestamp(fields.now or os.time())
  local id = fields.id or uuid()
  local status = fields.status or "Active"
  local user = {
    id = id,
    name = fields.name,
    email = fields.email,
    title = fields.title,
    handle = fields.handle or (fields.service_account and id) or fields.email,
    status = status,
    disabled = status == "Disabled",
    service_account = fields.service_account or false,
    verified = fields.verified == nil and status == "Active" or fields.verified or false,
    role_ids = fields.role_ids or {},
    created_at = fields.created_at or at,
    modified_at = fields.created_at or at,
  }
  state.users:add(user)
  if not user.service_account then state.people:add(user) end
  return user
end

--- Must follow every change of a user's fields.
function organisation.user_changed(state, user, now)
  user.modified_at = organisation.timestamp(now or os.time())
  state.users:changed(user)
  if state.people:get(user.id) == user then state.people:changed(user) end
  return user
end

--- Disables or enables a user: the status says the same as `disabled`. One who never came before is
--- Pending when enabled again.
function organisation.set_disabled(state, user, disabled, now)
  if disabled ~= (user.status == "Disabled") then
    user.disabled = disabled
    user.status = disabled and "Disabled" or (user.verified and "Active" or "Pending")
    organisation.user_changed(state, user, now)
  end
  -- who was deleted through SCIM and is enabled again is seen by SCIM again (assumed)
  local is_seen = user.service_account or state.people:get(user.id) ~= nil
  if not disabled and not is_seen then state.people:add(user) end
  return user
end

function organisation.disable(state, user, now) return organisation.set_disabled(state, user, true, now) end

--- Removes a user from what SCIM sees, and disables: Datadog has no other deletion.
function organisation.remove_person(state, user, now)
  organisation.disable(state, user, now)
  state.people:remove(user)
end

local USER = {
  type = "users",
  attributes = {
    "handle",
    "email",
    "status",
    "disabled",
    "service_account",
    "verified",
    "created_at",
    "modified_at",
  },
  nulls = { "name", "title", "last_login_time" },
}
organisation.ICON = "https://secure.gravatar.com/avatar/00000000000000000000000000000000?s=48&d=retro"

--- A user as a JSON:API resource, without the envelope `data`.
function organisation.user_resource(state, user)
  local resource = documents.resource(USER, nil, user)
  local attributes = resource.attributes
  attributes.mfa_enabled, attributes.uuid, attributes.icon = false, user.id, organisation.ICON
  resource.relationships = {
    org = documents.reference("orgs", state.settings.org_id),
    roles = documents.references("roles", user.role_ids),
  }
  return resource
end

-- role id -> how many users have it
local function count_roles(users)
  local counts = {}
  for _, user in ipairs(users:all()) do
    for _, id in ipairs(user.role_ids) do
      counts[id] = (counts[id] or 0) + 1
    end
  end
  return counts
end

--- How many users have a role.
function organisation.user_count(state, role)
  return state.users:derived("role counts", count_roles)[role.id] or 0
end

local ROLE = { type = "roles", attributes = { "name", "created_at", "modified_at" } }

--- A role as a JSON:API resource.
function organisation.role_resource(state, role)
  local resource = documents.resource(ROLE, nil, role)
  resource.attributes.user_count = organisation.user_count(state, role)
  resource.relationships = { permissions = documents.references("permissions", role.permission_ids) }
  return resource
end

local PERMISSION = { type = "permissions", attributes = { "name", "display_name", "group_name" } }

--- A permission as a JSON:API resource.
function organisation.permission_resource(permission)
  local resource = documents.resource(PERMISSION, nil, permission)
  local attributes = resource.attributes
  attributes.description, attributes.display_type = permission.display_name .. ".", "other"
  attributes.restricted, attributes.name_aliases = false, json.array()
  attributes.created = organisation.CREATED_AT
  return resource
end

local ORG = { type = "orgs", attributes = { "name", "description", "created_at", "modified_at" } }

--- The organisation as a JSON:API resource.
function organisation.resource(state)
  local org = state.organisations:get(organisation.PUBLIC_ID)
  local resource = documents.resource(ORG, nil, org)
  local attributes = resource.attributes
  attributes.public_id, attributes.disabled, attributes.sharing = org.id, false, "none"
  attributes.url, resource.id = "https://app.datadoghq.com", org.uuid
  return resource
end

--- What all roles of a user allow, each permission once.
function organisation.permissions_of(state, user)
  return lists.once(user.role_ids, function(role_id, add)
    local role = state.roles:get(role_id)
    for _, id in ipairs(role and role.permission_ids or {}) do
      add(id, function() return state.permissions:get(id) end)
    end
  end)
end

--- Adds a role. fields: {name =, id = random, permission_ids = {}, is_managed =, now = seconds}.
function organisation.add_role(state, fields)
  local at = fields.created_at or organisation.timestamp(fields.now or os.time())
  return state.roles:add {
    id = fields.id or uuid(),
    name = fields.name,
    permission_ids = fields.permission_ids or {},
    is_managed = fields.is_managed or false,
    created_at = at,
    modified_at = at,
  }
end

--- Only those ids that are roles, each once, in their order.
function organisation.known_roles(state, ids)
  local known, seen = {}, {}
  for _, id in ipairs(ids) do
    if state.roles:get(id) and not seen[id] then
      known[#known + 1], seen[id] = id, true
    end
  end
  return known
end

-- ids of permissions by their names; "all" means every one
local function permission_ids(state, names)
  local ids = {}
  if names == "all" then
    for i, permission in ipairs(state.permissions:all()) do
      ids[i] = permission.id
    end
    return ids
  end
  for i, name in ipairs(names) do
    local permission = state.permissions:find("name", name)
    if not permission then return nil, ("there is no permission %q"):format(tostring(name)) end
    ids[i] = permission.id
  end
  return ids
end

local function make_permissions(state)
  state.permissions = store.new { name = folded "name" }
  for i, row in ipairs(PERMISSIONS) do
    state.permissions:add {
      id = ("7f3d%04x-5c8e-4b6a-9d21-0c4e8f1a2b3c"):format(i),
      name = row[1],
      display_name = row[2],
      group_name = row[3],
    }
  end
end

local function make_managed_roles(state)
  state.roles = store.new { name = folded "name" }
  for _, role in ipairs(MANAGED_ROLES) do
    organisation.add_role(state, {
      id = role.id,
      name = role.name,
      is_managed = true,
      permission_ids = permission_ids(state, role.permissions),
      created_at = organisation.CREATED_AT,
    })
  end
end

local function is_text(value) return type(value) == "string" and value ~= "" end

local function seed_role(state, given)
  if not is_text(given.name) then return "a role must have a name" end
  if state.roles:find("name", given.name:lower()) then return "its name is taken" end
  local id = given.id
  if id ~= nil and (not is_text(id) or state.roles:get(id)) then return "its id is taken" end
  local ids, problem = permission_ids(state, given.permissions or {})
  if not ids then return problem end
  organisation.add_role(state, { id = given.id, name = given.name, permission_ids = ids })
end

-- the ids of roles that a seed names by name or id; nil and a message
local function seed_role_ids(state, given)
  local ids = {}
  for i, name in ipairs(given) do
    local role = type(name) == "string" and (state.roles:get(name) or state.roles:find("name", name:lower()))
    if not role then return nil, ("there is no role %q"):format(tostring(name)) end
    ids[i] = role.id
  end
  return ids
end

local function seed_user(state, given)
  if not is_text(given.email) then return "a user must have an email" end
  for _, name in ipairs { "id", "name", "handle", "title", "status" } do
    if given[name] ~= nil and not is_text(given[name]) then return name .. " must be a text" end
  end
  if given.status and not organisation.STATUSES[given.status] then
    return "status must be Active, Pending or Disabled"
  end
  if given.roles ~= nil and type(given.roles) ~= "table" then return "roles must be a list" end
  if given.id and state.users:get(given.id) then return "its id is taken" end
  local handle = given.handle or (given.service_account ~= true and given.email) or nil
  if handle and organisation.user_by_handle(state, handle) then return "its handle is taken" end
  local role_ids, problem = seed_role_ids(state, given.roles or { organisation.STANDARD_ROLE_ID })
  if not role_ids then return problem end
  local fields = { service_account = given.service_account == true, role_ids = role_ids }
  for _, name in ipairs { "id", "name", "email", "handle", "title", "status" } do
    fields[name] = given[name]
  end
  organisation.add_user(state, fields)
end

local function add_current_user(state)
  organisation.add_user(state, {
    id = organisation.CURRENT_USER_ID,
    name = "Sandbox Service Account",
    email = "sandbox@example.com",
    service_account = true,
    created_at = organisation.CREATED_AT,
    role_ids = { organisation.ADMIN_ROLE_ID },
  })
end

--- Makes state.users, state.people (the users who are no service accounts: those that SCIM sees),
--- state.roles and state.permissions. seed.roles: {name =, permissions = names}; seed.users: {email =,
--- name =, handle =, title =, status =, service_account =, roles = names or ids}.
function organisation.reset(state, seed)
  make_permissions(state)
  make_managed_roles(state)
  local keys = { handle = folded "handle" }
  state.users, state.people = store.new(keys), store.new(keys)
  add_current_user(state)
  local ok, problem = store.fill(state, "role", seed.roles, seed_role)
  if not ok then return nil, problem end
  return store.fill(state, "user", seed.users, seed_user)
end

--- The first records of a store, each through `show`.
function organisation.first(records, show)
  local list = json.array()
  for i, record in ipairs(records:all()) do
    if i > organisation.MOST_SHOWN then break end
    list[i] = show(record)
  end
  return list
end

local function shown_user(user)
  local shown = { role_ids = json.array(user.role_ids) }
  for _, name in ipairs { "id", "name", "handle", "email", "title", "status", "service_account" } do
    shown[name] = user[name]
  end
  return shown
end

local function shown_role(role)
  return { id = role.id, name = role.name, permission_ids = json.array(role.permission_ids) }
end

--- For /_sandbox/state: the first thousand users and roles, and how many there are.
function organisation.describe(state)
  return {
    users = organisation.first(state.users, shown_user),
    user_count = state.users.count,
    roles = organisation.first(state.roles, shown_role),
    role_count = state.roles.count,
  }
end

return organisation
