-- Datadog's API keys. The key itself is in the answer to its creation alone, as with application keys.
local answers = require "ddokta.sandbox.answers"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local timestamp = require "ddokta.sandbox.timestamp"
local uuid = require "ddokta.sandbox.uuid"

local api_keys = {}

local TYPE = "api_keys"
local KEY_LENGTH = 32
local FIELDS = {
  { name = "name", kind = "text", required = true },
  { name = "category", kind = "text" },
  { name = "remote_config_read_enabled", kind = "boolean" },
}

local function user_data(id) return { data = { type = "users", id = id } } end

local function resource(state, key)
  return {
    type = TYPE,
    id = key.id,
    attributes = {
      name = key.name,
      category = key.category,
      remote_config_read_enabled = key.remote_config_read_enabled,
      created_at = key.created_at,
      modified_at = key.modified_at,
      last4 = credentials.last4(state, key),
      date_last_used = key.last_used and organisation.timestamp(key.last_used) or json.null(),
    },
    relationships = { created_by = user_data(key.owner_id), modified_by = user_data(key.modified_by) },
  }
end

local function is_within(at, query, name)
  local from = query[name .. "[start]"] and timestamp.parse(query[name .. "[start]"][1])
  local to = query[name .. "[end]"] and timestamp.parse(query[name .. "[end]"][1])
  at = timestamp.parse(at)
  return (not from or at >= from) and (not to or at <= to)
end

local function is_chosen(key, query)
  return is_within(key.created_at, query, "filter[created_at]")
    and is_within(key.modified_at, query, "filter[modified_at]")
    and lists.among(query["filter[category]"], key.category)
    and lists.among(query["filter[remote_config_read_enabled]"], tostring(key.remote_config_read_enabled))
end

local INCLUDED = { created_by = "owner_id", modified_by = "modified_by" }

-- the users that the query's `include` asks for, each once; nil when it asks for none
local function included(request, state, keys)
  local include = lists.query(request).include
  if not include then return nil end
  local list, seen = json.array(), {}
  for _, key in ipairs(keys) do
    for _, name in ipairs(include) do
      local id = key[INCLUDED[name]]
      if id and not seen[id] then
        seen[id] = true
        list[#list + 1] = organisation.user_resource(state, state.users:get(id))
      end
    end
  end
  return list
end

local function list(request, state)
  local sorts = lists.sorts("name", "created_at", "modified_at")
  sorts.last4 = function(key) return credentials.last4(state, key) end
  local page, refusal =
    lists.page(request, state.api_keys:all(), { searched = { "name" }, where = is_chosen, sorts = sorts })
  if not page then return refusal end
  return answers.json(200, {
    data = lists.map(page.records, function(key) return resource(state, key) end),
    meta = { max_allowed = 1000, page = { total_filtered_count = page.filtered } },
    included = included(request, state, page.records),
  })
end

local function create(request, state)
  local data, refusal = documents.read(request, { type = TYPE, attributes = FIELDS })
  if not data then return refusal end
  local at, user = organisation.timestamp(request.now), credentials.user(state, request)
  local key = documents.set({
    id = uuid(),
    secret = credentials.digits(KEY_LENGTH),
    owner_id = user.id,
    modified_by = user.id,
    created_at = at,
    modified_at = at,
    remote_config_read_enabled = true,
  }, data.attributes, FIELDS)
  state.api_keys:add(key)
  local shown = resource(state, key)
  shown.attributes.key = key.secret
  return answers.json(201, { data = shown })
end

local function find(request, state)
  local id = request.parameters.api_key_id
  local key = state.api_keys:get(id)
  if not key then return nil, documents.unknown("API key", id) end
  return key
end

local function get(request, state)
  local key, refusal = find(request, state)
  if not key then return refusal end
  return answers.json(200, { data = resource(state, key), included = included(request, state, { key }) })
end

local function update(request, state)
  local key, refusal = find(request, state)
  if not key then return refusal end
  local data
  data, refusal = documents.read(request, { type = TYPE, attributes = FIELDS })
  if not data then return refusal end
  if data.id ~= key.id then return documents.mismatch(400) end
  documents.set(key, data.attributes, FIELDS)
  key.modified_at, key.modified_by = organisation.timestamp(request.now), credentials.user(state, request).id
  return answers.json(200, { data = resource(state, key) })
end

local function delete(request, state)
  local key, refusal = find(request, state)
  if not key then return refusal end
  state.api_keys:remove(key)
  return answers.nothing()
end

local KEYS = "/api/v2/api_keys"
local KEY = KEYS .. "/{api_key_id}"

api_keys.rows = {
  { method = "GET", path = KEYS, handler = list, permission = "api_keys_read", limit = TYPE },
  { method = "POST", path = KEYS, handler = create, permission = "api_keys_write", limit = TYPE },
  { method = "GET", path = KEY, handler = get, permission = "api_keys_read", limit = TYPE },
  { method = "PATCH", path = KEY, handler = update, permission = "api_keys_write", limit = TYPE },
  { method = "DELETE", path = KEY, handler = delete, permission = "api_keys_delete", limit = TYPE },
}

return api_keys
