--- columns: what a source of a kind may have, for people and as data.

local forms = require "ddokta.bulk.forms"
local json = require("ddokta.core").json
local write_csv = require("ddokta.bulk.formats.csv").write

local by_form = {
  okta_domain = "the Okta organisation, such as example.okta.com",
  boolean = "true or false, yes or no",
  email = "an e-mail address",
  label = "letters, digits, spaces and _ - .",
  list = "a list, its items separated by '%s'",
}

local function can_be_cleared(kind, column)
  local is_text = column.form == nil or column.form == "text"
  return (is_text or column.form == "list")
    and not (column.required or column.fixed or column.secret or column.name == kind.key)
end

local function is_fixed(kind, column)
  if column.fixed then return true end
  for _, name in ipairs(kind.fixed or {}) do
    if name == column.name then return true end
  end
  return false
end

local function words_of(kind, column, fixed)
  local words = {}
  local function add(text) words[#words + 1] = text end
  if column.name == kind.key then add("the name by which it is found") end
  local form = by_form[column.form]
  if form then add((form:format(column.separator or ";"))) end
  if column.refers then add(("%s by their %s or id"):format(column.refers.plural, column.refers.by)) end
  if column.about then add(column.about) end
  if column.max then add(("at most %d characters"):format(column.max)) end
  if column.secret then add("a secret, never shown") end
  if fixed and column.name ~= kind.key then add("cannot be changed later") end
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

--- columns(kind) -> {kind =, key =, columns = list, example = a header and a row as CSV}
-- Of a column: {name =, required =, secret =, fixed =, form =, separator =, max =, refers = plural of what
-- its items name, clears = can "(none)" clear it, example =, words =}
return function(kind)
  local list, names = json.array {}, {}
  for i, column in ipairs(kind.columns) do
    local fixed = is_fixed(kind, column)
    names[i] = column.name
    list[i] = {
      name = column.name,
      required = column.required or false,
      secret = column.secret or false,
      fixed = fixed,
      form = column.form or "text",
      separator = column.form == "list" and (column.separator or ";") or nil,
      max = column.max,
      refers = column.refers and column.refers.plural,
      clears = can_be_cleared(kind, column),
      example = type(column.example) == "table" and json.array(column.example) or column.example,
      words = words_of(kind, column, fixed),
    }
  end
  if kind.known_by == "id" then list[#list + 1] = id_of(kind) end
  return { kind = kind.name, key = kind.key, columns = list, example = example_of(kind, names) }
end
