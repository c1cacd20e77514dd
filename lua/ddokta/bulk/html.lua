--- A plan, and what became of it, as a page (page.lua).

local header = require "ddokta.bulk.header"
local kinds = require "ddokta.bulk.kinds"
local page = require "ddokta.bulk.page"
local words = require "ddokta.bulk.words"

local MOST_UNCHANGED = 100000 -- more of them are counted only

-- --- fields ---------------------------------------------------------------------------------------

local function names_of(list, names)
  local items = {}
  for i, item in ipairs(list) do
    items[i] = names and names[item] or item
  end
  return items
end

local function without(list, others)
  local there, items = {}, {}
  for _, item in ipairs(others) do
    there[item] = true
  end
  for _, item in ipairs(list) do
    if not there[item] then items[#items + 1] = item end
  end
  return items
end

local function value_of(value, names) return type(value) == "table" and names_of(value, names) or value end

--- Of a list that changes, what goes and what comes: a group may have thousands of members.
local function list_field(label, old, new, names)
  local gone, come = without(old, new), without(new, old)
  return {
    label = label,
    old = names_of(gone, names),
    new = names_of(come, names),
    stay = #old - #gone,
  }
end

local function changed_field(field, names)
  local old, new = field.old, field.new
  if type(new) == "table" and type(old) == "table" then return list_field(field.field, old, new, names) end
  return { label = field.field, old = value_of(old, names), new = value_of(new, names) }
end

local function sorted_fields(values)
  local names = {}
  for name in pairs(values or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function fields_of(change)
  local fields = {}
  for _, field in ipairs(change.changes or {}) do
    -- the row shows the key of what is made
    if change.action ~= "create" or field.new ~= change.key then
      fields[#fields + 1] = changed_field(field, change.names)
    end
  end
  if change.action == "delete" and not change.changes then
    for _, name in ipairs(sorted_fields(change.old)) do
      fields[#fields + 1] = { label = name, old = value_of(change.old[name], change.names), goes = true }
    end
  end
  for _, name in ipairs(change.secrets or {}) do
    -- what is made had none
    local old = change.action ~= "create" and "(not shown by the service)" or nil
    fields[#fields + 1] = { label = name, old = old, new = "(secret)" }
  end
  return fields
end

-- --- rows -----------------------------------------------------------------------------------------

local function said_of(row, verb)
  local said = { row.outcome == "done" and verb .. "d" or row.outcome:gsub("_", " ") }
  if row.error and row.outcome ~= "unchanged" then said[1] = row.error.message end
  if (row.attempts or 0) > 1 then said[#said + 1] = row.attempts .. " attempts" end
  if row.resumed then said[#said + 1] = "by an earlier run" end
  said[#said + 1] = row.note
  return said
end

--- row: of the report, or nil
local function page_row(kind, change, row)
  local verb = words.verb(kind, change)
  local outcome = row and row.outcome or verb
  return {
    section = outcome == "done" and verb or outcome,
    action = verb,
    name = change.key,
    place = change.position or change.id and "id " .. tostring(change.id),
    remark = change.reason or not row and change.note or nil,
    fields = outcome == "unchanged" and {} or fields_of(change),
    said = row and outcome ~= "unchanged" and said_of(row, verb) or {},
  }
end

local function rows_of_plan(plan, kind)
  local each = plan.counts.unchanged <= MOST_UNCHANGED and plan:each() or plan:changes()
  return function()
    local change = each()
    return change and page_row(kind, change)
  end
end

--- Those of the report: a deletion that an earlier run may have sent is in no plan.
local function rows_of_report(plan, report, kind)
  local each, last = report:each(), plan:steps()
  local all = report.counts.unchanged <= MOST_UNCHANGED
  return function()
    for row in each do
      if all or row.outcome ~= "unchanged" then
        local is_planned = row.outcome ~= "unchanged" and row.number <= last
        return page_row(kind, is_planned and plan:step(row.number) or row, row)
      end
    end
  end
end

-- --- sections -------------------------------------------------------------------------------------

-- what matters most comes first
local planned = {
  { id = "conflict", words = "in conflict", tone = "conflict", alike = "said" },
  { id = "delete", words = "to delete", tone = "delete", alike = "fields" },
  { id = "deactivate", words = "to deactivate", tone = "delete", alike = "fields" },
  { id = "reactivate", words = "to reactivate", tone = "update", alike = "fields" },
  { id = "update", words = "to update", tone = "update", alike = "fields" },
  { id = "create", words = "to create", tone = "create" },
  { id = "unchanged", words = "unchanged", tone = "unchanged", closed = true },
}

local happened = {
  { id = "failed", words = "failed", tone = "failed", alike = "said" },
  { id = "unknown", words = "unknown", tone = "failed", alike = "said" },
  { id = "not_run", words = "not sent", tone = "conflict", alike = "said" },
  { id = "skipped", words = "in conflict", tone = "conflict", alike = "said" },
  { id = "delete", words = "deleted", tone = "delete", alike = "fields" },
  { id = "deactivate", words = "deactivated", tone = "delete", alike = "fields" },
  { id = "reactivate", words = "reactivated", tone = "update", alike = "fields" },
  { id = "update", words = "updated", tone = "update", alike = "fields" },
  { id = "create", words = "created", tone = "create" },
  { id = "unchanged", words = "unchanged", tone = "unchanged", closed = true },
}

--- How many rows each section has.
local function counts_of(about)
  local counts = words.by_verb(about)
  for name, count in pairs(about.counts) do
    counts[name] = counts[name] or count
  end
  return counts
end

-- --- the page -------------------------------------------------------------------------------------

local function facts_of(about)
  local facts = header.rows(about)
  facts[#facts + 1] = { "source", about.source }
  return facts
end

local function paragraphs_of(plan, report)
  local list = {}
  local function add(text, class)
    if text then list[#list + 1] = { text, class } end
  end
  if report then
    add(report.sentence)
    add(report.next, "next")
    add(report.held and "Nothing was removed: " .. report.held .. ".", "blocked")
    for _, one in ipairs(report.duplicates or {}) do
      add(("%s is there %d times: %s"):format(one.key, #one.ids, table.concat(one.ids, ", ")), "blocked")
    end
    for _, note in ipairs(report.notes or {}) do
      add(note)
    end
  else
    add "A plan: nothing was sent."
  end
  local note = report and report.note or plan.note
  add(note and "Note: " .. note .. ".")
  if plan.blocked then add("Stopped: " .. plan.blocked .. ".", "blocked") end
  return list
end

--- put(text) gets the page piece by piece.
---@param put fun(text: string)
---@param plan ddokta.bulk.Plan
---@param report? ddokta.bulk.Report what bulk.apply answered; nil: the plan alone
---@param options? {command: string?} that made it
local function write(put, plan, report, options)
  local about, kind = report or plan, kinds.get(plan.kind)
  local unchanged = about.counts.unchanged
  page.write(put, {
    what = report and (report.dry_run and "Dry run" or "Report") or "Plan",
    title = header.title(about),
    facts = facts_of(about),
    command = options and options.command,
    paragraphs = paragraphs_of(plan, report),
    sections = report and happened or planned,
    counts = counts_of(about),
    columns = {
      name = "Name",
      old = report and "Before" or "Now",
      new = report and "Asked for" or "Will be",
      said = report and "Outcome" or nil,
    },
    fields_title = "What changes",
    noun = kind.noun,
    plural = kind.plural,
    timeline = report and report.timeline,
    unlisted = unchanged > MOST_UNCHANGED and ("%d that are unchanged are not listed."):format(unchanged)
      or nil,
  }, report and rows_of_report(plan, report, kind) or rows_of_plan(plan, kind))
end

---@class ddokta.bulk.html
return { write = write }
