--- change: sends one change of a plan, and finds out what became of it where the answer does not say.
--
--   local result, err = change.send(change.run(dd, kind), row, planned)
--
-- A create may not be sent twice, an update's id may be another one by now (Okta accounts get a new one with
-- each update: recorded), a deletion may have been done by somebody else. So what is unclear is looked up by
-- name, and sent again only where it is certain not to have arrived, or to do no harm twice.

local errors = require "ddokta.error"
local fold = require("ddokta.bulk.repeats").fold
local forms = require "ddokta.bulk.forms"
local lookup = require "ddokta.bulk.lookup"
local resources = require "ddokta.bulk.resources"

-- how often an unclear change is sent at most
local MOST_CREATES, MOST_UPDATES = 2, 3

local none = {}

---@class ddokta.bulk.ChangeRun what the changes of one run share
---@field client ddokta.Client
---@field kind ddokta.bulk.KindOf
---@field lookup ddokta.bulk.Lookup
---@field is_dry? boolean the client answers with what it was asked for
---@field come? table<string, table[]> what has come since the plan was made, by name (see repeats.lua)

---@class ddokta.bulk.Planned: ddokta.bulk.Change
---@field lost? table what a journal has of it, where an earlier run may have sent it: it is looked for first
---@field is_orphan? true it is looked for, and not sent
---@field refused? ddokta.Error why it cannot be sent now

---@class ddokta.bulk.Sent what a change leaves in its row of the report
---@field attempts integer calls on the wire
---@field id? string
---@field note? string what else is to be known
---@field resumed? true an earlier run had done it

-- --- what is sent ---------------------------------------------------------------------------------

--- What a create sends: what the source says, with its secrets.
local function body(kind, change)
  local resource = {}
  for _, column in ipairs(kind.columns) do
    local value = change.secret and change:secret(column.name)
    if value == nil then value = change.new[column.name] end
    -- what is cleared is not there to be made; an update says that it is empty
    if value ~= nil and not (value == "" and change.action == "create") then
      resources.put(column, resource, value)
    end
  end
  return resource
end

--- What an update sends: the same less what it cannot change, or operations for what differs.
local function update_body(kind, change)
  local is_patch = kind.update_by == "patch"
  local fields, old = is_patch and {} or body(kind, change), {}
  for name, value in pairs(is_patch and not change.changes and change.new or none) do
    fields[name] = value
  end
  for _, difference in ipairs(is_patch and change.changes or none) do
    fields[difference.field], old[difference.field] = difference.new, difference.old
  end
  for _, column in ipairs(kind.columns) do
    if column.immutable then fields[column.name] = nil end
  end
  return is_patch and resources.patch(kind, fields, old) or fields
end

local function lost_secrets(change)
  if not change.secrets or change.secret then return nil end
  return errors.new {
    kind = "config",
    message = ("the secrets of '%s' are not in this plan any more: make the plan again"):format(change.key),
  }
end

-- --- what came of it ------------------------------------------------------------------------------

local SHOWN = 100 -- letters of one value in a reason

local function column_of(kind, name)
  for _, column in ipairs(kind.columns) do
    if column.name == name then return column end
  end
end

local function shown(value, names)
  if value == nil or value == "" then return "nothing" end
  if type(value) ~= "table" then return "'" .. tostring(value):sub(1, SHOWN) .. "'" end
  local items = {}
  for i, item in ipairs(value) do
    items[i] = tostring(names and names[item] or item)
  end
  return items[1] and "'" .. table.concat(items, ", "):sub(1, SHOWN) .. "'" or "nothing"
end

--- Has a column become what was asked for? old: what it was, for what is changed by item.
local function has_become(column, old, new, now)
  if not column.by_item then return forms.same(column, now, new) end
  now = type(now) == "table" and now or none
  return #resources.less(resources.less(new, old), now) == 0
    and #resources.less(resources.less(old, new), now) == #resources.less(old, new)
end

--- Does the resource have all that the source asks for? Secrets cannot be seen.
local function as_asked(kind, change, resource)
  for _, column in ipairs(kind.columns) do
    local new = change.new[column.name]
    if new ~= nil and not column.secret then
      local old = change.old and change.old[column.name] or none
      if not has_become(column, old, new, resources.get(column, resource)) then return false end
    end
  end
  return true
end

--- What a create, or an update, asked for: a list of {column, new, old}.
local function asked_of(kind, change)
  local asked, differences = {}, {}
  for _, difference in ipairs(change.action == "update" and change.changes or none) do
    differences[difference.field] = difference
  end
  for _, column in ipairs(kind.columns) do
    local of = differences[column.name] or change.action ~= "update" and { new = change.new[column.name] }
    if of and of.new ~= nil and not column.secret then
      asked[#asked + 1] = { column = column, new = of.new, old = of.old or none }
    end
  end
  return asked
end

--- The answer, with its lists: one that it leaves out is not known, and the thing is asked for alone.
local function with_lists(run, row, asked, resource)
  for _, one in ipairs(asked) do
    local is_unknown = one.column.form == "list"
      and #one.new > 0
      and resources.get(one.column, resource) == nil
    if is_unknown and resource.id ~= nil then return run.lookup:alone(row, resource) end
  end
  return resource
end

local function not_taken(fields, texts)
  return errors.new {
    kind = "conflict",
    code = "not_taken",
    fields = fields,
    message = "the service did not take " .. table.concat(texts, ", "),
  }
end

local function not_taken_text(column, new, now, names)
  return ("%s (asked for %s, it has %s)"):format(column.name, shown(new, names), shown(now, names))
end

--- resource | nil, err: what a service answered has all that was asked for. A field that it did not take is
-- a failure: "updated" at every run, and never so, is worse.
local function taken(run, row, change, resource)
  if run.is_dry or not run.lookup:shows(resource) then return resource end
  local asked = asked_of(run.kind, change)
  local seen, err = with_lists(run, row, asked, resource)
  if not seen then return nil, err end
  local fields, texts = {}, {}
  for _, one in ipairs(asked) do
    local now = resources.get(one.column, seen)
    if not has_become(one.column, one.old, one.new, now) then
      fields[#fields + 1] = one.column.name
      texts[#texts + 1] = not_taken_text(one.column, one.new, now, change.names)
    end
  end
  if not fields[1] then return resource end
  row.id = resource.id
  return nil, not_taken(fields, texts)
end

local function note_found(row, change)
  row.resumed = change.lost and true or nil
  row.note = change.lost and "found by looking: an earlier run had sent it"
    or "found by looking: its answer was lost"
end

local function not_as_asked(kind, change)
  local text = "there is a %s '%s' already that is not as asked: plan again, to change it"
  return errors.new { kind = "conflict", message = text:format(kind.noun, change.key) }
end

--- What is known of a change behind a call that failed. One that was withdrawn does not make clear what was
--- unclear (nil: nothing was) before it.
local function known_after(unclear, err)
  local is_withdrawn = err.kind == "cancelled" and not err.ambiguous
  return is_withdrawn and unclear or err
end

-- --- create ---------------------------------------------------------------------------------------

--- found is not empty: one that is as asked is what was to be created.
local function judge(run, row, change, found, err)
  if #found == 1 and as_asked(run.kind, change, found[1]) then
    note_found(row, change)
    return found[1]
  end
  return nil, err and err.kind == "conflict" and err or not_as_asked(run.kind, change)
end

--- The plan did not find this name, and it is there now.
local function judge_come(run, row, change, come)
  local made = judge(run, row, change, come)
  if not made then return nil, not_as_asked(run.kind, change) end
  row.note = "somebody else has made it since the plan was made"
  return made
end

--- A second create would make a second thing of that name: before it is looked for the first.
local function create(run, row, change)
  local come = run.come and run.come[fold(run.kind, change.key)]
  if come then return judge_come(run, row, change, come) end
  local found, err
  if change.lost then
    found, err = run.lookup:lost(row, change)
    if not found then return nil, err end
    if found[1] then return judge(run, row, change, found) end
  end
  local fields = body(run.kind, change)
  for _ = 1, MOST_CREATES do
    local created, why = run.lookup:call(row, run.kind.operations.create, fields)
    if created then return taken(run, row, change, created) end
    err = known_after(err, why)
    if not (err.ambiguous or err.kind == "conflict") then return nil, err end
    found, why = run.lookup:look_patiently(row, change, err)
    if not found then return nil, why end
    if found[1] then return judge(run, row, change, found, err) end
    if not err.ambiguous then return nil, err end
  end
  return nil, err
end

-- --- update ---------------------------------------------------------------------------------------

--- Has an update that was sent to this id arrived? Secrets cannot be seen, but where an id changes with
-- each update (kind.id_changes) a new one says so.
local function has_arrived(kind, change, resource, sent_to)
  if not as_asked(kind, change, resource) then return false end
  return not change.secrets or (kind.id_changes and resource.id ~= sent_to) or false
end

--- The things that an update may mean now: those of its name, or the thing of its id where it gives it
-- another name.
local function look_for_update(run, row, change, sent_to, err)
  local found, why = run.lookup:look(row, change, err)
  local old_key = change.old and change.old[run.kind.key]
  if not found or old_key == nil or old_key == change.key then return found, why end
  local before
  before, why = run.lookup:look(row, { key = old_key, old = change.old }, err)
  if not before then return nil, why end
  for _, list in ipairs { found, before } do
    for _, resource in ipairs(list) do
      if resource.id == sent_to then return { resource } end
    end
  end
  return {}
end

--- What an unclear or misdirected update leaves to be done: resource: nothing; nil, err: it has failed;
-- nil, nil, id: it is to be sent there.
local function follow_update(run, row, change, sent_to, err)
  local kind = run.kind
  local found, why = look_for_update(run, row, change, sent_to, err)
  if not found then return nil, why end
  if #found == 0 then
    local text = "there is no %s '%s' any more"
    return nil, errors.new { kind = "not_found", message = text:format(kind.noun, change.key) }
  end
  if #found > 1 then return nil, err or not_as_asked(kind, change) end
  if has_arrived(kind, change, found[1], sent_to) then
    note_found(row, change)
    return found[1]
  end
  if err and found[1].id == sent_to and not err.ambiguous then return nil, err end
  return nil, nil, found[1].id
end

--- Sends it until it is clear what became of it. sent: {operation, fields; lost_id: where an earlier run may
-- have sent it; follow(run, row, change, id, err): what is left to be done where the answer does not say;
-- taken(run, row, change, answer): what the answer says}
local function send_until_clear(run, row, change, sent)
  local result, err, last, unclear
  local id = change.id
  if change.lost then
    result, err, id = sent.follow(run, row, change, sent.lost_id)
    if not id then return result, err end
  end
  for _ = 1, MOST_UPDATES do
    result, err = run.lookup:call(row, sent.operation, id, sent.fields)
    if result then return sent.taken(run, row, change, result) end
    last = known_after(unclear, err)
    unclear = last.ambiguous and last or unclear
    if not (last.ambiguous or run.kind.stale(last)) then return nil, last end
    result, err, id = sent.follow(run, row, change, id, last)
    if not id then return result, err end
  end
  return nil, last
end

--- An id changes with each update, so a stale id means: find the thing by its name. An update that may have
-- arrived is sent again to what is there now, which does no harm.
local function update(run, row, change)
  return send_until_clear(run, row, change, {
    operation = run.kind.operations.update,
    fields = update_body(run.kind, change),
    lost_id = change.lost and change.lost.id or change.id,
    follow = follow_update,
    taken = taken,
  })
end

-- --- delete ---------------------------------------------------------------------------------------

local function is_gone(kind, resource)
  local instead = kind.deactivate
  if not instead then return false end
  local column = column_of(kind, instead.column)
  return forms.same(column, resources.get(column, resource), instead.value)
end

--- What an unclear or misdirected deletion leaves to be done, as follow_update. A stale id may hide that the
-- thing lives on under a new one. What is gone is gone, whoever did it.
local function follow_delete(run, row, change, sent_to, err)
  local found, why = run.lookup:look(row, change, err)
  if not found then return nil, why end
  local there
  for _, resource in ipairs(found) do
    if resource.id == sent_to then there = resource end
  end
  local is_there = there and not is_gone(run.kind, there)
  if is_there and err and not err.ambiguous then return nil, err end
  if is_there then return nil, nil, sent_to end
  -- several: others of this name, each with a change of its own
  if not there and #found == 1 and run.kind.id_changes then return nil, nil, found[1].id end
  if err then
    row.note = "it was gone already"
  else
    note_found(row, change)
  end
  return true
end

--- true | nil, err: what a deletion does instead was done, as far as its answer shows the thing.
local function is_deactivated(run, row, _, answer)
  local kind, instead = run.kind, run.kind.deactivate
  if not instead or run.is_dry or not run.lookup:shows(answer) or is_gone(kind, answer) then return true end
  row.id = answer.id
  local column = column_of(kind, instead.column)
  local text = not_taken_text(column, instead.value, resources.get(column, answer))
  return nil, not_taken({ instead.column }, { text })
end

local function delete(run, row, change)
  local kind, instead = run.kind, run.kind.deactivate
  return send_until_clear(run, row, change, {
    operation = instead and instead.operation or kind.operations.delete,
    fields = instead and resources.patch(kind, { [instead.column] = instead.value }) or nil,
    lost_id = change.id,
    follow = follow_delete,
    taken = is_deactivated,
  })
end

--- A deletion that an earlier run may have sent and the plan does not have: is it gone?
local function find_orphan(run, row, change)
  local found, err = run.lookup:look(row, change)
  if not found then return nil, err end
  for _, resource in ipairs(found) do
    if (resource.id == change.id or run.kind.id_changes) and not is_gone(run.kind, resource) then
      return nil, errors.new { kind = "cancelled", message = "it is there, and this plan does not remove it" }
    end
  end
  note_found(row, change)
  return true
end

-- --- public ---------------------------------------------------------------------------------------

local change = {}

local send = { create = create, update = update, delete = delete }

--- is_sent(action): is a change of this action one that is sent?
function change.is_sent(action) return send[action] ~= nil end

--- run(dd, kind[, settle]) -> what the changes of one run share
---@param settle? number seconds for which a thing whose answer was lost is looked for (2)
---@return ddokta.bulk.ChangeRun
function change.run(dd, kind, settle)
  return { client = dd, kind = kind, lookup = lookup.new(dd, kind, settle) }
end

--- send(run, row, planned) -> the resource (true for a deletion) | nil, err. err.ambiguous: nobody knows what
--- became of it.
---@param run ddokta.bulk.ChangeRun
---@param row ddokta.bulk.Sent
---@param planned ddokta.bulk.Planned
function change.send(run, row, planned)
  if planned.refused then return nil, planned.refused end
  if planned.is_orphan then return find_orphan(run, row, planned) end
  local err = lost_secrets(planned)
  if err then return nil, err end
  return send[planned.action](run, row, planned)
end

return change
