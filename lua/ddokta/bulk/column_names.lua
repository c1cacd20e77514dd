--- column_names: what the cells of a source's first line mean. A kind's column is meant in any letter case
--- and with spaces around it; cells that name nothing at the end are no columns.

local mapping = require "ddokta.bulk.mapping"

local column_names = {}

-- spaces, NBSP, and the marks that nobody sees: what a spreadsheet leaves around a name
local AROUND = { "%s+", "\194\160", "\226\128\139", "\239\187\191" }

local function trim(cell)
  local before
  repeat
    before = cell
    for _, what in ipairs(AROUND) do
      cell = cell:gsub("^" .. what, ""):gsub(what .. "$", "")
    end
  until cell == before
  return cell
end

--- cells(list) -> the names as they are meant, without the empty ones at the end
function column_names.cells(list)
  local names, last = {}, 0
  for i, cell in ipairs(list) do
    names[i] = trim(cell)
    if names[i] ~= "" then last = i end
  end
  for i = #names, last + 1, -1 do
    names[i] = nil
  end
  return names
end

--- finder(names) -> a function(text) -> the name of these that it means, or nil: the very one, else the only
-- one but for letter case
function column_names.finder(names)
  local exact, folded = {}, {}
  for _, name in ipairs(names) do
    exact[name] = true
    local key = name:lower()
    if folded[key] == nil then
      folded[key] = name
    elseif folded[key] ~= name then
      folded[key] = false
    end
  end
  return function(text)
    text = trim(text)
    return exact[text] and text or folded[text:lower()] or nil
  end
end

local function names_of(kind)
  local names = {}
  for i, column in ipairs(kind.columns) do
    names[i] = column.name
  end
  for _, name in ipairs(kind.ignored) do
    names[#names + 1] = name
  end
  return names
end

--- named(cells, kind) -> the cells, those that mean a column of the kind by its name
function column_names.named(cells, kind)
  local find, names = column_names.finder(names_of(kind)), {}
  for i, cell in ipairs(cells) do
    names[i] = find(cell) or cell
  end
  return names
end

local function mapped_row(resolved, used, names, row)
  local made = {}
  for name, value in pairs(row) do
    if not used[name] then made[names and names[name] or name] = value end
  end
  for column, list in pairs(resolved) do
    made[column] = mapping.value(list, row)
  end
  return made
end

local function mapped_columns(cells, named, resolved, used)
  local columns, there = {}, {}
  for i, cell in ipairs(cells) do
    if not used[cell] and not resolved[named[i]] then columns[#columns + 1] = named[i] end
  end
  for _, name in ipairs(columns) do
    there[name] = true
  end
  local made = {}
  for column in pairs(resolved) do
    made[#made + 1] = column
  end
  table.sort(made)
  for _, column in ipairs(made) do
    if not there[column] then columns[#columns + 1] = column end
  end
  return columns
end

local function twice(cells, used)
  local seen = {}
  for _, cell in ipairs(cells) do
    if seen[cell] and used[cell] then return ("the column '%s' is there twice"):format(cell) end
    seen[cell] = true
  end
end

--- mapped(cells, kind, map) -> columns, a function(row) -> row, list of what is wrong. map: of mapping.read.
-- What a column is made of is no column any more, and what it is made in place of neither.
function column_names.mapped(cells, kind, map)
  local named = kind and column_names.named(cells, kind) or cells
  local resolved, used, wrong = mapping.resolve(map, cells, column_names.finder(cells))
  wrong[#wrong + 1] = twice(cells, used)
  local names = {}
  for i, cell in ipairs(cells) do
    names[cell] = named[i]
  end
  return mapped_columns(cells, named, resolved, used),
    function(row) return mapped_row(resolved, used, names, row) end,
    wrong
end

--- mapper(map) -> a function(row) -> row for rows that have names of their own, and a function() -> which
-- columns no row has had
function column_names.mapper(map)
  local resolved, used = mapping.resolve(map)
  local missing = {}
  for name in pairs(used) do
    missing[name] = true
  end
  return function(row)
    local fields = type(row.attributes) == "table" and row.attributes or row
    for name in pairs(missing) do
      if fields[name] ~= nil then missing[name] = nil end
    end
    return mapped_row(resolved, used, nil, fields)
  end, function()
    local names = {}
    for name in pairs(missing) do
      names[#names + 1] = name
    end
    table.sort(names)
    return names
  end
end

return column_names
