--- A plan for people, as a diff in the order of the source, and for programs, as JSON.

local document = require "ddokta.bulk.document"
local arguments = require "ddokta.arguments"
local check_options = require("ddokta.options").check
local header = require "ddokta.bulk.header"
local kinds = require "ddokta.bulk.kinds"
local texts = require "ddokta.text"
local words = require "ddokta.bulk.words"

local LONG = 60 -- letters of a value that is shown whole
local AROUND = 20 -- letters around what differs in a longer one
local GREEN, YELLOW, RED, MAGENTA = "\27[32m", "\27[33m", "\27[31m", "\27[35m"

-- by verb
local signs = {
  create = "+",
  update = "~",
  reactivate = "~",
  deactivate = "-",
  delete = "-",
  conflict = "!",
  unchanged = "=",
}
local colors = {
  create = GREEN,
  update = YELLOW,
  reactivate = YELLOW,
  deactivate = RED,
  delete = RED,
  conflict = MAGENTA,
}

-- names come from outside: a terminal must not obey them
local function show(value)
  if value == nil or value == "" then return "(none)" end
  return texts.show(value)
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

local function letters_of(text)
  local letters = {}
  for letter in text:gmatch "[%z\1-\127\192-\255][\128-\191]*" do
    letters[#letters + 1] = letter
  end
  return letters
end

local function excerpt(letters, first, last)
  local text = table.concat(letters, "", first, last)
  return (first > 1 and "…" or "") .. text .. (last < #letters and "…" or "")
end

--- Of two texts, one of which is long, what differs and some letters around it.
local function narrow(old, new)
  local a, b = letters_of(old), letters_of(new)
  if #a <= LONG and #b <= LONG then return old, new end
  local shorter, same = math.min(#a, #b), 0
  while same < shorter and a[same + 1] == b[same + 1] do
    same = same + 1
  end
  local tail = 0
  while tail < shorter - same and a[#a - tail] == b[#b - tail] do
    tail = tail + 1
  end
  local first, cut = math.max(same + 1 - AROUND, 1), math.max(tail - AROUND, 0)
  return excerpt(a, first, #a - cut), excerpt(b, first, #b - cut)
end

local function show_field(field, names)
  if type(field.new) == "table" then return show_list_change(field.old or {}, field.new, names) end
  local old, new = narrow(show(field.old), show(field.new))
  return old .. " -> " .. new
end

local function width_of(lines)
  local width = 0
  for _, line in ipairs(lines) do
    width = math.max(width, texts.width(line[1]))
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

local function add_change(out, change, verb, paint)
  local place = change.position and "  (" .. change.position .. ")" or ""
  out[#out + 1] = paint(verb, ("  %s %s"):format(signs[verb], show(change.key))) .. place
  local remark = change.reason or change.note
  if remark then out[#out + 1] = "      " .. show(remark) end
  local lines = detail_lines(change)
  local width = width_of(lines)
  for _, line in ipairs(lines) do
    out[#out + 1] = ("      %s  %s"):format(texts.pad(line[1], width), line[2])
  end
end

local function summary(plan)
  local counts, parts = plan.counts, words.to_do(plan)
  if counts.conflict > 0 then parts[#parts + 1] = counts.conflict .. " in conflict" end
  if #parts == 0 and counts.unchanged == 0 then return "Plan: the source is empty, nothing to do." end
  if #parts == 0 then return ("Plan: nothing to do, all %d unchanged."):format(counts.unchanged) end
  if counts.unchanged > 0 then parts[#parts + 1] = counts.unchanged .. " unchanged" end
  return "Plan: " .. table.concat(parts, ", ") .. "."
end

-- --- of a long plan the first of each verb --------------------------------------------------------

--- What is left to be shown: how many of each verb, and of all.
local function wanted_of(plan, options)
  local wanted, total = words.by_verb(plan), 0
  wanted.conflict = plan.counts.conflict
  wanted.unchanged = options.unchanged and plan.counts.unchanged or 0
  local hidden = {}
  for verb, count in pairs(wanted) do
    wanted[verb] = math.min(count, options.limit or count)
    hidden[verb], total = count - wanted[verb], total + wanted[verb]
  end
  return wanted, total, hidden
end

-- verbs of one action
local parts_of_update = { "update", "reactivate", "deactivate" }

local function is_wanted(wanted, action)
  if action == "delete" then return wanted.delete + wanted.deactivate > 0 end
  if action ~= "update" then return wanted[action] > 0 end
  for _, verb in ipairs(parts_of_update) do
    if wanted[verb] > 0 then return true end
  end
  return false
end

-- in the order of the summary
local rest = {
  { "create", "to create" },
  { "update", "to update" },
  { "reactivate", "to reactivate" },
  { "deactivate", "to deactivate" },
  { "delete", "to delete" },
  { "conflict", "in conflict" },
  { "unchanged", "unchanged" },
}

local function hidden_line(hidden, hint)
  local parts = {}
  for _, word in ipairs(rest) do
    local count = hidden[word[1]]
    if count > 0 then parts[#parts + 1] = ("%d more %s"):format(count, word[2]) end
  end
  if not parts[1] then return nil end
  return ("  ... and %s%s"):format(table.concat(parts, ", "), hint and (" (%s)"):format(hint) or "")
end

--- An iterator over the changes that are shown, and their verbs.
local function shown_changes(plan, options, wanted, total)
  local kind, only = kinds.get(plan.kind), function(action) return is_wanted(wanted, action) end
  local next_change = options.unchanged and plan:each() or plan:changes { only = only }
  return function()
    local change = total > 0 and next_change()
    while change do
      local verb = words.verb(kind, change)
      if wanted[verb] > 0 then
        wanted[verb], total = wanted[verb] - 1, total - 1
        return change, verb
      end
      change = next_change()
    end
  end
end

--- Methods of a plan: self is one.
---@class ddokta.bulk.diff
local diff = {}

--- What it begins with: of which organisation it is, with whose keys and when it was made, and its source.
---@return string
function diff:header()
  arguments.self(self, "plan", "header")
  local line, title = header.line(self), show(header.title(self))
  return line and show(line) .. "\n" .. title or title
end

--- How many changes there are.
---@return integer
function diff:change_count()
  arguments.self(self, "plan", "change_count")
  return self.counts.create + self.counts.update + self.counts.delete
end

--- What it would do, by what it is called for this kind: "2 users to create, 1 to deactivate".
---@return string
function diff:to_do()
  arguments.self(self, "plan", "to_do")
  return table.concat(words.to_do(self), ", ")
end

local known = {
  blocked = { "boolean" },
  color = { "boolean" },
  hint = { "string" },
  limit = { "number" },
  unchanged = { "boolean" },
}

---@class ddokta.bulk.RenderOptions
---@field color? boolean (false)
---@field limit? integer of creations, updates, deletions, ... show at most so many each
---@field hint? string how the rest is seen, for the line that counts it
---@field unchanged? boolean list those too that change nothing (false)
---@field blocked? boolean say at its end why it may not be applied (true)

--- The diff line by line, for plans of any length, without a final newline.
---@param put fun(text: string)
---@param options? ddokta.bulk.RenderOptions
---@return nil
function diff:write(put, options)
  arguments.open(self, "plan", "write")
  arguments.need(type(put) == "function", "plan:write", "a function that takes a text", put)
  options = check_options(options, known)
  local function paint(verb, text)
    if not options.color or not colors[verb] then return text end
    return colors[verb] .. text .. "\27[0m"
  end
  local out = {}
  put(diff.header(self))
  local wanted, total, hidden = wanted_of(self, options)
  for change, verb in shown_changes(self, options, wanted, total) do
    add_change(out, change, verb, paint)
    put("\n" .. table.concat(out, "\n"))
    out = {}
  end
  out[#out + 1] = hidden_line(hidden, options.hint)
  out[#out + 1] = summary(self)
  if self.note then out[#out + 1] = "Note: " .. self.note .. "." end
  if self.blocked and options.blocked ~= false then out[#out + 1] = "Stopped: " .. self.blocked .. "." end
  put("\n" .. table.concat(out, "\n"))
end

--- The same as one text.
---@param options? ddokta.bulk.RenderOptions
---@return string
function diff:render(options)
  arguments.open(self, "plan", "render")
  options = check_options(options, known)
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

local function each_shown(plan)
  local each = plan:each()
  return function()
    local change = each()
    return change and diff.shown(change)
  end
end

--- The plan as plain data, its changes left out.
---@return table
function diff:head()
  arguments.self(self, "plan", "head")
  return document.table(self, function() end)
end

--- The fields, and all changes in `rows`.
---@return table
function diff:to_table()
  arguments.open(self, "plan", "to_table")
  return document.table(self, each_shown(self))
end

--- The JSON of that piece by piece, for plans of any length.
---@param put fun(text: string)
---@return true? written
---@return ddokta.Error|string|nil err
function diff:write_json(put)
  arguments.open(self, "plan", "write_json")
  arguments.need(type(put) == "function", "plan:write_json", "a function that takes a text", put)
  return document.write(put, self, each_shown(self))
end

---@return string? json
---@return ddokta.Error|string|nil err
function diff:to_json()
  arguments.open(self, "plan", "to_json")
  local parts = {}
  local ok, err = diff.write_json(self, function(text) parts[#parts + 1] = text end)
  if not ok then return nil, err end
  return table.concat(parts)
end

return diff
