--- refers: columns whose items are ids of other things at the service, and names to people: a group's
--- members, a user's roles.

local failure = require "ddokta.error"
local forms = require "ddokta.bulk.forms"
local json = require("ddokta.core").json
local listing = require "ddokta.bulk.listing"
local distance = require("ddokta.options").distance

local SHOWN = 5 -- names in one reason
local MOST_COMPARED = 2000 -- names of which the nearest are looked for

local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

local refers = {}

--- columns(kind) -> those of its columns that refer to something
function refers.columns(kind)
  local list = {}
  for _, column in ipairs(kind.columns) do
    if column.refers then list[#list + 1] = column end
  end
  return list
end

local function add(known, refer, resource)
  local name = resource[refer.by]
  if type(name) ~= "string" then name = nil end
  known.names[resource.id] = name or resource.id
  if not name then return end
  known.list[#known.list + 1] = name
  local folded = name:lower()
  known.ids[folded] = known.ids[folded] or {}
  table.insert(known.ids[folded], resource.id)
end

--- read(dd, column) -> known | nil, err: all that the column may refer to. known: {names = name by id, ids =
-- list of ids by name in lower case, list = names}
function refers.read(dd, column)
  local refer = column.refers
  local known = { names = {}, ids = {}, list = {} }
  local ok, err = listing.all(dd, refer.list, refer.query, function(resource)
    if resource.id ~= nil then add(known, refer, resource) end
  end, refer.plural)
  if not ok then return nil, err end
  return known
end

--- read_for(dd, column, items) -> known | nil, err. Whoever may not read the names may use ids: known has
-- nothing then but them.
function refers.read_for(dd, column, items)
  local known, err = refers.read(dd, column)
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
  local more = #names > most and (" and %d more"):format(#names - most) or ""
  return table.concat(shown, ", ") .. more
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

--- resolve(known, column, items[, spare]) -> ids | nil, why not. Items are names, in any letter case, or ids.
-- spare: {names = name by id}: what an id stood for that is not there any more. Then one that cannot be found
-- again is left out, and stands in spare.lost; spare.ids has the ids of the others by those of old.
function refers.resolve(known, column, items, spare)
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

--- named(known, ids) -> the names, an id where there is none or where several have it
function refers.named(known, ids)
  local names = {}
  for i, id in ipairs(ids) do
    local name = known.names[id]
    names[i] = name and #(known.ids[name:lower()] or {}) == 1 and name or id
  end
  table.sort(names)
  return json.array(names)
end

--- name_rows(dd, kind, rows) -> true | nil, err: rows of the service get names where they have ids. What is
-- referred to is read where a row has any.
function refers.name_rows(dd, kind, rows)
  for _, column in ipairs(refers.columns(kind)) do
    local known, err
    for _, row in ipairs(rows) do
      local ids = row[column.name]
      if type(ids) == "table" and ids[1] ~= nil then
        if not known then
          known, err = refers.read(dd, column)
        end
        if not known and err.kind ~= "forbidden" then return nil, err end
        if not known then break end
        row[column.name] = refers.named(known, ids)
      end
    end
  end
  return true
end

return refers
