-- Who is in Datadog's teams: /api/v2/team/{team_id}/memberships and /api/v2/users/{user_uuid}/memberships.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local teams = require "ddokta.sandbox.datadog.teams"

local memberships = {}

local SHAPE = { type = "team_memberships" }
-- an object of the service's language in a text: one of its three shapes of errors (recorded)
local NO_CHOICE = "{'errors': [{'detail': 'Not a valid choice.', 'source': "
  .. "{'pointer': '/data/attributes/role'}}]}"

-- a member is an administrator, or has no role
local function resource(team, member)
  return {
    type = "team_memberships",
    id = member.membership_id,
    attributes = {
      role = member.role or json.null(),
      provisioned_by = member.provisioned_by,
      provisioned_by_id = member.provisioned_by_id,
    },
    relationships = {
      team = { data = { type = "team", id = team.id } },
      user = { data = { type = "users", id = member.id } },
    },
  }
end

local function field_of_user(state, name)
  return function(member)
    local user = state.users:get(member.id)
    return user and user[name] or ""
  end
end

-- nobody of the sandbox has a manager
local function no_manager() return "" end

local function sorts_of(state)
  return {
    name = field_of_user(state, "name"),
    handle = field_of_user(state, "handle"),
    email = field_of_user(state, "email"),
    manager_name = no_manager,
  }
end

-- filter[keyword]: a part of the user's name, handle or address
local function selects(state)
  return function(member, query)
    local word = query["filter[keyword]"] and table.concat(query["filter[keyword]"], ","):lower()
    if not word then return true end
    local user = state.users:get(member.id)
    for _, name in ipairs { "name", "handle", "email" } do
      if user and user[name] and user[name]:lower():find(word, 1, true) then return true end
    end
    return false
  end
end

local function list(request, state)
  return teams.with(state, request.parameters.team_id, function(team)
    local page, refusal =
      lists.page(request, team.members:all(), { where = selects(state), sorts = sorts_of(state) })
    if not page then return refusal end
    local included = json.array()
    local data = lists.map(page.records, function(member)
      local user = state.users:get(member.id)
      if user then included[#included + 1] = organisation.user_resource(state, user) end
      return resource(team, member)
    end)
    local links, meta = teams.paging(request, page)
    return answers.json(200, { data = data, included = included, links = links, meta = meta })
  end)
end

-- "admin", false for no role, or nil and the answer to give
local function role_of(data)
  local role = data.attributes and data.attributes.role
  if not documents.given(role) then return false end
  if role ~= "admin" then return nil, answers.errors(400, NO_CHOICE) end
  return role
end

local function user_of(state, data)
  local ids, refusal = documents.related(data, "user", "users")
  if not ids then return nil, refusal or answers.errors(400, "relationships.user is required") end
  local user = ids[1] and state.users:get(ids[1])
  if not user then return nil, documents.unknown("User", tostring(ids[1])) end
  return user
end

local function answer_one(team, member) return answers.json(200, { data = resource(team, member) }) end

-- 200, not 201; a second time is 409 in the shape of JSON:API (both recorded)
local function create(request, state)
  return teams.with(state, request.parameters.team_id, function(team)
    local data, refusal = documents.read(request, SHAPE)
    refusal = refusal or teams.managed(team)
    if refusal then return refusal end
    local role, user
    role, refusal = role_of(data)
    if role == nil then return refusal end
    user, refusal = user_of(state, data)
    if not user then return refusal end
    if team.members:get(user.id) then
      return documents.error(409, "Conflict", ("users already present on the team [%s]"):format(user.id))
    end
    return answer_one(team, teams.join(team, user.id, role or nil))
  end)
end

-- runs `use` with the team and the member of the path, or answers 404; the team must be free to change
local function with_member(request, state, use)
  return teams.with(state, request.parameters.team_id, function(team)
    local member = team.members:get(request.parameters.user_id)
    if not member then return documents.unknown("Membership of user", request.parameters.user_id) end
    return teams.managed(team) or use(team, member)
  end)
end

local function update(request, state)
  return with_member(request, state, function(team, member)
    local data, refusal = documents.read(request, SHAPE)
    if not data then return refusal end
    local role
    role, refusal = role_of(data)
    if role == nil then return refusal end
    member.role = role or nil
    return answer_one(team, member)
  end)
end

local function delete(request, state)
  return with_member(request, state, function(team, member)
    teams.leave(team, member.id)
    return answers.nothing()
  end)
end

-- all of a user's, on one page (no paging is documented)
local function list_of_user(request, state)
  local id = request.parameters.user_uuid
  if not state.users:get(id) then return documents.unknown("User", id) end
  local data, included = json.array(), json.array()
  for _, team in ipairs(state.teams:all()) do
    local member = team.members:get(id)
    if member then
      data[#data + 1], included[#included + 1] = resource(team, member), teams.resource(team)
    end
  end
  return answers.json(200, { data = data, included = included })
end

local MEMBERSHIPS = "/api/v2/team/{team_id}/memberships"
local MEMBERSHIP = MEMBERSHIPS .. "/{user_id}"

memberships.rows = {
  { method = "GET", path = MEMBERSHIPS, handler = list },
  { method = "POST", path = MEMBERSHIPS, handler = create },
  { method = "PATCH", path = MEMBERSHIP, handler = update },
  { method = "DELETE", path = MEMBERSHIP, handler = delete },
  { method = "GET", path = "/api/v2/users/{user_uuid}/memberships", handler = list_of_user },
}
for _, row in ipairs(memberships.rows) do
  row.permission, row.limit = "teams_read", "teams"
end

return memberships
