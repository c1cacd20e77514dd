--- Provisioning of an app of Okta by API: its connection and its features. Okta has these for a few apps
--- only, and Datadog is none of them (its API token is entered by hand): every one of these answers for
--- it that provisioning is not enabled, whatever an administrator has done.
local apps = require "ddokta.sandbox.okta.apps"
local collection = require "ddokta.sandbox.collection"
local json = require "ddokta.sandbox.json"
local protocol = require "ddokta.sandbox.okta.protocol"

-- how a connection may authenticate, and whether users can be imported from the app, per app
local SUPPORTED = {
  google = { OAUTH2 = true, inbound = true },
  office365 = { OAUTH2 = true, inbound = true },
  okta_org2org = { OAUTH2 = true, TOKEN = true, inbound = true },
  slack = { OAUTH2 = true, inbound = true },
  zoomus = { OAUTH2 = true, inbound = true },
  zscalerbyz = { TOKEN = true },
}

local function refuse_not_enabled()
  protocol.refuse_invalid("feature", "Provisioning is not enabled for the app instance.")
end

-- an app that has a connection by API
local function supported(call)
  local app = apps.of_path(call)
  return SUPPORTED[app.name] and app or refuse_not_enabled()
end

-- an app whose connection is on
local function connected(call)
  local app = supported(call)
  return app.connection and app.connection.status == "ENABLED" and app or refuse_not_enabled()
end

-- connections

local function connection(call)
  local app = call.owner
  local known = app.connection or { scheme = "UNKNOWN", status = "UNKNOWN" }
  local other = known.status == "ENABLED" and "deactivate" or "activate"
  local path = "/api/v1/apps/" .. app.id .. "/connections/default"
  return {
    authScheme = known.scheme == "TOKEN" and "TOKEN" or nil,
    baseUrl = known.base_url,
    status = known.status,
    profile = { authScheme = known.scheme, signing = known.signing },
    _links = {
      self = protocol.link(call, path, "GET", "POST"),
      [other] = protocol.link(call, path .. "/lifecycle/" .. other, "POST"),
    },
  }
end

local function check_profile(app)
  return function(profile)
    if protocol.object(profile) then return "must be an object" end
    if not SUPPORTED[app.name][profile.authScheme] then return "authScheme: is not one of this app's" end
    if profile.authScheme == "TOKEN" and protocol.text(1, 4096)(profile.token) then
      return "token: The field cannot be left blank"
    end
  end
end

local function connect(call)
  local given, app = protocol.body(call.request), call.owner
  protocol.check(given, { profile = check_profile(app), baseUrl = protocol.text(1, 1024) }, { "profile" })
  app.connection = {
    scheme = given.profile.authScheme,
    base_url = given.baseUrl,
    signing = given.profile.signing,
    status = protocol.query(call).activate == "true" and "ENABLED" or "DISABLED",
  }
  return connection(call)
end

local function set_status(status)
  return function(call)
    if not call.owner.connection then refuse_not_enabled() end
    call.owner.connection.status = status
  end
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

local function show(call, name)
  local app, link_path = call.owner, "/api/v1/apps/%s/features/%s"
  local capabilities = capabilities_of(app, name)
  return {
    name = name,
    status = is_enabled(capabilities) and "ENABLED" or "DISABLED",
    description = FEATURES[name].description,
    capabilities = capabilities,
    _links = { self = protocol.link(call, link_path:format(app.id, name), "GET", "PUT") },
  }
end

local function list_features(call)
  local list = json.array()
  for _, name in ipairs { "USER_PROVISIONING", "INBOUND_PROVISIONING" } do
    if FEATURES[name].is_for(call.owner) then list[#list + 1] = show(call, name) end
  end
  return list
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

local function update_feature(call, name)
  local given, capabilities = protocol.body(call.request), capabilities_of(call.owner, name)
  local place = refused(capabilities, given, "")
  if place then
    protocol.refuse_invalid(place, place .. ": is not a setting of this feature, or not of its type")
  end
  merge(capabilities, given)
  return show(call, name)
end

-- a connection by API, and the features of an app that is connected
local connections = { owner = supported }
local features = {
  dialect = protocol,
  what = "ApplicationFeature",
  owner = connected,
  find = function(call, name) return FEATURES[name] and FEATURES[name].is_for(call.owner) and name or nil end,
}

local function on_connection(work) return collection.for_owner(connections, work) end

return {
  service = "okta",
  limit = "okta_apps",
  handlers = {
    get_default_provisioning_connection_for_application = on_connection(connection),
    update_default_provisioning_connection_for_application = on_connection(connect),
    activate_default_provisioning_connection_for_application = on_connection(set_status "ENABLED"),
    deactivate_default_provisioning_connection_for_application = on_connection(set_status "DISABLED"),
    list_features_for_application = collection.for_owner(features, list_features),
    get_feature_for_application = collection.for_record(features, show),
    update_feature_for_application = collection.for_record(features, update_feature),
  },
}
