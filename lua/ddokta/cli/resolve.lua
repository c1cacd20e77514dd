--- From what a user typed, an id or a name, to the one thing that is meant.

local pages = require "ddokta.pages"
local nearest = require("ddokta.options").nearest
local status = require "ddokta.cli.status"

local ID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

local function all(app, dd, kind, query)
  local list = {}
  local function keep(item) list[#list + 1] = item end
  local all_of = { client = dd, operation = kind.operations.list, query = query, title = kind.plural }
  app:must(pages.walk(all_of, keep))
  return list
end

local function not_there(app, kind, wanted, list)
  local names = {}
  for i, item in ipairs(list) do
    names[i] = tostring(item[kind.key])
  end
  local near = nearest(wanted, names)
  app:fail(
    status.FAILED,
    ("there is no %s with the id or name '%s'%s"):format(
      kind.noun,
      wanted,
      near and ", did you mean '" .. near .. "'?" or ""
    )
  )
end

local function is_named(kind, item, wanted)
  local name = item[kind.key]
  if name == wanted then return true end
  return kind.key_folds and type(name) == "string" and name:lower() == wanted:lower()
end

--- Those in the list that are meant: one by its id, or all of that name.
local function matching(kind, list, wanted)
  local named = {}
  for _, item in ipairs(list) do
    if item.id == wanted then return { item } end
    if is_named(kind, item, wanted) then named[#named + 1] = item end
  end
  return named
end

--- What the service can be asked for without its whole list; a list in pages may be long.
local function ask(app, dd, kind, wanted)
  if not kind.page then return {} end
  if wanted:find(ID) then
    local item, err = dd[kind.operations.get](dd, wanted)
    if item then return { item } end
    if err.kind ~= "not_found" and err.kind ~= "invalid_request" then app:must(nil, err) end
  end
  local query = wanted ~= "" and kind.find and kind.find(wanted)
  return query and matching(kind, all(app, dd, kind, query), wanted) or {}
end

--- resolve(app, dd, kind, wanted) -> the resource, or the end of the command
return function(app, dd, kind, wanted)
  local found = ask(app, dd, kind, wanted)
  if #found == 0 then
    local list = all(app, dd, kind, kind.page)
    found = matching(kind, list, wanted)
    if #found == 0 then not_there(app, kind, wanted, list) end
  end
  if #found == 1 then return found[1] end
  local ids = {}
  for i, item in ipairs(found) do
    ids[i] = tostring(item.id)
  end
  app:fail(
    status.STOPPED,
    ("%d %s have the name '%s', use an id: %s"):format(#found, kind.plural, wanted, table.concat(ids, ", "))
  )
end
