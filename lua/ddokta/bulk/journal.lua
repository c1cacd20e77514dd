--- journal: the file in which a run writes what it is about to do, before it does it, and what became of it.
--
-- The file's format is doc/json/journal.json and csrc/journal/journal.c.
--
--   local journal = require "ddokta.bulk.journal"
--   local opened, err = journal.open("accounts.journal", {
--     kind = "okta_accounts", organisation = "0a4d3e5c-...", plan = "<fingerprint>",
--     steps = 1000, backup = "accounts.journal.backup" })
--
-- For each step (a change of a plan, or a step of a recipe; numbered from 1), in a task of its own:
--   opened:save(number, {action, key, object})     only what replaces or removes: to the backup file
--   opened:begin(number, {kind, key, old, new, action, id})   the intent
--   assert(opened:sync())                          now, and not before, it may be sent
--   opened:done(number, {id, attempts})            or
--   opened:failed(number, {attempts, error})       refused, or never left; may come without begin(), or
--   opened:unknown(number, {attempts, error})      sent, and nobody knows what became of it
-- An outcome need not be synced: the next sync, or close(), takes it along. Intents may be begun ahead, for
-- steps that come soon: where opened:begun(number) is true it may be sent without a sync. So one sync serves
-- many turns, at the price of as many steps to look up after a death.
--
-- All of these answer true, or nil and an error. After an error of the disk (code "file") all that follow
-- fail alike: stop. What is a bug raises: a second done(), an outcome of a step whose begin() is not synced,
-- members other than those listed below. So no secret gets in by way of a resource.
--
-- A resume does nothing about "done", looks what became of "unknown" and begins the others. What a death or a
-- power cut has left behind the last whole line, torn, garbled or in another order, was never reported to be
-- on the disk: it is cut away before the next is written. Damage above that is refused.

local backup = require "ddokta.bulk.backup"
local core = require "ddokta.native"
local journal_file = require "ddokta.bulk.journal_file"
local latches = require "ddokta.latch"

---@class ddokta.bulk.Journal
---@field resumed boolean was there one already?
---@field started string when it was begun
---@field repaired? string when journal_maintenance has mended it: lines are missing
---@field identity ddokta.bulk.JournalIdentity
local Journal = {}
Journal.__index = Journal

-- the members that a line may have, and those of its error: never a body, never what was sent
local members = {
  kind = true,
  key = true,
  old = true,
  new = true,
  action = true,
  id = true,
  attempts = true,
  error = true,
}
local error_members = {
  "kind",
  "message",
  "status",
  "code",
  "scim_type",
  "operation",
  "permission",
  "attempts",
  "id",
  "ambiguous",
}

local function error_of(err)
  local copy = {}
  for _, name in ipairs(error_members) do
    copy[name] = err[name]
  end
  if copy.message and not core.csv.is_utf8(copy.message) then
    copy.message = copy.message:gsub("[\128-\255]", "?")
  end
  return copy
end

local function add(self, number, state, fields)
  local line = {}
  for name, value in pairs(fields or {}) do
    if not members[name] then error(("a journal's line has no member '%s'"):format(tostring(name)), 3) end
    line[name] = value
  end
  if line.error then line.error = error_of(line.error) end
  return self.file:step(number, state, line)
end

function Journal:begin(number, fields) return add(self, number, "begin", fields) end
function Journal:done(number, fields) return add(self, number, "done", fields) end
function Journal:failed(number, fields) return add(self, number, "failed", fields) end
function Journal:unknown(number, fields) return add(self, number, "unknown", fields) end

--- save(number, saved) -> true | nil, err: keeps what a step is about to replace or remove; the first time
-- counts, whatever a resume finds.
function Journal:save(number, saved)
  if not self.backup then
    local err
    self.backup, err = backup.open(self.backup_path, self.identity)
    if not self.backup then return nil, err end
  end
  return self.backup:save(number, saved)
end

--- commit() -> true | nil, err: to the disk, at once: it never waits for other tasks. The backup first: no
-- intent is on the disk whose saved object is not.
function Journal:commit()
  if self.backup then
    local ok, err = self.backup:commit()
    if not ok then return nil, err end
  end
  return self.file:commit()
end

--- sync() -> true | nil, err: the same, once for all tasks that ask in the scheduler's turn: a disk takes as
-- long for a hundred lines as for one. It blocks the thread meanwhile.
function Journal:sync()
  self.latch = self.latch or latches.new(function() return self:commit() end)
  return self.latch:join()
end

--- state(number) -> "done" | "failed" | "unknown" (begun and no more is known) | nil
function Journal:state(number)
  local state = self.file:state(number)
  return state == "begin" and "unknown" or state
end

--- begun(number): is its intent on the disk, and no outcome known?
function Journal:begun(number) return self.file:state(number) == "begin" and self.file:may(number, "done") end

--- last(number) -> its last line, decoded | nil | nil, err
function Journal:last(number)
  local text, err = self.file:last(number)
  if not text then return nil, err end
  return assert(core.json.decode(text))
end

--- steps(state) -> an iterator over the numbers of the steps in that state
function Journal:steps(state)
  local also, number = state == "unknown" and "begin", 0
  return function()
    local found = self.file:next(number, state)
    local begun = also and self.file:next(number, also)
    if begun and (not found or begun < found) then found = begun end
    number = found or number
    return found
  end
end

--- counts() -> {done =, failed =, unknown =}
function Journal:counts()
  local counts = self.file:counts()
  return { done = counts.done, failed = counts.failed, unknown = counts.unknown + counts.begin }
end

--- note() -> what was cut off at its end or its backup's, in words, or nil
function Journal:note()
  local notes = { journal_file.note(self.file, self.path) }
  notes[#notes + 1] = self.backup and journal_file.note(self.backup.file, self.backup_path)
  return notes[1] and table.concat(notes, "; ") or nil
end

--- Closes it as a death would: what was not synced is lost. So does the collector.
function Journal:abandon()
  if self.backup then self.backup:abandon() end
  self.file:abandon()
end

--- close() -> true | nil, err; brings what is left to the disk
function Journal:close()
  local saved, err = true, nil
  if self.backup then
    saved, err = self.backup:close()
  end
  local ok, why = self.file:close()
  if ok == nil and why then return nil, why end
  if not saved then return nil, err end
  return true
end

local journal = {}

--- kind, organisation and plan are opaque texts, not secret: they stand in the file and in errors.
---@class ddokta.bulk.JournalOptions: ddokta.bulk.JournalIdentity
---@field backup? string path of the backup file (<path>.backup); it is made when the first object is saved

--- open(path, options[, judge]) -> journal | nil, err | false. It is locked until close(), or death.
---@param path string
---@param options ddokta.bulk.JournalOptions
---@param judge? function see journal_file.open; without one there is no false
function journal.open(path, options, judge)
  local identity = {}
  for _, name in ipairs { "kind", "organisation", "plan", "steps" } do
    identity[name] = options[name]
    if identity[name] == nil then error("a journal needs to know its " .. name, 2) end
  end
  identity.unasked = options.unasked
  local function with_its_steps(file, header)
    local verdict, err = judge(file, header)
    if verdict == "keep" and header.plan == identity.plan then identity.steps = header.steps end
    return verdict, err
  end
  local file, header, resumed =
    journal_file.open(path, "journal", identity, { judge = judge and with_its_steps })
  if not file then return file, header end
  return setmetatable({
    file = file,
    path = path,
    identity = identity,
    resumed = resumed,
    started = header.started,
    repaired = header.repaired,
    backup_path = options.backup or path .. ".backup",
  }, Journal)
end

--- read(path) -> header, iterator over all lines | nil, err; without a lock
function journal.read(path) return journal_file.read(path, "journal") end

return journal
