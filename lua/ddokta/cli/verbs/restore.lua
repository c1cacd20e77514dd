--- restore: put back what an import replaced or removed, from the backup that it kept.

local applying = require "ddokta.cli.applying"
local bulk = require "ddokta.bulk"
local layout = require "ddokta.cli.layout"
local planning = require "ddokta.cli.planning"
local report_file = require "ddokta.cli.report_file"
local status = require "ddokta.cli.status"

local function configure(parser, kind)
  parser:argument("backup", "the file beside the import's journal: <journal>.backup"):argname("<file>")
  planning.configure_limit(parser, kind)
  planning.configure_client(parser)
  applying.configure(parser)
end

local function run(app, args, kind, resource)
  applying.check(app, args, false)
  local out, watch = args.report and report_file.open(app, args.report, { args.backup, args.journal }),
    applying.watch(app, args)
  local dd = app:client_of(resource, planning.client_options(args, watch))
  local plan, notes = bulk.restore_plan(dd, args.backup, { max_deactivations = args.max_deactivations })
  app:must(plan, notes)
  if plan.kind ~= kind.name then
    app:fail(status.USAGE, ("%s is a backup of %s"):format(args.backup, plan.kind))
  end
  for _, note in ipairs(notes) do app:warn(layout.show(note)) end
  return applying.apply(app, args, plan, { client = dd, watch = watch, out = out })
end

return { configure = configure, run = run }
