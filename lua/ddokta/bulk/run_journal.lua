--- run_journal: all that a run writes down (journal, backup, fingerprints), and what an earlier run has done.
--
-- Numbers in the journal outlive the plan. A source row keeps its own; deletions get the next free ones, by
-- key and id. The last number is the journal's: it is done when the run is finished.

local backup = require "ddokta.bulk.backup"
local errors = require "ddokta.error"
local files = require "ddokta.file"
local journal = require "ddokta.bulk.journal"
local journal_file = require "ddokta.bulk.journal_file"
local json = require("ddokta.native").json
local maintenance = require "ddokta.bulk.journal_maintenance"
local secrets = require "ddokta.bulk.secrets"
local system = require("ddokta.native").system

---@class ddokta.bulk.RunJournal
---@field writes boolean is there anything to be written down?
local RunJournal = {}
RunJournal.__index = RunJournal

local run_journal = {}

local FINISH = { action = "finish", key = "" }

-- --- opening --------------------------------------------------------------------------------------

--- Was the journal finished after the plan had read the service? Then the plan would do again what that run
-- has done. A time that is still to come says nothing.
local function is_stale(path, plan)
  local stat = system.stat(path)
  return stat and stat.modified > plan:read_at() and stat.modified <= system.time()
end

local function stale(path)
  local text = "another run has finished %s since this plan was made: run it again, which makes a new plan"
  return errors.new { kind = "conflict", code = "stale_plan", message = text:format(path) }
end

local NAMED = 3 -- open changes that an error names

--- In a sentence what is open.
local function open_words(open)
  if not open[1] then return "no step of it is open" end
  local names = {}
  for i = 1, math.min(#open, NAMED) do
    names[i] = open[i].action .. " '" .. tostring(open[i].key) .. "'"
  end
  if open[NAMED + 1] then names[#names + 1] = "..." end
  local text = "%d of its steps may have been sent and are not known to be done (%s)"
  return text:format(#open, table.concat(names, ", "))
end

--- The journal is of another source, and not finished.
local function other_source(path, open, plan)
  local text = "%s is of another source and not finished; %s. Run it with that source first, or with "
    .. "{discard_rest}: then it is put aside, and what may have been sent is looked for before it is "
    .. "sent again"
  return errors.new {
    kind = "conflict",
    code = "other_plan",
    open = open,
    message = plan:spell(text):format(path, open_words(open)),
  }
end

--- What is open in a journal that was put aside is looked for where this source asks for the same.
local function take_over(self, open, target)
  for _, one in ipairs(open) do
    if one.action == "create" and one.key ~= nil then self.dropped[one.key] = true end
  end
  self.noted = ("the journal of another source is %s now; %s"):format(target, open_words(open))
end

--- What becomes of the journal that is there -> a verdict for journal_file.open | nil, err
local function judge(self, file, header, plan, identity, options)
  local is_finished, idle = file:state(header.steps) == "done", plan:change_count() == 0
  if not is_finished and header.plan == identity.plan then return "keep" end
  if is_finished and idle then return "leave" end
  local open = not is_finished and maintenance.open_steps(file, header)
  if open and not options.discard_rest then return nil, other_source(options.journal, open, plan) end
  if is_finished and is_stale(options.journal, plan) then return nil, stale(options.journal) end
  local target, why = maintenance.put_aside(file, options.journal, identity.backup, header.started)
  if not target then return nil, why end
  self.noted = ("the journal of the run before is %s now"):format(target)
  if open then take_over(self, open, target) end
  return "moved"
end

--- -> journal | false: nothing is to be done, and what is there is finished | nil, err
local function open_journal(self, identity, plan, options)
  if plan:change_count() == 0 and not files.exists(options.journal) then return false end
  local opened, err = journal.open(
    options.journal,
    identity,
    function(file, header) return judge(self, file, header, plan, identity, options) end
  )
  if opened then identity.steps = opened.identity.steps end
  return opened, err
end

local function name_of(key, id) return tostring(id) .. "\n" .. tostring(key) end

--- The numbers of deletions that the journal has already, by key and id.
local function known_deletions(self)
  for _, state in ipairs { "done", "failed", "unknown" } do
    for number in self.journal:steps(state) do
      local last = number > self.source and number < self.last and self.journal:last(number)
      if last then
        self.deletions[name_of(last.key, last.id)] = number
        self.used = math.max(self.used, number)
      end
    end
  end
end

local function open_files(self, identity, options, plan)
  local err
  if options.journal then
    self.journal, err = open_journal(self, identity, plan, options)
    if self.journal == nil then return nil, err end
    self.last = identity.steps
    self.resumed = self.journal and self.journal.resumed
    if self.resumed then known_deletions(self) end
  elseif options.backup then
    self.backup, err = backup.open(options.backup, identity)
    if not self.backup then return nil, err end
  end
  return self
end

local function keep_secrets(self, dd, given)
  local note
  self.secrets, note = secrets.keep(dd, self.kind, given)
  self.noted = note or self.noted
end

--- open(dd, plan, kind, options) -> run_journal | nil, err
---@param plan ddokta.bulk.Plan
---@param kind ddokta.bulk.KindOf
---@param options table journal, backup, fingerprints, discard_rest: those of bulk.apply
function run_journal.open(dd, plan, kind, options)
  local counts = plan:whole().counts -- the parts of a plan have its numbers
  local self = setmetatable({
    kind = kind,
    source = counts.source,
    used = counts.source,
    last = counts.source + counts.service + 1,
    deletions = {},
    seen = {},
    dropped = {},
  }, RunJournal)
  local is_needed = plan:change_count() > 0 or plan.accepts ~= nil
  if not (options.journal or options.backup) then
    keep_secrets(self, dd, is_needed and options.fingerprints)
    self.writes = self.secrets ~= nil
    return self
  end
  local owner, err, detail = journal_file.owner(dd)
  if not owner then return nil, err end
  local identity = {
    kind = kind.name,
    organisation = owner,
    unasked = not err and detail or nil,
    plan = plan:source_fingerprint(),
    steps = self.last,
    backup = options.backup or options.journal and options.journal .. ".backup",
  }
  self.path = identity.backup
  local ok
  ok, err = open_files(self, identity, options, plan)
  if not ok then return nil, err end
  keep_secrets(self, dd, (self.resumed or is_needed) and options.fingerprints)
  self.writes = true
  return self
end

-- --- a change -------------------------------------------------------------------------------------

--- Its number in the journal, or nil: there is no room for it.
local function number_of(self, change)
  if not self.resumed or change.number <= self.source then return change.number end
  local name = name_of(change.key, change.id)
  local number = self.deletions[name]
  if not number and self.used + 1 < self.last then
    self.used = self.used + 1
    number = self.used
    self.deletions[name] = number
  end
  return number
end

--- state(change) -> "done", last line | "unknown", last line | nil. Of a journal that was repaired all that
-- is not known may have been sent: its line may be one of those that were lost.
function RunJournal:state(change)
  if change.action == "create" and self.dropped[change.key] then return "unknown", {} end
  local number = self.resumed and number_of(self, change)
  local state = number and self.journal:state(number)
  if number and not state and self.journal.repaired then return "unknown", {} end
  if state ~= "done" and state ~= "unknown" then return nil end
  if change.action == "delete" then self.seen[number] = true end
  return state, self.journal:last(number)
end

--- Names beside the ids of an object's lists: what an id stood for is told by nobody once it is gone.
local function names_of(change, object)
  local names = {}
  for _, list in pairs(change.names and object or {}) do
    for _, id in ipairs(type(list) == "table" and list or {}) do
      names[id] = change.names[id]
    end
  end
  return next(names) and names or nil
end

--- What is replaced or removed, with the lists that were empty, and by what.
local function saved_object(kind, change)
  local object, is_update, changes = { id = change.id }, change.action == "update", nil
  for name, value in pairs(change.old) do
    object[name] = value
  end
  for _, difference in ipairs(is_update and change.changes or {}) do
    changes = changes or {}
    changes[difference.field] = difference.new
    if difference.old == nil and type(difference.new) == "table" then
      object[difference.field] = json.array {}
    end
  end
  return {
    action = change.action,
    key = change.key or object[kind.key],
    object = object,
    changes = changes,
    secrets = is_update and change.secrets or nil,
    names = names_of(change, object),
  }
end

--- A team that a creation takes over: who was in it, and in which role, is in no other place afterwards.
local function saved_team(change)
  local team, members = change.takes, json.array {}
  for i, member in ipairs(team.members) do
    members[i] = { id = member.id, name = member.name, role = member.role }
  end
  return {
    action = "take_over",
    key = change.key,
    object = { id = team.id, name = team.name, handle = team.handle, members = members },
  }
end

local function came_later()
  return errors.new {
    kind = "cancelled",
    message = "it came since the journal was begun: run it again when that is finished",
  }
end

--- prepare(change) -> true | nil, err: its intent, on the disk after the next commit; false, err: this one
-- cannot be done in this run.
function RunJournal:prepare(change)
  local number = number_of(self, change)
  if self.journal and not number then return false, came_later() end
  if self.resumed and change.action == "delete" then self.seen[number] = true end
  local file, ok, err = self.journal or self.backup, true, nil
  if self.secrets then
    ok, err = self.secrets:begin(change)
  end
  if not ok then return nil, err end
  local saved = change.old and saved_object(self.kind, change) or change.takes and saved_team(change)
  if saved and file then
    ok, err = file:save(number or change.number, saved)
    if not ok then return nil, err end
  end
  if not self.journal or change.lost and change.lost.step then return true end
  return self.journal:begin(number, {
    kind = change.kind,
    key = change.key,
    old = change.old,
    new = change.new,
    action = change.action,
    id = change.id,
  })
end

--- commit() -> true | nil, err. What was sent is known before the journal says that it was; without a
-- journal, what is not to be taken for known any more is, and the rest comes with it or at the end.
function RunJournal:commit()
  local is_due = self.secrets and self.secrets.due
  if not (is_due or self.journal or self.backup) then return true end
  for _, name in ipairs { "secrets", "backup", "journal" } do
    if self[name] then
      local ok, err = self[name]:commit()
      if not ok then return nil, err end
    end
  end
  return true
end

--- outcome(change, row) -> true | nil, err. row: of the report
function RunJournal:outcome(change, row)
  local ok, err = true, nil
  if self.secrets then
    ok, err = self.secrets:ended(change, row)
  end
  local number = ok and self.journal and (change.lost and change.lost.step or number_of(self, change))
  if not number then return ok, err end
  local line = { id = row.id, attempts = row.attempts, error = row.error }
  if row.outcome ~= "done" or change.action == "delete" then
    line.kind, line.key, line.action, line.id = change.kind, change.key, change.action, change.id
  end
  return self.journal[row.outcome](self.journal, number, line)
end

--- withdraw(change, row) -> true | nil, err: its intent is on the disk perhaps, and it was not sent after
-- all, or refused for sure.
function RunJournal:withdraw(change, row)
  if self.secrets then self.secrets:ended(change, { outcome = change.lost and "unknown" or "not_run" }) end
  local number = self.journal and not change.lost and number_of(self, change)
  if not (number and self.journal:begun(number)) then return true end
  return self.journal:failed(number, {
    action = change.action,
    key = change.key,
    id = change.id,
    attempts = row.attempts,
    error = row.error,
  })
end

-- --- what an earlier run may have sent ------------------------------------------------------------

--- lost(plan) -> an iterator over creates that an earlier run may have sent, and the plan does not know of.
function RunJournal:lost(plan)
  local has_any = next(self.dropped) ~= nil
    or self.resumed and (self.journal.repaired or self.journal:counts().unknown > 0)
  local each = has_any and plan:changes { changes_of_creates = false }
  return function()
    for change in each or function() end do
      local state, last
      if change.action == "create" then
        state, last = self:state(change)
      end
      if state == "unknown" then
        change.lost = last
        return change
      end
    end
  end
end

--- arrived(plan) -> an iterator over rows that an earlier run may have sent, and which the service, as the
-- plan found it, has as they were asked for.
function RunJournal:arrived(plan)
  local after = self.resumed and self.journal:steps "unknown"
  return function()
    local number = after and after()
    while number and number <= self.source do
      local change = plan:step(number)
      if change.action == "unchanged" then
        change.lost = self.journal:last(number)
        return change
      end
      number = after()
    end
  end
end

--- orphans() -> an iterator over deletions that an earlier run may have sent and this plan does not have:
-- changes to be looked for alone.
function RunJournal:orphans()
  local numbers = {}
  if self.resumed then
    for number in self.journal:steps "unknown" do
      local is_deletion = number > self.source and number < self.last
      if is_deletion and not self.seen[number] then numbers[#numbers + 1] = number end
    end
  end
  local i = 0
  return function()
    i = i + 1
    local last = numbers[i] and self.journal:last(numbers[i])
    return last
      and {
        kind = self.kind.name,
        key = last.key,
        old = last.old,
        action = "delete",
        id = last.id,
        lost = last,
        is_orphan = true,
      }
  end
end

-- --- the end --------------------------------------------------------------------------------------

--- finish(plan) -> true | nil, err: nothing is left to be known.
function RunJournal:finish(plan)
  local own, last, ok, err = self.journal, self.last, true, nil
  if self.secrets and plan.accepts then
    ok, err = self.secrets:accept(plan)
  end
  if not ok then return nil, err end
  if not own or own:counts().unknown > (own:state(last) == "unknown" and 1 or 0) then return true end
  ok, err = own:begin(last, FINISH)
  if ok then
    ok, err = self:commit()
  end
  if ok then
    ok, err = own:done(last, FINISH)
  end
  return ok, err
end

--- Closes its files as a death would: what was not committed is lost.
function RunJournal:abandon()
  for _, name in ipairs { "backup", "journal" } do
    if self[name] then self[name]:abandon() end
  end
  if self.secrets then self.secrets:close() end
end

--- close() -> true | nil, err
function RunJournal:close()
  local own_note = self.journal and self.journal:note()
  self.noted = own_note and self.noted and own_note .. "; " .. self.noted or own_note or self.noted
  local ok, err = true, nil
  if self.secrets then
    ok, err = self.secrets:commit()
  end
  if not ok then
    -- what was sent and is not known to be must not be done: the next run looks for it
    self:abandon()
    return nil, err
  end
  if self.secrets then self.secrets:close() end
  for _, name in ipairs { "backup", "journal" } do
    local closed, why = true, nil
    if self[name] then
      closed, why = self[name]:close()
    end
    if not closed then
      ok, err = nil, err or why
    end
  end
  return ok, err
end

--- What there is to know of the files, in words, or nil.
function RunJournal:note() return self.noted end

--- Where what was replaced or removed is kept, if anything was.
function RunJournal:backup_path() return self.path and files.exists(self.path) and self.path or nil end

return run_journal
