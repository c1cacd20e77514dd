--- The schema of an Okta app's user profile, and which profiles are mapped onto which.
local apps = require "ddokta.sandbox.okta.apps"
local collection = require "ddokta.sandbox.collection"
local json = require "ddokta.sandbox.json"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"

-- name, title, the attribute's name in Datadog's SCIM; required
local ATTRIBUTES = {
  { "userName", "Username", "userName", true },
  { "firstName", "First name", "name.givenName" },
  { "lastName", "Last name", "name.familyName" },
  { "displayName", "Display name", "displayName" },
  { "email", "Email", "emails.^[type=='work'].value" },
  { "title", "Title", "title" },
  -- Datadog's roles come one by one, each in its slot
  { "role", "Datadog role", "roles.^[type=='slot1'].value" },
}

local function base_properties()
  local properties, required = {}, json.array()
  for _, row in ipairs(ATTRIBUTES) do
    properties[row[1]] = {
      title = row[2],
      type = "string",
      scope = "NONE",
      required = row[4] or false,
      externalName = row[3],
      externalNamespace = "urn:ietf:params:scim:schemas:core:2.0:User",
      mutability = row[1] == "userName" and "IMMUTABLE" or "READ_WRITE",
      master = { type = "PROFILE_MASTER" },
    }
    if row[4] then required[#required + 1] = row[1] end
  end
  return properties, required
end

local function schema_path(app) return ("/api/v1/meta/schemas/apps/%s/default"):format(app.id) end

local function get_schema(call)
  local app = call.owner
  local properties, required = base_properties()
  local self = protocol.link(call, schema_path(app))
  return {
    id = self.href,
    ["$schema"] = "http://json-schema.org/draft-04/schema#",
    name = app.name,
    title = app.label .. " User",
    type = "object",
    created = protocol.time(app.created),
    lastUpdated = protocol.time(app.updated),
    definitions = {
      base = { id = "#base", type = "object", properties = properties, required = required },
      custom = { id = "#custom", type = "object", properties = {}, required = json.array() },
    },
    properties = {
      profile = {
        allOf = json.array { { ["$ref"] = "#/definitions/custom" }, { ["$ref"] = "#/definitions/base" } },
      },
    },
    _links = { self = self },
  }
end

-- each app has two mappings: from Okta's user to its own, and back
local DIRECTIONS = { { suffix = "o", to_app = true }, { suffix = "i", to_app = false } }

local function all_mappings(okta_apps)
  local list = {}
  for _, app in ipairs(okta_apps:all()) do
    for i, direction in ipairs(DIRECTIONS) do
      list[#list + 1] = {
        serial = app.serial * #DIRECTIONS + i,
        app = app,
        to_app = direction.to_app,
        id = "prm" .. app.id:sub(4, -2) .. direction.suffix,
      }
    end
  end
  return list
end

local function user_end(call)
  local types = "/api/v1/meta/types/user/" .. org.USER_TYPE_ID
  return {
    id = org.USER_TYPE_ID,
    name = "user",
    type = "user",
    _links = {
      self = protocol.link(call, types),
      schema = protocol.link(call, "/api/v1/meta/schemas/user/default"),
    },
  }
end

local function app_end(call, app)
  return {
    id = app.id,
    name = app.name,
    type = "appuser",
    _links = {
      self = protocol.link(call, "/api/v1/apps/" .. app.id),
      schema = protocol.link(call, schema_path(app)),
    },
  }
end

local function ends_of(mapping)
  if mapping.to_app then return org.USER_TYPE_ID, mapping.app.id end
  return mapping.app.id, org.USER_TYPE_ID
end

local function show_mapping(call, mapping)
  local user, app = user_end(call), app_end(call, mapping.app)
  return {
    id = mapping.id,
    source = mapping.to_app and user or app,
    target = mapping.to_app and app or user,
    _links = { self = protocol.link(call, "/api/v1/mappings/" .. mapping.id) },
  }
end

local mappings = {
  service = "okta",
  dialect = protocol,
  limit = "okta_schemas",
  operations = { list = "list_profile_mappings" },
  limits = { default = 20, most = 200 },
  show = show_mapping,
  records = function(call)
    local query = protocol.query(call)
    return protocol.select(call.state.okta.apps:derived("mappings", all_mappings), function(mapping)
      local source, target = ends_of(mapping)
      return (not query.sourceId or query.sourceId == source)
        and (not query.targetId or query.targetId == target)
    end)
  end,
}

mappings.handlers =
  { get_application_user_schema = collection.for_owner({ owner = apps.of_path }, get_schema) }

return collection.new(mappings)
