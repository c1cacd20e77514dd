-- The ways to log in to Datadog that an organisation has, and the users who have others than it has.
-- No permission is documented for these endpoints: none is asked for.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local store = require "ddokta.sandbox.store"
local users = require "ddokta.sandbox.datadog.users"

local identity_providers = {}

local TYPE = "identity_providers"
local SHAPE = { type = TYPE, attributes = { { name = "enabled", kind = "boolean", required = true } } }
-- what the methods are called is not documented
local PROVIDERS = {
  { id = "c1f5a9d3-2e47-4b80-9c6d-3a5e7f90b1d2", authentication_method = "password", enabled = true },
  { id = "d2a6b0e4-3f58-4c91-8d7e-4b6f80a1c2e3", authentication_method = "google", enabled = true },
  { id = "e3b7c1f5-4a69-4da2-9e8f-5c7a91b2d3f4", authentication_method = "saml", enabled = false },
}

--- Makes state.identity_providers and state.login_overrides: user id -> list of provider ids.
function identity_providers.reset(state)
  state.identity_providers, state.login_overrides = store.new(), {}
  for _, provider in ipairs(PROVIDERS) do
    state.identity_providers:add {
      id = provider.id,
      enabled = provider.enabled,
      authentication_method = provider.authentication_method,
    }
  end
  return true
end

local function resource(provider)
  return {
    type = TYPE,
    id = provider.id,
    attributes = {
      authentication_method = provider.authentication_method,
      enabled = provider.enabled,
    },
  }
end

local function list(_, state)
  return answers.json(200, { data = lists.map(state.identity_providers:all(), resource) })
end

-- runs `use` with the provider of the path, or answers 404
local function with_provider(request, state, use)
  local id = request.parameters.idp_id
  local provider = state.identity_providers:get(id)
  if not provider then return documents.as_json_api(documents.unknown("Identity provider", id)) end
  return use(provider)
end

local function update(request, state)
  return with_provider(request, state, function(provider)
    local data, refusal = documents.read(request, SHAPE)
    if not data then return documents.as_json_api(refusal) end
    if data.id ~= provider.id then return documents.as_json_api(documents.mismatch(400)) end
    provider.enabled = data.attributes.enabled
    return answers.json(200, { data = resource(provider) })
  end)
end

-- those who log in with a provider although the organisation may not
local function users_of(state, provider)
  local list_of = {}
  for user_id, ids in pairs(state.login_overrides) do
    if lists.among(ids, provider.id) then list_of[#list_of + 1] = state.users:get(user_id) end
  end
  table.sort(list_of, function(one, other) return one.handle < other.handle end)
  return list_of
end

local function list_users(request, state)
  return with_provider(request, state, function(provider)
    local page, refusal = lists.page(request, users_of(state, provider), {
      searched = users.SEARCHED,
      sorts = users.SORTS,
      where = function(user, query) return lists.among(query["filter[status]"], user.status) end,
    })
    if not page then return documents.as_json_api(refusal) end
    return users.answer(state, page)
  end)
end

local function overrides_of(state, user)
  return lists.map(state.login_overrides[user.id] or {}, function(id)
    local provider = state.identity_providers:get(id)
    return { type = TYPE, id = id, attributes = { authentication_method = provider.authentication_method } }
  end)
end

local function with_user(request, state, use)
  local user = state.users:get(request.parameters.user_id)
  if not user then return documents.unknown("User", request.parameters.user_id) end
  return use(user)
end

local function get_overrides(request, state)
  return with_user(
    request,
    state,
    function(user) return answers.json(200, { data = json.array(overrides_of(state, user)) }) end
  )
end

-- an empty list removes all overrides (documented)
local function set_overrides(request, state)
  return with_user(request, state, function(user)
    local items, refusal = documents.read_list(request, { type = TYPE, identified = true })
    if not items then return refusal end
    local ids = {}
    for i, item in ipairs(items) do
      if not state.identity_providers:get(item.id) then
        return documents.unknown("Identity provider", item.id)
      end
      ids[i] = item.id
    end
    state.login_overrides[user.id] = ids[1] and ids or nil
    return answers.nothing()
  end)
end

local IDPS = "/api/v2/identity_providers"

identity_providers.rows = {
  { method = "GET", path = IDPS, handler = list, limit = TYPE, errors = "json_api" },
  { method = "PATCH", path = IDPS .. "/{idp_id}", handler = update, limit = TYPE, errors = "json_api" },
  {
    method = "GET",
    path = IDPS .. "/{idp_id}/users",
    handler = list_users,
    limit = TYPE,
    errors = "json_api",
  },
  {
    method = "GET",
    path = "/api/v2/users/{user_id}/identity_providers",
    handler = get_overrides,
    limit = TYPE,
  },
  {
    method = "PATCH",
    path = "/api/v2/users/{user_id}/relationships/identity_providers",
    handler = set_overrides,
    limit = TYPE,
  },
}

return identity_providers
