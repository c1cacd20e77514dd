--- get: one of them.

local resolve = require "ddokta.cli.resolve"
local single = require "ddokta.cli.single"

local function configure(parser) parser:argument("wanted", "an id or a name"):argname("<id or name>") end

local function run(app, args, kind, resource)
  local dd = app:client_of(resource)
  return single.show(app, dd, kind, resolve(app, dd, kind, args.wanted))
end

return { configure = configure, run = run }
