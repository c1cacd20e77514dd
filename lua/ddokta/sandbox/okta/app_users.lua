-- Who has an app: /api/v1/apps/{appId}/users.
local agent = require "ddokta.sandbox.okta.agent"
local answers = require "ddokta.sandbox.answers"
local apps = require "ddokta.sandbox.okta.apps"
local assignments = require "ddokta.sandbox.okta.assignments"
local body = require "ddokta.sandbox.okta.body"
local errors = require "ddokta.sandbox.okta.errors"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.okta.lists"
local org = require "ddokta.sandbox.okta.org"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"
local time = require "ddokta.sandbox.okta.time"
local users = require "ddokta.sandbox.okta.users"

local app_users = {}

local LIMIT = { default = 50, most = 500 }

local CHECKS = {
  id = body.text(1, 100),
  scope = body.one_of("USER", "GROUP"),
  profile = body.object,
  credentials = body.object,
}
local check_user_name = body.text(1, 100)

--- An app user as the API gives it. What is not known is left out: the schema has no null there.
function app_users.resource(request, state, app_user)
  local app, user = app_user.app, app_user.user
  local resource = {
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
      app = pages.link(request, state, "/api/v1/apps/" .. app.id),
      user = pages.link(request, state, "/api/v1/users/" .. user.id),
    },
  }
  if pages.query(request).expand == "user" then
    resource._embedded = { user = users.resource(request, state, user) }
  end
  return resource
end

-- the list of a key is in the order in which users got the app: that of the serials
local function list(request, state, app)
  local q = pages.query(request).q
  local found = state.okta.app_users:find_all("app", app.id)
  if q then
    found = lists.select(found, function(app_user)
      local profile = app_user.profile
      return lists.begins(q, app_user.user_name, profile.firstName, profile.lastName, profile.email)
    end)
  end
  return pages.answer(request, state, found, LIMIT, app_users.resource)
end

local function user_name_problem(given)
  local user_name = (given.credentials or {}).userName
  local problem = user_name ~= nil and check_user_name(user_name)
  return problem and errors.invalid("userName", "userName: " .. problem)
end

-- a second assignment of the same user changes a group's into one of their own
local function assign(request, state, app)
  local given, refusal = body.read(request)
  if not given then return refusal end
  refusal = body.problem(given, CHECKS, { "id" }) or user_name_problem(given)
  if refusal then return refusal end
  local user = org.user(state, given.id)
  if not user or user.status == "DEPROVISIONED" then return errors.not_found(given.id, "User") end
  local app_user = org.app_user(state, app, user)
  if app_user then
    app_user.scope, app_user.updated = given.scope or "USER", request.now
  else
    app_user = assignments.assign(state, app, user, {
      scope = given.scope or "USER",
      profile = given.profile,
      user_name = (given.credentials or {}).userName,
    }, request.now)
  end
  return answers.json(200, app_users.resource(request, state, app_user))
end

local function with_app_user(act)
  return apps.with_app(function(request, state, app)
    local id = request.parameters.userId
    local user = org.user(state, id)
    local app_user = user and org.app_user(state, app, user)
    if not app_user then return errors.not_found(id, "AppUser") end
    return act(request, state, app_user)
  end)
end

local function get(request, state, app_user)
  return answers.json(200, app_users.resource(request, state, app_user))
end

local function update(request, state, app_user)
  local given, refusal = body.read(request)
  if not given then return refusal end
  refusal = body.problem(given, CHECKS) or user_name_problem(given)
  if refusal then return refusal end
  if not given.profile and not given.credentials then
    return errors.invalid("profile", "profile: The field cannot be left blank")
  end
  for name, value in pairs(given.profile or {}) do
    app_user.profile[name] = value
  end
  app_user.user_name = (given.credentials or {}).userName or app_user.user_name
  app_user.updated = request.now
  agent.user_updated(state, app_user, request.now)
  return get(request, state, app_user)
end

local function unassign(request, state, app_user)
  assignments.remove(state, app_user, request.now)
  return { status = 204, headers = {}, body = "" }
end

local USERS = "/api/v1/apps/{appId}/users"
local USER = USERS .. "/{userId}"
local READ, MANAGE = "okta.apps.read", "okta.apps.manage"

app_users.rows = rows("okta_apps", {
  { method = "GET", path = USERS, handler = apps.with_app(list), permission = READ },
  { method = "POST", path = USERS, handler = apps.with_app(assign), permission = MANAGE },
  { method = "GET", path = USER, handler = with_app_user(get), permission = READ },
  { method = "POST", path = USER, handler = with_app_user(update), permission = MANAGE },
  { method = "DELETE", path = USER, handler = with_app_user(unassign), permission = MANAGE },
})

return app_users
