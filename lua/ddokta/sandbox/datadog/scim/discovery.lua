-- What Datadog's SCIM server says about itself: /api/v2/scim/ResourceTypes and /api/v2/scim/Schemas. It
-- has no ServiceProviderConfig (documented).
local json = require "ddokta.sandbox.json"
local protocol = require "ddokta.sandbox.datadog.scim.protocol"

local discovery = {}

-- where the documentation's examples say these are (the path differs from that of users and groups)
local LOCATION = "https://app.datadoghq.com/api/v2/scim/"

local USER = "urn:ietf:params:scim:schemas:core:2.0:User"
local GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"

local TYPES = {
  { id = "User", endpoint = "/Users", schema = USER, description = "User Account" },
  { id = "Group", endpoint = "/Groups", schema = GROUP, description = "Group" },
}

-- an attribute: name, type, and what differs from the usual
local function attribute(name, kind, differences)
  local made = {
    name = name,
    type = kind,
    multiValued = false,
    required = false,
    caseExact = false,
    mutability = "readWrite",
    returned = "default",
    uniqueness = "none",
    description = name,
  }
  for key, value in pairs(differences or {}) do
    made[key] = value
  end
  return made
end

local SCHEMAS = {
  {
    id = USER,
    name = "User",
    description = "User Account",
    attributes = {
      attribute("userName", "string", { required = true, mutability = "immutable", uniqueness = "server" }),
      attribute("name", "complex", { subAttributes = json.array { attribute("formatted", "string") } }),
      attribute("title", "string"),
      attribute("active", "boolean"),
      attribute("emails", "complex", {
        multiValued = true,
        subAttributes = json.array {
          attribute("value", "string"),
          attribute("type", "string", { canonicalValues = json.array { "work" } }),
          attribute("primary", "boolean"),
        },
      }),
      attribute("roles", "complex", {
        multiValued = true,
        subAttributes = json.array {
          attribute("value", "string", { required = true }),
          attribute("display", "string", { mutability = "readOnly" }),
        },
      }),
    },
  },
  {
    id = GROUP,
    name = "Group",
    description = "Group",
    attributes = {
      attribute("displayName", "string", { required = true }),
      attribute("externalId", "string", { caseExact = true }),
      attribute("members", "complex", {
        multiValued = true,
        subAttributes = json.array {
          attribute("value", "string", { mutability = "immutable" }),
          attribute("display", "string", { mutability = "readOnly" }),
          attribute("type", "string", { canonicalValues = json.array { "User" } }),
          attribute("$ref", "reference", { referenceTypes = json.array { "User" } }),
        },
      }),
    },
  },
}

local function type_resource(row)
  return {
    schemas = json.array { "urn:ietf:params:scim:schemas:core:2.0:ResourceType" },
    id = row.id,
    name = row.id,
    description = row.description,
    endpoint = row.endpoint,
    schema = row.schema,
    meta = { resourceType = "ResourceType", location = LOCATION .. "ResourceTypes/" .. row.id },
  }
end

local function schema_resource(row)
  return {
    schemas = json.array { "urn:ietf:params:scim:schemas:core:2.0:Schema" },
    id = row.id,
    name = row.name,
    description = row.description,
    attributes = json.array(row.attributes),
    meta = { resourceType = "Schema", location = LOCATION .. "Schemas/" .. row.id },
  }
end

-- all on one page: no paging is documented
local function lister(rows, resource)
  return function(_, state)
    local resources = json.array()
    for i, row in ipairs(rows) do
      resources[i] = resource(row)
    end
    return protocol.answer(state, 200, {
      schemas = json.array { protocol.LIST },
      totalResults = #rows,
      startIndex = 1,
      itemsPerPage = #rows,
      Resources = resources,
    })
  end
end

local function getter(rows, resource, what, parameter)
  return function(request, state)
    local id = request.parameters[parameter]
    for _, row in ipairs(rows) do
      if row.id == id then return protocol.answer(state, 200, resource(row)) end
    end
    return protocol.unknown(what, id)
  end
end

local TYPES_PATH, SCHEMAS_PATH = "/api/v2/scim/ResourceTypes", "/api/v2/scim/Schemas"

discovery.rows = {
  { method = "GET", path = TYPES_PATH, handler = lister(TYPES, type_resource) },
  {
    method = "GET",
    path = TYPES_PATH .. "/{resource_id}",
    handler = getter(TYPES, type_resource, "Resource type", "resource_id"),
  },
  { method = "GET", path = SCHEMAS_PATH, handler = lister(SCHEMAS, schema_resource) },
  {
    method = "GET",
    path = SCHEMAS_PATH .. "/{schema_id}",
    handler = getter(SCHEMAS, schema_resource, "Schema", "schema_id"),
  },
}
for _, row in ipairs(discovery.rows) do
  row.permission, row.auth, row.limit = protocol.PERMISSION, protocol.AUTH, "scim"
end

return discovery
