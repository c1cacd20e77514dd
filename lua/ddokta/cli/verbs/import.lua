--- import: make the service match a source. Shows the plan, asks, applies, reports.

local bulk = require "ddokta.bulk"
local new_progress = require "ddokta.cli.progress"
local planning = require "ddokta.cli.planning"
local status = require "ddokta.cli.status"
local write_report = require "ddokta.cli.report_file"

local function count(text)
  local value = tonumber(text)
  if value and value >= 1 and value % 1 == 0 then return value end
  return nil, "'" .. text .. "' is not a number of calls"
end

local function configure(parser, kind)
  planning.configure(parser, kind)
  parser:flag("--dry-run", "show the plan and stop")
  parser:flag("-y --yes", "do not ask")
  parser:flag("--skip-conflicts", "apply the rest of a plan with conflicts")
  parser:option("--report", "write each row's outcome to this file (.json or .csv)"):argname("<file>")
  parser:option("--max-in-flight", "calls at once (32)"):argname("<n>"):convert(count)
end

local function changes(plan)
  return plan.counts.create + plan.counts.update + plan.counts.delete
end

local function may_apply(app, args, plan)
  if args.yes or changes(plan) == 0 then return true end
  return app:ask(("Apply %d changes?"):format(changes(plan)))
end

local function apply(app, args, plan, dd)
  local on_progress, finish
  if app.progress_wanted and not args.json then on_progress, finish = new_progress() end
  app:flush()
  local report, err = bulk.apply(dd, plan, {
    max_in_flight = args.max_in_flight,
    on_progress = on_progress,
    allow_conflicts = args.skip_conflicts,
  })
  if finish then finish() end
  return app:must(report, err)
end

local function status_of(report)
  if report.stopped and report.counts.done == 0 then return status.UNAUTHORISED end
  if report.counts.failed > 0 then return status.FAILED end
  return status.DONE
end

--- One JSON document: the plan, and the report where there is one.
local function finish(app, args, plan, report)
  if args.json then
    app:json{ plan = plan:to_table(), report = report and report:to_table() or nil }
  elseif report then
    app:print(tostring(report))
  end
end

local function run(app, args, kind)
  local asks = not args.yes and not args.dry_run
  if asks and (args.json or args.source == "-" or not app.can_ask()) then
    app:fail(status.USAGE, "nobody can be asked here: add --yes, or --dry-run to see the plan")
  end
  local out = args.report and write_report.open(app, args.report)
  local dd = app:client{ max_in_flight = args.max_in_flight }
  local plan = planning.make(app, args, kind, dd)
  if not args.json then planning.show(app, args, plan) end
  local obstacle, message = planning.obstacle(plan, args.skip_conflicts)
  if obstacle or args.dry_run then
    finish(app, args, plan, nil)
    if obstacle then app:fail(obstacle, message) end
    return status.DONE
  end
  if not may_apply(app, args, plan) then app:fail(status.FAILED, "nothing was applied") end
  local report = apply(app, args, plan, dd)
  if out then out(report) end
  finish(app, args, plan, report)
  return status_of(report)
end

return { summary = "make the {plural} match a file", configure = configure, run = run }
