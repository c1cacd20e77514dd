-- Datadog's SCIM users: /api/v2/scim/Users. They are the people of organisation.lua.
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"
local protocol = require "ddokta.sandbox.datadog.scim.protocol"

local users = { SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User" }

local function roles_of(state, user)
  local roles = json.array()
  for i, id in ipairs(user.role_ids) do
    roles[i] = { value = id, display = state.roles:get(id).name }
  end
  return roles
end

local function resource(state, user)
  return {
    schemas = json.array { users.SCHEMA },
    id = user.id,
    userName = user.handle,
    active = not user.disabled,
    name = { formatted = user.name },
    title = user.title,
    roles = roles_of(state, user),
    emails = json.array { { value = user.email, type = "work", primary = true } },
    meta = {
      resourceType = "User",
      created = user.created_at,
      lastModified = user.modified_at,
      location = protocol.LOCATION .. "Users/" .. user.id,
    },
  }
end

-- --- what a request says --------------------------------------------------------------------------
-- Each reader puts what it understands into `changes` (a user's fields) or returns a message.

local function read_text(field)
  return function(changes, value)
    if not protocol.given(value) then
      changes[field] = false -- cleared
    elseif type(value) ~= "string" then
      return "must be a string"
    else
      changes[field] = value
    end
  end
end

-- "True" is no boolean (RFC 7643, 2.3.2); whether Datadog takes it is not known
local function read_active(changes, value)
  if type(value) ~= "boolean" then return "must be a boolean" end
  changes.active = value
end

-- Datadog has name.formatted alone; Okta's agent sends the parts
local function read_name(changes, value)
  if not protocol.given(value) then
    changes.name = false
    return nil
  end
  if not protocol.is_object(value) then return "must be an object" end
  local name = protocol.folded(value)
  local parts = {}
  for _, part in ipairs { "givenname", "familyname" } do
    if type(name[part]) == "string" and name[part] ~= "" then parts[#parts + 1] = name[part] end
  end
  if protocol.given(name.formatted) then return read_text "name"(changes, name.formatted) end
  if parts[1] then changes.name = table.concat(parts, " ") end
end

-- the primary address, or that of work, or the first
local function read_emails(changes, value)
  if not protocol.is_list(value) then return "must be a list" end
  local best, best_rank = nil, 0
  for _, item in ipairs(value) do
    local email = protocol.is_object(item) and protocol.folded(item) or {}
    if type(email.value) ~= "string" or email.value == "" then return "must be objects with a value" end
    local rank = email.primary == true and 3 or (email.type == "work" and 2 or 1)
    if rank > best_rank then
      best, best_rank = email.value, rank
    end
  end
  changes.email = best
end

-- a list of strings is what Datadog's page on Okta warns of; its text is theirs
local function read_roles(changes, value, add)
  if not protocol.given(value) then value = {} end
  if protocol.is_object(value) and next(value) ~= nil then value = { value } end
  if not protocol.is_list(value) then return "should be object" end
  local ids = {}
  for i, item in ipairs(value) do
    local role = protocol.is_object(item) and protocol.folded(item) or {}
    if type(role.value) ~= "string" then return "should be object" end
    ids[i] = role.value
  end
  if not add then
    changes.role_ids = ids
    return nil
  end
  for _, id in ipairs(ids) do
    table.insert(changes.role_ids, id)
  end
end

local READERS = {
  username = read_text "user_name",
  active = read_active,
  name = read_name,
  title = read_text "title",
  emails = read_emails,
  roles = read_roles,
}

local NAMES = { username = "userName" }

local function read(changes, name, value, add)
  local problem = READERS[name] and READERS[name](changes, value, add)
  if problem then return protocol.refuse("'%s' %s", NAMES[name] or name, problem) end
end

-- What a whole object says, or nil and the answer to give. What Datadog's schema does not have
-- (externalId, displayName, groups, password, locale of Okta's agent) is ignored.
local function read_object(body)
  local changes = {}
  for _, name in ipairs { "username", "active", "name", "title", "emails", "roles" } do
    if body[name] ~= nil then
      local refusal = read(changes, name, body[name])
      if refusal then return nil, refusal end
    end
  end
  return changes
end

-- Roles that the organisation does not have are left out (documented). When none is left a new user gets
-- what SAML's login methods say for users who are made by it, and so no role here.
local function apply(state, user, changes, now)
  if changes.name ~= nil then user.name = changes.name or nil end
  if changes.title ~= nil then user.title = changes.title or nil end
  if changes.email then user.email = changes.email end
  if changes.role_ids then user.role_ids = organisation.known_roles(state, changes.role_ids) end
  organisation.user_changed(state, user, now)
  if changes.active ~= nil then organisation.set_disabled(state, user, not changes.active, now) end
  return user
end

-- --- the endpoints --------------------------------------------------------------------------------

local function list(request, state)
  return protocol.list(request, state, state.people:all(), {
    username = function(values) return state.people:find_all("handle", values.username:lower()) end,
  }, resource)
end

-- SCIM's schema has userName unique on the server, in any case. That a second create is a 409 is the
-- RFC's (7644, 3.3); Datadog documents no answer.
local function user_name_taken(state, name)
  local user = organisation.user_by_handle(state, name)
  if user and state.people:get(user.id) or user and user.service_account then
    return answers.errors(409, ("User %s already exists"):format(name))
  end
  return nil, user
end

-- A user who was deleted comes back with the same id: Datadog never forgets one (assumed for SCIM).
local function create(request, state)
  local body, refusal = protocol.body(request)
  if not body then return refusal end
  local changes
  changes, refusal = read_object(body)
  if not changes then return refusal end
  if not changes.user_name or changes.user_name == "" then return protocol.refuse "'userName' is required" end
  local taken, user = user_name_taken(state, changes.user_name)
  if taken then return taken end
  if user then
    changes.role_ids = changes.role_ids or {}
    state.people:add(user)
  else
    user = organisation.add_user(
      state,
      { handle = changes.user_name, email = changes.user_name, status = "Pending", now = request.now }
    )
  end
  if changes.active == nil then changes.active = true end
  return protocol.answer(state, 201, resource(state, apply(state, user, changes, request.now)))
end

-- runs `use` with the user of the path, or answers 404
local function with_user(request, state, use)
  local user = state.people:get(request.parameters.user_uuid)
  if not user then return protocol.unknown("User", request.parameters.user_uuid) end
  return use(user)
end

local function get(request, state)
  return with_user(
    request,
    state,
    function(user) return protocol.answer(state, 200, resource(state, user)) end
  )
end

-- the schema has userName immutable: another one is a 400 (RFC 7644, 3.5.1)
local function renames(user, changes)
  local name = changes.user_name
  if name == nil or name and name:lower() == user.handle:lower() then return nil end
  return protocol.refuse "'userName' is immutable"
end

-- Name and title that are not sent are cleared. Roles stay when the request does not name them: SCIM is
-- then not what maps them (assumed); so does the address, without which there is no user.
local function replace(request, state)
  return with_user(request, state, function(user)
    local body, refusal = protocol.body(request)
    if not body then return refusal end
    local changes
    changes, refusal = read_object(body)
    refusal = refusal or renames(user, changes)
    if refusal then return refusal end
    if changes.user_name == nil then return protocol.refuse "'userName' is required" end
    if changes.name == nil then changes.name = false end
    if changes.title == nil then changes.title = false end
    return protocol.answer(state, 200, resource(state, apply(state, user, changes, request.now)))
  end)
end

-- paths into an attribute -> how its value looks inside the attribute
local INTO = {
  ["name.formatted"] = { "name", function(value) return { formatted = value } end },
  ["name.givenname"] = { "name", function(value) return { givenName = value } end },
  ["name.familyname"] = { "name", function(value) return { familyName = value } end },
  ['emails[type eq "work"].value'] = {
    "emails",
    function(value) return { { value = value, type = "work" } } end,
  },
  ["emails.value"] = { "emails", function(value) return { { value = value } } end },
}

-- attributes of the RFC that a path may name and Datadog does not have
local IGNORED = {
  externalid = true,
  displayname = true,
  nickname = true,
  locale = true,
  timezone = true,
  preferredlanguage = true,
  usertype = true,
  groups = true,
  password = true,
  profileurl = true,
}

local function read_path(changes, operation)
  local path = operation.path:lower():gsub("^" .. users.SCHEMA:lower() .. ":", "")
  local name, value = path, operation.value
  if INTO[path] then
    name, value = INTO[path][1], INTO[path][2](value)
  end
  if READERS[name] then return read(changes, name, value, operation.op == "add") end
  if not IGNORED[path] then return protocol.refuse("the path is not supported: %s", operation.path) end
end

local function read_operation(changes, operation)
  if operation.path then return read_path(changes, operation) end
  if not protocol.is_object(operation.value) then return protocol.refuse "value must be an object" end
  for name, value in pairs(protocol.folded(operation.value)) do
    local refusal = READERS[name] and read(changes, name, value, operation.op == "add")
    if refusal then return refusal end
  end
end

local OPERATIONS = { add = true, replace = true } -- no remove (documented)

-- nothing is changed before every operation has been read: PATCH is atomic (RFC 7644, 3.5.2)
local function patch(request, state)
  return with_user(request, state, function(user)
    local operations, refusal = protocol.operations(request, OPERATIONS)
    if not operations then return refusal end
    local changes = { role_ids = {} }
    for i, id in ipairs(user.role_ids) do
      changes.role_ids[i] = id
    end
    for _, operation in ipairs(operations) do
      refusal = read_operation(changes, operation)
      if refusal then return refusal end
    end
    refusal = renames(user, changes)
    if refusal then return refusal end
    return protocol.answer(state, 200, resource(state, apply(state, user, changes, request.now)))
  end)
end

-- What Datadog's user is after SCIM's delete is not documented. Here: disabled, unknown to SCIM (RFC
-- 7644, 3.6: 404 from then on), and no longer in pushed groups.
local function delete(request, state)
  return with_user(request, state, function(user)
    organisation.remove_person(state, user, request.now)
    require("ddokta.sandbox.datadog.scim.groups").forget_member(state, user.id, request.now)
    return answers.nothing()
  end)
end

local USERS = "/api/v2/scim/Users"
local USER = USERS .. "/{user_uuid}"

users.rows = {
  { method = "GET", path = USERS, handler = list },
  { method = "POST", path = USERS, handler = create },
  { method = "GET", path = USER, handler = get },
  { method = "PUT", path = USER, handler = replace },
  { method = "PATCH", path = USER, handler = patch },
  { method = "DELETE", path = USER, handler = delete },
}
for _, row in ipairs(users.rows) do
  row.permission, row.auth, row.limit = protocol.PERMISSION, protocol.AUTH, "scim"
end

return users
