--- What plan and import share: reading the source, planning, showing the plan.

local bulk = require "ddokta.bulk"
local fingerprints = require "ddokta.bulk.fingerprints"
local guards = require "ddokta.bulk.guards"
local mapping = require "ddokta.bulk.mapping"
local shard = require "ddokta.bulk.shard"
local status = require "ddokta.cli.status"

local SHOWN = 100 -- actions on a terminal; a pipe gets all of them

local planning = {}

-- for argparse: what the parser takes stays the text that it was
local function checked_by(parse)
  return function(text)
    local value, message = parse(text)
    if value then return text end
    return nil, message
  end
end

--- "auto" is looked up once, so that all that is named by the part has its numbers.
local function shard_text(text)
  local value, message = shard.parse(text)
  if value then return tostring(value) end
  return nil, message
end

--- A converter of whole numbers from 1 to `most`.
function planning.whole(most, what)
  return function(text)
    local value = tonumber(text)
    if value and value >= 1 and value <= most and value % 1 == 0 then return value end
    return nil, ("'%s' is not %s"):format(text, what)
  end
end

planning.limit = checked_by(guards.parse)

--- Options of the client that make it gentler.
function planning.configure_client(parser)
  parser
    :option("--max-in-flight", "calls at once (32)")
    :argname("<n>")
    :convert(planning.whole(10000, "a number of calls"))
  parser
    :option("--max-api-capacity", "percent of the rate limits that it may use (100)")
    :argname("<percent>")
    :convert(planning.whole(100, "a percentage from 1 to 100"))
end

local function has_list(kind)
  for _, column in ipairs(kind.columns) do
    if column.form == "list" then return true end
  end
  return false
end

local function configure_source(parser, kind, is_optional)
  local sources = table.concat(bulk.sources.words(kind.name), ", ")
  parser
    :argument(
      "source",
      "CSV, JSON or JSON Lines file, - for standard input" .. (sources == "" and "" or ", " .. sources)
    )
    :argname("<source>")
    :args(is_optional and "?" or 1)
  parser:option("--format", "csv, jsonl or json (from the name)"):choices { "csv", "jsonl", "json" }
  parser
    :option(
      "--delimiter",
      "what separates the columns of CSV: a character, or comma, semicolon, tab, "
        .. "pipe (the first line shows it)"
    )
    :argname("<c>")
    :convert(checked_by(bulk.forms.column_separator))
  if has_list(kind) then
    parser
      :option(
        "--list-separator",
        "what separates the items of a list in one cell, the same words, or " .. "newline, space (;)"
      )
      :argname("<c>")
      :convert(checked_by(bulk.forms.list_separator))
  end
  parser
    :option("--map", [[what a column is made of: userName="E-Mail", name="First Name"+" "+"Last Name"]])
    :argname("<column=...>")
    :count("*")
    :convert(checked_by(function(text) return mapping.add({}, text) end))
  parser:mutex(
    parser:flag("--strict", "a column that is not known is an error (the default)"),
    parser:flag("--ignore-unknown-columns", "leave columns alone that are not known")
  )
  parser
    :option(
      "--shard",
      "only this part of source and service, such as 2/4; auto: as Slurm, Kubernetes "
        .. "or GNU parallel say"
    )
    :argname("<i/n>")
    :convert(shard_text)
end

local function guard_names()
  local names = {}
  for i, guard in ipairs(guards.list) do
    names[i] = guard.name
  end
  return table.concat(names, ", ")
end

--- What the guards may let pass, again and again: args.allow is for planning.allowed.
function planning.configure_allow(parser)
  parser
    :option("--allow", "let a guard pass, up to a number or percent where it has one: " .. guard_names())
    :argname("<guard[=n]>")
    :count("*")
    :convert(checked_by(guards.pair))
end

--- allowed(args.allow) -> the option `allow` of a plan or recipe, or nil
function planning.allowed(texts)
  local allow = {}
  for _, text in ipairs(texts or {}) do
    local name, measure = guards.pair(text)
    allow[name] = measure
  end
  return next(allow) and allow or nil
end

--- limits(app, args) -> allowed(args.allow), beside which --max-deactivations says nothing else
function planning.limits(app, args)
  local allow = planning.allowed(args.allow)
  if allow and allow.deactivations ~= nil and args.max_deactivations then
    app:fail(status.USAGE, "--max-deactivations and --allow deactivations say the same: give one of them")
  end
  return allow
end

function planning.configure_limit(parser, kind)
  local gone = kind.deactivate and "deactivations" or "deletions"
  parser
    :option("--max-deactivations", ("most %s, number or percent (10%%)"):format(gone))
    :argname("<n>")
    :convert(planning.limit)
  planning.configure_allow(parser)
  parser:flag("--all", "show every change on a terminal, however many")
end

local function has_secret(kind) return fingerprints.fields(kind)[1] ~= nil end

--- is_optional: the source may be left out
function planning.configure(parser, kind, is_optional)
  configure_source(parser, kind, is_optional)
  local gone = kind.deactivate and "deactivate" or "delete"
  parser:flag("--prune", gone .. " what the source does not have")
  if kind.deactivate then
    parser:flag("--no-reactivate", "leave inactive what the source has and the service has deactivated")
  end
  planning.configure_limit(parser, kind)
  if has_secret(kind) then
    parser:flag("--rotate-secrets", "send the source's secrets even where nothing else differs")
    parser:flag("--no-fingerprints", "neither keep nor compare fingerprints of the secrets that are sent")
    if kind.fixed_secrets then
      parser:flag("--accept-secrets", "take those that no API changes for as they are in the source")
    end
  end
  planning.configure_client(parser)
end

--- Options of the steps: import and restore.
function planning.configure_apply(parser)
  parser:flag("--dry-run", "show the plan and stop")
  parser:flag("-y --yes", "do not ask")
  parser:flag("--skip-conflicts", "apply the rest of a plan with conflicts")
  parser
    :option("--journal", "note each step in this file; the same command goes on after a death")
    :argname("<file>")
  parser:flag("--discard-rest", "put a journal of another source aside with what is open, and begin anew")
  parser:flag("--fail-fast", "stop after the first failure")
  parser
    :option("--max-failures", "stop when more fail, number or percent of the last ones (20%)")
    :argname("<n>")
    :convert(checked_by(guards.parse))
  parser
    :option("--progress", "how far it is, on standard error: auto, always, never")
    :argname("<when>")
    :choices { "auto", "always", "never" }
end

--- Options of the client. watch: of progress.lua, or nil
function planning.client_options(args, watch)
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
  for _, text in ipairs(args.map) do
    local ok, message = mapping.add(map, text)
    if not ok then app:fail(status.USAGE, "--map: " .. message) end
  end
  return map
end

local function read(app, args, kind)
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
  return app:must(bulk.read(args.source, options))
end

--- fingerprints(args, kind, dd) -> what bulk.plan and bulk.apply share, to be closed; false: they are not
-- wanted. Nothing is asked or opened before the source is known to be good.
function planning.fingerprints(args, kind, dd)
  if not has_secret(kind) or args.no_fingerprints then return false end
  return fingerprints.lazy(dd, kind)
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

--- Ends the command where neither a source nor a saved plan is given, or options beside a plan that has its
-- own.
function planning.check_saved(app, args)
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

--- load(app, args, kind, dd) -> the plan that was saved, or the end of the command
function planning.load(app, args, kind, dd)
  local plan = app:must(bulk.load(dd, args.plan, { source = args.source and read(app, args, kind) or nil }))
  if plan.kind == kind.name then return plan end
  app:fail(status.USAGE, ("%s is a plan of %s"):format(args.plan, plan.kind))
end

--- make(app, args, kind, dd, kept) -> plan, or the end of the command
function planning.make(app, args, kind, dd, kept)
  return app:must(bulk.plan(dd, kind.name, read(app, args, kind), {
    prune = args.prune,
    reactivate = not args.no_reactivate,
    max_deactivations = args.max_deactivations,
    allow = planning.limits(app, args),
    place = "command",
    rotate_secrets = args.rotate_secrets,
    accept_secrets = args.accept_secrets,
    strict = not args.ignore_unknown_columns,
    shard = args.shard,
    fingerprints = kept,
  }))
end

function planning.show(app, args, plan)
  local limit = app.is_terminal and not args.all and SHOWN or nil
  plan:write(function(text) app:write(text) end, { color = app.color, limit = limit })
  app:write "\n"
end

--- Why the plan may not be applied: a status and a message, or nil.
function planning.obstacle(plan, skip_conflicts)
  if plan.blocked then return status.STOPPED, plan.blocked end
  local conflicts = plan.counts.conflict
  if conflicts > 0 and not skip_conflicts then
    return status.STOPPED,
      ("%d in conflict, nothing was applied (--skip-conflicts applies the rest)"):format(conflicts)
  end
end

return planning
