-- Datadog's service accounts: users that are no people. They are found, changed and disabled among the
-- users; their keys and tokens are in application_keys.lua and access_tokens.lua.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local organisation = require "ddokta.sandbox.datadog.organisation"

local service_accounts = {}

local SHAPE = {
  type = "users",
  attributes = {
    { name = "email", kind = "text", required = true },
    { name = "service_account", kind = "boolean", required = true },
    { name = "name", kind = "text" },
    { name = "title", kind = "text" },
  },
}

--- The id of the service account in a request's path, or nil and the answer to give.
function service_accounts.id_of(request, state)
  local id = request.parameters.service_account_id
  local user = state.users:get(id)
  if not user or not user.service_account then return nil, documents.unknown("Service account", id) end
  return id
end

-- the ids of roles that `data` names, or nil and the answer to give
local function role_ids_of(state, data)
  local ids, refusal = documents.related(data, "roles", "roles")
  if refusal then return nil, refusal end
  for _, id in ipairs(ids or {}) do
    if not state.roles:get(id) then return nil, answers.errors(400, ("role %s does not exist"):format(id)) end
  end
  return organisation.known_roles(state, ids or {})
end

-- several service accounts may have one email: their handles are their ids
local function create(request, state)
  local data, refusal = documents.read(request, SHAPE)
  if not data then return refusal end
  local attributes = data.attributes
  if not attributes.service_account then return answers.errors(400, "service_account must be true") end
  local role_ids
  role_ids, refusal = role_ids_of(state, data)
  if not role_ids then return refusal end
  local user = organisation.add_user(state, {
    email = attributes.email,
    name = attributes.name,
    title = attributes.title,
    service_account = true,
    role_ids = role_ids,
    now = request.now,
  })
  return answers.json(201, { data = organisation.user_resource(state, user) })
end

service_accounts.rows = {
  {
    method = "POST",
    path = "/api/v2/service_accounts",
    handler = create,
    permission = "service_account_write",
    limit = "service_accounts",
  },
}

return service_accounts
