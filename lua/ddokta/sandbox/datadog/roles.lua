--- Datadog's roles, their permissions and users; and the permissions that there are.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local users = require "ddokta.sandbox.datadog.users"

local NAME = { name = "name", kind = "text", required = true }

-- the roles from which an organisation may make its own (the service's list is longer)
local TEMPLATES = {
  { "0b7a5f5e-1c64-4f0e-8a3d-52b1c9e7d604", "Access Manager", "Manages users, roles and teams." },
  { "9d3e6c1a-74b2-4e89-b5f0-8c2a1d4e6f73", "Integrations Manager", "Manages integrations." },
}

-- the permission ids that a document relates to; nil when it says nothing
local function permissions_of(call, data)
  local records = call.state.permissions
  return documents.related_to(data, "permissions", "permissions", records, "Permission %s not found")
end

-- recorded for clone; that create and update answer so too is assumed
local function refuse_taken(call, name, role)
  local holder = call.state.roles:find("name", name:lower())
  if holder and holder ~= role then answers.fail(409, "A role with the same name already exists") end
end

-- that the roles which every organisation has cannot be changed is documented; not the answer
local function refuse_managed(role)
  if role.is_managed then answers.fail(403, "%s is managed by Datadog", role.name) end
end

local function changed(call, role)
  role.modified_at = organisation.timestamp(call.now)
  call.state.roles:changed(role)
end

local function without(ids, id)
  local rest = {}
  for _, other in ipairs(ids) do
    if other ~= id then rest[#rest + 1] = other end
  end
  return rest
end

local function take_from(call, user, role)
  local rest = without(user.role_ids, role.id)
  if #rest == #user.role_ids then return end
  user.role_ids = rest
  organisation.user_changed(call.state, user, call.now)
end

local roles = {
  dialect = documents,
  limit = "roles",
  type = "roles",
  what = "Role",
  store = "roles",
  operations = collection.operations("role", "list create get update delete"),
  fields = { NAME },
  changes = { { name = "name", kind = "text" } },
  show = function(call, role) return organisation.role_resource(call.state, role) end,
  paging = "counted",
  search = { "name" },
  sorts = {
    "name",
    "modified_at",
    user_count = function(call, role) return organisation.user_count(call.state, role) end,
  },
  filters = { ["filter[id]"] = "id" },
  new = function(call, attributes, data)
    local ids = permissions_of(call, data)
    refuse_taken(call, attributes.name)
    return { permission_ids = ids, now = call.now }
  end,
  add = function(call, fields) return organisation.add_role(call.state, fields) end,
  changing = function(call, role, attributes, data)
    if data.id ~= role.id then -- recorded
      answers.fail(422, "The id attribute in the request body does not match the role_id in the URL")
    end
    local ids = permissions_of(call, data)
    refuse_managed(role)
    if attributes.name then refuse_taken(call, attributes.name, role) end
    role.permission_ids = ids or role.permission_ids
  end,
  changed = changed,
  removing = function(call, role)
    refuse_managed(role)
    for _, user in ipairs(call.state.users:all()) do
      take_from(call, user, role)
    end
  end,
}

local function clone(call, role)
  local data = documents.data(call.request, { type = "roles", attributes = { NAME } })
  refuse_taken(call, data.attributes.name)
  local ids = without(role.permission_ids, nil)
  local made =
    organisation.add_role(call.state, { name = data.attributes.name, permission_ids = ids, now = call.now })
  return { data = roles.show(call, made) }
end

local function template_resource(row)
  return { type = "roles", id = row[1], attributes = { name = row[2], description = row[3] } }
end

local function list_templates() return { data = lists.map(TEMPLATES, template_resource) } end

-- --- permissions ----------------------------------------------------------------------------------

local function list_permissions(_, state)
  return { data = lists.map(state.permissions:all(), organisation.permission_resource) }
end

local function show_permissions(call, role)
  local function resource(id) return organisation.permission_resource(call.state.permissions:get(id)) end
  return { data = lists.map(role.permission_ids, resource) }
end

-- what the document {data = {type, id}} names in a store
local function named(call, type_name, what)
  local data = documents.data(call.request, { type = type_name })
  if type(data.id) ~= "string" then answers.fail(400, "data.id is required") end
  return documents.find(call.state[type_name], data.id, what)
end

-- Adding what is there and removing what is not there change nothing: assumed, not recorded.
local function permission_changer(is_to_add)
  return collection.for_record(roles, function(call, role)
    local permission = named(call, "permissions", "Permission")
    refuse_managed(role)
    role.permission_ids = without(role.permission_ids, permission.id)
    if is_to_add then table.insert(role.permission_ids, permission.id) end
    changed(call, role)
    return show_permissions(call, role)
  end)
end

-- --- users ----------------------------------------------------------------------------------------

local function show_users(call, role)
  local members = {}
  for _, user in ipairs(call.state.users:all()) do
    if lists.among(user.role_ids, role.id) then members[#members + 1] = user end
  end
  return users.page(call, members)
end

local function give_to(call, user, role)
  if lists.among(user.role_ids, role.id) then return end
  user.role_ids = without(user.role_ids, nil)
  table.insert(user.role_ids, role.id)
  organisation.user_changed(call.state, user, call.now)
end

local function user_changer(change)
  return collection.for_record(roles, function(call, role)
    change(call, named(call, "users", "User"), role)
    return show_users(call, role)
  end)
end

roles.handlers = {
  list_permissions = list_permissions,
  list_role_templates = list_templates,
  clone_role = collection.for_record(roles, clone),
  list_role_permissions = collection.for_record(roles, show_permissions),
  add_permission_to_role = permission_changer(true),
  remove_permission_from_role = permission_changer(false),
  list_role_users = collection.for_record(roles, show_users),
  add_user_to_role = user_changer(give_to),
  remove_user_from_role = user_changer(take_from),
}

return collection.new(roles)
