--- Datadog's application keys: those of the organisation, of the current user, of a service account. The
--- key itself is in the answer to its creation alone (recorded; One-Time Read mode).
local collection = require "ddokta.sandbox.collection"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local users = require "ddokta.sandbox.datadog.users"

local KEY_LENGTH = 40
local SCOPES = { name = "scopes", kind = "texts", nullable = true }

local show_use = credentials.show_use "last_used_at"

-- the owners of keys when the query's `include` asks for them
local function owners_of(call, keys)
  local include = lists.query(call.request).include
  if not include or not lists.among(include, "owned_by") then return nil end
  local function owner_of(key)
    return organisation.user_resource(call.state, call.state.users:get(key.owner_id))
  end
  return lists.once(keys, function(key, add)
    add(key.owner_id, function() return owner_of(key) end)
  end)
end

-- keys as a place shows them; without an owner: everybody's
local function place(limit, owner, operations)
  return collection.new {
    dialect = documents,
    limit = limit,
    type = "application_keys",
    what = "Application key",
    store = "application_keys",
    operations = operations,
    owner = owner,
    records = credentials.owned "application_keys",
    find = credentials.find_owned "application_keys",
    fields = { { name = "name", kind = "text", required = true }, SCOPES },
    changes = { { name = "name", kind = "text" }, SCOPES },
    mismatch = 400,
    attributes = { "name", "created_at" },
    relations = { owned_by = { "users", "owner_id" } },
    once = credentials.show_secret,
    decorate = function(call, key, resource)
      resource.attributes.scopes = key.scopes and json.array(key.scopes) or json.null()
      show_use(call, key, resource)
    end,
    paging = "filtered",
    meta = { max_allowed_per_user = 1000 },
    search = { "name" },
    sorts = { "name", "created_at", last4 = credentials.last4 },
    filters = { ["filter[owned_by]"] = "owner_id" },
    where = function(_, key, query) return lists.is_within(key.created_at, query, "filter[created_at]") end,
    included = owners_of,
    new = function(call) return credentials.new(call, call.owner, KEY_LENGTH) end,
    changed = function(call, key) key.modified_at = organisation.timestamp(call.now) end,
  }
end

local all = "list create get update delete"
local of_user = collection.operations("current_user_application_key", all)
local of_service_account = collection.operations("service_account_application_key", all)

return {
  collections = {
    place("application_keys", nil, collection.operations("application_key", "list get update delete")),
    place("current_user_application_keys", credentials.caller_id, of_user),
    place("service_account_application_keys", users.service_account_id, of_service_account),
  },
}
