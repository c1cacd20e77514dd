--- Values as people read them: on one line, in columns, for a terminal, a log or a pipe.
local core = require "ddokta.native"

local text = {}

local function escape(c) return ("\\x%02X"):format(c:byte()) end

--- What of a value may be shown: one line, nothing that a terminal would obey, nothing that cannot be seen.
--- A control character becomes \x1B, one that turns the direction of writing or has no width <U+202E>; nil
--- is "".
---@param value any
---@return string
function text.show(value)
  if value == nil then return "" end
  local shown = tostring(value)
  if not shown:find "[^ -~]" then return shown end -- most of what lists have, ten thousand lines of it
  return core.show((shown:gsub("%c", escape)))
end

--- How long something takes: "12 s", "3 min", "2.5 h".
---@param seconds number
---@param decimals? integer of the seconds; 0 unless given
---@return string
function text.duration(seconds, decimals)
  if seconds < 90 then return ("%%.%df s"):format(decimals or 0):format(seconds) end
  if seconds < 5400 then return ("%.0f min"):format(seconds / 60) end
  return ("%.1f h"):format(seconds / 3600)
end

-- --- what was probably meant --------------------------------------------------------------------------

--- How many single letters must change to make one word the other (Levenshtein).
---@param a string
---@param b string
---@return integer
function text.distance(a, b)
  local row = {}
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local above = row[j]
      local same = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(above + 1, row[j - 1] + 1, diagonal + same)
      diagonal = above
    end
  end
  return row[#b]
end

local function shared_start(a, b)
  local length = 0
  while length < #a and a:byte(length + 1) == b:byte(length + 1) do
    length = length + 1
  end
  return length
end

-- Of two names that are equally like a word: the one that begins as it does.
local function comes_first(word, name, other)
  local own, others = shared_start(word, name), shared_start(word, other)
  if own ~= others then return own > others end
  return name < other
end

-- How far a name is from a word; nil: further than that. A word of a megabyte takes seconds to compare, and
-- lengths say enough of one.
local function distance_within(limit, word, name)
  -- "retries" for max_retries
  if #word >= 4 and name:find(word, 1, true) then return math.min(#name - #word, 1) end
  if math.abs(#word - #name) > limit then return nil end
  local d = text.distance(word, name)
  return d <= limit and d or nil
end

--- The name most like a word.
---@param word string
---@param names table a list of names, or a table with the names as keys
---@return string? name nil: none is like it
function text.nearest(word, names)
  local best, best_distance
  local limit = math.min(math.max(2, math.floor(#word / 2)), #word - 1)
  for key, value in pairs(names) do
    local name = type(key) == "number" and value or key
    local d = distance_within(limit, word:lower(), name:lower())
    if d and (not best or d < best_distance or d == best_distance and comes_first(word, name, best)) then
      best, best_distance = name, d
    end
  end
  return best
end

--- The end of a sentence about a name that is not known: ", did you mean 'site'?", and "" where none is like
--- it. Whoever reports an unknown name ends with this.
---@param word any
---@param names table as for nearest; with `or_list` a list
---@param options? { or_list?: boolean } or_list: " (known: a, b)" where none is like it
---@return string
function text.did_you_mean(word, names, options)
  local near = text.nearest(tostring(word), names)
  if near then return (", did you mean '%s'?"):format(near) end
  return options and options.or_list and (" (known: %s)"):format(table.concat(names, ", ")) or ""
end

-- --- columns ------------------------------------------------------------------------------------------

--- How many columns of a terminal a text takes: 2 for a wide character or an emoji, 0 for what joins the
--- character before it. What comes from outside is escaped first (show).
---@param s string
---@return integer
function text.width(s) return core.text.width(s) end

local width_of = text.width

--- As much of a text as fits, with an ellipsis where something was cut. What people take for one character is
--- whole or not there.
---@param s string
---@param columns number of a terminal
---@param ellipsis? string "…" unless given
---@return string
function text.fit(s, columns, ellipsis)
  if width_of(s) <= columns then return s end
  ellipsis = ellipsis or "…"
  local room = columns - width_of(ellipsis)
  return room < 0 and "" or core.text.start(s, room) .. ellipsis
end

--- A text with spaces behind it, so that it takes at least so many columns.
---@param s string
---@param columns number of a terminal
---@return string
function text.pad(s, columns) return s .. (" "):rep(columns - width_of(s)) end

-- As much of a text from there on as a line holds, to where it may be broken, and where the next begins. The
-- rest is not copied: a text of a megabyte has ten thousand lines.
local function line_from(s, from, columns)
  local start = core.text.start(s, columns, from)
  local behind = from + #start
  -- "": one character, as people count, is wider
  if behind > #s or start == "" then return s:sub(from), #s + 1 end
  if s:find("^ ", behind) then return start, s:find("[^ ]", behind) or #s + 1 end
  local words = start:match "^.*[ ;,]" or start
  return (words:gsub(" +$", "")), from + #words
end

local function broken(s, columns)
  local lines, at = {}, 1
  repeat
    lines[#lines + 1], at = line_from(s, at, columns)
  until at > #s
  return lines
end

--- A text on as many lines as it needs, broken at spaces, commas and semicolons where it has any.
---@param s string
---@param columns number of a line
---@param indent? string before each but the first
---@return string
function text.wrap(s, columns, indent) return table.concat(broken(s, columns), "\n" .. (indent or "")) end

--- A text for a terminal that shows ASCII alone: other characters as their code points, <U+00E9>.
---@param s string in UTF-8
---@return string
function text.ascii(s)
  return (
    s:gsub("…", "...")
      :gsub("[\192-\247][\128-\191]*", function(c) return "<" .. core.text.code_points(c) .. ">" end)
  )
end

--- How rows are laid out.
---@class ddokta.text.Layout
---@field width? integer columns of the terminal; nil: nothing is cut, and no column is left out
---@field keeps_all? boolean no column is left out: a table that is too wide becomes lines of "name  value"
---@field ascii? boolean the terminal shows nothing else
---@field bold? boolean the heads are
---@field hint? string how columns are seen that were left out, for the line below the table that names them

---@class ddokta.text.Column
---@field name string
---@field whole? boolean never cut: an id, a name that is typed again
---@field kept? boolean never left out, as the first is
---@field wraps? boolean prose, which goes on below itself instead of being cut

local GAP = "  "
local LEAST = 20 -- columns below which nobody knows what was cut

-- a value as it is shown
local function cell_of(value, layout)
  local shown = text.show(value)
  return layout.ascii and text.ascii(shown) or shown
end

local function fitted(cell, columns, layout) return text.fit(cell, columns, layout.ascii and "..." or nil) end

-- What a table is made of: of each column its name, its cells, how wide they are and how narrow they may be.
local function measured(columns, rows, layout)
  local list = {}
  for i, column in ipairs(columns) do
    if type(column) == "string" then column = { name = column } end
    local one = {
      name = column.name,
      whole = column.whole,
      kept = column.kept or i == 1,
      wraps = column.wraps,
      cells = {},
    }
    one.width, one.is_empty = width_of(column.name), true
    for r, row in ipairs(rows) do
      local cell = cell_of(row[i], layout)
      one.cells[r], one.width, one.is_empty =
        cell, math.max(one.width, width_of(cell)), one.is_empty and cell == ""
    end
    one.least = one.whole and one.width or math.min(one.width, math.max(width_of(column.name), LEAST))
    list[i] = one
  end
  return list
end

local function total(list, name)
  local sum = #GAP * (#list - 1)
  for _, column in ipairs(list) do
    sum = sum + column[name]
  end
  return sum
end

local function last_of(list, may_go)
  for i = #list, 1, -1 do
    if not list[i].kept and may_go(list[i]) then return i end
  end
end

-- Leaves out columns: empty ones before anything is cut, then the last until the others can be narrow
-- enough -> their names, but for those that are empty
local function leave_out(list, layout)
  local names = {}
  local function leave(measure, may_go)
    while total(list, measure) > layout.width do
      local i = last_of(list, may_go)
      if not i then return end
      local column = table.remove(list, i)
      if not column.is_empty then table.insert(names, 1, column.name) end
    end
  end
  leave("width", function(column) return column.is_empty end)
  leave("least", function() return true end)
  return names
end

-- Of the columns that may be narrower the one that should: one that wraps loses nothing, then the widest.
local function next_narrower(list)
  local best
  for _, column in ipairs(list) do
    if column.width > column.least then
      local is_better = not best
        or column.wraps and not best.wraps
        or column.wraps == best.wraps and column.width > best.width
      if is_better then best = column end
    end
  end
  return best
end

-- Takes from the columns until the line fits.
local function narrow(list, width)
  for _, column in ipairs(list) do
    column.width = math.max(column.least, math.min(column.width, width))
  end
  for _ = width + 1, total(list, "width") do
    local column = next_narrower(list)
    column.width = column.width - 1
  end
end

-- The row's lines: one, or as many as the cells that wrap need.
local function row_lines(list, cell_in, layout)
  local cells, count = {}, 1
  for i, column in ipairs(list) do
    local cell = cell_in(column)
    cells[i] = column.wraps and broken(cell, column.width) or { fitted(cell, column.width, layout) }
    count = math.max(count, #cells[i])
  end
  local lines = {}
  for n = 1, count do
    local parts = {}
    for i, column in ipairs(list) do
      parts[i] = text.pad(cells[i][n] or "", column.width)
    end
    lines[n] = table.concat(parts, GAP):gsub(" +$", "")
  end
  return table.concat(lines, "\n")
end

local function side_by_side(list, count, layout)
  local lines = { row_lines(list, function(column) return column.name end, layout) }
  if layout.bold then lines[1] = "\27[1m" .. lines[1] .. "\27[0m" end
  for r = 1, count do
    lines[r + 1] = row_lines(list, function(column) return column.cells[r] end, layout)
  end
  return table.concat(lines, "\n")
end

-- "name  value", and an id that does not fit behind its name on a line of its own
local function field_line(column, cell, indent, layout)
  local room = layout.width - indent
  if column.whole and width_of(cell) > room then return column.name .. "\n" .. cell end
  room = math.max(room, 1)
  local shown = column.wraps and text.wrap(cell, room, (" "):rep(indent)) or fitted(cell, room, layout)
  return text.pad(column.name, indent) .. shown
end

-- A row is a line for each of its columns, and an empty one before the next row.
local function one_below_another(list, count, layout)
  local blocks, indent = {}, 0
  for _, column in ipairs(list) do
    indent = math.max(indent, width_of(column.name) + #GAP)
  end
  for r = 1, count do
    local lines = {}
    for _, column in ipairs(list) do
      local cell = column.cells[r]
      if cell ~= "" then lines[#lines + 1] = field_line(column, cell, indent, layout) end
    end
    blocks[r] = table.concat(lines, "\n")
  end
  return table.concat(blocks, "\n\n")
end

--- Rows in columns that are as wide as what is in them. Where the terminal is narrower, the widest that may
--- be cut are; where these would say nothing any more, columns are left out, from the last; and where that is
--- not enough, each row stands on lines of its own.
---@param columns (string|ddokta.text.Column)[] those that matter most come first
---@param rows any[][]
---@param layout ddokta.text.Layout
---@return string
function text.table(columns, rows, layout)
  local list = measured(columns, rows, layout)
  if not layout.width then return side_by_side(list, #rows, layout) end
  local left_out = layout.keeps_all and {} or leave_out(list, layout)
  if total(list, "least") > layout.width then
    return one_below_another(measured(columns, rows, layout), #rows, layout)
  end
  narrow(list, layout.width)
  local shown = side_by_side(list, #rows, layout)
  if not left_out[1] then return shown end
  local words = ("not shown: %s (%s)"):format(
    table.concat(left_out, ", "),
    layout.hint or "a wider terminal has room for it"
  )
  return shown .. "\n\n" .. text.wrap(words, layout.width)
end

-- --- names and values -----------------------------------------------------------------------------------

--- Lines of "name  value", aligned; a name without a value is left out. A value that is wider than the
--- terminal goes on below itself; one without a space, such as an id, has a line of its own where it fits.
---@param names string[]
---@param values table<string, any>
---@param layout? ddokta.text.Layout
---@return string
function text.pairs(names, values, layout)
  layout = layout or {}
  local lines, indent = {}, 0
  for _, name in ipairs(names) do
    indent = math.max(indent, width_of(name) + #GAP)
  end
  for _, name in ipairs(names) do
    if values[name] ~= nil then
      local value = cell_of(values[name], layout)
      local room = layout.width and math.max(layout.width - indent, 8) or math.huge
      if width_of(value) <= room then
        lines[#lines + 1] = text.pad(name, indent) .. value
      elseif not value:find " " and width_of(value) <= layout.width then
        lines[#lines + 1] = name .. "\n" .. value
      else
        lines[#lines + 1] = text.pad(name, indent) .. text.wrap(value, room, (" "):rep(indent))
      end
    end
  end
  return table.concat(lines, "\n")
end

return text
