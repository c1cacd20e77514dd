--- report: what a recipe did, on one page for people, as a table for programs. No member is ever a secret.

---@class ddokta.recipe.report
---@field recipe string
---@field outcome string "done", "nothing to do", "dry run" or "failed", or the recipe's own
---@field steps ddokta.recipe.report.step[]
---@field verified ddokta.recipe.fact[]
---@field warnings string[]
---@field advice string[] what to do next
---@field details? table what the recipe alone has
---@field guards? table[] those that trip
---@field blocked? string why the plan may not be applied
---@field seconds number

---@class ddokta.recipe.report.step
---@field key string
---@field title string
---@field sends string
---@field outcome "planned"|"done"|"unchanged"|"failed" planned: not begun; unchanged: somebody was faster
---@field error? { kind: string, message: string, status?: integer }

local json = require("ddokta.native").json
local text = require "ddokta.text"

local duration, show = text.duration, text.show

local Report = {}
Report.__index = Report

local function add_list(lines, title, texts)
  if not texts or #texts == 0 then return end
  lines[#lines + 1] = title
  for _, line in ipairs(texts) do
    lines[#lines + 1] = "  " .. show(line)
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

-- a recipe as the command calls it
local function label(self) return (self.recipe:gsub("_", "-")) end

local function head(self)
  if self.outcome == "dry run" then
    local what = #self.steps == 0 and "nothing to do" or #self.steps .. " to do"
    return ("%s: %s. Dry run, nothing was changed."):format(label(self), what)
  end
  return ("%s: %s in %s."):format(label(self), self.outcome, duration(self.seconds, 1))
end

--- The report for people.
---@param _ ddokta.text.Layout where a recipe has a table
---@return string
function Report:lay_out(_)
  local lines = { head(self) }
  if self.blocked then lines[#lines + 1] = "REFUSED: " .. show(self.blocked) end
  add_list(lines, "Steps", step_lines(self.steps))
  add_list(lines, "What is there", detail_lines(self.details))
  add_list(lines, "Verified", fact_lines(self.verified))
  add_list(lines, "Warnings", self.warnings)
  add_list(lines, "Next", self.advice)
  return table.concat(lines, "\n")
end

function Report:__tostring() return self:lay_out {} end

--- Has anything been changed?
---@return boolean
function Report:has_done()
  for _, row in ipairs(self.steps) do
    if row.outcome == "done" then return true end
  end
  return false
end

--- The report as plain data, for JSON.
---@return table
function Report:to_table()
  local copy = {}
  for name, value in pairs(self) do
    copy[name] = value
  end
  return copy
end

-- what a report has rows of: the first of these that it has
local LISTS = { "differences", "checks", "steps" }

local function list_of(self)
  for _, name in ipairs(LISTS) do
    if self[name] then return name end
  end
end

--- Its rows: differences, checks, or steps.
---@return fun(): table?
function Report:each()
  local list, number = self[list_of(self)], 0
  return function()
    number = number + 1
    return list[number]
  end
end

--- The report as plain data, its rows left out.
---@return table
function Report:head()
  local copy = self:to_table()
  copy[list_of(self)] = json.array {}
  return copy
end

function Report:to_json() return json.encode(self:to_table()) end

local report = {}

---@param fields table
---@return ddokta.recipe.report
function report.new(fields) return setmetatable(fields, Report) end

return report
