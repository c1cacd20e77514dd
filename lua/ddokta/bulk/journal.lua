--- journal: what was meant to be done and what became of it, on the disk before the next depends on it.
--
--   local journal = require "ddokta.bulk.journal"
--   local book, err = journal.open("accounts.journal", {
--     kind = "okta_accounts", organisation = "https://api.datadoghq.com ...", plan = "<fingerprint>",
--     steps = 1000, backup = "accounts.journal.backup" })
--
-- kind, organisation and plan are opaque texts (not secret: they stand in the file and in errors) that
-- an old journal must have too; steps are numbered from 1. It is locked until close(), or death.
--   book.resumed, book.started                 was there one already; when was it begun
--   book.repaired                              nil, or when journals.lua has mended it: lines are missing
--   book:note()          -> what was cut off at its end or its backup's, in words, or nil
--
-- For each step, in a task of its own:
--   book:save(step, {action, key, object})     only what replaces or removes: to the backup file
--   book:begin(step, {kind, key, old, new, action, id})   the intent: a step of the plan
--   assert(book:sync())                        now, and not before, it may be sent
--   book:done(step, {id, attempts})            or
--   book:failed(step, {attempts, error})       refused, or never left; may come without begin(), or
--   book:unknown(step, {attempts, error})      sent, and nobody knows what became of it
-- An outcome need not be synced: the next sync, or close(), takes it along. sync() inside a task gathers
-- all tasks of the scheduler's turn for one fdatasync, which blocks the thread meanwhile. Intents may be
-- begun ahead, for steps that come soon: where book:begun(step) is true it may be sent without a sync. So
-- one sync serves many turns, at the price of as many steps to look up after a death.
--
-- All of these answer true, or nil and an error. After an error of the disk (code "file") all that
-- follow fail alike: stop. What is a bug raises: a second done(), an outcome of a step whose begin() is
-- not synced, members other than those listed below. So no secret gets in by way of a resource.
--
--   book:state(step)     -> "done" | "failed" | "unknown" (begun and no more is known) | nil
--   book:begun(step)     -> is its intent on the disk, and no outcome known?
--   book:last(step)      -> its last line, decoded | nil | nil, err
--   book:steps(state)    -> an iterator over the numbers of the steps in that state
--   book:counts()        -> {done =, failed =, unknown =}
--   book:commit()        -> as sync(), but for the caller alone: it never waits for other tasks
--   book:close()         -> true | nil, err; brings what is left to the disk
--   book:abandon()       closes it as a death would: what was not synced is lost. So does the collector
--   journal.read(path)   -> header, iterator over all lines | nil, err; without a lock
--
-- A resume does nothing about "done", looks what became of "unknown" and begins the others. What a death or
-- a power cut has left behind the last whole line, torn, garbled or in another order, was never reported to
-- be on the disk: it is cut away before the next is written. Damage above that is refused.

local backup = require "ddokta.bulk.backup"
local core = require "ddokta.core"
local durable = require "ddokta.bulk.durable"

local journal = {}
journal.__index = journal

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

local function add(book, step, state, fields)
  local line = {}
  for name, value in pairs(fields or {}) do
    if not members[name] then error(("a journal's line has no member '%s'"):format(tostring(name)), 3) end
    line[name] = value
  end
  if line.error then line.error = error_of(line.error) end
  return book.file:step(step, state, line)
end

function journal:begin(step, fields) return add(self, step, "begin", fields) end
function journal:done(step, fields) return add(self, step, "done", fields) end
function journal:failed(step, fields) return add(self, step, "failed", fields) end
function journal:unknown(step, fields) return add(self, step, "unknown", fields) end

--- Keeps what a step is about to replace or remove; the first time counts, whatever a resume finds.
function journal:save(step, saved)
  if not self.backup then
    local err
    self.backup, err = backup.open(self.backup_path, self.identity)
    if not self.backup then return nil, err end
  end
  return self.backup:save(step, saved)
end

--- A sync for the caller alone, at once. The backup first: no intent is on the disk whose saved object
-- is not.
function journal:commit()
  if self.backup then
    local ok, err = self.backup:commit()
    if not ok then return nil, err end
  end
  return self.file:commit()
end

function journal:sync()
  return durable.sync(self, function() return self:commit() end)
end

local seen_as = { begin = "unknown" }

function journal:state(step)
  local state = self.file:state(step)
  return seen_as[state] or state
end

function journal:begun(step) return self.file:state(step) == "begin" and self.file:may(step, "done") end

function journal:last(step)
  local text, err = self.file:last(step)
  if not text then return nil, err end
  return assert(core.json.decode(text))
end

function journal:steps(state)
  local also, step = state == "unknown" and "begin", 0
  return function()
    local next_step = self.file:next(step, state)
    local begun = also and self.file:next(step, also)
    if begun and (not next_step or begun < next_step) then next_step = begun end
    step = next_step or step
    return next_step
  end
end

function journal:counts()
  local counts = self.file:counts()
  return { done = counts.done, failed = counts.failed, unknown = counts.unknown + counts.begin }
end

function journal:note()
  local notes = { durable.note(self.file, self.path) }
  notes[#notes + 1] = self.backup and durable.note(self.backup.file, self.backup_path)
  return notes[1] and table.concat(notes, "; ") or nil
end

function journal:abandon()
  if self.backup then self.backup:abandon() end
  self.file:abandon()
end

function journal:close()
  local saved, err = true, nil
  if self.backup then
    saved, err = self.backup:close()
  end
  local ok, why = self.file:close()
  if ok == nil and why then return nil, why end
  if not saved then return nil, err end
  return true
end

local M = {}

--- open(path, {kind, organisation, plan, steps, backup}[, judge]) -> journal | nil, err | false
-- backup: the path of the backup file, by default the journal's with ".backup" behind it; it is made
-- when the first object is saved. judge: see durable.open; without one there is no false.
function M.open(path, options, judge)
  local identity = {}
  for _, name in ipairs { "kind", "organisation", "plan", "steps" } do
    identity[name] = options[name]
    if identity[name] == nil then error("a journal needs to know its " .. name, 2) end
  end
  local file, header, resumed = durable.open(path, "journal", identity, judge and function(file, header)
    local verdict, err = judge(file, header)
    if verdict == "keep" and header.plan == identity.plan then identity.steps = header.steps end
    return verdict, err
  end)
  if not file then return file, header end
  return setmetatable({
    file = file,
    path = path,
    identity = identity,
    resumed = resumed,
    started = header.started,
    repaired = header.repaired,
    backup_path = options.backup or path .. ".backup",
  }, journal)
end

function M.read(path) return durable.read(path, "journal") end

return M
