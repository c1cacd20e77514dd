--- A plan for people: what will happen, as a diff, in the order of the source.

local header = require "ddokta.bulk.header"

local signs = { create = "+", update = "~", delete = "-", conflict = "!", unchanged = "=" }
local colors = { create = "\27[32m", update = "\27[33m", delete = "\27[31m", conflict = "\27[35m" }
local words = {
  { "create", "to create" },
  { "update", "to update" },
  { "delete", "to delete" },
  { "conflict", "in conflict" },
  { "unchanged", "unchanged" },
}

-- names come from outside: a terminal must not obey them
local function show(value)
  if value == nil or value == "" then return "(none)" end
  return (tostring(value):gsub("%c", function(c) return ("\\x%02X"):format(c:byte()) end))
end

-- names: of ids, or nil
local function show_item(item, names) return show(names and names[item] or item) end

local function show_list(list, names)
  local items = {}
  for i, item in ipairs(list) do
    items[i] = show_item(item, names)
  end
  return items[1] and table.concat(items, ", ") or "(none)"
end

local function show_any(value, names) return type(value) == "table" and show_list(value, names) or show(value) end

-- of a list only what comes and goes: a group may have thousands of members
local function show_list_change(old, new, names)
  local there, items = {}, {}
  for _, item in ipairs(old) do
    there[item] = true
  end
  for _, item in ipairs(new) do
    if not there[item] then items[#items + 1] = "+" .. show_item(item, names) end
    there[item] = nil
  end
  for _, item in ipairs(old) do
    if there[item] then items[#items + 1] = "-" .. show_item(item, names) end
  end
  return table.concat(items, " ")
end

local function show_change(change, names)
  if type(change.new) == "table" then return show_list_change(change.old or {}, change.new, names) end
  return show(change.old) .. " -> " .. show(change.new)
end

local function width_of(lines)
  local width = 0
  for _, line in ipairs(lines) do
    width = math.max(width, #line[1])
  end
  return width
end

local function detail_lines(action)
  local lines = {}
  for _, change in ipairs(action.changes or {}) do
    local is_new = action.action == "create"
    -- a create's heading already shows the key
    if not is_new or change.new ~= action.key then
      local text = is_new and show_any(change.new, action.names) or show_change(change, action.names)
      lines[#lines + 1] = { change.field, text }
    end
  end
  for _, name in ipairs(action.secrets or {}) do
    lines[#lines + 1] = { name, "(secret)" }
  end
  return lines
end

local function add_action(out, action, paint)
  local place = action.position and "  (" .. action.position .. ")" or ""
  out[#out + 1] = paint(action.action, ("  %s %s"):format(signs[action.action], show(action.key))) .. place
  local remark = action.reason or action.note
  if remark then out[#out + 1] = "      " .. show(remark) end
  local lines = detail_lines(action)
  local width = width_of(lines)
  for _, line in ipairs(lines) do
    out[#out + 1] = ("      %s%s  %s"):format(line[1], (" "):rep(width - #line[1]), line[2])
  end
end

local function summary(plan)
  local parts = {}
  for _, word in ipairs(words) do
    local count = plan.counts[word[1]]
    local again = word[1] == "update" and plan.reactivations
    if count > 0 then
      parts[#parts + 1] = count .. " " .. word[2] .. (again and (" (%d to reactivate)"):format(again) or "")
    end
  end
  if #parts == 0 then return "Plan: the source is empty, nothing to do." end
  local counts = plan.counts
  if #parts == 1 and counts.unchanged > 0 then
    return ("Plan: nothing to do, all %d unchanged."):format(counts.unchanged)
  end
  return "Plan: " .. table.concat(parts, ", ") .. "."
end

local function total_of(plan, with_unchanged)
  local total = 0
  for _, word in ipairs(words) do
    if with_unchanged or word[1] ~= "unchanged" then total = total + plan.counts[word[1]] end
  end
  return total
end

--- header(plan) -> what it begins with, as text
local function render_header(plan) return table.concat(header.lines(plan, show), "\n") end

--- write(plan, put, options): put(text) gets the text line by line, without a final newline
-- options: color (false), limit (show at most so many steps), unchanged (list those too; false).
local function write(plan, put, options)
  options = options or {}
  local function paint(action, text)
    if not options.color or not colors[action] then return text end
    return colors[action] .. text .. "\27[0m"
  end
  local out, shown, limit = {}, 0, options.limit or math.huge
  put(render_header(plan))
  for step in (options.unchanged and plan:each() or plan:changes()) do
    if shown == limit then break end
    add_action(out, step, paint)
    put("\n" .. table.concat(out, "\n"))
    out, shown = {}, shown + 1
  end
  local hidden = total_of(plan, options.unchanged) - shown
  if hidden > 0 then out[#out + 1] = ("  ... and %d more"):format(hidden) end
  out[#out + 1] = summary(plan)
  if plan.note then out[#out + 1] = "Note: " .. plan.note .. "." end
  if plan.blocked then out[#out + 1] = "Stopped: " .. plan.blocked .. "." end
  put("\n" .. table.concat(out, "\n"))
end

--- render(plan, options) -> the same as one text
local function render(plan, options)
  local parts = {}
  write(plan, function(text) parts[#parts + 1] = text end, options)
  return table.concat(parts)
end

return { render = render, write = write, header = render_header }
