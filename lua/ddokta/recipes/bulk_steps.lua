--- bulk_steps: a plan of the bulk layer as the one step of a recipe. What the recipes that change many
-- things share: the plan shown in words, applied with its journal, and made again to see that it is so.
--
-- facts of such a recipe: {
--   kind       a name of bulk's kinds
--   client     of the service that it lives in
--   make       function() -> plan | nil, err: made anew at each call, from what was read once
--   plan       the first of them; nothing is sent that is not in it
--   details    what the report shows of it; what became of it is added
--   amounts    how many there are of each that details lists
-- }

local apply = require("ddokta.bulk").apply
local failure = require "ddokta.error"
local find = require "ddokta.recipes.find"
local kinds = require "ddokta.bulk.kinds"
local system = require("ddokta.core").system

local SHOWN = 50 -- names of a list in the report

local bulk_steps = { keys = { "apply" } }

-- what may become of a thing, in the order in which a title has it
local words = { "create", "update", "reactivate", "deactivate", "delete" }

local function removal_word(kind) return kind.deactivate and "deactivate" or "delete" end

-- an update that does nothing but end or begin a thing's life is called so
local function word_of(kind, step)
  if step.action == "delete" then return removal_word(kind) end
  local instead = kind.deactivate
  for _, change in ipairs(instead and step.action == "update" and step.changes or {}) do
    if change.field == instead.column then
      return change.new == instead.value and "deactivate" or "reactivate"
    end
  end
  return step.action
end

local function field_names(step)
  local names = {}
  for i, change in ipairs(step.changes or {}) do
    names[i] = change.field
  end
  return table.concat(names, " and ")
end

local function text_of(word, step)
  if step.action == "update" and word ~= "deactivate" then
    return ("%s (%s)"):format(step.key, field_names(step))
  end
  return step.key
end

local function add(details, name, text, count)
  local list = details[name] or find.array {}
  if count <= SHOWN then list[#list + 1] = text end
  if count > SHOWN then list[SHOWN + 1] = ("and %d more"):format(count - SHOWN) end
  details[name] = list
end

--- details(plan) -> what will happen, by what it is called: {will_create = {names}, ...}; how many of each
function bulk_steps.details(plan)
  local kind = assert(kinds.get(plan.kind))
  local details, counts = {}, {}
  for step in plan:changes() do
    local word = step.action == "conflict" and "in_conflict" or "will_" .. word_of(kind, step)
    counts[word] = (counts[word] or 0) + 1
    local text = step.reason and ("%s (%s)"):format(step.key, step.reason) or text_of(word:sub(6), step)
    add(details, word, text, counts[word])
  end
  details.source, details.note = plan.source, plan.note
  details.unchanged = plan.counts.unchanged > 0 and plan.counts.unchanged or nil
  return details, counts
end

local function amount(count, kind) return ("%d %s"):format(count, count == 1 and kind.noun or kind.plural) end

local function title_of(facts, kind)
  local parts = {}
  for _, word in ipairs(words) do
    local count = facts.amounts["will_" .. word]
    if count then parts[#parts + 1] = ("%s %s"):format(word, amount(count, kind)) end
  end
  return table.concat(parts, ", ")
end

local sends = {
  scim_users = "Datadog, SCIM: a POST for each who is new, a PATCH of what differs for the others",
  app_service_accounts = "Okta, Privileged Access: a POST for each that is new, a PATCH of what differs",
}

local function changes(plan) return plan.counts.create + plan.counts.update + plan.counts.delete end

local function conflict_text(facts)
  local kind = assert(kinds.get(facts.kind))
  return ("%s in conflict, nothing was sent: %s"):format(
    amount(facts.plan.counts.conflict, kind),
    table.concat(facts.details.in_conflict, "; ")
  )
end

--- plan(facts) -> steps, [conflict]
function bulk_steps.plan(facts)
  local plan, kind = facts.plan, assert(kinds.get(facts.kind))
  local conflict = plan.counts.conflict > 0 and conflict_text(facts) or nil
  if changes(plan) == 0 then return {}, conflict end
  return { { key = "apply", title = title_of(facts, kind), sends = sends[facts.kind] } }, conflict
end

--- measure(work, facts) -> nil, the guards that the plan trips: bulk judges its plans itself, with args.allow
function bulk_steps.measure(_, facts) return nil, facts.plan.guards end

-- what an earlier run of the journal did counts as done, and need not be in the plan any more
local function not_done(report) return report.counts.failed + report.counts.unknown + report.counts.not_run end

local function not_all(facts, report)
  local texts, first = {}, nil
  for _, row in ipairs(report.rows) do
    if row.error and row.outcome ~= "skipped" then
      first = first or row.error
      if #texts < SHOWN then texts[#texts + 1] = ("%s: %s"):format(row.key, row.error.message) end
    end
  end
  facts.details.failed = find.array(texts)
  local err = {
    kind = first and first.kind or "server",
    code = "apply",
    errors = texts,
    message = ("%d of %d were not done: %s"):format(
      not_done(report),
      not_done(report) + report.counts.done,
      texts[1] or tostring(report.sentence)
    ),
  }
  return failure.new(err)
end

--- apply(work, facts) -> "done" | nil, err
function bulk_steps.apply(work, facts)
  local report, err = apply(facts.client, facts.plan, { journal = work.args.journal })
  if not report then return nil, err end
  facts.details.applied = report.sentence
  if report.stopped or not_done(report) > 0 then return nil, not_all(facts, report) end
  return "done"
end

bulk_steps.acts = { apply = bulk_steps.apply }

local function names_of(plan)
  local names, count = {}, 0
  for step in plan:changes() do
    count = count + 1
    if count <= 5 then names[count] = step.key end
  end
  if count > 5 then names[6] = ("and %d more"):format(count - 5) end
  return table.concat(names, ", ")
end

-- without opening it: a pipe would wait
local function exists(path) return path ~= nil and system.stat(path) ~= nil end

-- A run that was killed behind its last call has left a journal without an end.
local function end_journal(work, facts)
  if facts.ended or changes(facts.plan) > 0 or not exists(work.args.journal) then return true end
  local report, err = apply(facts.client, facts.plan, { journal = work.args.journal })
  if not report then return nil, err end
  facts.ended = true
  return true
end

--- verify(work, facts) -> list of what is so | nil, err: the plan is made again, and has nothing left to do
function bulk_steps.verify(work, facts)
  local kind, plan = assert(kinds.get(facts.kind)), facts.plan
  local ok, err = end_journal(work, facts)
  if not ok then return nil, err end
  if changes(plan) > 0 then
    plan, err = facts.make()
    if not plan then return nil, err end
  end
  local left, uncompared = changes(plan) + plan.counts.conflict, plan.counts.uncompared
  local apart = uncompared
      and (", but for %d %s that nobody can compare"):format(
        uncompared,
        uncompared == 1 and "secret" or "secrets"
      )
    or ""
  local unchanged = amount(plan.counts.unchanged, kind)
  local found = {
    {
      what = ("%s as %s has it%s"):format(unchanged, facts.plan.source, apart),
      ok = left == 0,
      missing = left > 0 and names_of(plan) or nil,
    },
  }
  if plan ~= facts.plan then plan:close() end
  return found
end

return bulk_steps
