--- run: what every recipe goes through: read, plan, guards, apply, verify, report; and its journal.

---A recipe is a function and a table: `recipe(dd, okta or nil, args) -> report | nil, err`. An error has
---`report`: what had been done until then. It is returned, never raised: Lua 5.1 catches none around a wait.
---@class ddokta.recipe
---@field name string
---@field order integer its place in the guide, and so in lists
---@field summary string one line
---@field arguments ddokta.recipe.argument[]
---@field steps string[] the keys of all steps that there may be, in their order
---@field okta? "needed"|"used" without it there is nothing to do with a client of Okta
---@field datadog? "unused" it may be called without a client of Datadog
---@field columns? table[] of what its report lists, as `ddokta.text` has them: --columns shows them

---What a recipe's file says besides. What is in `acts` looks at the service again before it changes anything,
---and answers "done" or "unchanged", id | nil, err: so a second run does nothing, and one that was killed
---between any two calls goes on.
---@class ddokta.recipe.fields: ddokta.recipe
---@field own_journal? boolean args.journal is kept by what the recipe calls (bulk)
---@field allows? table<string, true> guards that the recipe's name already lets pass
---@field read fun(work): (facts: table?, err: ddokta.Error?) changes nothing, refuses what has two meanings
---@field plan fun(work, facts): (steps: ddokta.recipe.step[], conflict: string?) why it may not be applied
---@field measure? fun(work, facts, steps): (measured: table?, tripped: table?) of bulk's guards
---@field acts table<string, fun(work, facts, step): (outcome: string?, id_or_err: any)> by a step's key
---@field verify? fun(work, facts): (found: ddokta.recipe.fact[]?, err: ddokta.Error?) asked until all is ok
---@field details? fun(work, facts): table texts and lists of texts for the report, by name
---@field advice? fun(work, facts): string[] what to do next
---@field result? fun(work, facts): table more members of the report
---@field outcome? fun(work, facts): string the report's, where it is none of those of a change
---@field new_report? fun(fields: table): table the report, where it is shown in another way

---kind: "source" is what bulk.read reads; "map" is name=text for the command; "limit" a number or "10%".
---@class ddokta.recipe.argument
---@field name string
---@field kind "text"|"list"|"flag"|"function"|"source"|"map"|"limit"
---@field words string
---@field required? boolean
---@field value? string|string[] what a text is, for the help: "id or name"; a list: all that it may be
---@field also? string as other verbs of the command call it
---@field allows? string names of guards: the argument is another spelling of what args.allow says of them

---@class ddokta.recipe.step
---@field key string of `steps`
---@field title string what it does
---@field sends string what is sent, in words
---@field subject string what it is about
---@field resumed? boolean a run before this one began it, and did not end it

---@class ddokta.recipe.fact
---@field what string
---@field ok boolean
---@field missing? string
---@field hopeless? boolean it will not be so, however long one waits

local arguments = require "ddokta.arguments"
local bulk = require "ddokta.bulk"
local cancel_scope = require "ddokta.cancel_scope"
local check_options = require("ddokta.options").check
local errors = require "ddokta.error"
local find = require "ddokta.recipes.find"
local now = require("ddokta.native").system.now
local new_report = require("ddokta.recipes.report").new

local backup = bulk.backup
local guards = bulk.guards
local journal = bulk.journal

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

---What every recipe takes.
---@class ddokta.recipe.arguments
---@field allow? table<string, boolean|number|string> guards that may be passed, each true or its measure
---@field dry_run? boolean nothing is changed: the report says what would be done
---@field timeout? number seconds until what was done must be seen in the services (180)
---@field interval? number seconds between two looks (2)
---@field journal? string path: what was meant and what became of it, so that a run that was killed goes on
---@field should_stop? fun(): boolean? as of bulk.apply; then the error is of kind "cancelled"
---@field command? string how it was called, as a page that it writes shows it

-- what every recipe takes, and says of a run, not of its plan
local common = {
  allow = { "table" },
  dry_run = { "boolean" },
  timeout = { "number" },
  interval = { "number" },
  journal = { "string" },
  should_stop = { "function" },
  command = { "string" },
}

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

local function wrong_argument(code, message, ...)
  return errors.new { kind = "config", code = code, message = message:format(...) }
end

-- What is wrong with the clients and the arguments, as an error, or nil.
local function refusal(recipe, okta, args)
  for _, row in ipairs(recipe.arguments) do
    if row.required and args[row.name] == nil then
      return wrong_argument("argument", "%s needs %s: %s", recipe.name, row.name, row.words)
    end
  end
  if recipe.okta ~= "needed" or okta then return nil end
  return wrong_argument(
    "okta",
    "%s needs a client of Okta (set OKTA_CLIENT_ORGURL and OKTA_CLIENT_TOKEN)",
    recipe.name
  )
end

-- --- a run and its journal ------------------------------------------------------------------------

---One run of a recipe. With args.journal its steps are noted by their place in `recipe.steps`, whatever a
---plan leaves out: a run that was killed finds what it began, though the rest of the plan has vanished.
---@class ddokta.recipe.work
---@field recipe ddokta.recipe
---@field dd ddokta.Datadog
---@field okta? ddokta.Okta
---@field args table
---@field allowed table what guards.judge lets pass
---@field warnings string[]
local Work = {}
Work.__index = Work

--- Adds a warning to the report.
---@param text string
function Work:warn(text) self.warnings[#self.warnings + 1] = text end

local function text_of(value)
  if type(value) == "function" then return "function" end
  if type(value) ~= "table" then return tostring(value) end
  return "[" .. table.concat(value, ",") .. "]"
end

-- the arguments as a text that is the same in each run
local function plan_of(recipe, args)
  local parts = {}
  for name, value in pairs(args) do
    if not common[name] then parts[#parts + 1] = name .. "=" .. text_of(value) end
  end
  table.sort(parts)
  return recipe.name .. " " .. table.concat(parts, " ")
end

-- whose the journal is -> text, nil or why it could not be asked | nil, err
local function organisations_of(work)
  local text, user, detail = bulk.organisation(work.dd)
  if not text then return nil, user end
  if work.okta then text = text .. " and " .. bulk.organisation(work.okta) end
  return text, not user and detail or nil
end

local function open_journal(work)
  local path, recipe = work.args.journal, work.recipe
  if not path or recipe.own_journal then return true end
  local organisation, why = organisations_of(work)
  if not organisation then return nil, why end
  local err
  work.journal, err = journal.open(path, {
    kind = "recipe " .. recipe.name,
    steps = #recipe.steps,
    organisation = organisation,
    unasked = why,
    plan = plan_of(recipe, work.args),
  })
  if not work.journal then return nil, err end
  return true
end

local function close_journal(work)
  local opened = work.journal
  work.journal = nil
  if not opened then return true end
  return opened:close()
end

local function number_of(recipe, key)
  for i, name in ipairs(recipe.steps) do
    if name == key then return i end
  end
  error(("%s has no step %s"):format(recipe.name, tostring(key)))
end

-- The next line of a journal or backup; nil at its end, and where it is damaged, which raises.
local function next_line(lines)
  local ok, line = pcall(lines)
  if not ok and errors.is_memory(line) then error(line, 0) end -- it may know more than was read
  return ok and line or nil
end

-- the last state of each step, as a run before this one left it
local function states_before(path)
  local header, lines = journal.read(path)
  local states = {}
  local line = header and next_line(lines)
  while line do
    if line.step then states[line.step] = line.state end
    line = next_line(lines)
  end
  return states
end

--- What a run before this one wrote of a step. A journal that cannot be read knows nothing; opening it says
--- why.
---@param key string the step's
---@return "begin"|"done"|"failed"|"unknown"|nil state "begin": and no more; nil: nothing
function Work:was(key)
  local path = self.args.journal
  self.before = self.before or path and states_before(path) or {}
  return self.before[number_of(self.recipe, key)]
end

--- Keeps in the journal's backup what the step is about to replace or remove.
---@param step ddokta.recipe.step
---@param name string
---@param object table
---@return true? saved
---@return table? err
function Work:save(step, name, object)
  if not self.journal then return true end
  local number = number_of(self.recipe, step.key)
  local ok, err = self.journal:save(number, { action = step.key, key = name, object = object })
  if not ok then return nil, err end
  return self.journal:sync()
end

--- The object that was saved first, by whatever run; nil: none was.
---@return table?
function Work:saved()
  local path = self.args.journal
  local header, lines
  if path then
    header, lines = backup.read(path .. ".backup")
  end
  local first = header and next_line(lines)
  return first and first.object or nil
end

-- true: the step may be sent | nil, err
local function begin(work, step)
  if not work.journal then return true end
  local number = number_of(work.recipe, step.key)
  local state = work.journal:state(number)
  if state == "done" then -- another run of the same journal cannot say what was undone since
    return find.refuse(
      "journal",
      "by %s the step '%s' is done, and by the service it is not: somebody undid it; give another file",
      work.args.journal,
      step.title
    )
  end
  step.resumed = state == "unknown"
  local ok, err = work.journal:begin(number, { action = step.key, key = step.subject })
  if not ok then return nil, err end
  return work.journal:sync()
end

-- outcome: nil where it failed, and then the id is the error
local function note_outcome(work, step, outcome, id)
  if not work.journal then return true end
  local number = number_of(work.recipe, step.key)
  if outcome then return work.journal:done(number, { id = id }) end
  if id.ambiguous then return work.journal:unknown(number, { error = id }) end
  return work.journal:failed(number, { error = id })
end

-- --- apply --------------------------------------------------------------------------------------

local function put(row, outcome, err)
  row.outcome = outcome
  if err then row.error = { kind = err.kind, message = err.message, status = err.status } end
end

local function carry_out(work, facts, step, row)
  local begun, err = begin(work, step)
  if not begun then
    put(row, "failed", err)
    return nil, err
  end
  local outcome, id = work.recipe.acts[step.key](work, facts, step)
  err = not outcome and id or nil
  local noted, why = note_outcome(work, step, outcome, id)
  put(row, outcome or "failed", err)
  if not outcome then return nil, err end
  return noted, why
end

local function apply(work, facts, steps, report)
  for i, step in ipairs(steps) do
    local ok, err = carry_out(work, facts, step, report.steps[i])
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
  return errors.new {
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
local function verify(work, facts, report)
  local timeout, interval = work.args.timeout or TIMEOUT, work.args.interval or INTERVAL
  local deadline = now() + timeout
  while true do
    local found, err = work.recipe.verify(work, facts)
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
local function judge(work, facts, steps)
  local recipe = work.recipe
  if not recipe.measure then return nil end
  local measured, tripped = recipe.measure(work, facts, steps)
  if measured then tripped = guards.judge(measured, work.allowed) end
  return tripped and guards.named(tripped, recipe.spelled) or nil
end

-- --- the whole ----------------------------------------------------------------------------------

local function finish(work, report, outcome, err)
  report.outcome, report.seconds = outcome, now() - work.started
  local closed, why = close_journal(work)
  err = err or not closed and why or nil
  if not err then return report end
  report.outcome = "failed"
  err.report = report
  return nil, err
end

local function rows_of(steps)
  local rows = find.array {}
  for i, step in ipairs(steps) do
    rows[i] = { key = step.key, title = step.title, sends = step.sends, outcome = "planned" }
  end
  return rows
end

local function read_and_plan(work, report)
  local recipe = work.recipe
  local facts, err = recipe.read(work)
  if not facts then return nil, err end
  local steps, conflict = recipe.plan(work, facts)
  local tripped = judge(work, facts, steps)
  report.steps, report.guards = rows_of(steps), tripped
  report.blocked = tripped and guards.words(tripped, "lua") or conflict
  report.details = recipe.details and recipe.details(work, facts) or nil
  for name, value in pairs(recipe.result and recipe.result(work, facts) or {}) do
    report[name] = value
  end
  return facts, steps
end

local function blocked_error(report)
  if report.guards then return guards.error(report.guards, "lua") end
  return errors.new { kind = "conflict", code = "blocked", message = report.blocked }
end

local function go(work, report)
  local recipe = work.recipe
  local facts, steps = read_and_plan(work, report)
  if not facts then return finish(work, report, "failed", steps) end
  local outcome = recipe.outcome and recipe.outcome(work, facts)
  if work.args.dry_run then return finish(work, report, outcome or "dry run") end
  if report.blocked then return finish(work, report, "failed", blocked_error(report)) end
  local ok, err = open_journal(work)
  if ok then
    ok, err = apply(work, facts, steps, report)
  end
  if ok and recipe.verify then
    ok, err = verify(work, facts, report)
  end
  if not ok then return finish(work, report, "failed", err) end
  report.details = recipe.details and recipe.details(work, facts) or nil -- what was made has ids now
  report.advice = find.array(recipe.advice and recipe.advice(work, facts) or {})
  return finish(work, report, outcome or report:has_done() and "done" or "nothing to do")
end

local Recipe = { __name = "ddokta.recipe" }

function Recipe.__call(recipe, dd, okta, args)
  if okta == nil and errors.is(args) then return nil, args end -- of ddokta.okta, handed over as it is
  args = check_options(args, recipe.known)
  if dd ~= nil or recipe.datadog ~= "unused" then arguments.client(recipe.name, dd, "datadog") end
  if okta ~= nil then arguments.client(recipe.name, okta, "okta") end
  local allowed, message, option = allowed_by(recipe, args)
  if not allowed and option == "allow" then error("option 'allow': " .. message, 2) end
  local err = not allowed and wrong_argument("argument", "%s: %s", option, message)
    or refusal(recipe, okta, args)
  if err then return nil, err end
  local work = setmetatable({
    recipe = recipe,
    dd = dd,
    okta = recipe.okta and okta or nil,
    args = args,
    allowed = allowed,
    warnings = find.array {},
    started = now(),
  }, Work)
  local report = (recipe.new_report or new_report) { recipe = recipe.name, warnings = work.warnings }
  for _, list in ipairs { "steps", "verified", "advice" } do
    report[list] = find.array {}
  end
  return cancel_scope.run(args.should_stop, function() return go(work, report) end)
end

local run = {}

--- Makes a recipe of its fields.
---@param fields ddokta.recipe.fields
---@return ddokta.recipe
function run.recipe(fields)
  fields.known, fields.spelled = known_arguments(fields), spellings(fields)
  assert(fields.measure or #fields.steps == 0, fields.name .. ": what would it take away? (measure)")
  return setmetatable(fields, Recipe)
end

---@param value any
---@return boolean
function run.is_recipe(value) return getmetatable(value) == Recipe end

return run
