--- record: all that a run writes down while it goes, and what an earlier run of the same journal did.
--
-- The journal's numbers outlive the plan: a row of the source has its own, whatever the service has by
-- then; deletions get those behind, by key and id, as they come. The last number is the journal's own: it
-- is done when all the others are settled, and the journal is finished.

local backup = require "ddokta.bulk.backup"
local failure = require "ddokta.error"
local fingerprints = require "ddokta.bulk.fingerprints"
local journal = require "ddokta.bulk.journal"
local journals = require "ddokta.bulk.journals"
local json = require("ddokta.core").json
local organisation_of = require "ddokta.bulk.organisation"
local secrets = require "ddokta.bulk.secrets"
local system = require("ddokta.core").system

local record = {}
record.__index = record

local FINISH = { action = "finish", key = "" }

-- --- opening --------------------------------------------------------------------------------------

local function exists(path) return system.stat(path) ~= nil end

local function changes_of(plan) return plan.counts.create + plan.counts.update + plan.counts.delete end

--- Was the journal finished after the plan had read the service? Then the plan would do again what that run
-- has done. A time that is still to come says nothing.
local function is_stale(path, plan)
  local stat = system.stat(path)
  return stat and stat.modified > plan:read_at() and stat.modified <= system.time()
end

local function stale(path)
  return failure.new {
    kind = "conflict",
    code = "stale_plan",
    message = ("another run has finished %s since this plan was made: run it again, which makes a new plan"):format(
      path
    ),
  }
end

local NAMED = 3 -- open steps that an error names

--- In a sentence what is open.
local function open_words(open)
  if not open[1] then return "no step of it is open" end
  local names = {}
  for i = 1, math.min(#open, NAMED) do
    names[i] = open[i].action .. " '" .. tostring(open[i].key) .. "'"
  end
  if open[NAMED + 1] then names[#names + 1] = "..." end
  return ("%d of its steps may have been sent and are not known to be done (%s)"):format(
    #open,
    table.concat(names, ", ")
  )
end

--- The journal is of another source, and not finished.
local function other_source(path, open)
  return failure.new {
    kind = "conflict",
    code = "other_plan",
    open = open,
    message = (
      "%s is of another source and not finished; %s. Run it with that source first, or with "
      .. "discard_rest = true: then it is put aside, and what may have been sent is looked for before it is "
      .. "sent again"
    ):format(path, open_words(open)),
  }
end

--- What is open in a journal that was put aside is looked for where this source asks for the same.
local function take_over(self, open, target)
  for _, step in ipairs(open) do
    if step.action == "create" and step.key ~= nil then self.dropped[step.key] = true end
  end
  self.noted = ("the journal of another source is %s now; %s"):format(target, open_words(open))
end

--- What becomes of the journal that is there -> a verdict for durable.open | nil, err
local function judge(self, file, header, plan, identity, options)
  local is_finished, idle = file:state(header.steps) == "done", changes_of(plan) == 0
  if not is_finished and header.plan == identity.plan then return "keep" end
  if is_finished and idle then return "leave" end
  local open = not is_finished and journals.open_steps(file, header)
  if open and not options.discard_rest then return nil, other_source(options.journal, open) end
  if is_finished and is_stale(options.journal, plan) then return nil, stale(options.journal) end
  local target, why = journals.put_aside(file, options.journal, identity.backup, header.started)
  if not target then return nil, why end
  if open then take_over(self, open, target) end
  return "moved"
end

--- -> journal | false: nothing is to be done, and what is there is finished | nil, err
local function open_book(self, identity, plan, options)
  if changes_of(plan) == 0 and not exists(options.journal) then return false end
  local book, err = journal.open(
    options.journal,
    identity,
    function(file, header) return judge(self, file, header, plan, identity, options) end
  )
  if book then identity.steps = book.identity.steps end
  return book, err
end

local function name_of(key, id) return tostring(id) .. "\n" .. tostring(key) end

--- The numbers of deletions that the journal has already, by key and id.
local function known_deletions(self)
  for _, state in ipairs { "done", "failed", "unknown" } do
    for number in self.book:steps(state) do
      local last = number > self.source and number < self.last and self.book:last(number)
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
    self.book, err = open_book(self, identity, plan, options)
    if self.book == nil then return nil, err end
    self.last = identity.steps
    self.resumed = self.book and self.book.resumed
    if self.resumed then known_deletions(self) end
  elseif options.backup then
    self.kept, err = backup.open(options.backup, identity)
    if not self.kept then return nil, err end
  end
  return self
end

-- --- steps ----------------------------------------------------------------------------------------

--- The step's number in the journal, or nil: there is no room for it.
local function number_of(self, action)
  if not self.resumed or action.number <= self.source then return action.number end
  local name = name_of(action.key, action.id)
  local number = self.deletions[name]
  if not number and self.used + 1 < self.last then
    self.used = self.used + 1
    number = self.used
    self.deletions[name] = number
  end
  return number
end

--- state(action) -> "done", last line | "unknown", last line | nil. Of a journal that was repaired all that
-- is not known may have been sent: its line may be one of those that were lost.
function record:state(action)
  if action.action == "create" and self.dropped[action.key] then return "unknown", {} end
  local number = self.resumed and number_of(self, action)
  local state = number and self.book:state(number)
  if number and not state and self.book.repaired then return "unknown", {} end
  if state ~= "done" and state ~= "unknown" then return nil end
  if action.action == "delete" then self.seen[number] = true end
  return state, self.book:last(number)
end

--- Names beside the ids of an object's lists: what an id stood for is told by nobody once it is gone.
local function names_of(action, object)
  local names = {}
  for _, list in pairs(action.names and object or {}) do
    for _, id in ipairs(type(list) == "table" and list or {}) do
      names[id] = action.names[id]
    end
  end
  return next(names) and names or nil
end

--- What is replaced or removed, with the lists that were empty, and by what.
local function saved_object(kind, action)
  local object, changes = { id = action.id }, nil
  for name, value in pairs(action.old) do
    object[name] = value
  end
  for _, change in ipairs(action.action == "update" and action.changes or {}) do
    changes = changes or {}
    changes[change.field] = change.new
    if change.old == nil and type(change.new) == "table" then object[change.field] = json.array {} end
  end
  return {
    action = action.action,
    key = action.key or object[kind.key],
    object = object,
    changes = changes,
    secrets = action.action == "update" and action.secrets or nil,
    names = names_of(action, object),
  }
end

--- A team that a creation takes over: who was in it, and in which role, is in no other place afterwards.
local function saved_team(action)
  local team, members = action.takes, json.array {}
  for i, member in ipairs(team.members) do
    members[i] = { id = member.id, name = member.name, role = member.role }
  end
  return {
    action = "take_over",
    key = action.key,
    object = { id = team.id, name = team.name, handle = team.handle, members = members },
  }
end

local function came_later()
  return failure.new {
    kind = "cancelled",
    message = "it came since the journal was begun: run it again when that is finished",
  }
end

-- --- secrets --------------------------------------------------------------------------------------

--- The secrets that a step sends; {}: none.
local function sent_secrets(action)
  local values, sent = secrets.of(action) or {}, {}
  for _, name in ipairs(action.secrets or {}) do
    sent[name] = values[name]
  end
  return sent
end

local function print_name(self, action, key)
  return fingerprints.key(self.kind, key, action.new or action.old or {})
end

--- What the thing was called before the step.
local function old_name(self, action)
  local key = action.old and action.old[self.kind.key]
  return print_name(self, action, key == nil and action.key or key)
end

--- What was known of the thing's secrets counts no more from here on, until it is known what became of it.
local function begin_prints(self, action)
  if not self.prints or action.is_orphan then return true end
  local ok, is_due
  if action.action == "update" then
    ok, is_due = self.prints:begin(old_name(self, action), sent_secrets(action))
  else
    ok, is_due = self.prints:begin(print_name(self, action, action.key))
  end
  if not ok then return nil, is_due end
  self.due = self.due or is_due
  return true
end

--- An update that an earlier run began, and of which all is there that can be seen: its secrets are there too
-- only where a new id says so.
local function may_have_arrived(self, action)
  local lost = action.lost
  if not lost or action.action ~= "unchanged" or lost.action ~= "update" then return true end
  return self.kind.id_changes and lost.id ~= action.id or false
end

local function put_prints(self, action, row)
  local prints, name = self.prints, print_name(self, action, action.key)
  local what = action.action == "unchanged" and action.lost and action.lost.action or action.action
  if what == "delete" then return prints:forget(name) end
  if what == "create" then return prints:made(name, secrets.of(action) or {}, row.id) end
  if not may_have_arrived(self, action) then return true end
  local before, ok, err = old_name(self, action), true, nil
  if before ~= name then
    ok, err = prints:rename(before, name, secrets.of(action) or {})
  end
  if not ok then return nil, err end
  return prints:put(name, action.secrets and sent_secrets(action) or {}, row.id, action.id)
end

--- What became of a step's secrets. One that was answered with a refusal, and sent once, has not arrived.
local function end_prints(self, action, row)
  if not self.prints then return true end
  local was_sent = row.outcome == "done" or row.error and row.error.code == "not_taken"
  if was_sent then return put_prints(self, action, row) end
  local is_refused = row.outcome == "not_run" or row.outcome == "failed" and row.attempts <= 1
  if is_refused then return self.prints:refused(old_name(self, action)) end
  return true
end

--- prepare(action) -> true | nil, err: its intent, on the disk after the next commit; false, err: this one
-- cannot be done in this run.
function record:prepare(action)
  local number = number_of(self, action)
  if self.book and not number then return false, came_later() end
  if self.resumed and action.action == "delete" then self.seen[number] = true end
  local file, ok, err = self.book or self.kept, begin_prints(self, action)
  if not ok then return nil, err end
  local saved = action.old and saved_object(self.kind, action) or action.takes and saved_team(action)
  if saved and file then
    ok, err = file:save(number or action.number, saved)
    if not ok then return nil, err end
  end
  if not self.book or action.lost and action.lost.step then return true end
  return self.book:begin(number, {
    kind = action.kind,
    key = action.key,
    old = action.old,
    new = action.new,
    action = action.action,
    id = action.id,
  })
end

--- What was sent is known before the journal says that it was; without a journal, what is not to be taken for
-- known any more is, and the rest comes with it or at the end.
function record:commit()
  if not (self.due or self.book or self.kept) then return true end
  self.due = false
  for _, name in ipairs { "prints", "kept", "book" } do
    if self[name] then
      local ok, err = self[name]:commit()
      if not ok then return nil, err end
    end
  end
  return true
end

--- outcome(action, row) -> true | nil, err
function record:outcome(action, row)
  local ok, err = end_prints(self, action, row)
  local number = ok and self.book and (action.lost and action.lost.step or number_of(self, action))
  if not number then return ok, err end
  local line = { id = row.id, attempts = row.attempts, error = row.error }
  if row.outcome ~= "done" or action.action == "delete" then
    line.kind, line.key, line.action, line.id = action.kind, action.key, action.action, action.id
  end
  return self.book[row.outcome](self.book, number, line)
end

--- withdraw(action): its intent is on the disk perhaps, and it is not sent after all.
function record:withdraw(action)
  end_prints(self, action, { outcome = action.lost and "unknown" or "not_run" })
  local number = self.book and not action.lost and number_of(self, action)
  if not (number and self.book:begun(number)) then return true end
  return self.book:failed(number, {
    action = action.action,
    key = action.key,
    id = action.id,
    error = { kind = "cancelled", message = "not sent" },
  })
end

--- lost(plan) -> an iterator over creates that an earlier run may have sent, and the plan does not know of.
function record:lost(plan)
  local has_any = next(self.dropped) ~= nil
    or self.resumed and (self.book.repaired or self.book:counts().unknown > 0)
  local each = has_any and plan:changes(true)
  return function()
    for action in each or function() end do
      local state, last
      if action.action == "create" then
        state, last = self:state(action)
      end
      if state == "unknown" then
        action.lost = last
        return action
      end
    end
  end
end

--- arrived(plan) -> an iterator over rows that an earlier run may have sent, and which the service, as the
-- plan found it, has as they were asked for.
function record:arrived(plan)
  local after = self.resumed and self.book:steps "unknown"
  return function()
    local number = after and after()
    while number and number <= self.source do
      local action = plan:step(number)
      if action.action == "unchanged" then
        action.lost = self.book:last(number)
        return action
      end
      number = after()
    end
  end
end

--- orphans() -> an iterator over deletions that an earlier run may have sent and this plan does not have:
-- steps to be looked for alone.
function record:orphans()
  local numbers = {}
  if self.resumed then
    for number in self.book:steps "unknown" do
      local is_deletion = number > self.source and number < self.last
      if is_deletion and not self.seen[number] then numbers[#numbers + 1] = number end
    end
  end
  local i = 0
  return function()
    i = i + 1
    local last = numbers[i] and self.book:last(numbers[i])
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

--- accept(plan) -> true | nil, err: what somebody says of secrets that no API changes.
function record:accept(plan)
  if not (self.prints and plan.accepts) then return true end
  for row in plan:accepted() do
    local name = fingerprints.key(self.kind, row.key, row.values)
    local ok, err = self.prints:put(name, row.secrets, row.id, row.id)
    if not ok then return nil, err end
  end
  return true
end

--- finish() -> true | nil, err: nothing is left to be known.
function record:finish()
  local book, last = self.book, self.last
  if not book or book:counts().unknown > (book:state(last) == "unknown" and 1 or 0) then return true end
  local ok, err = book:begin(last, FINISH)
  if ok then
    ok, err = self:commit()
  end
  if ok then
    ok, err = book:done(last, FINISH)
  end
  return ok, err
end

local function join(...)
  local notes = {}
  for i = 1, select("#", ...) do
    notes[#notes + 1] = (select(i, ...))
  end
  return notes[1] and table.concat(notes, "; ") or nil
end

--- Closes its files as a death would: what was not committed is lost.
function record:abandon()
  if self.own_prints then self.own_prints:close() end
  for _, name in ipairs { "kept", "book" } do
    if self[name] then self[name]:abandon() end
  end
end

--- close() -> true | nil, err
function record:close()
  self.noted = join(self.book and self.book:note() or nil, self.noted)
  local ok, err = true, nil
  if self.prints then
    ok, err = self.prints:commit()
  end
  if not ok then
    -- what was sent and is not known to be must not be done: the next run looks for it
    self:abandon()
    return nil, err
  end
  if self.own_prints then self.own_prints:close() end
  for _, name in ipairs { "kept", "book" } do
    if self[name] then
      local closed, why = self[name]:close()
      if not closed then
        ok, err = nil, err or why
      end
    end
  end
  return ok, err
end

--- What there is to know of the files, in words, or nil.
function record:note() return self.noted end

--- Where what was replaced or removed is kept, if anything was.
function record:backup_path() return self.path and exists(self.path) and self.path or nil end

local M = {}

--- The fingerprints that the run keeps, where it has any to keep: options.fingerprints, false for none, by
-- default those at the default place. Without a place for them it goes on, and says so.
local function open_prints(self, dd, kind, given)
  if given == false or not fingerprints.fields(kind)[1] then return end
  local store = given or fingerprints.lazy(dd, kind)
  if not given then self.own_prints = store end
  if not store.open then
    self.prints = store
    return
  end
  local err
  self.prints, err = store:open()
  if not self.prints then self.noted = "it is not kept which secrets were sent: " .. tostring(err.message) end
end

--- open(dd, plan, kind, options) -> record, or nil, err. options: journal, backup, fingerprints.
-- record.writes: is there anything to be written down?
function M.open(dd, plan, kind, options)
  local counts = plan:whole().counts -- the parts of a plan have its numbers
  local self = setmetatable({
    kind = kind,
    source = counts.source,
    used = counts.source,
    last = counts.source + counts.service + 1,
    deletions = {},
    seen = {},
    dropped = {},
  }, record)
  local is_needed = changes_of(plan) > 0 or plan.accepts ~= nil
  if not (options.journal or options.backup) then
    open_prints(self, dd, kind, is_needed and options.fingerprints)
    self.writes = self.prints ~= nil
    return self
  end
  local organisation, err = organisation_of(dd)
  if not organisation then return nil, err end
  local identity = {
    kind = kind.name,
    organisation = organisation,
    plan = plan:source_fingerprint(),
    steps = self.last,
    backup = options.backup or options.journal and options.journal .. ".backup",
  }
  self.path = identity.backup
  local ok
  ok, err = open_files(self, identity, options, plan)
  if not ok then return nil, err end
  open_prints(self, dd, kind, (self.resumed or is_needed) and options.fingerprints)
  self.writes = true
  return self
end

--- of_one(dd, kind) -> record of a step that is neither of a plan nor has a journal: of its secrets
function M.of_one(dd, kind)
  local self = setmetatable({ kind = kind, source = math.huge, deletions = {}, seen = {} }, record)
  open_prints(self, dd, kind)
  return self
end

return M
