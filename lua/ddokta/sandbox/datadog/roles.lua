-- Datadog's roles: /api/v2/roles, their permissions and users, and /api/v2/permissions.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local users = require "ddokta.sandbox.datadog.users"

local roles = {}

local NAMED = { type = "roles", attributes = { { name = "name", kind = "text", required = true } } }
local TO_UPDATE = { type = "roles", attributes = { { name = "name", kind = "text" } } }
local PERMISSION, USER = { type = "permissions" }, { type = "users" }

-- the roles from which an organisation may make its own (the service's list is longer)
local TEMPLATES = {
  { "0b7a5f5e-1c64-4f0e-8a3d-52b1c9e7d604", "Access Manager", "Manages users, roles and teams." },
  { "9d3e6c1a-74b2-4e89-b5f0-8c2a1d4e6f73", "Integrations Manager", "Manages integrations." },
}

local function answer_one(state, role)
  return answers.json(200, { data = organisation.role_resource(state, role) })
end

local function listed_options(state)
  local sorts = lists.sorts("name", "modified_at")
  sorts.user_count = function(role) return organisation.user_count(state, role) end
  return {
    searched = { "name" },
    sorts = sorts,
    where = function(role, query) return lists.among(query["filter[id]"], role.id) end,
  }
end

local function list(request, state)
  local page, refusal = lists.page(request, state.roles:all(), listed_options(state))
  if not page then return refusal end
  return answers.json(200, {
    data = lists.map(page.records, function(role) return organisation.role_resource(state, role) end),
    meta = { page = { total_count = page.total, total_filtered_count = page.filtered } },
  })
end

-- runs `use` with the role of the path, or answers 404
local function with_role(request, state, use)
  local role = state.roles:get(request.parameters.role_id)
  if not role then return documents.unknown("Role", request.parameters.role_id) end
  return use(role)
end

local function get(request, state)
  return with_role(request, state, function(role) return answer_one(state, role) end)
end

-- the permission ids that a document relates to (nil when it says nothing), or false and the answer
local function permissions_of(state, data)
  local ids, refusal = documents.related(data, "permissions", "permissions")
  if refusal then return false, refusal end
  for _, id in ipairs(ids or {}) do
    if not state.permissions:get(id) then
      return false, answers.errors(400, ("Permission %s not found"):format(id))
    end
  end
  return ids
end

-- recorded for clone; that create and update answer so too is assumed
local function name_taken(state, name, role)
  local holder = state.roles:find("name", name:lower())
  if holder and holder ~= role then return answers.errors(409, "A role with the same name already exists") end
end

-- 200, not 201 (documented)
local function create(request, state)
  local data, refusal = documents.read(request, NAMED)
  if not data then return refusal end
  local ids
  ids, refusal = permissions_of(state, data)
  refusal = refusal or name_taken(state, data.attributes.name)
  if refusal then return refusal end
  return answer_one(
    state,
    organisation.add_role(
      state,
      { name = data.attributes.name, permission_ids = ids or {}, now = request.now }
    )
  )
end

-- that the roles which every organisation has cannot be changed is documented; not the answer
local function managed(role)
  return role.is_managed and answers.errors(403, ("%s is managed by Datadog"):format(role.name)) or nil
end

local function change(state, role, now)
  role.modified_at = organisation.timestamp(now)
  state.roles:changed(role)
  return answer_one(state, role)
end

local function update(request, state)
  return with_role(request, state, function(role)
    local data, refusal = documents.read(request, TO_UPDATE)
    if not data then return refusal end
    if data.id ~= role.id then -- recorded
      return answers.errors(422, "The id attribute in the request body does not match the role_id in the URL")
    end
    local ids
    ids, refusal = permissions_of(state, data)
    local name = data.attributes.name
    refusal = refusal or managed(role) or (name and name_taken(state, name, role))
    if refusal then return refusal end
    role.name, role.permission_ids = name or role.name, ids or role.permission_ids
    return change(state, role, request.now)
  end)
end

local function without(ids, id)
  local rest = {}
  for _, other in ipairs(ids) do
    if other ~= id then rest[#rest + 1] = other end
  end
  return rest
end

local function take_from(state, user, role, now)
  local rest = without(user.role_ids, role.id)
  if #rest == #user.role_ids then return end
  user.role_ids = rest
  organisation.user_changed(state, user, now)
end

local function delete(request, state)
  return with_role(request, state, function(role)
    local refusal = managed(role)
    if refusal then return refusal end
    for _, user in ipairs(state.users:all()) do
      take_from(state, user, role, request.now)
    end
    state.roles:remove(role)
    return answers.nothing()
  end)
end

local function clone(request, state)
  return with_role(request, state, function(role)
    local data, refusal = documents.read(request, NAMED)
    refusal = refusal or name_taken(state, data.attributes.name)
    if refusal then return refusal end
    local ids = {}
    for i, id in ipairs(role.permission_ids) do
      ids[i] = id
    end
    return answer_one(
      state,
      organisation.add_role(state, { name = data.attributes.name, permission_ids = ids, now = request.now })
    )
  end)
end

local function list_templates()
  return answers.json(200, {
    data = lists.map(
      TEMPLATES,
      function(row)
        return { type = "roles", id = row[1], attributes = { name = row[2], description = row[3] } }
      end
    ),
  })
end

-- --- permissions ----------------------------------------------------------------------------------

local function list_permissions(_, state)
  return answers.json(200, { data = lists.map(state.permissions:all(), organisation.permission_resource) })
end

local function answer_permissions(state, role)
  return answers.json(200, {
    data = lists.map(
      role.permission_ids,
      function(id) return organisation.permission_resource(state.permissions:get(id)) end
    ),
  })
end

local function permissions_of_role(request, state)
  return with_role(request, state, function(role) return answer_permissions(state, role) end)
end

-- what the document {data = {type, id}} names in a store, or nil and the answer to give
local function named(request, shape, records, what)
  local data, refusal = documents.read(request, shape)
  if not data then return nil, refusal end
  if type(data.id) ~= "string" then return nil, answers.errors(400, "data.id is required") end
  local record = records:get(data.id)
  if not record then return nil, documents.unknown(what, data.id) end
  return record
end

-- Adding what is there and removing what is not there change nothing: assumed, not recorded.
local function permission_changer(change_ids)
  return function(request, state)
    return with_role(request, state, function(role)
      local permission, refusal = named(request, PERMISSION, state.permissions, "Permission")
      refusal = refusal or managed(role)
      if refusal then return refusal end
      local ids = without(role.permission_ids, permission.id)
      role.permission_ids = change_ids(ids, permission.id)
      change(state, role, request.now)
      return answer_permissions(state, role)
    end)
  end
end

local function with_id(ids, id)
  ids[#ids + 1] = id
  return ids
end

local add_permission = permission_changer(with_id)
local remove_permission = permission_changer(function(ids) return ids end)

-- --- users ----------------------------------------------------------------------------------------

local function has(user, role)
  for _, id in ipairs(user.role_ids) do
    if id == role.id then return true end
  end
  return false
end

local function answer_users(request, state, role)
  local members = {}
  for _, user in ipairs(state.users:all()) do
    if has(user, role) then members[#members + 1] = user end
  end
  local page, refusal = lists.page(request, members, { searched = users.SEARCHED, sorts = users.SORTS })
  if not page then return refusal end
  return users.answer(state, page)
end

local function users_of_role(request, state)
  return with_role(request, state, function(role) return answer_users(request, state, role) end)
end

local function user_changer(change_user)
  return function(request, state)
    return with_role(request, state, function(role)
      local user, refusal = named(request, USER, state.users, "User")
      if not user then return refusal end
      change_user(state, user, role, request.now)
      return answer_users(request, state, role)
    end)
  end
end

local add_user = user_changer(function(state, user, role, now)
  if has(user, role) then return end
  user.role_ids = with_id(without(user.role_ids, role.id), role.id)
  organisation.user_changed(state, user, now)
end)
local remove_user = user_changer(take_from)

local ROLES = "/api/v2/roles"
local ROLE = ROLES .. "/{role_id}"
local READ, MANAGE = "user_access_read", "user_access_manage"

roles.rows = {
  { method = "GET", path = "/api/v2/permissions", handler = list_permissions, permission = READ },
  { method = "GET", path = ROLES, handler = list, permission = READ },
  { method = "POST", path = ROLES, handler = create, permission = MANAGE },
  { method = "GET", path = ROLES .. "/templates", handler = list_templates, permission = READ },
  { method = "GET", path = ROLE, handler = get, permission = READ },
  { method = "PATCH", path = ROLE, handler = update, permission = MANAGE },
  { method = "DELETE", path = ROLE, handler = delete, permission = MANAGE },
  { method = "POST", path = ROLE .. "/clone", handler = clone, permission = MANAGE },
  { method = "GET", path = ROLE .. "/permissions", handler = permissions_of_role, permission = READ },
  { method = "POST", path = ROLE .. "/permissions", handler = add_permission, permission = MANAGE },
  { method = "DELETE", path = ROLE .. "/permissions", handler = remove_permission, permission = MANAGE },
  { method = "GET", path = ROLE .. "/users", handler = users_of_role, permission = READ },
  { method = "POST", path = ROLE .. "/users", handler = add_user, permission = MANAGE },
  { method = "DELETE", path = ROLE .. "/users", handler = remove_user, permission = MANAGE },
}
for _, row in ipairs(roles.rows) do
  row.limit = "roles"
end

return roles
