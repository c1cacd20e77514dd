--- conflicts: what a row may not mean because of other things that the service has.
--
-- Names that stand for ids (a group's members by user name) are resolved here, and a create that would
-- take over what is there already (a team) is found.

local forms = require "ddokta.bulk.forms"
local json = require("ddokta.core").json
local listing = require "ddokta.bulk.listing"

local SHOWN = 5 -- names in one reason

local function refers(kind)
  for _, column in ipairs(kind.columns) do if column.refers then return column end end
end

-- all that a column may refer to: ids by name in lower case, and names by id
local function read_referred(dd, refer)
  local ids, names = {}, {}
  local ok, err = listing.all(dd, refer.list, refer.query, function(resource)
    local name = resource[refer.by]
    if type(name) == "string" then ids[name:lower()] = resource.id end
    names[resource.id] = name or resource.id
  end, refer.plural)
  if not ok then return nil, err end
  return { ids = ids, names = names }
end

local function resolve(referred, list)
  local ids, unknown = {}, {}
  for _, item in ipairs(list) do
    local id = referred.ids[item:lower()] or (referred.names[item] and item)
    if id then ids[#ids + 1] = id else unknown[#unknown + 1] = item end
  end
  return ids, unknown
end

local function unknown_reason(refer, unknown)
  local shown = {}
  for i = 1, math.min(#unknown, SHOWN) do shown[i] = "'" .. unknown[i] .. "'" end
  local more = #unknown > SHOWN and (" and %d more"):format(#unknown - SHOWN) or ""
  return ("there is no %s %s%s yet: import the %s first"):format(refer.noun, table.concat(shown, ", "), more,
    refer.plural)
end

-- The service derives a handle from a name by a rule that is not documented; this is how its own pages
-- show them.
local function handle_of(name)
  return (name:lower():gsub("[^%w]+", "-"):gsub("^%-", ""):gsub("%-$", ""))
end

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

--- A create of this name, and what is there: a reason why not, or nil and what is worth a note.
local function judge_create(taken, there, name)
  local by_name, handle = there.names[name:lower()], handle_of(name)
  local by_handle = there.handles[handle]
  local found = by_name or by_handle
  if not found then return nil end
  if found[taken.managed] then
    return ("the %s '%s' is managed by another source and would be taken over"):format(taken.noun,
      found[taken.name])
  end
  if by_name and by_name ~= by_handle then
    local text = "there is a %s '%s' whose handle is '%s', not '%s' as its name has it: which one is meant?"
    return text:format(taken.noun, found[taken.name], tostring(found[taken.handle]), handle)
  end
  if not by_name then
    local text = "the handle '%s', which this name has, is that of the %s '%s': which one is meant?"
    return text:format(handle, taken.noun, tostring(found[taken.name]))
  end
  return nil, ("takes over the %s '%s': its members are replaced"):format(taken.noun, found[taken.name])
end

local function copy_with(values, name, value)
  local copy = {}
  for key, old in pairs(values) do copy[key] = old end
  copy[name] = value
  return copy
end

local conflicts = {}

-- does a row that would be sent refer to something; is something created?
local function survey(inside, column)
  local referring, creating = false, false
  local i = inside.match:next(0)
  while i and i <= inside.rows:count() do
    creating = creating or inside.match:at(i) == "create"
    referring = referring or (column ~= nil and inside.rows:get(i)[column.name] ~= nil)
    i = inside.match:next(i)
  end
  return referring, creating
end

local function examine(context, values, action)
  local column = context.column
  local list = column and values[column.name]
  if list and context.referred then
    local ids, unknown = resolve(context.referred, list)
    if unknown[1] then return { reason = unknown_reason(column.refers, unknown) } end
    values = copy_with(values, column.name, forms.normalise(column, json.array(ids)))
  end
  local result = { row = list and values or nil, names = list and context.referred.names or nil }
  if action == "create" and context.there then
    result.reason, result.note = judge_create(context.taken, context.there, values[context.key])
  end
  return result
end

--- find(dd, kind, inside) -> a table of what was found by step, or nil, err
-- inside: {rows, service, match}; found: {reason =} why the step may not be done, {note =} what a reader
-- should know, {row =} the values with ids for names, {names =} names by id. Reads only what the rows
-- need to know.
function conflicts.find(dd, kind, inside)
  local column, found = refers(kind), {}
  if not column and not kind.taken then return found end
  local context = { column = column, taken = kind.taken, key = kind.key }
  local referring, creating = survey(inside, column)
  local err
  if referring then
    context.referred, err = read_referred(dd, column.refers)
    if not context.referred then return nil, err end
  end
  if creating and kind.taken then
    context.there, err = read_taken(dd, kind.taken)
    if not context.there then return nil, err end
  end
  local i = inside.match:next(0)
  while i and i <= inside.rows:count() do
    local action = inside.match:at(i)
    if action == "create" or action == "update" then
      found[i] = examine(context, inside.rows:get(i), action)
      if found[i].reason then inside.match:set(i, "refused") end
    end
    i = inside.match:next(i)
  end
  return found
end

return conflicts
