-- Datadog's users: /api/v2/users. Who they are is in organisation.lua.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"

local users = {}

local TO_CREATE = {
  type = "users",
  attributes = {
    { name = "email", kind = "text", required = true },
    { name = "name", kind = "text", nullable = true },
    { name = "title", kind = "text", nullable = true },
  },
}

local TO_UPDATE = {
  type = "users",
  attributes = {
    { name = "email", kind = "text" },
    { name = "name", kind = "text", nullable = true },
    { name = "title", kind = "text", nullable = true },
    { name = "disabled", kind = "boolean" },
  },
}
local CHANGEABLE = { TO_UPDATE.attributes[1], TO_UPDATE.attributes[2], TO_UPDATE.attributes[3] }

local LISTED = {
  searched = { "name", "email", "handle" },
  where = function(user, query) return lists.among(query["filter[status]"], user.status) end,
  sorts = lists.sorts("name", "email", "handle", "title", "status", "created_at", "modified_at"),
}

--- The answer of a page of users, as lists.page gives it: also for the users of a role.
function users.answer(state, page)
  return answers.json(200, {
    data = lists.map(page.records, function(user) return organisation.user_resource(state, user) end),
    meta = { page = { total_count = page.total, total_filtered_count = page.filtered } },
  })
end

--- The search and sort options of a list of users.
users.SEARCHED, users.SORTS = LISTED.searched, LISTED.sorts

-- in the order of creation unless `sort` says otherwise (the documentation has "name")
local function list(request, state)
  local page, refusal = lists.page(
    request,
    state.users:all(),
    { searched = LISTED.searched, where = LISTED.where, sorts = LISTED.sorts, store = state.users }
  )
  if not page then return refusal end
  return users.answer(state, page)
end

local function answer_one(state, status, user)
  return answers.json(status, { data = organisation.user_resource(state, user) })
end

-- the role ids that a create names, or nil and the answer to give
local function roles_of(state, data)
  local ids, refusal = documents.related(data, "roles", "roles")
  if refusal then return nil, refusal end
  for _, id in ipairs(ids or {}) do
    if not state.roles:get(id) then return nil, answers.errors(400, ("Role %s not found"):format(id)) end
  end
  return organisation.known_roles(state, ids or {})
end

-- That a second user of an address is a 409 is not documented; Datadog's provider for Terraform expects it.
-- A new user is Pending until the invitation is accepted.
local function create(request, state)
  local data, refusal = documents.read(request, TO_CREATE)
  if not data then return refusal end
  local role_ids
  role_ids, refusal = roles_of(state, data)
  if not role_ids then return refusal end
  local fields = documents.set(
    { status = "Pending", role_ids = role_ids, now = request.now },
    data.attributes,
    TO_CREATE.attributes
  )
  if organisation.user_by_handle(state, fields.email) then
    return answers.errors(409, ("User %s already exists"):format(fields.email))
  end
  return answer_one(state, 201, organisation.add_user(state, fields))
end

-- runs `use` with the user of the path, or answers 404
local function with_user(request, state, use)
  local user = state.users:get(request.parameters.user_id)
  if not user then return documents.unknown("User", request.parameters.user_id) end
  return use(user)
end

local function get(request, state)
  return with_user(request, state, function(user) return answer_one(state, 200, user) end)
end

-- The handle stays when the address changes: SCIM's schema calls the user name immutable.
local function update(request, state)
  return with_user(request, state, function(user)
    local data, refusal = documents.read(request, TO_UPDATE)
    if not data then return refusal end
    if data.id ~= user.id then -- recorded
      return answers.errors(422, "UUID's in the URL and request body do not match")
    end
    documents.set(user, data.attributes, CHANGEABLE)
    organisation.user_changed(state, user, request.now)
    if data.attributes.disabled ~= nil then
      organisation.set_disabled(state, user, data.attributes.disabled, request.now)
    end
    return answer_one(state, 200, user)
  end)
end

-- A deleted user is a disabled one (documented); deleting again is 404 (recorded).
local function disable(request, state)
  return with_user(request, state, function(user)
    if user.disabled then return documents.unknown("User", user.id) end
    organisation.set_disabled(state, user, true, request.now)
    return answers.nothing()
  end)
end

local USERS = "/api/v2/users"
local USER = USERS .. "/{user_id}"
local MANAGE = { any = { "user_access_manage", "service_account_write" } }

users.rows = {
  { method = "GET", path = USERS, handler = list, permission = "user_access_read", limit = "users" },
  -- the name of this limit is recorded
  {
    method = "POST",
    path = USERS,
    handler = create,
    permission = "user_access_invite",
    limit = "create_user_api",
  },
  { method = "GET", path = USER, handler = get, permission = "user_access_read", limit = "users" },
  { method = "PATCH", path = USER, handler = update, permission = MANAGE, limit = "users" },
  { method = "DELETE", path = USER, handler = disable, permission = MANAGE, limit = "users" },
}

return users
