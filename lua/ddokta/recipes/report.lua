--- report: what a recipe did, on one page for people, as a table for programs.
--
-- A report is {
--   recipe, outcome   "done", "nothing to do", "dry run" or "failed"
--   steps     list of {key, title, sends, outcome, error}; outcome "planned" (not begun), "done",
--             "unchanged" (somebody else was faster, or a run before) or "failed"
--   verified  list of {what, ok, missing}
--   warnings, advice   lists of texts; advice is what to do next
--   details   what the recipe alone has, see there
--   blocked   why the plan may not be applied, or nil
--   seconds
-- }
-- No member is ever a secret.

local json = require("ddokta.core").json

local report = {}
report.__index = report

local function printable(text) return (tostring(text):gsub("%c", "?")) end

local function add_list(lines, title, texts)
  if not texts or #texts == 0 then return end
  lines[#lines + 1] = title
  for _, text in ipairs(texts) do
    lines[#lines + 1] = "  " .. printable(text)
  end
end

local function step_lines(steps)
  local lines = {}
  for _, row in ipairs(steps) do
    lines[#lines + 1] = ("%-9s  %s"):format(row.outcome, row.title)
    lines[#lines + 1] = "             " .. row.sends
    if row.error then lines[#lines + 1] = "             " .. row.error.message end
  end
  return lines
end

local function fact_lines(facts)
  local lines = {}
  for _, fact in ipairs(facts) do
    local missing = not fact.ok and fact.missing and " (" .. fact.missing .. ")" or ""
    lines[#lines + 1] = ("%-9s  %s%s"):format(fact.ok and "yes" or "NOT YET", fact.what, missing)
  end
  return lines
end

-- the recipe's own: texts and lists of texts
local function detail_lines(details)
  local names, lines = {}, {}
  for name in pairs(details or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = details[name]
    if type(value) == "table" then value = value[1] == nil and "none" or table.concat(value, ", ") end
    lines[#lines + 1] = ("%s: %s"):format(name:gsub("_", " "), tostring(value))
  end
  return lines
end

local function head(self)
  if self.outcome == "dry run" then
    local what = #self.steps == 0 and "nothing to do" or #self.steps .. " to do"
    return ("%s: %s. Dry run, nothing was changed."):format(self.recipe, what)
  end
  return ("%s: %s in %.1f s."):format(self.recipe, self.outcome, self.seconds)
end

function report:__tostring()
  local lines = { head(self) }
  if self.blocked then lines[#lines + 1] = "REFUSED: " .. printable(self.blocked) end
  add_list(lines, "Steps", step_lines(self.steps))
  add_list(lines, "What is there", detail_lines(self.details))
  add_list(lines, "Verified", fact_lines(self.verified))
  add_list(lines, "Warnings", self.warnings)
  add_list(lines, "Next", self.advice)
  return table.concat(lines, "\n")
end

--- Has anything been changed?
function report:has_done()
  for _, row in ipairs(self.steps) do
    if row.outcome == "done" then return true end
  end
  return false
end

--- The report as plain data, for JSON.
function report:to_table()
  local copy = {}
  for name, value in pairs(self) do
    copy[name] = value
  end
  return copy
end

function report:to_json() return json.encode(self:to_table()) end

return function(fields) return setmetatable(fields, report) end
