--- rows: what a source has, read once and kept, so that it can be planned from more than once: the rows
-- as a recipe wants them, each with its place in the source.

local kinds = require "ddokta.bulk.kinds"

local rows = {}
rows.__index = rows

--- new(source, kind) -> rows. source: of bulk.read; it is read to its end and closed. kind: its name.
function rows.new(source, kind)
  local problems = source:know(kinds.get(kind), true)
  local self = setmetatable({
    name = source.name,
    columns = source.columns,
    header_line = source.header_line,
    delimiter = source.delimiter,
    is_given = source.is_given,
    list_separator = source.list_separator,
    place_of = source:placer(),
    problems = problems,
  }, rows)
  self.last = 0
  while true do
    local row, detail = source:next()
    if row == nil and detail == nil then break end
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
    repeat
      i = i + 1
    until not self[i] or self[i].row
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
  local source, i =
    {
      name = self.name,
      columns = self.columns,
      header_line = self.header_line,
      delimiter = self.delimiter,
      is_given = self.is_given,
      list_separator = self.list_separator,
    }, 0
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
  function source.know() return self.problems end
  function source.placer() return self.place_of end
  function source.place(_, line) return self.place_of(line) end
  function source.close() return true end
  return source
end

return rows
