-- Datadog's teams: /api/v2/team. A team is {id, name, handle, description, avatar, banner,
-- visible_modules, hidden_modules, is_managed, created_at, modified_at, members, links, permissions};
-- members is a store of {id = user id, membership_id, role, provisioned_by, provisioned_by_id}.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local teams = {}

local MOST_NAME, MOST_HANDLE = 200, 195

-- name and handle are required to create and to update (documented)
local SHAPE = {
  type = "team",
  attributes = {
    { name = "name", kind = "text", required = true, longest = MOST_NAME },
    { name = "handle", kind = "text", required = true, longest = MOST_HANDLE },
    { name = "description", kind = "text", nullable = true },
    { name = "avatar", kind = "text", nullable = true },
    { name = "banner", kind = "whole", nullable = true },
    { name = "visible_modules", kind = "texts", nullable = true },
    { name = "hidden_modules", kind = "texts", nullable = true },
  },
}

local function or_null(value)
  if value == nil then return json.null() end
  return value
end

local function attributes_of(team)
  return {
    name = team.name,
    handle = team.handle,
    description = or_null(team.description),
    avatar = or_null(team.avatar),
    banner = or_null(team.banner),
    summary = json.null(),
    visible_modules = json.array(team.visible_modules),
    hidden_modules = json.array(team.hidden_modules),
    is_managed = team.is_managed,
    user_count = team.members.count,
    link_count = team.links.count,
    created_at = team.created_at,
    modified_at = team.modified_at,
  }
end

local function related(team, what) return ("/api/v2/team/%s/%s"):format(team.id, what) end

--- A team as a JSON:API resource.
function teams.resource(team)
  return {
    type = "team",
    id = team.id,
    attributes = attributes_of(team),
    relationships = {
      team_links = {
        data = lists.map(team.links:all(), function(link) return { type = "team_links", id = link.id } end),
        links = { related = related(team, "links") },
      },
      user_team_permissions = {
        data = json.null(),
        links = { related = related(team, "permission-settings") },
      },
    },
  }
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

--- Adds a team. fields: {name =, handle =, id = random, is_managed =, now = seconds, ...}.
function teams.add(state, fields)
  local at = fields.created_at or organisation.timestamp(fields.now or os.time())
  local team = {
    id = fields.id or uuid(),
    is_managed = fields.is_managed or false,
    created_at = at,
    modified_at = at,
    members = store.new(),
    links = store.new(),
    permissions = {},
    joined = 0,
  }
  for _, field in ipairs(SHAPE.attributes) do
    team[field.name] = fields[field.name]
  end
  return state.teams:add(team)
end

--- Must follow every change of a team's fields.
function teams.changed(state, team, now)
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

-- --- the lists ------------------------------------------------------------------------------------

local function has_member_like(state, team, word)
  for _, member in ipairs(team.members:all()) do
    local user = state.users:get(member.id)
    if user and user.email:lower():find(word, 1, true) then return true end
  end
  return false
end

-- filter[keyword]: a part of the name or handle, or of a member's address (documented)
local function selects(state)
  return function(team, query)
    local word = query["filter[keyword]"] and table.concat(query["filter[keyword]"], ","):lower()
    if
      word
      and not team.name:lower():find(word, 1, true)
      and not team.handle:lower():find(word, 1, true)
      and not has_member_like(state, team, word)
    then
      return false
    end
    local mine = query["filter[me]"] and query["filter[me]"][1] == "true"
    return not mine or team.members:get(organisation.CURRENT_USER_ID) ~= nil
  end
end

local SORTS = lists.sorts("name")
SORTS.user_count = function(team) return team.members.count end

--- `links` and `meta` of a page whose records are counted by offset, as teams and memberships have them.
function teams.paging(request, page)
  local last = math.max(0, math.floor((page.filtered - 1) / page.size))
  local function at(number)
    return ("%s?page%%5Bnumber%%5D=%d&page%%5Bsize%%5D=%d"):format(request.path, number, page.size)
  end
  local links = { self = at(page.number), first = at(0), last = at(last), prev = json.null() }
  if page.number > 0 then links.prev = at(page.number - 1) end
  if page.number < last then links.next = at(page.number + 1) end
  local offset = page.number * page.size
  return links,
    {
      pagination = {
        type = "offset_limit",
        offset = offset,
        limit = page.size,
        total = page.filtered,
        first_offset = 0,
        prev_offset = math.max(0, offset - page.size),
        next_offset = offset + page.size,
        last_offset = last * page.size,
      },
    }
end

-- name and handle are in every answer (the schema requires them)
local function only(resource, fields)
  if not fields then return resource end
  for name in pairs(resource.attributes) do
    if name ~= "name" and name ~= "handle" and not lists.among(fields, name) then
      resource.attributes[name] = nil
    end
  end
  return resource
end

local function permissions_resource(team)
  return {
    type = "user_team_permissions",
    id = "UserTeamPermissions-" .. team.id,
    attributes = { permissions = { can_edit = true, can_manage_membership = not team.is_managed } },
  }
end

-- resources that are asked for with `include`, added to a list
local INCLUDED = {
  team_links = function(included, team)
    for _, link in ipairs(team.links:all()) do
      included[#included + 1] = teams.link_resource(team, link)
    end
  end,
  user_team_permissions = function(included, team, resource)
    included[#included + 1] = permissions_resource(team)
    resource.relationships.user_team_permissions.data =
      { type = "user_team_permissions", id = "UserTeamPermissions-" .. team.id }
  end,
}

local function list(request, state)
  local page, refusal = lists.page(request, state.teams:all(), { where = selects(state), sorts = SORTS })
  if not page then return refusal end
  local query = lists.query(request)
  local included = json.array()
  local data = lists.map(page.records, function(team)
    local resource = teams.resource(team)
    for _, name in ipairs(query.include or {}) do
      if INCLUDED[name] then INCLUDED[name](included, team, resource) end
    end
    return only(resource, query["fields[team]"])
  end)
  local links, meta = teams.paging(request, page)
  return answers.json(
    200,
    { data = data, included = query.include and included or nil, links = links, meta = meta }
  )
end

-- --- one team -------------------------------------------------------------------------------------

--- Runs `use` with the team of an id, or answers 404 (recorded).
function teams.with(state, id, use)
  local team = state.teams:get(id)
  if not team then return answers.errors(404, ("Team for ID %s not found"):format(id)) end
  return use(team)
end

--- The answer to who would change what the identity provider owns (documented; its text is not).
function teams.managed(team)
  if not team.is_managed then return nil end
  return answers.errors(403, "This team is managed by an identity provider")
end

local function name_taken(state, attributes, except)
  if teams.holder(state, attributes.name, attributes.handle, except) then
    return answers.errors(409, "Team name and handle must be unique") -- recorded
  end
end

local function first_members(state, data)
  local ids, refusal = documents.related(data, "users", "users")
  if refusal then return nil, refusal end
  for _, id in ipairs(ids or {}) do
    if not state.users:get(id) then return nil, answers.errors(400, ("User %s not found"):format(id)) end
  end
  return ids or {}
end

local function create(request, state)
  local data, refusal = documents.read(request, SHAPE)
  refusal = refusal or name_taken(state, data.attributes)
  if refusal then return refusal end
  local ids
  ids, refusal = first_members(state, data)
  if not ids then return refusal end
  local fields = documents.set({ now = request.now }, data.attributes, SHAPE.attributes)
  local team = teams.add(state, fields)
  for _, id in ipairs(ids) do
    teams.join(team, id)
  end
  return answers.json(201, { data = teams.resource(team) })
end

local function get(request, state)
  return teams.with(
    state,
    request.parameters.team_id,
    function(team) return answers.json(200, { data = teams.resource(team) }) end
  )
end

local function update(request, state)
  return teams.with(state, request.parameters.team_id, function(team)
    local data, refusal = documents.read(request, SHAPE)
    if not data then return refusal end
    local given = data.attributes
    if given.name ~= team.name or given.handle ~= team.handle then
      refusal = teams.managed(team) or name_taken(state, given, team)
      if refusal then return refusal end
    end
    documents.set(team, given, SHAPE.attributes)
    teams.changed(state, team, request.now)
    return answers.json(200, { data = teams.resource(team) })
  end)
end

local function delete(request, state)
  return teams.with(state, request.parameters.team_id, function(team)
    local refusal = teams.managed(team)
    if refusal then return refusal end
    state.teams:remove(team)
    return answers.nothing()
  end)
end

local TEAMS = "/api/v2/team"
local TEAM = TEAMS .. "/{team_id}"
local READ, CHANGE = "teams_read", { "teams_read", "teams_manage" }

teams.rows = {
  { method = "GET", path = TEAMS, handler = list, permission = READ, limit = "teams" },
  { method = "POST", path = TEAMS, handler = create, permission = CHANGE, limit = "teams" },
  { method = "GET", path = TEAM, handler = get, permission = READ, limit = "teams" },
  { method = "PATCH", path = TEAM, handler = update, permission = READ, limit = "teams" },
  { method = "DELETE", path = TEAM, handler = delete, permission = CHANGE, limit = "teams" },
}

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
  if type(given) ~= "table" then return "it is not a table" end
  local problem = documents.problem(given, SHAPE.attributes)
  if problem then return problem end
  local id = given.id
  if id ~= nil and (type(id) ~= "string" or state.teams:get(id)) then return "its id is taken" end
  if teams.holder(state, given.name, given.handle) then return "its name or handle is taken" end
  local team = teams.add(
    state,
    documents.set({ id = id, is_managed = given.is_managed == true }, given, SHAPE.attributes)
  )
  team.external_id = type(given.external_id) == "string" and given.external_id or nil
  return seed_members(state, team, given.members or {})
end

--- Makes state.teams of seed.teams: {name =, handle =, id =, members = handles or ids, is_managed =,
--- external_id =, ...}. A managed one is a SCIM group too (scim/groups.lua).
function teams.reset(state, seed)
  state.teams = store.new {
    name = function(team) return team.name:lower() end,
    handle = function(team) return team.handle:lower() end,
  }
  for i, given in ipairs(seed.teams or {}) do
    local problem = seed_team(state, given)
    if problem then return nil, ("team %d: %s"):format(i, problem) end
  end
  return true
end

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

return teams
