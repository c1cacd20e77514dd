-- Which teams of Datadog are parts of others: /api/v2/team-hierarchy-links.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local hierarchy = {}

local TYPE = "team_hierarchy_links"
local PATH = "/api/v2/team-hierarchy-links"

local function team_resource(team)
  return {
    type = "team",
    id = team.id,
    attributes = {
      name = team.name,
      handle = team.handle,
      is_managed = team.is_managed,
      is_open_membership = true,
      user_count = team.members.count,
      link_count = team.links.count,
      summary = json.null(),
      avatar = json.null(),
    },
  }
end

local function reference(id) return { data = { type = "team", id = id } } end

local function resource(link)
  return {
    type = TYPE,
    id = link.id,
    attributes = { created_at = link.created_at, provisioned_by = organisation.CURRENT_USER_ID },
    relationships = { parent_team = reference(link.parent_id), sub_team = reference(link.sub_id) },
  }
end

-- the teams that links name, each once
local function teams_of(state, links)
  local included, seen = json.array(), {}
  for _, link in ipairs(links) do
    for _, id in ipairs { link.parent_id, link.sub_id } do
      if not seen[id] then
        seen[id] = true
        included[#included + 1] = team_resource(state.teams:get(id))
      end
    end
  end
  return included
end

-- links end with their teams: looked at here, so that teams need not know of them
local function living(state)
  for _, link in ipairs(state.team_hierarchy:all()) do
    if not (state.teams:get(link.parent_id) and state.teams:get(link.sub_id)) then
      state.team_hierarchy:remove(link)
    end
  end
  return state.team_hierarchy:all()
end

local function paging(page)
  local last = math.max(0, math.floor((page.filtered - 1) / page.size))
  local function at(number)
    return ("%s?page%%5Bnumber%%5D=%d&page%%5Bsize%%5D=%d"):format(PATH, number, page.size)
  end
  local has_next, has_previous = page.number < last, page.number > 0
  return {
    self = at(page.number),
    first = at(0),
    last = at(last),
    next = has_next and at(page.number + 1) or json.null(),
    prev = has_previous and at(page.number - 1) or json.null(),
  }, {
    page = {
      type = "number_size",
      number = page.number,
      size = page.size,
      total = page.filtered,
      first_number = 0,
      last_number = last,
      next_number = has_next and page.number + 1 or json.null(),
      prev_number = has_previous and page.number - 1 or json.null(),
    },
  }
end

local function selects(link, query)
  return lists.among(query["filter[parent_team]"], link.parent_id)
    and lists.among(query["filter[sub_team]"], link.sub_id)
end

local function list(request, state)
  local page, refusal = lists.page(request, living(state), { where = selects })
  if not page then return refusal end
  local links, meta = paging(page)
  return answers.json(200, {
    data = lists.map(page.records, resource),
    included = teams_of(state, page.records),
    links = links,
    meta = meta,
  })
end

local function answer_one(state, link)
  return answers.json(
    200,
    { data = resource(link), included = teams_of(state, { link }), links = { self = PATH .. "/" .. link.id } }
  )
end

-- the team that a relationship names, or nil and the answer to give
local function team_of(state, data, name)
  local ids, refusal = documents.related(data, name, "team")
  refusal = refusal or not ids and answers.errors(400, ("relationships.%s is required"):format(name))
  if refusal then return nil, refusal end
  local team = ids[1] and state.teams:get(ids[1])
  if not team then return nil, answers.errors(404, ("Team for ID %s not found"):format(tostring(ids[1]))) end
  return team
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
local function conflict(links, parent, sub)
  local is_taken = is_above(links, sub.id, parent.id)
  for _, link in ipairs(links) do
    is_taken = is_taken or (link.parent_id == parent.id and link.sub_id == sub.id)
  end
  return is_taken
      and answers.errors(409, ("Conflict: could not add team %s to team %s"):format(sub.id, parent.id))
    or nil
end

local function create(request, state)
  local data, refusal = documents.read(request, { type = TYPE })
  if not data then return refusal end
  local parent, sub
  parent, refusal = team_of(state, data, "parent_team")
  if not parent then return refusal end
  sub, refusal = team_of(state, data, "sub_team")
  if not sub then return refusal end
  refusal = conflict(living(state), parent, sub)
  if refusal then return refusal end
  return answer_one(state, hierarchy.add(state, parent, sub, request.now))
end

local function with_link(request, state, use)
  living(state)
  local link = state.team_hierarchy:get(request.parameters.link_id)
  if not link then return documents.unknown("Team hierarchy link", request.parameters.link_id) end
  return use(link)
end

local function get(request, state)
  return with_link(request, state, function(link) return answer_one(state, link) end)
end

local function delete(request, state)
  return with_link(request, state, function(link)
    state.team_hierarchy:remove(link)
    return answers.nothing()
  end)
end

local LINK = PATH .. "/{link_id}"
local READ, CHANGE = "teams_read", { "teams_read", "teams_manage" }

hierarchy.rows = {
  { method = "GET", path = PATH, handler = list, permission = READ, limit = "teams" },
  { method = "POST", path = PATH, handler = create, permission = CHANGE, limit = "teams" },
  { method = "GET", path = LINK, handler = get, permission = READ, limit = "teams" },
  { method = "DELETE", path = LINK, handler = delete, permission = CHANGE, limit = "teams" },
}

--- Makes state.team_hierarchy, empty.
function hierarchy.reset(state)
  state.team_hierarchy = store.new()
  return true
end

--- For member_teams.lua, which shows the same links otherwise: all links, in order; the refusal of a
--- link; a new one.
hierarchy.living, hierarchy.conflict = living, conflict

function hierarchy.add(state, parent, sub, now)
  return state.team_hierarchy:add {
    id = uuid(),
    parent_id = parent.id,
    sub_id = sub.id,
    created_at = organisation.timestamp(now),
  }
end

return hierarchy
