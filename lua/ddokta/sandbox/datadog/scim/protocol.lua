--- What Datadog's SCIM users and groups have in common: bodies, filters, lists, PATCH operations, answers.
--- Only what Datadog documents is there; anything else is a 400 in Datadog's own shape of errors.
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"
local router = require "ddokta.sandbox.router"

-- of the API's examples, which is not where requests go: nobody may follow it
local LOCATION = "https://app.datadoghq.com/api/scim/v2/"

local protocol = {
  LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse",
}

-- documented; how many a page has at most is not, so `count` is a wish: 100 is assumed
local DEFAULT_COUNT, MOST_COUNT = 20, 100

--- Makes a module's endpoints SCIM's. They take the application key as a bearer token (the pair of keys
--- is not documented for SCIM), and their content type is a setting.
function protocol.module(module)
  module.limit, module.auth, module.media = "scim", { "bearer" }, "scim_content_type"
  return module
end

--- The `meta` of a resource.
---@param kind "User"|"Group"
function protocol.meta(kind, record)
  return {
    resourceType = kind,
    created = record.created_at,
    lastModified = record.modified_at,
    location = LOCATION .. kind .. "s/" .. record.id,
  }
end

--- Where a user of an id is.
function protocol.user_location(id) return LOCATION .. "Users/" .. id end

function protocol.refuse(text, ...) answers.fail(400, text, ...) end

-- --- bodies ---------------------------------------------------------------------------------------

--- A JSON object with its names in lower case: they are compared without case (RFC 7643, 2.1).
function protocol.folded(object)
  local folded = {}
  for name, value in pairs(object) do
    if type(name) == "string" then folded[name:lower()] = value end
  end
  return folded
end

function protocol.is_list(value) return type(value) == "table" and (value[1] ~= nil or next(value) == nil) end

function protocol.is_object(value) return type(value) == "table" and value[1] == nil end

--- Is there something, or JSON's null?
function protocol.given(value) return value ~= nil and value ~= json.null() end

--- The body of a request with folded names.
function protocol.body(request)
  local body = json.decode(request.body)
  if not protocol.is_object(body) then protocol.refuse "the body must be a JSON object" end
  return protocol.folded(body)
end

-- --- filters --------------------------------------------------------------------------------------

-- the JSON text at a place: its value and the place after it, or nil
local function read_text(filter, place)
  local from, to = place, place + 1
  if filter:sub(from, from) ~= '"' then return nil end
  while to <= #filter and filter:sub(to, to) ~= '"' do
    to = to + (filter:sub(to, to) == "\\" and 2 or 1)
  end
  local read = json.decode("[" .. filter:sub(from, to) .. "]")
  if type(read) ~= "table" or type(read[1]) ~= "string" then return nil end
  return read[1], to + 1
end

-- `name eq "value"` at a place: {name in lower case, value} and the place after it, or nil
local function read_term(filter, place)
  local name, after = filter:match("^%s*(%a[%w.]*)%s+[eE][qQ]%s+()", place)
  if not name then return nil end
  local value, next_place = read_text(filter, after)
  if not value then return nil end
  return { name = name:lower(), value = value }, next_place
end

--- A filter of one term or of two with "and" between them: name (in lower case) -> value, and the names
--- in order with "," between them; nil when it is none. Names and operators in any case.
function protocol.parse_filter(filter)
  local term, place = read_term(filter, 1)
  if not term then return nil end
  local values, names = { [term.name] = term.value }, term.name
  local next_place = filter:match("^%s+[aA][nN][dD]%s()", place)
  if next_place then
    term, place = read_term(filter, next_place)
    if not term then return nil end
    values[term.name], names = term.value, names .. "," .. term.name
  end
  if filter:find("%S", place) then return nil end
  return values, names
end

-- --- lists ----------------------------------------------------------------------------------------

local function whole_number(text, default)
  if text == nil then return default end
  return text:match("^%-?%d+$") and tonumber(text)
end

local function page_of(query)
  local first = whole_number(query.startIndex, 1)
  local count = whole_number(query.count, DEFAULT_COUNT)
  if not first then protocol.refuse "startIndex must be a number" end
  if not count then protocol.refuse "count must be a number" end
  -- RFC 7644, 3.4.2.4: less than 1 is 1, a negative count is 0
  return math.max(first, 1), math.min(math.max(count, 0), MOST_COUNT)
end

-- the records that a request means
local function selected(query, records, filters)
  if query.filter == nil then return records end
  local values, names = protocol.parse_filter(query.filter)
  local find = values and filters[names]
  if not find then protocol.refuse("the filter is not supported: %s", query.filter) end
  return find(values)
end

--- A page of records as a ListResponse.
---@param filters table<string, fun(values: table): table[]> names of parse_filter -> the records
function protocol.list(request, state, records, filters, resource)
  local query = router.query(request.query)
  local first, count = page_of(query)
  records = selected(query, records, filters)
  local resources = json.array()
  for i = first, math.min(first + count - 1, #records) do
    resources[#resources + 1] = resource(state, records[i])
  end
  return protocol.list_response(resources, first, #records)
end

--- A ListResponse.
function protocol.list_response(resources, first, total)
  return {
    schemas = json.array { protocol.LIST },
    totalResults = total,
    startIndex = first,
    itemsPerPage = #resources,
    Resources = resources,
  }
end

-- --- PATCH ----------------------------------------------------------------------------------------

--- The operations of a PATCH: {op in lower case, path or nil, value}.
function protocol.operations(request, allowed)
  local given_operations = protocol.body(request).operations
  if not protocol.is_list(given_operations) or not given_operations[1] then
    protocol.refuse "Operations must be a list of at least one operation"
  end
  local operations = {}
  for i, given in ipairs(given_operations) do
    local operation = protocol.is_object(given) and protocol.folded(given) or {}
    local op = type(operation.op) == "string" and operation.op:lower()
    if not allowed[op] then protocol.refuse("operation %d: op is not supported", i) end
    local path = operation.path
    if not protocol.given(path) then path = nil end
    if path ~= nil and type(path) ~= "string" then
      protocol.refuse("operation %d: path must be a string", i)
    end
    operations[i] = { op = op, path = path, value = operation.value }
  end
  return operations
end

return protocol
