--- update: change one; what is not named stays as it is. An Okta account gets a new id by that.

local fields = require "ddokta.cli.fields"
local bulk = require "ddokta.bulk"
local text = require "ddokta.text"
local resolve = require "ddokta.cli.resolve"
local single = require "ddokta.cli.single"
local status = require "ddokta.cli.status"

local function configure(parser, kind)
  parser:argument("wanted", "an id or a name"):argname("<id or name>")
  fields.configure(parser, kind, bulk.forms.immutable(kind))
  single.configure_allow(parser, kind)
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

--- What there is besides that may have the new name, where it gets one.
local function others(app, dd, kind, values, current)
  local list = { current }
  if values[kind.key] == current[kind.key] then return list end
  for _, item in ipairs(single.named(app, dd, kind, values[kind.key])) do
    if item.id ~= current.id then list[#list + 1] = item end
  end
  return list
end

local function run(app, args, kind, resource)
  local values, has_secret = given(app, kind)
  local dd = app:client_of(resource)
  local current = resolve(app, dd, kind, args.wanted)
  -- the service wants the required fields in every update
  for _, column in ipairs(kind.columns) do
    if column.required and values[column.name] == nil then
      values[column.name] = bulk.resources.get(column, current)
    end
  end
  values.id = current.id
  local found = single.plan(
    app,
    dd,
    kind,
    values,
    others(app, dd, kind, values, current),
    { rotate_secrets = has_secret, reactivate = false }
  )
  if found.action == "unchanged" then
    app:warn(("'%s' is so already, nothing was sent"):format(text.show(found.key)))
    return single.show(app, dd, kind, current)
  end
  -- never a second thing, whatever the plan takes the arguments for
  if found.action ~= "update" or found.id ~= current.id then
    app:fail(status.STOPPED, ("'%s' is not what would be changed"):format(text.show(current[kind.key])))
  end
  return single.send(app, dd, kind, found)
end

return { configure = configure, run = run }
