--- get: one of them.

local fields = require "ddokta.cli.fields"
local layout = require "ddokta.cli.layout"
local resolve = require "ddokta.cli.resolve"
local status = require "ddokta.cli.status"

local function configure(parser)
  parser:argument("wanted", "an id or a name"):argname("<id or name>")
end

local function run(app, args, kind)
  local resource = resolve(app, app:client(), kind, args.wanted)
  if args.json then app:json(resource) else app:print(layout.pairs(fields.shown(kind), resource)) end
  return status.DONE
end

return { summary = "show one {noun}", configure = configure, run = run }
