--- plan: what an import would do; nothing is sent.

local planning = require "ddokta.cli.planning"
local status = require "ddokta.cli.status"

local function run(app, args, kind)
  local plan = planning.make(app, args, kind, app:client())
  if args.json then app:print(app:must(plan:to_json())) else planning.show(app, args, plan) end
  return (planning.obstacle(plan)) or status.DONE
end

return { summary = "show what an import would do", configure = planning.configure, run = run }
