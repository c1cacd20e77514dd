--- Writes lua/ddokta/types.lua: annotations (LuaCATS) with which lua-language-server completes options,
--- methods, bodies and resources. They come from the rows of the operation map and of the options, and from
--- the annotations beside the code.
local api = require "doc.generate.api"
local notes = require "doc.notes"
local reference = require "ddokta.reference"
local rows = require "doc.generate.rows"

local M = {}

local SERVICES = {
  datadog = { class = "ddokta.Datadog", variable = "Datadog", title = "Datadog" },
  okta = { class = "ddokta.Okta", variable = "Okta", title = "Okta" },
}

-- types of a language server for those of doc/resources.lua; others are its own
local WORDS = { table = "table<string, any>" }

local function add(lines, text, ...) lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text end

local function class_of(service, name) return ("ddokta.%s.%s"):format(service, name) end

local function type_of(service, word)
  local item, many = rows.item(word)
  local shown = rows.is_resource(service, item) and class_of(service, item) or WORDS[item] or item
  return many and shown .. "[]" or shown
end

-- An id may stand for what is related in what is sent.
local function sent_type_of(service, word)
  if word == "Reference" then return "string|" .. type_of(service, word) end
  if word == "References" then return "string[]|" .. type_of(service, word) end
  return type_of(service, word)
end

-- A field is a name, or a string in brackets where it is none: ["$ref"].
local function field_name(name, optional)
  local shown = name:find "^[%a_][%w_]*$" and name or ("[%q]"):format(name)
  return optional and shown:find "^[%a_]" and shown .. "?" or shown
end

local function add_field(lines, name, required, word, comment)
  local shown = field_name(name, not required)
  if not required and not shown:find "%?$" then word = word .. "?" end
  add(lines, "---@field %s %s%s", shown, word, comment and " " .. comment or "")
end

-- --- resources -----------------------------------------------------------------------------------

local function add_given(lines, service, name)
  add(lines, "---@class %s", class_of(service, name))
  for _, field in ipairs(rows.fields(service, name)) do
    add_field(lines, field.name, field.required, type_of(service, field.type))
  end
  add(lines, "")
end

-- Bodies have a class of their own where the same resource is answered: fields that the service sets are
-- not in it.
local function body_class(service, name, directions)
  return class_of(service, name) .. (directions.given[name] and "Body" or "")
end

local function add_sent(lines, service, name, directions)
  add(lines, "---@class %s", body_class(service, name, directions))
  for _, field in ipairs(rows.fields(service, name)) do
    if not field.read_only then
      add_field(
        lines,
        field.name,
        field.required,
        sent_type_of(service, field.type),
        field.secret and "secret" or nil
      )
    end
  end
  add(lines, "")
end

local function add_resources(lines, service, directions)
  for _, name in ipairs(rows.resources(service)) do
    if directions.given[name] or directions.within[name] then add_given(lines, service, name) end
    if directions.sent[name] then add_sent(lines, service, name, directions) end
  end
end

-- --- queries -------------------------------------------------------------------------------------

local function query_class(row)
  return class_of(row.service, (("_" .. row.name):gsub("_(%w)", string.upper)) .. "Query")
end

local function add_query(lines, row)
  if not row.query[1] then return end
  local required = rows.set(row.required_query)
  add(lines, "---@class %s", query_class(row))
  for _, name in ipairs(row.query) do
    local spelling = reference.snake(name)
    -- where there are two spellings neither must be there
    add_field(
      lines,
      spelling,
      required[name] and spelling == name,
      type_of(row.service, rows.query_type(row, name)),
      spelling ~= name and name .. (required[name] and ", required" or "") or nil
    )
  end
  add(lines, "")
end

-- --- methods -------------------------------------------------------------------------------------

-- What may be passed as a body: its own class, what was read (for an update), the service's envelope, an
-- id, a list.
local function body_type(row, directions)
  local takes, gives = rows.takes(row), rows.gives(row)
  if row.form then return "table<string, string>" end
  if row.shape == "scim_patch" then
    return "ddokta.scim.Operation|ddokta.scim.Operation[]|ddokta.scim.Patch"
  end
  if not takes then return "table" end
  local item, many = rows.item(takes)
  local words = { body_class(row.service, item, directions) }
  if many then words[2] = words[1] .. "[]" end
  if row.shape == "plain" and many then table.remove(words, 1) end
  if gives and not many and row.method ~= "POST" then words[#words + 1] = type_of(row.service, gives) end
  if row.shape:find "^json_api" then words[#words + 1] = "ddokta.Envelope" end
  if row.bare and row.required[1] == "id" then words[#words + 1] = "string" end
  return table.concat(words, "|")
end

local function answer_type(row)
  if reference.is_silent(row) then return "true" end
  local gives = rows.gives(row)
  return gives and type_of(row.service, gives) or "table"
end

local function add_parameters(lines, row, directions, kept)
  local names = {}
  for _, argument in ipairs(reference.arguments(row)) do
    if kept[argument.is] then
      local word = argument.is == "path" and "string"
        or argument.is == "query" and query_class(row)
        or body_type(row, directions)
      add(lines, "---@param %s%s %s", argument.name, argument.optional and "?" or "", word)
      names[#names + 1] = argument.name
    end
  end
  return table.concat(names, ", ")
end

local function add_comment(lines, row)
  add(lines, "---%s %s%s", row.method, row.path, row.permission and (", needs " .. row.permission) or "")
  local own = notes[row.service][row.name]
  if own then add(lines, "---\n---%s", (own:gsub("\n", "\n---"))) end
  for _, note in ipairs(reference.body_notes(row)) do
    add(lines, "---\n---%s", note)
  end
  for _, note in ipairs(reference.warnings(row)) do
    add(lines, "---\n---%s", note)
  end
  add(lines, "---\n---[%s's page](%s)", SERVICES[row.service].title, row.doc)
  if row.sunset then add(lines, "---@deprecated") end
end

local function add_method(lines, row, directions)
  add_comment(lines, row)
  local arguments = add_parameters(lines, row, directions, { path = true, body = true, query = true })
  add(lines, "---@return %s? result", answer_type(row))
  add(lines, "---@return ddokta.Response|ddokta.Error response")
  add(lines, "function %s:%s(%s) end\n", SERVICES[row.service].variable, row.name, arguments)
  if not row.each then return end
  add(lines, "---Every page of %s; raises a ddokta.Error where one cannot be had.", row.name)
  arguments = add_parameters(lines, row, directions, { path = true, query = true })
  add(lines, "---@return fun(): %s? next_item", (rows.item(answer_type(row))))
  add(lines, "function %s:each_%s(%s) end\n", SERVICES[row.service].variable, row.each, arguments)
end

-- --- annotations beside the code ------------------------------------------------------------------

local function add_words(lines, words)
  if words then add(lines, "---%s", (words:gsub("\n", "\n---"))) end
end

-- Words of a tag, in its line.
local function behind(words, mark) return words and (mark or " ") .. words:gsub("%s*\n%s*", " ") or "" end

local function add_alias(lines, alias)
  add_words(lines, alias.words)
  add(lines, "---@alias %s%s", alias.name, alias.type and " " .. alias.type or "")
  for _, row in ipairs(alias.values) do
    add(lines, "---| %s%s", row.value, behind(row.words, " # "))
  end
  add(lines, "")
end

local function add_function(lines, variable, code)
  add_words(lines, code.words)
  if code.generic then add(lines, "---@generic %s", code.generic) end
  local names = {}
  for i, row in ipairs(code.params) do
    local name = row.name .. (row.optional and "?" or "")
    add(lines, "---@param %s %s%s", name, row.type, behind(row.words))
    names[i] = row.name
  end
  for _, row in ipairs(code.returns) do
    add(lines, "---@return %s%s%s", row.type, row.name and " " .. row.name or "", behind(row.words))
  end
  if code.deprecated then add(lines, "---@deprecated") end
  local dot = code.method and ":" or "."
  add(lines, "function %s%s%s(%s) end\n", variable, dot, code.name, table.concat(names, ", "))
end

local function add_class(lines, class)
  add_words(lines, class.words)
  add(lines, "---@class %s%s", class.name, class.parent and ": " .. class.parent or "")
  for _, field in ipairs(class.fields) do
    -- lua-language-server takes lines above a field for its words, and lines below for the next one's
    local is_long = field.words and field.words:find "\n"
    if is_long then add_words(lines, field.words) end
    add_field(lines, field.name, not field.optional, field.type, not is_long and field.words or nil)
  end
  if class.functions[1] then
    -- Plan of ddokta.bulk.Plan: a name that no other class of the file has
    local variable = class.name:match "[%w_]+$"
    add(lines, "local %s = {}\n", variable)
    for _, code in ipairs(class.functions) do
      add_function(lines, variable, code)
    end
  else
    add(lines, "")
  end
end

-- --- the file ------------------------------------------------------------------------------------

local function add_service(lines, service)
  local words, directions = SERVICES[service], rows.directions(service)
  add_resources(lines, service, directions)
  for _, row in ipairs(rows.of(service)) do
    add_query(lines, row)
  end
  add(lines, "---@class %s: ddokta.Client\nlocal %s = {}\n", words.class, words.variable)
  add(lines, "---A light view of the same client whose calls use other options.")
  add(lines, "---@param options ddokta.ViewOptions\n---@return %s", words.class)
  add(lines, "function %s:with(options) end\n", words.variable)
  for _, row in ipairs(rows.of(service)) do
    add_method(lines, row, directions)
  end
end

--- write() -> the file
function M.write()
  local lines = {
    "---@meta _",
    "-- What editors know of ddokta, written by `make doc`; nothing requires this file.",
    "-- luacheck: ignore",
    "",
  }
  for _, type in ipairs((api.collect())) do
    local add_type = type.fields and add_class or add_alias
    add_type(lines, type)
  end
  add_service(lines, "datadog")
  add_service(lines, "okta")
  return (table.concat(lines, "\n"):gsub("\n+$", "") .. "\n")
end

return M
