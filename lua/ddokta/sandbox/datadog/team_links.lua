-- The links that Datadog's teams show: /api/v2/team/{team_id}/links.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local teams = require "ddokta.sandbox.datadog.teams"
local uuid = require "ddokta.sandbox.uuid"

local links = {}

local SHAPE = {
  type = "team_links",
  attributes = {
    { name = "label", kind = "text", required = true, longest = 256 },
    { name = "url", kind = "text", required = true },
    { name = "position", kind = "whole" },
  },
}

--- A link as a JSON:API resource.
function teams.link_resource(team, link)
  return {
    type = "team_links",
    id = link.id,
    attributes = { label = link.label, url = link.url, position = link.position, team_id = team.id },
  }
end

local function with_team(request, state, use) return teams.with(state, request.parameters.team_id, use) end

local function with_link(request, state, use)
  return with_team(request, state, function(team)
    local link = team.links:get(request.parameters.link_id)
    if not link then return documents.unknown("Team link", request.parameters.link_id) end
    return use(team, link)
  end)
end

local function list(request, state)
  return with_team(request, state, function(team)
    return answers.json(
      200,
      { data = lists.map(team.links:all(), function(link) return teams.link_resource(team, link) end) }
    )
  end)
end

-- a link that is not right is a 422 here (documented for the create alone)
local function create(request, state)
  return with_team(request, state, function(team)
    local data, refusal = documents.read(request, SHAPE)
    if not data then
      refusal.status = 422
      return refusal
    end
    local link = { id = uuid(), position = team.links.count }
    team.links:add(documents.set(link, data.attributes, SHAPE.attributes))
    return answers.json(200, { data = teams.link_resource(team, link) })
  end)
end

local function get(request, state)
  return with_link(
    request,
    state,
    function(team, link) return answers.json(200, { data = teams.link_resource(team, link) }) end
  )
end

local function update(request, state)
  return with_link(request, state, function(team, link)
    local data, refusal = documents.read(request, SHAPE)
    if not data then return refusal end
    documents.set(link, data.attributes, SHAPE.attributes)
    return answers.json(200, { data = teams.link_resource(team, link) })
  end)
end

local function delete(request, state)
  return with_link(request, state, function(team, link)
    team.links:remove(link)
    return answers.nothing()
  end)
end

local LINKS = "/api/v2/team/{team_id}/links"
local LINK = LINKS .. "/{link_id}"

links.rows = {
  { method = "GET", path = LINKS, handler = list },
  { method = "POST", path = LINKS, handler = create },
  { method = "GET", path = LINK, handler = get },
  { method = "PATCH", path = LINK, handler = update },
  { method = "DELETE", path = LINK, handler = delete },
}
for _, row in ipairs(links.rows) do
  row.permission, row.limit = "teams_read", "teams"
end

return links
