--- journal_file: files of lines that outlive their writer (journal, backup, fingerprints), and their owner.
--
-- A file begins with a header that says what it belongs to; one that belongs to another plan, kind or
-- organisation is refused and left as it is.

local core = require("ddokta.native").journal
local errors = require "ddokta.error"
local json = require("ddokta.native").json

local journal_file = {}

-- --- whose it is ----------------------------------------------------------------------------------

-- of keys that may not ask whose they are, or of a gateway that does not know the question
local unanswered = { forbidden = true, not_found = true, invalid_request = true }

--- Does this error mean that it cannot be asked whose keys these are, rather than that it failed?
---@param err ddokta.Error
---@return boolean
function journal_file.is_unanswered(err) return unanswered[err.kind] or false end

local function organisation_in(user)
  local org = type(user.org) == "table" and user.org.data
  return type(org) == "table" and type(org.id) == "string" and org.id or nil
end

--- Whose what is written with this client is: the same text in each run. Datadog has one address for many
--- customers, and one customer many addresses (a proxy, a private link): it is the organisation's id, and the
--- address only where the id is not to be had. An address of Okta is an organisation's own.
---@param dd ddokta.Client
---@return string? owner
---@return table? user what Datadog said of whose keys they are; nil: it was not asked; or the error
---@return table|ddokta.Error|nil response or why these keys may not ask that
function journal_file.owner(dd)
  if dd.service ~= "datadog" then return dd.base_url end
  local user, detail = dd:get_current_user()
  if not user and not journal_file.is_unanswered(detail) then return nil, detail end
  return user and organisation_in(user) or dd.base_url, user, detail
end

local function refused(code, message)
  return nil, errors.new { kind = "conflict", code = code, message = message }
end

--- Is a file of this organisation the client's? A file that names an organisation by its id is not judged by
--- keys that could not be asked whose they are: that they were refused is the error then.
---@param dd ddokta.Client
---@param path string
---@param theirs any what the file's header says
---@return true? same
---@return ddokta.Error? err
function journal_file.check_owner(dd, path, theirs)
  local ours, user, err = journal_file.owner(dd)
  if not ours then return nil, user end
  if theirs == ours then return true end
  if dd.service == "datadog" and not user then return nil, err end
  return refused(
    "other_organisation",
    ("%s is of another organisation, %s, not of %s"):format(path, tostring(theirs), ours)
  )
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
      if name == "organisation" and identity.unasked then return nil, identity.unasked end
      return refused("other_" .. name, words:format(path, tostring(header[name]), tostring(identity[name])))
    end
  end
  return true
end

-- --- opening --------------------------------------------------------------------------------------

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
      errors.new {
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
    if name ~= "unasked" then header[name] = value end
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
    judge and { kind = identity.kind, organisation = identity.organisation, unasked = identity.unasked }
      or identity
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
  return errors.new { kind = "config", code = "damaged", line = 1, message = path .. ", line 1: is damaged" }
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

---@class ddokta.bulk.JournalIdentity what a header holds, and what an old one must have
---@field kind string
---@field organisation string its owner
--- why it could not be asked whose the keys are, so that nobody knows whether the file is another's
---@field unasked? ddokta.Error
---@field plan? string a fingerprint
---@field steps? integer
---@field key? string of fingerprints: which key they were made with

---@class ddokta.bulk.JournalOpening
---@field mode? "shared" several write at once; the lock is held until file:share()
--- asked of an old file of the same kind and organisation, loaded and locked, what to do with it. keep: then
--- the rest of the identity must be the same too; leave: open answers false; moved: it has another name now,
--- and a new one is begun
---@field judge? fun(file, header: table): "keep"|"leave"|"moved"|nil, ddokta.Error?

--- open(path, sort, identity[, options]) -> file, header, resumed | nil, err | false
---@param path string
---@param sort "journal"|"backup"|"fingerprints"
---@param identity ddokta.bulk.JournalIdentity
---@param options? ddokta.bulk.JournalOpening
---@return userdata|false|nil file see csrc/binding/journal.c
---@return table|ddokta.Error header
---@return boolean? resumed was there one already?
function journal_file.open(path, sort, identity, options)
  local judge = options and options.judge
  while true do
    local file, err = core.open(path, sort, options and options.mode)
    if not file then return nil, with_advice(err, sort) end
    local header, result = prepare(file, path, identity, judge)
    if header then return file, header, result end
    file:close()
    if header == nil then return nil, with_advice(result, sort) end
    if result == "leave" then return false end
  end
end

-- --- reading --------------------------------------------------------------------------------------

--- note(file, path) -> what was cut off at its end, in words, or nil.
function journal_file.note(file, path)
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
function journal_file.lines(file, sort)
  local offset, number, text
  return function()
    text, offset, number = file:read(offset, number)
    if text then return assert(json.decode(text)) end
    if offset then error(with_advice(offset, sort), 0) end
    return nil
  end
end

--- read(path, sort) -> header, iterator | nil, err. A file as it is now, whoever has it open.
function journal_file.read(path, sort)
  local file, err = core.open(path, sort, "read")
  if not file then return nil, with_advice(err, sort) end
  local header
  header, err = read_header(file, path)
  if not header then
    file:close()
    err = err or errors.new { kind = "config", code = "foreign", message = path .. " is empty" }
    return nil, with_advice(err, sort)
  end
  return header, journal_file.lines(file, sort)
end

--- hold(path, sort) -> file, header | nil, err. An old file, loaded, with its lock: nobody writes to it until
-- it is closed. One that may only be read is taken without.
function journal_file.hold(path, sort)
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
  err = err or errors.new { kind = "config", code = "cut", message = path .. " is empty" }
  return nil, with_advice(err, sort)
end

return journal_file
