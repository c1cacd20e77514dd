--- A source of rows: a file, standard input, a service, a Lua table or an iterator.

local arguments = require "ddokta.arguments"
local did_you_mean = require("ddokta.text").did_you_mean
local failure = require "ddokta.error"
local check_options = require("ddokta.options").check
local formats = require "ddokta.bulk.formats"
local forms = require "ddokta.bulk.forms"
local mapping = require "ddokta.bulk.mapping"
local sources = require "ddokta.bulk.sources"
local stat_of = require("ddokta.native").system.stat

local places = { line = "%s:%d", item = "%s item %d", row = "%s row %d" }

--- Rows that are asked for one by one. Besides what is below it has: know(kind, {strict =}) -> problems,
--- before the first row: its columns get the names that the kind has for them, and those that a mapping
--- makes; take(rows), where the format has it: as next, but rows that are as they should be go to the rows of
--- ddokta.core.rows without a word, and false, twice tells a key that is there already; place(line) ->
--- "accounts.csv:17"; placer() -> a function that does it, and keeps nothing else.
---@class ddokta.bulk.Source
---@field name string for messages, such as "accounts.csv"
---@field columns? string[] where the source names them before the rows
---@field delimiter? string of CSV what separates its columns
---@field list_separator? string what separates a list's items in a text
local Source = { __name = "ddokta.source" }
Source.__index = Source

function Source:placer()
  local name, place = self.name, places[self.unit]
  return function(line) return line and place:format(name, line) or name end
end

function Source:place(line) return self:placer()(line) end

--- One row.
---@return table? row nil: the end, or a problem; go on after it
---@return integer|table|nil detail its line, or the problem {line, column, message}
function Source:next()
  arguments.self(self, "source", "next")
  if not self.is_known then self:know(nil, {}) end
  return self.step()
end

-- a mapping of rows that say by themselves what they have
local function map_rows(self)
  local change, missing = mapping.mapper(self.map)
  local step, rows = self.step, 0
  self.step = function()
    local row, detail = step()
    if row then
      rows = rows + 1
      return change(row), detail
    end
    if detail or rows == 0 then return row, detail end
    rows = 0
    local names = missing()
    if names[1] then
      return nil, { message = ("no row of the source has '%s'"):format(table.concat(names, "', '")) }
    end
  end
end

--- The names of a header; kind: nil where nobody has said what the rows are to be.
local function name_columns(self, kind, strict)
  local cells = mapping.cells(self.columns)
  if not self.map then
    self.columns = kind and mapping.named(cells, kind) or cells
    self.rename(self.columns, strict)
    return {}
  end
  local columns, change, wrong = mapping.mapped(cells, kind, self.map)
  self.rename(cells, strict)
  self.columns, self.take = columns, nil
  local step, problems = self.step, {}
  self.step = function()
    local row, detail = step()
    return row and change(row), detail
  end
  for i, message in ipairs(wrong) do
    problems[i] = { line = self.header_line, message = message }
  end
  return problems
end

function Source:know(kind, options)
  if self.is_known then return {} end
  self.is_known = true
  if self.columns then return name_columns(self, kind, options.strict) end
  if self.map then map_rows(self) end
  return {}
end

---@return nil
function Source:close()
  arguments.self(self, "source", "close")
  if self.file and self.file ~= io.stdin then self.file:close() end
  self.file, self.take = nil, nil
  self.step = function() return nil end
end

local function refuse(message, code)
  return nil, failure.new { kind = "invalid_request", code = code, message = message, errors = { message } }
end

-- an option that would be ignored may be meant for another file
local function refuse_delimiter(from)
  return refuse(
    ("%s is no CSV: a delimiter says nothing of it"):format(
      type(from) == "string" and from or "a " .. type(from)
    )
  )
end

-- "okat:group/Platform" is no file
local function meant_service(path)
  local service = path:match "^(%a+):"
  return service and did_you_mean(service, sources.names) or ""
end

local function open(path)
  if path == "-" then return io.stdin end
  local stat = stat_of(path)
  if stat and stat.type == "directory" then
    return refuse(("cannot read %s: it is a directory"):format(path))
  end
  local file, why = io.open(path, "rb")
  if not file then return refuse("cannot read " .. why .. meant_service(path)) end
  return file
end

local function format_of(path, options)
  local format, message, code = formats.of(path, options.format)
  if not format then return refuse(message, code) end
  if options.delimiter and format ~= formats.get "csv" then return refuse_delimiter(path) end
  return format
end

local function read_file(path, options)
  local file, err = open(path)
  if not file then return nil, err end
  local format, problem_of_format = format_of(path, options)
  if not format then
    if path ~= "-" then file:close() end
    return nil, problem_of_format
  end
  local name = options.name or (path == "-" and "stdin" or path)
  local self = setmetatable({ name = name, unit = format.unit, file = file }, Source)
  local broken
  local function input(n)
    local chunk, trouble = file:read(n)
    if trouble and not broken then broken = trouble end
    return chunk
  end
  local rows, problem = format.read(input, options)
  if not rows then
    self:close()
    if broken then return refuse(("cannot read %s: %s"):format(name, broken)) end
    return refuse(
      self:place(problem.line) .. (problem.column and ":" .. problem.column or "") .. ": " .. problem.message
    )
  end
  self.path = path ~= "-" and path or nil
  self.columns, self.header_line, self.rename = rows.cells, rows.line, rows.name
  self.delimiter, self.is_given = rows.delimiter, options.delimiter ~= nil
  -- a read that failed half-way must not look like the end of the file
  local function unbroken(row, detail)
    if row == nil and not detail and broken then
      detail, broken = { message = "cannot read on: " .. broken }, nil
    end
    return row, detail
  end
  self.step = function() return unbroken(rows.next()) end
  self.take = rows.take and function(_, taken) return unbroken(rows.take(taken)) end
  return self
end

local function read_list(list, name)
  local index = 0
  local self = setmetatable({ name = name, unit = "row" }, Source)
  self.step = function()
    index = index + 1
    local row = list[index]
    if row == nil then return nil end
    if type(row) == "table" then return row, index end
    return nil, { line = index, message = "a table is wanted, got " .. type(row) }
  end
  return self
end

local function read_iterator(iterator, name)
  return read_list(setmetatable({}, { __index = function() return (iterator()) end }), name)
end

local known = sources.options {
  format = { "string" },
  name = { "string" },
  delimiter = { "string" },
  list_separator = { "string" },
  map = { "table" },
}

local function read_service(service, from, options, map)
  local own = {}
  for name in pairs(service.options) do
    own[name] = options[name]
  end
  own.attributes = map or options.attributes
  local rows, err = service.read(from, own)
  if not rows then return nil, err end
  return read_list(rows, options.name or from)
end

local function separator_option(options, name, parse)
  if not options[name] then return nil end
  local character, message = parse(options[name])
  if not character then error(("option '%s': %s"):format(name, message), 3) end
  return character
end

local function map_option(options)
  if not options.map then return nil end
  local map, message = mapping.read(options.map)
  if not map then error("option 'map': " .. message, 3) end
  return map
end

local function read_from(from, options)
  if type(from) == "string" then return read_file(from, options) end
  if type(from) == "table" then return read_list(from, options.name or "table") end
  if type(from) == "function" then return read_iterator(from, options.name or "iterator") end
  error("bulk.read: a path, a table or a function is wanted, got " .. type(from), 3)
end

---@class ddokta.bulk.source
local source = { known = known }

--- Raises for options whose values are wrong.
---@package
function source.checked(options)
  map_option(options)
  separator_option(options, "delimiter", forms.column_separator)
  separator_option(options, "list_separator", forms.list_separator)
end

---@class ddokta.bulk.ReadOptions
---@field format? ddokta.bulk.Format where the name does not say it
---@field name? string for messages
---@field delimiter? string of CSV: a character, or comma, semicolon, tab, pipe; else the first line shows it
---@field list_separator? string between the items of a list in one text, the same words (";")
--- What a column is made of: {name = '"First Name"+" "+"Last Name"'}
---@field map? table<string, string|string[]>
---@field okta? ddokta.Okta for a source of Okta
---@field kind? ddokta.bulk.Kind for a source of Okta
---@field attributes? table<string, string|string[]> for a source of Okta another word for map

--- Is it a source: one of bulk.read, or what does the same for rows that others have changed?
---@package
function source.is(value)
  return type(value) == "table"
    and (getmetatable(value) == Source or type(rawget(value, "placer")) == "function")
end

--- Rows of what is given: a path (.csv, .tsv, .jsonl, .ndjson, .json), "-" for standard input,
--- "okta:group/..." or "okta:app/...", a list of rows, or an iterator function.
---@param from string|table[]|fun(): table?
---@param options? ddokta.bulk.ReadOptions
---@return ddokta.bulk.Source? source
---@return ddokta.Error? err
function source.read(from, options)
  options = check_options(options, known)
  local map = map_option(options)
  local given = {
    format = options.format,
    name = options.name,
    delimiter = separator_option(options, "delimiter", forms.column_separator),
  }
  local list_separator = separator_option(options, "list_separator", forms.list_separator)
  local service = sources.of(from)
  if given.delimiter and (service or type(from) ~= "string") then return refuse_delimiter(from) end
  if service then return read_service(service, from, options, map) end
  local self, err = read_from(from, given)
  if not self then return nil, err end
  self.map, self.list_separator = map, list_separator
  return self
end

return source
