--- update: change one; what is not named stays as it is. An Okta account gets a new id by that.

local fields = require "ddokta.cli.fields"
local layout = require "ddokta.cli.layout"
local place = require "ddokta.bulk.place"
local resolve = require "ddokta.cli.resolve"
local single = require "ddokta.cli.single"
local status = require "ddokta.cli.status"

local function configure(parser, kind)
  parser:argument("wanted", "an id or a name"):argname("<id or name>")
  fields.configure(parser, kind, kind.fixed)
end

--- What the arguments ask for, and whether a secret is among it.
local function given(app, kind)
  local values, has_secret = fields.read(app, kind, false), false
  for _, column in ipairs(kind.columns) do
    local value = values[column.name]
    if value == "" and column.form ~= "list" then app:fail(status.USAGE, column.name .. " is empty") end
    has_secret = has_secret or (column.secret and value ~= nil) or false
  end
  if not next(values) then app:fail(status.USAGE, "nothing to change was given") end
  single.check(app, kind, values, true)
  return values, has_secret
end

local function run(app, args, kind, resource)
  local values, has_secret = given(app, kind)
  local dd = app:client_of(resource)
  local current = resolve(app, dd, kind, args.wanted)
  -- the service wants the required fields in every update
  for _, column in ipairs(kind.columns) do
    if column.required and values[column.name] == nil then
      values[column.name] = place.get(column, current)
    end
  end
  local found = single.plan(app, dd, kind, values, { current }, { rotate_secrets = has_secret })
  if found.action == "unchanged" then
    app:warn(("'%s' is so already, nothing was sent"):format(layout.show(found.key)))
    return single.show(app, kind, current)
  end
  return single.send(app, dd, kind, found)
end

return { configure = configure, run = run }
