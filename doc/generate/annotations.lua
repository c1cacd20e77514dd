--- Reads the annotations of a Lua source: what types.lua and the pages of doc/reference are made of.
---
--- The dialect is that of LuaCATS, which lua-language-server reads, and no more of it than this:
---
---     --- What the file is, in one sentence, and whatever else a user should know.
---     -- What only those who work on it should know.
---     local json = require("ddokta.core").json
---
---     ---@alias ddokta.scim.Value string|number|boolean|lightuserdata
---
---     --- Where a task stands.
---     ---@alias ddokta.State
---     ---| "ready"
---     ---| "waits" # for a call
---
---     --- What a call that failed has.
---     ---@class ddokta.Error: ddokta.Base
---     ---@field kind ddokta.Kind
---     ---@field seconds? number all attempts and waits
---     --- included
---     local failure = {}
---
---     --- Looks for one.
---     ---@param name string
---     ---@param options? ddokta.FindOptions
---     ---@return ddokta.Error? found nil: there is none
---     function failure.find(name, options) end
---
--- - A block is lines that begin with `---` and one that has a tag. Plain `--` lines belong to no block.
--- - Words stand before their tag, or behind it and in the lines that follow it. Those before a field are
---   its own where it has none behind it.
--- - A class stands above the table that is it: functions of that variable are the class's. A class of
---   things that are made in C, or of plain data, stands alone.
--- - A function is public when its block has a `@param` or `@return` and no `@package`, and its table is
---   a class. One that answers nothing says `---@return nil`.
--- - `name = other.name,` in a class's table, or `class.name = other.name`, hands out a function of
---   another file (or one above it): its block stands there. What C hands out has its block above such
---   a line.
--- - `@package` hides a function, a class or (`@field package name ...`) a field from users; a parameter of
---   such a class is left out.
--- - A class of which another file says the fields may stand above its functions' table once more,
---   without any.
--- - Where functions are loaded when they are asked for, `name = { "file", "function" },` in a table
---   `handed_out` does the same; the class then stands above `return arguments.strict(`.
--- - Units, errors and the source (an RFC, a recording) stand in the words. A `?` behind a name or a type
---   is "or nil".
--- - Types of users begin with `ddokta.`. All that a public module names, directly or not, is public.
local annotations = {}

local CLOSING = { ["("] = ")", ["<"] = ">", ["{"] = "}", ["["] = "]" }

-- Index of the last letter of the brackets, or of the quotes, that open at `at`.
local function skip(text, at)
  local opening = text:sub(at, at)
  if opening == '"' or opening == "`" then return assert(text:find(opening, at + 1, true), text) end
  local closing, depth = CLOSING[opening], 0
  for i = at, #text do
    local c = text:sub(i, i)
    depth = depth + (c == opening and 1 or c == closing and -1 or 0)
    if depth == 0 then return i end
  end
  error("a bracket is not closed: " .. text)
end

--- split_type("fun(a: string): integer? how many") -> "fun(a: string): integer?", "how many"
function annotations.split_type(text)
  local at = 1
  while at <= #text do
    local c = text:sub(at, at)
    if CLOSING[c] or c == '"' or c == "`" then
      at = skip(text, at)
    elseif c == " " then
      -- a type goes on behind the colon of fun(): and behind a comma or a |
      local goes_on = text:sub(at - 2, at - 1) == "):" or text:find("^[,|]", at - 1)
      if not goes_on then return text:sub(1, at - 1), (text:sub(at):gsub("^%s*#?%s*", "")) end
    end
    at = at + 1
  end
  return text, ""
end

local function named(text)
  local name, optional, rest = text:match "^([%w_.]+)(%??)%s+(.+)$"
  if not name then
    name, rest = text:match '^%["([^"]+)"%]%s+(.+)$'
    optional = ""
  end
  assert(name, "a name and a type are needed: " .. text)
  local type, words = annotations.split_type(rest)
  return { name = name, optional = optional == "?", type = type }, words
end

local tags = {}

function tags.class(block, text)
  local name, rest = text:match "^([%w_.]+)(.*)$"
  assert(name, "no class: " .. text)
  local parent, words = nil, rest:gsub("^%s+", "")
  if rest:find "^%s*:" then
    parent, words = annotations.split_type(rest:gsub("^%s*:%s*", ""))
  end
  block.class = { name = name, parent = parent, fields = {}, hidden = block.package }
  table.insert(block.types, block.class)
  return block.class, words
end

function tags.alias(block, text)
  local name, type = text:match "^([%w_.]+)%s*(.*)$"
  assert(name, "no alias: " .. text)
  block.alias = { name = name, type = type ~= "" and type or nil, values = {} }
  table.insert(block.types, block.alias)
  return block.alias, ""
end

function tags.field(block, text)
  assert(block.class, "a @field without its @class: " .. text)
  local shown = text:gsub("^package ", "")
  local field, words = named(shown)
  -- one of the package's own is read, and left out
  if shown == text then table.insert(block.class.fields, field) end
  return field, words
end

function tags.param(block, text)
  local parameter, words = named(text)
  table.insert(block.params, parameter)
  return parameter, words
end

tags["return"] = function(block, text)
  local type, rest = annotations.split_type(text)
  local name, words = rest:match "^([%a_.][%w_.]*)%s*(.*)$"
  local returned = { type = type, name = name }
  table.insert(block.returns, returned)
  return returned, words or rest
end

function tags.generic(block, text) block.generic = text end
function tags.deprecated(block) block.deprecated = true end
function tags.package(block) block.package = true end
tags.private = tags.package

-- what lua-language-server alone asks for
for _, name in ipairs { "type", "cast", "see", "overload", "nodiscard", "diagnostic" } do
  tags[name] = function() end
end

local function new_block() return { params = {}, returns = {}, types = {} } end

local function say(thing, words) thing.words = thing.words and thing.words .. "\n" .. words or words end

-- Lines behind a class or field, of which the next one shows whose they are.
local function settle_between(block, next_field)
  for _, line in ipairs(block.between or {}) do
    say(next_field or block.subject, line)
  end
  block.between = nil
end

-- A line of a block, without its dashes.
local function take(block, line)
  local tag, rest = line:match "^@(%a+)%s*(.*)$"
  local value, words = line:match '^|%s*("[^"]*")%s*#?%s*(.*)$'
  if tag then
    assert(tags[tag], "no tag of the dialect: @" .. tag)
    local thing
    thing, words = tags[tag](block, rest)
    settle_between(block, tag == "field" and words == "" and thing or nil)
    if not thing then return end
    -- what stands before a class or an alias is about it
    if thing == block.class or thing == block.alias then
      thing.words, block.words = block.words, nil
    end
    if words ~= "" then say(thing, words) end
    block.subject, block.may_be_next = thing, tag == "field" or tag == "class"
  elseif value then
    assert(block.alias, "a value without its @alias: " .. value)
    block.subject = { value = value, words = words ~= "" and words or nil }
    table.insert(block.alias.values, block.subject)
  elseif block.may_be_next then
    block.between = block.between or {}
    table.insert(block.between, line)
  else
    say(block.subject or block, line)
  end
end

-- What a line of code is to the block above it: {name, of, method, arguments} of a function,
-- {name, of, from} of what is handed out; `variable` where a table begins.
local function read_code(line, inside)
  local of, dot, name, arguments = line:match "^function ([%w_]+)([.:])([%w_]+)%((.-)%)"
  if of then return { of = of, name = name, method = dot == ":", arguments = arguments } end
  name, arguments = line:match "^local function ([%w_]+)%((.-)%)"
  if name then return { name = name, arguments = arguments } end
  local from
  of, name, from = line:match "^([%w_]+)%.([%w_]+) = (.+)$"
  if not of and inside then
    name, from = line:gsub("%s%-%- .*$", ""):match "^  ([%w_]+) = (.-),?$"
    of = name and inside
  end
  if not of then return nil end
  local given = from:match "^function%((.-)%)"
  return { of = of, name = name, arguments = given, from = not given and from or nil }
end

-- 'require("ddokta.bulk.read").read' -> "ddokta.bulk.read", "read"; "task.parallel" -> the module of the
-- file's `local task`, "parallel"; "find" -> nil, "find": of the same file; '{ "read", "all" }' -> ".read",
-- "all": of a file of the same folder
local function source_of(from, required)
  local file, handed_out = from:match '^{ "([%w_]+)", "([%w_]+)" }$'
  if file then return "." .. file, handed_out end
  local module, name = from:match '^require%(?%s*"([%w_.]+)"%)?%.?([%w_]*)$'
  if module then return module, name end
  local variable
  variable, name = from:match "^([%w_]+)%.([%w_]+)$"
  if variable then return required[variable], name end
  return nil, from:match "^([%w_]+)$"
end

local function add_function(found, code, block)
  code.module, code.source = source_of(code.from or "", found.required)
  code.words, code.params, code.returns = block.words, block.params, block.returns
  code.generic, code.deprecated = block.generic, block.deprecated
  code.documented = (block.params[1] or block.returns[1]) and not block.package and true or false
  code.hidden = block.package
  table.insert(found.functions, code)
end

local function add_types(found, block, line)
  for _, type in ipairs(block.types) do
    table.insert(found.types, type)
  end
  local variable = line:match "^local ([%w_]+)%s*="
    or line:find "^return arguments%.strict%(" and "handed_out"
  if block.class and variable then found.variables[variable] = block.class end
end

-- What a file begins with, for users.
local function head_of(text)
  local lines = {}
  for line in text:gmatch "([^\n]*)\n" do
    local words = line:match "^%-%-%- ?(.*)$"
    if not words or words:find "^@" then break end
    lines[#lines + 1] = words
  end
  return table.concat(lines, "\n")
end

-- "Plan.write, Plan.render = diff.write, diff.render" is two lines in one.
local function add_several(found, line)
  local names, values = line:match "^([%u%l][%w_]*%.[%w_]+, [%w_., ]+) = ([%w_., ]+)$"
  local value = (values or ""):gmatch "[%w_.]+"
  for name in (names or ""):gmatch "[%w_.]+" do
    local code = read_code(("%s = %s"):format(name, value() or "nil"))
    if code then add_function(found, code, new_block()) end
  end
end

-- reader: {found, block (the one that is open), inside (the variable of the class in whose table it is)}
local function read_line(reader, line)
  local found, words = reader.found, line:match "^%s*%-%-%- ?(.*)$"
  if words and not words:find "^%-" then
    assert(not reader.torn, "a line of a block has two dashes: " .. tostring(reader.torn))
    reader.block = reader.block or new_block()
    return take(reader.block, words)
  end
  reader.torn = reader.block and line:match "^%s*(%-%- %S.*)$"
  local variable, module = line:match '^local ([%w_]+) = require%(?%s*"([%w_.]+)"%)?$'
  if variable then found.required[variable] = module end
  if line:find "^}" then reader.inside = nil end
  local block, code = reader.block or new_block(), read_code(line, reader.inside)
  settle_between(block)
  reader.block = nil
  if block.types[1] then
    add_types(found, block, line)
  elseif code then
    add_function(found, code, block)
  else
    add_several(found, line)
  end
  reader.inside = line:match "^local ([%w_]+) = {$"
    or line:match "^local ([%w_]+) = setmetatable%({$"
    or reader.inside
end

--- read(text) -> {head, types = {class or alias, ...}, functions, required}
--
-- class: {name, parent, words, fields = {{name, optional, type, words}}}; alias: {name, type, words,
-- values = {{value, words}}}; function: {name, of (the table's variable), method, arguments, words, params,
-- returns = {{type, name, words}}, generic, deprecated, documented, module and source (where it is from)}.
-- words: nil where there are none. required: the modules of the file's variables.
-- Raises for a line that is not of the dialect.
function annotations.read(text)
  local found = { head = head_of(text), types = {}, functions = {}, variables = {}, required = {} }
  local reader = { found = found }
  for line in text:gmatch "([^\n]*)\n" do
    read_line(reader, line)
  end
  return found
end

return annotations
