-- The schema of an app's user profile, and which profiles are mapped onto which:
-- /api/v1/meta/schemas/apps/{appId}/default and /api/v1/mappings.
local answers = require "ddokta.sandbox.answers"
local apps = require "ddokta.sandbox.okta.apps"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.okta.lists"
local org = require "ddokta.sandbox.okta.org"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"
local time = require "ddokta.sandbox.okta.time"

local schemas = {}

local LIMIT = { default = 20, most = 200 }

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

local function get_schema(request, state, app)
  local properties, required = base_properties()
  local self = pages.link(request, state, schema_path(app))
  return answers.json(200, {
    id = self.href,
    ["$schema"] = "http://json-schema.org/draft-04/schema#",
    name = app.name,
    title = app.label .. " User",
    type = "object",
    created = time(app.created),
    lastUpdated = time(app.updated),
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
  })
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

local function user_end(request, state)
  local types = "/api/v1/meta/types/user/" .. org.USER_TYPE_ID
  return {
    id = org.USER_TYPE_ID,
    name = "user",
    type = "user",
    _links = {
      self = pages.link(request, state, types),
      schema = pages.link(request, state, "/api/v1/meta/schemas/user/default"),
    },
  }
end

local function app_end(request, state, app)
  return {
    id = app.id,
    name = app.name,
    type = "appuser",
    _links = {
      self = pages.link(request, state, "/api/v1/apps/" .. app.id),
      schema = pages.link(request, state, schema_path(app)),
    },
  }
end

local function ends_of(mapping)
  if mapping.to_app then return org.USER_TYPE_ID, mapping.app.id end
  return mapping.app.id, org.USER_TYPE_ID
end

local function describe_mapping(request, state, mapping)
  local user, app = user_end(request, state), app_end(request, state, mapping.app)
  return {
    id = mapping.id,
    source = mapping.to_app and user or app,
    target = mapping.to_app and app or user,
    _links = { self = pages.link(request, state, "/api/v1/mappings/" .. mapping.id) },
  }
end

local function list_mappings(request, state)
  local query = pages.query(request)
  local found = lists.select(state.okta.apps:derived("mappings", all_mappings), function(mapping)
    local source, target = ends_of(mapping)
    return (not query.sourceId or query.sourceId == source)
      and (not query.targetId or query.targetId == target)
  end)
  return pages.answer(request, state, found, LIMIT, describe_mapping)
end

schemas.rows = rows("okta_schemas", {
  {
    method = "GET",
    path = "/api/v1/meta/schemas/apps/{appId}/default",
    handler = apps.with_app(get_schema),
    permission = "okta.schemas.read",
  },
  {
    method = "GET",
    path = "/api/v1/mappings",
    handler = list_mappings,
    permission = "okta.profileMappings.read",
  },
})

return schemas
