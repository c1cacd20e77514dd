--- conflicts: what a row may not mean because of other things that the service has.
--
-- Names that stand for ids (a group's members by user name) are resolved here, and a create that would
-- take over what is there already (a team) is found.

local failure = require "ddokta.error"
local listing = require "ddokta.bulk.listing"
local resources = require "ddokta.bulk.resources"
local handle_of = require("ddokta.handle").of

local function read_taken(dd, taken)
  local names, handles = {}, {}
  local ok, err = listing.all(dd, taken.list, taken.query, function(resource)
    local name, handle = resource[taken.name], resource[taken.handle]
    if type(name) == "string" then names[name:lower()] = resource end
    if type(handle) == "string" then handles[handle:lower()] = resource end
  end, taken.plural)
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

local function copy_with(values, name, value)
  local copy = {}
  for key, old in pairs(values) do
    copy[key] = old
  end
  copy[name] = value
  return copy
end

local conflicts = {}

--- A backup has names beside the ids in the lists of what is removed.
local function survey_deletions(inside, columns, first, items)
  for _, column in ipairs(columns) do
    local number = first
    while number and not items[column] do
      local _, _, other = inside.match:at(number)
      local list = inside.service:get(other)[column.name]
      if list and list[1] ~= nil then items[column] = {} end
      number = inside.match:next(number)
    end
  end
end

--- Which items the rows that would be sent refer to, by column; is something created?
local function survey(inside, columns)
  local items, creating = {}, false
  local i = inside.match:next(0)
  while i and i <= inside.rows:count() do
    local action = inside.match:at(i)
    creating = creating or action == "create"
    if action == "create" or action == "update" then
      local values = columns[1] and inside.rows:get(i) or {}
      for _, column in ipairs(columns) do
        local list = values[column.name]
        if list then items[column] = items[column] or {} end
        for _, item in ipairs(list or {}) do
          items[column][item] = true
        end
      end
    end
    i = inside.match:next(i)
  end
  survey_deletions(inside, columns, i, items)
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

--- find(dd, kind, inside) -> a table of what was found by step, names by id | nil, err
-- inside: {rows, service, match}; found: {reason =} why the step may not be done, {takes =} what a creation
-- would take over, {note =} what a reader should know, {row =} the values with ids for names. Reads only what
-- the rows need to know.
function conflicts.find(dd, kind, inside)
  local columns, found = resources.references(kind), {}
  if not columns[1] and not kind.taken then return found end
  local context = { taken = kind.taken, key = kind.key, spare = inside.inner.spare }
  local items, creating = survey(inside, columns)
  local ok, err = read_known(dd, context, items)
  if not ok then return nil, err end
  if creating and kind.taken then
    context.there, err = read_taken(dd, kind.taken)
    if not context.there then return nil, err end
  end
  if not (next(context.known) or context.there) then return found end
  local i = inside.match:next(0)
  while i and i <= inside.rows:count() do
    local action = inside.match:at(i)
    if action == "create" or action == "update" then
      found[i] = examine(context, inside.rows:get(i), action)
      if found[i] and found[i].reason then inside.match:set(i, "refused") end
    end
    i = inside.match:next(i)
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

--- recheck(dd, kind, inside) -> nil | err: do the plan's creations still take over what they did when it was
-- made, and nothing else?
function conflicts.recheck(dd, kind, inside)
  local there, err = read_taken(dd, kind.taken)
  if not there then return err end
  local i = inside.match:next(0)
  while i and i <= inside.rows:count() do
    if inside.match:at(i) == "create" then
      local _, _, name = inside.rows:get(i)
      local known = inside.found[i] and inside.found[i].takes
      local reason, takes = judge_create(kind.taken, there, name)
      if reason or (takes and takes.id) ~= (known and known.id) then return stale(kind.taken, name) end
    end
    i = inside.match:next(i)
  end
end

return conflicts
