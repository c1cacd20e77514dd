-- Reads the OpenAPI descriptions of the services, where those lie beside the checkout (DDOKTA_SHARED,
-- else ../shared): their operations, and the fields of what is sent and answered as ddokta shows them.
--
--   local description = require("spec.support.openapi").open "datadog" -- nil: it is not there
--   for _, operation in ipairs(description:operations()) do ... end
--
-- A field is {name, schema, required}; a type is a word, a word with [] behind it, or "object" with
-- fields of its own. spec/support/contract.lua holds answers against the same files.
local cjson = require "cjson"

local openapi = {}
openapi.__index = openapi

local METHODS = { get = true, put = true, post = true, patch = true, delete = true }
-- Okta's links between resources (HAL): not described, for no method of ddokta follows them
local OPAQUE = { _links = true, _embedded = true }

local opened = {}

function openapi.folder() return (os.getenv "DDOKTA_SHARED" or "../shared") .. "/specs" end

--- The description of a service, or nil where there is none.
function openapi.open(service)
  if opened[service] == nil then
    local file = io.open(("%s/%s.openapi.json"):format(openapi.folder(), service), "rb")
    if not file then return nil end
    opened[service] = setmetatable({ service = service, document = cjson.decode(file:read "*a") }, openapi)
    file:close()
  end
  return opened[service]
end

--- A schema, parameter or answer itself, where it is a reference. (A property may be called "$ref".)
function openapi:resolve(value)
  while type(value["$ref"]) == "string" do
    local found = self.document
    for step in value["$ref"]:gmatch "[^#/]+" do
      found = found[(step:gsub("~1", "/"):gsub("~0", "~"))]
    end
    value = found
  end
  return value
end

--- The name that a schema goes by, or the one that it adds words to; nil where there is none.
function openapi.name_of(schema)
  if type(schema["$ref"]) == "string" then return schema["$ref"]:match "[^/]+$" end
  local name
  for _, part in ipairs(schema.allOf or {}) do
    local other = openapi.name_of(part)
    if part.properties or name and other then return nil end
    name = name or other
  end
  return name
end

-- --- fields --------------------------------------------------------------------------------------

-- The schemas that a schema is one of: oneOf, anyOf, or what a discriminator leads to.
local function choices_of(schema)
  local mapping = schema.discriminator and schema.discriminator.mapping
  if schema.oneOf or schema.anyOf or not mapping then return schema.oneOf or schema.anyOf or {} end
  local list = {}
  for _, target in pairs(mapping) do
    list[#list + 1] = { ["$ref"] = target }
  end
  table.sort(list, function(a, b) return a["$ref"] < b["$ref"] end)
  return list
end

local function is_object(self, schema)
  local word = self:type_of(schema)
  return word == "object" or word == "table"
end

-- A property that choices describe differently: of objects no more is known than that.
local function add_property(self, name, property, is_choice, into)
  local known = into.properties[name]
  if not (is_choice and known) then
    into.properties[name] = property
  elseif openapi.name_of(known) ~= openapi.name_of(property) and is_object(self, property) then
    into.properties[name] = { type = "object" }
  end
end

-- is_choice: the resource is this or another one, and must have the fields of none
local function add_properties(self, schema, is_choice, into)
  schema = self:resolve(schema)
  if into.seen[schema] then return into end
  into.seen[schema] = true
  for _, name in ipairs(not is_choice and schema.required or {}) do
    into.required[name] = true
  end
  for name, property in pairs(schema.properties or {}) do
    add_property(self, name, property, is_choice, into)
  end
  for _, part in ipairs(schema.allOf or {}) do
    add_properties(self, part, is_choice, into)
  end
  for _, choice in ipairs(choices_of(schema)) do
    add_properties(self, choice, true, into)
  end
  return into
end

--- The fields of an object, by name: {name, schema, required}, in order of their names.
function openapi:fields(schema)
  local found = add_properties(self, schema, false, { properties = {}, required = {}, seen = {} })
  local list = {}
  for name, property in pairs(found.properties) do
    local field = { name = name, schema = property, required = found.required[name] or false }
    list[#list + 1], list[name] = field, field
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

-- What a schema or a part of it says under a name.
local function said(self, schema, name)
  schema = self:resolve(schema)
  if schema[name] ~= nil then return schema[name] end
  for _, part in ipairs(schema.allOf or {}) do
    local value = said(self, part, name)
    if value ~= nil then return value end
  end
end

function openapi:is_read_only(schema) return said(self, schema, "readOnly") == true end
function openapi:is_write_only(schema) return said(self, schema, "writeOnly") == true end

-- The one type of several, "any" where they differ.
local function common_type(self, schemas)
  local word
  for _, schema in ipairs(schemas) do
    local other = self:type_of(schema)
    if word and other ~= word then return "any" end
    word = other
  end
  return word
end

--- type_of(schema) -> "string", "integer", "number", "boolean", "any", "table" (an object without
-- fields of its own), "object" and the schema with its fields, or one of these with [] behind it.
function openapi:type_of(given)
  local schema = self:resolve(given)
  local word = said(self, schema, "type")
  if word == "array" then
    local items = said(self, schema, "items") or {}
    local of, inner = self:type_of(items)
    return of .. "[]", inner
  elseif word == nil or word == "object" then
    if self:fields(schema)[1] then return "object", given end
    local choices = schema.oneOf or schema.anyOf
    if choices then return common_type(self, choices) end
    return word and "table" or "any"
  end
  return word
end

-- --- resources -----------------------------------------------------------------------------------

local function own(name, word, required, schema)
  return { name = name, type = word, required = required, inner = schema }
end

-- A field as a resource has it: {name, type, required, inner, read_only, write_only}
local function plain_field(self, field)
  if OPAQUE[field.name] then return own(field.name, "table", field.required) end
  local word, inner = self:type_of(field.schema)
  local result = own(field.name, word, field.required, inner)
  result.read_only, result.write_only = self:is_read_only(field.schema), self:is_write_only(field.schema)
  return result
end

--- The fields of an object as it is sent and answered.
function openapi:plain(schema)
  local list = {}
  for _, field in ipairs(self:fields(schema)) do
    list[#list + 1] = plain_field(self, field)
  end
  return list
end

-- {data = {id, type}}, or a list in data: "Reference" and "References"
local function relationship(self, field)
  local data = self:fields(field.schema).data
  local many = data and self:resolve(data.schema).type == "array"
  return own(field.name, many and "References" or "Reference", field.required)
end

--- The fields of a JSON:API resource, flat: id, type, attributes and relationships beside each other.
-- An attribute that is called id or type is in `attributes` in what is answered; in what is sent it is
-- what the name means.
function openapi:flat(schema, is_sent)
  local parts, list, taken = self:fields(schema), {}, {}
  local function add(field)
    list[#list + 1], taken[field.name] = field, true
  end
  local attributes = parts.attributes and self:fields(parts.attributes.schema) or {}
  local moved
  for _, name in ipairs { "id", "type" } do
    if parts[name] and not (is_sent and (name == "type" or attributes[name])) then
      add(plain_field(self, parts[name]))
    end
  end
  for _, field in ipairs(attributes) do
    if taken[field.name] then
      moved = true
    else
      add(plain_field(self, field))
    end
  end
  for _, field in ipairs(parts.relationships and self:fields(parts.relationships.schema) or {}) do
    if not taken[field.name] then add(relationship(self, field)) end
  end
  if moved then add(own("attributes", "table", false)) end
  return list
end

-- --- operations ----------------------------------------------------------------------------------

-- What is sent or answered, out of its envelope: {schema, list, json_api}
local function unwrapped(self, schema, holder)
  local fields = self:fields(schema)
  local json_api = self.service == "datadog" and fields.data ~= nil
  local held = json_api and fields.data or holder and fields[holder]
  local result = { schema = held and held.schema or schema, json_api = json_api }
  local resolved = self:resolve(result.schema)
  if said(self, resolved, "type") == "array" then
    result.schema, result.list = said(self, resolved, "items"), true
  end
  return result
end

local function first_content(self, value)
  local content = self:resolve(value).content
  if not content then return nil end
  local kind, media = next(content)
  return kind and media.schema, kind
end

-- {name, type, required, each}: each value of a list is a parameter of its own
local function query_of(self, parameters)
  local list = {}
  for _, parameter in ipairs(parameters) do
    parameter = self:resolve(parameter)
    if parameter["in"] == "query" then
      local word = self:type_of(parameter.schema)
      list[#list + 1] = {
        name = parameter.name,
        type = word,
        required = parameter.required or false,
        each = word:find("[]", 1, true) ~= nil and parameter.explode ~= false,
      }
    end
  end
  return list
end

-- One of several security schemes says which scopes it needs; x-permission how they are joined.
local function permission_of(operation)
  local said_so = operation["x-permission"]
  if said_so and said_so.permissions[1] then
    return table.concat(said_so.permissions, said_so.operator == "AND" and " and " or " or ")
  end
  for _, way in ipairs(operation.security or {}) do
    local scopes = way.AuthZ or way.oauth2
    if scopes and scopes[1] then return table.concat(scopes, " and ") end
  end
end

local function statuses(self, operation)
  local success, errors, answer = {}, {}, nil
  for status, value in pairs(operation.responses) do
    local list = status:sub(1, 1) == "2" and success or errors
    list[#list + 1] = tonumber(status)
    if list == success then answer = first_content(self, value) or answer end
  end
  table.sort(success)
  table.sort(errors)
  return success, errors, answer
end

local function described(self, method, path, operation, shared)
  local parameters = {}
  for _, list in ipairs { shared or {}, operation.parameters or {} } do
    for _, parameter in ipairs(list) do
      parameters[#parameters + 1] = parameter
    end
  end
  local success, errors, answer = statuses(self, operation)
  local body = operation.requestBody and self:resolve(operation.requestBody)
  local schema, content
  if body then
    schema, content = first_content(self, body)
  end
  return {
    id = operation.operationId,
    method = method:upper(),
    path = path,
    success = success,
    errors = errors,
    query = query_of(self, parameters),
    permission = permission_of(operation),
    unstable = operation["x-unstable"] and true or false,
    sunset = operation["x-sunset"],
    content = content,
    body = schema,
    body_required = body and body.required or false,
    answer = answer,
  }
end

--- Every operation: {id, method, path, success, errors, query, permission, unstable, sunset, content,
-- body, body_required, answer}; the last three schemas, nil where there is none.
function openapi:operations()
  local list = {}
  for path, methods in pairs(self.document.paths) do
    for method, operation in pairs(methods) do
      if METHODS[method] then
        list[#list + 1] = described(self, method, path, operation, methods.parameters)
      end
    end
  end
  table.sort(list, function(a, b) return a.path .. " " .. a.method < b.path .. " " .. b.method end)
  return list
end

--- What an operation is given: {schema, fields, list, json_api}, nil where nothing.
function openapi:takes(operation)
  if not operation.body then return nil end
  local result = unwrapped(self, operation.body)
  result.fields = result.json_api and self:flat(result.schema, true) or self:plain(result.schema)
  return result
end

--- What it answers: {schema, fields, list, json_api}, nil where nothing. holder: the member that holds
-- the resource where no envelope says it.
function openapi:gives(operation, holder)
  if not operation.answer then return nil end
  local result = unwrapped(self, operation.answer, holder)
  result.fields = result.json_api and self:flat(result.schema, false) or self:plain(result.schema)
  return result
end

return openapi
