--- text: values as people read them, on one line and in columns, for a terminal or a pipe.

local text = {}

--- What of a value may reach a terminal: one line, nothing that it would obey; nil is nothing.
---@param value any
---@return string
function text.show(value)
  if value == nil then return "" end
  return (tostring(value):gsub("%c", function(c) return ("\\x%02X"):format(c:byte()) end))
end

local function length(value)
  local _, count = value:gsub("[^\128-\191]", "")
  return count
end

--- The first n characters, the last of them an ellipsis where something was cut.
local function cut(value, n)
  if length(value) <= n then return value end
  local kept, from = {}, 1
  while #kept < n - 1 do
    local stop = value:find("[^\128-\191]", from + 1) or #value + 1
    kept[#kept + 1] = value:sub(from, stop - 1)
    from = stop
  end
  return table.concat(kept) .. "…"
end

local function widths_of(headers, rows)
  local widths = {}
  for i, header in ipairs(headers) do
    widths[i] = length(header)
    for _, row in ipairs(rows) do
      widths[i] = math.max(widths[i], length(row[i]))
    end
  end
  return widths
end

--- Takes from the widest column until the line fits.
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
    local cell = cut(cells[i], width)
    parts[i] = i < #widths and cell .. (" "):rep(width - length(cell)) or cell
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
    width = math.max(width, #name)
  end
  for _, name in ipairs(names) do
    if values[name] ~= nil then
      lines[#lines + 1] = name .. (" "):rep(width - #name + 2) .. text.show(values[name])
    end
  end
  return table.concat(lines, "\n")
end

return text
