--- plan: what an import would do; nothing is sent.

local output = require "ddokta.output"
local planning = require "ddokta.cli.planning"
local report_file = require "ddokta.cli.report_file"
local status = require "ddokta.cli.status"

local function configure(parser, kind)
  planning.configure(parser, kind)
  report_file.configure(parser, "the plan")
  parser:option("--out", "save it: import --plan applies it as it is, or not at all"):argname("<file>")
  parser:flag("--exit-code", "status 5 where there are differences, 6 where nobody knows for secrets")
end

local function status_of(app, plan)
  local counts = plan.counts
  if counts.create + counts.update + counts.delete > 0 then return status.DIFFERENT end
  if not counts.uncompared then return status.DONE end
  app:warn(
    ("whether there are differences is not known: %d %s not compared"):format(
      counts.uncompared,
      counts.uncompared == 1 and "secret was" or "secrets were"
    )
  )
  return status.LEFT
end

local function run(app, args, kind, resource)
  local out = args.report and report_file.open(app, args.report, { args.source })
  if args.out then app:must_write(output.check(args.out, { args.source })) end
  local dd = app:client_of(resource, planning.client_options(args))
  local kept = planning.fingerprints(args, kind, dd)
  local plan = planning.make(app, args, kind, dd, kept)
  if kept then app:must(kept:close()) end
  if args.out then app:must_write(plan:save(args.out)) end
  if out then out(plan, nil) end
  if args.json then
    app:must(plan:write_json(function(text) app:write(text) end))
    app:write("\n")
  else
    planning.show(app, args, plan)
  end
  return (planning.obstacle(plan)) or args.exit_code and status_of(app, plan) or status.DONE
end

return { configure = configure, run = run }
