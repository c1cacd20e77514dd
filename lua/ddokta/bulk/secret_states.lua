--- secret_states: which of the source's secrets the service is known to have, and what follows from that.
--
-- A secret that is not the one that was sent last, or that was never sent, makes an update; one that no API
-- changes makes a conflict. Of which nothing is known is neither: it is counted, so that nobody takes it for
-- compared.

local fingerprints = require "ddokta.bulk.fingerprints"

-- UNSURE: the note of a row that says so
local secret_states = { UNSURE = "its secrets were not compared" }

--- A row's secrets apart: {those that an update sends}, {those that it cannot change}, nil for none.
local function sorted(kind, hidden)
  local sent, fixed
  for _, column in ipairs(kind.columns) do
    local value = column.secret and hidden[column.name]
    if value and column.fixed then
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

local words = {
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
    inside.stuck[number] = fixed_words[state]:format(names_of(values), inside.kind.fixed_secrets)
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
    if words[state] then
      inside.match:set(number, "update")
      inside.changed_secrets[number] = words[state]
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
function secret_states.judge(inside, options, is_mine)
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
function secret_states.note(inside, options)
  local count = inside.uncompared
  if count == 0 then return nil end
  local fixed = inside.kind.fixed_secrets
  return ("%d %s not compared: no service gives them back, and %s (%s)"):format(
    count,
    count == 1 and "secret was" or "secrets were",
    why_unknown(options),
    fixed and "no API changes them: " .. fixed or "rotate secrets to send them"
  )
end

return secret_states
