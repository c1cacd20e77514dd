--- Which teams of Datadog stand for teams of another service, and whether Datadog keeps them alike by itself.
--- GitHub is the only such service.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local uuid = require "ddokta.sandbox.uuid"

local TYPE = "team_connection"
local ITEM =
  { type = TYPE, optional = { { name = "source", kind = "text" }, { name = "managed_by", kind = "text" } } }
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

-- connections end with their teams: looked at here, so that teams need not know of them
local function living(call)
  local function has_team(connection) return call.state.teams:get(connection.team_id) end
  return call.state.team_connections:living(has_team)
end

local team_connections = {
  dialect = documents,
  limit = "teams",
  type = TYPE,
  what = "Team connection",
  store = "team_connections",
  keys = {},
  operations = { list = "list_team_connections" },
  records = living,
  attributes = { "source", "managed_by" },
  relations = { team = { "team", "team_id" }, connected_team = { "github_team", "connected_team_id" } },
  paging = "number",
  filters = {
    ["filter[sources]"] = "source",
    ["filter[team_ids]"] = "team_id",
    ["filter[connected_team_ids]"] = "connected_team_id",
    ["filter[connection_ids]"] = "id",
  },
}

-- a connection that an item asks for
local function wanted(call, item)
  local team_id = documents.related_id(item, "team", "team")
  local connected_id = documents.related_id(item, "connected_team", "github_team")
  if not call.state.teams:get(team_id) then answers.fail(400, "Team for ID %s not found", team_id) end
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
local function refuse_twin(connections, wanted_one)
  local team_id, connected_id = wanted_one.team_id, wanted_one.connected_team_id
  for _, other in ipairs(connections) do
    if other.team_id == team_id and other.connected_team_id == connected_id then
      documents.refuse_conflict("team %s is connected to %s already", team_id, connected_id)
    end
  end
end

-- all or none
local function create(call)
  local made = {}
  for i, item in ipairs(documents.items(call.request, ITEM)) do
    local connection = wanted(call, item)
    refuse_twin(living(call), connection)
    refuse_twin(made, connection)
    made[i] = connection
  end
  for _, connection in ipairs(made) do
    call.state.team_connections:add(connection)
  end
  local function resource(connection) return documents.resource(team_connections, call, connection) end
  local meta = lists.paging.number { number = 0, size = math.max(1, #made), filtered = #made }
  return { data = lists.map(made, resource), meta = meta }
end

-- all or none
local function delete(call)
  local records = call.state.team_connections
  local items = documents.items(call.request, { type = TYPE, identified = true })
  living(call)
  for _, item in ipairs(items) do
    documents.find(records, item.id, "Team connection")
  end
  for _, item in ipairs(items) do
    local connection = records:get(item.id)
    if connection then records:remove(connection) end
  end
end

local function get_sync(request, state)
  local source = lists.query(request)["filter[source]"]
  if not source then answers.fail(400, "filter[source] is required") end
  return { data = json.array { state.team_syncs[source[1]] } }
end

-- 204, not 200 (recorded). There is no GitHub to compare teams with: what was asked for is kept alone.
local function sync(request, state)
  local kept = documents.set({}, documents.data(request, SYNC).attributes, SYNC.attributes)
  kept.selection_state = kept.selection_state and json.array(kept.selection_state)
  state.team_syncs[kept.source] = { type = SYNC.type, id = uuid(), attributes = kept }
end

team_connections.handlers = {
  create_team_connections = collection.for_owner(team_connections, create),
  delete_team_connections = collection.for_owner(team_connections, delete),
  get_team_sync = get_sync,
  sync_teams = sync,
}

--- Makes state.team_syncs (source -> what was asked for).
function team_connections.reset(state)
  state.team_syncs = {}
  return true
end

return collection.new(team_connections)
