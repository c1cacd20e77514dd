--- CSV (RFC 4180), read by the state machine in C and written by a few lines here.

local csv = require("ddokta.core").csv

local CHUNK = 65536

--- read(input, options) -> a function next() -> row, line | nil | nil, problem; and the columns.
-- input(n) -> up to n bytes, or nil at the end. Nothing but the header is read before next.
local function read(input, options)
  local reader = csv.reader{ delimiter = options.delimiter }
  local finished = false

  local function next_record()
    while true do
      local row, detail = reader:next()
      if row or detail then return row, detail end
      if finished then return nil end
      local chunk = input(CHUNK)
      if chunk then reader:feed(chunk) else finished = true; reader:finish() end
    end
  end

  local columns, detail = next_record()
  if not columns then
    return nil, detail or { line = 1, message = "empty: the first line must name the columns" }
  end
  reader:columns(columns)
  return next_record, columns, detail
end

local function field(value, only)
  if value == nil then value = "" end
  value = tostring(value)
  if value:find('[",\r\n]') or value:find("^\239\187\191") or (only and value == "") then
    return '"' .. value:gsub('"', '""') .. '"'
  end
  return value
end

local function record(values, count)
  local fields = {}
  for i = 1, count do fields[i] = field(values[i], count == 1) end
  return table.concat(fields, ",") .. "\n"
end

--- write(rows, columns, put): put(text) is called with each piece.
local function write(rows, columns, put)
  put(record(columns, #columns))
  for _, row in ipairs(rows) do
    local values = {}
    for i, column in ipairs(columns) do values[i] = row[column] end
    put(record(values, #columns))
  end
end

return { read = read, write = write, unit = "line", extensions = { "csv" } }
