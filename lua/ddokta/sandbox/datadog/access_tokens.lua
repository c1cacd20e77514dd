--- Datadog's access tokens: personal ones (ddpat_) and those of service accounts (ddsat_). They are sent as
--- bearer tokens instead of the two keys, and shown once, when they are made.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"
local timestamp = require "ddokta.sandbox.timestamp"
local users = require "ddokta.sandbox.datadog.users"

-- lengths of what is shown later and of what is not; the real ones are not recorded
local PUBLIC_LENGTH, SECRET_LENGTH = 22, 40

local PERSONAL = { type = "personal_access_tokens", owner_type = "users", prefix = "ddpat_" }
local OF_SERVICE_ACCOUNT =
  { type = "service_access_tokens", owner_type = "service_account", prefix = "ddsat_" }

-- the organisation's list has tokens of both kinds
local function resource(_, token)
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
    relationships = { owned_by = documents.reference(token.kind.owner_type, token.owner_id) },
  }
end

local function new_token(kind)
  return function(call, attributes)
    local expires_at = attributes.expires_at
    local expires = expires_at and timestamp.parse(expires_at)
    if expires and expires <= call.now then answers.fail(400, "expires_at must be in the future") end
    local token = credentials.new(call, call.owner or credentials.caller_id(call), SECRET_LENGTH)
    token.kind, token.expires = kind, expires
    token.public_portion = kind.prefix .. credentials.digits(PUBLIC_LENGTH)
    token.secret = token.public_portion .. "_" .. token.secret
    return token
  end
end

-- any personal token is found by its id, a service account's in its own place alone
local function find(kind)
  local find_owned = credentials.find_owned "access_tokens"
  return function(call, id)
    local token = find_owned(call, id)
    return token and token.kind == kind and token or nil
  end
end

-- The permissions for tokens are not documented: those of personal ones are asked for nothing, those of
-- service accounts for what their application keys ask.
local function place(kind, has_to_expire, definition)
  definition.dialect, definition.type, definition.what = documents, kind.type, "Access token"
  definition.store = "access_tokens"
  definition.records, definition.find = credentials.owned "access_tokens", find(kind)
  definition.fields = {
    { name = "name", kind = "text", required = true },
    { name = "scopes", kind = "texts", required = true },
    { name = "expires_at", kind = "time", required = has_to_expire },
  }
  definition.changes = { { name = "name", kind = "text" }, { name = "scopes", kind = "texts" } }
  definition.mismatch = 400
  definition.show, definition.new = resource, new_token(kind)
  definition.once = function(token, attributes)
    attributes.key, attributes.modified_at = token.secret, nil
  end
  definition.paging, definition.search = "filtered", { "name" }
  definition.filters = { ["filter[owned_by]"] = "owner_id" }
  definition.sorts = {
    "name",
    "created_at",
    "expires_at",
    -- a number of fixed width: values are compared as texts
    last_used_at = function(_, token) return ("%020.6f"):format(token.last_used or 0) end,
  }
  definition.changed = function(call, token) token.modified_at = organisation.timestamp(call.now) end
  return collection.new(definition)
end

local function operations(name)
  local made = collection.operations(name, "list create get update")
  made.delete = "revoke_" .. name
  return made
end

return {
  collections = {
    place(PERSONAL, true, {
      limit = "personal_access_tokens",
      operations = operations "personal_access_token",
    }),
    place(OF_SERVICE_ACCOUNT, false, {
      limit = "service_account_access_tokens",
      permission = "service_account_write",
      operations = operations "service_account_access_token",
      owner = users.service_account_id,
    }),
  },
}
