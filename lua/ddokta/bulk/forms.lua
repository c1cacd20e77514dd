--- forms: what a value of a column may be. The C floor knows each form's one way of writing (form.h);
-- here is said, in words, why a value has none.

local core = require "ddokta.core"
local spelling = require "ddokta.bulk.spelling"

local CLEAR = "(none)" -- what clears a value; an empty cell leaves it (rows.h has the same word)
local DEFAULT_SEPARATOR = ";"

local forms = {}

-- what Lua calls it, and how a message asks for it
local types = {
  list = { table = true, string = true, wanted = "list" },
  boolean = { boolean = true, string = true, wanted = "true or false" },
  text = { string = true, wanted = "string" },
}

local function type_problem(column, value)
  local known = types[column.form] or types.text
  if known[type(value)] then return nil end
  return ("%s%s is wanted, got %s"):format(known == types.boolean and "" or "a ", known.wanted, type(value))
end

local function text_problem(text)
  if not core.csv.is_utf8(text) then return "not UTF-8" end
  if core.rows.normal("text", text) then return nil end
  if text:find("^#") and not text:find("%c") then
    return ("'%s' is what a spreadsheet shows where a formula has failed"):format(text)
  end
  return "has a control character in it (a line break, a tab?)"
end

local function okta_domain_problem(value)
  local scheme, rest = value:match("^([^/]*)://(.*)$")
  if scheme and scheme:lower() ~= "https" then return ("'%s' must start with https://"):format(value) end
  local host = (rest or value):gsub("/$", "", 1)
  if host:find("@", 1, true) then return "has a user in it, before an '@'" end
  if host:find("[/?#]") then return ("'%s' is more than a host name"):format(value) end
  if host:find(":", 1, true) then return ("'%s' has a port in it"):format(value) end
  return ("'%s' is not a URL such as https://example.okta.com/"):format(value)
end

local problems = {
  okta_domain = okta_domain_problem,
  boolean = function(value) return ("'%s' is neither true nor false, nor yes or no"):format(value) end,
  email = function(value) return ("'%s' is not an e-mail address"):format(value) end,
  label = function(value) return ("'%s' may have letters, digits, spaces and _ - . only"):format(value) end,
}

local function length_of(text) return #text:gsub("[\128-\191]", "") end

local function normalise_list(column, value)
  local items, seen = {}, {}
  local function add(item)
    if item ~= "" and not seen[item] then
      items[#items + 1], seen[item] = item, true
    end
  end
  if type(value) == "string" then
    local separator = column.separator or DEFAULT_SEPARATOR
    local ends = separator:gsub("%p", "%%%0")
    for part in (value .. separator):gmatch("(.-)" .. ends) do
      add(part:match("^ *(.-) *$"))
    end
  else
    for _, item in ipairs(value) do
      if type(item) ~= "string" then return nil, "an item is not a string but a " .. type(item) end
      add(item)
    end
  end
  for _, item in ipairs(items) do
    local problem = text_problem(item)
    if problem then return nil, problem end
  end
  table.sort(items)
  return core.json.array(items)
end

local function normalise_text(column, value, is_key)
  local problem = text_problem(value)
  if not problem and (is_key or column.form == "email") then problem = spelling.flaw(value) end
  if problem then return nil, problem end
  local normal = core.rows.normal(column.form or "text", value)
  if normal == nil then return nil, problems[column.form](value) end
  if column.max and length_of(normal) > column.max then
    return nil, ("has %d characters, %d are the most"):format(length_of(normal), column.max)
  end
  return normal
end

local function is_clear(column, value)
  if column.secret then return false end
  if column.form ~= "list" or type(value) ~= "table" then return value == CLEAR end
  return value[1] == CLEAR and #value == 1
end

local function cleared(column, is_key)
  local is_text = column.form == nil or column.form == "text"
  if is_key or column.required or column.fixed or not (is_text or column.form == "list") then
    return nil, ("cannot be cleared by '%s'"):format(CLEAR)
  end
  return is_text and "" or core.json.array {}
end

--- normalise(column, value, is_key) -> the value as it is sent and compared, or nil and what is wrong with
-- it. "(none)" is "" or an empty list: the value is cleared. is_key: it names the thing
function forms.normalise(column, value, is_key)
  local problem = type_problem(column, value)
  if problem then return nil, problem end
  if is_clear(column, value) then return cleared(column, is_key) end
  if column.form == "list" then return normalise_list(column, value) end
  if column.form ~= "boolean" then return normalise_text(column, value, is_key) end
  local text, message = normalise_text(column, tostring(value))
  if not text then return nil, message end
  return text == "true"
end

--- separated(column, separator): the column, its list's items separated by that one where it is given
function forms.separated(column, separator)
  if column.form ~= "list" or not separator then return column end
  local copy = {}
  for name, value in pairs(column) do
    copy[name] = value
  end
  copy.separator = separator
  return copy
end

--- split and join: a list in one field of CSV.
function forms.join(column, list)
  local separator = column.separator or DEFAULT_SEPARATOR
  for _, item in ipairs(list) do
    if item:find(separator, 1, true) then
      return nil, ("%s: '%s' has a '%s' in it, which separates items"):format(column.name, item, separator)
    end
  end
  return table.concat(list, separator)
end

local function same_list(old, new)
  if type(old) ~= "table" or #old ~= #new then return false end
  local there = {}
  for _, item in ipairs(old) do
    there[item] = true
  end
  for _, item in ipairs(new) do
    if not there[item] then return false end
  end
  return true
end

--- same(column, old, new): is what the service has (old) what a source asks for (new, normalised)? A list
-- that the service did not send is not known, and the same as none.
function forms.same(column, old, new)
  if old == new or old == nil and new == "" then return true end
  if column.form == "list" then
    return type(old) == "table" and same_list(normalise_list(column, old), new)
  end
  if type(old) ~= "string" then return false end
  if column.fold and type(new) == "string" and old:lower() == new:lower() then return true end
  -- what the service has may be of a form that a source may not have: then it differs
  return (forms.normalise(column, old)) == new
end

return forms
