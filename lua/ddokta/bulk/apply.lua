--- apply: carry out a plan, many steps at once, each row's outcome recorded.
--
-- A row that fails does not stop the others; an answer that says "not you" (401, 403) stops all that
-- has not been sent. What a step does about lost answers and changed ids is in step.lua.

local check_options = require "ddokta.bulk.options"
local dry_client = require "ddokta.bulk.dry_client"
local failure = require "ddokta.error"
local json = require("ddokta.core").json
local kinds = require "ddokta.bulk.kinds"
local new_report = require "ddokta.bulk.report"
local secrets = require "ddokta.bulk.secrets"
local step = require "ddokta.bulk.step"
local system = require("ddokta.core").system

local known = {
  max_in_flight = { "number" },
  on_progress = { "function" },
  dry_run = { "boolean" },
  allow_conflicts = { "boolean" },
  journal = { "string" },
}

local stops = { unauthorized = true, forbidden = true }

-- what of an error goes into a report; never a body, never what was sent
local shown = { "kind", "status", "code", "operation", "permission", "attempts", "id", "ambiguous" }

local function report_error(err, action)
  local values = secrets.of(action)
  local copy = { message = secrets.scrub(tostring(err.message), values) }
  for _, name in ipairs(shown) do copy[name] = err[name] end
  return copy
end

--- Why the plan as a whole must not be applied, or nil.
local function refusal(plan, options)
  if options.journal then
    return failure.new{ kind = "config", message = "the option 'journal' is not available yet" }
  end
  if plan.blocked then
    return failure.new{ kind = "conflict", code = "threshold", message = plan.blocked }
  end
  if plan.counts.conflict > 0 and not options.allow_conflicts then
    return failure.new{
      kind = "conflict",
      code = "conflict",
      message = ("%d rows are in conflict, nothing was applied"):format(plan.counts.conflict),
    }
  end
  return nil
end

local function new_row(action)
  return {
    key = action.key, action = action.action, position = action.position, id = action.id, attempts = 0,
  }
end

--- One step and its row of the report. run: what the steps share.
local function carry_out(run, action)
  local row = new_row(action)
  if run.stopped then
    row.outcome = "skipped"
    row.error = { kind = run.stopped.kind, message = "not sent: " .. run.stopped.message }
    return row
  end
  local result, err = step[action.action](row, run.client, run.kind, action)
  if result then
    row.outcome = "done"
    if type(result) == "table" then row.id = result.id else row.id = nil end
    return row
  end
  row.outcome, row.error = "failed", report_error(err, action)
  if stops[err.kind] and not run.stopped then run.stopped = row.error end
  return row
end

local function progress_of(run)
  local seconds = system.now() - run.started
  local finished = run.done + run.failed + run.skipped
  local rate = seconds > 0 and finished / seconds or 0
  return {
    done = run.done, failed = run.failed, skipped = run.skipped, total = run.total, seconds = seconds,
    rate = rate, left = rate > 0 and (run.total - finished) / rate or nil,
  }
end

local function note(run, row)
  run[row.outcome] = run[row.outcome] + 1
  if not run.on_progress then return end
  local ok, message = pcall(run.on_progress, progress_of(run))
  if not ok then -- a watcher's bug must not turn what was done into what was not
    run.on_progress = nil
    io.stderr:write("ddokta: on_progress failed and is not called again: ", tostring(message), "\n")
  end
end

local function to_send(plan)
  local actions = {}
  for _, action in ipairs(plan.actions) do
    if step[action.action] then actions[#actions + 1] = action end
  end
  return actions
end

--- The rows of the report in the order of the plan: what was sent, and what needed nothing.
local function in_order(plan, results)
  local rows, sent = json.array{}, 0
  for i, action in ipairs(plan.actions) do
    if step[action.action] then
      sent = sent + 1
      local result = results[sent]
      local row = result[1]
      if not row then -- the task itself broke: an error of ours or of on_progress
        local err = result[2]
        if type(err) ~= "table" then err = { kind = "cancelled", message = tostring(err) } end
        row = new_row(action)
        row.outcome, row.error = "failed", report_error(err, action)
      end
      rows[i] = row
    else
      rows[i] = new_row(action)
      rows[i].outcome = action.action == "unchanged" and "unchanged" or "skipped"
      if action.reason then rows[i].error = { kind = "conflict", message = action.reason } end
    end
  end
  return rows
end

local apply = {}

--- apply(dd, plan, options) -> report, or nil, err when nothing was applied
-- options: max_in_flight (32), on_progress(progress) after each step with {done, failed, skipped,
-- total, seconds, rate, left}, dry_run (nothing is sent), allow_conflicts (apply the rest of a plan
-- with conflicts).
function apply.apply(dd, plan, options)
  options = check_options(options, known)
  local kind, err = kinds.get(plan.kind)
  if not kind then return nil, err end
  err = refusal(plan, options)
  if err then return nil, err end
  local actions = to_send(plan)
  local run = {
    client = options.dry_run and dry_client(kind) or dd,
    kind = kind, started = system.now(), total = #actions, done = 0, failed = 0, skipped = 0,
    on_progress = options.on_progress,
  }
  local results = require("ddokta").parallel(options.max_in_flight or 32, actions, function(action)
    local row = carry_out(run, action)
    note(run, row)
    return row
  end)
  return new_report{
    kind = plan.kind, source = plan.source, dry_run = options.dry_run or nil,
    rows = in_order(plan, results), seconds = system.now() - run.started,
    stopped = run.stopped and run.stopped.kind or nil,
  }
end

return apply
