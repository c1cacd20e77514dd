--- The sandbox's teams of Datadog, and the endpoints that list and change them.
--- A team is {id, name, handle, description, avatar, banner, visible_modules, hidden_modules, is_managed,
--- created_at, modified_at, members, links, rules, permissions}. Its members are a store (store.lua) of
--- {id = user id, membership_id, role, provisioned_by, provisioned_by_id}.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

-- name and handle are required to create and to update (documented)
local FIELDS = {
  { name = "name", kind = "text", required = true, longest = 200 },
  { name = "handle", kind = "text", required = true, longest = 195 },
  { name = "description", kind = "text", nullable = true },
  { name = "avatar", kind = "text", nullable = true },
  { name = "banner", kind = "whole", nullable = true },
  { name = "visible_modules", kind = "texts", nullable = true },
  { name = "hidden_modules", kind = "texts", nullable = true },
}

local teams = {
  dialect = documents,
  limit = "teams",
  type = "team",
  what = "Team",
  store = "teams",
  keys = {
    name = function(team) return team.name:lower() end,
    handle = function(team) return team.handle:lower() end,
  },
  operations = collection.operations("team", "create get update delete"),
  fields = FIELDS,
  attributes = { "name", "handle", "is_managed", "created_at", "modified_at" },
  nulls = { "description", "avatar", "banner", "summary" },
  paging = "offset",
  sorts = { "name", user_count = function(_, team) return team.members.count end },
}

local function related(team, what) return { related = ("/api/v2/team/%s/%s"):format(team.id, what) } end

function teams.decorate(_, team, resource)
  local attributes = resource.attributes
  attributes.visible_modules = json.array(team.visible_modules)
  attributes.hidden_modules = json.array(team.hidden_modules)
  attributes.user_count, attributes.link_count = team.members.count, team.links.count
  local links = lists.map(team.links:all(), function(link) return { type = "team_links", id = link.id } end)
  resource.relationships = {
    team_links = { data = links, links = related(team, "links") },
    user_team_permissions = { data = json.null(), links = related(team, "permission-settings") },
  }
end

--- A team as a JSON:API resource.
function teams.resource(team) return documents.resource(teams, nil, team) end

--- The same as what only leads to it shows.
function teams.short_resource(team)
  local attributes = { name = team.name, handle = team.handle, summary = json.null(), avatar = json.null() }
  attributes.user_count, attributes.link_count = team.members.count, team.links.count
  return { type = "team", id = team.id, attributes = attributes }
end

--- A link of a team as a JSON:API resource.
function teams.link_resource(team, link)
  local attributes = { label = link.label, url = link.url, position = link.position, team_id = team.id }
  return { type = "team_links", id = link.id, attributes = attributes }
end

-- --- what other modules do with teams -------------------------------------------------------------

--- Another team of this name or handle, in any case; or nil.
function teams.holder(state, name, handle, except)
  for key, value in pairs { name = name, handle = handle } do
    for _, team in ipairs(state.teams:find_all(key, value:lower())) do
      if team ~= except then return team end
    end
  end
end

--- Makes a team. fields: {name =, handle =, id = random, is_managed =, now = seconds, ...}.
function teams.add_team(state, fields)
  local at = fields.created_at or organisation.timestamp(fields.now or os.time())
  local team = {
    id = fields.id or uuid(),
    is_managed = fields.is_managed or false,
    created_at = at,
    modified_at = at,
    members = store.new(),
    links = store.new(),
    rules = store.new(),
    permissions = {},
    joined = 0,
  }
  return state.teams:add(documents.set(team, fields, FIELDS))
end

--- Must follow every change of a team's fields.
function teams.touch(state, team, now)
  team.modified_at = organisation.timestamp(now or os.time())
  return state.teams:changed(team)
end

--- Makes a user a member; one who is stays as they are. The id is written as recorded. Everybody is
--- added by the sandbox's service account: its keys are the only ones that were there first.
function teams.join(team, user_id, role)
  local member = team.members:get(user_id)
  if member then return member end
  team.joined = team.joined + 1
  return team.members:add {
    id = user_id,
    role = role,
    membership_id = ("TeamMembership-%s-%d"):format(team.id, team.joined),
    provisioned_by = "service_account",
    provisioned_by_id = organisation.CURRENT_USER_ID,
  }
end

--- Ends a membership that there is.
function teams.leave(team, user_id) team.members:remove(team.members:get(user_id)) end

-- --- the endpoints --------------------------------------------------------------------------------

local function has_member_like(call, team, word)
  for _, member in ipairs(team.members:all()) do
    local user = call.state.users:get(member.id)
    if user and lists.contains(user, { "email" }, word) then return true end
  end
  return false
end

-- filter[keyword]: a part of the name or handle, or of a member's address (documented)
function teams.where(call, team, query)
  local word = lists.word(query, "filter[keyword]")
  if
    word
    and not lists.contains(team, { "name", "handle" }, word)
    and not has_member_like(call, team, word)
  then
    return false
  end
  local mine = query["filter[me]"] and query["filter[me]"][1] == "true"
  return not mine or team.members:get(organisation.CURRENT_USER_ID) ~= nil
end

--- Leaves only those attributes of a team's resource that a query asks for. Name and handle are in every
--- answer (the schema requires them).
---@param fields? string[]
function teams.only(resource, fields)
  for name in pairs(fields and resource.attributes or {}) do
    if name ~= "name" and name ~= "handle" and not lists.among(fields, name) then
      resource.attributes[name] = nil
    end
  end
  return resource
end

-- resources that are asked for with `include`, added to a list
local INCLUDED = {
  team_links = function(included, team)
    for _, link in ipairs(team.links:all()) do
      included[#included + 1] = teams.link_resource(team, link)
    end
  end,
  user_team_permissions = function(included, team, resource)
    local id = "UserTeamPermissions-" .. team.id
    included[#included + 1] = {
      type = "user_team_permissions",
      id = id,
      attributes = { permissions = { can_edit = true, can_manage_membership = not team.is_managed } },
    }
    resource.relationships.user_team_permissions.data = { type = "user_team_permissions", id = id }
  end,
}

local function list(call)
  local query, included = lists.query(call.request), json.array()
  local document = documents.list(teams, call, call.state.teams:all())
  for i, resource in ipairs(document.data) do
    local team = call.state.teams:get(resource.id)
    for _, name in ipairs(query.include or {}) do
      if INCLUDED[name] then INCLUDED[name](included, team, resource) end
    end
    document.data[i] = teams.only(resource, query["fields[team]"])
  end
  document.included = query.include and included or nil
  return document
end

--- The team of an id, or a refusal (recorded).
function teams.get(state, id) return state.teams:get(id) or answers.fail(404, "Team for ID %s not found", id) end

--- The team in the path of a call.
function teams.of_path(call) return teams.get(call.state, call.request.parameters.team_id) end

teams.find = teams.of_path

--- Refuses what would change what the identity provider owns (documented; its text is not).
function teams.refuse_managed(team)
  if team.is_managed then answers.fail(403, "This team is managed by an identity provider") end
end

local function refuse_taken(call, attributes, except)
  if teams.holder(call.state, attributes.name, attributes.handle, except) then
    answers.fail(409, "Team name and handle must be unique") -- recorded
  end
end

function teams.new(call, attributes, data)
  refuse_taken(call, attributes)
  local ids = documents.related_to(data, "users", "users", call.state.users, "User %s not found")
  return { now = call.now, first_members = ids or {} }
end

function teams.add(call, fields)
  local team = teams.add_team(call.state, fields)
  for _, id in ipairs(fields.first_members) do
    teams.join(team, id)
  end
  return team
end

function teams.changing(call, team, given)
  if given.name ~= team.name or given.handle ~= team.handle then
    teams.refuse_managed(team)
    refuse_taken(call, given, team)
  end
end

function teams.changed(call, team) teams.touch(call.state, team, call.now) end

function teams.removing(_, team) teams.refuse_managed(team) end

teams.handlers = { list_teams = collection.for_owner(teams, list) }

-- --- seed and state -------------------------------------------------------------------------------

local function user_named(state, name)
  return type(name) == "string" and (state.users:get(name) or organisation.user_by_handle(state, name))
end

local function seed_members(state, team, given)
  if type(given) ~= "table" then return "members must be a list" end
  for _, name in ipairs(given) do
    local user = user_named(state, name)
    if not user then return ("there is no user %q"):format(tostring(name)) end
    teams.join(team, user.id)
  end
end

local function seed_team(state, given)
  local problem = documents.problem(given, FIELDS)
  if problem then return problem end
  local id = given.id
  if id ~= nil and (type(id) ~= "string" or state.teams:get(id)) then return "its id is taken" end
  if teams.holder(state, given.name, given.handle) then return "its name or handle is taken" end
  local team =
    teams.add_team(state, documents.set({ id = id, is_managed = given.is_managed == true }, given, FIELDS))
  team.external_id = type(given.external_id) == "string" and given.external_id or nil
  return seed_members(state, team, given.members or {})
end

--- Fills state.teams with seed.teams: {name =, handle =, id =, members = handles or ids, is_managed =,
--- external_id =, ...}. A managed one is a SCIM group too (scim/groups.lua).
function teams.reset(state, seed) return store.fill(state, "team", seed.teams, seed_team) end

local function shown(team)
  local members = json.array()
  for i, member in ipairs(team.members:all()) do
    members[i] = member.id
  end
  return {
    id = team.id,
    name = team.name,
    handle = team.handle,
    is_managed = team.is_managed,
    user_ids = members,
  }
end

--- For /_sandbox/state: the first thousand, and how many there are.
function teams.describe(state)
  return { teams = organisation.first(state.teams, shown), team_count = state.teams.count }
end

return collection.new(teams)
