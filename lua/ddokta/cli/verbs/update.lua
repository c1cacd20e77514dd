--- update: change one; what is not named stays as it is. The service gives it a new id.

local fields = require "ddokta.cli.fields"
local layout = require "ddokta.cli.layout"
local resolve = require "ddokta.cli.resolve"
local secrets = require "ddokta.bulk.secrets"
local status = require "ddokta.cli.status"
local step = require "ddokta.bulk.step"

local function configure(parser, kind)
  parser:argument("wanted", "an id or a name"):argname("<id or name>")
  fields.configure(parser, kind, kind.fixed)
end

--- What the arguments ask for, in the form that is sent.
local function changes_of(app, kind)
  local values, hidden = {}, nil
  local given = fields.read(app, kind, false)
  for _, column in ipairs(kind.columns) do
    local value = given[column.name]
    if value == "" then app:fail(status.USAGE, column.name .. " is empty") end
    if value and column.normalise then
      local normal, message = column.normalise(value)
      if not normal then app:fail(status.USAGE, column.name .. ": " .. message) end
      value = normal
    end
    if value and column.secret then
      hidden = hidden or {}
      hidden[column.name] = value
    else
      values[column.name] = value
    end
  end
  if not next(values) and not hidden then app:fail(status.USAGE, "nothing to change was given") end
  return values, hidden
end

local function run(app, args, kind)
  local values, hidden = changes_of(app, kind)
  local dd = app:client()
  local current = resolve(app, dd, kind, args.wanted)
  -- the service wants the required fields in every update
  for _, column in ipairs(kind.columns) do
    if column.required and values[column.name] == nil then values[column.name] = current[column.name] end
  end
  local action = { key = current[kind.key], id = current.id, desired = values, secrets = hidden and {} }
  secrets.keep(action, hidden)
  local updated = app:must(step.update({ attempts = 0 }, dd, kind, action))
  if args.json then app:json(updated) else app:print(layout.pairs(fields.shown(kind), updated)) end
  return status.DONE
end

return { summary = "change one {noun}", configure = configure, run = run }
