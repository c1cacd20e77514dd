-- Okta's users: /api/v1/users. Reading is as the specification has it; of what changes a user there is
-- what provisioning needs: profile, deactivation, suspension.
local agent = require "ddokta.sandbox.okta.agent"
local answers = require "ddokta.sandbox.answers"
local assignments = require "ddokta.sandbox.okta.assignments"
local body = require "ddokta.sandbox.okta.body"
local errors = require "ddokta.sandbox.okta.errors"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.okta.lists"
local org = require "ddokta.sandbox.okta.org"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"
local time = require "ddokta.sandbox.okta.time"

local users = {}

local LIMIT = { default = 200 }
-- with `q` there is one page, and no next one
local QUERY_LIMIT = { default = 10 }

local function time_or_null(seconds) return seconds and time(seconds) or json.null() end

--- A user as the API gives it.
function users.resource(request, state, user)
  local has_come = user.status ~= "STAGED" and user.status ~= "PROVISIONED"
  return {
    id = user.id,
    status = user.status,
    created = time(user.created),
    lastUpdated = time(user.updated),
    activated = time_or_null(user.created),
    statusChanged = time(user.status_changed),
    lastLogin = json.null(),
    passwordChanged = time_or_null(has_come and user.created),
    type = { id = org.USER_TYPE_ID },
    profile = user.profile,
    credentials = { provider = { type = "OKTA", name = "OKTA" } },
    _links = { self = pages.link(request, state, "/api/v1/users/" .. user.id) },
  }
end

local function is_alive(user) return user.status ~= "DEPROVISIONED" end

local function beginning_with(state, text)
  return lists.select(state.okta.users:all(), function(user)
    local profile = user.profile
    return is_alive(user) and lists.begins(text, profile.firstName, profile.lastName, profile.email)
  end)
end

local function list_query(request, state, query)
  local most, refusal = pages.limit(query, QUERY_LIMIT)
  if not most then return refusal end
  local found, shown = beginning_with(state, query.q), json.array()
  for i = 1, math.min(most, #found) do
    shown[i] = users.resource(request, state, found[i])
  end
  return answers.json(200, shown)
end

-- without an expression those who are gone are left out (specification)
local function list(request, state)
  local query = pages.query(request)
  if query.q then return list_query(request, state, query) end
  local found, refusal = lists.matching(request, state, state.okta.users:all(), users.resource)
  if not found then return refusal end
  if not (query.search or query.filter) then found = lists.select(found, is_alive) end
  return pages.answer(request, state, found, LIMIT, users.resource)
end

-- runs `act` with the user of the path, or answers that there is none
local function with_user(act)
  return function(request, state)
    local user = org.user(state, request.parameters.id)
    if not user then return errors.not_found(request.parameters.id, "User") end
    return act(request, state, user)
  end
end

local function get(request, state, user) return answers.json(200, users.resource(request, state, user)) end

-- what is not sent stays; the login cannot be taken from another
local function update(request, state, user)
  local given, refusal = body.read(request)
  if not given then return refusal end
  if body.object(given.profile) then return errors.invalid("profile", "profile: must be an object") end
  local login = given.profile.login
  local other = type(login) == "string" and org.user(state, login)
  if other and other ~= user then
    return errors.invalid(
      "login",
      "login: An object with this field already exists in the current organization"
    )
  end
  for name, value in pairs(given.profile) do
    user.profile[name] = value
  end
  user.updated = request.now
  state.okta.users:changed(user)
  for _, app_user in ipairs(state.okta.app_users:find_all("user", user.id)) do
    assignments.map_profile(app_user)
    agent.user_updated(state, app_user, request.now)
  end
  return get(request, state, user)
end

local function set_status(user, status, now)
  user.status, user.status_changed, user.updated = status, now, now
end

local function lifecycle(from, to, after)
  return function(request, state, user)
    if not from[user.status] then
      return errors.invalid("status", "status: This cannot be done while it is " .. user.status)
    end
    set_status(user, to, request.now)
    if after then after(request, state, user) end
    return answers.json(200, {})
  end
end

-- the target apps are told; for a suspended user they are not (Okta documents both)
local function strip(request, state, user) assignments.strip(state, user, request.now) end

local ALIVE = {
  ACTIVE = true,
  STAGED = true,
  PROVISIONED = true,
  SUSPENDED = true,
  LOCKED_OUT = true,
  PASSWORD_EXPIRED = true,
  RECOVERY = true,
}

local USERS = "/api/v1/users"
local USER = USERS .. "/{id}"
local READ, MANAGE = "okta.users.read", "okta.users.manage"

users.rows = rows("okta_users", {
  { method = "GET", path = USERS, handler = list, permission = READ },
  { method = "GET", path = USER, handler = with_user(get), permission = READ },
  { method = "POST", path = USER, handler = with_user(update), permission = MANAGE },
  {
    method = "POST",
    path = USER .. "/lifecycle/deactivate",
    permission = MANAGE,
    handler = with_user(lifecycle(ALIVE, "DEPROVISIONED", strip)),
  },
  {
    method = "POST",
    path = USER .. "/lifecycle/activate",
    permission = MANAGE,
    handler = with_user(lifecycle({ STAGED = true, DEPROVISIONED = true }, "ACTIVE")),
  },
  {
    method = "POST",
    path = USER .. "/lifecycle/suspend",
    permission = MANAGE,
    handler = with_user(lifecycle({ ACTIVE = true }, "SUSPENDED")),
  },
  {
    method = "POST",
    path = USER .. "/lifecycle/unsuspend",
    permission = MANAGE,
    handler = with_user(lifecycle({ SUSPENDED = true }, "ACTIVE")),
  },
})

return users
