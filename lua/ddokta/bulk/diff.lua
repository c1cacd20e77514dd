--- A plan for people, as a diff in the order of the source, and for programs, as JSON.

local header = require "ddokta.bulk.header"
local json = require("ddokta.core").json
local show_text = require("ddokta.text").show

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
  return show_text(value)
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

local function show_field(field, names)
  if type(field.new) == "table" then return show_list_change(field.old or {}, field.new, names) end
  return show(field.old) .. " -> " .. show(field.new)
end

local function width_of(lines)
  local width = 0
  for _, line in ipairs(lines) do
    width = math.max(width, #line[1])
  end
  return width
end

local function detail_lines(change)
  local lines = {}
  for _, field in ipairs(change.changes or {}) do
    local is_new = change.action == "create"
    -- a create's heading already shows the key
    if not is_new or field.new ~= change.key then
      local text = is_new and show_any(field.new, change.names) or show_field(field, change.names)
      lines[#lines + 1] = { field.field, text }
    end
  end
  for _, name in ipairs(change.secrets or {}) do
    lines[#lines + 1] = { name, "(secret)" }
  end
  return lines
end

local function add_change(out, change, paint)
  local place = change.position and "  (" .. change.position .. ")" or ""
  out[#out + 1] = paint(change.action, ("  %s %s"):format(signs[change.action], show(change.key))) .. place
  local remark = change.reason or change.note
  if remark then out[#out + 1] = "      " .. show(remark) end
  local lines = detail_lines(change)
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

--- Methods of a plan: self is one.
---@class ddokta.bulk.diff
local diff = {}

--- What it begins with: of which service and organisation it is, with whose keys and when it was made.
---@return string
function diff:header() return table.concat(header.lines(self, show), "\n") end

---@class ddokta.bulk.RenderOptions
---@field color? boolean (false)
---@field limit? integer show at most so many changes
---@field unchanged? boolean list those too that change nothing (false)

--- The diff line by line, for plans of any length, without a final newline.
---@param put fun(text: string)
---@param options? ddokta.bulk.RenderOptions
---@return nil
function diff:write(put, options)
  options = options or {}
  local function paint(action, text)
    if not options.color or not colors[action] then return text end
    return colors[action] .. text .. "\27[0m"
  end
  local out, count, limit = {}, 0, options.limit or math.huge
  put(diff.header(self))
  for change in (options.unchanged and self:each() or self:changes()) do
    if count == limit then break end
    add_change(out, change, paint)
    put("\n" .. table.concat(out, "\n"))
    out, count = {}, count + 1
  end
  local hidden = total_of(self, options.unchanged) - count
  if hidden > 0 then out[#out + 1] = ("  ... and %d more"):format(hidden) end
  out[#out + 1] = summary(self)
  if self.note then out[#out + 1] = "Note: " .. self.note .. "." end
  if self.blocked then out[#out + 1] = "Stopped: " .. self.blocked .. "." end
  put("\n" .. table.concat(out, "\n"))
end

--- The same as one text.
---@param options? ddokta.bulk.RenderOptions
---@return string
function diff:render(options)
  local parts = {}
  diff.write(self, function(text) parts[#parts + 1] = text end, options)
  return table.concat(parts)
end

-- --- as JSON --------------------------------------------------------------------------------------

--- The names of those things that the change's lists refer to, by id; nil where there are none.
local function names_in(change)
  local found = {}
  for _, values in ipairs { change.new or {}, change.old or {} } do
    for _, list in pairs(values) do
      for _, id in ipairs(type(list) == "table" and list or {}) do
        local name = change.names and change.names[id]
        if name ~= id then found[id] = name end
      end
    end
  end
  return next(found) and found or nil
end

--- A change as plain data: with names for the ids that are in it alone.
---@package
function diff.shown(change)
  change.names = names_in(change)
  return change
end

local function public_fields(plan)
  local copy = {}
  for name, value in pairs(plan) do
    copy[name] = value
  end
  return copy
end

--- The fields, and all changes in `rows`.
---@return table
function diff:to_table()
  local copy = public_fields(self)
  copy.rows = json.array {}
  for change in self:each() do
    copy.rows[#copy.rows + 1] = diff.shown(change)
  end
  return copy
end

--- The JSON of that piece by piece, for plans of any length.
---@param put fun(text: string)
---@return true? written
---@return ddokta.Error|string|nil err
function diff:write_json(put)
  local head, err = json.encode(public_fields(self))
  if not head then return nil, err end
  put(head:gsub("}$", "") .. ',"rows":[')
  local separator = ""
  for change in self:each() do
    local text
    text, err = json.encode(diff.shown(change))
    if not text then return nil, err end
    put(separator .. text)
    separator = ","
  end
  put("]}")
  return true
end

---@return string? json
---@return ddokta.Error|string|nil err
function diff:to_json()
  local parts = {}
  local ok, err = diff.write_json(self, function(text) parts[#parts + 1] = text end)
  if not ok then return nil, err end
  return table.concat(parts)
end

return diff
