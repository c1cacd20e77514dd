--- Datadog's users: people and service accounts, the current user among them, where they belong and what
--- they may do, their anonymisation and invitations. Who they are is in organisation.lua.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local EMAIL = { name = "email", kind = "text", required = true }
local NULLABLE =
  { { name = "name", kind = "text", nullable = true }, { name = "title", kind = "text", nullable = true } }

local function show(call, user) return organisation.user_resource(call.state, user) end

-- the ids of roles that `data` names
local function role_ids_of(call, data, refusal)
  local ids = documents.related_to(data, "roles", "roles", call.state.roles, refusal)
  return organisation.known_roles(call.state, ids or {})
end

-- writes what an update says; the status follows `disabled`
local function changed(call, user, attributes)
  organisation.user_changed(call.state, user, call.now)
  if attributes.disabled ~= nil then
    organisation.set_disabled(call.state, user, attributes.disabled, call.now)
  end
end

local users = {
  dialect = documents,
  limit = "users",
  type = "users",
  what = "User",
  store = "users",
  operations = {
    list = "list_users",
    create = "create_user",
    get = "get_user",
    update = "update_user",
    delete = "disable_user",
  },
  fields = { EMAIL, NULLABLE[1], NULLABLE[2] },
  -- the handle stays when the address changes: SCIM's schema calls the user name immutable
  changes = {
    { name = "email", kind = "text" },
    NULLABLE[1],
    NULLABLE[2],
    { name = "disabled", kind = "boolean" },
  },
  mismatch = 422, -- recorded
  show = show,
  paging = "counted",
  kept = "users",
  search = { "name", "email", "handle" },
  -- in the order of creation unless `sort` says otherwise (the documentation has "name")
  sorts = { "name", "email", "handle", "title", "status", "created_at", "modified_at" },
  filters = { ["filter[status]"] = "status" },
  changed = changed,
}

-- That a second user of an address is a 409 is not documented; Datadog's provider for Terraform expects it.
function users.new(call, attributes, data)
  local role_ids = role_ids_of(call, data, "Role %s not found")
  if organisation.user_by_handle(call.state, attributes.email) then
    answers.fail(409, "User %s already exists", attributes.email)
  end
  return { role_ids = role_ids }
end

-- a new user is Pending until the invitation is accepted
function users.add(call, fields)
  fields.status, fields.now = "Pending", call.now
  return organisation.add_user(call.state, fields)
end

-- a deleted user is a disabled one (documented); deleting again is 404 (recorded)
function users.removing(call, user)
  if user.disabled then documents.refuse_unknown("User", user.id) end
  organisation.disable(call.state, user, call.now)
  return true
end

--- A page of some users, for the users of a role or of an identity provider.
---@param call ddokta.sandbox.Call
---@param records table[]
---@param filters? table
function users.page(call, records, filters)
  local listed =
    { show = show, paging = "counted", search = users.search, sorts = users.sorts, filters = filters }
  return documents.list(listed, call, records)
end

-- everybody is in the sandbox's one organisation, nobody in its children
local function orgs(call, user)
  return { data = show(call, user), included = json.array { organisation.resource(call.state) } }
end

local function permissions(call, user)
  local held = organisation.permissions_of(call.state, user)
  return { data = lists.map(held, organisation.permission_resource) }
end

-- --- the current user -----------------------------------------------------------------------------

local CURRENT = {
  type = "users",
  attributes = {
    { name = "name", kind = "text" },
    { name = "email", kind = "text" },
    { name = "title", kind = "text" },
    { name = "disabled", kind = "boolean" },
  },
}

-- with the organisation, the roles and what those allow (documented)
local function show_current(call, user)
  local state = call.state
  local document = orgs(call, user)
  for _, id in ipairs(organisation.known_roles(state, user.role_ids)) do
    table.insert(document.included, organisation.role_resource(state, state.roles:get(id)))
  end
  for _, permission in ipairs(organisation.permissions_of(state, user)) do
    table.insert(document.included, organisation.permission_resource(permission))
  end
  return document
end

local function get_current(call) return show_current(call, credentials.caller(call)) end

local function update_current(call)
  local data = documents.data(call.request, CURRENT)
  local user, sent = credentials.caller(call), data.attributes
  documents.check_id(data, user.id, 422)
  user.name, user.email = sent.name or user.name, sent.email or user.email
  user.title = sent.title or user.title
  changed(call, user, sent)
  return show_current(call, user)
end

local current_user = { limit = "current_user" }
current_user.handlers = {
  get_current_user = collection.for_owner(current_user, get_current),
  update_current_user = {
    collection.for_owner(current_user, update_current),
    permission = "user_self_profile_write",
  },
}

-- --- service accounts: users that are no people ---------------------------------------------------

-- Found, changed and disabled among the users. Several may have one email: their handles are their ids.
local service_accounts = {
  dialect = documents,
  limit = "service_accounts",
  type = "users",
  what = "Service account",
  store = "users",
  operations = { create = "create_service_account" },
  fields = {
    EMAIL,
    { name = "service_account", kind = "boolean", required = true },
    { name = "name", kind = "text" },
    { name = "title", kind = "text" },
  },
  show = show,
  new = function(call, attributes, data)
    if not attributes.service_account then answers.fail(400, "service_account must be true") end
    return { role_ids = role_ids_of(call, data, "role %s does not exist"), now = call.now }
  end,
  add = function(call, fields) return organisation.add_user(call.state, fields) end,
}

--- The id of the service account in the path of a call, or a refusal.
function users.service_account_id(call)
  local id = call.request.parameters.service_account_id
  local user = call.state.users:get(id)
  if not user or not user.service_account then documents.refuse_unknown("Service account", id) end
  return id
end

-- --- anonymisation: removes what users are known by, for good -------------------------------------

local ANONYMIZE = {
  type = "anonymize_users_request",
  attributes = { { name = "user_ids", kind = "texts", required = true } },
}

-- what is left of a user is not documented; that the account is no longer used is assumed
local function anonymize(state, user, now)
  user.name, user.title = "Anonymized User", nil
  user.email = ("anonymized-%s@example.invalid"):format(user.id)
  user.handle = user.email
  organisation.user_changed(state, user, now)
  organisation.disable(state, user, now)
end

-- users who are not known are told of one by one: the others are done
local function anonymize_all(request, state)
  local done, failed = json.array(), json.array()
  for _, id in ipairs(documents.data(request, ANONYMIZE).attributes.user_ids) do
    local user = state.users:get(id)
    if user then
      anonymize(state, user, request.now)
      done[#done + 1] = id
    else
      failed[#failed + 1] = { user_id = id, error = "User not found" }
    end
  end
  local attributes = { anonymized_user_ids = done, anonymize_errors = failed }
  return { data = { type = "anonymize_users_response", id = uuid(), attributes = attributes } }
end

-- --- invitations ----------------------------------------------------------------------------------

-- the link of an invitation works for two days (documented)
local LIFETIME = 2 * 86400

local invitations = {
  dialect = documents,
  limit = "user_invitations",
  permission = "user_access_invite",
  type = "user_invitations",
  what = "Invitation",
  store = "invitations",
  operations = { get = "get_invitation" },
  attributes = { "uuid", "invite_type", "created_at", "expires_at" },
  relations = { user = { "users", "user_id" } },
}

-- all or none
local function send_invitations(call)
  local state, ids = call.state, {}
  for i, item in ipairs(documents.items(call.request, { type = "user_invitations" })) do
    ids[i] = documents.related_id(item, "user", "users")
    if not state.users:get(ids[i]) then answers.fail(400, "User %s not found", ids[i]) end
  end
  return {
    data = lists.map(ids, function(user_id)
      local invitation = state.invitations:add {
        id = uuid(),
        user_id = user_id,
        invite_type = "openid_invite",
        created_at = organisation.timestamp(call.now),
        expires_at = organisation.timestamp(call.now + LIFETIME),
      }
      invitation.uuid = invitation.id
      return documents.resource(invitations, call, invitation)
    end),
  }
end

-- all of a user's; that there may be none is assumed
local function delete_invitations(call, user)
  local list = call.state.invitations:find_all("user", user.id)
  while list[1] do
    call.state.invitations:remove(list[1])
  end
  return {}
end

invitations.handlers = {
  send_invitations = collection.for_owner(invitations, send_invitations),
  delete_user_invitations = collection.for_record(users, delete_invitations),
}

-- --------------------------------------------------------------------------------------------------

users.handlers = {
  list_user_organizations = collection.for_record(users, orgs),
  list_user_permissions = collection.for_record(users, permissions),
}
collection.new(users)
-- the name of this limit is recorded
users.handlers.create_user = { users.handlers.create_user, limit = "create_user_api" }

users.collections = {
  current_user,
  collection.new(service_accounts),
  collection.new(invitations),
  {
    limit = "anonymize_users",
    permission = "user_access_manage",
    handlers = { anonymize_users = anonymize_all },
  },
}

--- Makes state.invitations, empty.
function users.reset(state)
  state.invitations = store.new { user = function(invitation) return invitation.user_id end }
  return true
end

--- For /_sandbox/state.
function users.describe(state) return { invitation_count = state.invitations.count } end

return users
