-- Datadog's settings of an organisation that have a name each, and how long a login lasts.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local store = require "ddokta.sandbox.store"

local org_configs = {}

local TYPE = "org_configs"
-- the one that is documented by name; its value type is not
local CONFIGS = {
  {
    id = "5e0c3b1a-7d2f-4a68-9b4c-8e6f1d0a2c3b",
    name = "monitor_timezone",
    value = "UTC",
    value_type = "string",
    description = "The time zone in which monitors show times",
  },
}
local SHAPE =
  { type = TYPE, attributes = {
    { name = "value", kind = "any", required = true, nullable = true },
  } }
local SESSION = {
  type = "max_session_duration",
  attributes = {
    { name = "max_session_duration", kind = "whole", required = true },
  },
}

--- Makes state.org_configs and state.login: {max_session_duration = seconds, nil until it is set}.
function org_configs.reset(state)
  state.org_configs, state.login = store.new { name = function(config) return config.name end }, {}
  for _, config in ipairs(CONFIGS) do
    local copy = {}
    for name, value in pairs(config) do
      copy[name] = value
    end
    state.org_configs:add(copy)
  end
  return true
end

--- For /_sandbox/state: what cannot be read by the API.
function org_configs.describe(state) return { max_session_duration = state.login.max_session_duration } end

local function resource(config)
  return {
    type = TYPE,
    id = config.id,
    attributes = {
      name = config.name,
      description = config.description,
      value = config.value,
      value_type = config.value_type,
      modified_at = config.modified_at or json.null(),
    },
  }
end

local function list(_, state)
  return answers.json(200, { data = lists.map(state.org_configs:all(), resource) })
end

local function find(request, state)
  local name = request.parameters.org_config_name
  local config = state.org_configs:find("name", name)
  if not config then return nil, documents.unknown("Org config", name) end
  return config
end

local function get(request, state)
  local config, refusal = find(request, state)
  if not config then return refusal end
  return answers.json(200, { data = resource(config) })
end

local function update(request, state)
  local config, refusal = find(request, state)
  if not config then return refusal end
  local data
  data, refusal = documents.read(request, SHAPE)
  if not data then return refusal end
  local value = data.attributes.value
  if type(value) ~= config.value_type then
    return answers.errors(400, "value must be a " .. config.value_type)
  end
  config.value, config.modified_at = value, organisation.timestamp(request.now)
  return answers.json(200, { data = resource(config) })
end

-- which lengths are allowed is not documented: any that is one
local function set_session_duration(request, state)
  local data, refusal = documents.read(request, SESSION)
  if not data then return refusal end
  local seconds = data.attributes.max_session_duration
  if seconds < 1 then return answers.errors(400, "max_session_duration must be at least 1") end
  state.login.max_session_duration = seconds
  return answers.nothing()
end

local CONFIG = "/api/v2/org_configs/{org_config_name}"

org_configs.rows = {
  { method = "GET", path = "/api/v2/org_configs", handler = list, limit = TYPE },
  { method = "GET", path = CONFIG, handler = get, limit = TYPE },
  { method = "PATCH", path = CONFIG, handler = update, permission = "org_management", limit = TYPE },
  -- the permission for this is not documented
  {
    method = "PUT",
    path = "/api/v2/login/org_configs/max_session_duration",
    handler = set_session_duration,
    limit = TYPE,
  },
}

return org_configs
