-- The rows of the operation map as the pages and types need them: by family, with what they take and
-- give, and the types of their arguments.
local operations = require("ddokta").operations
local resources = require "doc.resources"

local M = {}

--- The rows of a service, in order of their names.
function M.of(service)
  local list = {}
  for _, row in ipairs(operations) do
    if row.service == service then list[#list + 1] = row end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- {{name, rows}, ...}: the families of a service in the map's order, their rows by name.
function M.families(service)
  local list, found = {}, {}
  for _, row in ipairs(operations) do
    if row.service == service and not found[row.family] then
      found[row.family] = { name = row.family, rows = {} }
      list[#list + 1] = found[row.family]
    end
  end
  for _, row in ipairs(M.of(service)) do
    local rows = found[row.family].rows
    rows[#rows + 1] = row
  end
  return list
end

--- "Team[]" -> "Team", true
function M.item(word)
  local item = word:match "^(.*)%[%]$"
  return item or word, item ~= nil
end

--- What an operation is given and answers, as resources.lua has it: words or nil
function M.takes(row)
  local entry = resources[row.service].operations[row.name]
  return entry and entry.takes
end

function M.gives(row)
  local entry = resources[row.service].operations[row.name]
  return entry and entry.gives
end

function M.query_type(row, name)
  local service = resources[row.service]
  local own = service.own_queries[row.name]
  return own and own[name] or assert(service.queries[name], name .. " has no type")
end

--- The fields of a resource: {name, type, required, read_only, secret}
function M.fields(service, name)
  local list = {}
  for i, field in ipairs(assert(resources[service].resources[name], name)) do
    list[i] = { name = field[1], type = field[2] }
    for mark in (field[3] or ""):gmatch "%S+" do
      list[i][mark] = true
    end
  end
  return list
end

--- The names of a service's resources, in order.
function M.resources(service)
  local names = {}
  for name in pairs(resources[service].resources) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

function M.is_resource(service, name) return resources[service].resources[name] ~= nil end

--- Which resources are sent, which are answered (themselves or within another), and which are within a
-- body: {sent, given, within}, sets of names.
function M.directions(service)
  local sets = { sent = {}, given = {}, within = {} }
  local function add(name, set, inner)
    if set[name] or not M.is_resource(service, name) then return end
    set[name] = true
    for _, field in ipairs(M.fields(service, name)) do
      add((M.item(field.type)), inner, inner)
    end
  end
  for _, row in ipairs(M.of(service)) do
    local takes, gives = M.takes(row), M.gives(row)
    if takes then add((M.item(takes)), sets.sent, sets.within) end
    if gives then add((M.item(gives)), sets.given, sets.given) end
  end
  return sets
end

--- Those of a list, as a set.
function M.set(list)
  local set = {}
  for _, name in ipairs(list or {}) do
    set[name] = true
  end
  return set
end

return M
