--- restore: put back what an import replaced or removed, from the backup that it kept.

local applying = require "ddokta.cli.applying"
local bulk = require "ddokta.bulk"
local planning = require "ddokta.cli.planning"
local report_file = require "ddokta.cli.report_file"
local status = require "ddokta.cli.status"

local function configure(parser, kind)
  parser:argument("backup", "the import's journal, or its backup: <journal>.backup"):argname("<file>")
  parser:flag("--remove-created", "remove what the import created, where nobody has changed it since")
  parser:flag("--force", "put back also what somebody has changed since, and from a file that was cut")
  planning.configure_limit(parser, kind)
  planning.configure_client(parser)
  applying.configure(parser)
end

local function run(app, args, kind, resource)
  applying.check(app, args, false)
  local out, watch =
    args.report and report_file.open(app, args.report, { args.backup, args.journal }),
    applying.watch(app, args)
  local dd = app:client_of(resource, planning.client_options(args, watch))
  local plan, err = bulk.restore_plan(dd, args.backup, {
    max_deactivations = args.max_deactivations,
    allow = planning.limits(app, args),
    place = "command",
    remove_created = args.remove_created,
    force = args.force,
  })
  app:must(plan, err)
  if plan.kind ~= kind.name then
    app:fail(status.USAGE, ("%s is a backup of %s"):format(args.backup, plan.kind))
  end
  local code = applying.apply(app, args, plan, { client = dd, watch = watch, out = out })
  return code == status.DONE and plan.left and status.LEFT or code
end

return { configure = configure, run = run }
