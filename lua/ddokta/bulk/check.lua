--- check: every row of a source against its kind, before anything is sent.
--
-- A checked row is {key =, line =, values = {column = value}, secrets = {column = value} or nil}.
-- An absent or empty value is "not specified": it is neither compared nor sent.

local nearest = require("ddokta.options").nearest
local problems = require "ddokta.bulk.problems"
local csv = require("ddokta.core").csv

local function columns_of(kind)
  local by_name, names = {}, {}
  for i, column in ipairs(kind.columns) do by_name[column.name], names[i] = column, column.name end
  return by_name, names
end

local function set(list)
  local result = {}
  for _, name in ipairs(list) do result[name] = true end
  return result
end

local function unknown(name, names)
  if #name > 60 then return "unknown column '" .. name:sub(1, 40):gsub("%c", "?") .. "...'" end
  local near = nearest(name, names)
  return ("unknown column '%s'%s"):format(name, near and ", did you mean '" .. near .. "'?"
    or " (known: " .. table.concat(names, ", ") .. ")")
end

-- the whole header in one field: the file is separated by something else
local function wrong_delimiter(source)
  if #source.columns > 1 or source.delimiter then return nil end
  local delimiter = source.columns[1]:match("[;\t|]")
  if not delimiter then return nil end
  return ("the columns are separated by %s, not by commas"):format(
    delimiter == "\t" and "a tab" or "'" .. delimiter .. "'")
end

-- A first line without any known column is data, perhaps with secrets in it: it is not repeated.
local function no_header(state, source)
  for _, name in ipairs(source.columns) do
    if state.by_name[name] then return nil end
  end
  return ("the first line must name the columns; none of it is known (known: %s)"):format(
    table.concat(state.names, ", "))
end

local function check_names(state, source)
  local seen, line = {}, source.header_line
  for _, name in ipairs(source.columns) do
    if seen[name] then
      state.problems:add{ line = line, message = ("the column '%s' is there twice"):format(name) }
    elseif not state.by_name[name] and not state.ignored[name] and state.strict then
      state.problems:add{ line = line, message = unknown(name, state.names) }
    end
    seen[name] = true
  end
  return seen
end

--- The header: unknown, doubled and missing columns. Returns a set of the names that are missing, or
-- nil when the rows would say nothing more.
local function check_header(state, source)
  local missing = {}
  if not source.columns then return missing end
  local line = source.header_line
  local hopeless = wrong_delimiter(source) or no_header(state, source)
  if hopeless then
    state.problems:add{ line = line, message = hopeless }
    return nil
  end
  local seen = check_names(state, source)
  for _, column in ipairs(state.kind.columns) do
    if column.required and not seen[column.name] then
      missing[column.name] = true
      state.problems:add{ line = line, message = ("the column '%s' is missing"):format(column.name) }
    end
  end
  return missing
end

--- What is wrong with one value, or nil and the value as it is sent and compared.
local function check_value(column, value)
  if type(value) ~= (column.type or "string") then
    return ("a %s is wanted, got %s"):format(column.type or "string", type(value))
  end
  if type(value) == "string" then
    if not csv.is_utf8(value) then return "not UTF-8" end
    if value:find("%c") then return "has a control character in it (a line break, a tab?)" end
  end
  if column.normalise then
    local normal, message = column.normalise(value)
    if normal == nil then return message end
    value = normal
  end
  return nil, value
end

-- a resource in its JSON:API envelope means the same as a flat one
local function flat(raw)
  if type(raw.attributes) ~= "table" then return raw end
  local row = { id = raw.id, type = raw.type }
  for name, value in pairs(raw.attributes) do row[name] = value end
  return row
end

local function check_fields(state, raw, line)
  if not state.strict or state.has_header then return end
  local names = {}
  for name in pairs(raw) do
    if not state.by_name[name] and not state.ignored[name] then names[#names + 1] = tostring(name) end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    state.problems:add{ line = line, message = unknown(name, state.names) }
  end
end

local function check_row(state, raw, line)
  local row = { line = line, values = {} }
  raw = flat(raw)
  check_fields(state, raw, line)
  for _, column in ipairs(state.kind.columns) do
    local name = column.name
    local value = raw[name]
    local message
    if value == nil or value == "" then
      if column.required and not state.missing[name] then message = "is empty, and is required" end
    else
      message, value = check_value(column, value)
      if not message and column.secret then
        row.secrets = row.secrets or {}
        row.secrets[name] = value
      elseif not message then
        row.values[name] = value
      end
    end
    if message then state.problems:add{ line = line, column = name, message = message } end
  end
  row.key = row.values[state.kind.key]
  return row
end

--- Two rows of one name, or of names that differ in letter case only, cannot both be meant.
local function check_duplicate(state, row)
  if not row.key then return end
  local folded = row.key:lower()
  local first = state.seen[folded]
  if not first then
    state.seen[folded] = row
    return
  end
  local place = state.source:place(first.line)
  state.problems:add{
    line = row.line,
    column = state.kind.key,
    message = first.key == row.key and ("'%s' is already at %s"):format(row.key, place)
      or ("'%s' differs in letter case only from '%s' at %s"):format(row.key, first.key, place),
  }
end

--- check(kind, source, strict) -> rows, or nil, err with every problem
return function(kind, source, strict)
  local by_name, names = columns_of(kind)
  local state = {
    kind = kind, source = source, strict = strict, by_name = by_name, names = names,
    ignored = set(kind.ignored), seen = {}, has_header = source.columns ~= nil,
    problems = problems.new(source),
  }
  local rows = {}
  state.missing = check_header(state, source)
  while state.missing do
    local raw, detail = source:next()
    if raw then
      local row = check_row(state, raw, detail)
      check_duplicate(state, row)
      rows[#rows + 1] = row
    elseif detail then
      state.problems:add(detail)
    else
      break
    end
  end
  source:close()
  local err = state.problems:error()
  if err then return nil, err end
  return rows
end
