--- The forms of columns: which values a column lets in, and why it refuses a value.
--
-- The C core knows the one way in which a form's value is sent and compared (form.h); here is said, in words,
-- why a value has none.

local core = require "ddokta.native"
local write_csv = require("ddokta.bulk.formats.csv").write

local CLEAR = "(none)" -- what clears a value; an empty cell leaves it (rows.h has the same word)
local DEFAULT_SEPARATOR = ";"
local SHOWN = 8 -- code points of one difference

---@class ddokta.bulk.forms
local forms = {}

-- --- names ----------------------------------------------------------------------------------------

--- alike(name): the same text for all names that read alike
forms.alike = core.text.skeleton

local function points_of(name)
  local points = {}
  for point in core.text.code_points(name):gmatch "%S+" do
    points[#points + 1] = point
  end
  return points
end

local function shown(points, first, last)
  if first > last then return "nothing" end
  local cut = math.min(last, first + SHOWN - 1)
  return table.concat(points, " ", first, cut) .. (cut < last and " ..." or "")
end

--- How two names that read alike differ.
---@param here string
---@param there string
---@return string words "differs in letter case only", or the code points of the part in which they differ
function forms.difference(here, there)
  if here:lower() == there:lower() then return "differs in letter case only" end
  local a, b = points_of(here), points_of(there)
  local first, last, other = 1, #a, #b
  while first <= last and first <= other and a[first] == b[first] do
    first = first + 1
  end
  while last >= first and other >= first and a[last] == b[other] do
    last, other = last - 1, other - 1
  end
  return ("reads alike, with %s where this one has %s"):format(shown(b, first, other), shown(a, first, last))
end

local flaws = {
  not_utf8 = "not UTF-8",
  surrogate = "half of a surrogate pair",
  space = "a space",
  control = "a control character (a line break, a tab?)",
  invisible = "which nobody can see",
  private = "a character for private use",
  unassigned = "which is no character",
}

--- What a name may not have, and where.
---@param name string
---@return string? words nil: it may be a name
function forms.flaw(name)
  local flaw, point, character, is_last = core.text.flaw(name)
  if not flaw then return nil end
  if flaw == "not_utf8" then return flaws[flaw] end
  local where = character == 1 and "at the start"
    or is_last and "at the end"
    or ("as character %d"):format(character)
  return ("has U+%04X, %s, %s"):format(point, flaws[flaw], where)
end

-- --- values ---------------------------------------------------------------------------------------

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
  if not problem and (is_key or column.form == "email") then problem = forms.flaw(value) end
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

local function can_be_cleared(column, is_key)
  local is_text = column.form == nil or column.form == "text"
  return (is_text or column.form == "list")
    and not (is_key or column.required or column.immutable or column.secret)
end

local function cleared(column, is_key)
  if not can_be_cleared(column, is_key) then return nil, ("cannot be cleared by '%s'"):format(CLEAR) end
  return column.form == "list" and core.json.array {} or ""
end

local function normalise(column, value, is_key)
  local problem = type_problem(column, value)
  if problem then return nil, problem end
  if is_clear(column, value) then return cleared(column, is_key) end
  if column.form == "list" then return normalise_list(column, value) end
  if column.form ~= "boolean" then return normalise_text(column, value, is_key) end
  local text, message = normalise_text(column, tostring(value))
  if not text then return nil, message end
  return text == "true"
end

--- The value as it is sent and compared. "(none)" is "" or an empty list: the value is cleared.
---@param column ddokta.bulk.Column
---@param value any
---@param kind? ddokta.bulk.KindOf whose column it is: of its key more is asked
---@return any value nil: it is none
---@return string? problem what is wrong with it
function forms.normalise(column, value, kind)
  return normalise(column, value, kind ~= nil and column.name == kind.key)
end

--- The column, its list's items separated by this where it is given.
function forms.separated(column, separator)
  if column.form ~= "list" or not separator then return column end
  local copy = {}
  for name, value in pairs(column) do
    copy[name] = value
  end
  copy.separator = separator
  return copy
end

--- A list in one field of CSV.
---@return string? text
---@return string? problem an item has the separator in it
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

--- Is what the service has (old) what a source asks for (new, normalised)? A list that the service did not
--- send is not known, and the same as none.
---@return boolean
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

-- --- separators -----------------------------------------------------------------------------------

local separators = {
  comma = ",",
  semicolon = ";",
  tab = "\t",
  ["\\t"] = "\t",
  pipe = "|",
  newline = "\n",
  ["\\n"] = "\n",
  space = " ",
}

--- list_separator(text) -> the character that it says or names | nil, what is wrong
function forms.list_separator(text)
  local character = separators[text:lower()] or text
  local is_one = #character == 1 and character:byte() < 128 and character ~= "\0"
  if is_one and not character:find '["\r]' then return character end
  return nil,
    ("'%s' is not a character such as ; or one of comma, semicolon, tab, pipe, newline, space"):format(text)
end

--- column_separator(text): the same for what separates columns, which a line's end does not
function forms.column_separator(text)
  local character, message = forms.list_separator(text)
  if character == "\n" then return nil, "a line's end separates rows, not columns" end
  return character, message
end

-- --- a kind's columns, for people and as data -----------------------------------------------------

local by_form = {
  okta_domain = "the Okta organisation, such as example.okta.com",
  boolean = "true or false, yes or no",
  email = "an e-mail address",
  label = "letters, digits, spaces and _ - .",
  list = "a list, its items separated by '%s'",
}

local function words_of(kind, column)
  local words = {}
  local function add(text) words[#words + 1] = text end
  if column.name == kind.key then add("the name by which it is found") end
  local form = by_form[column.form]
  if form then add((form:format(column.separator or DEFAULT_SEPARATOR))) end
  if column.refers then add(("%s by their %s or id"):format(column.refers.plural, column.refers.by)) end
  if column.about then add(column.about) end
  if column.max then add(("at most %d characters"):format(column.max)) end
  if column.secret then add("a secret, never shown") end
  if column.immutable and column.name ~= kind.key then add("cannot be changed later") end
  if words[1] then return table.concat(words, ", ") end
  return "text"
end

local function example_of(kind, names)
  local row, text = {}, {}
  for _, column in ipairs(kind.columns) do
    local value = column.example
    row[column.name] = type(value) == "table" and forms.join(column, value) or value
  end
  write_csv({ row }, names, function(piece) text[#text + 1] = piece end)
  return table.concat(text)
end

local function id_of(kind)
  return {
    name = "id",
    required = false,
    secret = false,
    fixed = true,
    form = "text",
    clears = false,
    words = ("what the service knows the %s by: who has it is told from a new one under any name"):format(
      kind.noun
    ),
  }
end

--- The names of the columns that no update changes.
---@param kind ddokta.bulk.KindOf
---@return string[]
function forms.immutable(kind)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if column.immutable then names[#names + 1] = column.name end
  end
  return names
end

--- What a source of this kind may have. Of a column: {name =, required =, secret =, fixed =, form =,
--- separator =, max =, refers = plural of what its items name, clears = can "(none)" clear it, example =,
--- words =}
---@param kind ddokta.bulk.KindOf
---@return {kind: string, key: string, columns: table[], example: string} description example: as CSV
function forms.describe(kind)
  local list, names = core.json.array {}, {}
  for i, column in ipairs(kind.columns) do
    names[i] = column.name
    list[i] = {
      name = column.name,
      required = column.required or false,
      secret = column.secret or false,
      fixed = column.immutable or false,
      form = column.form or "text",
      separator = column.form == "list" and (column.separator or DEFAULT_SEPARATOR) or nil,
      max = column.max,
      refers = column.refers and column.refers.plural,
      clears = can_be_cleared(column, column.name == kind.key),
      example = type(column.example) == "table" and core.json.array(column.example) or column.example,
      words = words_of(kind, column),
    }
  end
  if kind.known_by == "id" then list[#list + 1] = id_of(kind) end
  return { kind = kind.name, key = kind.key, columns = list, example = example_of(kind, names) }
end

return forms
