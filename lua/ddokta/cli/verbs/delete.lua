--- delete: remove one, after asking.

local layout = require "ddokta.cli.layout"
local resolve = require "ddokta.cli.resolve"
local status = require "ddokta.cli.status"
local step = require "ddokta.bulk.step"

local function configure(parser)
  parser:argument("wanted", "an id or a name"):argname("<id or name>")
  parser:flag("-y --yes", "do not ask")
end

local function run(app, args, kind)
  if not args.yes and not app.can_ask() then
    app:fail(status.USAGE, "no terminal to ask on: add --yes")
  end
  local dd = app:client()
  local resource = resolve(app, dd, kind, args.wanted)
  local name = layout.show(resource[kind.key])
  if not args.yes and not app:ask(("Delete the %s '%s'?"):format(kind.noun, name)) then
    app:fail(status.FAILED, "not deleted")
  end
  local action = { key = resource[kind.key], id = resource.id }
  app:must(step.delete({ attempts = 0 }, dd, kind, action))
  if args.json then
    app:json{ id = resource.id, [kind.key] = resource[kind.key], deleted = true }
  else
    app:print(("deleted '%s'"):format(name))
  end
  return status.DONE
end

return { summary = "delete one {noun}", configure = configure, run = run }
