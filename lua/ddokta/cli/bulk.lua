--- bulk: the verbs that make a service match a source: plan, import, export, restore.

local bulk = require "ddokta.bulk"
local bulk_options = require "ddokta.cli.bulk_options"
local ending = require "ddokta.cli.ending"
local errors = require "ddokta.error"
local file = require "ddokta.file"
local progress = require "ddokta.cli.progress"
local report_file = require "ddokta.cli.report_file"
local status = require "ddokta.cli.status"
local text = require "ddokta.text"

-- how many creations, updates, deletions, ... of a plan are shown: to a person, and in the log of what is
-- applied unasked; --all, a plan in a pipe or a file: all of them
local ON_TERMINAL, IN_LOG = 100, 10

-- --- from arguments to a plan ---------------------------------------------------------------------

-- watch: of progress, or nil
local function client_options(args, watch)
  return {
    max_in_flight = args.max_in_flight,
    max_api_capacity = args.max_api_capacity,
    on_event = watch and watch.on_event,
  }
end

-- { 'name="First Name"', ... } as one table
local function map_of(app, args)
  if not args.map or not args.map[1] then return nil end
  local map = {}
  for _, words in ipairs(args.map) do
    local ok, message = bulk.mapping.add(map, words)
    if not ok then app:fail(status.USAGE, "--map: " .. message) end
  end
  return map
end

local function read(app, args, kind)
  if args.opened then return args.opened end
  local options = {
    format = args.format,
    delimiter = args.delimiter,
    list_separator = args.list_separator,
    map = map_of(app, args),
  }
  local service = bulk.sources.of(args.source)
  if service then
    options.kind = kind.name
    options[service.client] = app:okta_client { max_api_capacity = args.max_api_capacity }
  end
  local source, err = bulk.read(args.source, options)
  if err and err.code == "no_format" then
    local names = table.concat(bulk.formats.names, ", ")
    app:fail(
      status.USAGE,
      ("%s: cannot tell the format from the name: add --format (%s)"):format(args.source, names)
    )
  end
  return app:must(source, err)
end

-- A file is opened before anything is asked: what is wrong with it is said first.
local function open_source(app, args, kind)
  local is_file = args.source and args.source ~= "-" and not bulk.sources.of(args.source)
  if is_file then args.opened = read(app, args, kind) end
end

-- What bulk.plan and bulk.apply share, to be closed; false: it is not wanted. Nothing is asked or opened
-- before the source is known to be good.
local function known_secrets(args, kind, dd)
  if not bulk_options.has_secret(kind) or args.no_fingerprints then return false end
  return bulk.known_secrets(dd, kind)
end

-- What a saved plan was made with cannot be said again.
local said_by_plan = {
  "prune",
  "no_reactivate",
  "max_deactivations",
  "allow",
  "rotate_secrets",
  "accept_secrets",
  "ignore_unknown_columns",
  "strict",
  "shard",
}

local about_source = { "format", "delimiter", "list_separator", "map" }

-- Ends the command where neither a source nor a saved plan is given, or options beside a plan that has its
-- own.
local function check_saved(app, args)
  if not args.plan then
    if args.source then return end
    app:fail(status.USAGE, "a source is wanted, or --plan with a file that plan --out wrote")
  end
  for _, name in ipairs(said_by_plan) do
    local given = args[name]
    if given and (type(given) ~= "table" or given[1]) then
      app:fail(
        status.USAGE,
        ("%s has its own options: leave --%s away, or make the plan again"):format(
          args.plan,
          (name:gsub("_", "-"))
        )
      )
    end
  end
  for _, name in ipairs(about_source) do
    local is_given = args[name] ~= nil and (name ~= "map" or args.map[1] ~= nil)
    if is_given and not args.source then
      app:fail(status.USAGE, ("--%s is about a source, and none is given"):format((name:gsub("_", "-"))))
    end
  end
end

-- the plan that was saved, or the end of the command
local function load_plan(app, args, kind, dd)
  local plan = app:must(bulk.load(dd, args.plan, { source = args.source and read(app, args, kind) or nil }))
  if plan.kind == kind.name then return plan end
  app:fail(status.USAGE, ("%s is a plan of %s"):format(args.plan, bulk.words.label(plan.kind)))
end

-- kept: of known_secrets
local function make_plan(app, args, kind, dd, kept)
  return app:must(bulk.plan(dd, kind.name, read(app, args, kind), {
    prune = args.prune,
    reactivate = not args.no_reactivate,
    max_deactivations = args.max_deactivations,
    allow = bulk_options.limits(app, args),
    dialect = "command",
    rotate_secrets = args.rotate_secrets,
    accept_secrets = args.accept_secrets,
    strict = not args.ignore_unknown_columns,
    shard = args.shard,
    fingerprints = kept,
  }))
end

local function limit_of(app, args)
  if args.all then return nil end
  if app.is_terminal then return ON_TERMINAL end
  return args.yes and not args.dry_run and IN_LOG or nil
end

-- blocked: say also why it may not be applied (true)
local function show_plan(app, args, plan, options)
  plan:write(function(piece) app:write(piece) end, {
    color = app.color,
    limit = limit_of(app, args),
    hint = "--all shows them",
    blocked = options and options.blocked,
  })
  app:write "\n"
end

-- Why the plan may not be applied: a status and a message, or nil.
local function obstacle_of(plan, skip_conflicts)
  if plan.blocked then return status.STOPPED, plan.blocked end
  local conflicts = plan.counts.conflict
  if conflicts > 0 and not skip_conflicts then
    return status.STOPPED,
      ("%d in conflict, nothing was applied (--skip-conflicts applies the rest)"):format(conflicts)
  end
end

-- --- from a plan to its report --------------------------------------------------------------------

local function add_apply_options(parser)
  bulk_options.add_apply(parser)
  report_file.configure(parser, "the plan and each row's outcome")
end

-- Ends the command where a question would come that nobody can answer. reads_input: standard input is the
-- source
local function check_question(app, args, given)
  local asks = not args.yes and not args.dry_run
  if asks and (args.json or given and given.reads_input or not app.can_ask()) then
    app:fail_unasked ", or --dry-run to see the plan"
  end
end

-- of progress.lua, or nil where nobody wants to see it
local function new_watch(app, args)
  local when = args.progress or "auto"
  if when ~= "never" and app.log then return app.log:watch() end
  local is_seen = app.stderr_is_terminal and not (args.json or args.quiet)
  if when == "never" or when == "auto" and not is_seen then return nil end
  return progress.new { terminal = app.stderr_is_terminal }
end

local function may_apply(app, args, plan)
  local count = plan:change_count()
  if args.yes or count == 0 then return true end
  return app:ask(
    ("Apply %s to %s: %s?"):format(
      bulk.words.amount(count, { noun = "change", plural = "changes" }),
      text.show(bulk.header.place(plan)),
      plan:to_do()
    )
  )
end

-- Every row is kept only for who looks at it: memory does not grow with the plan otherwise.
local function apply(app, args, plan, run)
  local watch = run.watch
  app:flush()
  if watch then watch.start(plan:change_count()) end
  local caught = ending.catch(
    app,
    "what is in flight",
    args.journal and "nothing is lost, this goes on with the journal"
      or "what was in flight may have been done, this looks and does the rest"
  )
  local report, err = bulk.apply(run.client, plan, {
    max_in_flight = args.max_in_flight,
    should_stop = caught,
    on_progress = watch and function(now)
      if not caught() then watch.on_progress(now) end -- what is not sent any more is no progress
    end,
    allow_conflicts = args.skip_conflicts,
    journal = args.journal,
    discard_rest = args.discard_rest,
    fail_fast = args.fail_fast,
    max_failures = args.max_failures,
    fingerprints = run.fingerprints,
    keep_rows = (run.out ~= nil or args.json) and "file" or false,
  })
  ending.release()
  if watch then watch.finish() end
  return report, err
end

local INTERRUPTED = "interrupted, nothing was sent"

-- A restore may leave what nobody can put back.
local function done_status(plan) return plan.left and status.LEFT or status.DONE end

local function status_of(report, plan)
  local counts = report.counts
  if report.stopped == "interrupted" then return status.INTERRUPTED end
  if errors.is_refusal(report.stopped) and counts.done == 0 then return status.UNAUTHORISED end
  if report.duplicates then return status.FAILED end
  if report.stopped or counts.failed + counts.unknown + counts.not_run > 0 then return status.FAILED end
  return done_status(plan)
end

-- What was written, and the commands that go on from there. report: nil where nothing was applied
local function say_files(app, args, run, report, code)
  local journal, backup = report and report.journal, report and report.backup
  local kept = run.fingerprints or nil
  local restore = backup and ending.command(app, { args.command, "restore", backup, "--dry-run" })
  local is_open = report and code ~= status.DONE and report.next and not report.duplicates
  ending.print(app, {
    { "report", args.report },
    { "journal", journal and file.exists(journal) and journal },
    { "backup", backup },
    { "secrets", report and report.counts.done > 0 and kept and kept.path },
    { "undo", restore },
    { "again", is_open and ending.again(app) },
  })
end

-- What became of it. Of a run in which nothing was to be done the plan has said it all.
local function say_report(app, args, plan, report, code)
  if args.quiet then return app:print(tostring(report)) end
  local is_news = report.counts.done > 0 or plan:change_count() > 0 or code ~= status.DONE
  if is_news then app:print(report:render { after_plan = true }) end
end

-- One JSON document: the plan, and the report where there is one. The file gets what there is. --quiet is
-- for those who want to hear of what they must do alone.
local function finish(app, args, plan, run, report, code)
  if report then app:part("report", report) end
  if run.out then run.out(plan, report) end
  if args.json then return app:write_parts() end
  if args.quiet and code == status.DONE then return end
  if report then say_report(app, args, plan, report, code) end
  say_files(app, args, run, report, code)
end

-- run: {client, watch, fingerprints = of known_secrets, nil: at the default place, out = of
-- report_file.open}; all but the first may be nil. -> the exit status
local function apply_plan(app, args, plan, run)
  app:part("plan", plan)
  local obstacle, message = obstacle_of(plan, args.skip_conflicts)
  if not args.json and (obstacle or not args.quiet) then show_plan(app, args, plan, { blocked = false }) end
  if obstacle then
    if run.out then run.out(plan, nil) end
    if not args.json then say_files(app, args, run, nil, obstacle) end
    app:fail(obstacle, message, { code = plan.blocked and "guard" or "conflict", guards = plan.guards })
  end
  if args.dry_run then
    finish(app, args, plan, run, nil, done_status(plan))
    return done_status(plan)
  end
  if not may_apply(app, args, plan) then
    if run.out then run.out(plan, nil) end
    app:fail(status.FAILED, "nothing was applied", { kind = "cancelled" })
  end
  local report, err = apply(app, args, plan, run)
  if not report then
    if run.out then run.out(plan, nil) end
    if err.kind == "cancelled" then app:fail(status.INTERRUPTED, INTERRUPTED, err) end
    app:must(nil, err)
  end
  local code = status_of(report, plan)
  finish(app, args, plan, run, report, code)
  return code
end

-- --- plan -----------------------------------------------------------------------------------------

local plan = {}

function plan.configure(parser, resource)
  bulk_options.add_plan(parser, resource.kind)
  report_file.configure(parser, "the plan")
  parser:option("--out", "save it: import --plan applies it as it is, or not at all"):argname("<file>")
  parser:flag("--exit-code", "status 5 where there are differences, 6 where nobody knows for secrets")
end

local function status_of_plan(app, found)
  local counts = found.counts
  if found:change_count() > 0 then return status.DIFFERENT end
  if not counts.uncompared then return status.DONE end
  app:warn(
    ("whether there are differences is not known: %d %s not compared"):format(
      counts.uncompared,
      counts.uncompared == 1 and "secret was" or "secrets were"
    )
  )
  return status.LEFT
end

-- What was written, and how a plan that was saved is applied: with its source where it sends secrets.
local function say_saved(app, args, resource, found)
  local source = bulk_options.has_secret(resource.kind) and args.source or nil
  local words = { args.command, "import", "--plan", args.out }
  words[#words + 1] = source
  ending.print(app, {
    { "report", args.report },
    { "plan", args.out },
    { "apply", args.out and not obstacle_of(found) and ending.command(app, words) },
  })
end

function plan.run(app, args, resource)
  open_source(app, args, resource.kind)
  local out = args.report and report_file.open(app, args.report, { args.source })
  if args.out then app:must_write(file.check(args.out, { sources = { args.source } })) end
  local dd = app:client_of(resource, client_options(args))
  local kept = known_secrets(args, resource.kind, dd)
  local found = make_plan(app, args, resource.kind, dd, kept)
  if kept then app:must(kept:close()) end
  if args.out then app:must_write(found:save(args.out)) end
  if out then out(found, nil) end
  if args.jsonl then
    app:part("plan", found)
    app:write_parts()
  elseif args.json then
    app:must(found:write_json(function(piece) app:write(piece) end))
    app:write("\n")
  elseif not args.quiet or found:change_count() + found.counts.conflict > 0 then
    show_plan(app, args, found)
    say_saved(app, args, resource, found)
  end
  return (obstacle_of(found)) or args.exit_code and status_of_plan(app, found) or status.DONE
end

-- --- import ---------------------------------------------------------------------------------------

local import = {}

function import.configure(parser, resource)
  bulk_options.add_plan(parser, resource.kind, { source_is_optional = true })
  parser
    :option("--plan", "apply this one, which plan --out saved; its source too where it has secrets")
    :argname("<file>")
  add_apply_options(parser)
end

-- the files that are read
local function sources_of(args)
  local paths = {}
  for _, name in ipairs { "source", "journal", "plan" } do
    paths[#paths + 1] = args[name]
  end
  return paths
end

function import.run(app, args, resource)
  check_saved(app, args)
  open_source(app, args, resource.kind)
  check_question(app, args, { reads_input = args.source == "-" })
  local out, watch =
    args.report and report_file.open(app, args.report, sources_of(args)), new_watch(app, args)
  local dd = app:client_of(resource, client_options(args, watch))
  local kept = known_secrets(args, resource.kind, dd)
  local found = ending.interruptible(
    app,
    INTERRUPTED,
    function() return (args.plan and load_plan or make_plan)(app, args, resource.kind, dd, kept) end
  )
  local code = apply_plan(app, args, found, { client = dd, watch = watch, out = out, fingerprints = kept })
  if kept then app:must(kept:close()) end
  return code
end

-- --- restore --------------------------------------------------------------------------------------

local restore = {}

function restore.configure(parser, resource)
  parser:argument("backup", "the import's journal, or its backup: <journal>.backup"):argname("<file>")
  parser:flag("--remove-created", "remove what the import created, where nobody has changed it since")
  parser:flag("--force", "put back also what somebody has changed since, and from a file that was cut")
  bulk_options.add_limits(parser, resource.kind)
  bulk_options.add_client(parser)
  add_apply_options(parser)
end

function restore.run(app, args, resource)
  if not file.exists(args.backup) then app:must(bulk.backup.hold(args.backup)) end -- it says what there is
  check_question(app, args)
  local out, watch =
    args.report and report_file.open(app, args.report, { args.backup, args.journal }), new_watch(app, args)
  local dd = app:client_of(resource, client_options(args, watch))
  local options = {
    max_deactivations = args.max_deactivations,
    allow = bulk_options.limits(app, args),
    dialect = "command",
    remove_created = args.remove_created,
    force = args.force,
  }
  local found, err = ending.interruptible(
    app,
    INTERRUPTED,
    function() return bulk.restore_plan(dd, args.backup, options) end
  )
  app:must(found, err)
  if found.kind ~= resource.kind.name then
    app:fail(status.USAGE, ("%s is a backup of %s"):format(args.backup, bulk.words.label(found.kind)))
  end
  return apply_plan(app, args, found, { client = dd, watch = watch, out = out })
end

-- --- export ---------------------------------------------------------------------------------------

-- Secrets are not in what is written: the service never gives them back.
local export = {}

local FORMATS = { csv = "csv", json = "json", jsonl = "jsonl", ndjson = "jsonl" }

function export.configure(parser)
  parser
    :option("--format", "format of the file (default: as its name ends, else csv)")
    :choices { "csv", "jsonl", "json" }
  parser:option("-o --output", "file to write, - for standard output (the default)"):argname("<file>")
end

local function format_of(app, args)
  local extension = args.output and file.extension(args.output)
  if extension and not args.format and not FORMATS[extension] then
    app:fail(
      status.USAGE,
      ("%s: export writes .csv, .json and .jsonl; --format says what another name has"):format(args.output)
    )
  end
  return args.format or FORMATS[extension] or (args.jsonl and "jsonl") or (args.json and "json") or "csv"
end

function export.run(app, args, resource)
  if args.output == "-" then args.output = nil end
  local parts, format = {}, format_of(app, args)
  app:must(
    bulk.export(
      app:client_of(resource),
      resource.kind.name,
      format,
      function(piece) parts[#parts + 1] = piece end
    )
  )
  if not args.output then
    for _, part in ipairs(parts) do
      app:write(part)
    end
    return status.DONE
  end
  app:must_write(file.write(args.output, function(put)
    for _, part in ipairs(parts) do
      put(part)
    end
  end))
  return status.DONE
end

return { plan = plan, import = import, restore = restore, export = export }
