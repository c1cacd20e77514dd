--- recipe: the steps of the guide "Configure SCIM with Okta", one subcommand each.

local bulk = require "ddokta.bulk"
local bulk_options = require "ddokta.cli.bulk_options"
local ending = require "ddokta.cli.ending"
local file = require "ddokta.file"
local output = require "ddokta.cli.output"
local recipes = require "ddokta.recipes"
local status = require "ddokta.cli.status"
local text = require "ddokta.text"

-- --- arguments ------------------------------------------------------------------------------------

local function option_name(name) return (name:gsub("_", "-")) end

local function seconds(given)
  local value = tonumber(given)
  if value and value >= 0 and value < math.huge then return value end
  return nil, "'" .. given .. "' is not a number of seconds"
end

local function pair(given)
  local name, value = given:match("^([^=]+)=(.*)$")
  if name then return { name, value } end
  return nil, "'" .. given .. "' is not name=text"
end

-- how the kinds of arguments become options; a function can be given by a script alone
local options = {
  text = function(parser, flag, words, row)
    local option = parser:option(flag, words)
    if type(row.value) == "table" then return option:choices(row.value) end
    return option:argname(("<%s>"):format(row.value or "text"))
  end,
  source = function(parser, flag, words) return parser:option(flag, words):argname("<source>") end,
  limit = function(parser, flag, words)
    return parser:option(flag, words):argname("<n>"):convert(bulk_options.limit)
  end,
  list = function(parser, flag, words) return parser:option(flag, words):args("+"):argname("<name>") end,
  map = function(parser, flag, words)
    return parser:option(flag, words):count("*"):convert(pair):argname("<name=text>")
  end,
  flag = function(parser, flag, words) return parser:flag(flag, words) end,
}

local function add_argument(parser, row)
  local make = options[row.kind]
  if not make then return end
  local flags = "--" .. option_name(row.name) .. (row.also and " --" .. row.also or "")
  local option = make(parser, flags, row.words, row):target("argument_" .. row.name)
  -- one of several ways to say it is not argparse's to ask for
  if row.required then option:count(1) end
end

local function has_steps(recipe) return #recipe.steps > 0 end

local function configure_recipe(parser, recipe)
  for _, row in ipairs(recipe.arguments) do
    add_argument(parser, row)
  end
  if recipe.columns then output.configure(parser) end
  if not has_steps(recipe) then return end
  parser:flag("--dry-run", "show the plan and stop")
  parser:flag("-y --yes", "do not ask")
  bulk_options.add_quiet(parser)
  bulk_options.add_allow(parser)
  parser
    :option("--journal", "write the steps down here, and go on where a run before stopped")
    :argname("<file>")
  parser
    :option(
      "--timeout",
      "most seconds until all is seen in Datadog (default: 180); a call's own --timeout stands before `recipe`"
    )
    :argname("<seconds>")
    :convert(seconds)
    :target("recipe_timeout")
  parser
    :option("--interval", "seconds between two looks (default: 2)")
    :argname("<seconds>")
    :convert(seconds)
    :target("recipe_interval")
end

local function configure(parser)
  parser:command_target("recipe_name")
  parser:require_command(false)
  for _, recipe in ipairs(recipes.list) do
    local name = option_name(recipe.name)
    local subparser = parser:command(name, recipe.summary):summary(recipe.summary)
    if name ~= recipe.name then subparser:hidden_name(recipe.name) end -- as a script calls it
    configure_recipe(subparser, recipe)
  end
end

local function as_map(pairs_given)
  if #pairs_given == 0 then return nil end
  local map = {}
  for _, item in ipairs(pairs_given) do
    map[item[1]] = item[2]
  end
  return map
end

local function arguments_of(recipe, args)
  local given = {
    journal = args.journal,
    timeout = args.recipe_timeout,
    interval = args.recipe_interval,
    allow = bulk_options.allowed(args.allow),
  }
  for _, row in ipairs(recipe.arguments) do
    local value = args["argument_" .. row.name]
    if row.kind == "map" and value then value = as_map(value) end
    given[row.name] = value
  end
  return given
end

-- --- clients --------------------------------------------------------------------------------------

-- Options that say which Okta it is are never ignored. One of the two variables is a mistake that the
-- client's error names.
local function okta_client(app, recipe)
  if not recipe.okta or not app:names_okta() then return nil end
  return app:must(app:named_okta_client())
end

-- --- what is shown --------------------------------------------------------------------------------

-- A guard says its option as the command has it.
local function in_own_words(report)
  if report and report.guards then report.blocked = bulk.guards.words(report.guards, "command") end
  return report
end

-- Where it works, with whose keys. Nobody asks the services again for each part of what is printed.
local function show_place(app, headers)
  if app.args.json or app.args.quiet then return end
  for _, about in ipairs(headers) do
    app:print(text.show(bulk.header.line(about)))
  end
end

local function headers_of(recipe, dd, okta)
  local headers = {}
  if not has_steps(recipe) then return headers end
  for _, client in ipairs { dd or false, okta or false } do
    if client then headers[#headers + 1] = bulk.header.of(client) end
  end
  return headers
end

-- Is there anything that somebody must hear of who wants to hear of no more?
local function is_loud(report) return report:has_done() and (report.advice[1] or report.warnings[1]) ~= nil end

-- What it lists, and nothing besides.
local function show_list(app, report)
  return output.list(app, {
    columns = recipes[report.recipe].columns,
    none = "no differences",
    each = function(visit)
      for row in report:each() do
        visit(row)
      end
    end,
  })
end

local function show(app, report)
  in_own_words(report)
  if app.args.format == "csv" or app.args.columns then return show_list(app, report) end
  if app.args.jsonl then
    app:part("report", report)
    return app:write_parts()
  end
  if app.args.json then return app:json(report:to_table()) end
  if app.args.quiet and not is_loud(report) then return end
  if not report.checks then return app:print(report:lay_out(app:layout())) end
  for _, check in ipairs(report.checks) do
    local remedy = check.result ~= "passed" and check.remedy or nil
    app:print_check(check.result, check.name, check.detail, remedy)
  end
end

-- Not authorised is another thing where something was done before.
local function status_of_failure(err)
  local code, report = status.of_error(err), err.report
  if report and report:has_done() and code ~= status.STOPPED then return status.FAILED end
  return code
end

local function journal_of(app)
  local path = app.args.journal
  return path and file.exists(path) and path or nil
end

local NOTHING_LOST = "nothing is lost, each step looks before it changes anything"
local INTERRUPTED = "interrupted; " .. NOTHING_LOST .. ". This goes on: "

-- what failed, and how far it had come
local function fail(app, err, given)
  local report = in_own_words(err.report)
  local message = err.guards and bulk.guards.words(err.guards, "command") or err.message
  if report then app:part("report", app.args.jsonl and report or report:to_table()) end
  if report and report.steps[1] and not app.args.json then
    app:print(tostring(report))
    ending.print(app, { { "journal", journal_of(app) }, { "again", ending.again(app) } })
  end
  app:flush()
  if given.should_stop and given.should_stop() then
    app:fail(status.INTERRUPTED, INTERRUPTED .. given.command, { kind = "cancelled" })
  end
  app:fail(status_of_failure(err), (err.operation and tostring(err) or message) .. app.advice(err), err)
end

local function status_of(app, report)
  if report.ok ~= false then return status.DONE end
  if report.differences then return status.DIFFERENT end
  return report.checks and app.status_of_checks(report.checks) or status.FAILED
end

-- --- running it -----------------------------------------------------------------------------------

local function list(app)
  local rows, data = {}, {}
  for i, recipe in ipairs(recipes.list) do
    rows[i] = { recipe.name, recipe.summary }
    data[i] = { name = recipe.name, summary = recipe.summary, okta = recipe.okta }
  end
  if app.args.json then
    app:json(data)
  else
    app:table({ "recipe", { name = "what it does", wraps = true } }, rows)
  end
  return status.DONE
end

-- Changes nothing, so that Ctrl-C may end it anywhere.
local function look(app, recipe, clients, given)
  given.command = ending.again(app)
  return ending.interruptible(
    app,
    INTERRUPTED .. given.command,
    function() return recipe(clients.dd, clients.okta, given) end
  )
end

-- Ctrl-C ends it behind the call that has left.
local function carry_out(app, recipe, clients, given)
  given.command = ending.again(app)
  given.should_stop = ending.catch(app, "what is in flight", NOTHING_LOST .. ". This goes on")
  local report, err = recipe(clients.dd, clients.okta, given)
  ending.release()
  return report, err
end

local function question_of(report, headers)
  local places = {}
  for i, about in ipairs(headers) do
    places[i] = text.show(bulk.header.place(about))
  end
  local amount = bulk.words.amount(#report.steps, { noun = "step", plural = "steps" })
  return ("Do %s at %s?"):format(amount, table.concat(places, " and "))
end

-- Shows the plan and asks; true: go on.
local function may_go_on(app, recipe, clients, given)
  if not has_steps(recipe) or app.args.yes and not app.args.dry_run then return true end
  given.dry_run = true
  local report, err = look(app, recipe, clients, given)
  given.dry_run = nil
  if not report then return fail(app, err, given) end
  if report.blocked then
    in_own_words(report)
    app:part("report", app.args.jsonl and report or report:to_table())
    if not app.args.json then show(app, report) end
    app:flush()
    app:fail(status.STOPPED, report.blocked, { code = "blocked", guards = report.guards })
  end
  if app.args.dry_run then
    show(app, report)
    return false
  end
  if #report.steps == 0 then return true end
  if app.args.json or not app.can_ask() then app:fail_unasked ", or --dry-run to see the plan" end
  show(app, report)
  if app:ask(question_of(report, clients.headers)) then return true end
  app:fail(status.FAILED, "nothing was done", { kind = "cancelled" })
end

local function run(app, args)
  if not args.recipe_name then return list(app) end
  local recipe = recipes[(args.recipe_name:gsub("%-", "_"))]
  if recipe.columns then output.check(app, recipe.columns) end
  local given = arguments_of(recipe, args)
  local dd = recipe.datadog ~= "unused" and app:client() or nil
  local okta = okta_client(app, recipe)
  local headers = headers_of(recipe, dd, okta)
  show_place(app, headers)
  local clients = { dd = dd, okta = okta, headers = headers }
  if not may_go_on(app, recipe, clients, given) then return status.DONE end
  local report, err = (has_steps(recipe) and carry_out or look)(app, recipe, clients, given)
  if not report then return fail(app, err, given) end
  show(app, report)
  if not (app.args.json or app.args.quiet) then ending.print(app, { { "journal", journal_of(app) } }) end
  return status_of(app, report)
end

return {
  configure = configure,
  run = run,
}
