--- What Okta's endpoints have in common: ids, times, errors, bodies, pages, expressions over lists. It is
--- the dialect of Okta's collections.
local answers = require "ddokta.sandbox.answers"
local filter = require "ddokta.sandbox.okta.filter"
local json = require "ddokta.sandbox.json"
local router = require "ddokta.sandbox.router"
local timestamp = require "ddokta.sandbox.timestamp"
local uuid = require "ddokta.sandbox.uuid"

---@alias ddokta.sandbox.Check fun(value: any): string? what is wrong with a value, or nil

---@class ddokta.sandbox.OktaCollection: ddokta.sandbox.Collection
---@field fields? table<string, ddokta.sandbox.Check>
---@field required? string[] what a create must say
---@field changes? table<string, ddokta.sandbox.Check>
---@field must_change? string[] what an update must say
---@field limits? {default: integer, most: integer?, least: integer?} of the query's `limit`
---@field begins? fun(record): ... texts of which one must begin with the query's `q`
---@field expressions? boolean the query's filter and search are expressions over the records
---@field about? fun(call, record): table what such an expression is about, default: what is shown

local protocol = {}

-- --- ids and times --------------------------------------------------------------------------------

local ID_LENGTH = 20
local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

-- two hexadecimal digits make one character
local function character(digits)
  local place = tonumber(digits, 16) % #ALPHABET + 1
  return ALPHABET:sub(place, place)
end

--- A new id, 20 characters: "00u" begins those of users, "00g" of groups, "0oa" of apps, "gPm" of push
--- mappings.
function protocol.id(prefix)
  local digits = (uuid() .. uuid()):gsub("%-", "")
  return (prefix .. digits:gsub("%x%x", character)):sub(1, ID_LENGTH)
end

--- Seconds since 1970 as Okta writes them: 2024-01-15T09:30:00.000Z.
function protocol.time(seconds)
  local whole = math.floor(seconds)
  return timestamp.date_and_time(whole) .. (".%03dZ"):format(math.floor((seconds - whole) * 1000))
end

-- --- errors: one shape, and one row per error code ------------------------------------------------

local CODES = {
  E0000001 = { 400, "Api validation failed: %s" },
  E0000003 = { 400, "The request body was not well-formed." },
  E0000006 = { 403, "You do not have permission to perform the requested action" },
  E0000007 = { 404, "Not found: Resource not found: %s (%s)" },
  E0000009 = { 500, "Internal Server Error" },
  E0000011 = { 401, "Invalid token provided" },
  E0000022 = { 405, "The endpoint does not support the provided HTTP method" },
  E0000031 = { 400, "Invalid search criteria: %s" },
  E0000041 = { 400, "Credentials should not be set on this resource based on the scheme." },
  E0000047 = { 429, "API call exceeded rate limit due to too many requests." },
}

-- the code of an error that is known by its status only
local BY_STATUS = {
  [400] = "E0000001",
  [401] = "E0000011",
  [403] = "E0000006",
  [404] = "E0000007",
  [405] = "E0000022",
  [429] = "E0000047",
}

local function error_answer(status, code, summary, causes)
  local list = json.array()
  for i, cause in ipairs(causes) do
    list[i] = { errorSummary = cause }
  end
  return {
    status = status,
    headers = { ["Content-Type"] = "application/json" },
    body = json.encode {
      errorCode = code,
      errorSummary = summary,
      errorLink = code,
      errorId = protocol.id "oae",
      errorCauses = list,
    },
  }
end

--- The answer of a code; the arguments fill in its summary.
function protocol.error(code, ...)
  local row = CODES[code]
  return error_answer(row[1], code, select("#", ...) > 0 and row[2]:format(...) or row[2], {})
end

--- An error that has a status and a message.
function protocol.other_error(status, message)
  return error_answer(status, BY_STATUS[status] or "E0000009", message, {})
end

--- Refuses with a code.
function protocol.refuse(code, ...) answers.refuse(protocol.error(code, ...)) end

--- Refuses with a 400: `field` is what the summary names, the messages say why.
function protocol.refuse_invalid(field, ...)
  answers.refuse(error_answer(400, "E0000001", CODES.E0000001[2]:format(field), { ... }))
end

--- Refuses an id of a kind of thing: "User", "UserGroup", "AppInstance", ...
function protocol.refuse_unknown(kind, id) protocol.refuse("E0000007", id, kind) end

-- --- bodies: JSON, in which null means what is absent ---------------------------------------------

local function without_nulls(value)
  if type(value) ~= "table" then return value end
  for key, item in pairs(value) do
    if item == json.null() then
      value[key] = nil
    else
      without_nulls(item)
    end
  end
  return value
end

--- The decoded body of a request (an object or an array).
---@param is_optional? "optional" {} where there is no body
function protocol.body(request, is_optional)
  if is_optional and request.body == "" then return {} end
  local value = json.decode(request.body)
  if type(value) ~= "table" then protocol.refuse "E0000003" end
  return without_nulls(value)
end

-- characters, not bytes
local function length(text)
  local _, continuations = text:gsub("[\128-\191]", "")
  return #text - continuations
end

--- A check: a text of so many characters that matches a pattern.
---@return ddokta.sandbox.Check
function protocol.text(least, most, pattern)
  return function(value)
    if type(value) ~= "string" then return "must be a string" end
    if length(value) < least or length(value) > most then
      return ("must be from %d to %d characters long"):format(least, most)
    end
    if pattern and not value:find(pattern) then return "has characters that are not allowed" end
  end
end

--- A check: a list of at most so many texts.
---@return ddokta.sandbox.Check
function protocol.texts(most)
  return function(value)
    if type(value) ~= "table" then return "must be an array" end
    for key, item in pairs(value) do
      if type(key) ~= "number" or type(item) ~= "string" then return "must be an array of strings" end
    end
    if #value > most then return ("must have at most %d items"):format(most) end
  end
end

--- A check: one of these texts.
---@return ddokta.sandbox.Check
function protocol.one_of(...)
  local names = { ... }
  return function(value)
    for _, name in ipairs(names) do
      if value == name then return nil end
    end
    return "must be one of: " .. table.concat(names, ", ")
  end
end

--- A check: an object.
function protocol.object(value)
  if type(value) ~= "table" or value[1] ~= nil then return "must be an object" end
end

--- Refuses a body that is not right.
---@param checks table<string, ddokta.sandbox.Check>
---@param required? string[]
function protocol.check(value, checks, required)
  for _, name in ipairs(required or {}) do
    if value[name] == nil then protocol.refuse_invalid(name, name .. ": The field cannot be left blank") end
  end
  local names = {}
  for name in pairs(checks) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local problem = value[name] ~= nil and checks[name](value[name])
    if problem then protocol.refuse_invalid(name, name .. ": " .. problem) end
  end
end

-- --- links and pages ------------------------------------------------------------------------------

-- what a link of an answer begins with: the scheme and host that the client used
local function base(call)
  if call.state.settings.okta_url ~= "" then return call.state.settings.okta_url end
  local request = call.request
  return ("%s://%s"):format(request.scheme or "https", request.headers["host"] or "127.0.0.1")
end

--- A link object.
---@param call ddokta.sandbox.Call
---@param ... string the methods that may be used there
function protocol.link(call, path, ...)
  local hints = select("#", ...) > 0 and { allow = json.array { ... } } or nil
  return { href = base(call) .. path, hints = hints }
end

--- The names and values of a call's query.
function protocol.query(call) return router.query(call.request.query) end

--- The limit that a query asks for.
---@param rule {default: integer, most: integer?, least: integer?}
function protocol.limit(query, rule)
  if query.limit == nil then return rule.default end
  local limit = tonumber(query.limit:match "^%d+$" or "")
  if limit and limit >= (rule.least or 1) and limit <= (rule.most or math.huge) then return limit end
  local range = rule.most and ("from %d to %d"):format(rule.least or 1, rule.most) or "at least 1"
  protocol.refuse_invalid("limit", "limit: must be " .. range)
end

local function cursor_of(query)
  if query.after == nil then return 0 end
  local serial = tonumber(query.after:match "^c(%x+)$" or "", 16)
  return serial or protocol.refuse_invalid("after", "after: is not a cursor of this list")
end

-- the query with another cursor: what else was asked stays as it was sent
local function next_query(request, limit, serial)
  local parts = { ("after=c%x&limit=%d"):format(serial, limit) }
  for part in (request.query or ""):gmatch "[^&]+" do
    local name = part:match "^[^=]*"
    if name ~= "after" and name ~= "limit" then parts[#parts + 1] = part end
  end
  return table.concat(parts, "&")
end

local function links(call, limit, last)
  local request = call.request
  local here = base(call) .. request.path
  local self = ('<%s%s>; rel="self"'):format(here, request.query and "?" .. request.query or "")
  if not last then return self end
  return { self, ('<%s?%s>; rel="next"'):format(here, next_query(request, limit, last)) }
end

-- the place of the first record after a serial
local function first_after(records, serial)
  local low, high = 1, #records + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if records[middle].serial > serial then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

--- The answer for a page of records, with Link headers. Records have a `serial` that grows; the cursor is
--- the serial of the last one seen, so that a record that is removed between two pages moves nothing.
---@param records table[] all, in the order of their serials
---@param rule table see protocol.limit
---@param show fun(call, record): table
function protocol.page(call, records, rule, show)
  local query = protocol.query(call)
  local limit, cursor = protocol.limit(query, rule), cursor_of(query)
  local first = first_after(records, cursor)
  local last = math.min(#records, first + limit - 1)
  local list = json.array()
  for i = first, last do
    list[#list + 1] = show(call, records[i])
  end
  local answer = answers.json(200, list)
  answer.headers["Link"] = links(call, limit, last < #records and records[last].serial or nil)
  return answer
end

-- --- which records a query means ------------------------------------------------------------------

--- The records for which `keep` holds.
function protocol.select(records, keep)
  local kept = {}
  for _, record in ipairs(records) do
    if keep(record) then kept[#kept + 1] = record end
  end
  return kept
end

--- Does one of the values begin with the text, in any case?
function protocol.begins(text, ...)
  text = text:lower()
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if value and value:lower():sub(1, #text) == text then return true end
  end
  return false
end

--- The records that the query's filter or search expression means.
---@param about fun(call, record): table what the expression is about
local function matching(call, query, records, about)
  local text = query.search or query.filter
  if text == nil then return records end
  local matches = filter.read(text, query.search ~= nil) or protocol.refuse("E0000031", text)
  return protocol.select(records, function(record) return matches(about(call, record)) end)
end

-- --- the dialect ----------------------------------------------------------------------------------

---@param definition ddokta.sandbox.OktaCollection
---@param verb "create"|"update"
function protocol.read(definition, request, verb)
  local given = protocol.body(request)
  if verb == "create" then
    protocol.check(given, definition.fields, definition.required)
  else
    protocol.check(given, definition.changes, definition.must_change)
  end
  return given, given
end

--- What a record says is taken over by each collection: Okta's records are not as flat as Datadog's.
function protocol.set() end

function protocol.one(definition, call, record) return definition.show(call, record) end

function protocol.list(definition, call, records)
  local query = protocol.query(call)
  if definition.expressions then
    records = matching(call, query, records, definition.about or definition.show)
  end
  local function is_begun(record) return protocol.begins(query.q, definition.begins(record)) end
  if query.q and definition.begins then records = protocol.select(records, is_begun) end
  return protocol.page(call, records, definition.limits, definition.show)
end

return protocol
