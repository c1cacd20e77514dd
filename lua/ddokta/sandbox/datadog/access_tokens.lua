-- Datadog's access tokens: personal ones (ddpat_) and those of service accounts (ddsat_). They are sent
-- as bearer tokens instead of the two keys, and shown once, when they are made.
local answers = require "ddokta.sandbox.answers"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local service_accounts = require "ddokta.sandbox.datadog.service_accounts"
local timestamp = require "ddokta.sandbox.timestamp"
local uuid = require "ddokta.sandbox.uuid"

local access_tokens = {}

-- lengths of what is shown later and of what is not; the real ones are not recorded
local PUBLIC_LENGTH, SECRET_LENGTH = 22, 40
local TO_UPDATE = {
  { name = "name", kind = "text" },
  { name = "scopes", kind = "texts" },
}

local function to_create(has_to_expire)
  return {
    { name = "name", kind = "text", required = true },
    { name = "scopes", kind = "texts", required = true },
    { name = "expires_at", kind = "time", required = has_to_expire },
  }
end

local PERSONAL =
  { type = "personal_access_tokens", owner_type = "users", prefix = "ddpat_", fields = to_create(true) }
local OF_SERVICE_ACCOUNT = {
  type = "service_access_tokens",
  owner_type = "service_account",
  prefix = "ddsat_",
  fields = to_create(false),
}

local function resource(token)
  return {
    type = token.kind.type,
    id = token.id,
    attributes = {
      name = token.name,
      public_portion = token.public_portion,
      scopes = json.array(token.scopes),
      created_at = token.created_at,
      modified_at = token.modified_at,
      expires_at = token.expires_at,
      last_used_at = token.last_used and organisation.timestamp(token.last_used) or nil,
    },
    relationships = { owned_by = { data = { type = token.kind.owner_type, id = token.owner_id } } },
  }
end

local SORTS = lists.sorts("name", "created_at", "expires_at")
-- a number of fixed width: values are compared as texts
SORTS.last_used_at = function(token) return ("%020.6f"):format(token.last_used or 0) end

local function list(request, state, place, owner_id)
  local page, refusal = lists.page(request, state.access_tokens:all(), {
    searched = { "name" },
    sorts = SORTS,
    where = function(token, query)
      return (place.lists_all or token.kind == place.kind and token.owner_id == owner_id)
        and lists.among(query["filter[owned_by]"], token.owner_id)
    end,
  })
  if not page then return refusal end
  return answers.json(
    200,
    { data = lists.map(page.records, resource), meta = { page = { total_filtered_count = page.filtered } } }
  )
end

local function add(state, kind, owner_id, attributes, now)
  local at = organisation.timestamp(now)
  local public_portion = kind.prefix .. credentials.digits(PUBLIC_LENGTH)
  local token = documents.set({
    id = uuid(),
    kind = kind,
    owner_id = owner_id,
    public_portion = public_portion,
    secret = public_portion .. "_" .. credentials.digits(SECRET_LENGTH),
    created_at = at,
    modified_at = at,
  }, attributes, kind.fields)
  token.expires = token.expires_at and timestamp.parse(token.expires_at)
  return state.access_tokens:add(token)
end

local function create(request, state, place, owner_id)
  local kind = place.kind
  local data, refusal = documents.read(request, { type = kind.type, attributes = kind.fields })
  if not data then return refusal end
  local expires_at = data.attributes.expires_at
  if expires_at and timestamp.parse(expires_at) <= request.now then
    return answers.errors(400, "expires_at must be in the future")
  end
  local token = add(state, kind, owner_id, data.attributes, request.now)
  local shown = resource(token)
  shown.attributes.key, shown.attributes.modified_at = token.secret, nil
  return answers.json(201, { data = shown })
end

local function find(request, state, place, owner_id)
  local id = request.parameters.token_id
  local token = state.access_tokens:get(id)
  if not token or token.kind ~= place.kind or owner_id and token.owner_id ~= owner_id then
    return nil, documents.unknown("Access token", id)
  end
  return token
end

local function get(request, state, place, owner_id)
  local token, refusal = find(request, state, place, owner_id)
  if not token then return refusal end
  return answers.json(200, { data = resource(token) })
end

local function update(request, state, place, owner_id)
  local token, refusal = find(request, state, place, owner_id)
  if not token then return refusal end
  local data
  data, refusal = documents.read(request, { type = place.kind.type, attributes = TO_UPDATE })
  if not data then return refusal end
  if data.id ~= token.id then return documents.mismatch(400) end
  documents.set(token, data.attributes, TO_UPDATE)
  token.modified_at = organisation.timestamp(request.now)
  return answers.json(200, { data = resource(token) })
end

local function revoke(request, state, place, owner_id)
  local token, refusal = find(request, state, place, owner_id)
  if not token then return refusal end
  state.access_tokens:remove(token)
  return answers.nothing()
end

local function current_user(request, state) return credentials.user(state, request).id end

-- any token of the organisation is found by its id
local function everybody() end

-- The permissions for tokens are not documented: those of personal ones are asked for nothing, those of
-- service accounts for what their application keys ask.
local PLACES = {
  {
    path = "/api/v2/personal_access_tokens",
    kind = PERSONAL,
    lists_all = true,
    owner = everybody,
    creator = current_user,
    limit = "personal_access_tokens",
  },
  {
    path = "/api/v2/service_accounts/{service_account_id}/access_tokens",
    kind = OF_SERVICE_ACCOUNT,
    owner = service_accounts.id_of,
    creator = service_accounts.id_of,
    permission = "service_account_write",
    limit = "service_account_access_tokens",
  },
}

local function at(place, owner, work)
  return function(request, state)
    local owner_id, refusal = owner(request, state)
    if refusal then return refusal end
    return work(request, state, place, owner_id)
  end
end

access_tokens.rows = {}

local function add_row(place, method, suffix, work, owner)
  table.insert(access_tokens.rows, {
    method = method,
    path = place.path .. suffix,
    limit = place.limit,
    handler = at(place, owner or place.owner, work),
    permission = place.permission,
  })
end

for _, place in ipairs(PLACES) do
  add_row(place, "GET", "", list)
  add_row(place, "POST", "", create, place.creator)
  add_row(place, "GET", "/{token_id}", get)
  add_row(place, "PATCH", "/{token_id}", update)
  add_row(place, "DELETE", "/{token_id}", revoke)
end

return access_tokens
