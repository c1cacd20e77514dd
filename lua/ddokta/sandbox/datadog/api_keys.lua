--- Datadog's API keys. The key itself is in the answer to its creation alone, as with application keys.
local collection = require "ddokta.sandbox.collection"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"

local KEY_LENGTH = 32
local MAKERS = { created_by = "owner_id", modified_by = "modified_by" }

-- the users that the query's `include` asks for; nil when it asks for none
local function makers_of(call, keys)
  local include = lists.query(call.request).include
  return include
    and lists.once(keys, function(key, add)
      for _, name in ipairs(include) do
        local id = key[MAKERS[name]]
        if id then
          add(id, function() return organisation.user_resource(call.state, call.state.users:get(id)) end)
        end
      end
    end)
end

return collection.new {
  dialect = documents,
  limit = "api_keys",
  type = "api_keys",
  what = "API key",
  store = "api_keys",
  operations = collection.operations("api_key", "list create get update delete"),
  fields = {
    { name = "name", kind = "text", required = true },
    { name = "category", kind = "text" },
    { name = "remote_config_read_enabled", kind = "boolean" },
  },
  mismatch = 400,
  attributes = { "name", "category", "remote_config_read_enabled", "created_at", "modified_at" },
  relations = { created_by = { "users", "owner_id" }, modified_by = { "users", "modified_by" } },
  once = credentials.show_secret,
  decorate = credentials.show_use "date_last_used",
  paging = "filtered",
  meta = { max_allowed = 1000 },
  search = { "name" },
  sorts = { "name", "created_at", "modified_at", last4 = credentials.last4 },
  filters = {
    ["filter[category]"] = "category",
    ["filter[remote_config_read_enabled]"] = "remote_config_read_enabled",
  },
  where = function(_, key, query)
    return lists.is_within(key.created_at, query, "filter[created_at]")
      and lists.is_within(key.modified_at, query, "filter[modified_at]")
  end,
  included = makers_of,
  new = function(call)
    local user = credentials.caller(call)
    local key = credentials.new(call, user.id, KEY_LENGTH)
    key.modified_by, key.remote_config_read_enabled = user.id, true
    return key
  end,
  changed = function(call, key)
    key.modified_at, key.modified_by = organisation.timestamp(call.now), credentials.caller(call).id
  end,
}
