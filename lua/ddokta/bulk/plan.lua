--- The difference between a source and a service, as data that can be looked at, guarded, saved and applied.
--
-- A plan's changes are not there until somebody looks: the rows are packed in the C core, in memory that is
-- wiped (comparison.lua). They are numbered from 1: first the rows of the source in their order, then
-- deletions. tostring(plan) is a diff.

local arguments = require "ddokta.arguments"
local check_options = require("ddokta.options").check
local check = require "ddokta.bulk.check"
local comparison = require "ddokta.bulk.comparison"
local conflicts = require "ddokta.bulk.conflicts"
local core = require "ddokta.native"
local diff = require "ddokta.bulk.diff"
local fingerprints = require "ddokta.bulk.fingerprints"
local guards = require "ddokta.bulk.guards"
local header = require "ddokta.bulk.header"
local kinds = require "ddokta.bulk.kinds"
local measure = require "ddokta.bulk.measure"
local saved_plan = require "ddokta.bulk.saved_plan"
local secrets = require "ddokta.bulk.secrets"
local shards = require "ddokta.bulk.shard"
local words = require "ddokta.bulk.words"
local is_source = require("ddokta.bulk.source").is

local json = core.json

local FRESH = 10 -- seconds after which what a plan read is read again before it is applied

--- What an update changes of one column, or what a create has.
---@class ddokta.bulk.FieldChange
---@field field string
---@field old any
---@field new any

--- A change is the same everywhere: in a plan, in apply, in a journal, in a report's rows and in each JSON.
---@class ddokta.bulk.Change
---@field kind ddokta.bulk.Kind
---@field key string the thing's name, as the source (a deletion: the service) spells it
---@field old? table<string, any> what the service has, by column; nil for a create
---@field new? table<string, any> what is asked for, by column; nil for a deletion
---@field number integer
---@field action "create"|"update"|"unchanged"|"conflict"|"delete"
---@field position? string where the source asks for it: "accounts.csv:17"; nil for a deletion
---@field id? string the service's; nil for a create
---@field changes? ddokta.bulk.FieldChange[] of a create what it has, of an update what differs
---@field secrets? string[] names of the secret columns that are sent along; change:secret(name) is a value
---@field reason? string why it is in conflict
---@field note? string what a reader should know before it is done
---@field reactivates? boolean the service has it as inactive, and the source has it
---@field takes? table of a create: the team that it takes over, {id, name, handle, members}
---@field names? table<string, string> for people: names by id, where the row has ids

---@class ddokta.bulk.Plan: ddokta.bulk.Header
--- Create, update, unchanged, conflict, delete; source and service: how many they have; whole: the source's
--- rows where it is a shard; uncompared: secrets nobody knows to be there.
---@field counts table<string, integer>
---@field deactivations? integer how many updates leave a thing inactive
---@field reactivations? integer how many updates make an inactive thing active again
---@field accepts? integer of how many rows secrets that no API changes are taken for the service's
---@field restores? true it puts back what a run did, and its source is a backup
---@field guards? ddokta.bulk.Tripped[] which guards trip, so that nothing of it may be applied
---@field blocked? string the same in words
---@field note? string what a reader should know of all of it
---@field left? ddokta.bulk.Left[] of a restore: what it cannot put back
---@field created? string[] of a restore: names that the run has created, and that stay
local Plan = { __name = "ddokta.plan" }
Plan.__index = Plan

-- Each plan's comparison, out of sight of whoever walks through its fields. It has besides, for guards:
-- facts, allowed, spelled and dialect; for a saved plan: made.
local comparisons = setmetatable({}, { __mode = "k" })

local function comparison_of(self)
  local found = self ~= nil and comparisons[self]
  if not found then error("this plan is closed", 3) end
  return found
end

-- --- its changes ----------------------------------------------------------------------------------

--- The highest number.
---@return integer
function Plan:steps() return comparison_of(self).match:steps() end

--- A change, made anew at each call.
---@param number integer
---@param options? {changes_of_creates: boolean?} false: without those, which are its row once more
---@return ddokta.bulk.Change
function Plan:step(number, options)
  local found = comparison_of(self)
  local is_one = type(number) == "number" and number % 1 == 0 and number >= 1 and number <= self:steps()
  arguments.need(is_one, "plan:step", ("a number from 1 to %d"):format(self:steps()), number)
  return found:change(number, options)
end

--- All changes, with those that change nothing.
---@param options? {changes_of_creates: boolean?} as for step
---@return fun(): ddokta.bulk.Change?
function Plan:each(options)
  local found, number, last = comparison_of(self), 0, self:steps()
  return function()
    repeat
      number = number + 1
    until number > last or found:is_mine(number)
    return number <= last and found:change(number, options) or nil
  end
end

--- The same without those that change nothing.
---@param options? {changes_of_creates: boolean?, only: fun(action: string): boolean} as for step; only: are
--- changes of this action wanted?
---@return fun(): ddokta.bulk.Change?
function Plan:changes(options)
  local found, number = comparison_of(self), 0
  options = check_options(options, { changes_of_creates = { "boolean" }, only = { "function" } })
  local only = options.only
  return function()
    repeat
      number = number and found.match:next(number)
    until not number or found:is_mine(number) and (not only or only(found:action(number)))
    return number and found:change(number, options)
  end
end

--- The secrets of a row of the source, by column, or nil; for apply alone.
---@package
function Plan:secrets(number)
  local _, hidden = comparison_of(self).rows:get(number)
  return hidden
end

--- An iterator over {number, key, id, values, secrets}: rows whose secrets no API changes, and of which the
--- caller says that the service has them (accept_secrets); for apply alone, where plan.accepts.
---@package
function Plan:accepted()
  local found = comparison_of(self)
  local number
  return function()
    number = next(found.accepted, number)
    if not number then return nil end
    local values, hidden, key = found.rows:get(number)
    local _, _, other = found.match:at(number)
    local there = found.service:get(other)
    return { number = number, key = key, id = there.id, values = values, secrets = hidden }
  end
end

--- The plan of all parts, where this is a shard: each part plans the whole and applies its own, so that
--- guards see all of it.
---@package
function Plan:whole() return comparison_of(self).whole or self end

-- --- what it is known by --------------------------------------------------------------------------

local function resolved_text(found)
  local parts = {}
  for number = 1, found.rows:count() do
    local row = found.found[number] and found.found[number].row
    if row then parts[#parts + 1] = number .. assert(json.encode(row)) end
  end
  return table.concat(parts, "\n")
end

local function name_of(self) return self.shard and self.kind .. " " .. self.shard or self.kind end

--- A hex digest of what the plan does, to this service; secrets are not in it.
---@return string
function Plan:fingerprint()
  local found = comparison_of(self)
  local more = name_of(self) .. "\n" .. (next(found.found) and resolved_text(found) or "")
  return found.match:digest(found.rows, found.service, more)
end

--- The same of what the source asks for, whatever the service has by now.
---@package
function Plan:source_fingerprint()
  local found = comparison_of(self)
  return found.match:digest(found.rows, nil, name_of(self))
end

--- The row of this name, among those that read like it; nil: there is none.
local function row_of(rows, kind, name)
  for _, i in ipairs(rows:find(name)) do
    local _, _, key = rows:get(i)
    if key == name or kind.key_folds and key:lower() == name:lower() then return i end
  end
end

--- Had the service a thing of this name when the plan was made?
---@package
function Plan:finds(name)
  local found = comparison_of(self)
  return row_of(found.service, found.kind, name) ~= nil
end

--- Does it create a thing of this name?
---@package
function Plan:creates(name)
  local found = comparison_of(self)
  local number = row_of(found.rows, found.kind, name)
  return number ~= nil and found:is_mine(number) and found.match:at(number) == "create"
end

--- A sentence that names options, as they are given where the plan was asked for (words.spell).
---@package
function Plan:spell(sentence) return words.spell(sentence, comparison_of(self).dialect) end

--- When the service was read for it: seconds since 1970.
---@package
function Plan:read_at() return comparison_of(self).read_at end

-- --- guards ---------------------------------------------------------------------------------------

--- What the whole would do, in facts | nil, err.
local function measure_whole(dd, whole)
  local found = comparison_of(whole)
  return measure.of(dd, found, function(number) return found:change(number) end, whole.source)
end

--- What guards say of the whole, by the names that the options have where the plan was asked for.
local function judge(self)
  local found = comparison_of(self)
  self.guards = guards.named(guards.judge(found.facts, found.allowed), found.spelled)
  self.blocked = self.guards and guards.words(self.guards, found.dialect)
  return self
end

--- Do the guards let it be applied, by what there is now? What they asked the service about this plan may be
--- another thing by now: it is asked again, with the client that applies it.
---@package
---@return ddokta.Error? err
function Plan:recheck(dd)
  local found = comparison_of(self)
  local kind, facts = found.kind, found.facts
  if dd and facts.asked then
    local err
    facts, err = measure_whole(dd, self:whole())
    if not facts then return err end
  end
  local tripped = guards.judge(facts, found.allowed)
  if tripped then return guards.error(guards.named(tripped, found.spelled), found.dialect) end
  local is_old = core.system.time() - found.read_at >= FRESH
  if dd and kind.taken and is_old and found.match:counts().create > 0 then
    return conflicts.recheck(dd, kind, found)
  end
end

--- How many rows in conflict were to be created.
local function count_unmade(self, found)
  local count = 0
  for number = 1, self.counts.conflict > 0 and found.rows:count() or 0 do
    local action, _, other = found.match:at(number)
    if conflicts.is_one(action) and not other and found:is_mine(number) then count = count + 1 end
  end
  return count
end

--- Why nothing may be removed after so many creates have failed, or nil. Rows in conflict that were to be
--- created count as failed.
---@package
function Plan:held(failed)
  local found = comparison_of(self)
  local kind = found.kind
  local tripped = guards.trips("failed_creates", {
    noun = kind.noun,
    plural = kind.plural,
    is_deactivation = kind.deactivate ~= nil,
    deletions = self.counts.delete,
    failed = failed + count_unmade(self, found),
  }, found.allowed)
  return tripped and guards.words({ tripped }, found.dialect) or nil
end

--- What was done besides, in words, or nil: for apply alone, when all its changes are done.
---@package
function Plan:afterwards(dd)
  local after = comparison_of(self).inner.after
  return after and after(dd, self)
end

--- May it still be applied?
---@package
function Plan:is_open() return comparisons[self] ~= nil end

--- Gives the memory back now; only the fields are left.
---@return nil
function Plan:close()
  arguments.self(self, "plan", "close")
  local found = comparisons[self]
  if not found then return end
  comparisons[self] = nil
  if found.inner.on_close then found.inner.on_close() end
  found.rows:close()
  found.service:close()
end

-- --- for people and programs ----------------------------------------------------------------------

--- Saves the plan, to be reviewed, and applied as it is (bulk.load).
---@param path string
---@return true? saved
---@return ddokta.Error? err
function Plan:save(path)
  arguments.need(type(path) == "string", "plan:save", "a path", path)
  return saved_plan.save(self, path, comparison_of(self).made)
end

Plan.header, Plan.change_count = diff.header, diff.change_count
Plan.to_do, Plan.render = diff.to_do, diff.render
Plan.head, Plan.write = diff.head, diff.write
Plan.to_table, Plan.to_json = diff.to_table, diff.to_json
Plan.write_json, Plan.shown = diff.write_json, diff.shown
Plan.__tostring = function(self) return self:is_open() and diff.render(self) or "a plan that is closed" end

-- --- making one -----------------------------------------------------------------------------------

local function notes_of(found, counts, options)
  local notes = { secrets.note(found, options) }
  if counts.spared > 0 then
    notes[#notes + 1] = ("%d %s that no row means are left alone, for their names read like a row's"):format(
      counts.spared,
      counts.spared == 1 and found.kind.noun or found.kind.plural
    )
  end
  return notes[1] and table.concat(notes, "; ") or nil
end

local function above_zero(count) return count > 0 and count or nil end

local function count_of(set)
  local count = 0
  for _ in pairs(set) do
    count = count + 1
  end
  return count
end

local function new_plan(found, source, options)
  local counts = found.match:counts()
  local self = {
    kind = found.kind.name,
    deactivations = above_zero(counts.deactivations),
    reactivations = above_zero(counts.reactivations),
    note = notes_of(found, counts, options),
    accepts = above_zero(count_of(found.accepted)),
    restores = found.inner.judge and true or nil,
    counts = {
      create = counts.create,
      update = counts.update,
      unchanged = counts.unchanged,
      delete = counts.delete,
      conflict = conflicts.count(counts),
      source = found.rows:count(),
      service = found.seen and found.seen.things or found.service:count(),
      uncompared = above_zero(found.uncompared),
    },
  }
  header.copy(found.header, self).source = source.name
  comparisons[self] = found
  return setmetatable(self, Plan)
end

local function note_unasked(self, facts)
  if not facts.unasked then return end
  local text = "whose keys these are could not be asked, so that their owner is not guarded: "
    .. tostring(facts.unasked.message)
  self.note = self.note and self.note .. "; " .. text or text
end

--- The plan of one part of the whole. marks: of the shard
local function part_of(whole, shard, marks)
  local all = comparisons[whole]
  local part = header.copy(whole, { kind = whole.kind, note = whole.note })
  part.shard = tostring(shard)
  local found = setmetatable({ whole = whole, mine = shards.mine(all, marks) }, { __index = all })
  comparisons[part] = found
  setmetatable(part, Plan)
  part.counts, part.deactivations, part.reactivations = found:count()
  part.counts.source = select(2, marks.rows:gsub("1", "1"))
  part.counts.service, part.counts.whole = marks.service, whole.counts.source
  part.counts.uncompared, part.accepts = whole.counts.uncompared, whole.accepts -- they were its own
  return part
end

local known = {
  prune = { "boolean" },
  allow = { "table" },
  max_deactivations = { "number", "string" },
  dialect = { "string" },
  rotate_secrets = { "boolean" },
  reactivate = { "boolean" },
  accept_secrets = { "boolean" },
  fingerprints = { "table", "boolean" },
  strict = { "boolean" },
  shard = { "string" },
}

-- What is wrong with the values raises -> what is allowed, the shard
local function checked(options, level)
  local allowed, message, option =
    guards.allowed(options.allow, { deactivations = { "max_deactivations", options.max_deactivations } })
  if not allowed then error(("option '%s': %s"):format(option, message), level) end
  if not options.shard then return allowed end
  local shard
  shard, message = shards.parse(options.shard)
  if not shard then error("option 'shard': " .. message, level) end
  return allowed, shard
end

---@class ddokta.bulk.plan
local plan = { known = known, checked = checked }

--- `shard`: "2/4" is the second of four parts, "auto" the one that Slurm, Kubernetes or GNU parallel says.
--- `fingerprints`: what is known of the secrets that the service has; by default what is at the default
--- place, false: nothing.
--- `allow`: what guards may let pass, by their names: {deactivations = "10%", self = true}.
---@class ddokta.bulk.PlanOptions
---@field prune? boolean remove what the source does not have (false)
---@field allow? table<string, boolean|number|string>
---@field max_deactivations? number|string the same as allow.deactivations
---@field rotate_secrets? boolean send secrets although they cannot be compared (false)
---@field reactivate? boolean make active again whom the source has and the service has as inactive (true)
---@field accept_secrets? boolean secrets that no API changes are as in the source: apply notes it (false)
---@field strict? boolean an unknown column is an error (true)
---@field fingerprints? ddokta.bulk.Fingerprints|false
---@field shard? string
---@field package dialect? "lua"|"command" in which messages name options

--- For restore alone.
---@package
---@class ddokta.bulk.RestoreHooks
--- Another row, or nil; why it is in conflict, or nil; a note, or nil.
---@field judge? fun(number: integer, row: table, old: table?): table?, string?, string?
---@field only? fun(row: table): boolean is it one of the things that this plan is about?
---@field spare? table names of ids that are not there any more, see resources.ids
---@field after? fun(dd: ddokta.Client, plan: ddokta.bulk.Plan): string? what is done besides
---@field on_close? fun()

--- What would make the service match the source.
---@param dd ddokta.Client
---@param kind ddokta.bulk.Kind
---@param source ddokta.bulk.Source? of bulk.read, whose failure passes through
---@param options? ddokta.bulk.PlanOptions
---@param inner? ddokta.bulk.RestoreHooks
---@return ddokta.bulk.Plan? plan
---@return ddokta.Error? err
function plan.plan(dd, kind, source, options, inner)
  if source == nil then return nil, check.no_source(options) end
  options = check_options(options, known)
  local allowed, shard = checked(options, 3)
  local known_kind, err = kinds.get(kind)
  if not known_kind then return nil, err end
  arguments.client("bulk.plan", dd, known_kind.service)
  arguments.need(is_source(source), "bulk.plan", "a source that bulk.read made", source)
  local place_of = source:placer()
  local rows, wrong = check.rows(known_kind, source, { strict = options.strict })
  if not rows then return nil, wrong end
  local found, unread = comparison.new(dd, {
    kind = known_kind,
    rows = rows,
    place_of = place_of,
    allowed = allowed,
    dialect = options.dialect or "lua",
    inner = inner or {},
    spelled = { deactivations = { "max_deactivations" } },
    made = { options = saved_plan.options(options, shard), unit = source.unit, sources = { source.path } },
    header = header.of(dd),
  })
  if not found then return nil, unread end
  local own_store
  options.fingerprints, own_store = fingerprints.chosen(dd, known_kind, options.fingerprints)
  local marks = shard and shard:marks(found)
  found.mine = marks and marks.rows -- of the rows alone: deletions are not there yet
  err = found:judge(dd, options)
  if own_store then own_store:close() end
  if err then return nil, err end
  found.mine = nil
  local whole = new_plan(found, source, options)
  found.facts, err = measure_whole(dd, whole)
  if not found.facts then return nil, err end
  note_unasked(whole, found.facts)
  return judge(shard and part_of(whole, shard, marks) or whole)
end

--- A plan that was saved, where the service is as it was.
---@param dd ddokta.Client
---@param path string
---@param options? {source?: ddokta.bulk.Source} where it sends secrets, which are not in the file
---@return ddokta.bulk.Plan? plan
---@return ddokta.Error? err
function plan.load(dd, path, options)
  options = check_options(options, { source = { "table" } })
  arguments.client("bulk.load", dd)
  arguments.need(type(path) == "string", "bulk.load", "the path of a plan that was saved", path)
  local source = options.source
  arguments.need(source == nil or is_source(source), "bulk.load", "a source that bulk.read made", source)
  return saved_plan.load(dd, path, plan.plan, options.source)
end

return plan
