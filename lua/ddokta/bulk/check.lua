--- Checks every row of a source against its kind, before anything is sent.
--
-- Rows that are as they should be are taken by the C core (ddokta.core.rows), packed; what it refuses
-- comes here to be explained. An absent or empty value is "not specified": it is neither compared nor
-- sent. A list that is there and empty (JSON's []) is specified, and "(none)" clears a text or a list.

local arguments = require "ddokta.arguments"
local check_options = require("ddokta.options").check
local failure = require "ddokta.error"
local forms = require "ddokta.bulk.forms"
local did_you_mean = require("ddokta.text").did_you_mean
local kinds = require "ddokta.bulk.kinds"
local new_rows = require("ddokta.native").rows.new
local resources = require "ddokta.bulk.resources"
local is_source = require("ddokta.bulk.source").is

local LIMIT = 100 -- problems kept; all are counted

-- --- problems ------------------------------------------------------------------------------------

-- what is wrong with a source: every problem with its place, collected into one error
local problems = {}
problems.__index = problems

-- source: names the places
local function new_problems(source) return setmetatable({ source = source, count = 0, list = {} }, problems) end

-- add{line =, column =, message =, code =}: column is a name or a number; code: its sort, where it has a name
function problems:add(problem)
  self.count = self.count + 1
  if #self.list >= LIMIT then return end
  local place = self.source:place(problem.line)
  local column = problem.column
  if type(column) == "number" then
    place, column = place .. ":" .. column, nil
  end
  self.list[#self.list + 1] = {
    file = self.source.name,
    line = problem.line,
    column = problem.column,
    message = problem.message,
    code = problem.code,
    text = place .. ": " .. (column and column .. ": " or "") .. problem.message,
  }
end

-- the error of all of them, or nil where there was none
function problems:error()
  if self.count == 0 then return nil end
  local texts = {}
  for i, problem in ipairs(self.list) do
    texts[i], problem.text = problem.text, nil
  end
  local message = texts[1]
  if self.count > 1 then
    message = ("%d problems in %s, the first: %s"):format(self.count, self.source.name, texts[1])
  end
  if self.count > #texts then texts[#texts + 1] = ("... and %d more"):format(self.count - #self.list) end
  return failure.new {
    kind = "invalid_request",
    message = message,
    errors = texts,
    problems = self.list,
    problem_count = self.count,
  }
end

-- --- the header -----------------------------------------------------------------------------------

local function columns_of(kind)
  local by_name, names = {}, {}
  for i, column in ipairs(kind.columns) do
    by_name[column.name], names[i] = column, column.name
  end
  return by_name, names
end

local function set(list)
  local result = {}
  for _, name in ipairs(list) do
    result[name] = true
  end
  return result
end

local function unknown(name, names)
  if #name > 60 then return "unknown column '" .. name:sub(1, 40):gsub("%c", "?") .. "...'" end
  return ("unknown column '%s'%s"):format(name, did_you_mean(name, names, { or_list = true }))
end

local delimiters = { [","] = "commas", [";"] = "semicolons", ["\t"] = "tabs", ["|"] = "|" }

local function named(delimiter) return delimiters[delimiter] or "'" .. delimiter .. "'" end

-- the whole header in one field: the file is separated by something else than was said
local function wrong_delimiter(source)
  if #source.columns > 1 or not source.is_given then return nil end
  local delimiter = source.columns[1] and source.columns[1]:match("[,;\t|]")
  if not delimiter then return nil end
  return ("the columns are separated by %s, not by %s"):format(named(delimiter), named(source.delimiter))
end

-- how the first line was read, which may be wrong
local function shape_of(source)
  if not source.delimiter and #source.columns == 1 then
    return "it names one column (no comma, semicolon, tab or | is in it)"
  end
  if not source.delimiter then return ("it has %d"):format(#source.columns) end
  return ("it has %d, separated by %s"):format(#source.columns, named(source.delimiter))
end

-- A first line without any known column is data, perhaps with secrets in it: it is not repeated.
local function no_header(state, source)
  for _, name in ipairs(source.columns) do
    if state.by_name[name] then return nil end
  end
  return ("the first line must name the columns; %s, none of which is known (known: %s)"):format(
    shape_of(source),
    table.concat(state.names, ", ")
  )
end

local function check_names(state, source)
  local seen, line = {}, source.header_line
  for _, name in ipairs(source.columns) do
    local is_known = state.by_name[name] or state.ignored[name]
    if name ~= "" and seen[name] and (is_known or state.strict) then
      state.problems:add { line = line, message = ("the column '%s' is there twice"):format(name) }
    elseif name ~= "" and not is_known and state.strict then
      state.problems:add { line = line, code = "unknown_column", message = unknown(name, state.names) }
    end
    seen[name] = true
  end
  return seen
end

-- what a mapping asks for and the source does not have: the rows would say nothing more
local function know(state, source)
  if not source.know then return true end
  local problems_of_map = source:know(state.kind, { strict = state.strict })
  for _, problem in ipairs(problems_of_map) do
    state.problems:add(problem)
  end
  return problems_of_map[1] == nil
end

--- The header: unknown, doubled and missing columns. Returns a set of the names that are missing, or
-- nil when the rows would say nothing more.
local function check_header(state, source)
  local missing = {}
  if not know(state, source) then return nil end
  if not source.columns then return missing end
  state.has_header = true
  local line = source.header_line
  local separated = wrong_delimiter(source)
  local hopeless = separated or no_header(state, source)
  if hopeless then
    local code = not separated and "unknown_column" or nil
    state.problems:add { line = line, code = code, message = hopeless }
    return nil
  end
  local seen = check_names(state, source)
  for _, column in ipairs(state.kind.columns) do
    if column.required and not seen[column.name] then
      missing[column.name] = true
      state.problems:add { line = line, message = ("the column '%s' is missing"):format(column.name) }
    end
  end
  return missing
end

--- A resource as the service has it means the same as a flat row: in its JSON:API envelope, or with
-- its fields where the columns say that they live.
local function flat(raw)
  if type(raw.attributes) ~= "table" then return raw end
  local row = { id = raw.id, type = raw.type }
  for name, value in pairs(raw.attributes) do
    row[name] = value
  end
  return row
end

local function from_places(state, raw)
  if not next(state.heads) then return raw end
  local row = { id = raw.id }
  for _, column in ipairs(state.kind.columns) do
    local value = raw[column.name]
    if column.at and (value == nil or type(value) == "table") then value = resources.get(column, raw) end
    row[column.name] = value
  end
  return row
end

-- under an empty cell of the header
local function check_nameless(state, raw, line)
  if raw[""] == nil or not state.strict then return end
  state.problems:add { line = line, message = "there is something in a column that has no name" }
end

local function check_fields(state, raw, line)
  if not state.strict then return end
  if state.has_header then return check_nameless(state, raw, line) end
  local names
  for name in pairs(raw) do
    if not state.by_name[name] and not state.ignored[name] and not state.heads[name] then
      names = names or {}
      names[#names + 1] = tostring(name)
    end
  end
  if not names then return end
  table.sort(names)
  for _, name in ipairs(names) do
    state.problems:add { line = line, code = "unknown_column", message = unknown(name, state.names) }
  end
end

--- Two rows of one name cannot both be meant. Of names that read alike the service decides (plan.lua),
-- where there is one.
local function add_twice(state, twice)
  local at = state.source:place(twice.first_line)
  local message
  if twice.exact then
    message = ("'%s' is already at %s"):format(twice.key, at)
  elseif twice.first_key then
    message = ("'%s': '%s' at %s %s"):format(
      twice.key,
      twice.first_key,
      at,
      forms.difference(twice.key, twice.first_key)
    )
  else
    message = (
      "'%s' reads like the name at %s: letter case, accents, spaces or letters that look alike "
      .. "differ"
    ):format(twice.key, at)
  end
  state.problems:add { line = twice.line, column = state.kind.key, message = message }
end

--- Why the C core did not take this row: a problem for each value that is not as it should be.
local function explain(state, raw, line)
  local before, key = state.problems.count, nil
  if state.source.take then check_nameless(state, raw, line) end
  for _, column in ipairs(state.columns) do
    local name = column.name
    local value, message = raw[name], nil
    if value == nil or value == "" then
      if column.required and not state.missing[name] then message = "is empty, and is required" end
    else
      value, message = forms.normalise(column, value, state.kind)
      if not message and name == state.kind.key then key = value end
    end
    if message then state.problems:add { line = line, column = name, message = message } end
  end
  if before == state.problems.count and not next(state.missing) then
    -- never silently: what is not taken would be missing in the plan
    state.problems:add { line = line, message = "cannot be taken" }
  end
  if not key then return end
  local claimed, twice = state.rows:claim(key, line)
  if claimed == false then add_twice(state, twice) end
end

-- an id that is no text is another's, and says nothing here
local function without_foreign_id(raw)
  if raw.id == nil or type(raw.id) == "string" then return raw end
  local row = {}
  for name, value in pairs(raw) do
    row[name] = value
  end
  row.id = nil
  return row
end

local function take_table(state, raw, line)
  raw = flat(raw)
  check_fields(state, raw, line)
  raw = without_foreign_id(from_places(state, raw))
  local added, twice = state.rows:add(raw, line)
  if added == false then
    add_twice(state, twice)
  elseif not added then
    explain(state, raw, line)
  end
end

--- One row, one problem or the end: false at the end.
local function take_next(state)
  local source = state.source
  local row, detail
  if source.take then
    row, detail = source:take(state.rows)
    if row then explain(state, row, detail) end
  else
    row, detail = source:next()
    if row then take_table(state, row, detail) end
  end
  if row == false then
    add_twice(state, detail)
  elseif not row and detail then
    state.problems:add(detail)
  end
  return row ~= nil or detail ~= nil
end

--- The kind's columns with the source's separator of lists, and the id of things that are known by it.
local function columns_for(kind, list_separator)
  local columns = {}
  for i, column in ipairs(kind.columns) do
    columns[i] = forms.separated(column, list_separator)
  end
  if kind.known_by == "id" then columns[#columns + 1] = { name = "id" } end
  return columns
end

---@class ddokta.bulk.check
local check = {}

--- The rows of a source, packed.
---@param kind ddokta.bulk.KindOf
---@param source ddokta.bulk.Source it is read to its end and closed
---@param options? {strict: boolean?, keep: boolean?} strict: an unknown column is an error (true); keep:
--- false where nobody will look at the values: a million rows need 23 MB then, and keys are told apart by a
--- keyed 64-bit hash
---@return userdata? rows of ddokta.core.rows
---@return ddokta.Error? err with every problem
function check.rows(kind, source, options)
  options = options or {}
  local by_name, names = columns_of(kind)
  local columns = columns_for(kind, source.list_separator)
  local state = {
    columns = columns,
    kind = kind,
    source = source,
    strict = options.strict ~= false,
    by_name = by_name,
    names = names,
    ignored = set(kind.ignored),
    heads = resources.heads(kind),
    problems = new_problems(source),
    rows = new_rows {
      columns = columns,
      key = kind.key,
      within = kind.within,
      keep = options.keep ~= false,
      fold_keys = kind.key_folds,
    },
  }
  state.missing = check_header(state, source)
  while state.missing and take_next(state) do
  end -- luacheck: ignore 542
  source:close()
  local err = state.problems:error()
  if not err then return state.rows end
  state.rows:close()
  return nil, err
end

--- The error of a source that is nil: bulk.plan(dd, kind, bulk.read(...)) hands over read's nil, err; with
--- options behind it Lua cuts the error off.
---@package
function check.no_source(err)
  if type(err) == "table" and type(err.message) == "string" and err.kind then return err end
  return failure.new {
    kind = "invalid_request",
    message = "there is no source: bulk.read failed (assert(bulk.read(...)) says why)",
  }
end

--- Checks the source alone, without a service: of a file of any length only the keys are kept, so that a
--- million rows take no more than 40 MB.
---@param kind ddokta.bulk.Kind
---@param source ddokta.bulk.Source?
---@param options? {strict?: boolean} strict: an unknown column is an error (true)
---@return {rows: integer}? checked
---@return ddokta.Error? err with every problem
function check.check(kind, source, options)
  if source == nil then return nil, check.no_source(options) end
  options = check_options(options, { strict = { "boolean" } })
  local rows, err
  kind, err = kinds.get(kind)
  if not kind then return nil, err end
  arguments.need(is_source(source), "bulk.check", "a source that bulk.read made", source)
  rows, err = check.rows(kind, source, { strict = options.strict, keep = false })
  if not rows then return nil, err end
  local count = rows:count()
  rows:close()
  return { rows = count }
end

return check
