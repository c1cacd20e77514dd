--- What plan and import share: reading the source, planning, showing the plan.

local bulk = require "ddokta.bulk"
local status = require "ddokta.cli.status"

local SHOWN = 100 -- actions on a terminal; a pipe gets all of them

local planning = {}

function planning.configure(parser)
  parser:argument("source", "CSV, JSON or JSON Lines file, - for standard input"):argname("<file>")
  parser:option("--format", "csv, jsonl or json (from the name)"):choices{ "csv", "jsonl", "json" }
  parser:flag("--prune", "delete what the source does not have")
  parser:option("--max-deactivations", "most deletions, number or percent (10%)"):argname("<n>")
    :convert(function(text)
      local limit, message = require("ddokta.bulk.threshold").parse(text)
      if limit then return text end
      return nil, message
    end)
  parser:flag("--rotate-secrets", "send the source's secrets even where nothing else differs")
  parser:flag("--ignore-unknown-columns", "leave columns alone that are not known")
  parser:flag("--all", "show every change on a terminal, however many")
end

--- make(app, args, kind, dd) -> plan, or the end of the command
function planning.make(app, args, kind, dd)
  local source = app:must(bulk.read(args.source, { format = args.format }))
  return app:must(bulk.plan(dd, kind.name, source, {
    prune = args.prune,
    max_deactivations = args.max_deactivations,
    rotate_secrets = args.rotate_secrets,
    strict = not args.ignore_unknown_columns,
  }))
end

function planning.show(app, args, plan)
  local limit = app.is_terminal and not args.all and SHOWN or nil
  app:print(plan:render{ color = app.color, limit = limit })
end

--- Why the plan may not be applied: a status and a message, or nil.
function planning.obstacle(plan, skip_conflicts)
  if plan.blocked then
    return status.STOPPED, (plan.blocked:gsub("max_deactivations", "--max-deactivations"))
  end
  local conflicts = plan.counts.conflict
  if conflicts > 0 and not skip_conflicts then
    return status.STOPPED, ("%d in conflict, nothing was applied (--skip-conflicts applies the rest)")
      :format(conflicts)
  end
end

return planning
