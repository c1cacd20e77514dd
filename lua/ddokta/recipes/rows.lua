--- rows: what a source has, read once and kept, so that it can be planned from more than once: the rows
-- as a recipe wants them, each with its place in the source.

local rows = {}
rows.__index = rows

--- A text of a mapping as the list of attributes that it joins: "firstName+lastName".
local function attributes_of(value)
  if type(value) == "table" then return value end
  local names = {}
  for name in tostring(value):gmatch("[^+]+") do names[#names + 1] = name:match("^%s*(.-)%s*$") end
  return names
end

--- mapping_of(args.mapping) -> {column = list of attributes}, or nil where none is given
function rows.mapping_of(given)
  if not given then return nil end
  local mapping = {}
  for column, value in pairs(given) do mapping[column] = attributes_of(value) end
  return mapping
end

local function joined(row, names)
  if #names == 1 then return row[names[1]] end -- a list stays one
  local parts = {}
  for _, name in ipairs(names) do
    local value = row[name]
    if value ~= nil and value ~= "" then parts[#parts + 1] = tostring(value) end
  end
  return parts[1] and table.concat(parts, " ") or nil
end

local function consumed(mapping)
  local names = {}
  for _, attributes in pairs(mapping) do
    for _, name in ipairs(attributes) do names[name] = true end
  end
  return names
end

--- renamed(row, mapping) -> a copy with the columns that a mapping makes of it. What it was made of is
-- no column any more.
function rows.renamed(row, mapping)
  local copy, gone = {}, consumed(mapping or {})
  for name, value in pairs(row) do
    if not gone[name] then copy[name] = value end
  end
  for column, names in pairs(mapping or {}) do copy[column] = joined(row, names) end
  return copy
end

local function renamed_columns(columns, mapping)
  if not columns or not mapping then return columns end
  local list, there, gone = {}, {}, consumed(mapping)
  for _, name in ipairs(columns) do
    if not gone[name] then
      list[#list + 1], there[name] = name, true
    end
  end
  for column in pairs(mapping) do
    if not there[column] then list[#list + 1] = column end
  end
  return list
end

--- new(source, mapping) -> rows. source: of bulk.read; it is read to its end and closed.
function rows.new(source, mapping)
  local self = setmetatable({ name = source.name, columns = renamed_columns(source.columns, mapping),
    header_line = source.header_line, delimiter = source.delimiter, place_of = source:placer() }, rows)
  self.last = 0
  while true do
    local row, detail = source:next()
    if row == nil and detail == nil then break end
    if row then row = rows.renamed(row, mapping) end
    self[#self + 1] = { row = row or nil, detail = detail }
    self.last = row and detail or self.last
  end
  source:close()
  return self
end

--- each() -> for row, place in rows:each() do: those that could be read
function rows:each()
  local i = 0
  return function()
    repeat i = i + 1 until not self[i] or self[i].row
    if self[i] then return self[i].row, self.place_of(self[i].detail) end
  end
end

--- add(row): one more, behind the end of the source
function rows:add(row)
  self.last = self.last + 1
  self[#self + 1] = { row = row, detail = self.last }
end

--- add_column(name): one that the rows were given
function rows:add_column(name)
  for _, column in ipairs(self.columns or {}) do
    if column == name then return end
  end
  if self.columns then self.columns[#self.columns + 1] = name end
end

--- source(change) -> a source for bulk.plan. change(row) -> the row as it is to be, or nil to leave it out.
function rows:source(change)
  local source, i = { name = self.name, columns = self.columns, header_line = self.header_line,
    delimiter = self.delimiter }, 0
  function source.next()
    while true do
      i = i + 1
      local entry = self[i]
      if not entry then return nil end
      if not entry.row then return nil, entry.detail end
      local row = change(entry.row)
      if row then return row, entry.detail end
    end
  end
  function source.placer() return self.place_of end
  function source.place(_, line) return self.place_of(line) end
  function source.close() return true end
  return source
end

return rows
