--- From what a user typed, an id or a name, to the one thing that is meant.

local nearest = require("ddokta.options").nearest
local status = require "ddokta.cli.status"

local function not_there(app, kind, wanted, list)
  local names = {}
  for i, resource in ipairs(list) do names[i] = tostring(resource[kind.key]) end
  local near = nearest(wanted, names)
  app:fail(status.FAILED, ("there is no %s with the id or name '%s'%s"):format(kind.noun, wanted,
    near and ", did you mean '" .. near .. "'?" or ""))
end

--- resolve(app, dd, kind, wanted) -> the resource, or the end of the command
return function(app, dd, kind, wanted)
  local list = app:must(dd[kind.operations.list](dd))
  local named = {}
  for _, resource in ipairs(list) do
    if resource.id == wanted then return resource end
    if resource[kind.key] == wanted then named[#named + 1] = resource end
  end
  if #named == 1 then return named[1] end
  if #named == 0 then not_there(app, kind, wanted, list) end
  local ids = {}
  for i, resource in ipairs(named) do ids[i] = tostring(resource.id) end
  app:fail(status.STOPPED, ("%d %s have the name '%s', use an id: %s"):format(#named, kind.plural, wanted,
    table.concat(ids, ", ")))
end
