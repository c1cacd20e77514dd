--- place: where in a resource a column lives, and the resource as a row.
--
-- A column's `at` is a path: "title", "name.formatted", "emails[work].value" (of the item whose type is
-- work), "roles[].value" (of every item: a list). Without one the column's own name is its place.

local json = require("ddokta.core").json
local scim = require "ddokta.scim"

local place = {}

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

local function find(resource, at)
  if type(resource) ~= "table" then return nil end
  local path = parse(at)
  local value = resource[path.name]
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

--- get(column, resource) -> what the resource has there, or nil
function place.get(column, resource) return find(resource, column.at or column.name) end

local function put(resource, at, value)
  local path = parse(at)
  if not path.rest then
    resource[path.name] = value
  elseif not path.of then
    resource[path.name] = resource[path.name] or {}
    put(resource[path.name], path.rest, value)
  elseif path.of == "" then
    local list = {}
    for i, item in ipairs(value) do
      list[i] = {}
      put(list[i], path.rest, item)
    end
    resource[path.name] = json.array(list)
  else
    local list = resource[path.name] or json.array {}
    local item = item_of(list, path.of)
    if not item then
      item = { type = path.of, primary = #list == 0 or nil }
      list[#list + 1] = item
    end
    put(item, path.rest, value)
    resource[path.name] = list
  end
end

--- put(column, resource, value)
function place.put(column, resource, value)
  if not column.at then
    resource[column.name] = value
  else
    put(resource, column.at, value)
  end
end

--- heads(kind) -> a set of the names under which the kind's columns live
function place.heads(kind)
  local heads = {}
  for _, column in ipairs(kind.columns) do
    if column.at then heads[parse(column.at).name] = true end
  end
  return heads
end

--- row(kind, resource) -> {column = value}: never its secrets, whatever the service sends.
function place.row(kind, resource)
  local row = {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then row[column.name] = place.get(column, resource) end
  end
  return row
end

--- resource(kind, row) -> a table for the service, from {column = value}
function place.resource(kind, row)
  local resource = {}
  for _, column in ipairs(kind.columns) do
    if row[column.name] ~= nil then place.put(column, resource, row[column.name]) end
  end
  return resource
end

-- the path and the value of one operation (RFC 7644, 3.5.2)
local function patch_of(column, value)
  local path = parse(column.at or column.name)
  if path.of == "" then
    local resource = {}
    place.put(column, resource, value)
    return path.name, resource[path.name]
  end
  if path.of then return ('%s[type eq "%s"].%s'):format(path.name, path.of, path.rest), value end
  return path.rest and path.name .. "." .. path.rest or path.name, value
end

--- less(list, other) -> the items that the other list does not have
function place.less(list, other)
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
  for _, id in ipairs(place.less(old, new)) do
    operations[#operations + 1] = scim.remove(path, scim.filter.eq("value", id))
  end
  local come = place.less(new, old)
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

--- patch(kind, row, old) -> a list of SCIM operations that give a thing these values
-- old: {column = what the thing has now}; of a column by_item what is not known is not taken away.
function place.patch(kind, row, old)
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

return place
