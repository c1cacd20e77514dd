--- secrets: the values that no service gives back; from the source to the call they are shown nowhere.
--
-- A change carries its secrets out of sight: change:secret(name) is the only way to one, and no print, JSON
-- or report has it. Which of them the service has already is known by fingerprints alone: what was sent last,
-- and whether it arrived, is kept with each change that is sent.

local fingerprints = require "ddokta.bulk.fingerprints"
local words = require "ddokta.bulk.words"

local secrets = {
  UNSURE = "its secrets were not compared", -- the note of a row that says so
}

-- --- of a change ----------------------------------------------------------------------------------

local SHORTEST = 4 -- letters of a secret that is looked for in a text

local function replace_plain(text, old, new)
  local parts, from = {}, 1
  while true do
    local first, last = text:find(old, from, true)
    if not first then break end
    parts[#parts + 1] = text:sub(from, first - 1)
    parts[#parts + 1] = new
    from = last + 1
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts)
end

local function scrub(text, values)
  for _, value in pairs(values) do
    if #value >= SHORTEST then text = replace_plain(text, value, "(secret)") end
  end
  return text
end

--- attach(change, values) -> change, which has these methods then:
--   change:secret(name) -> value | nil
--   change:scrub(text) -> the text without them: a service may quote in an error what it was sent
-- values: {client_secret = "..."}; nil: it has none, and no such methods.
function secrets.attach(change, values)
  if not values then return change end
  local methods = {}
  function methods.secret(_, name) return values[name] end
  function methods.scrub(_, text) return scrub(text, values) end
  return setmetatable(change, { __index = methods })
end

-- --- compared by a plan ---------------------------------------------------------------------------
--
-- A secret that is not the one that was sent last, or that was never sent, makes an update; one that no API
-- changes makes a conflict. A secret of which nothing is known causes neither; the plan counts it, because it
-- was not compared.

--- A row's secrets apart: {those that an update sends}, {those that it cannot change}, nil for none.
local function sorted(kind, hidden)
  local sent, fixed
  for _, column in ipairs(kind.columns) do
    local value = column.secret and hidden[column.name]
    if value and column.immutable then
      fixed = fixed or {}
      fixed[column.name] = value
    elseif value then
      sent = sent or {}
      sent[column.name] = value
    end
  end
  return sent, fixed
end

--- What a thing is called in the fingerprints, as the service has it until now; its id.
local function name_of(inside, number, action, other)
  local values, _, key = inside.rows:get(number)
  local there, _, their_key = inside.service:get(other)
  return fingerprints.key(inside.kind, action == "update" and their_key or key, values), there.id
end

local function state_of(known, name, values, id)
  if known then return known:state(name, values, id) end
  local count = 0
  for _ in pairs(values) do
    count = count + 1
  end
  return "unknown", count
end

local changed_words = {
  other = "a secret is not the one that was sent last",
  never = "a secret was never sent: the service has none",
}

local fixed_words = {
  other = "%s is not the one that was sent when it was made, and no API changes it: %s",
  never = "it was made without its %s, and no API sets it now: %s",
}

local function names_of(values)
  local names = {}
  for name in pairs(values) do
    names[#names + 1] = name
  end
  table.sort(names)
  return table.concat(names, " and ")
end

local function add_unknown(inside, number, count)
  if count == 0 then return end
  inside.uncompared = inside.uncompared + count
  inside.unsure[number] = true
end

--- What no API changes is as the source has it, or it is a conflict. accepted: somebody says that it is so.
local function judge_fixed(inside, number, values, state, unknown, accepts)
  if accepts and state ~= "same" then
    inside.accepted[number] = true
  elseif fixed_words[state] then
    inside.match:set(number, "refused")
    inside.stuck[number] =
      fixed_words[state]:format(names_of(values), words.spell(inside.kind.fixed_secrets, inside.dialect))
  else
    add_unknown(inside, number, unknown)
  end
end

local function judge_row(inside, number, action, other, options)
  local _, hidden = inside.rows:get(number)
  local sent, fixed = sorted(inside.kind, hidden or {})
  if not (fixed or sent and action == "unchanged") then return end
  local name, id = name_of(inside, number, action, other)
  if sent and action == "unchanged" then
    local state, unknown = state_of(options.fingerprints, name, sent, id)
    if changed_words[state] then
      inside.match:set(number, "update")
      inside.changed_secrets[number] = changed_words[state]
    else
      add_unknown(inside, number, unknown)
    end
  end
  if fixed then
    local state, unknown = state_of(options.fingerprints, name, fixed, id)
    judge_fixed(inside, number, fixed, state, unknown, options.accept_secrets)
  end
end

--- judge(inside, options): of a plan's rows that mean a thing which is there. inside gets: changed_secrets
-- {number = why it is an update}, stuck {number = why it is in conflict}, unsure {number = true: secrets of
-- it were not compared}, accepted {number = true}, uncompared: how many secrets.
-- options: fingerprints (what answers state(key, secrets, id), or nil), accept_secrets
-- is_mine(inside, number): is the row of this part of the plan?
function secrets.judge(inside, options, is_mine)
  inside.changed_secrets, inside.stuck, inside.unsure, inside.accepted = {}, {}, {}, {}
  inside.uncompared = 0
  if not fingerprints.fields(inside.kind)[1] then return end
  for number = 1, inside.rows:count() do
    local action, _, other = inside.match:at(number)
    local is_there = action == "unchanged" or action == "update"
    if is_there and is_mine(inside, number) then judge_row(inside, number, action, other, options) end
  end
end

local function why_unknown(options)
  local store = options.fingerprints
  if not store then return "no fingerprints of what was sent were looked at" end
  if store.problem then return tostring(store.problem.message) end
  return "what was sent last is not known here"
end

--- note(inside, options) -> what a reader should know of it, or nil
function secrets.note(inside, options)
  local count = inside.uncompared
  if count == 0 then return nil end
  local fixed = inside.kind.fixed_secrets
  return ("%d %s not compared: no service gives them back, and %s (%s)"):format(
    count,
    count == 1 and "secret was" or "secrets were",
    why_unknown(options),
    words.spell(fixed and "no API changes them: " .. fixed or "{rotate_secrets} sends them", inside.dialect)
  )
end

-- --- sent by a run --------------------------------------------------------------------------------

---@class ddokta.bulk.SentSecrets the fingerprints that a run keeps of what it sends
---@field due boolean is there anything to be committed before the next change is sent?
local SentSecrets = {}
SentSecrets.__index = SentSecrets

--- keep(dd, kind, given) -> sent_secrets | nil, why not, in words: then the run goes on without
-- given: a store of bulk.fingerprints; false for none; nil for that at the default place, which is closed
-- behind.
function secrets.keep(dd, kind, given)
  if given == false or not fingerprints.fields(kind)[1] then return nil end
  local store = given or fingerprints.lazy(dd, kind)
  local self =
    setmetatable({ kind = kind, store = store, own = not given and store or nil, due = false }, SentSecrets)
  if not store.open then return self end
  local err
  self.store, err = store:open()
  if self.store then return self end
  return nil, "it is not kept which secrets were sent: " .. tostring(err.message)
end

--- {name = value} of all that a change has.
local function all_of(self, change)
  local values = {}
  for _, name in ipairs(change.secret and fingerprints.fields(self.kind) or {}) do
    values[name] = change:secret(name)
  end
  return values
end

--- Of those that it sends.
local function sent_of(change)
  local values = {}
  for _, name in ipairs(change.secret and change.secrets or {}) do
    values[name] = change:secret(name)
  end
  return values
end

--- What the thing is called after the change, and before.
local function names_of_thing(self, change)
  local values, kind = change.new or change.old or {}, self.kind
  local old_key = change.old and change.old[kind.key]
  local name = fingerprints.key(kind, change.key, values)
  return name, old_key == nil and name or fingerprints.key(kind, old_key, values)
end

--- begin(change) -> true | nil, err: what was known of the thing's secrets counts no more from here on, until
-- it is known what became of the change.
function SentSecrets:begin(change)
  if change.is_orphan then return true end
  local name, old_name = names_of_thing(self, change)
  local ok, is_due
  if change.action == "update" then
    ok, is_due = self.store:begin(old_name, sent_of(change))
  else
    ok, is_due = self.store:begin(name)
  end
  if not ok then return nil, is_due end
  self.due = self.due or is_due
  return true
end

--- An update that an earlier run began, and of which all is there that can be seen: its secrets are there too
-- only where a new id says so.
local function may_have_arrived(self, change)
  local lost = change.lost
  if not lost or change.action ~= "unchanged" or lost.action ~= "update" then return true end
  return self.kind.id_changes and lost.id ~= change.id or false
end

local function put(self, change, row)
  local store, name, old_name = self.store, names_of_thing(self, change)
  local action = change.action == "unchanged" and change.lost and change.lost.action or change.action
  if action == "delete" then return store:forget(name) end
  if action == "create" then return store:made(name, all_of(self, change), row.id) end
  if not may_have_arrived(self, change) then return true end
  if old_name ~= name then
    local ok, err = store:rename(old_name, name, all_of(self, change))
    if not ok then return nil, err end
  end
  return store:put(name, sent_of(change), row.id, change.id)
end

--- ended(change, row) -> true | nil, err. What was answered with a refusal, and sent once, has not arrived.
function SentSecrets:ended(change, row)
  local was_sent = row.outcome == "done" or row.error and row.error.code == "not_taken"
  if was_sent then return put(self, change, row) end
  local is_refused = row.outcome == "not_run" or row.outcome == "failed" and row.attempts <= 1
  if not is_refused then return true end
  local _, old_name = names_of_thing(self, change)
  return self.store:refused(old_name)
end

--- accept(plan) -> true | nil, err: what somebody says of secrets that no API changes.
function SentSecrets:accept(plan)
  for row in plan:accepted() do
    local name = fingerprints.key(self.kind, row.key, row.values)
    local ok, err = self.store:put(name, row.secrets, row.id, row.id)
    if not ok then return nil, err end
  end
  return true
end

function SentSecrets:commit()
  self.due = false
  return self.store:commit()
end

function SentSecrets:close()
  if self.own then self.own:close() end
end

--- finish(change, row) -> true | nil, err: of a change that is of no run.
function SentSecrets:finish(change, row)
  local ok, err = self:ended(change, row)
  local committed, why = self:commit()
  self:close()
  if ok and committed then return true end
  return nil, err or why
end

return secrets
