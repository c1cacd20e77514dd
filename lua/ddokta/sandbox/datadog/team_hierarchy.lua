--- Which teams of Datadog are parts of others: team-hierarchy-links, and member_teams, which is
--- deprecated and shows the same links.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local teams = require "ddokta.sandbox.datadog.teams"
local uuid = require "ddokta.sandbox.uuid"

local function team_resource(team)
  local resource = teams.short_resource(team)
  resource.attributes.is_managed, resource.attributes.is_open_membership = team.is_managed, true
  return resource
end

-- the teams that links name
local function included(call, links)
  return lists.once(links, function(link, add)
    for _, id in ipairs { link.parent_id, link.sub_id } do
      add(id, function() return team_resource(call.state.teams:get(id)) end)
    end
  end)
end

-- links end with their teams: looked at here, so that teams need not know of them
local function living(call)
  local function has_both(link)
    return call.state.teams:get(link.parent_id) and call.state.teams:get(link.sub_id)
  end
  return call.state.team_hierarchy:living(has_both)
end

-- the team that a relationship names
local function team_of(call, data, name)
  return teams.get(call.state, documents.related_id(data, name, "team"))
end

-- is `id` the team or one above it?
local function is_above(links, id, team_id)
  if id == team_id then return true end
  for _, link in ipairs(links) do
    if link.sub_id == team_id and is_above(links, id, link.parent_id) then return true end
  end
  return false
end

-- A team cannot be above itself, nor be added twice. The beginning of the text is recorded.
local function new_link(call, parent, sub)
  local links = living(call)
  local is_taken = is_above(links, sub.id, parent.id)
  for _, link in ipairs(links) do
    is_taken = is_taken or (link.parent_id == parent.id and link.sub_id == sub.id)
  end
  if is_taken then answers.fail(409, "Conflict: could not add team %s to team %s", sub.id, parent.id) end
  return {
    id = uuid(),
    parent_id = parent.id,
    sub_id = sub.id,
    created_at = organisation.timestamp(call.now),
    provisioned_by = organisation.CURRENT_USER_ID,
  }
end

local hierarchy = {
  dialect = documents,
  limit = "teams",
  type = "team_hierarchy_links",
  what = "Team hierarchy link",
  store = "team_hierarchy",
  keys = {},
  operations = {
    list = "list_team_hierarchy_links",
    create = "add_team_hierarchy_link",
    get = "get_team_hierarchy_link",
    delete = "remove_team_hierarchy_link",
  },
  records = living,
  find = function(call, id)
    living(call)
    return call.state.team_hierarchy:get(id)
  end,
  attributes = { "created_at", "provisioned_by" },
  relations = { parent_team = { "team", "parent_id" }, sub_team = { "team", "sub_id" } },
  included = included,
  self = "/api/v2/team-hierarchy-links/",
  paging = "linked",
  filters = { ["filter[parent_team]"] = "parent_id", ["filter[sub_team]"] = "sub_id" },
  new = function(call, _, data)
    local parent = team_of(call, data, "parent_team")
    return new_link(call, parent, team_of(call, data, "sub_team"))
  end,
}

-- --- member_teams ---------------------------------------------------------------------------------

local members = {
  dialect = documents,
  limit = "teams",
  what = "Member team",
  store = "team_hierarchy",
  operations = { list = "list_member_teams", delete = "remove_member_team" },
  owner = function(call) return teams.get(call.state, call.request.parameters.super_team_id) end,
  paging = "offset",
}

function members.records(call)
  local links = {}
  for _, link in ipairs(living(call)) do
    if link.parent_id == call.owner.id then links[#links + 1] = link end
  end
  return links
end

function members.find(call, id)
  for _, link in ipairs(members.records(call)) do
    if link.sub_id == id then return link end
  end
end

function members.show(call, link)
  local fields = lists.query(call.request)["fields[team]"]
  return teams.only(teams.resource(call.state.teams:get(link.sub_id)), fields)
end

local function add_member(call)
  local data = documents.data(call.request, { type = "member_teams" })
  if type(data.id) ~= "string" then answers.fail(400, "data.id is required") end
  call.state.team_hierarchy:add(new_link(call, call.owner, teams.get(call.state, data.id)))
end

members.handlers = { add_member_team = collection.for_owner(members, add_member) }
hierarchy.collections = { collection.new(members) }

return collection.new(hierarchy)
