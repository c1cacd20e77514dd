--- A plan for people: what will happen, as a diff, in the order of the source.

local signs = { create = "+", update = "~", delete = "-", conflict = "!", unchanged = "=" }
local colors = { create = "\27[32m", update = "\27[33m", delete = "\27[31m", conflict = "\27[35m" }
local words = {
  { "create", "to create" }, { "update", "to update" }, { "delete", "to delete" },
  { "conflict", "in conflict" }, { "unchanged", "unchanged" },
}

-- names come from outside: a terminal must not obey them
local function show(value)
  if value == nil then return "(none)" end
  return (tostring(value):gsub("%c", function(c) return ("\\x%02X"):format(c:byte()) end))
end

local function width_of(lines)
  local width = 0
  for _, line in ipairs(lines) do width = math.max(width, #line[1]) end
  return width
end

local function detail_lines(action)
  local lines = {}
  for _, change in ipairs(action.changes or {}) do
    local text = show(change.new)
    if action.action == "update" then text = show(change.old) .. " -> " .. text end
    -- a create's heading already shows the key
    if action.action == "update" or change.new ~= action.key then
      lines[#lines + 1] = { change.field, text }
    end
  end
  for _, name in ipairs(action.secrets or {}) do lines[#lines + 1] = { name, "(secret)" } end
  return lines
end

local function add_action(out, action, paint)
  local place = action.position and "  (" .. action.position .. ")" or ""
  out[#out + 1] = paint(action.action, ("  %s %s"):format(signs[action.action], show(action.key))) .. place
  if action.reason then out[#out + 1] = "      " .. show(action.reason) end
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
    if count > 0 then parts[#parts + 1] = count .. " " .. word[2] end
  end
  if #parts == 0 then return "Plan: the source is empty, nothing to do." end
  local counts = plan.counts
  if counts.unchanged == #plan.actions then
    return ("Plan: nothing to do, all %d unchanged."):format(counts.unchanged)
  end
  return "Plan: " .. table.concat(parts, ", ") .. "."
end

--- render(plan, options) -> text without a final newline
-- options: color (false), limit (show at most so many actions), unchanged (list those too; false).
return function(plan, options)
  options = options or {}
  local function paint(action, text)
    if not options.color or not colors[action] then return text end
    return colors[action] .. text .. "\27[0m"
  end
  local out, shown, hidden = { ("%s from %s"):format(plan.kind, plan.source) }, 0, 0
  for _, action in ipairs(plan.actions) do
    if action.action ~= "unchanged" or options.unchanged then
      if shown < (options.limit or math.huge) then
        add_action(out, action, paint)
        shown = shown + 1
      else
        hidden = hidden + 1
      end
    end
  end
  if hidden > 0 then out[#out + 1] = ("  ... and %d more"):format(hidden) end
  out[#out + 1] = summary(plan)
  if plan.blocked then out[#out + 1] = "Stopped: " .. plan.blocked .. "." end
  return table.concat(out, "\n")
end
