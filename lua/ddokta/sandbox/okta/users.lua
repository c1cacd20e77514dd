--- Okta's users. Reading is as the specification has it; of what changes a user there is what
--- provisioning needs: profile, deactivation, suspension.
local agent = require "ddokta.sandbox.okta.agent"
local assignments = require "ddokta.sandbox.okta.assignments"
local collection = require "ddokta.sandbox.collection"
local json = require "ddokta.sandbox.json"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"

local time = protocol.time

-- with `q` there is one page, and no next one
local QUERY_LIMITS = { default = 10 }

local function is_alive(user) return user.status ~= "DEPROVISIONED" end

local users = {
  service = "okta",
  dialect = protocol,
  limit = "okta_users",
  what = "User",
  store = "users",
  operations = { list = "list_users", get = "get_user" },
  find = function(call, id) return org.user(call.state, id) end,
  limits = { default = 200 },
  expressions = true,
}

--- A user as the API gives it.
function users.show(call, user)
  local has_come = user.status ~= "STAGED" and user.status ~= "PROVISIONED"
  return {
    id = user.id,
    status = user.status,
    created = time(user.created),
    lastUpdated = time(user.updated),
    activated = user.created and time(user.created) or json.null(),
    statusChanged = time(user.status_changed),
    lastLogin = json.null(),
    passwordChanged = has_come and user.created and time(user.created) or json.null(),
    type = { id = org.USER_TYPE_ID },
    profile = user.profile,
    credentials = { provider = { type = "OKTA", name = "OKTA" } },
    _links = { self = protocol.link(call, "/api/v1/users/" .. user.id) },
  }
end

-- without an expression those who are gone are left out (specification)
function users.records(call)
  local query, all = protocol.query(call), call.state.okta.users:all()
  if query.search or query.filter then return all end
  return protocol.select(all, is_alive)
end

local list

local function list_or_query(request, state)
  local call = { request = request, state = state }
  local query = protocol.query(call)
  if not query.q then return list(request, state) end
  local found = protocol.select(state.okta.users:all(), function(user)
    local profile = user.profile
    return is_alive(user) and protocol.begins(query.q, profile.firstName, profile.lastName, profile.email)
  end)
  local shown = json.array()
  for i = 1, math.min(protocol.limit(query, QUERY_LIMITS), #found) do
    shown[i] = users.show(call, found[i])
  end
  return shown
end

-- what is not sent stays; the login cannot be taken from another
local function update(call, user)
  local state, given = call.state, protocol.body(call.request)
  if protocol.object(given.profile) then protocol.refuse_invalid("profile", "profile: must be an object") end
  local login = given.profile.login
  local other = type(login) == "string" and org.user(state, login)
  if other and other ~= user then
    local taken = "login: An object with this field already exists in the current organization"
    protocol.refuse_invalid("login", taken)
  end
  for name, value in pairs(given.profile) do
    user.profile[name] = value
  end
  user.updated = call.now
  state.okta.users:changed(user)
  for _, app_user in ipairs(state.okta.app_users:find_all("user", user.id)) do
    assignments.map_profile(app_user)
    agent.user_updated(state, app_user, call.now)
  end
  return users.show(call, user)
end

local function lifecycle(verb, from, to, after)
  local work = collection.for_record(users, function(call, user)
    if not from[user.status] then
      protocol.refuse_invalid("status", "status: This cannot be done while it is " .. user.status)
    end
    user.status, user.status_changed, user.updated = to, call.now, call.now
    if after then after(call.state, user, call.now) end
    return {}
  end)
  local path = "/api/v1/users/{id}/lifecycle/" .. verb
  return { method = "POST", path = path, permission = "okta.users.manage", handler = work }
end

local ALIVE = { ACTIVE = true, STAGED = true, PROVISIONED = true, SUSPENDED = true }
ALIVE.LOCKED_OUT, ALIVE.PASSWORD_EXPIRED, ALIVE.RECOVERY = true, true, true

users.handlers = {
  {
    method = "POST",
    path = "/api/v1/users/{id}",
    permission = "okta.users.manage",
    handler = collection.for_record(users, update),
  },
  -- the target apps are told; for a suspended user they are not (Okta documents both)
  lifecycle("deactivate", ALIVE, "DEPROVISIONED", assignments.strip),
  lifecycle("activate", { STAGED = true, DEPROVISIONED = true }, "ACTIVE"),
  lifecycle("suspend", { ACTIVE = true }, "SUSPENDED"),
  lifecycle("unsuspend", { SUSPENDED = true }, "ACTIVE"),
}
collection.new(users)
list, users.handlers.list_users = users.handlers.list_users, list_or_query

return users
