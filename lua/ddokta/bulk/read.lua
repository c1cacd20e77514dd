--- read: a source of rows from a file, standard input, Okta, a Lua table or an iterator.
--
-- A source is {
--   name      for messages, such as "accounts.csv"
--   columns   the list of columns, where the source names them before the rows
--   next()    -> row, line | nil at the end | nil, problem {line, column, message}; go on after it
--   take(rows)   where the format has it: the same, but rows that are as they should be go to the rows
--             of ddokta.core.rows without a word, and false, twice tells a key that is there already
--   place(line) -> "accounts.csv:17"; placer() -> a function that does it, and keeps nothing else
--   close()
-- }

local failure = require "ddokta.error"
local check_options = require "ddokta.bulk.options"
local okta_source = require "ddokta.bulk.sources.okta"

-- in the order in which they are named to a user
local formats = {
  { name = "csv", module = require "ddokta.bulk.formats.csv" },
  { name = "jsonl", module = require "ddokta.bulk.formats.jsonl" },
  { name = "json", module = require "ddokta.bulk.formats.json" },
}

local places = { line = "%s:%d", item = "%s item %d", row = "%s row %d" }

local source = {}
source.__index = source

function source:placer()
  local name, place = self.name, places[self.unit]
  return function(line) return line and place:format(name, line) or name end
end

function source:place(line) return self:placer()(line) end

function source:next() return self.step() end

function source:close()
  if self.file and self.file ~= io.stdin then self.file:close() end
  self.file, self.take = nil, nil
  self.step = function() return nil end
end

local function refuse(message)
  return nil, failure.new{ kind = "invalid_request", message = message, errors = { message } }
end

local function format_of(path, wanted)
  local extension = path:lower():match("%.(%w+)$")
  local names = {}
  for i, format in ipairs(formats) do
    names[i] = format.name
    if wanted == format.name then return format.module end
    for _, known in ipairs(format.module.extensions) do
      if not wanted and extension == known then return format.module end
    end
  end
  if wanted then
    return nil, ("unknown format '%s' (known: %s)"):format(wanted, table.concat(names, ", "))
  end
  if path == "-" then return formats[1].module end
  return nil, ("%s: cannot tell the format from the name: say format = %s"):format(path,
    '"' .. table.concat(names, '", "') .. '"')
end

local function read_file(path, options)
  local format, message = format_of(path, options.format)
  if not format then return refuse(message) end
  local file, why = io.stdin, nil
  if path ~= "-" then file, why = io.open(path, "rb") end
  if not file then return refuse("cannot read " .. why) end
  local name = options.name or (path == "-" and "stdin" or path)
  local self = setmetatable({ name = name, unit = format.unit, file = file }, source)
  local broken
  local function input(n)
    local chunk, trouble = file:read(n)
    if trouble and not broken then broken = trouble end
    return chunk
  end
  local step, columns, header_line, take = format.read(input, options)
  if not step then
    local problem = columns
    self:close()
    if broken then return refuse(("cannot read %s: %s"):format(name, broken)) end
    return refuse(self:place(problem.line) .. (problem.column and ":" .. problem.column or "") .. ": "
      .. problem.message)
  end
  self.columns, self.header_line, self.delimiter = columns, header_line, options.delimiter
  -- a read that failed half-way must not look like the end of the file
  local function unbroken(row, detail)
    if row == nil and not detail and broken then
      detail, broken = { message = "cannot read on: " .. broken }, nil
    end
    return row, detail
  end
  self.step = function() return unbroken(step()) end
  self.take = take and function(_, rows) return unbroken(take(rows)) end
  return self
end

local function read_list(list, name)
  local index = 0
  local self = setmetatable({ name = name, unit = "row" }, source)
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

local known = {
  format = { "string" }, name = { "string" }, delimiter = { "string" },
  okta = { "table" }, kind = { "string" }, attributes = { "table" },
}

local function read_okta(from, options)
  local rows, err = okta_source.rows(from, options)
  if not rows then return nil, err end
  return read_list(rows, options.name or from)
end

--- read(source, options) -> source, or nil, err
-- source: a path (.csv, .jsonl, .ndjson, .json), "-" for standard input, "okta:group/..." or
-- "okta:app/..." (sources/okta.lua), a list of rows, or an iterator function. options: format ("csv",
-- "jsonl", "json"), name (for messages), delimiter; for Okta: okta, kind, attributes.
local function read(from, options)
  options = check_options(options, known)
  if okta_source.is(from) then return read_okta(from, options) end
  if type(from) == "string" then return read_file(from, options) end
  if type(from) == "table" then return read_list(from, options.name or "table") end
  if type(from) == "function" then return read_iterator(from, options.name or "iterator") end
  error("bulk.read: a path, a table or a function is wanted, got " .. type(from), 2)
end

return { read = read, formats = formats, format_of = format_of }
