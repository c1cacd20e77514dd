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
local resources = require "ddokta.bulk.resources"
local repeats = require "ddokta.bulk.repeats"
local forms = require "ddokta.bulk.forms"
local secrets = require "ddokta.bulk.secrets"
local system = require("ddokta.core").system

-- how often an unclear step is sent at most
local MOST_CREATES, MOST_UPDATES = 2, 3

-- looks come at these moments of the seconds in which a thing may still turn up
local LOOKS = { 0, 0.25, 1 }
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
  local resource, row, hidden = {}, action.new, secrets.of(action) or none
  for _, column in ipairs(kind.columns) do
    local value = hidden[column.name]
    if value == nil then value = row[column.name] end
    -- what is cleared is not there to be made; an update says that it is empty
    if value ~= nil and not (value == "" and action.action == "create") then
      resources.put(column, resource, value)
    end
  end
  return resource
end

--- What an update sends: the same less what it cannot change, or operations for what differs.
local function update_body(kind, action)
  local fields = {}
  if kind.update_by ~= "patch" then
    fields = body(kind, action)
    for _, name in ipairs(kind.fixed or none) do
      fields[name] = nil
    end
    return fields
  end
  local old = {}
  for name, value in pairs(action.changes and {} or action.new) do
    fields[name] = value
  end
  for _, change in ipairs(action.changes or {}) do
    fields[change.field], old[change.field] = change.new, change.old
  end
  for _, name in ipairs(kind.fixed or none) do
    fields[name] = nil
  end
  return resources.patch(kind, fields, old)
end

--- A deletion, or what a kind does instead: an operation, and what it sends.
local function removal(kind)
  local instead = kind.deactivate
  if not instead then return kind.operations.delete, nil end
  return instead.operation, resources.patch(kind, { [instead.column] = instead.value })
end

local function column_of(kind, name)
  for _, column in ipairs(kind.columns) do
    if column.name == name then return column end
  end
end

--- Has a column of a thing become what was asked for? old: what it was, for what is changed by item.
local function has_become(column, old, new, now)
  if not column.by_item then return forms.same(column, now, new) end
  now = type(now) == "table" and now or {}
  return #resources.less(resources.less(new, old), now) == 0
    and #resources.less(resources.less(old, new), now) == #resources.less(old, new)
end

--- Does the resource have what was asked? Secrets cannot be seen.
local function as_asked(kind, action, resource)
  for _, column in ipairs(kind.columns) do
    local new = action.new[column.name]
    if new ~= nil and not column.secret then
      local old = action.old and action.old[column.name] or {}
      if not has_become(column, old, new, resources.get(column, resource)) then return false end
    end
  end
  return true
end

-- --- what came of it ------------------------------------------------------------------------------

local WORDS = 100 -- of one value in a reason

local function shown(value, names)
  if value == nil or value == "" then return "nothing" end
  if type(value) ~= "table" then return "'" .. tostring(value):sub(1, WORDS) .. "'" end
  local items = {}
  for i, item in ipairs(value) do
    items[i] = tostring(names and names[item] or item)
  end
  return items[1] and "'" .. table.concat(items, ", "):sub(1, WORDS) .. "'" or "nothing"
end

--- What a create or an update asked for: a list of {column, new, old}.
local function asked_of(kind, action)
  local asked, by_name = {}, nil
  if action.action == "update" then
    by_name = {}
    for _, change in ipairs(action.changes or none) do
      by_name[change.field] = change
    end
  end
  for _, column in ipairs(kind.columns) do
    local of = by_name and (by_name[column.name] or none)
    local new
    if of then
      new = of.new
    else
      new = action.new[column.name]
    end
    if new ~= nil and not column.secret then
      asked[#asked + 1] = { column = column, new = new, old = of and of.old or none }
    end
  end
  return asked
end

--- An answer that shows the thing; another one says nothing of what came of it.
local function is_shown(kind, resource)
  return type(resource) == "table" and resources.get(column_of(kind, kind.key), resource) ~= nil
end

--- A list that an answer leaves out is not known: the thing is asked for alone.
local function see_lists(run, tries, asked, resource)
  for _, one in ipairs(asked) do
    local is_unknown = one.column.form == "list"
      and #one.new > 0
      and resources.get(one.column, resource) == nil
    if is_unknown and resource.id ~= nil then
      local seen, err = call(tries, run.client, run.kind.operations.get, resource.id)
      if not seen then return nil, err end
      return is_shown(run.kind, seen) and seen or resource
    end
  end
  return resource
end

local function not_taken(fields, text)
  return failure.new {
    kind = "conflict",
    code = "not_taken",
    fields = fields,
    message = "the service did not take " .. text,
  }
end

--- resource | nil, err: what a service answered has all that was asked for. A field that it did not take is
-- a failure: "updated" at every run, and never so, is worse.
local function taken(run, tries, action, resource)
  local kind = run.kind
  if run.is_dry or not is_shown(kind, resource) then return resource end
  local asked = asked_of(kind, action)
  local seen, err = see_lists(run, tries, asked, resource)
  if not seen then return nil, err end
  local fields, texts = {}, {}
  for _, one in ipairs(asked) do
    local now = resources.get(one.column, seen)
    if not has_become(one.column, one.old, one.new, now) then
      fields[#fields + 1] = one.column.name
      texts[#texts + 1] = ("%s (asked for %s, it has %s)"):format(
        one.column.name,
        shown(one.new, action.names),
        shown(now, action.names)
      )
    end
  end
  if not fields[1] then return resource end
  tries.id = resource.id
  return nil, not_taken(fields, table.concat(texts, ", "))
end

local function lost_secrets(action)
  if not action.secrets or secrets.of(action) then return nil end
  return failure.new {
    kind = "config",
    message = ("the secrets of '%s' are not in this plan any more: make the plan again"):format(action.key),
  }
end

--- Those that are in the same app, where a key names one thing of it alone.
local function of_same(kind, action, found)
  local values = action.new or action.old
  local wanted = kind.within and values and values[kind.within]
  if not wanted then return found end
  local same_place = {}
  for _, resource in ipairs(found) do
    if resource[kind.within] == wanted then same_place[#same_place + 1] = resource end
  end
  return same_place
end

--- Has a list left out one that the step is about?
local function lacks_list(kind, action, resource)
  for _, column in ipairs(kind.columns) do
    local is_asked = column.form == "list" and action.new and action.new[column.name] ~= nil
    if is_asked and resources.get(column, resource) == nil then return resource.id ~= nil end
  end
  return false
end

--- The things of the step's key that the service has now, with the lists that it is about | nil, err. What a
-- list leaves out is not known, and the thing is asked for alone.
local function find(run, tries, action)
  local listed, err = run.lookup:find(tries, action.key)
  if not listed then return nil, err end
  local found = {}
  for i, resource in ipairs(of_same(run.kind, action, listed)) do
    local seen = resource
    if lacks_list(run.kind, action, resource) then
      seen, err = call(tries, run.client, run.kind.operations.get, resource.id)
      if not seen then return nil, err end
    end
    found[i] = is_shown(run.kind, seen) and seen or resource
  end
  return found
end

--- The same; nil, err: err, which the look-up was for, with what kept it from an answer.
local function look(run, tries, action, err)
  local found, why = find(run, tries, action)
  if found then return found end
  if not err then return nil, why end
  err.message = ("%s (and it could not be looked up: %s)"):format(err.message, why.message)
  return nil, err
end

--- Returns when it is time for the next look -> true | nil, err
local function wait_until(run, due)
  local seconds = due - system.now()
  if seconds <= 0 then return true end
  return run.client:sleep(seconds)
end

--- The same, again and again until something is found or the time is over: a list may be behind what was
-- done a moment ago. What an earlier run may have sent was sent before this one began.
local function look_patiently(run, tries, action, err)
  local began = action.lost and run.began or system.now()
  local found, looked, count = nil, nil, 0
  for i, moment in ipairs(LOOKS) do
    local due = began + run.settle * moment
    if i == 1 or due > looked then
      local ok, why = wait_until(run, due)
      if not ok then return nil, why end
      looked, count = system.now(), count + 1
      found, why = look(run, tries, action, err)
      if not found then return nil, why end
      if found[1] then return found end
      tries.note = ("looked for %d times in %g s, not there"):format(count, run.settle)
    end
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
  return failure.new {
    kind = "conflict",
    message = ("there is a %s '%s' already that is not as asked: plan again, to change it"):format(
      kind.noun,
      action.key
    ),
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

--- What was found of a create that an earlier run may have sent: by look_ahead, or now.
local function look_for_lost(run, tries, action)
  local looked = run.looked and run.looked[action.number]
  if not looked then return look_patiently(run, tries, action) end
  run.looked[action.number] = nil
  tries.attempts, tries.note = tries.attempts + looked.attempts, looked.note
  return looked.found
end

--- A second create would make a second thing of that name: before it is looked for the first.
function send.create(run, tries, action)
  local err = lost_secrets(action)
  if err then return nil, err end
  local come = run.come and run.come[repeats.fold(run.kind, action.key)]
  if come then
    local made = judge(run, tries, action, come)
    if made then tries.note = "somebody else has made it since the plan was made" end
    return made, not made and not_as_asked(run.kind, action) or nil
  end
  local found
  if action.lost then
    found, err = look_for_lost(run, tries, action)
    if not found then return nil, err end
    if found[1] then return judge(run, tries, action, found) end
  end
  local fields = body(run.kind, action)
  for _ = 1, MOST_CREATES do
    local created, why
    created, err = call(tries, run.client, run.kind.operations.create, fields)
    if created then return taken(run, tries, action, created) end
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
  return failure.new {
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

--- The things that an update may mean now: those of its key, or the thing of its id where it gives it
-- another name.
local function look_for_update(run, tries, action, sent_to, err)
  local found, why = look(run, tries, action, err)
  local old_key = action.old and action.old[run.kind.key]
  if not found or old_key == nil or old_key == action.key then return found, why end
  local before
  before, why = look(run, tries, { key = old_key, old = action.old }, err)
  if not before then return nil, why end
  local same_id = {}
  for _, list in ipairs { found, before } do
    for _, resource in ipairs(list) do
      if resource.id == sent_to and not same_id[1] then same_id[1] = resource end
    end
  end
  return same_id
end

--- What an unclear or misdirected update leaves to be done: resource: nothing; nil, err: it has failed;
-- nil, nil, id: it is to be sent there.
local function follow_update(run, tries, action, sent_to, err)
  local found, why = look_for_update(run, tries, action, sent_to, err)
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
    if updated then return taken(run, tries, action, updated) end
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
  return forms.same(
    column_of(kind, instead.column),
    resources.get(column_of(kind, instead.column), resource),
    instead.value
  )
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

--- true | nil, err: what a deletion does instead was done, as far as its answer shows the thing.
local function is_done(run, tries, answer)
  local kind, instead = run.kind, run.kind.deactivate
  if not instead or run.is_dry or not is_shown(kind, answer) or is_gone(kind, answer) then return true end
  tries.id = answer.id
  return nil,
    not_taken(
      { instead.column },
      ("%s (asked for %s, it has %s)"):format(
        instead.column,
        shown(instead.value),
        shown(resources.get(column_of(kind, instead.column), answer))
      )
    )
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
    if deleted then return is_done(run, tries, deleted) end
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
      return nil,
        failure.new { kind = "cancelled", message = "it is there, and this plan does not remove it" }
    end
  end
  found_note(tries, action)
  return true
end

local step = { send = send }

local LOOKERS = 256 -- tasks; how many of their calls are on the wire at once is the client's to say

--- look_ahead(run, lost): looks for all creates that an earlier run may have sent, before the first is sent:
-- together, for each is waited for. lost: an iterator over them. What cannot be looked up now is when its
-- turn comes.
function step.look_ahead(run, lost)
  run.looked = {}
  require("ddokta").parallel(LOOKERS, lost, function(action)
    local tries = { attempts = 0 }
    local found = look_patiently(run, tries, action)
    if found then
      run.looked[action.number] = { found = found, attempts = tries.attempts, note = tries.note }
    end
    return true
  end, function(_, _, ok, err)
    if not ok then error(err, 0) end
  end)
end

--- run(dd, kind [, settle]): what steps share. settle: for how many seconds a thing whose answer was lost
-- may still turn up; began: when the run began. run.is_dry: the client answers with what it was asked for.
function step.run(dd, kind, settle)
  return {
    client = dd,
    kind = kind,
    lookup = new_lookup(dd, kind),
    settle = settle or SETTLE,
    began = system.now(),
  }
end

for name, one in pairs(send) do
  step[name] = function(tries, dd, kind, action) return one(step.run(dd, kind), tries, action) end
end

return step
