--- Makes rows of the service's resources, and resources of rows.
--
-- It knows where in a resource each column lives, and finds names for the ids in lists.
--
-- A column's `at` is a path: "title", "name.formatted", "emails[work].value" (of the item whose type is
-- work), "roles[].value" (of every item: a list). Without one the column's own name is its place.
-- A column `refers` where its items are ids of other things, and names to people: a group's members.

local distance = require("ddokta.text").distance
local failure = require "ddokta.error"
local forms = require "ddokta.bulk.forms"
local json = require("ddokta.native").json
local listed = require("ddokta.bulk.words").listed
local pages = require "ddokta.pages"
local scim = require "ddokta.scim"

local SHOWN = 5 -- names in one reason
local MOST_COMPARED = 2000 -- names of which the nearest are looked for

local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

---@class ddokta.bulk.resources
local resources = {}

-- --- places ---------------------------------------------------------------------------------------

local parsed = {}

-- "emails[work].value" -> {name = "emails", of = "work", rest = "value"}
local function parse(at)
  local path = parsed[at]
  if not path then
    local head, rest = at:match("^([^.]+)%.(.+)$")
    head = head or at
    local name, of = head:match("^([^%[]+)%[(.*)%]$")
    path = { name = name or head, of = of, rest = rest }
    parsed[at] = path
  end
  return path
end

local function item_of(list, kind)
  for _, item in ipairs(list) do
    if type(item) == "table" and item.type == kind then return item end
  end
end

local function find(thing, at)
  if type(thing) ~= "table" then return nil end
  local path = parse(at)
  local value = thing[path.name]
  if value == nil or not path.rest then return value end
  if not path.of then return find(value, path.rest) end
  if type(value) ~= "table" then return nil end
  if path.of ~= "" then return find(item_of(value, path.of), path.rest) end
  local all = {}
  for _, item in ipairs(value) do
    if type(item) == "table" then item = find(item, path.rest) end
    all[#all + 1] = item
  end
  return json.array(all)
end

--- What the thing has in the place of this column.
---@param column ddokta.bulk.Column
---@param thing table as the service has it
---@return any value nil: nothing
function resources.get(column, thing) return find(thing, column.at or column.name) end

local function put(thing, at, value)
  local path = parse(at)
  if not path.rest then
    thing[path.name] = value
  elseif not path.of then
    thing[path.name] = thing[path.name] or {}
    put(thing[path.name], path.rest, value)
  elseif path.of == "" then
    local list = {}
    for i, item in ipairs(value) do
      list[i] = {}
      put(list[i], path.rest, item)
    end
    thing[path.name] = json.array(list)
  else
    local list = thing[path.name] or json.array {}
    local item = item_of(list, path.of)
    if not item then
      item = { type = path.of, primary = #list == 0 or nil }
      list[#list + 1] = item
    end
    put(item, path.rest, value)
    thing[path.name] = list
  end
end

--- Puts a value where the column lives.
function resources.put(column, thing, value)
  if not column.at then
    thing[column.name] = value
  else
    put(thing, column.at, value)
  end
end

--- A set of the names under which the kind's columns live.
function resources.heads(kind)
  local heads = {}
  for _, column in ipairs(kind.columns) do
    if column.at then heads[parse(column.at).name] = true end
  end
  return heads
end

--- The thing as a row, {column = value}: never its secrets, whatever the service sends.
---@param kind ddokta.bulk.KindOf
---@param thing table
---@return table row
function resources.row(kind, thing)
  local row = {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then row[column.name] = resources.get(column, thing) end
  end
  return row
end

--- A row as the service wants the thing.
---@param kind ddokta.bulk.KindOf
---@param row table
---@return table thing
function resources.of(kind, row)
  local thing = {}
  for _, column in ipairs(kind.columns) do
    if row[column.name] ~= nil then resources.put(column, thing, row[column.name]) end
  end
  return thing
end

-- the path and the value of one operation (RFC 7644, 3.5.2)
local function patch_of(column, value)
  local path = parse(column.at or column.name)
  if path.of == "" then
    local thing = {}
    resources.put(column, thing, value)
    return path.name, thing[path.name]
  end
  if path.of then return ('%s[type eq "%s"].%s'):format(path.name, path.of, path.rest), value end
  return path.rest and path.name .. "." .. path.rest or path.name, value
end

--- The items that the other list does not have.
function resources.less(list, other)
  local there, rest = {}, {}
  for _, item in ipairs(other) do
    there[item] = true
  end
  for _, item in ipairs(list) do
    if not there[item] then rest[#rest + 1] = item end
  end
  return rest
end

--- Only what differs, so that what somebody else added meanwhile stays.
local function change_items(operations, column, old, new)
  local path = parse(column.at).name
  for _, id in ipairs(resources.less(old, new)) do
    operations[#operations + 1] = scim.remove(path, scim.filter.eq("value", id))
  end
  local come = resources.less(new, old)
  if come[1] ~= nil then
    local _, value = patch_of(column, come)
    operations[#operations + 1] = { op = "add", path = path, value = value }
  end
end

local function change_value(operations, kind, column, new)
  local path, value = patch_of(column, new)
  if new == "" and kind.removes then
    operations[#operations + 1] = { op = "remove", path = path }
  else
    operations[#operations + 1] = { op = "replace", path = path, value = value }
  end
end

--- SCIM operations that give a thing these values (RFC 7644, 3.5.2).
---@param kind ddokta.bulk.KindOf
---@param row table
---@param old? table what the thing has now, by column; of one by_item what is not known is not taken away
---@return table[] operations
function resources.patch(kind, row, old)
  local operations = {}
  for _, column in ipairs(kind.columns) do
    local new = row[column.name]
    if new ~= nil and column.by_item then
      change_items(operations, column, old and old[column.name] or {}, new)
    elseif new ~= nil then
      change_value(operations, kind, column, new)
    end
  end
  return operations
end

-- --- references -----------------------------------------------------------------------------------

--- Those of a kind's columns that refer to something.
function resources.references(kind)
  local list = {}
  for _, column in ipairs(kind.columns) do
    if column.refers then list[#list + 1] = column end
  end
  return list
end

local function add(known, refer, other)
  local name = other[refer.by]
  if type(name) ~= "string" then name = nil end
  known.names[other.id] = name or other.id
  if not name then return end
  known.list[#known.list + 1] = name
  local folded = name:lower()
  known.ids[folded] = known.ids[folded] or {}
  table.insert(known.ids[folded], other.id)
end

--- All that the column may refer to.
---@package
--- known: names by id, lists of ids by name in lower case, all names
---@return {names: table<string, string>, ids: table<string, string[]>, list: string[]}? known
---@return ddokta.Error? err
function resources.read_names(dd, column)
  local refer = column.refers
  local known = { names = {}, ids = {}, list = {} }
  local list = { client = dd, operation = refer.list, title = refer.plural }
  local ok, err = pages.walk(list, function(other)
    if other.id ~= nil then add(known, refer, other) end
  end)
  if not ok then return nil, err end
  return known
end

--- The same for these items. Whoever may not read the names may use ids: known has nothing then but them.
---@package
function resources.read_names_for(dd, column, items)
  local known, err = resources.read_names(dd, column)
  if known or err.kind ~= "forbidden" then return known, err end
  known = { names = {}, ids = {}, list = {} }
  for item in pairs(items) do
    if not item:find(UUID) then
      return nil,
        failure.new {
          kind = err.kind,
          status = err.status,
          operation = err.operation,
          permission = err.permission,
          hint = err.hint,
          message = ("the id of '%s' is not known, for the %s may not be read (give ids instead): %s"):format(
            item,
            column.refers.plural,
            err.message
          ),
        }
    end
    known.names[item] = item
  end
  return known
end

local function quoted(names, most)
  local shown = {}
  for i = 1, math.min(#names, most) do
    shown[i] = "'" .. names[i] .. "'"
  end
  return listed(shown, most, #names)
end

--- The names there are, those first that are most like the wanted one.
local function nearest_first(wanted, names)
  local sorted, far = {}, {}
  for i, name in ipairs(names) do
    sorted[i], far[name] = name, #names <= MOST_COMPARED and distance(wanted:lower(), name:lower()) or 0
  end
  table.sort(sorted, function(a, b)
    if far[a] ~= far[b] then return far[a] < far[b] end
    return a < b
  end)
  return sorted
end

-- an item that is several, by another separator than the one of the source
local function separated_otherwise(items)
  for _, item in ipairs(items) do
    local separator = item:match("[,;|]")
    if separator then return (" (where '%s' separates items, say so: list separator)"):format(separator) end
  end
  return ""
end

local function unknown_reason(refer, known, unknown)
  local text = ("there is no %s %s%s"):format(
    refer.noun,
    quoted(unknown, SHOWN),
    separated_otherwise(unknown)
  )
  if refer.first then text = text .. (" yet: import the %s first"):format(refer.plural) end
  if #known.list == 0 then return text end
  return ("%s; there %s %s"):format(
    text,
    #known.list == 1 and "is" or "are",
    quoted(nearest_first(unknown[1], known.list), SHOWN)
  )
end

local function ambiguous_reason(refer, item, ids)
  return ("%d %s have the name '%s', say which one by its id: %s"):format(
    #ids,
    refer.plural,
    item,
    table.concat(ids, ", ")
  )
end

--- What an id of old means now: what has its name. Or nothing: then it is noted as lost.
local function find_again(known, item, spare)
  local name = spare.names[item]
  local ids = name and known.ids[name:lower()] or {}
  if #ids == 1 then
    spare.ids[item] = ids[1]
  else
    spare.lost[item] = name or item
  end
  return ids
end

--- The ids that items mean, which are names, in any letter case, or ids.
--- spare: {names = name by id}: what an id stood for that is not there any more. Then one that cannot be
--- found again is left out, and stands in spare.lost; spare.ids has the ids of the others by those of old.
---@package
---@return string[]? ids
---@return string? why not
function resources.ids(known, column, items, spare)
  local ids, unknown = {}, {}
  for _, item in ipairs(items) do
    local found = known.names[item] and { item } or known.ids[item:lower()] or {}
    local is_spare = not found[1] and spare ~= nil
    if is_spare then found = find_again(known, item, spare) end
    if #found > 1 and not is_spare then return nil, ambiguous_reason(column.refers, item, found) end
    if #found == 1 then
      ids[#ids + 1] = found[1]
    elseif not is_spare then
      unknown[#unknown + 1] = item
    end
  end
  if unknown[1] then return nil, unknown_reason(column.refers, known, unknown) end
  return forms.normalise(column, json.array(ids))
end

--- The names of these ids, an id where there is none or where several have it.
function resources.names(known, ids)
  local names = {}
  for i, id in ipairs(ids) do
    local name = known.names[id]
    names[i] = name and #(known.ids[name:lower()] or {}) == 1 and name or id
  end
  table.sort(names)
  return json.array(names)
end

--- Rows of the service get names where they have ids. What is referred to is read where a row has any.
---@package
---@return true? done
---@return ddokta.Error? err
function resources.name_rows(dd, kind, rows)
  for _, column in ipairs(resources.references(kind)) do
    local known, err
    for _, row in ipairs(rows) do
      local ids = row[column.name]
      if type(ids) == "table" and ids[1] ~= nil then
        if not known then
          known, err = resources.read_names(dd, column)
        end
        if not known and err.kind ~= "forbidden" then return nil, err end
        if not known then break end
        row[column.name] = resources.names(known, ids)
      end
    end
  end
  return true
end

return resources
