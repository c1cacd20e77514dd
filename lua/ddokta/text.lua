--- Values as people read them: on one line, in columns, for a terminal, a log or a pipe.
local core = require "ddokta.core"

local text = {}

local function escape(c) return ("\\x%02X"):format(c:byte()) end

--- What of a value may be shown: one line, nothing that a terminal would obey, nothing that cannot be seen.
--- A control character becomes \x1B, one that turns the direction of writing or has no width <U+202E>; nil
--- is "".
---@param value any
---@return string
function text.show(value)
  if value == nil then return "" end
  return core.show((tostring(value):gsub("%c", escape)))
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

--- The name most like a word.
---@param word string
---@param names table a list of names, or a table with the names as keys
---@return string? name nil: none is like it
function text.nearest(word, names)
  local best, best_distance
  for key, value in pairs(names) do
    local name = type(key) == "number" and value or key
    local d = text.distance(word:lower(), name:lower())
    if #word >= 4 and name:lower():find(word:lower(), 1, true) then
      d = math.min(d, 1) -- "retries" for max_retries
    end
    if not best or d < best_distance or d == best_distance and comes_first(word, name, best) then
      best, best_distance = name, d
    end
  end
  if best and best_distance <= math.max(2, math.floor(#word / 2)) and best_distance < #word then
    return best
  end
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
---@return string
function text.fit(s, columns)
  if width_of(s) <= columns then return s end
  if columns < 1 then return "" end
  return core.text.start(s, columns - 1) .. "…"
end

--- A text with spaces behind it, so that it takes at least so many columns.
---@param s string
---@param columns number of a terminal
---@return string
function text.pad(s, columns) return s .. (" "):rep(columns - width_of(s)) end

local function widths_of(headers, rows)
  local widths = {}
  for i, header in ipairs(headers) do
    widths[i] = width_of(header)
    for _, row in ipairs(rows) do
      widths[i] = math.max(widths[i], width_of(row[i]))
    end
  end
  return widths
end

-- Takes from the widest column until the line fits.
local function fit(widths, width)
  local total = 2 * (#widths - 1)
  for _, w in ipairs(widths) do
    total = total + w
  end
  while total > width do
    local widest = 1
    for i, w in ipairs(widths) do
      if w > widths[widest] then widest = i end
    end
    if widths[widest] <= 8 then return end
    widths[widest], total = widths[widest] - 1, total - 1
  end
end

local function line(cells, widths)
  local parts = {}
  for i, width in ipairs(widths) do
    local cell = text.fit(cells[i], width)
    parts[i] = i < #widths and text.pad(cell, width) or cell
  end
  return (table.concat(parts, "  "):gsub("%s+$", ""))
end

--- Rows in columns that are as wide as what is in them.
---@param headers string[]
---@param rows any[][]
---@param options { width?: integer, bold?: boolean } characters of a line, without which nothing is cut
---@return string
function text.table(headers, rows, options)
  local shown = {}
  for r, row in ipairs(rows) do
    shown[r] = {}
    for i in ipairs(headers) do
      shown[r][i] = text.show(row[i])
    end
  end
  local widths = widths_of(headers, shown)
  if options.width then fit(widths, options.width) end
  local lines = { line(headers, widths) }
  if options.bold then lines[1] = "\27[1m" .. lines[1] .. "\27[0m" end
  for _, row in ipairs(shown) do
    lines[#lines + 1] = line(row, widths)
  end
  return table.concat(lines, "\n")
end

--- Lines of "name  value", aligned; a name without a value is left out.
---@param names string[]
---@param values table<string, any>
---@return string
function text.pairs(names, values)
  local lines, width = {}, 0
  for _, name in ipairs(names) do
    width = math.max(width, width_of(name))
  end
  for _, name in ipairs(names) do
    if values[name] ~= nil then lines[#lines + 1] = text.pad(name, width + 2) .. text.show(values[name]) end
  end
  return table.concat(lines, "\n")
end

return text
