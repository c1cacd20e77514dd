--- CSV (RFC 4180, and what spreadsheets make of it), read by the state machine in C and written by a few
--- lines here.

local csv = require("ddokta.native").csv

local CHUNK = 16384 -- garbage of this size: LuaJIT is slow to collect larger pieces

--- read(input, options) -> {
--   cells, line       the header as it stands there, and its line
--   delimiter         what separates the columns; nil: there is one column
--   name(names, strict)   how the columns are to be called, before the first row; strict: nothing may be in a
--                     column whose name is ""
--   next() -> row, line | nil | nil, problem
--   take(rows)        the same, but what is as it should be goes to the rows of ddokta.core.rows, and false,
--                     twice says that a key is there already
-- } | nil, problem
-- input(n) -> up to n bytes, or nil at the end. Nothing but the header is read before any of it.
local function read(input, options)
  local reader = csv.reader { delimiter = options.delimiter, dialect = true }
  local finished = false

  local function until_told(ask)
    while true do
      local row, detail = ask()
      if row ~= nil or detail then return row, detail end
      if finished then return nil end
      local chunk = input(CHUNK)
      if chunk then
        reader:feed(chunk)
      else
        finished = true
        reader:finish()
      end
    end
  end

  local function next_record()
    return until_told(function() return reader:next() end)
  end

  local cells, line = next_record()
  if not cells then
    return nil, line or { line = 1, message = "empty: the first line must name the columns" }
  end
  local columns, is_strict, mapped
  local function name(names, strict)
    columns, is_strict = names, strict
    reader:columns(names)
  end
  local function take(rows)
    if mapped ~= rows then
      rows:fields(columns, is_strict)
      mapped = rows
    end
    return until_told(function() return rows:take(reader) end)
  end
  return {
    cells = cells,
    line = line,
    delimiter = reader:delimiter(),
    name = name,
    next = next_record,
    take = take,
  }
end

--- A cell that a spreadsheet would run (OWASP, CSV injection) gets a ' before it, and so does one that
-- looks as if it had one: reading takes one off.
local function guarded(text) return text:find "^'*[=+%-@\t\r]" and "'" .. text or text end

local function field(value, only)
  if value == nil then value = "" end
  value = guarded(tostring(value))
  -- in a file of one column nothing may look as if it separated columns
  local one = only and (value == "" or value:find("[;\t|]"))
  if one or value:find('[",\r\n]') or value:find("^\239\187\191") then
    return '"' .. value:gsub('"', '""') .. '"'
  end
  return value
end

local function record(values, count)
  local fields = {}
  for i = 1, count do
    fields[i] = field(values[i], count == 1)
  end
  return table.concat(fields, ",") .. "\n"
end

local function each(rows)
  if type(rows) == "function" then return rows end
  local i = 0
  return function()
    i = i + 1
    return rows[i]
  end
end

--- write(rows, columns, put): put(text) is called with each piece. rows: a list, or an iterator.
local function write(rows, columns, put)
  put(record(columns, #columns))
  for row in each(rows) do
    local values = {}
    for i, column in ipairs(columns) do
      values[i] = row[column]
    end
    put(record(values, #columns))
  end
end

return { order = 1, read = read, write = write, unit = "line", extensions = { "csv", "tsv" } }
