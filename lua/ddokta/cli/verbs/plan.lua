--- plan: what an import would do; nothing is sent.

local planning = require "ddokta.cli.planning"
local report_file = require "ddokta.cli.report_file"
local status = require "ddokta.cli.status"

local function configure(parser, kind)
  planning.configure(parser, kind)
  report_file.configure(parser, "the plan")
end

local function run(app, args, kind, resource)
  local out = args.report and report_file.open(app, args.report, { args.source })
  local dd = app:client_of(resource, planning.client_options(args))
  local kept = planning.fingerprints(app, args, kind, dd)
  local plan = planning.make(app, args, kind, dd, kept)
  if kept then kept.close() end
  if out then out(plan, nil) end
  if args.json then
    app:must(plan:write_json(function(text) app:write(text) end))
    app:write("\n")
  else
    planning.show(app, args, plan)
  end
  return (planning.obstacle(plan)) or status.DONE
end

return { configure = configure, run = run }
