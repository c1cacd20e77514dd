-- Datadog's application keys: those of the organisation, of the current user, of a service account. The
-- key itself is in the answer to its creation alone (recorded; One-Time Read mode).
local answers = require "ddokta.sandbox.answers"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local service_accounts = require "ddokta.sandbox.datadog.service_accounts"
local timestamp = require "ddokta.sandbox.timestamp"
local uuid = require "ddokta.sandbox.uuid"

local application_keys = {}

local TYPE = "application_keys"
local KEY_LENGTH = 40
local TO_CREATE = {
  { name = "name", kind = "text", required = true },
  { name = "scopes", kind = "texts", nullable = true },
}
local TO_UPDATE = {
  { name = "name", kind = "text" },
  { name = "scopes", kind = "texts", nullable = true },
}

local function resource(state, key)
  return {
    type = TYPE,
    id = key.id,
    attributes = {
      name = key.name,
      created_at = key.created_at,
      last4 = credentials.last4(state, key),
      scopes = key.scopes and json.array(key.scopes) or json.null(),
      last_used_at = key.last_used and organisation.timestamp(key.last_used) or json.null(),
    },
    relationships = { owned_by = { data = { type = "users", id = key.owner_id } } },
  }
end

local function created(query, name) return query[name] and timestamp.parse(query[name][1]) end

local function is_chosen(key, query)
  local from, to = created(query, "filter[created_at][start]"), created(query, "filter[created_at][end]")
  local at = timestamp.parse(key.created_at)
  return (not from or at >= from)
    and (not to or at <= to)
    and lists.among(query["filter[owned_by]"], key.owner_id)
end

local function sorts(state)
  local sorts_of = lists.sorts("name", "created_at")
  sorts_of.last4 = function(key) return credentials.last4(state, key) end
  return sorts_of
end

-- the owners of keys, each once
local function owners(state, keys)
  local list, seen = json.array(), {}
  for _, key in ipairs(keys) do
    if not seen[key.owner_id] then
      seen[key.owner_id] = true
      list[#list + 1] = organisation.user_resource(state, state.users:get(key.owner_id))
    end
  end
  return list
end

-- adds what the query's `include` asks for
local function with_owners(document, request, state, keys)
  local include = lists.query(request).include
  if include and lists.among(include, "owned_by") then document.included = owners(state, keys) end
  return document
end

-- the keys that a place shows; owner_id nil: everybody's
local function keys_of(state, owner_id)
  if not owner_id then return state.application_keys:all() end
  local list = {}
  for _, key in ipairs(state.application_keys:all()) do
    if key.owner_id == owner_id then list[#list + 1] = key end
  end
  return list
end

local function list(request, state, owner_id)
  local page, refusal = lists.page(
    request,
    keys_of(state, owner_id),
    { searched = { "name" }, where = is_chosen, sorts = sorts(state) }
  )
  if not page then return refusal end
  local document = {
    data = lists.map(page.records, function(key) return resource(state, key) end),
    meta = { max_allowed_per_user = 1000, page = { total_filtered_count = page.filtered } },
  }
  return answers.json(200, with_owners(document, request, state, page.records))
end

local function create(request, state, owner_id)
  local data, refusal = documents.read(request, { type = TYPE, attributes = TO_CREATE })
  if not data then return refusal end
  local at = organisation.timestamp(request.now)
  local key = documents.set({
    id = uuid(),
    secret = credentials.digits(KEY_LENGTH),
    owner_id = owner_id,
    created_at = at,
    modified_at = at,
  }, data.attributes, TO_CREATE)
  state.application_keys:add(key)
  local shown = resource(state, key)
  shown.attributes.key = key.secret
  return answers.json(201, { data = shown })
end

-- the key of the path when it is one of this owner's, or nil and the answer
local function find(request, state, owner_id)
  local id = request.parameters.app_key_id
  local key = state.application_keys:get(id)
  if not key or owner_id and key.owner_id ~= owner_id then
    return nil, documents.unknown("Application key", id)
  end
  return key
end

local function get(request, state, owner_id)
  local key, refusal = find(request, state, owner_id)
  if not key then return refusal end
  return answers.json(200, with_owners({ data = resource(state, key) }, request, state, { key }))
end

local function update(request, state, owner_id)
  local key, refusal = find(request, state, owner_id)
  if not key then return refusal end
  local data
  data, refusal = documents.read(request, { type = TYPE, attributes = TO_UPDATE })
  if not data then return refusal end
  if data.id ~= key.id then return documents.mismatch(400) end
  documents.set(key, data.attributes, TO_UPDATE)
  key.modified_at = organisation.timestamp(request.now)
  return answers.json(200, { data = resource(state, key) })
end

local function delete(request, state, owner_id)
  local key, refusal = find(request, state, owner_id)
  if not key then return refusal end
  state.application_keys:remove(key)
  return answers.nothing()
end

local function everybody() end

local function current_user(request, state) return credentials.user(state, request).id end

-- where keys are found, whose they are, and what one must be allowed to do there
local PLACES = {
  {
    path = "/api/v2/application_keys",
    owner = everybody,
    limit = "application_keys",
    read = "org_app_keys_read",
    write = "org_app_keys_write",
  },
  {
    path = "/api/v2/current_user/application_keys",
    owner = current_user,
    can_create = true,
    limit = "current_user_application_keys",
    read = "user_app_keys",
    write = "user_app_keys",
  },
  {
    path = "/api/v2/service_accounts/{service_account_id}/application_keys",
    owner = service_accounts.id_of,
    can_create = true,
    limit = "service_account_application_keys",
    read = "service_account_write",
    write = "service_account_write",
  },
}

local function at(place, work)
  return function(request, state)
    local owner_id, refusal = place.owner(request, state)
    if refusal then return refusal end
    return work(request, state, owner_id)
  end
end

application_keys.rows = {}

local function add_row(place, method, suffix, work, permission)
  table.insert(application_keys.rows, {
    method = method,
    path = place.path .. suffix,
    handler = at(place, work),
    permission = permission,
    limit = place.limit,
  })
end

for _, place in ipairs(PLACES) do
  add_row(place, "GET", "", list, place.read)
  if place.can_create then add_row(place, "POST", "", create, place.write) end
  add_row(place, "GET", "/{app_key_id}", get, place.read)
  add_row(place, "PATCH", "/{app_key_id}", update, place.write)
  add_row(place, "DELETE", "/{app_key_id}", delete, place.write)
end

return application_keys
