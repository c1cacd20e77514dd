--- journal_maintenance: shows, checks, repairs and discards the journals of earlier runs.
--
-- Journals that are written at this moment may be shown and checked, not repaired or discarded: that needs
-- their lock.

local core = require("ddokta.native").journal
local errors = require "ddokta.error"
local files = require "ddokta.file"
local journal_file = require "ddokta.bulk.journal_file"
local json = require("ddokta.native").json
local system = require("ddokta.native").system

---@class ddokta.bulk.journal_maintenance
local maintenance = {}

-- --- what a run did -------------------------------------------------------------------------------

local FINISH = "finish" -- the journal's own step
local DONE_BY = { create = true, update = true, delete = true }

local function is_recipe(header) return tostring(header.kind):find("^recipe ") ~= nil end

--- Takes one line into account. open: the last line of each step that is not done.
local function add_line(summary, open, acts, line)
  local step, state = line.step, line.state
  if not step then return end
  local before = open[step]
  acts[step] = line.action or acts[step]
  if state ~= "done" then
    open[step] = {
      state = state,
      key = line.key or before and before.key,
      error = line.error,
      id = line.id or before and before.id,
    }
    return
  end
  open[step] = nil
  local action = acts[step]
  if action == FINISH then
    summary.finished = true
    return
  end
  summary.counts.done = summary.counts.done + 1
  if DONE_BY[action] then summary.counts[action] = summary.counts[action] + 1 end
end

local function list_open(summary, open, acts)
  local numbers = {}
  for step in pairs(open) do
    if acts[step] ~= FINISH then numbers[#numbers + 1] = step end
  end
  table.sort(numbers)
  for _, step in ipairs(numbers) do
    local last = open[step]
    local name = last.state == "failed" and "failed" or "unknown"
    summary.counts[name] = summary.counts[name] + 1
    summary[name][#summary[name] + 1] =
      { step = step, action = acts[step], key = last.key, id = last.id, error = last.error }
  end
end

---@class ddokta.bulk.JournalSummary
---@field file string
---@field kind string
---@field organisation string
---@field started string
---@field finished? boolean nothing is left to be known; nil for a recipe, whose journal does not say so
---@field steps integer
---@field counts table<string, integer> create, update, delete: of what is done; done, failed, unknown
---@field failed table[] {step, action, key, id, error}
---@field unknown table[] the same of what is open
---@field repaired? string when it was

local function new_summary(path, header)
  local summary = {
    file = path,
    kind = header.kind,
    organisation = header.organisation,
    started = header.started,
    steps = header.steps,
    repaired = header.repaired,
    counts = { create = 0, update = 0, delete = 0, done = 0, failed = 0, unknown = 0 },
    failed = json.array {},
    unknown = json.array {},
  }
  if not is_recipe(header) then summary.finished = false end
  return summary
end

--- What a run did, and what is open.
---@param path string
---@return ddokta.bulk.JournalSummary? summary
---@return ddokta.Error? err
function maintenance.show(path)
  local header, lines = journal_file.read(path, "journal")
  if not header then return nil, lines end
  local summary, open, acts = new_summary(path, header), {}, {}
  local ran, err = pcall(function()
    for line in lines do
      add_line(summary, open, acts, line)
    end
  end)
  if not ran then
    if type(err) == "table" and not errors.is_memory(err) then return nil, err end
    error(err, 0)
  end
  list_open(summary, open, acts)
  return summary
end

--- What may have been sent and is not known to be done, of a journal that is loaded.
---@param file userdata
---@param header table
---@return {step: integer, action: string, key: string, id: string?}[] open
function maintenance.open_steps(file, header)
  local open = json.array {}
  for _, state in ipairs { "begin", "unknown" } do
    local step = file:next(0, state)
    while step do
      local text = step < header.steps and file:last(step)
      local line = text and json.decode(text)
      if line then open[#open + 1] = { step = step, action = line.action, key = line.key, id = line.id } end
      step = file:next(step, state)
    end
  end
  table.sort(open, function(a, b) return a.step < b.step end)
  return open
end

--- Of several, which are the parts of a source: how many there are, how many are finished, their counts.
---@param summaries ddokta.bulk.JournalSummary[]
---@return {journals: integer, finished: integer, counts: table<string, integer>} sum
function maintenance.sum(summaries)
  local sum = { journals = #summaries, finished = 0, counts = {} }
  for _, summary in ipairs(summaries) do
    if summary.finished then sum.finished = sum.finished + 1 end
    for name, count in pairs(summary.counts) do
      sum.counts[name] = (sum.counts[name] or 0) + count
    end
  end
  return sum
end

-- --- whole or not ---------------------------------------------------------------------------------

local function steps_of(header)
  local steps = header and json.decode(header)
  steps = type(steps) == "table" and steps.steps
  return type(steps) == "number" and steps >= 0 and steps % 1 == 0 and steps <= 1e9 and steps or nil
end

local function lines_in(file)
  local count, offset, number = 1, nil, nil
  while true do
    local text, next_offset, next_number = file:read(offset, number)
    if not text then return count end
    count, offset, number = count + 1, next_offset, next_number
  end
end

--- Is it whole?
---@param path string
---@return {file: string, whole: boolean, lines: integer?, note: string?, damaged: table?}? found
---@return ddokta.Error? err it cannot be read, or is no journal
function maintenance.check(path)
  local file, err = core.open(path, "journal", "read")
  local header = file and file:header()
  if not file and err.code ~= "damaged" then return nil, err end
  if file and not header then
    return nil, errors.new { kind = "config", code = "foreign", message = path .. " is empty" }
  end
  local ok = file
  if file then
    ok, err = file:load(steps_of(header) or 0)
  end
  local found = { file = path, whole = ok and true or false }
  if ok then
    found.lines, found.note = lines_in(file), journal_file.note(file, path)
  else
    found.damaged = { line = err.line, message = err.message }
  end
  if file then file:abandon() end
  if not ok and err.code ~= "damaged" then return nil, err end
  return found
end

-- --- putting aside --------------------------------------------------------------------------------

--- Where a journal goes: the time at which it was begun is in its name. A run that died between the two
-- renames has left the backup there and the journal here.
local function place_aside(path, backup_path, started)
  local base = path .. "." .. tostring(started):gsub(":", "")
  local target, count = base, 1
  while files.exists(target) or files.exists(target .. ".backup") and files.exists(backup_path) do
    count = count + 1
    target = ("%s-%d"):format(base, count)
  end
  return target
end

--- The journal and its backup get another name while the journal's lock is held, so that another run that
--- starts now waits for a journal of its own or is told that this one is in use, and never moves what is
--- being written.
---@param file userdata
---@param path string
---@param backup_path string
---@param started string when it was begun
---@return string? name that it has now
---@return ddokta.Error? err
function maintenance.put_aside(file, path, backup_path, started)
  local target = place_aside(path, backup_path, started)
  if files.exists(backup_path) then
    local ok, message = os.rename(backup_path, target .. ".backup")
    if not ok then
      -- Lua says the name before the reason, or the reason alone
      message = message:gsub("^" .. backup_path:gsub("%p", "%%%0") .. ": ", "")
      return nil,
        errors.new {
          kind = "config",
          code = "file",
          message = ("%s cannot be put aside: %s"):format(backup_path, message),
        }
    end
  end
  local ok, err = file:move(target)
  if not ok then return nil, err end
  return target
end

local function not_there(path)
  return errors.new { kind = "config", code = "file", message = path .. " is not there" }
end

--- Opens one that is there, and nobody else has -> file, header or nil where that is damaged | nil, err
local function open_locked(path)
  if not files.exists(path) then return nil, not_there(path) end
  local file, err = core.open(path, "journal")
  if not file then return nil, err end
  local text = file:header()
  local header = text and json.decode(text)
  return file, type(header) == "table" and header or nil
end

--- One whose header is damaged cannot be locked, nor can anybody write it.
local headless_file = {}
headless_file.__index = headless_file

function headless_file:move(target)
  local ok, message = os.rename(self.path, target)
  if ok then return true end
  return nil, errors.new { kind = "config", code = "file", message = message }
end

function headless_file.abandon() end

local function written(path)
  local stat = system.stat(path)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", stat and math.floor(stat.modified))
end

--- Puts it aside. What is open is not looked for any more: the next run with this journal begins anew, from
--- what the service has by then.
---@param path string
---@return string? name that it has now
---@return ddokta.Error? err
function maintenance.discard(path)
  local file, header = open_locked(path)
  if not file then
    if header.code ~= "damaged" then return nil, header end
    file, header = setmetatable({ path = path }, headless_file), nil
  end
  local target, err =
    maintenance.put_aside(file, path, path .. ".backup", header and header.started or written(path))
  file:abandon()
  return target, err
end

-- --- repair ---------------------------------------------------------------------------------------

local own_members = { ddokta_journal = true, crc = true, synced = true, step = true, state = true }

local function members_of(line)
  local members = {}
  for name, value in pairs(line) do
    if not own_members[name] then members[name] = value end
  end
  return members
end

--- The header anew. What was lost of a step may be all that there was of it: "repaired" says that a run must
-- look for everything before it sends it.
local function header_of(header)
  local members = members_of(header)
  members.repaired = os.date("!%Y-%m-%dT%H:%M:%SZ")
  return members
end

--- May the step come to this state now? What was begun has to be on the disk before, and an intent that was
-- lost is written anew -> may it, or nil, err
local function make_way(draft, line)
  if draft:may(line.step, line.state) then return true end
  if draft:pending() > 0 then
    local ok, err = draft:commit()
    if not ok then return nil, err end
  end
  if not draft:may(line.step, line.state) and draft:may(line.step, "begin") then
    local ok, err = draft:step(line.step, "begin", { action = line.action, key = line.key, id = line.id })
    if ok then
      ok, err = draft:commit()
    end
    if not ok then return nil, err end
  end
  return draft:may(line.step, line.state) -- of a step that is done nothing more is said
end

--- copy_line(draft, line) -> true | nil, err
local function copy_line(draft, line)
  if not line.step then return draft:line(members_of(line)) end
  local may, err = make_way(draft, line)
  if not may then return may == false or nil, err end
  return draft:step(line.step, line.state, members_of(line))
end

--- -> how many lines are kept, how many bytes are lost | nil, err
local function copy_lines(file, draft)
  local kept, lost, offset = 0, 0, nil
  while true do
    local text, next_offset = file:whole(offset)
    if not text then
      if next_offset then return nil, next_offset end
      return kept, lost
    end
    kept, lost = kept + 1, lost + next_offset - #text - 1 - (offset or #file:header() + 1)
    local line = json.decode(text)
    if type(line) == "table" then
      local ok, err = copy_line(draft, line)
      if not ok then return nil, err end
    end
    offset = next_offset
  end
end

local function new_draft(path, header)
  local name = ("%s.new-%d"):format(path, system.pid())
  os.remove(name)
  local draft, err = core.open(name, "journal")
  if not draft then return nil, err end
  local ok
  ok, err = draft:start(header_of(header))
  if ok then
    ok, err = draft:load(header.steps or 0)
  end
  if ok then return draft, name end
  draft:abandon()
  os.remove(name)
  return nil, err
end

--- A copy of the file, whole or not at all, under a name that is free -> its name | nil, err
local function keep_copy(path)
  local name, count = path .. ".damaged", 1
  while files.exists(name) do
    count = count + 1
    name = ("%s.damaged-%d"):format(path, count)
  end
  local from, why = io.open(path, "rb")
  if not from then return nil, errors.new { kind = "config", code = "file", message = why } end
  local ok, err = files.write(name, function(put)
    for text in function() return from:read(65536) end do
      put(text)
    end
    return true
  end)
  from:close()
  if not ok then return nil, err end
  return name
end

local function replace(path, draft, name)
  local ok, err = draft:close()
  if not ok then return nil, err end
  local why
  ok, why = system.replace(name, path)
  if ok then return true end
  return nil,
    errors.new {
      kind = "config",
      code = "file",
      message = ("%s cannot be replaced: %s"):format(path, tostring(why)),
    }
end

local function headless(path)
  return errors.new {
    kind = "config",
    code = "damaged",
    line = 1,
    message = ("%s, line 1: is damaged, and without it nobody knows whose journal it is: discard it"):format(
      path
    ),
  }
end

local function rewrite(file, path, header)
  local draft, name = new_draft(path, header)
  if not draft then return nil, name end
  local kept, lost = copy_lines(file, draft)
  if not kept then
    draft:abandon()
    os.remove(name)
    return nil, lost
  end
  local copy, err = keep_copy(path)
  local ok = copy
  if ok then
    ok, err = replace(path, draft, name)
  end
  if not ok then
    draft:abandon()
    os.remove(name)
    return nil, err
  end
  return { file = path, kept = kept, lost = lost, damaged = copy }
end

---@class ddokta.bulk.RepairedJournal
---@field file string
---@field whole? true it was: nothing is done
---@field kept? integer lines
---@field lost? integer bytes
---@field damaged? string where the damaged file is now

--- Keeps what is whole of it, in its place. Nobody knows which steps were meant by what was lost: the next
--- run looks for each before it sends it.
---@param path string
---@return ddokta.bulk.RepairedJournal? done
---@return ddokta.Error? err
function maintenance.repair(path)
  local file, header = open_locked(path)
  if not file then return nil, header.code == "damaged" and headless(path) or header end
  if not (header and steps_of(file:header())) then
    file:abandon()
    return nil, headless(path)
  end
  local whole, err = file:load(header.steps)
  local done
  if whole then
    done = { file = path, whole = true }
  elseif err.code == "damaged" then
    done, err = rewrite(file, path, header)
  end
  file:abandon()
  if done then return done end
  return nil, err
end

return maintenance
