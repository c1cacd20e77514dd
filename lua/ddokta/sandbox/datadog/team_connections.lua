-- Which teams of Datadog stand for teams of another service: /api/v2/team/connections; and whether that
-- is kept up by itself: /api/v2/team/sync. GitHub is the only such service.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local team_connections = {}

local TYPE = "team_connection"
local SHAPE = {
  type = TYPE,
  optional = {
    { name = "source", kind = "text" },
    { name = "managed_by", kind = "text" },
  },
}
local SYNC = {
  type = "team_sync_bulk",
  attributes = {
    { name = "source", kind = "text", required = true, one_of = { "github" } },
    { name = "type", kind = "text", required = true, one_of = { "link", "provision" } },
    { name = "frequency", kind = "text", one_of = { "once", "continuously", "paused" } },
    { name = "sync_membership", kind = "boolean" },
    { name = "selection_state", kind = "list" },
  },
}

--- Makes state.team_connections and state.team_syncs (source -> what was asked for).
function team_connections.reset(state)
  state.team_connections, state.team_syncs = store.new(), {}
  return true
end

local function resource(connection)
  return {
    type = TYPE,
    id = connection.id,
    attributes = { source = connection.source, managed_by = connection.managed_by },
    relationships = {
      team = { data = { type = "team", id = connection.team_id } },
      connected_team = { data = { type = "github_team", id = connection.connected_team_id } },
    },
  }
end

-- connections end with their teams: looked at here, so that teams need not know of them
local function living(state)
  for _, connection in ipairs(state.team_connections:all()) do
    if not state.teams:get(connection.team_id) then state.team_connections:remove(connection) end
  end
  return state.team_connections:all()
end

local function selects(connection, query)
  return lists.among(query["filter[sources]"], connection.source)
    and lists.among(query["filter[team_ids]"], connection.team_id)
    and lists.among(query["filter[connected_team_ids]"], connection.connected_team_id)
    and lists.among(query["filter[connection_ids]"], connection.id)
end

local function paging(page)
  local last = math.max(0, math.floor((page.filtered - 1) / page.size))
  return {
    page = {
      type = "number_size",
      number = page.number,
      size = page.size,
      total = page.filtered,
      first_number = 0,
      last_number = last,
      next_number = page.number < last and page.number + 1 or json.null(),
      prev_number = page.number > 0 and page.number - 1 or json.null(),
    },
  }
end

local function list(request, state)
  local page, refusal = lists.page(request, living(state), { where = selects })
  if not page then return refusal end
  return answers.json(200, { data = lists.map(page.records, resource), meta = paging(page) })
end

-- the id that a relationship of an item names, or nil and the answer to give
local function related_id(item, name, kind)
  local ids, refusal = documents.related(item, name, kind)
  if refusal then return nil, refusal end
  if not ids or not ids[1] then
    return nil, answers.errors(400, ("relationships.%s is required"):format(name))
  end
  return ids[1]
end

-- a connection that an item asks for, or nil and the answer to give
local function wanted(state, item)
  local team_id, refusal = related_id(item, "team", "team")
  if not team_id then return nil, refusal end
  local connected_id
  connected_id, refusal = related_id(item, "connected_team", "github_team")
  if not connected_id then return nil, refusal end
  if not state.teams:get(team_id) then
    return nil, answers.errors(400, ("Team for ID %s not found"):format(team_id))
  end
  local attributes = item.attributes or {}
  return {
    id = uuid(),
    team_id = team_id,
    connected_team_id = connected_id,
    source = attributes.source or "github",
    managed_by = attributes.managed_by or "datadog",
  }
end

-- the shape of this error is recorded
local function conflict(connections, connection)
  for _, other in ipairs(connections) do
    if other.team_id == connection.team_id and other.connected_team_id == connection.connected_team_id then
      return documents.error(
        409,
        "Conflict",
        ("team %s is connected to %s already"):format(connection.team_id, connection.connected_team_id)
      )
    end
  end
end

-- all or none
local function create(request, state)
  local items, refusal = documents.read_list(request, SHAPE)
  if not items then return refusal end
  local made = {}
  for i, item in ipairs(items) do
    local connection
    connection, refusal = wanted(state, item)
    refusal = refusal or conflict(living(state), connection) or conflict(made, connection)
    if refusal then return refusal end
    made[i] = connection
  end
  for _, connection in ipairs(made) do
    state.team_connections:add(connection)
  end
  return answers.json(201, {
    data = lists.map(made, resource),
    meta = paging { number = 0, size = math.max(1, #made), filtered = #made },
  })
end

-- all or none
local function delete(request, state)
  local items, refusal = documents.read_list(request, { type = TYPE, identified = true })
  if not items then return refusal end
  living(state)
  for _, item in ipairs(items) do
    if not state.team_connections:get(item.id) then return documents.unknown("Team connection", item.id) end
  end
  for _, item in ipairs(items) do
    local connection = state.team_connections:get(item.id)
    if connection then state.team_connections:remove(connection) end
  end
  return answers.nothing()
end

local function get_sync(request, state)
  local source = lists.query(request)["filter[source]"]
  if not source then return answers.errors(400, "filter[source] is required") end
  local sync = state.team_syncs[source[1]]
  return answers.json(200, { data = json.array(sync and { sync } or {}) })
end

-- 204, not 200 (recorded). There is no GitHub to compare teams with: what was asked for is kept alone.
local function sync(request, state)
  local data, refusal = documents.read(request, SYNC)
  if not data then return refusal end
  local kept = documents.set({}, data.attributes, SYNC.attributes)
  kept.selection_state = kept.selection_state and json.array(kept.selection_state)
  state.team_syncs[kept.source] = { type = SYNC.type, id = uuid(), attributes = kept }
  return answers.nothing()
end

local CONNECTIONS, READ = "/api/v2/team/connections", "teams_read"

team_connections.rows = {
  { method = "GET", path = CONNECTIONS, handler = list, permission = READ, limit = "teams" },
  { method = "POST", path = CONNECTIONS, handler = create, permission = READ, limit = "teams" },
  { method = "DELETE", path = CONNECTIONS, handler = delete, permission = READ, limit = "teams" },
  { method = "GET", path = "/api/v2/team/sync", handler = get_sync, permission = READ, limit = "teams" },
  {
    method = "POST",
    path = "/api/v2/team/sync",
    handler = sync,
    permission = "teams_manage",
    limit = "teams",
  },
}

return team_connections
