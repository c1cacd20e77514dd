-- Okta's apps: /api/v1/apps, and the apps of a group.
local answers = require "ddokta.sandbox.answers"
local errors = require "ddokta.sandbox.okta.errors"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.okta.lists"
local org = require "ddokta.sandbox.okta.org"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"
local time = require "ddokta.sandbox.okta.time"

local apps = {}

-- the specification's own default, -1, leaves the number to the service
local LIMIT = { default = 20, most = 200 }

-- what an app's provisioning is called in its list of features
local FEATURES = {
  { "create", "PUSH_NEW_USERS" },
  { "update", "PUSH_PROFILE_UPDATES" },
  { "deactivate", "PUSH_USER_DEACTIVATION" },
}

local function features(app)
  local list = json.array()
  if not app.provisioning then return list end
  for _, feature in ipairs(FEATURES) do
    if app.provisioning[feature[1]] then list[#list + 1] = feature[2] end
  end
  list[#list + 1] = "GROUP_PUSH"
  return list
end

--- An app as the API gives it.
function apps.resource(request, state, app)
  local here = "/api/v1/apps/" .. app.id
  return {
    id = app.id,
    orn = app.orn,
    name = app.name,
    label = app.label,
    status = app.status,
    created = time(app.created),
    lastUpdated = time(app.updated),
    signOnMode = "SAML_2_0",
    features = features(app),
    accessibility = { selfService = false },
    visibility = { autoSubmitToolbar = false, hide = { iOS = false, web = false } },
    credentials = { userNameTemplate = { template = "${source.login}", type = "BUILT_IN" } },
    _links = {
      self = pages.link(request, state, here),
      users = pages.link(request, state, here .. "/users"),
      groups = pages.link(request, state, here .. "/groups"),
    },
  }
end

--- A handler that runs `act(request, state, app)` with the app of the path, or answers that there is
--- none.
function apps.with_app(act)
  return function(request, state)
    local app = state.okta.apps:get(request.parameters.appId)
    if not app then return errors.not_found(request.parameters.appId, "AppInstance") end
    return act(request, state, app)
  end
end

local function list(request, state)
  local q = pages.query(request).q
  local found, refusal = lists.matching(request, state, state.okta.apps:all(), apps.resource)
  if not found then return refusal end
  if q then found = lists.select(found, function(app) return lists.begins(q, app.name, app.label) end) end
  return pages.answer(request, state, found, LIMIT, apps.resource)
end

-- expand=user/{userId} is not done: what the specification allows there is not an application user
local function get(request, state, app) return answers.json(200, apps.resource(request, state, app)) end

local function list_of_group(request, state)
  local group = state.okta.groups:get(request.parameters.groupId)
  if not group then return errors.not_found(request.parameters.groupId, "UserGroup") end
  local found = lists.select(
    state.okta.apps:all(),
    function(app) return org.assignment(state, app, group) ~= nil end
  )
  return pages.answer(request, state, found, LIMIT, apps.resource)
end

local APPS = "/api/v1/apps"

apps.rows = rows("okta_apps", {
  { method = "GET", path = APPS, handler = list, permission = "okta.apps.read" },
  { method = "GET", path = APPS .. "/{appId}", handler = apps.with_app(get), permission = "okta.apps.read" },
  {
    method = "GET",
    path = "/api/v1/groups/{groupId}/apps",
    handler = list_of_group,
    permission = "okta.groups.read",
  },
})

return apps
