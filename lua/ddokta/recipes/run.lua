--- run: what every recipe goes through: read, plan, apply, verify, report.
--
--   return run{
--     name = "push_group", summary = "...",
--     okta = "needed" or "used",        -- else there is nothing to do with a client of Okta
--     arguments = { {name =, kind =, words =, required =}, ... },
--     steps = { "map", "activate" },    -- the keys of all steps there may be, in their order
--     read = function(work) -> facts | nil, err
--     plan = function(work, facts) -> list of steps, [conflict]
--     measure = function(work, facts, steps) -> what they would do, in the facts of bulk/guards.lua, or nil
--                                       and what guards have found already (of a plan of bulk)
--     allows = {empty_groups = true},   -- what the recipe's name says, and so is allowed
--     acts = { map = function(work, facts, step) -> "done" or "unchanged", [id] | nil, err, ... },
--     verify = function(work, facts) -> list of {what =, ok =, missing =, hopeless =} | nil, err
--     details = function(work, facts) -> texts and lists of texts for the report, by name
--     advice = function(work, facts) -> list of texts: what to do next
--     result = function(work, facts) -> more members of the report
--     outcome = function(work, facts) -> the report's, where it is none of those of a change
--     new_report = function(fields) -> the report, where it is shown in another way
--     own_journal = true,               -- args.journal is kept by what the recipe calls (bulk)
--     datadog = "unused",               -- it may be called without a client of Datadog
--   }
--
-- (verify and what follows it only where there is need; each recipe with steps has measure.) That is the
-- recipe: a function(dd, okta or nil, args) -> report | nil, err, which is also a table with these members,
-- for the command. arguments: kind "text", "list" (of texts), "flag" or "function"; "source" (what bulk.read
-- reads: for the command a text), "map" (of texts: for the command name=text, again and again) or "limit" (a
-- number, or a text such as "10%"). allows = "take_over": the argument is another spelling of what args.allow
-- says of that guard. Those that every recipe has are in `common` below.
--
--   read    changes nothing; what cannot be told apart is refused here (ddokta.recipes.find: refuse)
--   plan    from what was read. A step is data: {key, title, sends, subject}: what it is called, what is
--           sent in words, what it is about. conflict: why the plan as a whole may not be applied.
--   measure what the steps would take away, for the guards: where one trips nothing is done (report.guards,
--           report.blocked). args.dry_run ends here.
--   acts    looks at the service again before it acts, and says "unchanged" where all is as it should be:
--           so a second run does nothing, and one that was killed between any two calls goes on.
--           step.resumed: the journal says that a run before this one began it and did not end it.
--   verify  is asked again every args.interval seconds until all is ok, for args.timeout seconds; what is
--           hopeless ends it at once
--
-- work: {dd, okta, args, warn(text), save(step, name, object), saved(), was(key)}. With args.journal the
-- steps are written down (ddokta.bulk.journal), a step's number being its place in `steps`: see
-- ddokta.recipes.book for save, saved and was.
--
-- An error has `report`: what had been done until then. Errors are returned, never raised: Lua 5.1 cannot
-- catch what is raised around a call that waits (so no each_...; see ddokta.recipes.find).

local check_arguments = require "ddokta.bulk.options"
local failure = require "ddokta.error"
local find = require "ddokta.recipes.find"
local guards = require "ddokta.bulk.guards"
local new_book = require "ddokta.recipes.book"
local new_report = require "ddokta.recipes.report"
local now = require("ddokta.core").system.now

local TIMEOUT, INTERVAL = 180, 2

local types = {
  text = { "string" },
  list = { "table" },
  flag = { "boolean" },
  ["function"] = { "function" },
  source = { "string", "table", "function" },
  map = { "table" },
  limit = { "number", "string" },
}

-- what every recipe takes
local common = {
  allow = { "table" },
  dry_run = { "boolean" },
  timeout = { "number" },
  interval = { "number" },
  journal = { "string" },
}

local run = {}
run.__index = run

local function known_arguments(recipe)
  local known = {}
  for name, row in pairs(common) do
    known[name] = row
  end
  for _, row in ipairs(recipe.arguments) do
    known[row.name] = types[row.kind]
  end
  return known
end

-- What is wrong with the clients and the arguments, as an error, or nil.
local function refusal(recipe, okta, args)
  local lacking
  for _, row in ipairs(recipe.arguments) do
    if row.required and args[row.name] == nil then lacking = lacking or row end
  end
  if lacking then
    return failure.new {
      kind = "config",
      code = "argument",
      message = ("%s needs %s: %s"):format(recipe.name, lacking.name, lacking.words),
    }
  end
  if recipe.okta == "needed" and not okta then
    return failure.new {
      kind = "config",
      code = "okta",
      message = recipe.name .. " needs a client of Okta (set OKTA_CLIENT_ORGURL and OKTA_CLIENT_TOKEN)",
    }
  end
end

-- --- apply --------------------------------------------------------------------------------------

local function put(row, outcome, err)
  row.outcome = outcome
  if err then row.error = { kind = err.kind, message = err.message, status = err.status } end
end

local function carry_out(recipe, work, facts, step, row)
  local begun, err = work.book:begin(step)
  if not begun then
    put(row, "failed", err)
    return nil, err
  end
  local outcome, id = recipe.acts[step.key](work, facts, step)
  err = not outcome and id or nil
  local noted, why = work.book:ended(step, outcome, id)
  put(row, outcome or "failed", err)
  if not outcome then return nil, err end
  if not noted then return nil, why end
  return true
end

local function apply(recipe, work, facts, steps, report)
  for i, step in ipairs(steps) do
    local ok, err = carry_out(recipe, work, facts, step, report.steps[i])
    if not ok then return nil, err end
  end
  return true
end

-- --- verify -------------------------------------------------------------------------------------

local function missing_of(found)
  local texts, hopeless = {}, false
  for _, fact in ipairs(found) do
    if not fact.ok then
      texts[#texts + 1] = fact.what .. (fact.missing and " (" .. fact.missing .. ")" or "")
      hopeless = hopeless or fact.hopeless
    end
  end
  return texts, hopeless
end

local function not_so(texts, hopeless, seconds)
  return failure.new {
    kind = hopeless and "conflict" or "timeout",
    code = "not_verified",
    errors = texts,
    message = (hopeless and "this will not be so: %s" or "after %.4g s this is still not so: %s"):format(
      hopeless and table.concat(texts, "; ") or seconds,
      table.concat(texts, "; ")
    ),
  }
end

-- Asks until all is so. What the service does not answer now it may in a moment.
local function verify(recipe, work, facts, report)
  local timeout, interval = work.args.timeout or TIMEOUT, work.args.interval or INTERVAL
  local deadline = now() + timeout
  while true do
    local found, err = recipe.verify(work, facts)
    if found then
      report.verified = find.array(found)
      local texts, hopeless = missing_of(found)
      if #texts == 0 then return true end
      err = not_so(texts, hopeless, timeout)
      if hopeless then return nil, err end
    elseif not err.retryable then
      return nil, err
    end
    local left = deadline - now()
    if left <= 0 then return nil, err end
    local slept, why = (work.dd or work.okta):sleep(math.min(interval, left))
    if not slept then return nil, why end
  end
end

-- --- guards -------------------------------------------------------------------------------------

--- The arguments that are other spellings of what a guard is allowed: {guard = {argument, is a flag}}
local function spellings(recipe)
  local options = {}
  for _, row in ipairs(recipe.arguments) do
    for name in (row.allows or ""):gmatch "%S+" do
      options[name] = { row.name, row.kind == "flag" }
    end
  end
  return options
end

--- What is allowed, for guards.judge | nil, what is wrong, the argument.
local function allowed_by(recipe, args)
  local aliases = {}
  for name, option in pairs(recipe.spelled) do
    aliases[name] = { option[1], args[option[1]] }
  end
  for name, measure in pairs(recipe.allows or {}) do
    if not (args.allow and args.allow[name] ~= nil) then aliases[name] = { "allow", measure } end
  end
  return guards.allowed(args.allow, aliases)
end

--- The guards that trip, with the arguments that allow it, or nil.
local function judge(recipe, work, facts, steps)
  if not recipe.measure then return nil end
  local measured, tripped = recipe.measure(work, facts, steps)
  if measured then tripped = guards.judge(measured, work.allowed) end
  return tripped and guards.named(tripped, recipe.spelled) or nil
end

-- --- the whole ----------------------------------------------------------------------------------

local function new_work(recipe, dd, okta, args)
  local work = { dd = dd, okta = recipe.okta and okta or nil, args = args, warnings = find.array {} }
  function work.warn(text) work.warnings[#work.warnings + 1] = text end
  work.book = new_book(recipe, work)
  function work.save(step, name, object) return work.book:save(step, name, object) end
  function work.saved() return work.book:saved() end
  function work.was(key) return work.book:was(key) end
  return work
end

local function finish(report, started, work, outcome, err)
  report.outcome, report.seconds = outcome, now() - started
  local closed, why = work.book:close()
  err = err or not closed and why or nil
  if not err then return report end
  report.outcome = "failed"
  err.report = report
  return nil, err
end

local function outcome_of(report)
  for _, row in ipairs(report.steps) do
    if row.outcome == "done" then return "done" end
  end
  return "nothing to do"
end

local function rows_of(steps)
  local rows = find.array {}
  for i, step in ipairs(steps) do
    rows[i] = { key = step.key, title = step.title, sends = step.sends, outcome = "planned" }
  end
  return rows
end

local function go(recipe, work, report, started)
  local facts, err = recipe.read(work)
  if not facts then return finish(report, started, work, "failed", err) end
  local steps, conflict = recipe.plan(work, facts)
  local tripped = judge(recipe, work, facts, steps)
  report.steps, report.guards = rows_of(steps), tripped
  report.blocked = tripped and guards.words(tripped, "lua") or conflict
  report.details = recipe.details and recipe.details(work, facts) or nil
  for name, value in pairs(recipe.result and recipe.result(work, facts) or {}) do
    report[name] = value
  end
  local outcome = recipe.outcome and recipe.outcome(work, facts)
  if work.args.dry_run then return finish(report, started, work, outcome or "dry run") end
  if tripped then return finish(report, started, work, "failed", guards.error(tripped, "lua")) end
  if conflict then
    return finish(
      report,
      started,
      work,
      "failed",
      failure.new { kind = "conflict", code = "blocked", message = conflict }
    )
  end
  local ok
  ok, err = work.book:open()
  if ok then
    ok, err = apply(recipe, work, facts, steps, report)
  end
  if ok and recipe.verify then
    ok, err = verify(recipe, work, facts, report)
  end
  if not ok then return finish(report, started, work, "failed", err) end
  report.details = recipe.details and recipe.details(work, facts) or nil -- what was made has ids now
  report.advice = find.array(recipe.advice and recipe.advice(work, facts) or {})
  return finish(report, started, work, outcome or outcome_of(report))
end

function run.__call(recipe, dd, okta, args)
  args = check_arguments(args, recipe.known)
  if type(dd) ~= "table" and recipe.datadog ~= "unused" then
    error(recipe.name .. ": the first argument is a client of Datadog", 2)
  end
  local allowed, message, option = allowed_by(recipe, args)
  if not allowed and option == "allow" then error("option 'allow': " .. message, 2) end
  local err = refusal(recipe, okta, args)
  if not allowed then
    err = failure.new { kind = "config", code = "argument", message = option .. ": " .. message }
  end
  if err then return nil, err end
  local work = new_work(recipe, dd, okta, args)
  work.allowed = allowed
  local report = (recipe.new_report or new_report) {
    recipe = recipe.name,
    steps = find.array {},
    verified = find.array {},
    warnings = work.warnings,
    advice = find.array {},
  }
  return go(recipe, work, report, now())
end

return function(recipe)
  recipe.known, recipe.spelled = known_arguments(recipe), spellings(recipe)
  assert(recipe.measure or #recipe.steps == 0, recipe.name .. ": what would it take away? (measure)")
  return setmetatable(recipe, run)
end
