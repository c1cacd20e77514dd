--- One step of a plan: send it, and find out what became of it when the answer does not say.
--
--   step.create(tries, dd, kind, action) -> the resource (true for a deletion) or nil, err; update, delete
--   step.send.create(run, tries, action), ...: the same for many that share their look-ups
--
-- action: a step of a plan. tries: its row of the report: attempts counts calls on the wire, note gets
-- what else is to be known, resumed that an earlier run had done it. run: see step.run. action.lost, where
-- there is one, is what a journal has of a step that an earlier run may have sent: then it is looked for
-- before it is sent.

local failure = require "ddokta.error"
local new_lookup = require "ddokta.bulk.lookup"
local place = require "ddokta.bulk.place"
local same = require "ddokta.bulk.same"
local secrets = require "ddokta.bulk.secrets"

-- how often an unclear step is sent at most
local MOST_CREATES, MOST_UPDATES = 2, 3

-- looks come after these shares of the seconds in which a thing may still turn up
local LOOKS = { 0, 0.25, 0.75 }
local SETTLE = 2

local send = {}

--- One call of the client, its attempts counted.
local function call(tries, dd, operation, ...)
  local result, detail = dd[operation](dd, ...)
  tries.attempts = tries.attempts + (type(detail) == "table" and detail.attempts or 0)
  if result == nil then return nil, detail end
  return result
end

local none = {}

--- What a create sends: what the source says, with its secrets.
local function body(kind, action)
  local resource, row, hidden = {}, action.row, secrets.of(action) or none
  for _, column in ipairs(kind.columns) do
    local value = hidden[column.name]
    if value == nil then value = row[column.name] end
    if value ~= nil then place.put(column, resource, value) end
  end
  return resource
end

--- What an update sends: the same less what it cannot change, or operations for what differs.
local function update_body(kind, action)
  local fields = {}
  if kind.update_by ~= "patch" then
    fields = body(kind, action)
    for _, name in ipairs(kind.fixed or none) do fields[name] = nil end
    return fields
  end
  for name, value in pairs(action.changes and {} or action.row) do fields[name] = value end
  for _, change in ipairs(action.changes or {}) do fields[change.field] = change.new end
  for _, name in ipairs(kind.fixed or none) do fields[name] = nil end
  return place.patch(kind, fields)
end

--- A deletion, or what a kind does instead: an operation, and what it sends.
local function removal(kind)
  local instead = kind.deactivate
  if not instead then return kind.operations.delete, nil end
  return instead.operation, place.patch(kind, { [instead.column] = instead.value })
end

local function column_of(kind, name)
  for _, column in ipairs(kind.columns) do
    if column.name == name then return column end
  end
end

--- Does the resource have what was asked? Secrets cannot be seen.
local function as_asked(kind, action, resource)
  for _, column in ipairs(kind.columns) do
    local new = action.row[column.name]
    local old = new ~= nil and not column.secret and place.get(column, resource)
    if new ~= nil and not column.secret and not same(column, old, new) then return false end
  end
  return true
end

local function lost_secrets(action)
  if not action.secrets or secrets.of(action) then return nil end
  return failure.new{
    kind = "config",
    message = ("the secrets of '%s' are not in this plan any more: make the plan again"):format(action.key),
  }
end

--- The things of the step's key that the service has now; nil, err: err, which the look-up was for, with
-- what kept it from an answer.
local function look(run, tries, action, err)
  local found, why = run.lookup:find(tries, action.key)
  if found then return found end
  if not err then return nil, why end
  err.message = ("%s (and it could not be looked up: %s)"):format(err.message, why.message)
  return nil, err
end

--- The same, again and again until something is found or the time is over: a list may be behind what was
-- done a moment ago.
local function look_patiently(run, tries, action, err)
  local found
  for i, share in ipairs(LOOKS) do
    if share > 0 then
      if run.settle == 0 then break end
      local slept, why = run.client:sleep(run.settle * share)
      if not slept then return nil, why end
    end
    local why
    found, why = look(run, tries, action, err)
    if not found then return nil, why end
    if found[1] then return found end
    tries.note = ("looked for %d times in %g s, not there"):format(i, run.settle)
  end
  return found
end

local function found_note(tries, action)
  tries.resumed = action.lost and true or nil
  tries.note = action.lost and "found by looking: an earlier run had sent it"
    or "found by looking: its answer was lost"
end

-- --- create ---------------------------------------------------------------------------------------

local function not_as_asked(kind, action)
  return failure.new{
    kind = "conflict",
    message = ("there is a %s '%s' already that is not as asked: plan again, to change it")
      :format(kind.noun, action.key),
  }
end

--- found is not empty: one that is as asked is what was to be created.
local function judge(run, tries, action, found, err)
  if #found == 1 and as_asked(run.kind, action, found[1]) then
    found_note(tries, action)
    return found[1]
  end
  return nil, err and err.kind == "conflict" and err or not_as_asked(run.kind, action)
end

--- A second create would make a second thing of that name: before it is looked for the first.
function send.create(run, tries, action)
  local err = lost_secrets(action)
  if err then return nil, err end
  local found
  if action.lost then
    found, err = look_patiently(run, tries, action)
    if not found then return nil, err end
    if found[1] then return judge(run, tries, action, found) end
  end
  local fields = body(run.kind, action)
  for _ = 1, MOST_CREATES do
    local created, why
    created, err = call(tries, run.client, run.kind.operations.create, fields)
    if created then return created end
    if not (err.ambiguous or err.kind == "conflict") then return nil, err end
    found, why = look_patiently(run, tries, action, err)
    if not found then return nil, why end
    if found[1] then return judge(run, tries, action, found, err) end
    if not err.ambiguous then return nil, err end
  end
  return nil, err
end

-- --- update ---------------------------------------------------------------------------------------

local function vanished(kind, action)
  return failure.new{
    kind = "not_found",
    message = ("there is no %s '%s' any more"):format(kind.noun, action.key),
  }
end

--- Has an update that was sent to this id arrived? Secrets cannot be seen, but where an id changes with
-- each update (kind.id_changes) a new one says so.
local function arrived(kind, action, resource, sent_to)
  if not as_asked(kind, action, resource) then return false end
  return not action.secrets or (kind.id_changes and resource.id ~= sent_to) or false
end

--- What an unclear or misdirected update leaves to be done: resource: nothing; nil, err: it has failed;
-- nil, nil, id: it is to be sent there.
local function follow_update(run, tries, action, sent_to, err)
  local found, why = look(run, tries, action, err)
  if not found then return nil, why end
  if #found == 0 then return nil, vanished(run.kind, action) end
  if #found > 1 then return nil, err or not_as_asked(run.kind, action) end
  if arrived(run.kind, action, found[1], sent_to) then
    found_note(tries, action)
    return found[1]
  end
  if err and found[1].id == sent_to and not err.ambiguous then return nil, err end
  return nil, nil, found[1].id
end

--- An id changes with each update (recorded), so a stale id means: find the thing by its name. An
-- update that may have arrived is sent again to what is there now, which does no harm.
function send.update(run, tries, action)
  local err = lost_secrets(action)
  if err then return nil, err end
  local kind, id = run.kind, action.id
  local operation, fields = kind.operations.update, update_body(kind, action)
  local updated, last
  if action.lost then
    updated, err, id = follow_update(run, tries, action, action.lost.id or id)
    if not id then return updated, err end
  end
  for _ = 1, MOST_UPDATES do
    updated, last = call(tries, run.client, operation, id, fields)
    if updated then return updated end
    if not (last.ambiguous or kind.stale(last)) then return nil, last end
    updated, err, id = follow_update(run, tries, action, id, last)
    if not id then return updated, err end
  end
  return nil, last
end

-- --- delete ---------------------------------------------------------------------------------------

local function is_gone(kind, resource)
  local instead = kind.deactivate
  if not instead then return false end
  return same(column_of(kind, instead.column), place.get(column_of(kind, instead.column), resource),
    instead.value)
end

--- What an unclear or misdirected deletion leaves to be done: as follow_update. A stale id may hide that
-- the thing lives on under a new one.
local function follow_delete(run, tries, action, sent_to, err)
  local found, why = look(run, tries, action, err)
  if not found then return nil, why end
  for _, resource in ipairs(found) do
    if resource.id == sent_to then
      if is_gone(run.kind, resource) then return true end
      if err and not err.ambiguous then return nil, err end
      return nil, nil, sent_to
    end
  end
  -- several: others of this name, each with a step of its own
  if #found == 1 and run.kind.id_changes then return nil, nil, found[1].id end
  return true
end

--- Gone is gone, whoever did it.
function send.delete(run, tries, action)
  local operation, fields = removal(run.kind)
  local id = action.id
  local deleted, err, last
  if action.lost then
    deleted, err, id = follow_delete(run, tries, action, id)
    if deleted then found_note(tries, action) end
    if not id then return deleted, err end
  end
  for _ = 1, MOST_UPDATES do
    deleted, last = call(tries, run.client, operation, id, fields)
    if deleted then return true end
    if not (last.ambiguous or run.kind.stale(last)) then return nil, last end
    deleted, err, id = follow_delete(run, tries, action, id, last)
    if deleted then tries.note = "it was gone already" end
    if not id then return deleted, err end
  end
  return nil, last
end

--- A deletion that an earlier run may have sent and the plan does not have: is it gone?
function send.orphan(run, tries, action)
  local found, err = look(run, tries, action)
  if not found then return nil, err end
  for _, resource in ipairs(found) do
    if (resource.id == action.id or run.kind.id_changes) and not is_gone(run.kind, resource) then
      return nil, failure.new{ kind = "cancelled", message = "it is there, and this plan does not remove it" }
    end
  end
  found_note(tries, action)
  return true
end

local step = { send = send }

--- run(dd, kind [, settle]): what steps share. settle: for how many seconds a thing whose answer was lost
-- may still turn up.
function step.run(dd, kind, settle)
  return { client = dd, kind = kind, lookup = new_lookup(dd, kind), settle = settle or SETTLE }
end

for name, one in pairs(send) do
  step[name] = function(tries, dd, kind, action) return one(step.run(dd, kind), tries, action) end
end

return step
