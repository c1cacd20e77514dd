--- What became of each change of a plan, for people and for programs.

local document = require "ddokta.bulk.document"
local arguments = require "ddokta.arguments"
local check_options = require("ddokta.options").check
local header = require "ddokta.bulk.header"
local json = require("ddokta.native").json
local kinds = require "ddokta.bulk.kinds"
local stream = require "ddokta.stream"
local text = require "ddokta.text"
local words = require "ddokta.bulk.words"

local show = text.show

local SHOWN = 20 -- rows that are not done
local SLOT = 16 -- bytes: where a text begins, plus one; nothing was written: NULs, or the file's end

--- One row of a report: a change, and what became of it.
---@class ddokta.bulk.Row: ddokta.bulk.Change
--- Unknown: it was sent, and nobody knows what became of it; not_run: the run was stopped before; skipped:
--- in conflict.
---@field outcome "done"|"failed"|"unknown"|"not_run"|"skipped"|"unchanged"
---@field attempts integer
---@field error? table {kind, message, status, ...} of what is not done nor unchanged; no secret is in it
---@field note? string what else there is to know: "found by looking: the answer was lost", ...
---@field resumed? true an earlier run of this journal had done it

--- `counts`: done, failed, unknown, not_run, skipped, unchanged of all rows; create, update, delete: how many
--- of those that are done; resumed: of those how many an earlier run did; uncompared: secrets of which
--- nothing is known. tostring(report) is what happened, what to do next, and the rows that are not done.
---@class ddokta.bulk.Report: ddokta.bulk.Header
---@field ok boolean all is as the source has it: nothing failed, was left out or is unknown
---@field dry_run? true
---@field journal? string
---@field backup? string
---@field deactivations? integer how many of the updates that are done have left a thing inactive
---@field reactivations? integer how many of them have made an inactive thing active again
---@field seconds number
---@field timeline? ddokta.bulk.Timeline how it went over its time; nil where no change was sent
---@field rows ddokta.bulk.Row[]
---@field counts table<string, integer>
--- Why it ended early.
---@field stopped? "unauthorized"|"forbidden"|"outage"|"max_failures"|"fail_fast"|"journal"|"interrupted"
---@field reason? string the same in words
---@field code? string of the error of the journal's files
---@field held? string why nothing was removed
---@field note? string what there is to know besides: the plan's, what was cut off at a journal's end, ...
---@field notes? string[] of a restore: what cannot be put back, in sentences
---@field left? ddokta.bulk.Left[] of a restore: what it cannot put back
--- Names that this run has created and more than one thing has: another run did the same at that time.
---@field duplicates? {key: string, ids: string[]}[]
---@field sentence string what happened
---@field next? string what to do next, in one sentence
local Report = { __name = "ddokta.report" }
Report.__index = Report

-- of a plan's report: own_note = what the plan has not said; where rows are kept on the disk: plan, outcomes
local insides = setmetatable({}, { __mode = "k" })
-- of others: their rows by number
local indexes = setmetatable({}, { __mode = "k" })

---@class ddokta.bulk.report
local report = {}

local outcomes = { "done", "failed", "unknown", "not_run", "skipped", "unchanged" }
local actions = { "create", "update", "delete" }

local function count(fields)
  local counts, kind = { resumed = 0 }, kinds.get(fields.kind)
  for _, name in ipairs(outcomes) do
    counts[name] = 0
  end
  for _, name in ipairs(actions) do
    counts[name] = 0
  end
  local verbs = {}
  for _, row in ipairs(fields.rows) do
    counts[row.outcome] = (counts[row.outcome] or 0) + 1
    if row.outcome == "done" then
      counts[row.action] = (counts[row.action] or 0) + 1
      local verb = row.action == "update" and words.verb(kind, row)
      if verb then verbs[verb] = (verbs[verb] or 0) + 1 end
    end
    if row.resumed then counts.resumed = counts.resumed + 1 end
  end
  return counts, verbs
end

-- behind what was done, in the order in which a sentence has them
local others = {
  { "unchanged", "unchanged" },
  { "failed", "failed" },
  { "unknown", "unknown" },
  { "skipped", "in conflict" },
  { "not_run", "not sent" },
}

local function counted(self)
  local texts = words.done(self)
  for _, part in ipairs(others) do
    local n = self.counts[part[1]] or 0
    if n > 0 then texts[#texts + 1] = n .. " " .. part[2] end
  end
  return texts[1] and table.concat(texts, ", ") or "nothing to do"
end

--- Counted as the plan counts: what it has found done is unchanged.
local function as_planned(self, found)
  local copy, counts = document.fields(self), document.fields(self.counts)
  for action, number in pairs(found) do
    counts[action], counts.unchanged = counts[action] - number, counts.unchanged + number
  end
  copy.counts = counts
  return copy
end

--- What happened, in one sentence.
---@param self table fields of a report
---@param found? table<string, integer> by action, what an earlier run had done: the plan calls it unchanged
---@return string
function report.sentence(self, found)
  if found then self = as_planned(self, found) end
  local resumed = self.counts.resumed or 0
  return ("%s%s: %s in %s%s%s."):format(
    self.dry_run and "Dry run, nothing was sent: " or "",
    header.title(self),
    counted(self),
    text.duration(self.seconds, 1),
    resumed > 0 and (", %d of them by an earlier run"):format(resumed) or "",
    self.reason and "; it stopped: " .. self.reason:gsub("%.$", "") or ""
  )
end

-- what to do after a run that ended early
local after_stop = {
  unauthorized = "The keys are not valid: check them",
  forbidden = "It stopped there, the keys may not do this: give their owner the permission%s",
  outage = "The service is failing: wait until that is over",
  max_failures = "Look at what failed",
  fail_fast = "Look at what failed",
  journal = "See to it that the journal can be written",
  interrupted = "Nothing is lost",
}

-- where a file of the journal was not to be had: by the error's code
local after_file = {
  damaged = "Move the damaged file away",
  in_use = "Wait until the other run has ended",
  foreign = "Give another file",
}

local function permission_of(rows)
  for _, row in ipairs(rows) do
    if row.outcome == "failed" and row.error and row.error.permission then
      return " " .. row.error.permission
    end
  end
  return ""
end

--- What to do next, in one sentence, or nil where nothing is left to do.
local function advice(self)
  local counts = self.counts
  if self.dry_run then return nil end
  if self.stopped then
    local first = self.stopped == "journal" and after_file[self.code] or after_stop[self.stopped]
    first = (first or "It stopped early"):format(permission_of(self.rows))
    if self.stopped == "interrupted" then
      return first .. ": run it again, and it goes on where it stopped."
    end
    if not self.journal then return first .. ", then run it again." end
    return first .. ", then run it again: with the same journal it goes on where it stopped."
  end
  if self.duplicates then
    return "Another run has created the same at that time: delete all but one of each, by its id."
  end
  if (counts.unknown or 0) > 0 then
    return "Run it again: it looks what became of those that are unknown, and tries the rest."
  end
  if counts.failed > 0 then return "Run it again to try the rest." end
  if (counts.skipped or 0) > 0 then return "Settle what is in conflict, then run it again." end
  return nil
end

-- --- rows -----------------------------------------------------------------------------------------

-- What became of each change of a long plan, kept in two temporary files, which are gone when they are closed
-- or the process ends: in memory a million would take 400 MB. One has the texts, in the order in which they
-- came, the other, at a place of its own for each number, where its text begins. Where there is no room for
-- such files they are kept in memory. Of one that is put again the last counts.
local Outcomes = {}
Outcomes.__index = Outcomes

local function write_at(file, place, offset, line)
  local at, why = file:seek(place, offset)
  if not at then return nil, why end
  local ok, late = stream.write(file, line)
  if not ok then return nil, late end
  return at
end

function Outcomes:put(number, fields)
  self.last = math.max(self.last, number)
  local line = self.texts and json.encode(fields)
  local at = line and write_at(self.texts, "end", 0, line .. "\n")
  local slot = at and ("%15.0f\n"):format(at + 1)
  if slot and write_at(self.places, "set", (number - 1) * SLOT, slot) then
    self.memory[number] = nil
  else
    self.memory[number] = fields
  end
end

--- Raises where what was written cannot be read any more: a row that is missing would look like one that
-- was not sent.
function Outcomes:get(number)
  if self.memory[number] then return self.memory[number] end
  if not self.places then return nil end
  assert(self.places:seek("set", (number - 1) * SLOT))
  local at = tonumber(self.places:read(SLOT) or "")
  if not at then return nil end
  assert(self.texts:seek("set", at - 1))
  return assert(json.decode(assert(self.texts:read "*l", "a temporary file ended early")))
end

function Outcomes:close()
  for _, name in ipairs { "texts", "places" } do
    if self[name] then self[name]:close() end
    self[name] = nil
  end
end

--- A keeper of outcomes, of which no more than the numbers are in memory: {put, get, last = the largest
--- number that was put, close}.
function report.new_outcomes()
  local texts, places = io.tmpfile(), io.tmpfile()
  return setmetatable({
    texts = places and texts or nil,
    places = texts and places or nil,
    memory = {},
    last = 0,
  }, Outcomes)
end

--- The row of the report that a change will be.
function report.row_of(change)
  return {
    kind = change.kind,
    key = change.key,
    old = change.old,
    new = change.new,
    number = change.number,
    action = change.action,
    position = change.position,
    id = change.id,
    attempts = 0,
    note = change.note,
  }
end

--- That of a change which is not to be sent.
function report.quiet_row(change)
  local row = report.row_of(change)
  row.outcome = change.action == "unchanged" and "unchanged" or "skipped"
  if change.reason then row.error = { kind = "conflict", message = change.reason } end
  return row
end

-- what a change does not say of its row
local kept_fields = { "action", "outcome", "id", "attempts", "error", "note", "resumed" }

--- keep(kept, plan, row): what is needed to make the row again. One that the plan has no change for (a
--- deletion
-- that an earlier run may have sent) is kept whole. kept: of new_outcomes
function report.keep(kept, plan, row)
  if row.number > plan:steps() then return kept:put(row.number, row) end
  local fields = {}
  for _, name in ipairs(kept_fields) do
    fields[name] = row[name]
  end
  kept:put(row.number, fields)
end

local function kept_row(inside, change)
  local fields = inside.outcomes:get(change.number)
  if not fields then return report.quiet_row(change) end
  local row = report.row_of(change)
  for _, name in ipairs(kept_fields) do
    row[name] = fields[name]
  end
  return row
end

local function rows_inside(self)
  local inside = insides[self]
  return inside and inside.outcomes and inside or nil
end

--- All rows that were kept, in the order of the plan, also those that are not in memory: then the plan must
--- not be closed before.
---@return fun(): ddokta.bulk.Row?
function Report:each()
  arguments.self(self, "report", "each")
  local inside, number = rows_inside(self), 0
  if not inside then
    return function()
      number = number + 1
      return self.rows[number]
    end
  end
  local steps, plan = inside.plan:each { changes_of_creates = false }, inside.plan
  return function()
    local change = steps and steps()
    if change then return kept_row(inside, change) end
    if steps then
      steps, number = nil, plan:steps()
    end
    number = number + 1
    return number <= inside.outcomes.last and inside.outcomes:get(number) or nil
  end
end

--- The row of the change of this number.
---@param number integer
---@return ddokta.bulk.Row?
function Report:row(number)
  arguments.self(self, "report", "row")
  local inside = rows_inside(self)
  if inside then return kept_row(inside, inside.plan:step(number, { changes_of_creates = false })) end
  local index = indexes[self]
  if not index then
    index = {}
    for _, row in ipairs(self.rows) do
      index[row.number] = row
    end
    indexes[self] = index
  end
  return index[number]
end

--- Gives up what is kept on the disk.
---@return nil
function Report:close()
  arguments.self(self, "report", "close")
  local inside = rows_inside(self)
  if inside then inside.outcomes:close() end
  insides[self] = nil
end

-- --- for people and programs ----------------------------------------------------------------------

--- What happened, and what to do next.
---@return string
function Report:summary()
  arguments.self(self, "report", "summary")
  return self.next and self.sentence .. " " .. self.next or self.sentence
end

local tells = { failed = true, unknown = true }

local function add_failed(lines, rows)
  local shown, hidden = 0, 0
  for _, row in ipairs(rows) do
    if tells[row.outcome] and shown == SHOWN then
      hidden = hidden + 1
    elseif tells[row.outcome] then
      shown = shown + 1
      lines[#lines + 1] = ("  %s %s%s: %s"):format(
        row.action,
        show(row.key),
        row.position and " (" .. row.position .. ")" or "",
        row.error and row.error.message or row.outcome
      )
    end
  end
  if hidden > 0 then lines[#lines + 1] = ("  ... and %d more"):format(hidden) end
end

--- What happened, what to do next, and the rows that are not done.
---@param options? {after_plan: boolean?} leave out what its plan has said: whose it is, its note (false)
---@return string
function Report:render(options)
  arguments.self(self, "report", "render")
  local is_after_plan = check_options(options, { after_plan = { "boolean" } }).after_plan
  local line = not is_after_plan and header.line(self)
  local lines = { line and show(line) or nil }
  lines[#lines + 1] = self:summary()
  add_failed(lines, self.rows)
  if self.held then lines[#lines + 1] = "Nothing was removed: " .. show(self.held) .. "." end
  for _, one in ipairs(self.duplicates or {}) do
    lines[#lines + 1] = ("  %s is there %d times: %s"):format(
      show(one.key),
      #one.ids,
      show(table.concat(one.ids, ", "))
    )
  end
  local note = self.note
  if is_after_plan and insides[self] then note = insides[self].own_note end
  if note then lines[#lines + 1] = "Note: " .. show(note) .. "." end
  return table.concat(lines, "\n")
end

function Report:__tostring() return self:render() end

--- The report as plain data, its rows left out.
---@return table
function Report:head()
  arguments.self(self, "report", "head")
  return document.table(self, function() end)
end

--- The report as plain data.
---@return table
function Report:to_table()
  arguments.self(self, "report", "to_table")
  return document.table(self, self:each())
end

--- The JSON of that piece by piece.
---@param put fun(text: string)
---@return true? written
---@return string? err
function Report:write_json(put)
  arguments.self(self, "report", "write_json")
  arguments.need(type(put) == "function", "report:write_json", "a function that takes a text", put)
  return document.write(put, self, self:each())
end

---@return string? json
---@return string? err
function Report:to_json()
  arguments.self(self, "report", "to_json")
  return json.encode(self:to_table())
end

local UNDONE = { "failed", "unknown", "not_run", "skipped" }

local function is_ok(self)
  for _, name in ipairs(UNDONE) do
    if (self.counts[name] or 0) > 0 then return false end
  end
  return not (self.stopped or self.held or self.duplicates or self.left)
end

--- new({kind =, source =, rows =, seconds =, ...}[, inside]) -> report. What is not given of counts, sentence
-- and next is made from the rest. inside: {plan =, outcomes = of new_outcomes: where the rows are, if not in
-- memory, own_note = the note without what the plan has said}
function report.new(fields, inside)
  if not fields.counts then
    local verbs
    fields.counts, verbs = count(fields)
    fields.deactivations, fields.reactivations = verbs.deactivate, verbs.reactivate
  end
  if fields.ok == nil then fields.ok = is_ok(fields) end
  fields.sentence = fields.sentence or report.sentence(fields)
  fields.next = fields.next or advice(fields)
  insides[fields] = inside
  return setmetatable(fields, Report)
end

return report
