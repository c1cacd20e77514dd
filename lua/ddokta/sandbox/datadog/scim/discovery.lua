--- What Datadog's SCIM server says about itself: /api/v2/scim/ResourceTypes and /api/v2/scim/Schemas. It
--- has no ServiceProviderConfig (documented).
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local protocol = require "ddokta.sandbox.datadog.scim.protocol"

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
  return function() return protocol.list_response(lists.map(rows, resource), 1, #rows) end
end

local function getter(rows, resource, what, parameter)
  return function(request)
    local id = request.parameters[parameter]
    for _, row in ipairs(rows) do
      if row.id == id then return resource(row) end
    end
    documents.refuse_unknown(what, id)
  end
end

return protocol.module {
  handlers = {
    list_scim_resource_types = lister(TYPES, type_resource),
    get_scim_resource_type = getter(TYPES, type_resource, "Resource type", "resource_id"),
    list_scim_schemas = lister(SCHEMAS, schema_resource),
    get_scim_schema = getter(SCHEMAS, schema_resource, "Schema", "schema_id"),
  },
}
