--- delete: remove one, after asking. Users are deactivated instead, as a plan does it.

local resources = require "ddokta.bulk.resources"
local text = require "ddokta.text"
local resolve = require "ddokta.cli.resolve"
local single = require "ddokta.cli.single"
local status = require "ddokta.cli.status"

local function configure(parser, kind)
  parser:argument("wanted", "an id or a name"):argname("<id or name>")
  parser:flag("-y --yes", "do not ask")
  if kind.deactivate then single.configure_allow(parser, kind) end
end

local function run(app, args, kind, resource)
  if not args.yes and not app.can_ask() then app:fail(status.USAGE, "no terminal to ask on: add --yes") end
  local dd = app:client_of(resource)
  local item = resolve(app, dd, kind, args.wanted)
  single.check_removal(app, dd, kind, item)
  local name = text.show(item[kind.key])
  local done = kind.deactivate and "deactivated" or "deleted"
  local question = kind.deactivate and "Deactivate" or "Delete"
  if not args.yes and not app:ask(("%s the %s '%s'?"):format(question, kind.noun, name)) then
    app:fail(status.FAILED, "not " .. done)
  end
  single.carry_out(
    app,
    dd,
    kind,
    { action = "delete", key = item[kind.key], id = item.id, old = resources.row(kind, item) }
  )
  if args.json then
    app:json { id = item.id, [kind.key] = item[kind.key], [done] = true }
  else
    app:print(("%s '%s'"):format(done, name))
  end
  return status.DONE
end

return { configure = configure, run = run }
