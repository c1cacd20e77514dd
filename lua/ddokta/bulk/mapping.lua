--- mapping: columns that are made of what a source calls otherwise.
--
--   userName=E-Mail                         one column under another name
--   name="First Name"+" "+"Last Name"       several, with the text between them
--   email=login+"@example.com"
--
-- A part is a column's name or a text; quotes keep its spaces and a + together, a quote inside is written
-- twice. A shell may have taken the quotes away, so they decide nothing: what the source has as a column is
-- one. Only what begins with neither letter nor digit, or is nothing but spaces, can be a text: a misspelt
-- column is an error, and never somebody's title. Two columns without a text between them get a space.

local options = require "ddokta.options"

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
  local near = options.nearest(part, names)
  return ("the source has no column '%s'%s"):format(part, near and ", did you mean '" .. near .. "'?" or "")
end

-- a column such as "#Nr" that is misspelt would be a text
local function is_misspelt(part, names)
  for _, name in ipairs(names) do
    if can_be_text(name) and options.distance(part:lower(), name:lower()) <= 2 then return true end
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

return mapping
