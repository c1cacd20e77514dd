--- Text in columns, for a terminal or a pipe.

local layout = {}

--- What of a value may reach a terminal: one line, nothing that it would obey.
function layout.show(value)
  if value == nil then return "" end
  return (tostring(value):gsub("%c", function(c) return ("\\x%02X"):format(c:byte()) end))
end

local function length(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

--- The first n characters, the last of them an ellipsis where something was cut.
local function cut(text, n)
  if length(text) <= n then return text end
  local kept, from = {}, 1
  while #kept < n - 1 do
    local stop = text:find("[^\128-\191]", from + 1) or #text + 1
    kept[#kept + 1] = text:sub(from, stop - 1)
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
    local text = cut(cells[i], width)
    parts[i] = i < #widths and text .. (" "):rep(width - length(text)) or text
  end
  return (table.concat(parts, "  "):gsub("%s+$", ""))
end

--- table(headers, rows, {width =, bold =}) -> text; without a width nothing is cut.
function layout.table(headers, rows, options)
  local shown = {}
  for r, row in ipairs(rows) do
    shown[r] = {}
    for i in ipairs(headers) do
      shown[r][i] = layout.show(row[i])
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

--- pairs(names, values) -> "name  value" lines, aligned
function layout.pairs(names, values)
  local lines, width = {}, 0
  for _, name in ipairs(names) do
    width = math.max(width, #name)
  end
  for _, name in ipairs(names) do
    if values[name] ~= nil then
      lines[#lines + 1] = name .. (" "):rep(width - #name + 2) .. layout.show(values[name])
    end
  end
  return table.concat(lines, "\n")
end

return layout
