--- bulk_plan: recipes whose one step is a plan of bulk: many things are made to match a source.
--
-- The source is read once and kept, for it is planned from more than once: the plan is shown in words,
-- applied with its journal, and made again to see that nothing is left to do.

local bulk = require "ddokta.bulk"
local errors = require "ddokta.error"
local find = require "ddokta.recipes.find"
local run = require "ddokta.recipes.run"
local system = require("ddokta.native").system

local amount, verb_of = bulk.words.amount, bulk.words.verb
local mapping = bulk.mapping
local okta_source = bulk.sources.get "okta"

local SHOWN = 50 -- names of a list in the report

---@class ddokta.recipe.bulk_facts facts of such a recipe
---@field kind table of bulk's kinds
---@field client ddokta.Client of the service that it lives in
---@field make fun(): ddokta.plan?, table? made anew at each call, from what was read once
---@field plan ddokta.plan the first of them; nothing is sent that is not in it
---@field details table what the report shows of it; what became of it is added
---@field amounts table<string, integer> how many there are of each that details lists

local bulk_plan = {}

--- Arguments that these recipes share.
bulk_plan.arguments = {
  mapping = {
    name = "mapping",
    kind = "map",
    also = "map",
    words = "what a column is made of: title=jobTitle, name=firstName+lastName, "
      .. [['name="Last Name"+", "+"First Name"']],
  },
  delimiter = {
    name = "delimiter",
    kind = "text",
    value = "character",
    words = "what separates the columns of CSV: a character, or comma, semicolon, tab, pipe "
      .. "(default: as the first line shows)",
  },
  format = {
    name = "format",
    kind = "text",
    value = bulk.formats.names,
    words = "format of the source (default: as its name ends)",
  },
  ignore_unknown_columns = {
    name = "ignore_unknown_columns",
    kind = "flag",
    words = "leave columns alone that ddokta does not know",
  },
}

-- --- the source -----------------------------------------------------------------------------------

---@class ddokta.recipe.rows What a source has, read to its end and kept.
local Rows = {}
Rows.__index = Rows

-- what a plan asks of a source
local function described(source)
  return {
    name = source.name,
    columns = source.columns,
    header_line = source.header_line,
    delimiter = source.delimiter,
    is_given = source.is_given,
    list_separator = source.list_separator,
  }
end

--- Reads a source to its end and closes it.
---@param source table of bulk.read
---@param kind_name string
---@param strict? boolean is an unknown column a problem? (true)
---@return ddokta.recipe.rows
function bulk_plan.rows(source, kind_name, strict)
  -- its columns have their names by that
  local problems = source:know(bulk.kind(kind_name), { strict = strict ~= false })
  local self = setmetatable(described(source), Rows)
  self.problems = problems
  self.place_of = source:placer()
  self.last = 0
  while true do
    local row, detail = source:next()
    if row == nil and detail == nil then break end
    self[#self + 1] = { row = row or nil, detail = detail }
    self.last = row and detail or self.last
  end
  source:close()
  return self
end

--- for row in rows:each() do: those that could be read
---@return fun(): table?
function Rows:each()
  local i = 0
  return function()
    repeat
      i = i + 1
    until not self[i] or self[i].row
    return self[i] and self[i].row
  end
end

--- Adds a row behind the end of the source.
---@param row table
function Rows:add(row)
  self.last = self.last + 1
  self[#self + 1] = { row = row, detail = self.last }
end

--- Adds a column that the rows were given.
---@param name string
function Rows:add_column(name)
  for _, column in ipairs(self.columns or {}) do
    if column == name then return end
  end
  if self.columns then self.columns[#self.columns + 1] = name end
end

--- A source for bulk.plan.
---@param change fun(row: table): table? the row as it is to be; nil leaves it out
---@return table
function Rows:source(change)
  local source, i = described(self), 0
  function source.next()
    while true do
      i = i + 1
      local entry = self[i]
      if not entry then return nil end
      if not entry.row then return nil, entry.detail end
      local row = change(entry.row)
      if row then return row, entry.detail end
    end
  end
  function source.know() return self.problems end
  function source.placer() return self.place_of end
  function source.place(_, line) return self.place_of(line) end
  function source.close() return true end
  return source
end

--- An argument that is wrong.
---@return nil, table err
function bulk_plan.refuse(message, ...)
  return nil, errors.new { kind = "config", code = "argument", message = message:format(...) }
end

--- Options of bulk.read, by the recipe's arguments.
---@param work ddokta.recipe.work
---@return table? options
---@return table? err
function bulk_plan.source_options(work)
  local args = work.args
  local options = { format = args.format, delimiter = args.delimiter }
  if args.delimiter then
    local character, message = bulk.forms.column_separator(args.delimiter)
    if not character then return bulk_plan.refuse("delimiter: %s", message) end
  end
  if args.mapping then
    local map, message = mapping.read(args.mapping)
    if not map then return bulk_plan.refuse("mapping: %s", message) end
    options.map = map
  end
  return options
end

--- Reads args.source.
---@param work ddokta.recipe.work
---@param kind_name string
---@return ddokta.recipe.rows?
---@return table? err
function bulk_plan.read_source(work, kind_name)
  local from = work.args.source
  local options, err = bulk_plan.source_options(work)
  if not options then return nil, err end
  if bulk.sources.of(from) == okta_source then
    if not work.okta then
      return bulk_plan.refuse(
        "%s needs a client of Okta (set OKTA_CLIENT_ORGURL and OKTA_CLIENT_TOKEN)",
        from
      )
    end
    options.okta, options.kind = work.okta, kind_name
  end
  local source
  source, err = bulk.read(from, options)
  if not source then return nil, err end
  return bulk_plan.rows(source, kind_name, not work.args.ignore_unknown_columns)
end

-- --- the plan in words ----------------------------------------------------------------------------

-- what may become of a thing, in the order in which a title has it
local verbs = { "create", "update", "reactivate", "deactivate", "delete" }

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

-- what will happen, by what it is called: {will_create = {names}, ...}; how many of each
local function details_of(plan, kind)
  local details, counts = {}, {}
  for step in plan:changes() do
    local word = step.action == "conflict" and "in_conflict" or "will_" .. verb_of(kind, step)
    counts[word] = (counts[word] or 0) + 1
    local text = step.reason and ("%s (%s)"):format(step.key, step.reason) or text_of(word:sub(6), step)
    add(details, word, text, counts[word])
  end
  details.source, details.note = plan.source, plan.note
  details.unchanged = plan.counts.unchanged > 0 and plan.counts.unchanged or nil
  return details, counts
end

local function title_of(facts)
  local parts = {}
  for _, word in ipairs(verbs) do
    local count = facts.amounts["will_" .. word]
    if count then parts[#parts + 1] = ("%s %s"):format(word, amount(count, facts.kind)) end
  end
  return table.concat(parts, ", ")
end

local sends = {
  scim_users = "Datadog, SCIM: a POST for each who is new, a PATCH of what differs for the others",
  app_service_accounts = "Okta, Privileged Access: a POST for each that is new, a PATCH of what differs",
}

local function conflict_text(facts)
  return ("%s in conflict, nothing was sent: %s"):format(
    amount(facts.plan.counts.conflict, facts.kind),
    table.concat(facts.details.in_conflict, "; ")
  )
end

local function plan_of(_, facts)
  local conflict = facts.plan.counts.conflict > 0 and conflict_text(facts) or nil
  if facts.plan:change_count() == 0 then return {}, conflict end
  return { { key = "apply", title = title_of(facts), sends = sends[facts.plan.kind] } }, conflict
end

-- --- apply and verify -----------------------------------------------------------------------------

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
  return errors.new(err)
end

local function apply_plan(work, facts)
  local options = { journal = work.args.journal, should_stop = work.args.should_stop }
  local report, err = bulk.apply(facts.client, facts.plan, options)
  return report, err
end

local function apply(work, facts)
  local report, err = apply_plan(work, facts)
  if not report then return nil, err end
  facts.details.applied = report.sentence
  if report.stopped or not_done(report) > 0 then return nil, not_all(facts, report) end
  return "done"
end

local function names_of(plan)
  local names = {}
  for step in plan:changes() do
    names[#names + 1] = step.key
  end
  return bulk.words.listed(names)
end

-- without opening it: a pipe would wait
local function exists(path) return path ~= nil and system.stat(path) ~= nil end

-- A run that was killed behind its last call has left a journal without an end.
local function end_journal(work, facts)
  if facts.ended or facts.plan:change_count() > 0 or not exists(work.args.journal) then return true end
  local report, err = apply_plan(work, facts)
  if not report then return nil, err end
  facts.ended = true
  return true
end

-- The plan is made again, and has nothing left to do.
local function verify(work, facts)
  local plan = facts.plan
  local ok, err = end_journal(work, facts)
  if not ok then return nil, err end
  if plan:change_count() > 0 then
    plan, err = facts.make()
    if not plan then return nil, err end
  end
  local left, uncompared = plan:change_count() + plan.counts.conflict, plan.counts.uncompared
  local apart = uncompared
      and (", but for %d %s that nobody can compare"):format(
        uncompared,
        uncompared == 1 and "secret" or "secrets"
      )
    or ""
  local unchanged = amount(plan.counts.unchanged, facts.kind)
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

--- The facts of a recipe, with its first plan.
---@param kind_name string
---@param client ddokta.Client
---@param make fun(): ddokta.plan?, table?
---@return ddokta.recipe.bulk_facts?
---@return table? err
function bulk_plan.facts(kind_name, client, make)
  local plan, err = make()
  if not plan then return nil, err end
  local kind = assert(bulk.kind(kind_name))
  local facts = { kind = kind, client = client, make = make, plan = plan }
  facts.details, facts.amounts = details_of(plan, kind)
  return facts
end

--- shown(names) -> "a, b and 3 more"
---@param names string[]
---@return string
function bulk_plan.shown(names) return bulk.words.listed(names, 10) end

--- Makes a recipe whose facts are as above: its one step is their plan.
---@param fields ddokta.recipe.fields name, order, summary, arguments, read; okta, advice
---@return ddokta.recipe
function bulk_plan.recipe(fields)
  fields.steps, fields.acts, fields.own_journal = { "apply" }, { apply = apply }, true
  fields.plan, fields.verify = plan_of, verify
  fields.measure = function(_, facts) return nil, facts.plan.guards end -- bulk judges its plans itself
  fields.details = function(_, facts) return facts.details end
  return run.recipe(fields)
end

return bulk_plan
