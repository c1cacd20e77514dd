--- What the columns of a source mean: a kind's column in any letter case, or one that is made of others.
--
--   userName=E-Mail                         one column under another name
--   name="First Name"+" "+"Last Name"       several, with the text between them
--   email=login+"@example.com"
--
-- A part is a column's name or a text; quotes keep its spaces and a + together, a quote inside is written
-- twice. A shell may have taken the quotes away, so they decide nothing: what the source has as a column is
-- one. Only what begins with neither letter nor digit, or is nothing but spaces, can be a text: a misspelt
-- column is an error, and never somebody's title. Two columns without a text between them get a space.

local distance = require("ddokta.text").distance
local did_you_mean = require("ddokta.text").did_you_mean

local mapping = {}

local function trim(text) return text:match("^%s*(.-)%s*$") end

-- the part that begins at `from`: its text, where the next begins (nil: it was the last), or nil, message
local function next_part(text, from)
  local start = text:match('^%s*()"', from)
  if not start then
    local part, stop = text:match("^([^+]*)()", from)
    if part:find("%S") then part = trim(part) end
    if part == "" then return nil, "nothing is beside a +" end
    return part, stop <= #text and stop + 1 or nil
  end
  local stop = start
  repeat
    stop = text:find('"', stop + 1, true)
    if not stop then return nil, "a quote is not closed" end
    local doubled = text:sub(stop + 1, stop + 1) == '"'
    if doubled then stop = stop + 1 end
  until not doubled
  local part, after = text:sub(start + 1, stop - 1):gsub('""', '"'), text:match("^%s*()", stop + 1)
  if after > #text then return part, nil end
  if text:sub(after, after) ~= "+" then return nil, "text follows a closing quote" end
  return part, after + 1
end

--- parts(text) -> list of texts | nil, what is wrong
local function parts(text)
  local list, from = {}, 1
  repeat
    local part, after = next_part(text, from)
    if not part then return nil, ("'%s': %s"):format(text, after) end
    list[#list + 1], from = part, after
  until not from
  return list
end

local function can_be_text(part) return not part:find("^[%w_\128-\255]") end

local function check_parts(column, list)
  for _, part in ipairs(list) do
    if part:find("[%w\128-\255]") then return true end
  end
  return #list == 1 and list[1]:find("%S") ~= nil, ("'%s' is made of no column"):format(column)
end

--- read(given) -> {column = list of parts} | nil, what is wrong. given: {column = text as above, or a list
-- of attributes}; what was read already stays as it is.
function mapping.read(given)
  local read = {}
  for column, value in pairs(given) do
    local list, message = value, nil
    if type(value) ~= "table" then
      list, message = parts(tostring(value))
    end
    if not list then return nil, message end
    local ok, why = check_parts(column, list)
    if not ok then return nil, why end
    read[column] = list
  end
  return read
end

--- add(map, text): "name=..." of a command line, into a table for read | nil, message
function mapping.add(map, text)
  local column, value = text:match("^%s*([^=]-)%s*=(.*)$")
  if not column or column == "" or value == "" then
    return nil, ("'%s' is not column=\"Column of the source\""):format(text)
  end
  if map[column] then return nil, ("'%s' is made twice"):format(column) end
  local ok, message = mapping.read { [column] = value }
  if not ok then return nil, message end
  map[column] = value
  return map
end

local function unknown(part, names)
  return ("the source has no column '%s'%s"):format(part, did_you_mean(part, names))
end

-- a column such as "#Nr" that is misspelt would be a text
local function is_misspelt(part, names)
  for _, name in ipairs(names) do
    if can_be_text(name) and distance(part:lower(), name:lower()) <= 2 then return true end
  end
  return false
end

local function is_text(part, count, names)
  return can_be_text(part) and count > 1 and not (part:find("%w") and is_misspelt(part, names))
end

--- resolve(map, names, find) -> {column = list of {column =} and {text =}}, a set of the columns that are
-- used, list of what is wrong. names: the columns of the source; find(part) -> the one that is meant, or nil.
-- Of a source that does not say what it has (neither is given) each part that can be no text is a column.
function mapping.resolve(map, names, find)
  names = names or {}
  local resolved, used, wrong = {}, {}, {}
  for column, list in pairs(map) do
    resolved[column] = {}
    for i, part in ipairs(list) do
      local name
      if find then
        name = find(part)
      elseif not is_text(part, #list, names) then
        name = part
      end
      if name then
        used[name] = true
      elseif not is_text(part, #list, names) then
        wrong[#wrong + 1] = unknown(part, names)
      end
      resolved[column][i] = name and { column = name } or { text = part }
    end
  end
  table.sort(wrong)
  return resolved, used, wrong
end

local function is_empty(value) return value == nil or value == "" end

local function text_of(value)
  if type(value) ~= "table" then return tostring(value) end
  local items = {}
  for i, item in ipairs(value) do
    items[i] = tostring(item)
  end
  return table.concat(items, ", ")
end

--- value(list, row) -> what a row has for it: of one column as it is, lists too; of several a text, or nil
-- where all of them are empty. A text beside an empty column is left out, one between two others stays.
function mapping.value(list, row)
  if #list == 1 then return row[list[1].column] end
  local made, text, is_between, is_first = "", nil, false, true
  for _, part in ipairs(list) do
    if part.text then
      if not is_between then text = (text or "") .. part.text end
    elseif is_empty(row[part.column]) then
      if made == "" then
        text = nil
      else
        is_between = text ~= nil
      end
      is_first = false
    else
      if made ~= "" then
        made = made .. (text or " ")
      elseif is_first then
        made = text or ""
      end
      made, text, is_between, is_first = made .. text_of(row[part.column]), nil, false, false
    end
  end
  if made == "" then return nil end
  return text and not is_between and made .. text or made
end

-- --- a source's columns ----------------------------------------------------------------------------

-- spaces, NBSP, and the marks that nobody sees: what a spreadsheet leaves around a name
local AROUND = { "%s+", "\194\160", "\226\128\139", "\239\187\191" }

local function trim_cell(cell)
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
function mapping.cells(list)
  local names, last = {}, 0
  for i, cell in ipairs(list) do
    names[i] = trim_cell(cell)
    if names[i] ~= "" then last = i end
  end
  for i = #names, last + 1, -1 do
    names[i] = nil
  end
  return names
end

--- finder(names) -> a function(text) -> the name of these that it means, or nil: the very one, else the only
-- one but for letter case
function mapping.finder(names)
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
    text = trim_cell(text)
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
function mapping.named(cells, kind)
  local find, names = mapping.finder(names_of(kind)), {}
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
function mapping.mapped(cells, kind, map)
  local named = kind and mapping.named(cells, kind) or cells
  local resolved, used, wrong = mapping.resolve(map, cells, mapping.finder(cells))
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
function mapping.mapper(map)
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

return mapping
