--- Datadog's SCIM users. They are the people of organisation.lua.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local groups = require "ddokta.sandbox.datadog.scim.groups"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local protocol = require "ddokta.sandbox.datadog.scim.protocol"

local users = { SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User" }

local function roles_of(state, user)
  return lists.map(user.role_ids, function(id) return { value = id, display = state.roles:get(id).name } end)
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
    meta = protocol.meta("User", user),
  }
end

-- --- what a request says --------------------------------------------------------------------------
-- Each reader puts what it understands into `changes` (a user's fields) or returns a message.

local CLEARED = false -- a field that is to be empty; nil: one that is not named

local function read_text(field)
  return function(changes, value)
    if not protocol.given(value) then
      changes[field] = CLEARED
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
    changes.name = CLEARED
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
  if problem then protocol.refuse("'%s' %s", NAMES[name] or name, problem) end
end

-- What a whole object says. What Datadog's schema does not have
-- (externalId, displayName, groups, password, locale of Okta's agent) is ignored.
local function read_object(body)
  local changes = {}
  for _, name in ipairs { "username", "active", "name", "title", "emails", "roles" } do
    if body[name] ~= nil then read(changes, name, body[name]) end
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
-- RFC's (7644, 3.3); Datadog documents no answer. Gives the user of that name who was deleted, if there
-- is one.
local function deleted_user(state, name)
  local user = organisation.user_by_handle(state, name)
  if user and (state.people:get(user.id) or user.service_account) then
    answers.fail(409, "User %s already exists", name)
  end
  return user
end

-- A user who was deleted comes back with the same id: Datadog never forgets one (assumed for SCIM).
local function create(request, state)
  local changes = read_object(protocol.body(request))
  local name = changes.user_name
  if not name or name == "" then protocol.refuse "'userName' is required" end
  local user = deleted_user(state, name)
  if user then
    changes.role_ids = changes.role_ids or {}
    state.people:add(user)
  else
    user =
      organisation.add_user(state, { handle = name, email = name, status = "Pending", now = request.now })
  end
  if changes.active == nil then changes.active = true end
  return resource(state, apply(state, user, changes, request.now))
end

local function find(request, state) return documents.find(state.people, request.parameters.user_uuid, "User") end

local function get(request, state) return resource(state, find(request, state)) end

-- the schema has userName immutable: another one is a 400 (RFC 7644, 3.5.1)
local function refuse_rename(user, changes)
  local name = changes.user_name
  if name == nil or name and name:lower() == user.handle:lower() then return end
  protocol.refuse "'userName' is immutable"
end

-- Name and title that are not sent are cleared. Roles stay when the request does not name them: SCIM is
-- then not what maps them (assumed); so does the address, without which there is no user.
local function replace(request, state)
  local user = find(request, state)
  local changes = read_object(protocol.body(request))
  refuse_rename(user, changes)
  if changes.user_name == nil then protocol.refuse "'userName' is required" end
  if changes.name == nil then changes.name = CLEARED end
  if changes.title == nil then changes.title = CLEARED end
  return resource(state, apply(state, user, changes, request.now))
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
local IGNORED = {}
for name in
  ("externalid displayname nickname locale timezone preferredlanguage usertype groups password profileurl"):gmatch "%a+"
do
  IGNORED[name] = true
end

local function read_path(changes, operation)
  local path = operation.path:lower():gsub("^" .. users.SCHEMA:lower() .. ":", "")
  local name, value = path, operation.value
  if INTO[path] then
    name, value = INTO[path][1], INTO[path][2](value)
  end
  if READERS[name] then return read(changes, name, value, operation.op == "add") end
  if not IGNORED[path] then protocol.refuse("the path is not supported: %s", operation.path) end
end

local function read_operation(changes, operation)
  if operation.path then return read_path(changes, operation) end
  if not protocol.is_object(operation.value) then protocol.refuse "value must be an object" end
  for name, value in pairs(protocol.folded(operation.value)) do
    read(changes, name, value, operation.op == "add")
  end
end

local OPERATIONS = { add = true, replace = true } -- no remove (documented)

-- nothing is changed before every operation has been read: PATCH is atomic (RFC 7644, 3.5.2)
local function patch(request, state)
  local user = find(request, state)
  local changes = { role_ids = {} }
  for i, id in ipairs(user.role_ids) do
    changes.role_ids[i] = id
  end
  for _, operation in ipairs(protocol.operations(request, OPERATIONS)) do
    read_operation(changes, operation)
  end
  refuse_rename(user, changes)
  return resource(state, apply(state, user, changes, request.now))
end

-- What Datadog's user is after SCIM's delete is not documented. Here: disabled, unknown to SCIM (RFC
-- 7644, 3.6: 404 from then on), and no longer in pushed groups.
local function delete(request, state)
  local user = find(request, state)
  organisation.remove_person(state, user, request.now)
  groups.forget_member(state, user.id, request.now)
end

users.handlers = {
  list_scim_users = list,
  create_scim_user = create,
  get_scim_user = get,
  update_scim_user = replace,
  patch_scim_user = patch,
  delete_scim_user = delete,
}

return protocol.module(users)
