--- durable: files of lines that outlive their writer, and whose they are.
--
-- A file begins with a header that says what it belongs to; one that belongs to another plan, kind or
-- organisation is refused and left as it is. What is added is on the disk after a sync: tasks that ask
-- for one in the same turn share it, for a disk takes as long for a hundred lines as for one.

local core = require("ddokta.core").journal
local failure = require "ddokta.error"
local json = require("ddokta.core").json
local scheduler = require "ddokta.scheduler"

local durable = {}

local function refused(code, message)
  return nil, failure.new { kind = "conflict", code = code, message = message }
end

-- what may differ, most telling first: member of the header, and the words for it
local differences = {
  { "kind", "%s is of %s, not of %s: give another file" },
  { "organisation", "%s is of another organisation, %s, not of %s: give another file" },
  { "plan", "%s is of another plan (%s, not %s): finish that one first, or give another file" },
  { "steps", "%s is of another plan (of %s steps, not %s): finish that one first, or give another file" },
  { "key", "%s was made with another key (%s, not %s): bring that key back, or remove the file" },
}

local function compare(path, header, identity)
  for _, difference in ipairs(differences) do
    local name, words = difference[1], difference[2]
    if identity[name] ~= nil and header[name] ~= identity[name] then
      return refused("other_" .. name, words:format(path, tostring(header[name]), tostring(identity[name])))
    end
  end
  return true
end

-- what to do with a file whose middle is damaged, by sort: what a power cut leaves at the end is no damage
local advice = {
  journal = "'ddokta journal repair' keeps what is whole of it, 'ddokta journal discard' puts it and its "
    .. "backup aside; then run it again: the plan is made anew, from what the service has",
  backup = "move it away: what stands before that line is still there to be read",
  fingerprints = "remove it: then it is not known which secrets were sent",
}

local function with_advice(err, sort)
  if err and err.code == "damaged" then
    err.message = ("%s: %s"):format(err.message, advice[sort] or advice.journal)
  end
  return err
end

local function read_header(file, path)
  local text, err = file:header()
  if not text then return nil, err end
  local header, message = json.decode(text)
  if type(header) ~= "table" then
    return nil,
      failure.new {
        kind = "config",
        code = "damaged",
        line = 1,
        message = ("%s, line 1: %s"):format(path, message or "not a JSON object"),
      }
  end
  return header
end

local function start(file, identity)
  local header = { started = os.date("!%Y-%m-%dT%H:%M:%SZ") }
  for name, value in pairs(identity) do
    header[name] = value
  end
  local ok, err = file:start(header)
  if not ok then return nil, err end
  return header
end

--- An old file: is it ours, and is it whole? -> true | nil, err | false, verdict of `judge`
local function resume(file, path, header, identity, judge)
  local ok, err = compare(
    path,
    header,
    judge and { kind = identity.kind, organisation = identity.organisation } or identity
  )
  if not ok then return nil, err end
  ok, err = file:load(judge and header.steps or identity.steps or 0)
  if not ok then return nil, err end
  if not judge then return true end
  local verdict
  verdict, err = judge(file, header)
  if verdict == nil then return nil, err end
  if verdict ~= "keep" then return false, verdict end
  return compare(path, header, identity)
end

local function is_damaged(path)
  return failure.new { kind = "config", code = "damaged", line = 1, message = path .. ", line 1: is damaged" }
end

--- -> header, resumed | nil, err | false, verdict
local function prepare(file, path, identity, judge)
  local header, err = read_header(file, path)
  if err then return nil, err end
  if header and identity.steps and type(header.steps) ~= "number" then return nil, is_damaged(path) end
  if header then
    local ok
    ok, err = resume(file, path, header, identity, judge)
    if not ok then return ok, err end
    return header, true
  end
  header, err = start(file, identity)
  if not header then return nil, err end
  local ok
  ok, err = file:load(identity.steps or 0)
  if not ok then return nil, err end
  return header, false
end

--- open(path, sort, identity[, judge]) -> file, header, resumed | nil, err | false
-- file: see csrc/binding/journal.c; sort: "journal", "backup", "fingerprints"; identity: {kind =,
-- organisation =, plan =, steps =, key =}, what the header holds and what an old one must have.
-- judge(file, header): asked of an old file of the same kind and organisation, loaded and locked, what to do
-- with it: "keep" (then the rest of identity must be the same too), "leave" (open answers false), "moved"
-- (it has another name now, and a new one is begun) or nil, err.
-- mode: "shared" where several write at once; the lock is held until file:share().
function durable.open(path, sort, identity, judge, mode)
  while true do
    local file, err = core.open(path, sort, mode)
    if not file then return nil, with_advice(err, sort) end
    local header, result = prepare(file, path, identity, judge)
    if header then return file, header, result end
    file:close()
    if header == nil then return nil, with_advice(result, sort) end
    if result == "leave" then return false end
  end
end

--- note(file, path) -> what was cut off at its end, in words, or nil.
function durable.note(file, path)
  local line = file:cut()
  return line
    and (
      "%s: what a death or a power cut has left from line %d on was cut off; nothing had been "
      .. "sent on the strength of it"
    ):format(path, line)
end

--- lines(file, sort) -> an iterator over what follows the header, decoded. Raises the error object where a
-- line cannot be had, so that half a file never looks like a whole one. What a power cut has left behind
-- the last line that was synced is no line.
function durable.lines(file, sort)
  local offset, number, text
  return function()
    text, offset, number = file:read(offset, number)
    if text then return assert(json.decode(text)) end
    if offset then error(with_advice(offset, sort), 0) end
    return nil
  end
end

--- read(path, sort) -> header, iterator | nil, err. A file as it is now, whoever has it open.
function durable.read(path, sort)
  local file, err = core.open(path, sort, "read")
  if not file then return nil, with_advice(err, sort) end
  local header
  header, err = read_header(file, path)
  if not header then
    file:close()
    err = err or failure.new { kind = "config", code = "foreign", message = path .. " is empty" }
    return nil, with_advice(err, sort)
  end
  return header, durable.lines(file, sort)
end

--- hold(path, sort) -> file, header | nil, err. An old file, loaded, with its lock: nobody writes to it until
-- it is closed. One that may only be read is taken without.
function durable.hold(path, sort)
  local file, err = core.open(path, sort)
  if not file and err.code == "file" then
    file, err = core.open(path, sort, "read")
  end
  if not file then return nil, with_advice(err, sort) end
  local header, ok
  header, err = read_header(file, path)
  if header then
    ok, err = file:load(type(header.steps) == "number" and header.steps or 0)
  end
  if ok then return file, header end
  file:abandon()
  err = err or failure.new { kind = "config", code = "cut", message = path .. " is empty" }
  return nil, with_advice(err, sort)
end

--- sync(owner, commit) -> what commit() -> true | nil, err says. Tasks of the same turn share one: the
-- first to come waits until all others that can run have run. owner: a table of what is shared.
function durable.sync(owner, commit)
  local task = scheduler.current()
  if not task then return commit() end
  local round = owner.round
  if round then
    round[#round + 1] = task
    while not round.over do
      task:suspend()
    end
    return round.ok, round.err
  end
  round = {}
  owner.round = round
  task:ready() -- behind all that are ready now
  task:suspend()
  owner.round = nil
  local ran, ok, err = pcall(commit)
  round.over = true
  if ran then
    round.ok, round.err = ok, err
  else
    round.err = ok
  end
  for _, follower in ipairs(round) do
    follower:ready()
  end
  if not ran then error(ok, 0) end
  return ok, err
end

return durable
