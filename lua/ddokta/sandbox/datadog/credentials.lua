--- The secrets that open Datadog's API: API keys, application keys and access tokens, whose they are and
--- whether they are alive; and the endpoints that say so. The keys that the sandbox is started with are
--- settings (api_key, app_key) and belong to its service account; they are listed with the others, and
--- deleted they are refused.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local credentials = {}

local FIRST_API_KEY_ID = "e1b7c6d5-4a3f-4e2d-9c1b-0a9f8e7d6c5b"
local FIRST_APP_KEY_ID = "a4c3b2d1-9e8f-4d7c-8b6a-5f4e3d2c1b0a"

local BY_SECRET = { secret = function(record) return record.secret end }

local function first_key(id, setting)
  return {
    id = id,
    setting = setting,
    name = "Sandbox",
    created_at = organisation.CREATED_AT,
    modified_at = organisation.CREATED_AT,
    owner_id = organisation.CURRENT_USER_ID,
    modified_by = organisation.CURRENT_USER_ID,
    remote_config_read_enabled = true,
  }
end

--- Makes state.api_keys, state.application_keys and state.access_tokens. Records: {id, name, secret,
--- owner_id, scopes = nil for all, created_at, modified_at, last_used = seconds}.
function credentials.reset(state)
  state.api_keys, state.application_keys = store.new(BY_SECRET), store.new(BY_SECRET)
  state.access_tokens = store.new(BY_SECRET)
  state.api_keys:add(first_key(FIRST_API_KEY_ID, "api_key"))
  state.application_keys:add(first_key(FIRST_APP_KEY_ID, "app_key"))
  return true
end

--- How many there are, for /_sandbox/state. What they are is never shown.
function credentials.describe(state)
  return {
    api_key_count = state.api_keys.count,
    application_key_count = state.application_keys.count,
    access_token_count = state.access_tokens.count,
  }
end

--- So many random hexadecimal digits.
function credentials.digits(count)
  local digits = ""
  while #digits < count do
    digits = digits .. uuid():gsub("-", "")
  end
  return digits:sub(1, count)
end

--- The last four characters of a key: all that is shown of it later.
function credentials.last4(call, record)
  local secret = record.secret or call.state.settings[record.setting]
  return ("0000" .. secret):sub(-4)
end

--- What a resource shows of a key besides: its last characters and, under a name, when it was used last.
function credentials.show_use(name)
  return function(call, key, resource)
    resource.attributes.last4 = credentials.last4(call, key)
    resource.attributes[name] = key.last_used and organisation.timestamp(key.last_used) or json.null()
  end
end

--- Shows the whole key, in the answer to its creation.
function credentials.show_secret(key, attributes) attributes.key = key.secret end

--- A new secret's record, without what a request says of it.
function credentials.new(call, owner_id, length)
  local at = organisation.timestamp(call.now)
  return { secret = credentials.digits(length), owner_id = owner_id, created_at = at, modified_at = at }
end

--- Those of a store that are the call's owner's, all where it has none; for a collection's `records`.
function credentials.owned(store_name)
  return function(call)
    local list = {}
    for _, record in ipairs(call.state[store_name]:all()) do
      if not call.owner or record.owner_id == call.owner then list[#list + 1] = record end
    end
    return list
  end
end

--- The same for one, for a collection's `find`.
function credentials.find_owned(store_name)
  return function(call, id)
    local record = call.state[store_name]:get(id)
    return record and (not call.owner or record.owner_id == call.owner) and record or nil
  end
end

-- the record of a secret; the sandbox's own key is what its setting says now
local function find(records, state, first_id, secret)
  local first = first_id and records:get(first_id)
  if first and secret == state.settings[first.setting] then return first end
  return type(secret) == "string" and records:find("secret", secret) or nil
end

-- a user's keys and tokens die with the user (documented for SCIM: use a service account)
local function has_living_owner(state, record)
  local owner = state.users:get(record.owner_id)
  return owner ~= nil and not owner.disabled
end

--- The API key that a text is, or nil. It is the organisation's and outlives its maker.
function credentials.api_key(state, secret) return find(state.api_keys, state, FIRST_API_KEY_ID, secret) end

local function application_key(state, secret)
  local record = find(state.application_keys, state, FIRST_APP_KEY_ID, secret)
  return record and has_living_owner(state, record) and record or nil
end

local function access_token(state, secret, now)
  local record = find(state.access_tokens, state, nil, secret)
  if not record or record.expires and record.expires <= now then return nil end
  return has_living_owner(state, record) and record or nil
end

local function used(record, now)
  if record then record.last_used = now end
  return record
end

--- The application key of a request with two valid keys, or nil.
function credentials.of_keys(state, request)
  local headers = request.headers
  local api_key = credentials.api_key(state, headers["dd-api-key"])
  local app_key = application_key(state, headers["dd-application-key"])
  if not api_key or not app_key then return nil end
  used(api_key, request.now)
  return used(app_key, request.now)
end

--- The application key or access token that a request has as bearer token, or nil.
function credentials.of_bearer(state, request)
  local authorization = request.headers["authorization"]
  local secret = type(authorization) == "string" and authorization:match("^Bearer (.+)$")
  if not secret then return nil end
  return used(application_key(state, secret) or access_token(state, secret, request.now), request.now)
end

--- The user whose key or token a request has.
function credentials.user(state, request) return state.users:get(request.credential.owner_id) end

--- The user of a call, for collections.
function credentials.caller(call) return credentials.user(call.state, call.request) end

function credentials.caller_id(call) return call.request.credential.owner_id end

-- names of what the roles of a user allow
local function permissions_of(state, user)
  local names = {}
  for i, permission in ipairs(organisation.permissions_of(state, user)) do
    names[i] = permission.name
  end
  return names
end

local function common(held, limit)
  if held == "all" then return limit end
  if limit == "all" then return held end
  local names = {}
  for _, name in ipairs(held) do
    if lists.among(limit, name) then names[#names + 1] = name end
  end
  return names
end

--- What a request's key or token may do: "all", or names of permissions. The sandbox's own key: the
--- setting `permissions`. Those made later: what their owner's roles allow, within their scopes.
function credentials.held(state, request)
  local record = request.credential
  if not record or record.setting then return state.settings.permissions end
  local held = common(state.settings.permissions, permissions_of(state, credentials.user(state, request)))
  return common(held, record.scopes or "all")
end

-- --- whether keys are right -----------------------------------------------------------------------

-- a request whose keys are wrong does not get here: it is answered with 403
local function validate_keys() return { status = "ok" } end

-- the refusal of a missing key is recorded, that of a wrong one is assumed to be the general one
local function validate_v1(request, state)
  local given = request.headers["dd-api-key"]
  if not given or given == "" then answers.fail(403, "API key required") end
  if not credentials.api_key(state, given) then answers.fail(403, "Forbidden") end
  return { valid = true }
end

local function validate_v2(request, state)
  local key = credentials.api_key(state, request.headers["dd-api-key"])
  if not key then answers.refuse(documents.error(403, "Forbidden", "The API key is missing or not valid")) end
  local attributes = { api_key_id = key.id, api_key_scopes = json.array(), valid = true }
  return { data = { type = "validate_v2", id = state.settings.org_id, attributes = attributes } }
end

-- The two that check the API key alone look at it themselves, because their refusals differ.
credentials.limit = "validate"
credentials.handlers = {
  validate_api_key = { validate_keys, limit = "validate_keys" },
  validate = { validate_v2, auth = { "none" } },
  validate_v1 = { validate_v1, auth = { "none" } },
}

return credentials
