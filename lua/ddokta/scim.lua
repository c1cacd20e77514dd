--- SCIM values: filters, PATCH operations, and reading what a SCIM service answers.
---
---     local scim = require "ddokta.scim"
---     dd:list_scim_users { filter = scim.filter.eq("userName", "a@b.c") }
---     dd:patch_scim_group(id, scim.patch { scim.remove("members", scim.filter.eq("value", user_id)) })
---
--- A wrong argument is a bug of the script and raises at the caller's line, with the argument's name.
--- Sources: RFC 7643 (schemas) and RFC 7644 (protocol).
local arguments = require "ddokta.arguments"
local client = require "ddokta.client"
local grammar = require "ddokta.scim.grammar"
local json = require("ddokta.native").json

--- What a filter compares with; null is `ddokta.null`.
---@alias ddokta.scim.Value string|number|boolean|lightuserdata

--- Filters are strings (RFC 7644, 3.4.2.2), fit for a query, a path or a print. An attribute is `"userName"`,
--- `"name.familyName"`, with its schema's URN and a colon before it or without. Operators raise for a value
--- that they do not compare.
---@class ddokta.scim.Filter
---@field eq fun(attribute: string, value: ddokta.scim.Value): string is equal: `userName eq "a@b.c"`
---@field ne fun(attribute: string, value: ddokta.scim.Value): string differs
---@field co fun(attribute: string, value: string): string contains
---@field sw fun(attribute: string, value: string): string starts with
---@field ew fun(attribute: string, value: string): string ends with
---@field gt fun(attribute: string, value: string|number): string is greater; of strings, which dates are, too
---@field ge fun(attribute: string, value: string|number): string
---@field lt fun(attribute: string, value: string|number): string is less
---@field le fun(attribute: string, value: string|number): string
local filters = {}

--- One change of a PATCH (RFC 7644, 3.5.2).
---@class ddokta.scim.Operation
---@field op "add"|"replace"|"remove"
---@field path? string
---@field value? any

--- The body of a PATCH.
---@class ddokta.scim.Patch
---@field schemas string[]
---@field Operations ddokta.scim.Operation[]

---@class ddokta.scim.Error
---@field detail? string
---@field scim_type? string
---@field status? integer of HTTP

---@class ddokta.scim
---@field filter ddokta.scim.Filter
---@field schemas table<string, string> the URNs by short names: user, group, enterprise_user, ...
local scim = { filter = arguments.strict(filters, "ddokta.scim.filter") }

-- RFC 7643, 10.3 and RFC 7644, 8.2
scim.schemas = {
  user = "urn:ietf:params:scim:schemas:core:2.0:User",
  group = "urn:ietf:params:scim:schemas:core:2.0:Group",
  enterprise_user = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  resource_type = "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
  schema = "urn:ietf:params:scim:schemas:core:2.0:Schema",
  service_provider_config = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
  list_response = "urn:ietf:params:scim:api:messages:2.0:ListResponse",
  search_request = "urn:ietf:params:scim:api:messages:2.0:SearchRequest",
  patch_op = "urn:ietf:params:scim:api:messages:2.0:PatchOp",
  bulk_request = "urn:ietf:params:scim:api:messages:2.0:BulkRequest",
  bulk_response = "urn:ietf:params:scim:api:messages:2.0:BulkResponse",
  error = "urn:ietf:params:scim:api:messages:2.0:Error",
}

-- Raises; level 1 is whoever calls this, as with error().
local function refuse(argument, why, level) error(("bad argument %s: %s"):format(argument, why), level + 1) end

-- A table of data; a client is none, though its methods can be indexed.
local function is_plain(value) return type(value) == "table" and not client.service_of(value) end

-- A value as a message shows it.
local function show(value)
  if type(value) == "string" then return (("%q"):format(value):gsub("\\\n", "\\n")) end
  return value == nil and "nil" or "a " .. type(value)
end

local function check_attribute(argument, value, level)
  if not grammar.is_attribute(value) then
    refuse(
      argument,
      ("an attribute such as userName, name.familyName or urn:...:User:userName is needed, " .. "not %s"):format(
        show(value)
      ),
      level + 1
    )
  end
end

local function check_filter(argument, value, level)
  if type(value) ~= "string" then
    refuse(argument, "a filter (a string) is needed, not " .. show(value), level + 1)
  end
  local found, why = grammar.filter(value)
  if not found then refuse(argument, ("%s is no filter: %s"):format(show(value), why), level + 1) end
  return found
end

-- A value as a filter has it: JSON, exact (RFC 7644, 3.4.2.2: compValue).
local function comparable(value, level)
  local text, why = nil, "a string, number, boolean or ddokta.null is needed, not " .. show(value)
  if value ~= nil then
    local encoded, problem = json.encode(value)
    if type(value) == "table" then
      text = encoded and encoded:match "^%-?%d+$" -- a whole number that Lua cannot hold, as it was read
    else
      text, why = encoded, problem
    end
  end
  if not text then refuse("value", why, level + 1) end
  return text
end

-- What an operator compares. Order has no meaning for booleans, a part none but for strings.
local ANY = {}
local TEXT = { number = true, boolean = true, userdata = true, table = true }
local ORDER = { boolean = true, userdata = true }
local COMPARISONS =
  { eq = ANY, ne = ANY, co = TEXT, sw = TEXT, ew = TEXT, gt = ORDER, ge = ORDER, lt = ORDER, le = ORDER }

-- RFC 7644, table 3
for operator, refused in pairs(COMPARISONS) do
  filters[operator] = function(attribute, value)
    check_attribute("attribute", attribute, 2)
    if refused[type(value)] then
      refuse("value", ("%s compares no %s"):format(operator, value == json.null and "null" or type(value)), 2)
    end
    return ("%s %s %s"):format(attribute, operator, comparable(value, 2))
  end
end

--- It has a value: `title pr` (RFC 7644, table 3).
---@param attribute string
---@param ... nil
---@return string filter
function filters.pr(attribute, ...)
  check_attribute("attribute", attribute, 2)
  if select("#", ...) > 0 then refuse("value", "pr takes none", 2) end
  return attribute .. " pr"
end

local function check_filters(level, ...)
  local count = select("#", ...)
  if count == 0 then refuse("filter 1", "at least one filter is needed", level + 1) end
  local list = { ... }
  for i = 1, count do
    list[i] = { text = list[i], has_or = check_filter("filter " .. i, list[i], level + 1).has_or }
  end
  return list
end

local function join(list, word, brackets)
  local texts = {}
  for i, filter in ipairs(list) do
    texts[i] = brackets and #list > 1 and filter.has_or and "(" .. filter.text .. ")" or filter.text
  end
  return table.concat(texts, word)
end

--- All of them; of one: that one. "and" binds tighter than "or" (RFC 7644, 3.4.2.2), so that a filter with an
--- "or" gets brackets, and no other: Datadog documents `id eq ... and members eq ...` without any. Raises for
--- none.
---@param ... string filters
---@return string filter
function filters.And(...) return join(check_filters(2, ...), " and ", true) end

--- At least one of them; of one: that one. Raises for none.
---@param ... string filters
---@return string filter
function filters.Or(...) return join(check_filters(2, ...), " or ", false) end

--- `not (...)`
---@param filter string
---@param ... nil
---@return string filter
function filters.Not(filter, ...)
  check_filter("filter", filter, 2)
  if select("#", ...) > 0 then refuse("filter 2", "Not takes one filter", 2) end
  return "not (" .. filter .. ")"
end

-- --- paths of PATCH (RFC 7644, figure 7) ----------------------------------------------------------

local function check_path(value, level)
  if type(value) ~= "string" then refuse("path", "a string is needed, not " .. show(value), level + 1) end
  local why = grammar.path_problem(value)
  if why then refuse("path", ("%s is no path: %s"):format(show(value), why), level + 1) end
end

-- argument: what the caller calls the attribute
local function value_path(argument, attribute, filter, sub, level)
  check_attribute(argument, attribute, level + 1)
  if filter ~= nil and check_filter("filter", filter, level + 1).has_brackets then
    refuse("filter", "a filter within [ ] has none itself", level + 1)
  end
  if sub ~= nil and not (grammar.is_name(sub)) then
    refuse("sub", "the name of a sub-attribute is needed, not " .. show(sub), level + 1)
  end
  if sub and not filter and select(3, grammar.attribute(attribute)) then
    refuse("sub", ("%s has a sub-attribute already"):format(attribute), level + 1)
  end
  return attribute .. (filter and "[" .. filter .. "]" or "") .. (sub and "." .. sub or "")
end

--- `members[value eq "x"].display`: those values of a multi-valued attribute that the filter matches, or a
--- sub-attribute of theirs. Without sub it is a filter as well.
---@param attribute string
---@param filter? string
---@param sub? string the name of a sub-attribute
---@return string path
function scim.path(attribute, filter, sub)
  local text = value_path("attribute", attribute, filter, sub, 2) -- no tail call: the level
  return text
end

-- --- PATCH (RFC 7644, 3.5.2) ----------------------------------------------------------------------

-- An operation with a value. An empty table, for an attribute, is sent as an empty list, which takes
-- its values away (RFC 7643, 2.5).
local function change(op, path, value, level)
  if path ~= nil then
    check_path(path, level + 1)
    if type(value) == "table" and next(value) == nil then value = json.array {} end
  elseif type(value) ~= "table" or next(value) == nil or value[1] ~= nil then
    refuse("value", "without a path a table of attributes is needed, not " .. show(value), level + 1)
  end
  if value == nil then refuse("value", "it is missing (ddokta.null takes a value away)", level + 1) end
  return { op = op, path = path, value = value }
end

--- Sets an attribute (RFC 7644, 3.5.2.3). Without a path the value is a table of attributes, as Okta sends
--- it: `replace(nil, {active = false})`.
---@param path string?
---@param value any `ddokta.null` takes it away
---@return ddokta.scim.Operation operation
function scim.replace(path, value)
  local operation = change("replace", path, value, 2)
  return operation
end

--- Adds (RFC 7644, 3.5.2.1); to a multi-valued attribute a list: `add("members", {{value = id}})`.
---@param path string?
---@param value any
---@return ddokta.scim.Operation operation
function scim.add(path, value)
  local operation = change("add", path, value, 2)
  return operation
end

--- Removes the attribute, or those of its values that the filter matches (RFC 7644, 3.5.2.2). Raises without
--- a path: it would be the whole resource.
---@param path string
---@param filter? string
---@return ddokta.scim.Operation operation
function scim.remove(path, filter)
  if filter ~= nil then
    path = value_path("path", path, filter, nil, 2)
  else
    check_path(path, 2)
  end
  return { op = "remove", path = path }
end

local OPERATIONS = { add = true, replace = true, remove = true }

--- The body of a PATCH: `patch{operation, ...}`. Raises for an empty list (RFC 7644, 3.5.2: one or more) and
--- for what is no operation.
---@param operations ddokta.scim.Operation[]
---@return ddokta.scim.Patch body
function scim.patch(operations)
  if not is_plain(operations) or operations.op then
    refuse(
      "operations",
      "a list of operations is needed, not "
        .. (type(operations) == "table" and "one operation" or show(operations)),
      2
    )
  end
  local list, count = {}, 0
  for _ in pairs(operations) do
    count = count + 1
  end
  for i = 1, count do
    local operation = operations[i]
    if type(operation) ~= "table" or not OPERATIONS[operation.op] then
      refuse("operations", ("element %d is no operation of replace, add or remove"):format(i), 2)
    end
    list[i] = operation
  end
  if count == 0 then refuse("operations", "at least one operation is needed", 2) end
  return { schemas = { scim.schemas.patch_op }, Operations = list }
end

-- --- reading (RFC 7643, 2.1: names have no case) --------------------------------------------------

-- The member of a table with that name, in any case; as it is written wins, then the first in order.
local function member(object, name)
  if object[name] ~= nil then return object[name] end
  local best
  for key in pairs(object) do
    if type(key) == "string" and key:lower() == name:lower() and (not best or key < best) then best = key end
  end
  return best and object[best]
end

-- The member of an object; of a list: what its elements have, nil where none has any.
local function member_of_any(value, name)
  if type(value) ~= "table" then
    return nil
  elseif value[1] == nil then
    return member(value, name)
  end
  local list = {}
  for _, element in ipairs(value) do
    list[#list + 1] = type(element) == "table" and member(element, name) or nil
  end
  return list[1] ~= nil and list or nil
end

-- The object that an attribute with a schema's URN is in: the extension's, or the resource itself
-- where the schema is a core one (RFC 7643, 3.3).
local function schema_object(resource, uri)
  local core = "urn:ietf:params:scim:schemas:core:"
  return member(resource, uri) or uri:lower():sub(1, #core) == core and resource or nil
end

--- The value of an attribute, whose name may be in any case: `"userName"`, `"name.familyName"`,
--- `"urn:...:User:department"`, `"urn:...:User"`; of a list, as `"emails.value"` is, the list of all values.
--- Raises for what is no table and no attribute.
---@param resource table
---@param attribute string
---@return any value nil: there is none
function scim.get(resource, attribute)
  if not is_plain(resource) then refuse("resource", "a table is needed, not " .. show(resource), 2) end
  check_attribute("attribute", attribute, 2)
  local whole = member(resource, attribute)
  if whole ~= nil then return whole end
  local uri, name, sub = grammar.attribute(attribute)
  local value = member_of_any(uri and schema_object(resource, uri) or not uri and resource or nil, name)
  if sub then value = member_of_any(value, sub) end
  return value
end

local function check_list(list, level)
  if list ~= nil and type(list) ~= "table" then
    refuse("list", "a list or nil is needed, not " .. show(list), level + 1)
  end
  return list or {}
end

--- The value that is marked so (RFC 7643, 2.4): `primary(user.emails)`.
---@param list? table[] nil: the resource does not have the attribute
---@return table? value
function scim.primary(list)
  for _, element in ipairs(check_list(list, 2)) do
    if type(element) == "table" and member(element, "primary") == true then return element end
  end
end

-- Sub-attributes that are identifiers: Okta's differ in case alone. All others have no case
-- (caseExact is false unless a schema says so: RFC 7643, 2.2).
local CASE_EXACT = { id = true, value = true, ["$ref"] = true, externalid = true }

local function equal(name, a, b)
  if type(a) == "string" and type(b) == "string" and not CASE_EXACT[name:lower()] then
    return a:lower() == b:lower()
  end
  return a == b
end

local function matches(element, wanted)
  for name, value in pairs(wanted) do
    if not equal(name, member(element, name), value) then return false end
  end
  return true
end

--- The first value with these sub-attributes: `find(user.emails, {type = "work"})`. Strings are compared
--- without case, but those of value, $ref, id and externalId.
---@param list? table[] nil: the resource does not have the attribute
---@param wanted table<string, any>
---@return table? value
function scim.find(list, wanted)
  list = check_list(list, 2)
  if type(wanted) ~= "table" or next(wanted) == nil then
    refuse("wanted", 'a table of sub-attributes is needed, such as {type = "work"}', 2)
  end
  for name in pairs(wanted) do
    if not grammar.is_name(name) then
      refuse("wanted", "the name of a sub-attribute is needed, not " .. show(name), 2)
    end
  end
  for _, element in ipairs(list) do
    if type(element) == "table" and matches(element, wanted) then return element end
  end
end

-- --- errors ---------------------------------------------------------------------------------------

local function text_of(value) return type(value) == "string" and value ~= "" and value or nil end

local function has_schema(body, wanted)
  local schemas = member(body, "schemas")
  for _, uri in ipairs(type(schemas) == "table" and schemas or {}) do
    if type(uri) == "string" and uri:lower() == wanted:lower() then return true end
  end
  return false
end

-- The words of Datadog's {"errors": [...]}: strings, or JSON:API's objects.
local function words_of(errors)
  local words = {}
  for _, element in ipairs(errors) do
    local text = text_of(element)
    if type(element) == "table" then
      local title, detail = text_of(member(element, "title")), text_of(member(element, "detail"))
      text = title and detail and title .. ": " .. detail or title or detail
    end
    words[#words + 1] = text
  end
  return words[1] and table.concat(words, "; ") or nil
end

-- An HTTP status; RFC 7644, 3.12, writes it as a string, others as a number.
local function status_of(body)
  local given = member(body, "status")
  local digits = type(given) == "string" and given:match "^%d+$"
  local status = type(given) == "number" and given or digits and tonumber(digits)
  return status and status >= 100 and status <= 599 and status % 1 == 0 and status or nil
end

--- The error in a decoded body within another answer (one operation of a bulk request); a call that failed
--- has all this in its own error. A body is an Error of RFC 7644, 3.12, or Datadog's `{errors = {...}}`,
--- whose words are joined to detail. Raises for what is no table.
---@param body table
---@return ddokta.scim.Error? found nil: it is none
function scim.error(body)
  if not is_plain(body) then refuse("body", "a table (a decoded body) is needed, not " .. show(body), 2) end
  local errors, status = member(body, "errors"), status_of(body)
  local detail, scim_type = text_of(member(body, "detail")), text_of(member(body, "scimType"))
  local listed = type(errors) == "table" and words_of(errors)
  local failed = status and status >= 400 and (detail or scim_type)
  if not (listed or failed or has_schema(body, scim.schemas.error)) then return nil end
  return { detail = detail or listed or nil, scim_type = scim_type, status = status }
end

return arguments.strict(scim, "ddokta.scim")
