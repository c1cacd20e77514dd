--- Okta's apps, and the apps of a group.
local collection = require "ddokta.sandbox.collection"
local json = require "ddokta.sandbox.json"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"

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

local apps = {
  service = "okta",
  dialect = protocol,
  limit = "okta_apps",
  what = "AppInstance",
  store = "apps",
  operations = collection.operations("application", "list get"),
  -- the specification's own default, -1, leaves the number to the service
  limits = { default = 20, most = 200 },
  expressions = true,
  begins = function(app) return app.name, app.label end,
}

--- An app as the API gives it. expand=user/{userId} is not done: what the specification allows there is
--- not an application user.
function apps.show(call, app)
  local here = "/api/v1/apps/" .. app.id
  return {
    id = app.id,
    orn = app.orn,
    name = app.name,
    label = app.label,
    status = app.status,
    created = protocol.time(app.created),
    lastUpdated = protocol.time(app.updated),
    signOnMode = "SAML_2_0",
    features = features(app),
    accessibility = { selfService = false },
    visibility = { autoSubmitToolbar = false, hide = { iOS = false, web = false } },
    credentials = { userNameTemplate = { template = "${source.login}", type = "BUILT_IN" } },
    _links = {
      self = protocol.link(call, here),
      users = protocol.link(call, here .. "/users"),
      groups = protocol.link(call, here .. "/groups"),
    },
  }
end

--- The app in the path of a call: the owner of what is in it.
function apps.of_path(call)
  local id = call.request.parameters.appId
  return call.state.okta.apps:get(id) or protocol.refuse_unknown("AppInstance", id)
end

local function list_of_group(call)
  local state, id = call.state, call.request.parameters.groupId
  local group = state.okta.groups:get(id) or protocol.refuse_unknown("UserGroup", id)
  local function is_assigned(app) return org.assignment(state, app, group) ~= nil end
  local found = protocol.select(state.okta.apps:all(), is_assigned)
  return protocol.page(call, found, apps.limits, apps.show)
end

apps.handlers = { list_assigned_applications_for_group = collection.for_owner(apps, list_of_group) }

return collection.new(apps)
