--- Datadog's named settings of an organisation, and how long a login lasts.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local organisation = require "ddokta.sandbox.datadog.organisation"

local SESSION = {
  type = "max_session_duration",
  attributes = { { name = "max_session_duration", kind = "whole", required = true } },
}

local org_configs = {
  dialect = documents,
  limit = "org_configs",
  type = "org_configs",
  what = "Org config",
  store = "org_configs",
  keys = { name = function(config) return config.name end },
  operations = collection.operations("org_config", "list get update"),
  find = function(call, name) return call.state.org_configs:find("name", name) end,
  changes = { { name = "value", kind = "any", required = true, nullable = true } },
  attributes = { "name", "description", "value", "value_type" },
  nulls = { "modified_at" },
  changing = function(call, config, attributes)
    if type(attributes.value) ~= config.value_type then
      answers.fail(400, "value must be a " .. config.value_type)
    end
    config.modified_at = organisation.timestamp(call.now)
  end,
}

-- which lengths are allowed is not documented: any that is one; nor is the permission
local function set_session_duration(request, state)
  local seconds = documents.data(request, SESSION).attributes.max_session_duration
  if seconds < 1 then answers.fail(400, "max_session_duration must be at least 1") end
  state.login.max_session_duration = seconds
end

org_configs.handlers = { update_login_org_configs_max_session_duration = set_session_duration }

--- Fills state.org_configs and makes state.login: {max_session_duration = seconds, nil until it is set}.
function org_configs.reset(state)
  state.login = {}
  -- the one that is documented by name; its value type is not
  state.org_configs:add {
    id = "5e0c3b1a-7d2f-4a68-9b4c-8e6f1d0a2c3b",
    name = "monitor_timezone",
    value = "UTC",
    value_type = "string",
    description = "The time zone in which monitors show times",
  }
  return true
end

--- For /_sandbox/state: what cannot be read by the API.
function org_configs.describe(state) return { max_session_duration = state.login.max_session_duration } end

return collection.new(org_configs)
