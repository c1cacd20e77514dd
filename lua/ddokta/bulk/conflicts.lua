--- Finds out why a row may not be sent: what its key means already, and what it would take over.
--
-- Names that stand for ids (a group's members by user name) are resolved here, and a create that would
-- take over what is there already (a team) is found.

local failure = require "ddokta.error"
local forms = require "ddokta.bulk.forms"
local handle_of = require("ddokta.handle").of
local pages = require "ddokta.pages"
local resources = require "ddokta.bulk.resources"

---@class ddokta.bulk.conflicts
local conflicts = {}

-- --- reasons --------------------------------------------------------------------------------------

-- for the reason of a key that is there twice
local function count_key(comparison, key, row)
  local count = 0
  for _, i in ipairs(comparison.service:find(key, comparison:within(row))) do
    local _, _, other = comparison.service:get(i)
    if other == key or comparison.kind.key_folds and other:lower() == key:lower() then count = count + 1 end
  end
  return count
end

-- why a row is in conflict, by what the C core calls it
local reasons = {
  key_twice = function(comparison, change)
    local count = count_key(comparison, change.key, change.new)
    return ("%d %s have this name: rename or delete all but one first"):format(count, comparison.kind.plural)
  end,
  key_variant = function(comparison, change, other)
    local _, _, key = comparison:old(other)
    return ("there is '%s', which %s: use that spelling, or delete it first"):format(
      key,
      forms.difference(change.key, key)
    )
  end,
  row_variant = function(comparison, change)
    for _, i in ipairs(comparison.rows:find(change.key, comparison:within(change.new))) do
      if i ~= change.number then
        local _, _, key, line = comparison.rows:get(i)
        return ("'%s' at %s %s: which one is meant?"):format(
          key,
          comparison.place_of(line),
          forms.difference(change.key, key)
        )
      end
    end
  end,
  other_id = function(comparison, _, other)
    local _, id, key = comparison:old(other)
    return ("by its %s it is '%s' (id %s), by its name another %s: which one is meant?"):format(
      comparison.kind.known_by,
      key,
      tostring(id),
      comparison.kind.noun
    )
  end,
  same_thing = function(comparison, _, other)
    local _, id, key = comparison:old(other)
    return ("another row means '%s' (id %s) too"):format(key, tostring(id))
  end,
  fixed = function(comparison, change, other)
    local _, _, key = comparison:old(other)
    if key:lower() ~= change.key:lower() then
      local text = "is '%s' there, by its %s, and a %s cannot be changed: keep that one in the source, or "
        .. "leave the %s out to make another %s"
      local known_by = comparison.kind.known_by
      return text:format(key, known_by, comparison.kind.key, known_by, comparison.kind.noun)
    end
    return ("%s cannot be changed: delete it and create it again"):format(
      comparison:immutable_names(change.new, change.old)
    )
  end,
  refused = function(comparison, change)
    return comparison.stuck[change.number] or comparison.found[change.number].reason
  end,
}

--- Is this what the C core calls a conflict?
function conflicts.is_one(action) return reasons[action] ~= nil end

--- How many of a match's counts are conflicts.
function conflicts.count(counts)
  local count = 0
  for name in pairs(reasons) do
    count = count + counts[name]
  end
  return count
end

--- Why this change is in conflict, in words.
---@param comparison ddokta.bulk.Comparison
---@param change ddokta.bulk.Change
---@param action string what the C core calls it
---@param other integer? the thing that it is about, by its index
function conflicts.reason(comparison, change, action, other) return reasons[action](comparison, change, other) end

-- --- what a create would take over ----------------------------------------------------------------

local function read_taken(dd, taken)
  local names, handles = {}, {}
  local list = { client = dd, operation = taken.list, title = taken.plural }
  local ok, err = pages.walk(list, function(thing)
    local name, handle = thing[taken.name], thing[taken.handle]
    if type(name) == "string" then names[name:lower()] = thing end
    if type(handle) == "string" then handles[handle:lower()] = thing end
  end)
  if not ok then return nil, err end
  return { names = names, handles = handles }
end

--- A create of this name, and what is there: a reason why not, or nil and what it would take over.
local function judge_create(taken, there, name)
  local by_name, handle = there.names[name:lower()], handle_of(name)
  local by_handle = handle and there.handles[handle]
  local found = by_name or by_handle
  if not found then return nil end
  if found[taken.managed] then
    return ("the %s '%s' is managed by another source and would be taken over"):format(
      taken.noun,
      found[taken.name]
    )
  end
  if handle and by_name and by_name ~= by_handle then
    local text = "there is a %s '%s' whose handle is '%s', not '%s' as its name has it: which one is meant?"
    return text:format(taken.noun, found[taken.name], tostring(found[taken.handle]), handle)
  end
  if not by_name then
    local text = "the handle '%s', which this name has, is that of the %s '%s': which one is meant?"
    return text:format(handle, taken.noun, tostring(found[taken.name]))
  end
  return nil,
    {
      id = found.id,
      name = found[taken.name],
      handle = found[taken.handle],
      words = ("takes over the %s '%s': its members are replaced"):format(taken.noun, found[taken.name]),
    }
end

-- --- looking for them -----------------------------------------------------------------------------

local function copy_with(values, name, value)
  local copy = {}
  for key, old in pairs(values) do
    copy[key] = old
  end
  copy[name] = value
  return copy
end

--- A backup has names beside the ids in the lists of what is removed.
local function survey_deletions(comparison, columns, first, items)
  for _, column in ipairs(columns) do
    local number = first
    while number and not items[column] do
      local _, _, other = comparison.match:at(number)
      local list = comparison.service:get(other)[column.name]
      if list and list[1] ~= nil then items[column] = {} end
      number = comparison.match:next(number)
    end
  end
end

--- Which items the rows that would be sent refer to, by column; is something created?
local function survey(comparison, columns)
  local items, creating = {}, false
  local i = comparison.match:next(0)
  while i and i <= comparison.rows:count() do
    local action = comparison.match:at(i)
    creating = creating or action == "create"
    if action == "create" or action == "update" then
      local values = columns[1] and comparison.rows:get(i) or {}
      for _, column in ipairs(columns) do
        local list = values[column.name]
        if list then items[column] = items[column] or {} end
        for _, item in ipairs(list or {}) do
          items[column][item] = true
        end
      end
    end
    i = comparison.match:next(i)
  end
  survey_deletions(comparison, columns, i, items)
  return items, creating
end

--- The values with ids for names; or nil, why not.
local function resolve(context, values)
  for column, known in pairs(context.known) do
    local list = values[column.name]
    if list and list[1] ~= nil then
      local ids, reason = resources.ids(known, column, list, context.spare)
      if not ids then return nil, reason end
      values = copy_with(values, column.name, ids)
    end
  end
  return values
end

local function examine(context, values, action)
  local row, reason = resolve(context, values)
  if not row then return { reason = reason } end
  local takes
  if action == "create" and context.there then
    reason, takes = judge_create(context.taken, context.there, values[context.key])
  end
  if row == values and not (reason or takes) then return nil end
  return {
    row = row ~= values and row or nil,
    reason = reason,
    takes = takes,
    note = takes and takes.words,
  }
end

local function read_known(dd, context, items)
  context.known = {}
  for column, wanted in pairs(items) do
    local known, err = resources.read_names_for(dd, column, wanted)
    if not known then return nil, err end
    context.known[column] = known
    context.names = context.names or {}
    for id, name in pairs(known.names) do
      context.names[id] = name
    end
  end
  return true
end

--- Looks for them, and reads no more than the rows need to know.
---@param dd ddokta.Client
---@param kind ddokta.bulk.KindOf
---@param comparison ddokta.bulk.Comparison
---@return table<integer, table>? found by a change's number: {reason =} why it may not be done, {takes =}
--- what a create would take over, {note =} what a reader should know, {row =} the values with ids for names
---@return table|ddokta.Error|nil names by id; or the error
function conflicts.find(dd, kind, comparison)
  local columns, found = resources.references(kind), {}
  if not columns[1] and not kind.taken then return found end
  local context = { taken = kind.taken, key = kind.key, spare = comparison.inner.spare }
  local items, creating = survey(comparison, columns)
  local ok, err = read_known(dd, context, items)
  if not ok then return nil, err end
  if creating and kind.taken then
    context.there, err = read_taken(dd, kind.taken)
    if not context.there then return nil, err end
  end
  if not (next(context.known) or context.there) then return found end
  local i = comparison.match:next(0)
  while i and i <= comparison.rows:count() do
    local action = comparison.match:at(i)
    if action == "create" or action == "update" then
      found[i] = examine(context, comparison.rows:get(i), action)
      if found[i] and found[i].reason then comparison.match:set(i, "refused") end
    end
    i = comparison.match:next(i)
  end
  return found, context.names
end

local function stale(taken, name)
  return failure.new {
    kind = "conflict",
    code = "stale_plan",
    message = (
      "since the plan was made a %s has come or changed that the new '%s' would take over: make a "
      .. "new plan"
    ):format(taken.noun, name),
  }
end

--- Do the plan's creates still take over what they did when it was made, and nothing else?
---@return ddokta.Error? err
function conflicts.recheck(dd, kind, comparison)
  local there, err = read_taken(dd, kind.taken)
  if not there then return err end
  local i = comparison.match:next(0)
  while i and i <= comparison.rows:count() do
    if comparison.match:at(i) == "create" then
      local _, _, name = comparison.rows:get(i)
      local known = comparison.found[i] and comparison.found[i].takes
      local reason, takes = judge_create(kind.taken, there, name)
      if reason or (takes and takes.id) ~= (known and known.id) then return stale(kind.taken, name) end
    end
    i = comparison.match:next(i)
  end
end

return conflicts
