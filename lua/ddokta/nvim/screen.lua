--- The lines of a view's buffer, and how they are coloured, made of what is known of it.
local text = require "ddokta.text"

-- Columns of the editor, which has its own opinion of some characters ('ambiwidth'). It is asked only of what
-- is beyond ASCII: ten thousand lines are shown at once.
local function width_of(s) return s:find "[\128-\255]" and vim.fn.strdisplaywidth(s) or #s end

--- What is known of a view's buffer.
---@class ddokta.nvim.State
---@field view ddokta.nvim.View
---@field arguments table<string, string>
---@field found? ddokta.nvim.Found what was read last
---@field at? string where and when that was
---@field failure? string why the last reading failed, in one line or several
---@field job? ddokta.nvim.Job the reading that is under way
---@field made? ddokta.nvim.Screen what is shown

---@class ddokta.nvim.Screen
---@field lines string[]
---@field groups table<integer, string> the colour of a line, by its number
---@field rows table<integer, ddokta.nvim.Row> by the number of its line

local HINT = "<CR> shows one whole, R reads again"

local screen = {}

--- A text in lines that are no wider than that, broken at spaces.
---@param value string
---@param width integer columns
---@return string[]
function screen.wrap(value, width)
  local lines, line = {}, nil
  for word in value:gmatch "%S+" do
    if line and width_of(line .. " " .. word) <= width then
      line = line .. " " .. word
    else
      lines[#lines + 1] = line
      line = word
    end
  end
  lines[#lines + 1] = line
  return lines
end

--- Rows of cells as lines whose columns stand below each other.
---@param rows string[][]
---@return string[]
function screen.align(rows)
  local widths, cell_widths = {}, {}
  for r, cells in ipairs(rows) do
    cell_widths[r] = {}
    for i, cell in ipairs(cells) do
      local width = width_of(cell)
      cell_widths[r][i], widths[i] = width, math.max(widths[i] or 0, width)
    end
  end
  local lines = {}
  for r, cells in ipairs(rows) do
    local parts, last = {}, #cells
    while last > 1 and cells[last] == "" do
      last = last - 1
    end
    for i = 1, last - 1 do
      parts[i] = cells[i] .. (" "):rep(widths[i] - cell_widths[r][i])
    end
    parts[last] = cells[last]
    lines[r] = table.concat(parts, "  ")
  end
  return lines
end

local function amount(view, found)
  local n = #found.rows
  return ("%s %s%s"):format(n == 0 and "no" or n, n == 1 and view.noun or view.plural, found.about or "")
end

-- the first line: what this is, how many there are, what happens
local function heading(state)
  if state.found and not state.failure then
    local line = ("%s, %s"):format(amount(state.view, state.found), state.at)
    return state.job and line .. "; reading again…" or line
  end
  return ("%s: %s"):format(state.view.title, state.job and "reading…" or "could not be read")
end

local function add(made, line, group)
  made.lines[#made.lines + 1] = line
  made.groups[#made.lines] = group
end

local function add_failure(made, state, width)
  for line in state.failure:gmatch "[^\n]+" do
    for _, part in ipairs(screen.wrap(text.show(line), width)) do
      add(made, part, "WarningMsg")
    end
  end
  if not state.found then return end
  add(made, "")
  add(made, ("%s, %s:"):format(amount(state.view, state.found), state.at), "Comment")
end

local function add_table(made, state)
  local cells = { state.view.columns }
  for r, row in ipairs(state.found.rows) do
    cells[r + 1] = {}
    for c in ipairs(state.view.columns) do
      cells[r + 1][c] = text.show(row.cells[c])
    end
  end
  for i, line in ipairs(screen.align(cells)) do
    add(made, line, i == 1 and "Type" or nil)
    made.rows[#made.lines] = state.found.rows[i - 1]
  end
end

--- What a buffer shows.
---@param state ddokta.nvim.State
---@param width integer columns of its window
---@return ddokta.nvim.Screen
function screen.of(state, width)
  local made, found = { lines = {}, groups = {}, rows = {} }, state.found
  for _, line in ipairs(screen.wrap(heading(state), width)) do
    add(made, line, "Title")
  end
  if state.failure or found then
    add(made, found and #found.rows > 0 and HINT or "R reads again", "Comment")
  end
  if state.failure or found and #found.rows > 0 then add(made, "") end
  if state.failure then add_failure(made, state, width) end
  for _, warning in ipairs(found and found.warnings or {}) do
    for _, line in ipairs(screen.wrap("Warning: " .. text.show(warning), width)) do
      add(made, line, "WarningMsg")
    end
  end
  if found and #found.rows > 0 then add_table(made, state) end
  return made
end

-- every value within a thing, by its path: emails.1.value
local function flatten(value, path, flat)
  if type(value) ~= "table" then
    flat[#flat + 1] = { path, text.show(value) }
    return
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  for _, name in ipairs(names) do
    flatten(value[name], path == "" and tostring(name) or path .. "." .. name, flat)
  end
end

--- One row whole: its columns, then what else the service answered.
---@param view ddokta.nvim.View
---@param row ddokta.nvim.Row
---@return string[]
function screen.details(view, row)
  local cells, flat = {}, {}
  for i, column in ipairs(view.columns) do
    cells[i] = { column, text.show(row.cells[i]) }
  end
  flatten(row.item, "", flat)
  local lines = screen.align(cells)
  local rest = vim.tbl_filter(function(pair) return not vim.tbl_contains(view.columns, pair[1]) end, flat)
  if #rest > 0 then lines[#lines + 1] = "" end
  return vim.list_extend(lines, screen.align(rest))
end

return screen
