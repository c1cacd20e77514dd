--- apply: carries out a plan, many changes at once, and writes down what becomes of each as it happens.
--
-- A plan that a guard stops is not applied, whatever became of its fields: the guards are asked once more,
-- and the service what they need to know of it. What is removed waits for all else: where a creation has
-- failed (it may be meant to replace what goes), nothing is removed unless failed_creates was allowed.

local arguments = require "ddokta.arguments"
local apply_changes = require "ddokta.bulk.apply_changes"
local cancel_scope = require "ddokta.cancel_scope"
local change = require "ddokta.bulk.change"
local options_of = require "ddokta.options"
local errors = require "ddokta.error"
local failures = require "ddokta.bulk.failures"
local header = require "ddokta.bulk.header"
local json = require("ddokta.native").json
local kinds = require "ddokta.bulk.kinds"
local repeats = require "ddokta.bulk.repeats"
local reporting = require "ddokta.bulk.report"
local run_journal = require "ddokta.bulk.run_journal"
local secrets = require "ddokta.bulk.secrets"
local system = require("ddokta.native").system

---@class ddokta.bulk.ApplyOptions
--- path: what was meant and what became of it (journal.lua). With the journal of a run that was killed or
--- stopped the same call goes on with it: what is done is not done again, of what may have been sent is
--- looked what became, the rest is sent. The plan may be made anew from the same source meanwhile, and should
--- be. One that is finished (not stopped, nothing unknown; what failed is the next plan's) is put aside as
--- <journal>.<its time> when there is something new to do, of whatever source
---@field journal? string
--- path: what is replaced or removed, saved before (<journal>.backup; none without a journal); bulk.restore
--- puts it back
---@field backup? string
--- where it is kept which secrets were sent, so that a later plan notices one that changed: of
--- bulk.fingerprints(dd, kind) (then the same object is the plan's option); by default at the default place,
--- where a plan looks by default; false: nowhere
---@field fingerprints? ddokta.bulk.Fingerprints|false
---@field max_in_flight? integer changes at once (32)
--- asked before each change, and ten times a second while calls wait: true ends the run. What has left the
--- machine is waited for; what waits for its turn is not sent any more, and the next run does it
---@field should_stop? fun(): boolean?
---@field on_progress? fun(progress: ddokta.bulk.Progress) called after each change
---@field on_row? fun(row: ddokta.bulk.Row) called with each row of the report, as it ends
--- false: report.rows has only those that failed, are unknown or were not run, 1,000 at most, so that memory
--- does not grow with the plan (true). Without on_row what changes nothing is not even looked at. "file": the
--- same, and report:each() has all of them, from a temporary file and the plan
---@field keep_rows? boolean|"file"
--- stop after the first failure (false)
---@field fail_fast? boolean
--- "20%": stop when more than this share of the last 50 changes failed for reasons that are the service's
--- (server, network, timeout, tls, protocol, rate_limited): an outage; of the first ones at least 10 must
--- have. A number: stop when more than so many failed, for whatever reason
---@field max_failures? number|string
--- seconds for which a thing is looked for whose answer was lost before it counts as lost itself (2): a list
--- may be behind what was just done
---@field settle? number
--- what a journal of another source has left open is put aside with it, and looked for before it is sent
--- again (false: such a journal is refused, and it is said what is open)
---@field discard_rest? boolean
---@field dry_run? boolean nothing is sent, nothing is written (false)
---@field allow_conflicts? boolean apply the rest of a plan with conflicts (false)

---@class ddokta.bulk.Progress
---@field done integer
---@field failed integer
---@field unknown integer
---@field not_run integer
---@field skipped integer 0 here
---@field resumed integer
---@field total integer the changes; the others are parts of it
---@field seconds number
---@field rate number per second
---@field left? number seconds

local known = {
  allow_conflicts = { "boolean" },
  discard_rest = { "boolean" },
  backup = { "string" },
  dry_run = { "boolean" },
  fail_fast = { "boolean" },
  fingerprints = { "table", "boolean" },
  journal = { "string" },
  keep_rows = { "boolean", "string" },
  max_failures = { "number", "string" },
  max_in_flight = { "number" },
  on_progress = { "function" },
  on_row = { "function" },
  settle = { "number" },
  should_stop = { "function" },
}

-- ... of apply_all, where fingerprints are by kind
local known_of_all = options_of.all(known)
known_of_all.fingerprints = { "table" }

local AT_ONCE = 32
local MAX_FAILURES = "20%"

-- --- the report -----------------------------------------------------------------------------------

--- What there is to know besides, in words; planned: what the plan has said already
local function note_of(run, planned)
  local notes = {}
  for _, note in ipairs { run.besides or "", planned or "", run.journal:note() or "", run.unlooked or "" } do
    if note ~= "" then notes[#notes + 1] = note end
  end
  return notes[1] and table.concat(notes, "; ") or nil
end

local function report_of(run, plan, options)
  run.ended = system.now()
  table.sort(run.rows, function(a, b) return a.number < b.number end)
  local fields = {
    kind = plan.kind,
    dry_run = options.dry_run or nil,
    journal = not options.dry_run and options.journal or nil,
    backup = run.journal:backup_path(),
    rows = json.array(run.rows),
    counts = run.counts,
    deactivations = run.verbs.deactivate,
    reactivations = run.verbs.reactivate,
    seconds = run.ended - run.started,
    left = plan.left,
    stopped = run.stopped,
    reason = run.reason,
    code = run.code,
    held = run.held,
    note = note_of(run, plan.note),
    duplicates = run.duplicates,
    timeline = not options.dry_run and run.timeline:finish(run.ended) or nil,
  }
  header.copy(plan, fields)
  fields.time = run.time
  fields.sentence = reporting.sentence(fields, run.found)
  return reporting.new(fields, { plan = plan, outcomes = run.outcomes, own_note = note_of(run) })
end

-- --- public ---------------------------------------------------------------------------------------

local apply = { known = known }

-- Is it a plan, and not closed?
local function is_open(plan) return arguments.is(plan, "plan") and plan:is_open() end

--- What is wrong with the values raises -> failures, which count those of the run
local function check_values(options)
  if type(options.keep_rows) == "string" and options.keep_rows ~= "file" then
    error("option 'keep_rows': true, false or \"file\" is wanted", 3)
  end
  local at_once = options.max_in_flight or AT_ONCE
  if not (at_once >= 1 and at_once % 1 == 0) then
    error("option 'max_in_flight': a whole number above 0 is wanted, got " .. tostring(at_once), 3)
  end
  options.max_in_flight = at_once
  local counted, message = failures.new(options.max_failures or MAX_FAILURES, options.fail_fast)
  if not counted then error("option 'max_failures': " .. message, 3) end
  return counted
end

apply.checked = check_values

--- Why the plan as a whole must not be applied, or nil.
local function refusal(dd, plan, options)
  local err = plan:recheck(not options.dry_run and dd or nil)
  if err then return err end
  if plan.counts.conflict == 0 or options.allow_conflicts then return nil end
  local text = "%d rows are in conflict, nothing was applied"
  return errors.new { kind = "conflict", code = "conflict", message = text:format(plan.counts.conflict) }
end

--- -> report | nil, err. counted: of check_values
local function carry_out(dd, plan, options, counted)
  local kind = kinds.get(plan.kind)
  local err = refusal(dd, plan, options)
  if err then return nil, err end
  local come
  if not options.dry_run then
    come, err = repeats.come_since(dd, plan, kind)
    if err then return nil, err end
  end
  local run = apply_changes.new(dd, plan, kind, options)
  run.journal, err = run_journal.open(dd, plan, kind, options.dry_run and { fingerprints = false } or options)
  if not run.journal then return nil, err end
  run.come, run.failures = come, counted
  apply_changes.send(run, options.max_in_flight)
  if plan.restores and not (run.stopped or run.is_dry) then run.besides = plan:afterwards(dd) end
  return report_of(run, plan, options)
end

--- Carries out a plan. What a guard stops, or an error before the first change, leaves nothing applied.
---@param dd ddokta.Client
---@param plan ddokta.bulk.Plan
---@param options? ddokta.bulk.ApplyOptions
---@return ddokta.bulk.Report? report
---@return ddokta.Error? err
function apply.apply(dd, plan, options)
  if plan == nil and errors.is(options) then return nil, options end
  arguments.need(is_open(plan), "bulk.apply", "a plan that bulk.plan made", plan)
  options = options_of.check(options, known)
  local counted = check_values(options)
  local kind, err = kinds.get(plan.kind)
  if not kind then return nil, err end
  arguments.client("bulk.apply", dd, kind.service)
  local report
  report, err = cancel_scope.run(
    options.should_stop,
    function() return carry_out(dd, plan, options, counted) end
  )
  return report, err
end

local function options_for(kind, options)
  local own = {}
  for name, value in pairs(options or {}) do
    own[name] = value
  end
  for _, name in ipairs { "journal", "backup" } do
    own[name] = own[name] and own[name] .. "." .. kind
  end
  own.fingerprints = own.fingerprints and own.fingerprints[kind]
  return own
end

local function are_plans(plans)
  if type(plans) ~= "table" or getmetatable(plans) ~= nil then return false end
  for _, plan in ipairs(plans) do
    if not (type(plan) == "function" or is_open(plan)) then return false end
  end
  return true
end

--- Applies plans one after the other, in this order. Ends with the first that was stopped, or could not be
--- made or applied (err). A function makes its plan when its turn comes: that of groups when their users are
--- there. The journal of each is <journal>.<kind>, its backup <backup>.<kind>, its fingerprints
--- fingerprints[kind].
---@param dd ddokta.Client
---@param plans (ddokta.bulk.Plan|fun(): ddokta.bulk.Plan?, ddokta.Error?)[]
---@param options? ddokta.bulk.ApplyOptions
---@return ddokta.bulk.Report[] reports
---@return ddokta.Error? err
function apply.apply_all(dd, plans, options)
  arguments.need(
    are_plans(plans),
    "bulk.apply_all",
    "a list of plans, or of functions that make them,",
    plans
  )
  options = options_of.check(options, known_of_all)
  local reports = {}
  for _, plan in ipairs(plans) do
    local err, report
    if type(plan) == "function" then
      plan, err = plan()
    end
    if not plan then return reports, err end
    report, err = apply.apply(dd, plan, options_for(plan.kind, options))
    if not report then return reports, err end
    reports[#reports + 1] = report
    if report.stopped then break end
  end
  return reports
end

--- Sends one change that is of no plan, and keeps what is known of its secrets as a run does.
---@package
---@param dd ddokta.Client
---@param kind ddokta.bulk.KindOf
---@param one ddokta.bulk.Change {action, key, id, old, new, changes}
---@return table|true|nil thing what there is afterwards; true: it is gone
---@return ddokta.Error? err
---@return string? note what could not be kept, in words
function apply.send(dd, kind, one)
  local kept, note = secrets.keep(dd, kind)
  local row, ok, err = { attempts = 0 }, true, nil
  if kept then
    ok, err = kept:begin(one)
  end
  if ok and kept and kept.due then
    ok, err = kept:commit()
  end
  if not ok then return nil, err end
  local thing, failed = change.send(change.run(dd, kind), row, one)
  row.outcome = thing and "done" or failed.ambiguous and "unknown" or "failed"
  row.id, row.error = type(thing) == "table" and thing.id or row.id, failed
  if kept then
    ok, err = kept:finish(one, row)
  end
  if not thing then return nil, failed end
  if not ok then return nil, err end
  return thing, nil, note
end

return apply
