--- Who has an app of Okta.
local agent = require "ddokta.sandbox.okta.agent"
local apps = require "ddokta.sandbox.okta.apps"
local assignments = require "ddokta.sandbox.okta.assignments"
local collection = require "ddokta.sandbox.collection"
local json = require "ddokta.sandbox.json"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"
local users = require "ddokta.sandbox.okta.users"

local time = protocol.time

local CHECKS = {
  id = protocol.text(1, 100),
  scope = protocol.one_of("USER", "GROUP"),
  profile = protocol.object,
  credentials = protocol.object,
}
local check_user_name = protocol.text(1, 100)

-- the user name that a body gives, or nil
local function user_name_of(given)
  local user_name = (given.credentials or {}).userName
  local problem = user_name ~= nil and check_user_name(user_name)
  if problem then protocol.refuse_invalid("userName", "userName: " .. problem) end
  return user_name
end

local app_users = {
  service = "okta",
  dialect = protocol,
  limit = "okta_apps",
  what = "AppUser",
  operations = {
    list = "list_application_users",
    create = "assign_user_to_application",
    get = "get_application_user",
    update = "update_application_user",
    delete = "unassign_user_from_application",
  },
  owner = apps.of_path,
  -- the list of a key is in the order in which users got the app: that of the serials
  records = function(call) return call.state.okta.app_users:find_all("app", call.owner.id) end,
  find = function(call, id)
    local user = org.user(call.state, id)
    return user and org.app_user(call.state, call.owner, user)
  end,
  limits = { default = 50, most = 500 },
  begins = function(app_user)
    local profile = app_user.profile
    return app_user.user_name, profile.firstName, profile.lastName, profile.email
  end,
  fields = CHECKS,
  required = { "id" },
  changes = CHECKS,
}

--- An app user as the API gives it. What is not known is left out: the schema has no null there.
function app_users.show(call, app_user)
  local app, user = app_user.app, app_user.user
  local embedded = protocol.query(call).expand == "user" and { user = users.show(call, user) } or nil
  return {
    id = user.id,
    externalId = app_user.external_id,
    scope = app_user.scope,
    status = app_user.status,
    syncState = app_user.sync,
    created = time(app_user.created),
    lastUpdated = time(app_user.updated),
    statusChanged = time(app_user.status_changed),
    passwordChanged = json.null(),
    lastSync = app_user.last_sync and time(app_user.last_sync) or nil,
    credentials = { userName = app_user.user_name },
    profile = app_user.profile,
    _links = {
      app = protocol.link(call, "/api/v1/apps/" .. app.id),
      user = protocol.link(call, "/api/v1/users/" .. user.id),
    },
    _embedded = embedded,
  }
end

-- a second assignment of the same user changes a group's into one of their own
function app_users.new(call, given)
  local state, user_name = call.state, user_name_of(given)
  local user = org.user(state, given.id)
  if not user or user.status == "DEPROVISIONED" then protocol.refuse_unknown("User", given.id) end
  local scope, app_user = given.scope or "USER", org.app_user(state, call.owner, user)
  if app_user then
    app_user.scope, app_user.updated = scope, call.now
    return app_user
  end
  local fields = { scope = scope, profile = given.profile, user_name = user_name }
  return assignments.assign(state, call.owner, user, fields, call.now)
end

function app_users.add() end -- `new` has done it

function app_users.changing(call, app_user, given)
  local user_name = user_name_of(given)
  if not given.profile and not given.credentials then
    protocol.refuse_invalid("profile", "profile: The field cannot be left blank")
  end
  for name, value in pairs(given.profile or {}) do
    app_user.profile[name] = value
  end
  app_user.user_name, app_user.updated = user_name or app_user.user_name, call.now
  agent.user_updated(call.state, app_user, call.now)
end

function app_users.removing(call, app_user)
  assignments.remove(call.state, app_user, call.now)
  return true
end

return collection.new(app_users)
