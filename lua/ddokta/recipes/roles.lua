--- roles: Datadog's roles by name or id, for what a recipe gives to users.

local find = require "ddokta.recipes.find"
local forms = require "ddokta.bulk.forms"

local COLUMN = { name = "roles", form = "list" }

local roles = {}

--- names(value) -> a list of texts, of a list or of a text such as "Admin; Standard" | nil, what is wrong
function roles.names(value) return forms.normalise(COLUMN, value) end

local function add(known, role)
  known.ids[role.id] = role.id
  local name = tostring(role.name)
  known.names[#known.names + 1] = name
  local same = known.by_name[name:lower()] or {}
  same[#same + 1] = role.id
  known.by_name[name:lower()] = same
end

--- read(work) -> what there is, for resolve | nil, err
function roles.read(work)
  local list, err = find.all(work.dd, "list_roles", {}, { ["page[size]"] = 100 }, "roles")
  if not list then return nil, err end
  local known = { ids = {}, by_name = {}, names = {} }
  for _, role in ipairs(list) do add(known, role) end
  table.sort(known.names)
  return known
end

local function resolve_one(known, wanted, place)
  if known.ids[wanted] then return wanted end
  local same = known.by_name[wanted:lower()] or {}
  if #same == 1 then return same[1] end
  if #same > 1 then
    return find.refuse("ambiguous", "%s: %d roles have the name '%s' (%s): say which by its id", place,
      #same, wanted, table.concat(same, ", "))
  end
  return find.refuse("unknown_role", "%s: there is no role '%s'; known: %s", place, wanted,
    table.concat(known.names, ", "))
end

--- resolve(known, names, place) -> a list of ids | nil, err. Names in any case; place: for the error.
function roles.resolve(known, names, place)
  local ids = find.array{}
  for i, wanted in ipairs(names) do
    local id, err = resolve_one(known, wanted, place)
    if not id then return nil, err end
    ids[i] = id
  end
  return ids
end

return roles
