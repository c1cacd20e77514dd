--- apply: carry out a plan, many steps at once, what became of each on the disk as it happens.
--
--   report, err = bulk.apply(dd, plan, options)             nil, err: nothing was applied
--   reports, err = bulk.apply_all(dd, {plan or make, ...}, options)   one after the other, in this order:
--       make() -> plan | nil, err is called when its turn comes (users first, then the groups that they
--       are in). The journal of each is <journal>.<kind>, its backup <backup>.<kind>, its fingerprints
--       fingerprints[kind]. Ends with the first that was stopped, or could not be made or applied (err).
--
-- Options:
--   journal          path: what was meant and what became of it (journal.lua). With the journal of a run
--                    that was killed or stopped the same call goes on with it: what is done is not done
--                    again, of what may have been sent is looked what became, the rest is sent. The plan
--                    may be made anew from the same source meanwhile, and should be. One that is finished
--                    (not stopped, nothing unknown; what failed is the next plan's) is put aside as
--                    <journal>.<its time> when there is something new to do, of whatever source.
--   backup           path: what is replaced or removed, saved before (<journal>.backup; none without a
--                    journal); bulk.restore puts it back
--   fingerprints     where it is kept which secrets were sent, so that a later plan notices one that
--                    changed: of bulk.fingerprints(dd, kind) (then the same object is the plan's option); by
--                    default at the default place, where a plan looks by default; false: nowhere
--   max_in_flight    steps at once (32)
--   on_progress      function(progress) after each step: {done, failed, unknown, skipped, not_run, resumed,
--                    total, seconds, rate (per second), left (seconds, or nil)}; total counts the steps
--                    that change something, the others are parts of it; skipped is 0 here
--   on_row           function(row) with each row of the report, as it ends
--   keep_rows        false: report.rows has only those that failed, are unknown or were not run, 1,000 at
--                    most, so that memory does not grow with the plan (true). Without on_row what changes
--                    nothing is not even looked at. "file": the same, and report:each() has all of them, from
--                    a temporary file and the plan.
--   fail_fast        stop after the first failure (false)
--   max_failures     "20%": stop when more than this share of the last 50 steps failed for reasons that are
--                    the service's (server, network, timeout, tls, protocol, rate_limited): an outage; of
--                    the first ones at least 10 must have. A number: stop when more than so many failed,
--                    for whatever reason.
--   settle           seconds for which a thing is looked for whose answer was lost before it counts as
--                    lost itself (2): a list may be behind what was just done
--   discard_rest     what a journal of another source has left open is put aside with it, and looked for
--                    before it is sent again (false: such a journal is refused, and it is said what is open)
--   dry_run          nothing is sent, nothing is written (false)
--   allow_conflicts  apply the rest of a plan with conflicts (false)
-- (rotate_secrets, prune, allow and max_deactivations are options of the plan.)
--
-- A plan that a guard stops is not applied, whatever became of its fields: the guards are asked once more,
-- and the service what they need to know of it. What is removed waits for all else: where a creation has
-- failed (it may be meant to replace what goes), nothing is removed unless failed_creates was allowed.
--
-- A report is {
--   kind, source, address, organisation, caller, time, version, ...   see header.lua
--   dry_run, journal, backup   names and paths, where there are any
--   seconds
--   rows             list of {kind, key, old, new, number, action, position, outcome, id, attempts, error,
--                    note}: the plan's steps, and
--     outcome        "done"; "failed"; "unknown" (sent, and nobody knows what became of it); "not_run" (the
--                    run was stopped before); "skipped" (in conflict); "unchanged"
--     error          {kind, message, status, ...} of what is not done nor unchanged; no secret in it
--     note           what else there is to know: "found by looking: the answer was lost", ...
--     resumed        true: an earlier run of this journal had done it
--   counts           {done, failed, unknown, not_run, skipped, unchanged: all rows; create, update, delete:
--                    how many of those that are done; resumed: of those how many an earlier run did;
--                    uncompared: nil, or how many secrets nobody knows the service to have}
--   stopped          nil, or why it ended early: "unauthorized", "forbidden", "outage", "max_failures",
--                    "fail_fast", "journal" (it could not be written any more)
--   reason           where it is stopped: why, in words; code: that of the error of the journal's files
--   held             nil, or why nothing was removed
--   note             what there is to know besides: the plan's, what was cut off at a journal's end, ...
--   left             of a restore: nil, or what it cannot put back (restore.lua)
--   duplicates       nil, or a list of {key, ids}: names that this run has created and more than one thing
--                    has, for another run did the same at that time
--   sentence, next   what happened, in one sentence; what to do next, in one sentence or nil
-- }

local check_options = require "ddokta.bulk.options"
local dry_client = require "ddokta.bulk.dry_client"
local failure = require "ddokta.error"
local json = require("ddokta.core").json
local kinds = require "ddokta.bulk.kinds"
local new_feed = require "ddokta.bulk.feed"
local header = require "ddokta.bulk.header"
local new_refusals = require "ddokta.bulk.refusals"
local outage = require "ddokta.bulk.outage"
local record = require "ddokta.bulk.record"
local repeats = require "ddokta.bulk.repeats"
local reporting = require "ddokta.bulk.report"
local secrets = require "ddokta.bulk.secrets"
local step = require "ddokta.bulk.step"
local system = require("ddokta.core").system

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
}

local AT_ONCE = 32
local MAX_FAILURES = "20%"
local MOST_ROWS = 1000 -- of those that are kept although rows are not

-- what of an error goes into a report; never a body, never what was sent
local shown = { "kind", "status", "code", "operation", "permission", "attempts", "id", "ambiguous" }

local function report_error(err, action)
  if type(err) ~= "table" then return { kind = "cancelled", message = tostring(err) } end
  local copy = { message = secrets.scrub(tostring(err.message), secrets.of(action)) }
  for _, name in ipairs(shown) do
    copy[name] = err[name]
  end
  return copy
end

--- Why the plan as a whole must not be applied, or nil.
local function refusal(dd, plan, options)
  local err = plan:recheck(not options.dry_run and dd or nil)
  if err then return err end
  if plan.counts.conflict > 0 and not options.allow_conflicts then
    return failure.new {
      kind = "conflict",
      code = "conflict",
      message = ("%d rows are in conflict, nothing was applied"):format(plan.counts.conflict),
    }
  end
  return nil
end

-- --- rows -----------------------------------------------------------------------------------------

local new_row, quiet_row = reporting.row_of, reporting.quiet_row

local function resumed_row(action, last)
  local row = new_row(action)
  row.outcome, row.resumed, row.id = "done", true, last.id
  row.action = last.action or row.action
  row.note = "an earlier run of this journal had done it"
  return row
end

local function not_run_row(run, action, reason)
  local row = new_row(action)
  row.outcome = action.lost and "unknown" or "not_run"
  row.error = { kind = "cancelled", message = "not sent: " .. (reason or run.reason) }
  return row
end

--- A watcher's bug must not turn what was done into what was not.
local function tell(run, watcher, value)
  if not run[watcher] then return end
  local ok, message = pcall(run[watcher], value)
  if ok then return end
  run[watcher] = nil
  io.stderr:write("ddokta: ", watcher, " failed and is not called again: ", tostring(message), "\n")
end

local finished = { "done", "failed", "unknown", "not_run" }

local function progress_of(run)
  local progress, ended = { skipped = 0 }, 0
  for _, name in ipairs(finished) do
    progress[name] = run.changes[name]
    ended = ended + run.changes[name]
  end
  local seconds = system.now() - run.started
  local sent = ended - run.counts.resumed
  progress.resumed, progress.total, progress.seconds = run.counts.resumed, run.total, seconds
  progress.rate = seconds > 0 and sent / seconds or 0
  progress.left = progress.rate > 0 and math.max(run.total - ended, 0) / progress.rate or nil
  return progress
end

local kept_anyway = { failed = true, unknown = true, not_run = true }

local function keep(run, row)
  if run.outcomes then reporting.keep(run.outcomes, run.plan, row) end
  if run.keep_rows or (kept_anyway[row.outcome] and #run.rows < MOST_ROWS) then
    run.rows[#run.rows + 1] = row
  end
end

--- A row has come to its end.
local function emit(run, row)
  local counts = run.counts
  counts[row.outcome] = counts[row.outcome] + 1
  if row.outcome == "done" then
    counts[row.action] = counts[row.action] + 1
  elseif row.action == "create" and run.changes[row.outcome] then
    run.failed_creates = run.failed_creates + 1
  end
  if row.resumed then counts.resumed = counts.resumed + 1 end
  keep(run, row)
  tell(run, "on_row", row)
  if not run.changes[row.outcome] then return end
  run.changes[row.outcome] = run.changes[row.outcome] + 1
  if run.on_progress then tell(run, "on_progress", progress_of(run)) end
end

-- --- a run ----------------------------------------------------------------------------------------

local function stop(run, reason, message)
  if not run.stopped then
    run.stopped, run.reason = reason, message
  end
end

local function stop_by_journal(run, err)
  if not run.stopped then run.code = type(err) == "table" and err.code or nil end
  stop(run, "journal", type(err) == "table" and err.message or tostring(err))
end

--- Does this failure end the run?
local function weigh(run, row)
  local err = (row.outcome == "failed" or row.outcome == "unknown") and row.error or nil
  if err and err.kind == "unauthorized" then return stop(run, err.kind, err.message) end
  local words = run.refusals:add(row)
  if words then return stop(run, "forbidden", words) end
  if err and run.fail_fast then
    return stop(run, "fail_fast", ("'%s' failed: %s"):format(tostring(row.key), err.message))
  end
  local reason, message = run.outage:add(err)
  if reason then stop(run, reason, message) end
end

local function send(run, row, action)
  if action.refused then return nil, action.refused end
  if action.is_orphan then return step.send.orphan(run, row, action) end
  return step.send[action.action](run, row, action)
end

local function carry_out(run, action)
  local row = new_row(action)
  local result, err = send(run, row, action)
  if result then
    row.outcome, row.id = "done", type(result) == "table" and result.id or nil
  else
    row.outcome, row.error = err.ambiguous and "unknown" or "failed", report_error(err, action)
  end
  return row
end

--- What must not happen has happened: nothing more is sent, nothing more is written down.
local function crash(run, err)
  run.bug, run.over = run.bug or err, true
end

--- What a task left: a row, or nil and the bug that ended it. Of what memory ran out in nothing is known.
local function settle(run, action, row, err)
  if not row and failure.is_memory(err) then return crash(run, err) end
  if not row then
    row = new_row(action)
    row.outcome, row.error = "unknown", report_error(err, action)
  end
  local ok, why = run.record:outcome(action, row)
  if not ok then stop_by_journal(run, why) end
  secrets.keep(action, nil)
  weigh(run, row)
  emit(run, row)
end

--- An iterator over the steps that are to be sent, or looked for; of the others there are rows.
local function sender(run, plan)
  local each = (run.keep_rows or run.on_row) and plan:each(true) or plan:changes(true)
  return function()
    while true do
      local action = each()
      if not action then return nil end
      if step.send[action.action] then
        local state, last = run.record:state(action)
        if state ~= "done" then
          action.lost = last
          return action
        end
        emit(run, resumed_row(action, last))
      elseif not run.arrived[action.number] then
        emit(run, quiet_row(action))
      end
    end
  end
end

--- Two iterators: over what is made and changed, and, when that has ended, over what is removed.
local function takers(run, plan)
  local next_step, first_removal, is_over, orphans = sender(run, plan), nil, false, nil
  local function change()
    local action = not is_over and next_step()
    if action and action.action ~= "delete" then return action end
    is_over, first_removal = true, first_removal or action or nil
  end
  local function removal()
    local action = first_removal or not orphans and next_step()
    first_removal = nil
    if action then return action end
    orphans = orphans or run.record:orphans()
    local orphan = orphans()
    if orphan then
      run.orphans = run.orphans + 1
      orphan.number, run.total = run.steps + run.orphans, run.total + 1
    end
    return orphan
  end
  return change, removal
end

--- What an earlier run may have sent and the plan has found in the service.
local function note_arrived(run, plan)
  for action in run.record:arrived(plan) do
    local row = resumed_row(action, action.lost)
    row.id, row.note = action.id, "found by looking: an earlier run had sent it"
    run.arrived[action.number] = true
    run.total = run.total + 1
    if not (run.keep_rows or run.on_row) then run.counts.unchanged = run.counts.unchanged - 1 end
    secrets.keep(action, plan:secrets(action.number))
    local ok, err = run.record:outcome(action, row)
    if not ok then return stop_by_journal(run, err) end
    emit(run, row)
  end
end

local function rows_not_run(run, feed, take)
  for action in feed:left() do
    run.record:withdraw(action)
    emit(run, not_run_row(run, action))
  end
  for action in take do
    emit(run, not_run_row(run, action))
  end
end

--- Sends what `take` gives out, many at once. What is left where the run was stopped has not run.
local function send_all(run, take, at_once)
  local is_over = false
  local feed = new_feed {
    client = run.client,
    record = run.record,
    take = take,
    stop = function(err) stop_by_journal(run, err) end,
    crash = function(err) crash(run, err) end,
    is_over = function() return run.stopped ~= nil or run.over or is_over end,
  }
  require("ddokta").parallel(
    at_once,
    function() return feed:next() end,
    function(action) return carry_out(run, action) end,
    function(_, action, row, err) settle(run, action, row, err) end
  )
  is_over = true
  if run.bug then error(run.bug, 0) end
  if run.stopped then rows_not_run(run, feed, take) end
end

--- What may not be removed after all; of what an earlier run may have removed is looked what became.
local function without_held(run, take)
  return function()
    while true do
      local action = take()
      if not action or action.is_orphan then return action end
      emit(run, not_run_row(run, action, run.held))
    end
  end
end

local function go(run, plan, at_once)
  note_arrived(run, plan)
  step.look_ahead(run, run.record:lost(plan))
  local change, removal = takers(run, plan)
  send_all(run, change, at_once)
  run.held = not run.stopped and plan:held(run.failed_creates) or nil
  send_all(run, run.held and without_held(run, removal) or removal, at_once)
  local words = not run.stopped and run.refusals:all()
  if words then stop(run, "forbidden", words) end
end

local function close(run)
  local ok, err = true, nil
  if not run.stopped then
    ok, err = run.record:accept(run.plan)
  end
  if ok and not run.stopped then
    ok, err = run.record:finish()
  end
  local closed, why = run.record:close()
  if not (ok and closed) then stop_by_journal(run, err or why) end
end

--- Two runs at once make everything twice where the service takes that: which is seen by who ends last.
local function look_for_repeats(run)
  if run.is_dry or not run.kind.repeats or run.counts.create == 0 then return end
  local list, err = repeats.find(run.client, run.plan, run.kind)
  if list then run.duplicates = json.array(list) end
  if err then run.unlooked = "it could not be looked for names that are there twice: " .. err.message end
end

--- All of a run. A bug, or the end of memory, leaves its files as a kill would, and their locks to others.
local function carry_through(run, plan, at_once)
  local ended = require("ddokta").parallel(1, { plan }, function()
    go(run, plan, at_once)
    close(run)
    look_for_repeats(run)
    return true
  end)[1] or {}
  if ended[1] then return end
  run.record:abandon()
  error(ended[2], 0)
end

local function new_run(client, plan, kind, options)
  local run = step.run(client, kind, options.settle)
  run.is_dry = options.dry_run or false
  run.time, run.started, run.steps = header.now(), system.now(), plan:steps()
  run.total = plan.counts.create + plan.counts.update + plan.counts.delete
  run.failed_creates, run.orphans, run.arrived, run.rows = 0, 0, {}, {}
  run.keep_rows, run.plan = options.keep_rows == nil or options.keep_rows == true, plan
  run.outcomes = options.keep_rows == "file" and reporting.new_outcomes() or nil
  run.on_progress, run.on_row, run.fail_fast = options.on_progress, options.on_row, options.fail_fast
  run.counts = {
    unchanged = 0,
    skipped = 0,
    create = 0,
    update = 0,
    delete = 0,
    resumed = 0,
    uncompared = plan.counts.uncompared,
  }
  run.changes = {}
  for _, name in ipairs(finished) do
    run.counts[name], run.changes[name] = 0, 0
  end
  if not (run.keep_rows or run.on_row) then
    run.counts.unchanged = plan.counts.unchanged -- which nobody looks at
  end
  return run
end

local function note_of(run, plan)
  local notes = {}
  for _, note in ipairs { run.besides or "", plan.note or "", run.record:note() or "", run.unlooked or "" } do
    if note ~= "" then notes[#notes + 1] = note end
  end
  return notes[1] and table.concat(notes, "; ") or nil
end

local function report_of(run, plan, options)
  table.sort(run.rows, function(a, b) return a.number < b.number end)
  local fields = {
    kind = plan.kind,
    dry_run = options.dry_run or nil,
    journal = not options.dry_run and options.journal or nil,
    backup = run.record:backup_path(),
    rows = json.array(run.rows),
    counts = run.counts,
    seconds = system.now() - run.started,
    left = plan.left,
    stopped = run.stopped,
    reason = run.reason,
    code = run.code,
    held = run.held,
    note = note_of(run, plan),
    duplicates = run.duplicates,
  }
  header.copy(plan, fields)
  fields.time = run.time
  return reporting.new(fields, plan, run.outcomes)
end

local apply = {}

--- apply(dd, plan, options) -> report, or nil, err when nothing was applied: see above.
function apply.apply(dd, plan, options)
  options = check_options(options, known)
  if type(options.keep_rows) == "string" and options.keep_rows ~= "file" then
    error("option 'keep_rows': true, false or \"file\" is wanted", 2)
  end
  local limit, message = outage.parse(options.max_failures or MAX_FAILURES)
  if not limit then error("option 'max_failures': " .. message, 2) end
  local at_once = options.max_in_flight
  if at_once and not (at_once >= 1 and at_once % 1 == 0) then
    error("option 'max_in_flight': a whole number above 0 is wanted, got " .. tostring(at_once), 2)
  end
  local kind, err = kinds.get(plan.kind)
  if not kind then return nil, err end
  err = refusal(dd, plan, options)
  if err then return nil, err end
  local come
  if not options.dry_run then
    come, err = repeats.come_since(dd, plan, kind)
    if err then return nil, err end
  end
  local run = new_run(options.dry_run and dry_client(kind) or dd, plan, kind, options)
  run.record, err = record.open(dd, plan, kind, options.dry_run and { fingerprints = false } or options)
  if not run.record then return nil, err end
  run.come = come
  run.outage, run.refusals = outage.new(limit), new_refusals()
  carry_through(run, plan, options.max_in_flight or AT_ONCE)
  if plan.restores and not (run.stopped or run.is_dry) then run.besides = plan:afterwards(dd) end
  return report_of(run, plan, options)
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

--- apply_all(dd, plans, options) -> a list of reports, or that and the err that ended it: see above.
function apply.apply_all(dd, plans, options)
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
---@param change ddokta.bulk.Change {action, key, id, old, new, changes}
---@return table|true|nil thing what there is afterwards; true: it is gone
---@return ddokta.Error? err
---@return string? note what could not be kept, in words
function apply.send(dd, kind, change)
  local kept, row = record.of_one(dd, kind), { attempts = 0 }
  local ok, err = kept:prepare(change)
  if ok then
    ok, err = kept:commit()
  end
  if not ok then return nil, err end
  local thing, failed = step[change.action](row, dd, kind, change)
  row.outcome = thing and "done" or failed.ambiguous and "unknown" or "failed"
  row.id, row.error = type(thing) == "table" and thing.id or row.id, failed
  ok, err = kept:outcome(change, row)
  local closed, late = kept:close()
  if not thing then return nil, failed end
  if not (ok and closed) then return nil, err or late end
  return thing, nil, kept:note()
end

return apply
