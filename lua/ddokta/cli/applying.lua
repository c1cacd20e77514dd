--- What import and restore share: from a plan to its report, with a question before and progress on the way.

local bulk = require "ddokta.bulk"
local new_progress = require "ddokta.cli.progress"
local planning = require "ddokta.cli.planning"
local report_file = require "ddokta.cli.report_file"
local status = require "ddokta.cli.status"

local applying = {}

function applying.configure(parser)
  planning.configure_apply(parser)
  report_file.configure(parser, "the plan and each row's outcome")
end

--- Ends the command where a question would come that nobody can answer.
function applying.check(app, args, reads_input)
  local asks = not args.yes and not args.dry_run
  if asks and (args.json or reads_input or not app.can_ask()) then
    app:fail(status.USAGE, "nobody can be asked here: add --yes, or --dry-run to see the plan")
  end
end

--- watch(app, args) -> of progress.lua, or nil where nobody wants to see it
function applying.watch(app, args)
  local when = args.progress or "auto"
  if when == "never" or when == "auto" and args.json then return nil end
  return new_progress { terminal = app.stderr_is_terminal }
end

local function changes(plan) return plan.counts.create + plan.counts.update + plan.counts.delete end

local function may_apply(app, args, plan)
  if args.yes or changes(plan) == 0 then return true end
  return app:ask(("%s\nApply %d changes?"):format(plan:header(), changes(plan)))
end

--- Every row is kept only for who looks at it: memory does not grow with the plan otherwise.
local function apply(app, args, plan, run)
  local watch = run.watch
  app:flush()
  if watch then watch.start(changes(plan)) end
  local report, err = bulk.apply(run.client, plan, {
    max_in_flight = args.max_in_flight,
    on_progress = watch and watch.on_progress,
    allow_conflicts = args.skip_conflicts,
    journal = args.journal,
    discard_rest = args.discard_rest,
    fail_fast = args.fail_fast,
    max_failures = args.max_failures,
    fingerprints = run.fingerprints,
    keep_rows = (run.out ~= nil or args.json) and "file" or false,
  })
  if watch then watch.finish() end
  if err and err.code == "other_plan" then -- the option as the command calls it
    err.message = err.message:gsub("discard_rest = true", "--discard-rest")
  end
  return report, err
end

local refused = { unauthorized = true, forbidden = true }

local function status_of(report)
  local counts = report.counts
  if refused[report.stopped] and counts.done == 0 then return status.UNAUTHORISED end
  if report.duplicates then return status.FAILED end
  if report.stopped or counts.failed + counts.unknown + counts.not_run > 0 then return status.FAILED end
  return status.DONE
end

--- A million rows stay out of memory.
local function write_json(app, plan, report)
  local function put(text) app:write(text) end
  put '{"plan":'
  app:must(plan:write_json(put))
  if report then
    put ',"report":'
    app:must(report:write_json(put))
  end
  put "}\n"
end

--- One JSON document: the plan, and the report where there is one. The file gets what there is.
local function finish(app, args, plan, run, report)
  if run.out then run.out(plan, report) end
  if args.json then
    write_json(app, plan, report)
  elseif report then
    app:print(tostring(report))
  end
end

--- apply(app, args, plan, run) -> the exit status. run: {client, watch, fingerprints = of planning, nil: at
-- the default place, out = of report_file.open}, all but the first may be nil
function applying.apply(app, args, plan, run)
  if not args.json then planning.show(app, args, plan) end
  local obstacle, message = planning.obstacle(plan, args.skip_conflicts)
  if obstacle or args.dry_run then
    finish(app, args, plan, run, nil)
    if obstacle then app:fail(obstacle, message) end
    return status.DONE
  end
  if not may_apply(app, args, plan) then
    if run.out then run.out(plan, nil) end
    app:fail(status.FAILED, "nothing was applied")
  end
  local report, err = apply(app, args, plan, run)
  if not report then
    if run.out then run.out(plan, nil) end
    app:must(nil, err)
  end
  finish(app, args, plan, run, report)
  return status_of(report)
end

return applying
