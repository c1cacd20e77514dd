--- create: a new one, refused where one of that name is there.

local bulk = require "ddokta.bulk"
local check_source = require "ddokta.bulk.check"
local fields = require "ddokta.cli.fields"
local layout = require "ddokta.cli.layout"
local secrets = require "ddokta.bulk.secrets"
local status = require "ddokta.cli.status"
local step = require "ddokta.bulk.step"

local function configure(parser, kind) fields.configure(parser, kind, {}) end

local function refuse_existing(app, kind, list, key)
  for _, resource in ipairs(list) do
    local other = resource[kind.key]
    if type(other) == "string" and other:lower() == key:lower() then
      app:fail(status.STOPPED, ("there is already '%s' with the id %s: update that one"):format(other,
        tostring(resource.id)))
    end
  end
end

local function run(app, args, kind)
  local row = fields.read(app, kind, true)
  local rows, err = check_source(kind, bulk.read({ row }, { name = "arguments" }), true)
  if not rows then
    app:fail(status.USAGE, table.concat(err.errors, "; "):gsub("arguments row 1: ", ""))
  end
  local dd = app:client()
  refuse_existing(app, kind, app:must(dd[kind.operations.list](dd)), rows[1].key)
  local action = { key = rows[1].key, desired = rows[1].values }
  secrets.keep(action, rows[1].secrets)
  local created = app:must(step.create({ attempts = 0 }, dd, kind, action))
  if args.json then app:json(created) else app:print(layout.pairs(fields.shown(kind), created)) end
  return status.DONE
end

return { summary = "create one {noun}", configure = configure, run = run }
