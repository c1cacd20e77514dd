-- Datadog's current user: the one whose key or token is used.
local answers = require "ddokta.sandbox.answers"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"
local user_access = require "ddokta.sandbox.datadog.user_access"

local current_user = {}

local FIELDS = {
  { name = "name", kind = "text" },
  { name = "email", kind = "text" },
  { name = "title", kind = "text" },
  { name = "disabled", kind = "boolean" },
}

-- with the organisation, the roles and what those allow (documented)
local function answer(state, user)
  local included = json.array { user_access.org_resource(state) }
  for _, id in ipairs(organisation.known_roles(state, user.role_ids)) do
    included[#included + 1] = organisation.role_resource(state, state.roles:get(id))
  end
  for _, permission in ipairs(user_access.permissions_of(state, user)) do
    included[#included + 1] = organisation.permission_resource(permission)
  end
  return answers.json(200, { data = organisation.user_resource(state, user), included = included })
end

local function get(request, state) return answer(state, credentials.user(state, request)) end

local function update(request, state)
  local data, refusal = documents.read(request, { type = "users", attributes = FIELDS })
  if not data then return refusal end
  local user, sent = credentials.user(state, request), data.attributes
  if data.id ~= user.id then return documents.mismatch(422) end
  user.name, user.email = sent.name or user.name, sent.email or user.email
  user.title = sent.title or user.title
  organisation.user_changed(state, user, request.now)
  if sent.disabled ~= nil then organisation.set_disabled(state, user, sent.disabled, request.now) end
  return answer(state, user)
end

current_user.rows = {
  { method = "GET", path = "/api/v2/current_user", handler = get, limit = "current_user" },
  {
    method = "PATCH",
    path = "/api/v2/current_user",
    handler = update,
    permission = "user_self_profile_write",
    limit = "current_user",
  },
}

return current_user
