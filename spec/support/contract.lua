-- Holds answers against the OpenAPI descriptions of the services, where those lie beside the checkout
-- (DDOKTA_SHARED, else ../shared). It checks what a schema says of type, required, enum, nullable, items,
-- properties, additionalProperties, allOf, oneOf, anyOf, lengths, date-times and $ref. Prism checks all of
-- it in the contract run.
--
--   local contract = require("spec.support.contract").open "datadog" -- nil: there is no description
--   assert.is_nil(contract:problem("GET", "/api/v2/roles", 200, body))
local json = require "ddokta.sandbox.json"
local router = require "ddokta.sandbox.router"

local contract = {}
contract.__index = contract

local opened = {}

local function folder() return (os.getenv "DDOKTA_SHARED" or "../shared") .. "/specs/" end

local METHODS = { get = true, put = true, post = true, patch = true, delete = true }

local function routes(document)
  local rows = {}
  for path, operations in pairs(document.paths) do
    for method, operation in pairs(operations) do
      if METHODS[method] then
        rows[#rows + 1] = { method = method:upper(), path = path, operation = operation }
      end
    end
  end
  return router.new(rows)
end

--- The description of a service ("datadog", "okta"), or nil where there is none.
function contract.open(service)
  if opened[service] then return opened[service] end
  local file = io.open(folder() .. service .. ".openapi.json", "rb")
  if not file then return nil end
  local document = assert(json.decode(file:read("*a")))
  file:close()
  opened[service] = setmetatable({ document = document, routes = routes(document) }, contract)
  return opened[service]
end

-- a property may be called "$ref": a reference is a text
local function resolve(self, schema)
  while type(schema["$ref"]) == "string" do
    local found = self.document
    for step in schema["$ref"]:gmatch("[^#/]+") do
      found = found[step]
    end
    schema = found
  end
  return schema
end

local NULL = json.null()

local function is_array(value) return type(value) == "table" and (value[1] ~= nil or next(value) == nil) end

-- lua-cjson reads {} and [] alike: an empty table is both
local TYPES = {
  object = function(value) return type(value) == "table" and value[1] == nil end,
  array = is_array,
  string = function(value) return type(value) == "string" end,
  boolean = function(value) return type(value) == "boolean" end,
  number = function(value) return type(value) == "number" end,
  integer = function(value) return type(value) == "number" and value % 1 == 0 end,
}

local FORMATS = {
  ["date-time"] = "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.?%d*[Z+-]%d?%d?:?%d?%d?$",
  uuid = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$",
}

local function in_list(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

local check

local function check_object(self, schema, value, where)
  local properties = schema.properties or {}
  for _, name in ipairs(schema.required or {}) do
    -- what is only written is required of requests alone (OpenAPI 3.0)
    local only_written = properties[name] and resolve(self, properties[name]).writeOnly
    if value[name] == nil and not only_written then return ("%s.%s is missing"):format(where, name) end
    if value[name] ~= nil and only_written then return ("%s.%s must not be told"):format(where, name) end
  end
  for name, item in pairs(value) do
    local known = properties[name]
    local rest = schema.additionalProperties
    if known == nil and rest == false then return ("%s.%s is not known"):format(where, tostring(name)) end
    local given = known or type(rest) == "table" and rest
    local problem = given and check(self, given, item, ("%s.%s"):format(where, tostring(name)))
    if problem then return problem end
  end
end

local function check_array(self, schema, value, where)
  if schema.minItems and #value < schema.minItems then return where .. " has too few items" end
  if schema.maxItems and #value > schema.maxItems then return where .. " has too many items" end
  for i, item in ipairs(value) do
    local problem = schema.items and check(self, schema.items, item, ("%s[%d]"):format(where, i))
    if problem then return problem end
  end
end

local function check_text(schema, value, where)
  if schema.minLength and #value < schema.minLength then return where .. " is too short" end
  -- bytes stand for characters: no answer of the sandbox comes near
  if schema.maxLength and #value > schema.maxLength then return where .. " is too long" end
  if FORMATS[schema.format] and not value:find(FORMATS[schema.format]) then
    return ("%s is no %s: %s"):format(where, schema.format, value)
  end
end

-- how many of the schemas a value fits, and what is wrong by the last that it does not
local function count_fitting(self, schemas, value, where)
  local count, last = 0, nil
  for _, schema in ipairs(schemas) do
    local problem = check(self, schema, value, where)
    if problem then
      last = problem
    else
      count = count + 1
    end
  end
  return count, last
end

local function check_choices(self, schema, value, where)
  for _, part in ipairs(schema.allOf or {}) do
    local problem = check(self, part, value, where)
    if problem then return problem end
  end
  if schema.anyOf then
    local count, problem = count_fitting(self, schema.anyOf, value, where)
    if count == 0 then return problem end
  end
  if schema.oneOf then
    local count, problem = count_fitting(self, schema.oneOf, value, where)
    if count == 0 then return problem end
    if count > 1 then return ("%s fits %d of its schemas, not one"):format(where, count) end
  end
end

local function check_kind(self, schema, value, where)
  if schema.type and not TYPES[schema.type](value) then
    return ("%s is no %s: %s"):format(where, schema.type, tostring(value))
  end
  if schema.enum and not in_list(schema.enum, value) then
    return ("%s is none of those allowed: %s"):format(where, tostring(value))
  end
  if type(value) == "string" then return check_text(schema, value, where) end
  if type(value) ~= "table" then return nil end
  if schema.type == "array" then return check_array(self, schema, value, where) end
  if schema.properties or schema.required or schema.additionalProperties ~= nil then
    return check_object(self, schema, value, where)
  end
end

function check(self, schema, value, where)
  schema = resolve(self, schema)
  if value == NULL then
    -- a schema that says nothing of types takes null as well
    if schema.nullable or not (schema.type or schema.enum or schema.oneOf or schema.anyOf) then return nil end
    return where .. " is null"
  end
  return check_kind(self, schema, value, where) or check_choices(self, schema, value, where)
end

-- the schema of an answer's body; nil and a message when the status is not described
local function schema_of(self, operation, status)
  local answer = operation.responses[("%d"):format(status)]
  if not answer then return nil, ("status %d is not described"):format(status) end
  for _, content in pairs(resolve(self, answer).content or {}) do
    if content.schema then return content.schema end
  end
end

--- What is wrong with an answer: a message, or nil. `path` is that of the request, without its query;
--- `body` the text that came. An operation or a status that is not described is a problem too.
function contract:problem(method, path, status, body)
  local row = router.match(self.routes, method, path)
  if not row then return ("%s %s is not described"):format(method, path) end
  local schema, problem = schema_of(self, row.operation, status)
  if problem then return ("%s %s: %s"):format(method, path, problem) end
  if not schema then return nil end
  local value = json.decode(body)
  if value == nil then return ("%s %s: the body is no JSON"):format(method, path) end
  problem = check(self, schema, value, "body")
  return problem and ("%s %s %d: %s"):format(method, path, status, problem)
end

--- What is wrong with a decoded value by the schema of a name, or nil.
function contract:schema_problem(name, value)
  return check(self, self.document.components.schemas[name], value, name)
end

return contract
