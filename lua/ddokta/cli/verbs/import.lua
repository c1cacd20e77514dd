--- import: make the service match a source. Shows the plan, asks, applies, reports.

local applying = require "ddokta.cli.applying"
local planning = require "ddokta.cli.planning"
local report_file = require "ddokta.cli.report_file"

local function configure(parser, kind)
  planning.configure(parser, kind, true)
  parser
    :option("--plan", "apply this one, which plan --out saved; its source too where it has secrets")
    :argname("<file>")
  applying.configure(parser)
end

--- The files that are read.
local function sources_of(args)
  local paths = {}
  for _, name in ipairs { "source", "journal", "plan" } do
    paths[#paths + 1] = args[name]
  end
  return paths
end

local function run(app, args, kind, resource)
  planning.check_saved(app, args)
  applying.check(app, args, args.source == "-")
  local out, watch =
    args.report and report_file.open(app, args.report, sources_of(args)), applying.watch(app, args)
  local dd = app:client_of(resource, planning.client_options(args, watch))
  local kept = planning.fingerprints(args, kind, dd)
  local plan = (args.plan and planning.load or planning.make)(app, args, kind, dd, kept)
  local code = applying.apply(app, args, plan, { client = dd, watch = watch, out = out, fingerprints = kept })
  if kept then app:must(kept:close()) end
  return code
end

return { configure = configure, run = run }
