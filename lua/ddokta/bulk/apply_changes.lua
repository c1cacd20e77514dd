--- apply_changes: sends the changes of a plan, many at once, and makes the report's row of each.
--
-- First it is found out what an earlier run of the same journal has done; then what is made and changed is
-- sent, and when all of that has ended what is removed.

local cancel_scope = require "ddokta.cancel_scope"
local change = require "ddokta.bulk.change"
local errors = require "ddokta.error"
local header = require "ddokta.bulk.header"
local json = require("ddokta.native").json
local protect = require "ddokta.protect"
local repeats = require "ddokta.bulk.repeats"
local reporting = require "ddokta.bulk.report"
local scheduler = require "ddokta.scheduler"
local secrets = require "ddokta.bulk.secrets"
local system = require("ddokta.native").system
local timeline = require "ddokta.bulk.timeline"
local words = require "ddokta.bulk.words"
local write_ahead = require "ddokta.bulk.write_ahead"

local MOST_ROWS = 1000 -- of those that are kept although rows are not

---@class ddokta.bulk.ApplyRun: ddokta.bulk.ChangeRun
---@field plan ddokta.bulk.Plan
---@field journal ddokta.bulk.RunJournal
---@field failures ddokta.bulk.Failures
---@field rows ddokta.bulk.Row[] that are kept
---@field counts table<string, integer> of rows, as a report has them
---@field timeline ddokta.bulk.TimelineOfRun
---@field changes table<string, integer> of those that change something, by outcome
---@field total integer how many of these there are
---@field verbs table<string, integer> of the updates that are done: how many deactivate, reactivate
---@field found table<string, integer> by action, what an earlier run had done, which the plan calls unchanged
---@field stopped? string why it ended early; reason: in words
---@field held? string why nothing was removed
local apply_changes = {}

-- what of an error goes into a report; never a body, never what was sent
local shown = { "kind", "status", "code", "operation", "permission", "attempts", "id", "ambiguous" }

local function report_error(err, sent)
  if type(err) ~= "table" then return { kind = "cancelled", message = tostring(err) } end
  local message = tostring(err.message)
  local copy = { message = sent.scrub and sent:scrub(message) or message }
  for _, name in ipairs(shown) do
    copy[name] = err[name]
  end
  return copy
end

-- --- rows -----------------------------------------------------------------------------------------

local new_row, quiet_row = reporting.row_of, reporting.quiet_row

local function resumed_row(one, last)
  local row = new_row(one)
  row.outcome, row.resumed, row.id = "done", true, last.id
  row.action = last.action or row.action
  row.note = "an earlier run of this journal had done it"
  return row
end

local function not_run_row(run, one, reason)
  local row = new_row(one)
  row.outcome = one.lost and "unknown" or "not_run"
  row.error = { kind = "cancelled", message = "not sent: " .. (reason or run.reason) }
  return row
end

--- Calls a function of the caller. Where it raises, that is told once, and the run goes on: what was done
--- stays done.
local function tell(run, watcher, value)
  if not run[watcher] then return end
  local ok, message = scheduler.within(nil, protect.call, function() run[watcher](value) end)
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
    local verb = row.action == "update" and words.verb(run.kind, row)
    if verb then run.verbs[verb] = (run.verbs[verb] or 0) + 1 end
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

--- Does the caller want an end?
local function heed_caller(run)
  if cancel_scope.is_stopped() then stop(run, "interrupted", "interrupted") end
end

local function stop_by_journal(run, err)
  if not run.stopped then run.code = type(err) == "table" and err.code or nil end
  stop(run, "journal", type(err) == "table" and err.message or tostring(err))
end

--- Was its call given up before it left, or behind attempts that were surely not carried out?
local function is_withdrawn(err) return err.kind == "cancelled" and err.operation and not err.ambiguous end

--- -> row | row, the error of its call, which was withdrawn
local function carry_out(run, one)
  local row = new_row(one)
  local result, err = change.send(run, row, one)
  if result then
    row.outcome, row.id = "done", type(result) == "table" and result.id or nil
  elseif is_withdrawn(err) then
    return row, err
  else
    row.outcome, row.error = err.ambiguous and "unknown" or "failed", report_error(err, one)
  end
  return row
end

--- What must not happen has happened: nothing more is sent, nothing more is written down.
local function crash(run, err)
  run.bug, run.over = run.bug or err, true
end

--- The next run does a change whose call was withdrawn.
local function put_back(run, one, attempts, err)
  stop(run, "interrupted", cancel_scope.is_stopped() and "interrupted" or err.message)
  local row = not_run_row(run, one)
  row.attempts = attempts
  local ok, why = run.journal:withdraw(one, row)
  if not ok then stop_by_journal(run, why) end
  emit(run, row)
end

--- What a task left, see carry_out. Of what memory ran out in nothing is known.
local function settle(run, one, row, err)
  if not row and errors.is_memory(err) then return crash(run, err) end
  if row and err then return put_back(run, one, row.attempts, err) end
  if not row then
    row = new_row(one)
    row.outcome, row.error = "unknown", report_error(err, one)
  end
  run.timeline:add(system.now(), row.outcome == "done" and "done" or "failed")
  local ok, why = run.journal:outcome(one, row)
  if not ok then stop_by_journal(run, why) end
  local reason, why_in_words = run.failures:add(row)
  if reason then stop(run, reason, why_in_words) end
  if row.outcome ~= "done" then heed_caller(run) end -- it may be why
  emit(run, row)
end

--- An iterator over the changes that are to be sent, or looked for; of the others there are rows.
local function changes_to_send(run, plan)
  local options = { changes_of_creates = false }
  local each = (run.keep_rows or run.on_row) and plan:each(options) or plan:changes(options)
  return function()
    for one in each do
      local state, last
      if change.is_sent(one.action) then
        state, last = run.journal:state(one)
        one.lost = state ~= "done" and last or nil
      end
      if state == "done" then
        emit(run, resumed_row(one, last))
      elseif change.is_sent(one.action) then
        return one
      elseif not run.arrived[one.number] then
        emit(run, quiet_row(one))
      end
    end
  end
end

--- Two iterators: over what is made and changed, and, when that has ended, over what is removed.
local function in_two(run, plan)
  local next_one, first_removal, is_over, orphans = changes_to_send(run, plan), nil, false, nil
  local function made_or_changed()
    local one = not is_over and next_one()
    if one and one.action ~= "delete" then return one end
    is_over, first_removal = true, first_removal or one or nil
  end
  local function removed()
    local one = first_removal or not orphans and next_one()
    first_removal = nil
    if one then return one end
    orphans = orphans or run.journal:orphans()
    local orphan = orphans()
    if orphan then
      run.orphans = run.orphans + 1
      orphan.number, run.total = run.last + run.orphans, run.total + 1
    end
    return orphan
  end
  return made_or_changed, removed
end

--- What an earlier run may have sent and the plan has found in the service.
local function note_arrived(run, plan)
  for one in run.journal:arrived(plan) do
    local row = resumed_row(one, one.lost)
    row.id, row.note = one.id, "found by looking: an earlier run had sent it"
    run.arrived[one.number] = true
    run.total = run.total + 1
    run.found[row.action] = (run.found[row.action] or 0) + 1
    if not (run.keep_rows or run.on_row) then run.counts.unchanged = run.counts.unchanged - 1 end
    secrets.attach(one, plan:secrets(one.number))
    local ok, err = run.journal:outcome(one, row)
    if not ok then return stop_by_journal(run, err) end
    emit(run, row)
  end
end

--- What is left where the run was stopped has not run.
local function rows_not_run(run, queue, take)
  for one in queue:left() do
    local row = not_run_row(run, one)
    run.journal:withdraw(one, row)
    emit(run, row)
  end
  for one in take do
    emit(run, not_run_row(run, one))
  end
end

--- Sends what `take` gives out, many at once.
local function send_all(run, take, at_once)
  local is_over = false
  local queue = write_ahead.new {
    client = run.client,
    journal = run.journal,
    take = take,
    stop = function(err) stop_by_journal(run, err) end,
    crash = function(err) crash(run, err) end,
    is_over = function() return run.stopped ~= nil or run.over or is_over end,
  }
  require("ddokta").parallel(
    at_once,
    function()
      heed_caller(run)
      return queue:next()
    end,
    function(one) return carry_out(run, one) end,
    function(_, one, row, err) settle(run, one, row, err) end
  )
  is_over = true
  if run.bug then error(run.bug, 0) end
  if run.stopped then rows_not_run(run, queue, take) end
end

--- What may not be removed after all; of what an earlier run may have removed is looked what became.
local function without_held(run, take)
  return function()
    for one in take do
      if one.is_orphan then return one end
      emit(run, not_run_row(run, one, run.held))
    end
  end
end

local function send_plan(run, plan, at_once)
  note_arrived(run, plan)
  run.lookup:look_ahead(run.journal:lost(plan))
  local made_or_changed, removed = in_two(run, plan)
  send_all(run, made_or_changed, at_once)
  run.held = not run.stopped and plan:held(run.failed_creates) or nil
  send_all(run, run.held and without_held(run, removed) or removed, at_once)
  local message = not run.stopped and run.failures:all_refused()
  if message then stop(run, "forbidden", message) end
end

local function close(run)
  local ok, err = true, nil
  if not run.stopped then
    ok, err = run.journal:finish(run.plan)
  end
  local closed, why = run.journal:close()
  if not (ok and closed) then stop_by_journal(run, err or why) end
end

--- Two runs at once make everything twice where the service takes that: which is seen by who ends last.
local function look_for_repeats(run)
  if run.stopped == "interrupted" then return end -- whoever goes on with it looks
  if run.is_dry or not run.kind.repeats or run.counts.create == 0 then return end
  local list, err = repeats.find(run.client, run.plan, run.kind)
  if list then run.duplicates = json.array(list) end
  if err then run.unlooked = "it could not be looked for names that are there twice: " .. err.message end
end

--- send(run, at_once): all of a run. A bug, or the end of memory, leaves its files as a kill would, and their
-- locks to others.
function apply_changes.send(run, at_once)
  local plan = run.plan
  local ended = require("ddokta").parallel(1, { plan }, function()
    send_plan(run, plan, at_once)
    close(run)
    look_for_repeats(run)
    return true
  end)[1] or {}
  if ended[1] then return end
  run.journal:abandon()
  error(ended[2], 0)
end

-- --- beginning ------------------------------------------------------------------------------------

--- A client that does not send, for a dry run of the same code: it answers with what it was asked for.
local function new_dry_client(kind)
  local client, operations = {}, kind.operations

  local function answer(fields, id)
    local resource = { id = id }
    for name, value in pairs(fields) do
      resource[name] = value
    end
    return resource, { attempts = 0 }
  end

  client[operations.list] = function() return {}, { attempts = 0 } end
  client[operations.create] = function(_, fields) return answer(fields, nil) end
  client[operations.update] = function(_, id, fields) return answer(fields, id) end
  client[operations.delete] = function() return true, { attempts = 0 } end
  return client
end

--- Seconds for which a client's calls have waited so far.
local function waits_of(client)
  return function() return client.stats and client:stats().waited or 0 end
end

--- new(dd, plan, kind, options) -> run, which apply gives a journal, and failures that may end it
---@param options ddokta.bulk.ApplyOptions
---@return ddokta.bulk.ApplyRun
function apply_changes.new(dd, plan, kind, options)
  local self = change.run(options.dry_run and new_dry_client(kind) or dd, kind, options.settle)
  self.is_dry = options.dry_run or false
  self.time, self.started, self.last = header.now(), system.now(), plan:steps()
  self.timeline = timeline.new(self.started, waits_of(self.client))
  self.total, self.verbs = plan:change_count(), {}
  self.failed_creates, self.orphans, self.arrived, self.found, self.rows = 0, 0, {}, {}, {}
  self.keep_rows, self.plan = options.keep_rows == nil or options.keep_rows == true, plan
  self.outcomes = options.keep_rows == "file" and reporting.new_outcomes() or nil
  self.on_progress, self.on_row = options.on_progress, options.on_row
  self.counts, self.changes = { uncompared = plan.counts.uncompared }, {}
  for _, name in ipairs { "unchanged", "skipped", "create", "update", "delete", "resumed" } do
    self.counts[name] = 0
  end
  for _, name in ipairs(finished) do
    self.counts[name], self.changes[name] = 0, 0
  end
  if not (self.keep_rows or self.on_row) then
    self.counts.unchanged = plan.counts.unchanged -- which nobody looks at
  end
  return self
end

return apply_changes
