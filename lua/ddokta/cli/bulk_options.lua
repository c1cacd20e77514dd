--- bulk_options: the options of commands that plan and apply: of the source, of the guards, of the client.

local bulk = require "ddokta.bulk"
local status = require "ddokta.cli.status"

local guards = bulk.guards

local bulk_options = {}

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
  local value, message = bulk.shard(text)
  if value then return tostring(value) end
  return nil, message
end

-- a converter of whole numbers from 1 to `most`
local function whole(most, what)
  return function(text)
    local value = tonumber(text)
    if value and value >= 1 and value <= most and value % 1 == 0 then return value end
    return nil, ("'%s' is not %s"):format(text, what)
  end
end

--- A converter of a number or a percentage.
bulk_options.limit = checked_by(guards.parse)

--- Options of the client that make it gentler.
---@param parser table of argparse
function bulk_options.add_client(parser)
  parser
    :option("--max-in-flight", "most calls at once (default: 32)")
    :argname("<n>")
    :convert(whole(10000, "a number of calls"))
  parser
    :option("--max-api-capacity", "most percent of the rate limits that it may use (default: 100)")
    :argname("<percent>")
    :convert(whole(100, "a percentage from 1 to 100"))
end

local function has_list(kind)
  for _, column in ipairs(kind.columns) do
    if column.form == "list" then return true end
  end
  return false
end

local function add_source(parser, kind, is_optional)
  local sources = table.concat(bulk.sources.words(kind.name), ", ")
  parser
    :argument(
      "source",
      "CSV, JSON or JSON Lines file, - for standard input" .. (sources == "" and "" or ", " .. sources)
    )
    :argname("<source>")
    :args(is_optional and "?" or 1)
  parser
    :option("--format", "format of the source (default: as its name ends)")
    :choices { "csv", "jsonl", "json" }
  parser
    :option(
      "--delimiter",
      "what separates the columns of CSV: a character, or comma, semicolon, tab, "
        .. "pipe (default: as the first line shows)"
    )
    :argname("<character>")
    :convert(checked_by(bulk.forms.column_separator))
  if has_list(kind) then
    parser
      :option(
        "--list-separator",
        "what separates the items of a list in one cell, the same words, or "
          .. "newline, space (default: semicolon)"
      )
      :argname("<character>")
      :convert(checked_by(bulk.forms.list_separator))
  end
  parser
    :option("--map", [[what a column is made of: userName="E-Mail", name="First Name"+" "+"Last Name"]])
    :argname("<column=...>")
    :count("*")
    :convert(checked_by(function(text) return bulk.mapping.add({}, text) end))
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

--- What the guards may let pass, again and again: args.allow is for `allowed`.
---@param parser table of argparse
function bulk_options.add_allow(parser)
  parser
    :option("--allow", "let a guard pass, up to a number or percent where it has one: " .. guard_names())
    :argname("<guard[=n]>")
    :count("*")
    :convert(checked_by(guards.pair))
end

--- The option `allow` of a plan or recipe.
---@param texts? string[] args.allow
---@return table?
function bulk_options.allowed(texts)
  local allow = {}
  for _, text in ipairs(texts or {}) do
    local name, measure = guards.pair(text)
    allow[name] = measure
  end
  return next(allow) and allow or nil
end

--- The same of all arguments: --max-deactivations may not say it otherwise.
---@param app ddokta.cli.App
---@param args table
---@return table?
function bulk_options.limits(app, args)
  local allow = bulk_options.allowed(args.allow)
  if allow and allow.deactivations ~= nil and args.max_deactivations then
    app:fail(status.USAGE, "--max-deactivations and --allow deactivations say the same: give one of them")
  end
  return allow
end

---@param parser table of argparse
function bulk_options.add_quiet(parser)
  parser:flag("-q --quiet", "print nothing but failures and what a person must do")
end

--- Options of what a plan may remove.
---@param parser table of argparse
---@param kind table
function bulk_options.add_limits(parser, kind)
  local gone = kind.deactivate and "deactivations" or "deletions"
  parser
    :option("--max-deactivations", ("most %s, a number or a percentage (default: 10%%)"):format(gone))
    :argname("<n>")
    :convert(bulk_options.limit)
  bulk_options.add_allow(parser)
  parser:flag("--all", "show every change, however many: on a terminal, and in the log of import --yes")
  bulk_options.add_quiet(parser)
end

--- Has a thing of this kind a secret?
---@param kind table
---@return boolean
function bulk_options.has_secret(kind) return bulk.secret_columns(kind)[1] ~= nil end

--- Options of a plan of a source.
---@param parser table of argparse
---@param kind table
---@param options? { source_is_optional?: boolean }
function bulk_options.add_plan(parser, kind, options)
  add_source(parser, kind, options and options.source_is_optional)
  local gone = kind.deactivate and "deactivate" or "delete"
  parser:flag("--prune", gone .. " what the source does not have")
  if kind.deactivate then
    parser:flag("--no-reactivate", "leave inactive what the source has and the service has deactivated")
  end
  bulk_options.add_limits(parser, kind)
  if bulk_options.has_secret(kind) then
    parser:flag("--rotate-secrets", "send the source's secrets even where nothing else differs")
    parser:flag("--no-fingerprints", "neither keep nor compare fingerprints of the secrets that are sent")
    if kind.fixed_secrets then
      parser:flag("--accept-secrets", "take those that no API changes for as they are in the source")
    end
  end
  bulk_options.add_client(parser)
end

--- Options of what applies a plan: import and restore.
---@param parser table of argparse
function bulk_options.add_apply(parser)
  parser:flag("--dry-run", "show the plan and stop")
  parser:flag("-y --yes", "do not ask")
  parser:flag("--skip-conflicts", "apply the rest of a plan with conflicts")
  parser
    :option("--journal", "note each step in this file; the same command goes on after a death")
    :argname("<file>")
  parser:flag("--discard-rest", "put a journal of another source aside with what is open, and begin anew")
  parser:flag("--fail-fast", "stop after the first failure")
  parser
    :option(
      "--max-failures",
      "stop when more fail: a number, or a percentage of the last ones (default: 20%)"
    )
    :argname("<n>")
    :convert(checked_by(guards.parse))
  parser
    :option("--progress", "show on standard error how far it is (default: auto, on a terminal)")
    :choices { "auto", "always", "never" }
end

return bulk_options
