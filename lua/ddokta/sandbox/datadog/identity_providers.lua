--- The ways to log in to Datadog that an organisation allows, and the users who may use other ways.
--- No permission is documented for these endpoints: none is asked for.
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local users = require "ddokta.sandbox.datadog.users"

local TYPE = "identity_providers"
-- what the methods are called is not documented
local PROVIDERS = {
  { id = "c1f5a9d3-2e47-4b80-9c6d-3a5e7f90b1d2", authentication_method = "password", enabled = true },
  { id = "d2a6b0e4-3f58-4c91-8d7e-4b6f80a1c2e3", authentication_method = "google", enabled = true },
  { id = "e3b7c1f5-4a69-4da2-9e8f-5c7a91b2d3f4", authentication_method = "saml", enabled = false },
}

local identity_providers = {
  dialect = documents,
  limit = TYPE,
  errors = "json_api",
  type = TYPE,
  what = "Identity provider",
  store = TYPE,
  keys = {},
  operations = collection.operations("identity_provider", "list update"),
  changes = { { name = "enabled", kind = "boolean", required = true } },
  mismatch = 400,
  attributes = { "authentication_method", "enabled" },
}

-- those who log in with a provider although the organisation may not
local function list_users(call, provider)
  local found = {}
  for user_id, ids in pairs(call.state.login_overrides) do
    if lists.among(ids, provider.id) then found[#found + 1] = call.state.users:get(user_id) end
  end
  table.sort(found, function(one, other) return one.handle < other.handle end)
  return users.page(call, found, users.filters)
end

local function get_overrides(call, user)
  return {
    data = lists.map(call.state.login_overrides[user.id] or {}, function(id)
      local provider = call.state.identity_providers:get(id)
      return { type = TYPE, id = id, attributes = { authentication_method = provider.authentication_method } }
    end),
  }
end

-- an empty list removes all overrides (documented)
local function set_overrides(call, user)
  local ids = {}
  for i, item in ipairs(documents.items(call.request, { type = TYPE, identified = true })) do
    ids[i] = documents.find(call.state.identity_providers, item.id, "Identity provider").id
  end
  call.state.login_overrides[user.id] = ids[1] and ids or nil
end

identity_providers.handlers = {
  list_identity_provider_users = collection.for_record(identity_providers, list_users),
}
identity_providers.collections = {
  {
    limit = TYPE,
    handlers = {
      get_user_identity_providers = collection.for_record(users, get_overrides),
      update_user_identity_providers = collection.for_record(users, set_overrides),
    },
  },
}

--- Fills state.identity_providers and makes state.login_overrides: user id -> list of provider ids.
function identity_providers.reset(state)
  state.login_overrides = {}
  for _, provider in ipairs(PROVIDERS) do
    state.identity_providers:add {
      id = provider.id,
      enabled = provider.enabled,
      authentication_method = provider.authentication_method,
    }
  end
  return true
end

return collection.new(identity_providers)
