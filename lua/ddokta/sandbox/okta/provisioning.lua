-- Provisioning of an app by API: its connection and its features. Okta has these for a few apps only,
-- and Datadog is none of them (its API token is entered by hand): every one of these answers for it that
-- provisioning is not enabled, whatever an administrator has done.
local answers = require "ddokta.sandbox.answers"
local apps = require "ddokta.sandbox.okta.apps"
local body = require "ddokta.sandbox.okta.body"
local errors = require "ddokta.sandbox.okta.errors"
local json = require "ddokta.sandbox.json"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"

local provisioning = {}

-- how a connection may authenticate, and whether users can be imported from the app, per app
local SUPPORTED = {
  google = { OAUTH2 = true, inbound = true },
  office365 = { OAUTH2 = true, inbound = true },
  okta_org2org = { OAUTH2 = true, TOKEN = true, inbound = true },
  slack = { OAUTH2 = true, inbound = true },
  zoomus = { OAUTH2 = true, inbound = true },
  zscalerbyz = { TOKEN = true },
}

local function not_enabled()
  return errors.invalid("feature", "Provisioning is not enabled for the app instance.")
end

-- connections

local function connection_path(app) return "/api/v1/apps/" .. app.id .. "/connections/default" end

local function connection_link(request, state, app, rest, ...)
  local link = pages.link(request, state, connection_path(app) .. rest)
  link.hints = { allow = json.array { ... } }
  return link
end

local function connection(request, state, app)
  local known = app.connection or { scheme = "UNKNOWN", status = "UNKNOWN" }
  local other = known.status == "ENABLED" and "deactivate" or "activate"
  return answers.json(200, {
    authScheme = known.scheme == "TOKEN" and "TOKEN" or nil,
    baseUrl = known.base_url,
    status = known.status,
    profile = { authScheme = known.scheme, signing = known.signing },
    _links = {
      self = connection_link(request, state, app, "", "GET", "POST"),
      [other] = connection_link(request, state, app, "/lifecycle/" .. other, "POST"),
    },
  })
end

-- runs `act` for an app that has a connection by API
local function for_supported(act)
  return apps.with_app(function(request, state, app)
    if not SUPPORTED[app.name] then return not_enabled() end
    return act(request, state, app)
  end)
end

local function check_profile(app)
  return function(profile)
    if body.object(profile) then return "must be an object" end
    if not SUPPORTED[app.name][profile.authScheme] then return "authScheme: is not one of this app's" end
    if profile.authScheme == "TOKEN" and body.text(1, 4096)(profile.token) then
      return "token: The field cannot be left blank"
    end
  end
end

local function connect(request, state, app)
  local given, refusal = body.read(request)
  if not given then return refusal end
  refusal = body.problem(given, { profile = check_profile(app), baseUrl = body.text(1, 1024) }, { "profile" })
  if refusal then return refusal end
  app.connection = {
    scheme = given.profile.authScheme,
    base_url = given.baseUrl,
    signing = given.profile.signing,
    status = pages.query(request).activate == "true" and "ENABLED" or "DISABLED",
  }
  return connection(request, state, app)
end

local function set_status(status)
  return for_supported(function(_, _, app)
    if not app.connection then return not_enabled() end
    app.connection.status = status
    return { status = 204, headers = {}, body = "" }
  end)
end

-- features

local FEATURES = {
  USER_PROVISIONING = {
    description = "User provisioning settings from Okta to a downstream application",
    is_for = function() return true end,
    capabilities = function()
      return {
        create = { lifecycleCreate = { status = "DISABLED" } },
        update = {
          profile = { status = "DISABLED" },
          lifecycleDeactivate = { status = "DISABLED" },
          password = { status = "DISABLED", seed = "RANDOM", change = "KEEP_EXISTING" },
        },
      }
    end,
  },
  INBOUND_PROVISIONING = {
    description = "In-bound provisioning settings from an application to Okta",
    is_for = function(app) return SUPPORTED[app.name].inbound end,
    capabilities = function()
      return {
        importSettings = { username = { usernameFormat = "EMAIL" }, schedule = { status = "DISABLED" } },
        importRules = {
          userCreateAndMatch = {
            exactMatchCriteria = "EMAIL",
            allowPartialMatch = false,
            autoConfirmPartialMatch = false,
            autoConfirmExactMatch = false,
            autoConfirmNewUsers = false,
            autoActivateNewUsers = false,
          },
        },
      }
    end,
  },
}

local function capabilities_of(app, name)
  app.features = app.features or {}
  app.features[name] = app.features[name] or FEATURES[name].capabilities()
  return app.features[name]
end

-- a feature is enabled when anything in it is
local function is_enabled(value)
  if type(value) ~= "table" then return value == "ENABLED" end
  for _, item in pairs(value) do
    if is_enabled(item) then return true end
  end
  return false
end

local function feature(request, state, app, name)
  local link = pages.link(request, state, ("/api/v1/apps/%s/features/%s"):format(app.id, name))
  link.hints = { allow = json.array { "GET", "PUT" } }
  local capabilities = capabilities_of(app, name)
  return {
    name = name,
    status = is_enabled(capabilities) and "ENABLED" or "DISABLED",
    description = FEATURES[name].description,
    capabilities = capabilities,
    _links = { self = link },
  }
end

-- runs `act` for an app whose connection is on
local function for_connected(act)
  return for_supported(function(request, state, app)
    if not (app.connection and app.connection.status == "ENABLED") then return not_enabled() end
    return act(request, state, app)
  end)
end

local function for_feature(act)
  return for_connected(function(request, state, app)
    local name = request.parameters.featureName
    if not FEATURES[name] or not FEATURES[name].is_for(app) then
      return errors.not_found(name, "ApplicationFeature")
    end
    return act(request, state, app, name)
  end)
end

local function list_features(request, state, app)
  local list = json.array()
  for _, name in ipairs { "USER_PROVISIONING", "INBOUND_PROVISIONING" } do
    if FEATURES[name].is_for(app) then list[#list + 1] = feature(request, state, app, name) end
  end
  return answers.json(200, list)
end

local function get_feature(request, state, app, name)
  return answers.json(200, feature(request, state, app, name))
end

-- What is not sent stays. Only what the feature has can be set, to a value of the same type: the path of
-- what cannot, or nil.
local function refused(known, given, path)
  for name, value in pairs(given) do
    local here = path .. name
    if known[name] == nil or type(known[name]) ~= type(value) then return here end
    local inner = type(value) == "table" and refused(known[name], value, here .. ".")
    if inner then return inner end
    if name == "status" and value ~= "ENABLED" and value ~= "DISABLED" then return here end
  end
end

local function merge(known, given)
  for name, value in pairs(given) do
    if type(value) == "table" then
      merge(known[name], value)
    else
      known[name] = value
    end
  end
end

local function update_feature(request, state, app, name)
  local given, refusal = body.read(request)
  if not given then return refusal end
  local capabilities = capabilities_of(app, name)
  local place = refused(capabilities, given, "")
  if place then
    return errors.invalid(place, place .. ": is not a setting of this feature, or not of its type")
  end
  merge(capabilities, given)
  return get_feature(request, state, app, name)
end

local CONNECTION = "/api/v1/apps/{appId}/connections/default"
local FEATURE_LIST = "/api/v1/apps/{appId}/features"
local FEATURE = FEATURE_LIST .. "/{featureName}"
local READ, MANAGE = "okta.apps.read", "okta.apps.manage"

provisioning.rows = rows("okta_apps", {
  { method = "GET", path = CONNECTION, handler = for_supported(connection), permission = READ },
  { method = "POST", path = CONNECTION, handler = for_supported(connect), permission = MANAGE },
  {
    method = "POST",
    path = CONNECTION .. "/lifecycle/activate",
    handler = set_status("ENABLED"),
    permission = MANAGE,
  },
  {
    method = "POST",
    path = CONNECTION .. "/lifecycle/deactivate",
    handler = set_status("DISABLED"),
    permission = MANAGE,
  },
  { method = "GET", path = FEATURE_LIST, handler = for_connected(list_features), permission = READ },
  { method = "GET", path = FEATURE, handler = for_feature(get_feature), permission = READ },
  { method = "PUT", path = FEATURE, handler = for_feature(update_feature), permission = MANAGE },
})

return provisioning
