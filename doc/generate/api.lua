--- What the annotations under lua/ddokta say, put together: the public types with their functions.
local annotations = require "doc.generate.annotations"
local options = require "doc.generate.options"
local recipes = require "doc.generate.recipes"
local system = require("ddokta.core").system

local api = {}

-- what users require, and what doc.generate.types names in the operations' methods
local ROOTS = {
  "ddokta",
  "ddokta.scim",
  "ddokta.bulk",
  "ddokta.recipes",
  "ddokta.Client",
  "ddokta.Envelope",
  "ddokta.Error",
  "ddokta.Response",
  "ddokta.ViewOptions",
  "ddokta.scim.Operation",
  "ddokta.scim.Patch",
}

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- "lua/ddokta/bulk/init.lua" -> "ddokta.bulk"
local function module_of(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

-- The sandbox and the command have no types of users.
local LEFT_OUT = { ["lua/ddokta/sandbox"] = true, ["lua/ddokta/cli"] = true, ["lua/ddokta/types.lua"] = true }

-- Adds the paths of all sources below a folder, in an order that is always the same.
local function add_sources(list, folder)
  local names = assert(system.list(folder))
  table.sort(names)
  for _, name in ipairs(names) do
    local path = folder .. "/" .. name
    if name:find "%.lua$" and not LEFT_OUT[path] then
      list[#list + 1] = path
    elseif not name:find "%." and not LEFT_OUT[path] then
      add_sources(list, path)
    end
  end
  return list
end

-- {path = what annotations.read says of it, ...} and the paths in order
local function read_all()
  local files, paths = {}, add_sources({}, "lua/ddokta")
  for _, path in ipairs(paths) do
    local text = read(path)
    local ok, found = pcall(annotations.read, text)
    if not ok then error(path .. ": " .. tostring(found), 0) end
    files[path] = found
  end
  return files, paths
end

local function names_of(arguments)
  local names = {}
  for name in arguments:gmatch "[%w_.]+" do
    names[#names + 1] = name
  end
  return names
end

-- A function's @params are its arguments, each of them, in their order.
local function check_arguments(code)
  if not code.arguments then return end
  local documented = {}
  for i, parameter in ipairs(code.params) do
    documented[i] = parameter.name
  end
  local wanted, given = table.concat(names_of(code.arguments), ", "), table.concat(documented, ", ")
  if wanted ~= given then
    error(("%s: %s(%s) has @param for (%s)"):format(code.path, code.name, wanted, given), 0)
  end
end

-- The function of this name that a file documents, whatever table it is of.
local function documented_in(found, name)
  for _, code in ipairs(found.functions) do
    if code.name == name and code.documented then return code end
  end
end

-- What `name = other.name` hands out, or nil where its block is nowhere.
local function resolve(by_module, path, found, code)
  if code.documented or not code.source then return code.documented and code or nil end
  local module = code.module and code.module:gsub("^%.", module_of(path) .. ".%0"):gsub("%.%.", ".")
  local there = module and by_module[module] or not module and found
  return there and documented_in(there, code.source)
end

-- The parameters as a caller gives them: without the object before a colon, and without those that are of a
-- class of our own.
local function shown_parameters(types, class, code, is_method)
  local list = {}
  for i, row in ipairs(code.params) do
    local type = row.type:gsub("%?$", "")
    local is_object = i == 1 and is_method and not code.method and type == class.name
    if not is_object and not (types[type] and types[type].hidden) then list[#list + 1] = row end
  end
  return list
end

-- Is it called with a colon? Also where it stands in another file as a function of the object.
local function is_method(class, code)
  return code.method or code.params[1] ~= nil and code.params[1].type == class.name
end

-- The functions of a class, as it has them.
local function add_functions(types, by_module, path, found)
  for _, code in ipairs(found.functions) do
    local class = types[(found.variables[code.of] or {}).name]
    local meant = class and not code.hidden and resolve(by_module, path, found, code)
    if meant then
      local method = is_method(class, meant)
      table.insert(class.functions, {
        name = code.name,
        method = method,
        code = meant,
        words = meant.words,
        params = shown_parameters(types, class, meant, method),
        returns = meant.returns,
        generic = meant.generic,
        deprecated = meant.deprecated,
        path = meant.path,
      })
    end
  end
end

--- every type's name in a text: "fun(x: ddokta.Error): ddokta.Call[]" -> "ddokta.Error", "ddokta.Call"
function api.names_in(text) return text:gmatch "ddokta[%w_.]*" end

--- May what a parameter, a field or an answer has be nil? "fun(): T?" is a function that may answer it.
function api.may_be_nil(row)
  if row.optional or (row.type .. "|"):find("|nil|", 1, true) then return true end
  local is_function = row.type:find("fun(", 1, true) and not row.type:find "%)%?$"
  return row.type:find "%?$" ~= nil and not is_function
end

--- each_type(type, visit): visit(text) with each text of types that stands in a class or an alias
function api.each_type(type, visit)
  visit(type.parent or "")
  visit(type.type or "")
  for _, field in ipairs(type.fields or {}) do
    visit(field.type)
  end
  for _, code in ipairs(type.functions or {}) do
    for _, parameter in ipairs(code.params) do
      visit(parameter.type)
    end
    for _, returned in ipairs(code.returns) do
      visit(returned.type)
    end
  end
end

-- Marks what a public type names, and what that names.
local function reach(types, name, reached)
  local type = types[name]
  if not type or reached[name] then return end
  reached[name] = true
  api.each_type(type, function(text)
    for other in api.names_in(text) do
      reach(types, other, reached)
    end
  end)
end

-- A class may stand once more above the table of its functions, without fields.
local function add_types(types, order, path, found)
  for _, type in ipairs(found.types) do
    local other = types[type.name]
    if not other then
      type.path, type.functions = path, type.fields and {}
      types[type.name] = type
      order[#order + 1] = type
    elseif not (other.fields and type.fields) or other.fields[1] and type.fields[1] then
      error(("%s: %s stands in %s too"):format(path, type.name, other.path), 0)
    elseif type.fields[1] then
      other.fields, other.words, other.parent =
        type.fields, type.words or other.words, type.parent or other.parent
    end
  end
end

-- What the rows of recipes and options say.
local function add_rows(types, order)
  local classes, functions = recipes.all()
  local path = types["ddokta.recipes"].path
  for _, code in ipairs(functions) do
    code.path = path
    table.insert(types["ddokta.recipes"].functions, code)
  end
  for _, list in ipairs { classes, options.all() } do
    for _, class in ipairs(list) do
      class.path = class.path or path
      types[class.name] = class
      order[#order + 1] = class
    end
  end
end

--- collect() -> the public types in the order of their files, {name = type}, {module = head of its file}
--
-- A type is a class or an alias of annotations.read, with path and, of a class, functions: {name, method,
-- words, params, returns, generic, deprecated, path, code (as annotations.read has it)}.
function api.collect()
  local files, paths = read_all()
  local types, order, by_module, heads = {}, {}, {}, {}
  for _, path in ipairs(paths) do
    local found = files[path]
    by_module[module_of(path)], heads[module_of(path)] = found, found.head
    for _, code in ipairs(found.functions) do
      code.path = path
    end
    add_types(types, order, path, found)
  end
  for _, path in ipairs(paths) do
    add_functions(types, by_module, path, files[path])
  end
  add_rows(types, order)
  local reached, public = {}, {}
  for _, name in ipairs(ROOTS) do
    reach(types, name, reached)
  end
  for _, type in ipairs(order) do
    if reached[type.name] and not type.hidden then public[#public + 1] = type end
  end
  for _, type in ipairs(public) do
    for _, code in ipairs(type.functions or {}) do
      if code.code then check_arguments(code.code) end
    end
  end
  return public, types, heads
end

return api
