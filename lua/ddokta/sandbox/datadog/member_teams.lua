-- Datadog's teams within teams as they were before team-hierarchy-links: /team/{id}/member_teams, which
-- is deprecated. It shows the same links.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local hierarchy = require "ddokta.sandbox.datadog.team_hierarchy"
local lists = require "ddokta.sandbox.datadog.lists"
local teams = require "ddokta.sandbox.datadog.teams"

local member_teams = {}

local function links_below(state, team)
  local links = {}
  for _, link in ipairs(hierarchy.living(state)) do
    if link.parent_id == team.id then links[#links + 1] = link end
  end
  return links
end

-- name and handle are in every answer (the schema requires them)
local function shown(team, fields)
  local resource = teams.resource(team)
  for name in pairs(fields and resource.attributes or {}) do
    if name ~= "name" and name ~= "handle" and not lists.among(fields, name) then
      resource.attributes[name] = nil
    end
  end
  return resource
end

local function list(request, state)
  return teams.with(state, request.parameters.super_team_id, function(team)
    local page, refusal = lists.page(request, links_below(state, team), {})
    if not page then return refusal end
    local fields = lists.query(request)["fields[team]"]
    local links, meta = teams.paging(request, page)
    return answers.json(200, {
      links = links,
      meta = meta,
      data = lists.map(page.records, function(link) return shown(state.teams:get(link.sub_id), fields) end),
    })
  end)
end

local function add(request, state)
  return teams.with(state, request.parameters.super_team_id, function(parent)
    local data, refusal = documents.read(request, { type = "member_teams" })
    if not data then return refusal end
    if type(data.id) ~= "string" then return answers.errors(400, "data.id is required") end
    return teams.with(state, data.id, function(sub)
      refusal = hierarchy.conflict(hierarchy.living(state), parent, sub)
      if refusal then return refusal end
      hierarchy.add(state, parent, sub, request.now)
      return answers.nothing()
    end)
  end)
end

local function remove(request, state)
  return teams.with(state, request.parameters.super_team_id, function(parent)
    for _, link in ipairs(links_below(state, parent)) do
      if link.sub_id == request.parameters.member_team_id then
        state.team_hierarchy:remove(link)
        return answers.nothing()
      end
    end
    return documents.unknown("Member team", request.parameters.member_team_id)
  end)
end

local MEMBERS, READ = "/api/v2/team/{super_team_id}/member_teams", "teams_read"

member_teams.rows = {
  { method = "GET", path = MEMBERS, handler = list, permission = READ, limit = "teams" },
  { method = "POST", path = MEMBERS, handler = add, permission = READ, limit = "teams" },
  {
    method = "DELETE",
    path = MEMBERS .. "/{member_team_id}",
    handler = remove,
    permission = READ,
    limit = "teams",
  },
}

return member_teams
