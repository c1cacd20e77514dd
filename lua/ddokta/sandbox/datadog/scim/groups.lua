--- Datadog's SCIM groups. A group is {id, display_name, handle, external_id, members,
--- created_at, modified_at}, members a store of {id = user id}; what it says is carried over to its team
--- (teams.lua) after settings.managed_delay seconds. Team and group have the same id (assumed).
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local schedule = require "ddokta.sandbox.schedule"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local protocol = require "ddokta.sandbox.datadog.scim.protocol"
local handle_of = require("ddokta.handle").of
local store = require "ddokta.sandbox.store"
local teams = require "ddokta.sandbox.datadog.teams"
local uuid = require "ddokta.sandbox.uuid"

local groups = { SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group" }

local MOST_NAME = 200 -- a team's

local function member_resource(state, member)
  local user = state.users:get(member.id)
  return {
    value = user.id,
    display = user.name or user.handle,
    type = "User",
    ["$ref"] = protocol.user_location(user.id),
  }
end

local function resource(state, group)
  local members = lists.map(group.members:all(), function(member) return member_resource(state, member) end)
  return {
    schemas = json.array { groups.SCHEMA },
    id = group.id,
    displayName = group.display_name,
    externalId = group.external_id,
    members = members,
    meta = protocol.meta("Group", group),
  }
end

-- --- a group and its team -------------------------------------------------------------------------

-- Of letters beyond ASCII nobody has said what becomes: a team of that name keeps what it has, as if its
-- owner had let Datadog make it.
local function handle_for(state, name)
  local known = handle_of(name)
  if known then return known end
  local team = state.teams:find("name", name:lower())
  if team then return team.handle end
  local handle = handle_of((name:gsub("[\128-\255]", "-")))
  return handle ~= "" and handle
    or handle_of((name:gsub(".", function(c) return ("%02x"):format(c:byte()) end)))
end

local function carry_members(group, team)
  for _, member in ipairs(group.members:all()) do
    teams.join(team, member.id)
  end
  local gone = {}
  for _, member in ipairs(team.members:all()) do
    if not group.members:get(member.id) then gone[#gone + 1] = member.id end
  end
  for _, id in ipairs(gone) do
    teams.leave(team, id)
  end
end

-- A team that took the name or handle while the group waited is left alone: the group stays without one.
local function carry_over(state, group, now)
  if state.groups:get(group.id) ~= group then return end
  local team = state.teams:get(group.id)
  if teams.holder(state, group.display_name, group.handle, team) then return end
  team = team
    or teams.add_team(state, { id = group.id, name = group.display_name, handle = group.handle, now = now })
  team.name, team.handle, team.is_managed = group.display_name, group.handle, true
  carry_members(group, team)
  teams.touch(state, team, now)
end

-- does something to a team after the delay
local function to_team(state, now, work) schedule.at(state, now + state.settings.managed_delay, now, work) end

local function changed(state, group, now)
  group.modified_at = organisation.timestamp(now)
  state.groups:changed(group)
  to_team(state, now, function(at) carry_over(state, group, at) end)
  return group
end

--- Ends the link between a group and its team: the team keeps its members and is no longer managed. This
--- is what Okta's "unlink, leave the group" ends in; no SCIM request does it.
function groups.unlink(state, id, now)
  local group = state.groups:get(id)
  if not group then return end
  state.groups:remove(group)
  to_team(state, now, function(at)
    local team = state.teams:get(id)
    if not team or state.groups:get(id) then return end
    team.is_managed = false
    teams.touch(state, team, at)
  end)
end

--- A user is no longer known to SCIM.
function groups.forget_member(state, user_id, now)
  for _, group in ipairs(state.groups:all()) do
    local member = group.members:get(user_id)
    if member then
      group.members:remove(member)
      changed(state, group, now)
    end
  end
end

-- --- what a request says --------------------------------------------------------------------------

-- the ids of members who exist (a user must, before joining: documented)
local function read_members(state, value)
  if not protocol.given(value) then return {} end
  if not protocol.is_list(value) then protocol.refuse "'members' must be a list" end
  local ids = {}
  for i, item in ipairs(value) do
    local member = protocol.is_object(item) and protocol.folded(item) or {}
    if type(member.value) ~= "string" then protocol.refuse "'members' should be object" end
    if not state.people:get(member.value) then
      protocol.refuse("the member does not exist: %s", member.value)
    end
    ids[i] = member.value
  end
  return ids
end

local NONE = false -- no external id; nil: one that is not named

-- changes of a group: display_name, external_id, members = list of ids
local function read_name(_, changes, value)
  if type(value) ~= "string" or value == "" then protocol.refuse "'displayName' is required" end
  if #value > MOST_NAME then
    protocol.refuse("'displayName' must not be longer than %d characters", MOST_NAME)
  end
  if handle_of(value) == "" then protocol.refuse "no handle can be made of 'displayName'" end
  changes.display_name = value
end

local function read_external_id(_, changes, value)
  if protocol.given(value) and type(value) ~= "string" then
    protocol.refuse "'externalId' must be a string"
  end
  changes.external_id = protocol.given(value) and value or NONE
end

local function replace_members(state, changes, value) changes.members = read_members(state, value) end

local function add_members(state, changes, value)
  for _, id in ipairs(read_members(state, value)) do
    table.insert(changes.members, id)
  end
end

-- one who is no member is no error (RFC 7644, 3.5.2.2, says so of what is not there)
local function drop_members(changes, ids)
  local gone, rest = {}, {}
  for _, id in ipairs(ids) do
    gone[id] = true
  end
  for _, id in ipairs(changes.members) do
    if not gone[id] then rest[#rest + 1] = id end
  end
  changes.members = rest
end

-- --- the group that a request makes ---------------------------------------------------------------

-- A name or handle of another group or its team, or the name alone of any team: 409, as documented for
-- PUT. A team that no group has and whose handle it is is taken over: it is what this gives.
local function refuse_taken(state, group, name)
  local handle = handle_for(state, name)
  local other = state.groups:find("handle", handle)
  local own = group and state.teams:get(group.id)
  local team = teams.holder(state, name, handle, own)
  if
    other and other ~= group
    or team and (group or state.groups:get(team.id) or team.handle:lower() ~= handle)
    or team and teams.holder(state, name, handle, team) -- the name may be that of a third team
  then
    answers.fail(409, "Team name and handle must be unique")
  end
  return team
end

local function set_members(group, ids)
  local wanted = {}
  for _, id in ipairs(ids) do
    wanted[id] = true
    if not group.members:get(id) then group.members:add { id = id } end
  end
  local gone = {}
  for _, member in ipairs(group.members:all()) do
    if not wanted[member.id] then gone[#gone + 1] = member end
  end
  for _, member in ipairs(gone) do
    group.members:remove(member)
  end
end

-- writes changes that are right into a group: its resource
local function apply(state, group, changes, now)
  if changes.display_name then
    group.display_name, group.handle = changes.display_name, handle_for(state, changes.display_name)
  end
  if changes.external_id ~= nil then group.external_id = changes.external_id or nil end
  if changes.members then set_members(group, changes.members) end
  changed(state, group, now)
  return resource(state, group)
end

local function add_group(state, fields)
  return state.groups:add {
    id = fields.id or uuid(),
    display_name = fields.name,
    handle = handle_for(state, fields.name),
    external_id = fields.external_id,
    members = store.new(),
    created_at = fields.created_at,
    modified_at = fields.created_at,
  }
end

-- what a whole object says
local function read_object(request, state)
  local body, changes = protocol.body(request), {}
  read_name(state, changes, body.displayname)
  replace_members(state, changes, body.members)
  if body.externalid ~= nil then read_external_id(state, changes, body.externalid) end
  return changes
end

-- --- the endpoints --------------------------------------------------------------------------------

local function has_member(group, id) return group and group.members:get(id) ~= nil end

local function list(request, state)
  local function by(key)
    return function(values) return state.groups:find_all(key, values[key]:lower()) end
  end
  local function membership(values)
    local group = state.groups:get(values.id)
    return has_member(group, values.members) and { group } or {}
  end
  return protocol.list(request, state, state.groups:all(), {
    displayname = by "displayname",
    externalid = function(values) return state.groups:find_all("externalid", values.externalid) end,
    ["id,members"] = membership,
    ["members,id"] = membership,
  }, resource)
end

local function create(request, state)
  local changes = read_object(request, state)
  local team = refuse_taken(state, nil, changes.display_name)
  local at = organisation.timestamp(request.now)
  local group = add_group(state, { id = team and team.id, name = changes.display_name, created_at = at })
  return apply(state, group, changes, request.now)
end

local function find(request, state) return documents.find(state.groups, request.parameters.group_id, "Group") end

local function get(request, state) return resource(state, find(request, state)) end

-- Members that are absent or null leave the group empty; the external id stays when it is not sent, since
-- Okta's agent does not send it again (assumed).
local function replace(request, state)
  local group = find(request, state)
  local changes = read_object(request, state)
  refuse_taken(state, group, changes.display_name)
  return apply(state, group, changes, request.now)
end

-- name in lower case -> reader by op
local READERS = {
  displayname = { add = read_name, replace = read_name },
  externalid = {
    add = read_external_id,
    replace = read_external_id,
    remove = function(_, changes) changes.external_id = NONE end,
  },
  members = {
    add = add_members,
    replace = replace_members,
    remove = function(_, changes, value)
      if not protocol.given(value) then
        changes.members = {}
        return nil
      end
      if not protocol.is_list(value) then protocol.refuse "'members' must be a list" end
      local ids = {}
      for _, item in ipairs(value) do
        ids[#ids + 1] = protocol.is_object(item) and protocol.folded(item).value or nil
      end
      drop_members(changes, ids)
    end,
  },
}

-- the user id of members[value eq "..."], or nil
local function selected_member(path)
  local condition = path:match("^[mM][eE][mM][bB][eE][rR][sS]%[(.*)%]$")
  local values, names = protocol.parse_filter(condition or "")
  return names == "value" and values.value or nil
end

local function read_path(state, changes, operation)
  local id = operation.op == "remove" and selected_member(operation.path)
  if id then return drop_members(changes, { id }) end
  local path = operation.path:lower():gsub("^" .. groups.SCHEMA:lower() .. ":", "")
  local reader = READERS[path] and READERS[path][operation.op]
  if not reader then protocol.refuse("the path is not supported: %s", operation.path) end
  return reader(state, changes, operation.value)
end

-- Okta's agent sends the group's own id beside its name; another one cannot be set
local function read_operation(state, group, changes, operation)
  if operation.path then return read_path(state, changes, operation) end
  if operation.op == "remove" then protocol.refuse "remove needs a path" end
  if not protocol.is_object(operation.value) then protocol.refuse "value must be an object" end
  local value = protocol.folded(operation.value)
  if protocol.given(value.id) and value.id ~= group.id then protocol.refuse "'id' is read-only" end
  for _, name in ipairs { "displayname", "externalid", "members" } do
    if value[name] ~= nil then READERS[name][operation.op](state, changes, value[name]) end
  end
end

local OPERATIONS = { add = true, replace = true, remove = true }

-- nothing is changed before every operation has been read: PATCH is atomic (RFC 7644, 3.5.2)
local function patch(request, state)
  local group = find(request, state)
  local operations = protocol.operations(request, OPERATIONS)
  local changes = { members = {} }
  for i, member in ipairs(group.members:all()) do
    changes.members[i] = member.id
  end
  for _, operation in ipairs(operations) do
    read_operation(state, group, changes, operation)
  end
  if changes.display_name then refuse_taken(state, group, changes.display_name) end
  return apply(state, group, changes, request.now)
end

-- The team is not deleted: it loses its members and is no longer managed (documented).
local function delete(request, state)
  local group = find(request, state)
  state.groups:remove(group)
  to_team(state, request.now, function(now)
    local team = state.teams:get(group.id)
    if not team or state.groups:get(group.id) then return end
    team.is_managed, team.members = false, store.new()
    teams.touch(state, team, now)
  end)
end

groups.handlers = {
  list_scim_groups = list,
  create_scim_group = create,
  get_scim_group = get,
  update_scim_group = replace,
  patch_scim_group = patch,
  delete_scim_group = delete,
}

--- Makes state.groups: one for each managed team of the seed.
function groups.reset(state)
  state.groups = store.new {
    displayname = function(group) return group.display_name:lower() end,
    externalid = function(group) return group.external_id end,
    handle = function(group) return group.handle end,
  }
  for _, team in ipairs(state.teams:all()) do
    if team.is_managed then
      local group = add_group(
        state,
        { id = team.id, name = team.name, external_id = team.external_id, created_at = team.created_at }
      )
      for _, member in ipairs(team.members:all()) do
        group.members:add { id = member.id }
      end
    end
  end
  return true
end

local function shown(group)
  return {
    id = group.id,
    display_name = group.display_name,
    external_id = group.external_id,
    user_ids = lists.map(group.members:all(), function(member) return member.id end),
  }
end

--- For /_sandbox/state: the first thousand, and how many there are.
function groups.describe(state)
  return { scim_groups = organisation.first(state.groups, shown), scim_group_count = state.groups.count }
end

return protocol.module(groups)
