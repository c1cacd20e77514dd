--- plan: the difference between a source and a service, as data.
--
-- A plan is {
--   kind                 of what: a name of kinds/
--   source, address, organisation, caller, time, version, ...   see header.lua
--   counts               {create =, update =, unchanged =, conflict =, delete =, source =, service =,
--                        uncompared = nil, or how many secrets nobody knows the service to have}
--   shard                nil, or which part of source and service it is about: "2/4"; counts are its own, and
--                        counts.whole is how many rows the source has in all
--   deactivations        nil, or how many updates leave a thing inactive
--   reactivations        nil, or how many updates make an inactive thing active again
--   accepts              nil, or of how many rows secrets that no API changes are taken for the service's
--   restores             nil, or true: it puts back what a run did, and its source is a backup
--   guards               nil, or a list of {guard, text, measure, option}: which guards trip, so that nothing
--                        of it may be applied (guards.lua)
--   blocked              nil, or the same in words
--   note                 nil, or what a reader should know of all of it
-- }
-- Its steps are not there until somebody looks: the rows are packed in the C floor, in memory that is
-- wiped. They are numbered from 1: first the rows of the source in their order, then deletions.
--   plan:whole()         the plan of all parts that it is one of, or itself: what guards look at
--   plan:steps()         the highest number
--   plan:step(number)    a step, made anew at each call
--   plan:each()          for step in plan:each() do: all of them
--   plan:changes()       the same without those that are unchanged
--   plan:fingerprint()   a hex digest of what the plan does, to this service; secrets are not in it
--   plan:source_fingerprint()  of what the source asks for, whatever the service has by now
--   plan:finds(name)           had the service a thing of this name?
--   plan:creates(name)         does it create one?
--   plan:read_at()             when the service was read for it: seconds since 1970
--   plan:recheck(dd)           nil | err: do the guards let it be applied, by what there is now?
--   plan:held(failed)          nil | why nothing may be removed after so many creations have failed
--   plan:save(path)            to be reviewed, and applied as it is; bulk.load reads it back
--   plan:close()         gives the memory back now; only the fields above are left
--
-- A step is a change, and a change is the same everywhere: here, in apply, in a journal, in a report's rows
-- and in each JSON. It is {
--   kind                 of what: "okta_accounts"
--   key                  the thing's name, as the source (a deletion: the service) spells it
--   old                  what the service has: {column = value}; nil for a create
--   new                  what is asked for: {column = value}; nil for a deletion
--   number, action       "create", "update", "unchanged", "conflict" or "delete"
--   position             where the source asks for it: "accounts.csv:17"; nil for a deletion
--   id                   the service's; nil for a create
--   changes              field by field, a list of {field, old, new}: of a create what it has, of an update
--                        what differs
--   secrets              names of the secret fields that are sent along; change:secret(name) is a value,
--                        which nothing else shows
--   reason               why it is in conflict
--   note                 what a reader should know before it is done
--   reactivates          true: the service has it as inactive, and the source has it
--   takes                of a create: the team that it takes over, {id, name, handle, members}
--   names                for people: names by id, where the row has ids
-- }
-- tostring(plan) is a diff; plan:render{...}, plan:to_table() and plan:to_json() show it otherwise, and
-- plan:write(put, {...}) and plan:write_json(put) piece by piece, for plans of any length.

local check_options = require "ddokta.bulk.options"
local check_source = require "ddokta.bulk.check"
local conflicts = require "ddokta.bulk.conflicts"
local core = require "ddokta.core"
local diff = require "ddokta.bulk.diff"
local failure = require "ddokta.error"
local fingerprints = require "ddokta.bulk.fingerprints"
local forms = require "ddokta.bulk.forms"
local guards = require "ddokta.bulk.guards"
local header = require "ddokta.bulk.header"
local kinds = require "ddokta.bulk.kinds"
local listing = require "ddokta.bulk.listing"
local measure = require "ddokta.bulk.measure"
local resources = require "ddokta.bulk.resources"
local saved_plan = require "ddokta.bulk.saved_plan"
local secrets = require "ddokta.bulk.secrets"
local shards = require "ddokta.bulk.shard"

local json = core.json

local AT_ONCE = 8 -- things of which a closer look is taken
local FRESH = 10 -- seconds after which what a plan read is read again before it is applied

-- what a plan is made of, out of sight of whoever walks through its fields:
-- {kind, rows, service, match, found, names, closer, reactivate, place_of}; for guards {facts, allowed,
-- spelled, place}
local insides = setmetatable({}, { __mode = "k" })

local plan = {}
plan.__index = plan

local function inside_of(self)
  local inside = insides[self]
  if not inside then error("this plan is closed", 3) end
  return inside
end

local function with_lists(kind, values)
  for _, column in ipairs(kind.columns) do
    if column.form == "list" and values[column.name] then json.array(values[column.name]) end
  end
  return values
end

local function secret_names(kind, hidden, action)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if hidden[column.name] and not (column.fixed and action == "update") then
      names[#names + 1] = column.name
    end
  end
  return names[1] and names or nil
end

local function is_same(kind, column, old, new)
  if kind.key_folds and column.name == kind.key and type(old) == "string" then
    return old:lower() == new:lower()
  end
  return forms.same(column, old, new)
end

--- What a create has (old is nil), or an update changes. Of a create what is cleared is nothing.
local function changes_of(kind, row, old)
  local changes = {}
  for _, column in ipairs(kind.columns) do
    local name = column.name
    local new = row[name]
    local differs = new ~= nil and old and not column.secret and not is_same(kind, column, old[name], new)
    if differs or new ~= nil and not old and new ~= "" then
      changes[#changes + 1] = { field = name, old = old and old[name], new = new }
    end
  end
  return changes
end

local function old_of(inside, index)
  local old, _, key = inside.service:get(index)
  local id = old.id
  old.id = nil
  for name, list in pairs(inside.closer[index] or {}) do
    old[name] = list
  end
  return with_lists(inside.kind, old), id, key
end

--- The value within which the row's key names one thing, or nil.
local function within_of(kind, row) return kind.within and row[kind.within] end

-- for the reason of a key that is there twice
local function count_key(inside, key, row)
  local count = 0
  for _, i in ipairs(inside.service:find(key, within_of(inside.kind, row))) do
    local _, _, other = inside.service:get(i)
    if other == key or inside.kind.key_folds and other:lower() == key:lower() then count = count + 1 end
  end
  return count
end

local function fixed_names(kind, row, old)
  local names = {}
  for _, column in ipairs(kind.columns) do
    local new = row[column.name]
    local is_fixed = column.fixed and new ~= nil and not column.secret
    if is_fixed and not is_same(kind, column, old[column.name], new) then names[#names + 1] = column.name end
  end
  return table.concat(names, ", ")
end

-- why a row is in conflict, by what the C floor calls it
local reasons = {
  key_twice = function(inside, step)
    local count = count_key(inside, step.key, step.new)
    return ("%d %s have this name: rename or delete all but one first"):format(count, inside.kind.plural)
  end,
  key_variant = function(inside, step, other)
    local _, _, key = old_of(inside, other)
    return ("there is '%s', which %s: use that spelling, or delete it first"):format(
      key,
      forms.difference(step.key, key)
    )
  end,
  row_variant = function(inside, step)
    for _, i in ipairs(inside.rows:find(step.key, within_of(inside.kind, step.new))) do
      if i ~= step.number then
        local _, _, key, line = inside.rows:get(i)
        return ("'%s' at %s %s: which one is meant?"):format(
          key,
          inside.place_of(line),
          forms.difference(step.key, key)
        )
      end
    end
  end,
  other_id = function(inside, _, other)
    local _, id, key = old_of(inside, other)
    return ("by its %s it is '%s' (id %s), by its name another %s: which one is meant?"):format(
      inside.kind.known_by,
      key,
      tostring(id),
      inside.kind.noun
    )
  end,
  same_thing = function(inside, _, other)
    local _, id, key = old_of(inside, other)
    return ("another row means '%s' (id %s) too"):format(key, tostring(id))
  end,
  fixed = function(inside, step, other)
    local _, _, key = old_of(inside, other)
    if key:lower() ~= step.key:lower() then
      local text = "is '%s' there, by its %s, and a %s cannot be changed: keep that one in the source, or "
        .. "leave the %s out to make another %s"
      local known_by = inside.kind.known_by
      return text:format(key, known_by, inside.kind.key, known_by, inside.kind.noun)
    end
    return ("%s cannot be changed: delete it and create it again"):format(
      fixed_names(inside.kind, step.new, step.old)
    )
  end,
  refused = function(inside, step) return inside.stuck[step.number] or inside.found[step.number].reason end,
}

--- A copy of a row, which the id that a thing is known by is no part of.
local function without_id(row)
  local copy = {}
  for name, value in pairs(row) do
    copy[name] = value
  end
  copy.id = nil
  return copy
end

local function add_row(inside, step, index)
  local hidden, line
  step.new, hidden, step.key, line = inside.rows:get(index)
  with_lists(inside.kind, step.new)
  step.position = inside.place_of(line)
  step.names = inside.names
  local found = inside.found[index]
  if found then
    step.new, step.note, step.takes = found.row or step.new, found.note, found.takes
  end
  step.new = without_id(step.new)
  return hidden
end

--- Whom the source has is active: what a deletion left is undone.
local function add_reactivation(inside, step)
  local instead = inside.kind.deactivate
  if not instead or not step.old or step.old[instead.column] ~= instead.value then return end
  if step.new[instead.column] == nil and inside.reactivate then
    step.new[instead.column] = not instead.value
  end
  step.reactivates = step.new[instead.column] == not instead.value or nil
end

local function add_secrets(inside, step, hidden)
  if not hidden or (step.action ~= "create" and step.action ~= "update") then return end
  step.secrets = secret_names(inside.kind, hidden, step.action)
  secrets.attach(step, hidden)
end

local function deletion(inside, step, other)
  step.old, step.id, step.key = old_of(inside, other)
  step.names = inside.names
  local instead = inside.kind.deactivate
  if instead then
    step.changes = { { field = instead.column, old = step.old[instead.column], new = instead.value } }
  end
  return step
end

--- bare: without the changes of a create, which are its row once more.
function plan:step(number, bare)
  local inside = inside_of(self)
  local action, index, other = inside.match:at(number)
  local step = { kind = self.kind, number = number, action = reasons[action] and "conflict" or action }
  if action == "delete" then return deletion(inside, step, other) end
  local hidden = add_row(inside, step, index)
  if other and (action == "update" or action == "unchanged" or action == "fixed") then
    step.old, step.id = old_of(inside, other)
  end
  if action == "update" then add_reactivation(inside, step) end
  if reasons[action] then
    step.reason = reasons[action](inside, step, other)
  elseif action ~= "unchanged" and not (bare and action == "create") then
    step.changes = changes_of(inside.kind, step.new, step.old)
  end
  if step.reactivates then step.note = "is inactive there and in the source: made active again" end
  step.note = inside.changed_secrets[number] or step.note
  if inside.unsure[number] then step.note = secrets.UNSURE end
  add_secrets(inside, step, hidden)
  return step
end

--- secrets(number) -> {field = value} of a row of the source, or nil; for apply alone.
function plan:secrets(number)
  local _, hidden = inside_of(self).rows:get(number)
  return hidden
end

--- accepted() -> an iterator over {number, key, id, values, secrets}: rows whose secrets no API changes, and
-- of which the caller says that the service has them (accept_secrets); for apply alone, where plan.accepts.
function plan:accepted()
  local inside = inside_of(self)
  local number
  return function()
    number = next(inside.accepted, number)
    if not number then return nil end
    local values, hidden, key = inside.rows:get(number)
    local _, _, other = inside.match:at(number)
    local there = inside.service:get(other)
    return { number = number, key = key, id = there.id, values = values, secrets = hidden }
  end
end

function plan:steps() return inside_of(self).match:steps() end

local MINE = ("1"):byte()
local MARKS = 4096 -- that are put together at once

--- new_marks() -> {add(yes), text() -> "1" or "0" for each that was added}
local function new_marks()
  local chunks, last = {}, {}
  local marks = {}
  function marks.add(yes)
    last[#last + 1] = yes and "1" or "0"
    if #last == MARKS then
      chunks[#chunks + 1], last = table.concat(last), {}
    end
  end
  function marks.text() return table.concat(chunks) .. table.concat(last) end
  return marks
end

--- Of a shard the steps of other parts are not there.
local function is_mine(inside, number) return not inside.mine or inside.mine:byte(number) == MINE end

function plan:each(bare)
  local inside, number, last = inside_of(self), 0, self:steps()
  return function()
    repeat
      number = number + 1
    until number > last or is_mine(inside, number)
    return number <= last and self:step(number, bare) or nil
  end
end

function plan:changes(bare)
  local inside = inside_of(self)
  local number = 0
  return function()
    repeat
      number = number and inside.match:next(number)
    until not number or is_mine(inside, number)
    return number and self:step(number, bare)
  end
end

--- The plan of all parts: each part plans the whole and applies its own, so that guards see all of it.
function plan:whole() return inside_of(self).whole or self end

local function resolved_text(inside)
  local parts = {}
  for number = 1, inside.rows:count() do
    local found = inside.found[number]
    if found and found.row then parts[#parts + 1] = number .. assert(json.encode(found.row)) end
  end
  return table.concat(parts, "\n")
end

function plan:fingerprint()
  local inside = inside_of(self)
  local kind = self.shard and self.kind .. " " .. self.shard or self.kind
  local more = kind .. "\n" .. (next(inside.found) and resolved_text(inside) or "")
  return inside.match:digest(inside.rows, inside.service, true, more)
end

function plan:source_fingerprint()
  local inside = inside_of(self)
  local whose = self.shard and self.kind .. " " .. self.shard or self.kind
  return inside.match:digest(inside.rows, inside.service, false, whose)
end

--- The row of this name, among those that read like it; nil: there is none.
local function row_of(rows, kind, name)
  for _, i in ipairs(rows:find(name)) do
    local _, _, key = rows:get(i)
    if key == name or kind.key_folds and key:lower() == name:lower() then return i end
  end
end

--- Had the service a thing of this name when the plan was made?
function plan:finds(name)
  local inside = inside_of(self)
  return row_of(inside.service, inside.kind, name) ~= nil
end

--- Does it create a thing of this name?
function plan:creates(name)
  local inside = inside_of(self)
  local number = row_of(inside.rows, inside.kind, name)
  return number ~= nil and is_mine(inside, number) and inside.match:at(number) == "create"
end

--- When the service was read for it: seconds since 1970.
function plan:read_at() return inside_of(self).read_at end

--- What the whole would do, in facts | nil, err.
local function measure_whole(dd, whole)
  return measure.of(dd, inside_of(whole), function(number) return whole:step(number) end, whole.source)
end

--- What the guards asked the service about this plan may be another thing by now: it is asked again, with the
-- client that applies it.
function plan:recheck(dd)
  local inside = inside_of(self)
  local kind, facts = inside.kind, inside.facts
  if dd and facts.asked then
    local err
    facts, err = measure_whole(dd, self:whole())
    if not facts then return err end
  end
  local tripped = guards.judge(facts, inside.allowed)
  if tripped then return guards.error(guards.named(tripped, inside.spelled), inside.place) end
  local is_old = core.system.time() - inside.read_at >= FRESH
  if dd and kind.taken and is_old and inside.match:counts().create > 0 then
    return conflicts.recheck(dd, kind, inside)
  end
end

--- How many rows in conflict were to be created.
local function count_unmade(self, inside)
  local count = 0
  for number = 1, self.counts.conflict > 0 and inside.rows:count() or 0 do
    local action, _, other = inside.match:at(number)
    if reasons[action] and not other and is_mine(inside, number) then count = count + 1 end
  end
  return count
end

--- Rows in conflict that were to be created count as failed.
function plan:held(failed)
  local inside = inside_of(self)
  local kind = inside.kind
  local tripped = guards.trips("failed_creates", {
    noun = kind.noun,
    plural = kind.plural,
    is_deactivation = kind.deactivate ~= nil,
    deletions = self.counts.delete,
    failed = failed + count_unmade(self, inside),
  }, inside.allowed)
  return tripped and guards.words({ tripped }, inside.place) or nil
end

function plan:close()
  local inside = insides[self]
  if not inside then return end
  insides[self] = nil
  if inside.inner.on_close then inside.inner.on_close() end
  inside.rows:close()
  inside.service:close()
end

--- The names of those things that the step's lists refer to, by id; nil where there are none.
local function names_in(step)
  local found = {}
  for _, values in ipairs { step.new or {}, step.old or {} } do
    for _, list in pairs(values) do
      for _, id in ipairs(type(list) == "table" and list or {}) do
        local name = step.names and step.names[id]
        if name ~= id then found[id] = name end
      end
    end
  end
  return next(found) and found or nil
end

--- A step as plain data: with names for the ids that are in it alone.
function plan.shown(step)
  step.names = names_in(step)
  return step
end

local shown = plan.shown

local function public_fields(self)
  local copy = {}
  for name, value in pairs(self) do
    copy[name] = value
  end
  return copy
end

function plan:to_table()
  local copy = public_fields(self)
  copy.rows = json.array {}
  for step in self:each() do
    copy.rows[#copy.rows + 1] = shown(step)
  end
  return copy
end

--- write_json(put): the JSON piece by piece. true, or nil and what is wrong.
function plan:write_json(put)
  local head, err = json.encode(public_fields(self))
  if not head then return nil, err end
  put(head:gsub("}$", "") .. ',"rows":[')
  local separator = ""
  for step in self:each() do
    local text
    text, err = json.encode(shown(step))
    if not text then return nil, err end
    put(separator .. text)
    separator = ","
  end
  put("]}")
  return true
end

function plan:to_json()
  local parts = {}
  local ok, err = self:write_json(function(text) parts[#parts + 1] = text end)
  if not ok then return nil, err end
  return table.concat(parts)
end

--- save(path) -> true | nil, err: to be reviewed, and applied as it is; see saved_plan.lua.
function plan:save(path) return saved_plan.save(self, path, inside_of(self).made) end

plan.render, plan.write, plan.header = diff.render, diff.write, diff.header
plan.__tostring = function(self) return diff.render(self) end

local function list_columns(kind)
  local columns = {}
  for _, column in ipairs(kind.columns) do
    if column.form == "list" then columns[#columns + 1] = column end
  end
  return columns
end

--- All there is in the service, packed, {things, active}: how many that are, and whether it has left out a
-- list of something | nil, err. only: see make.plan's inner.
local function read_service(dd, kind, only)
  local columns, lists, lacks_lists = {}, list_columns(kind), false
  for i, column in ipairs(kind.columns) do
    columns[i] = column
  end
  columns[#columns + 1] = { name = "id" }
  local service =
    core.rows.new { columns = columns, key = kind.key, within = kind.within, keep = true, foreign = true }
  local seen, active, instead = 0, 0, kind.deactivate
  local function visit(resource)
    local row = resources.row(kind, resource)
    seen = seen + 1
    if not instead or row[instead.column] ~= instead.value then active = active + 1 end
    row.id = resource.id
    if only and not only(row) then return end
    for _, column in ipairs(lists) do
      lacks_lists = lacks_lists or row[column.name] == nil
    end
    service:add(row, service:count() + 1)
  end
  local ok, err = listing.all(dd, kind.operations.list, kind.page, visit, kind.plural)
  if ok then return service, { things = seen, active = active }, lacks_lists end
  err.operation = err.operation or kind.operations.list
  return nil, err
end

--- What an update would change, by what is known of both now.
local function has_changes(inside, number, other, options)
  local values, hidden = inside.rows:get(number)
  if options.rotate_secrets and hidden and secret_names(inside.kind, hidden, "update") then return true end
  local found = inside.found[number]
  local step = { new = without_id(found and found.row or values), old = (old_of(inside, other)) }
  add_reactivation(inside, step)
  return changes_of(inside.kind, step.new, step.old)[1] ~= nil
end

--- Names were resolved to ids, lists were looked at: an update that has nothing left to change is none.
local function reconsider(inside, options)
  local number = inside.match:next(0)
  while number and number <= inside.rows:count() do
    local action, _, other = inside.match:at(number)
    local found = inside.found[number]
    local is_known_better = other and inside.closer[other] or found and found.row
    if action == "update" and is_known_better and not has_changes(inside, number, other, options) then
      inside.match:set(number, "unchanged")
    end
    number = inside.match:next(number)
  end
end

-- --- lists that were not sent ---------------------------------------------------------------------

--- The lists that matter of a step, where the service has left one out: {number, row, id, is_deleted}. They
-- matter where the source has them too, empty or not; and of what is deleted, for a backup is to have them.
local function unknown_list(inside, columns, number)
  local action, _, other = inside.match:at(number)
  local is_deleted = action == "delete" and not inside.kind.deactivate
  if not (is_deleted or action == "update" or action == "unchanged") then return nil end
  local old, values = inside.service:get(other), nil
  if not is_deleted then values = inside.rows:get(number) end
  for _, column in ipairs(columns) do
    if not old[column.name] and (is_deleted or values[column.name]) then
      return { number = number, row = other, id = old.id, is_deleted = is_deleted, action = action }
    end
  end
end

local function unknown_lists(inside, columns)
  local wanted = {}
  for number = 1, inside.lacks_lists and inside.match:steps() or 0 do
    wanted[#wanted + 1] = unknown_list(inside, columns, number)
  end
  return wanted
end

local function lists_of(columns, resource)
  local lists = {}
  for _, column in ipairs(columns) do
    local list = resources.get(column, resource)
    lists[column.name] = type(list) == "table" and list or {}
  end
  return lists
end

--- A list that a service leaves out of its lists is not known, and must not be taken for an empty one. Out
-- of a thing that is asked for alone it leaves what is empty (RFC 7643, 2.5: unassigned).
local function look_closer(dd, inside)
  local kind, columns = inside.kind, list_columns(inside.kind)
  local wanted = unknown_lists(inside, columns)
  if not wanted[1] then return true end
  local results = require("ddokta").parallel(
    AT_ONCE,
    wanted,
    function(one) return dd[kind.operations.get](dd, one.id) end
  )
  for i, one in ipairs(wanted) do
    local resource, err = results[i][1], results[i][2]
    local is_gone = not resource and one.is_deleted and err.kind == "not_found"
    if not resource and not is_gone then return nil, err end
    inside.closer[one.row] = resource and lists_of(columns, resource)
    if one.action == "unchanged" then inside.match:set(one.number, "update") end -- to be reconsidered
  end
  return true
end

local may_be_judged = { create = true, update = true, unchanged = true }

--- What a restore says of its rows.
local function judge_rows(inside)
  local judge = inside.inner.judge
  for number = 1, judge and inside.rows:count() or 0 do
    local action, _, other = inside.match:at(number)
    if may_be_judged[action] then
      local found = inside.found[number] or {}
      local row, reason, note =
        judge(number, found.row or without_id((inside.rows:get(number))), other and (old_of(inside, other)))
      found.row, found.reason, found.note = row or found.row, reason, note or found.note
      if reason then inside.match:set(number, "refused") end
      inside.found[number] = next(found) and found or nil
    end
  end
end

--- Judges each row; nil, or the error that kept it from that.
local function compare(dd, inside, options)
  local kind = inside.kind
  inside.reactivate, inside.closer = options.reactivate ~= false, {}
  inside.match = inside.rows:match(inside.service, {
    prune = options.prune,
    rotate = options.rotate_secrets,
    reactivate = inside.reactivate,
    inactive = kind.deactivate and kind.deactivate.column,
    id = kind.known_by,
  })
  local ok, err = look_closer(dd, inside)
  if not ok then return err end
  inside.found, inside.names = conflicts.find(dd, kind, inside)
  if not inside.found then return inside.names end
  judge_rows(inside)
  reconsider(inside, options)
  secrets.judge(inside, options, is_mine)
end

local function conflict_count(counts)
  local count = 0
  for name in pairs(reasons) do
    count = count + counts[name]
  end
  return count
end

local function notes_of(inside, counts, options)
  local notes = { secrets.note(inside, options) }
  if counts.spared > 0 then
    notes[#notes + 1] = ("%d %s that no row means are left alone, for their names read like a row's"):format(
      counts.spared,
      counts.spared == 1 and inside.kind.noun or inside.kind.plural
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

local function new_plan(inside, source, options)
  local counts = inside.match:counts()
  local self = {
    kind = inside.kind.name,
    deactivations = above_zero(counts.deactivations),
    reactivations = above_zero(counts.reactivations),
    note = notes_of(inside, counts, options),
    accepts = above_zero(count_of(inside.accepted)),
    restores = inside.inner.judge and true or nil,
    counts = {
      create = counts.create,
      update = counts.update,
      unchanged = counts.unchanged,
      delete = counts.delete,
      conflict = conflict_count(counts),
      source = inside.rows:count(),
      service = inside.seen and inside.seen.things or inside.service:count(),
      uncompared = above_zero(inside.uncompared),
    },
  }
  header.copy(inside.header, self).source = source.name
  insides[self] = inside
  return setmetatable(self, plan)
end

local function note_unasked(self, facts)
  if not facts.unasked then return end
  local text = "whose keys these are could not be asked, so that their owner is not guarded: "
    .. tostring(facts.unasked.message)
  self.note = self.note and self.note .. "; " .. text or text
end

--- What guards say of the whole, by the names that the options have where the plan was asked for.
local function judge(self)
  local inside = inside_of(self)
  self.guards = guards.named(guards.judge(inside.facts, inside.allowed), inside.spelled)
  self.blocked = self.guards and guards.words(self.guards, inside.place)
  return self
end

-- --- shards ---------------------------------------------------------------------------------------

--- What belongs to the shard of the rows of a source -> "1" or "0" for each, and of all what they are known
-- by besides their key: is it of this shard? A million rows take a megabyte.
local function rows_of_shard(inside, shard)
  local known_by, ids, marks = inside.kind.known_by, {}, new_marks()
  for i = 1, inside.rows:count() do
    local values, _, key = inside.rows:get(i)
    local has = shard:has(key)
    marks.add(has)
    if known_by and values[known_by] ~= nil then ids[values[known_by]] = has end
  end
  return marks.text(), ids
end

--- What belongs to it of the service -> how many things, a mark for each.
local function things_of_shard(inside, shard, ids)
  local known_by, count, marks = inside.kind.known_by, 0, new_marks()
  for i = 1, inside.service:count() do
    local values, _, key = inside.service:get(i)
    local has = shard:has_thing(key, known_by and values[known_by], ids)
    marks.add(has)
    if has then count = count + 1 end
  end
  return count, marks.text()
end

--- What belongs to it -> {rows =, things =: a mark for each, service = how many things}
local function marks_of(inside, shard)
  local rows, ids = rows_of_shard(inside, shard)
  local count, things = things_of_shard(inside, shard, ids)
  return { rows = rows, things = things, service = count }
end

--- The marks of the plan's deletions, which come behind the rows.
local function deletions_of_shard(inside, things)
  local marks = new_marks()
  for number = inside.rows:count() + 1, inside.match:steps() do
    local _, _, other = inside.match:at(number)
    marks.add(things:byte(other) == MINE)
  end
  return marks.text()
end

local function add_activations(part, step, instead)
  if not instead or step.action ~= "update" then return end
  if step.reactivates then part.reactivations = (part.reactivations or 0) + 1 end
  for _, change in ipairs(step.changes) do
    if change.field == instead.column and change.new == instead.value then
      part.deactivations = (part.deactivations or 0) + 1
    end
  end
end

local function count_part(part, inside)
  local counts = { create = 0, update = 0, unchanged = 0, delete = 0, conflict = 0 }
  local looks = (inside.whole.deactivations or inside.whole.reactivations) and inside.kind.deactivate
  for number = 1, inside.match:steps() do
    if is_mine(inside, number) then
      local action = inside.match:at(number)
      local name = reasons[action] and "conflict" or action
      counts[name] = counts[name] + 1
      if looks and action == "update" then add_activations(part, part:step(number), looks) end
    end
  end
  return counts
end

--- part_of(whole, shard, marks) -> the plan of one part. marks: {rows =, things =, service = how many things}
local function part_of(whole, shard, marks)
  local all = insides[whole]
  local part = header.copy(whole, { kind = whole.kind, note = whole.note })
  part.shard = tostring(shard)
  local inside = setmetatable({
    whole = whole,
    mine = marks.rows .. deletions_of_shard(all, marks.things),
  }, { __index = all })
  insides[part] = inside
  setmetatable(part, plan)
  part.counts = count_part(part, inside)
  part.counts.source = select(2, marks.rows:gsub("1", "1"))
  part.counts.service, part.counts.whole = marks.service, whole.counts.source
  part.counts.uncompared, part.accepts = whole.counts.uncompared, whole.accepts -- they were its own
  return part
end

--- bulk.plan(dd, kind, bulk.read(...)) hands over read's nil, err; with options behind it Lua cuts
-- the error off.
local function read_failure(err)
  if type(err) == "table" and type(err.message) == "string" and err.kind then return err end
  return failure.new {
    kind = "invalid_request",
    message = "there is no source: bulk.read failed (assert(bulk.read(...)) says why)",
  }
end

local known = {
  prune = { "boolean" },
  allow = { "table" },
  max_deactivations = { "number", "string" },
  place = { "string" },
  rotate_secrets = { "boolean" },
  reactivate = { "boolean" },
  accept_secrets = { "boolean" },
  fingerprints = { "table", "boolean" },
  strict = { "boolean" },
  shard = { "string" },
}

local make = {}

local function shard_of(options)
  if not options.shard then return nil end
  local shard, message = shards.parse(options.shard)
  if not shard then error("option 'shard': " .. message, 3) end
  return shard
end

--- afterwards(dd) -> what was done besides, in words, or nil: for apply alone, when all its steps are done.
function plan:afterwards(dd)
  local after = inside_of(self).inner.after
  return after and after(dd, self)
end

--- What is known of secrets: what the caller gives, or what is at the default place; that is closed behind.
local function store_of(dd, kind, given)
  if given or given == false then return given or nil end
  local own = fingerprints.lazy(dd, kind)
  return own, own
end

--- The options as a saved plan has them.
local function as_data(options, shard)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.fingerprints, copy.shard = nil, shard and tostring(shard)
  return copy
end

--- plan(dd, kind, source, options[, inner]) -> plan, or nil, err
-- inner: for restore alone: {judge = function(number, row, old) -> another row or nil, why it is in conflict
-- or nil, a note or nil; only = function(row with id) -> is it one of those that this plan is about; spare:
-- see resources.ids; after = function(dd, plan), see plan:afterwards; on_close = function()}
-- dd: a client; kind: a name of kinds/; source: from bulk.read, whose failure passes through.
-- options: prune (delete what the source does not have; false), allow (what the guards may let pass, by their
-- names in guards.lua: {deactivations = "10%", self = true}), max_deactivations (another spelling of
-- allow.deactivations), place ("lua", or "command": whose options a guard names), rotate_secrets (send
-- secrets although they cannot be compared; false), reactivate (make active again whom the source has and the
-- service has as inactive; true),
-- fingerprints (what is known of the secrets that the service has, see fingerprints.lua; by default what is
-- at the default place, false: nothing), accept_secrets (secrets that no API changes are as the source has
-- them: apply notes that; false),
-- strict (an unknown column is an error; true), shard ("2/4": the second of four parts; "auto": as the
-- scheduler says; see shard.lua).
function make.plan(dd, kind_name, source, options, inner)
  if source == nil then return nil, read_failure(options) end
  options = check_options(options, known)
  local allowed, message, option =
    guards.allowed(options.allow, { deactivations = { "max_deactivations", options.max_deactivations } })
  if not allowed then error(("option '%s': %s"):format(option, message), 2) end
  local shard = shard_of(options)
  local kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  local inside = {
    kind = kind,
    place_of = source:placer(),
    allowed = allowed,
    place = options.place or "lua",
    inner = inner or {},
    spelled = { deactivations = { "max_deactivations" } },
  }
  inside.rows, err = check_source(kind, source, options.strict ~= false)
  if not inside.rows then return nil, err end
  inside.made = { options = as_data(options, shard), unit = source.unit, sources = { source.path } }
  inside.header = header.of(dd)
  inside.read_at = core.system.time()
  local seen
  inside.service, seen, inside.lacks_lists = read_service(dd, kind, inside.inner.only)
  if not inside.service then return nil, seen end
  if inside.inner.only then inside.seen = seen end -- of all, not of those that it is about
  options.fingerprints, inside.own_store = store_of(dd, kind, options.fingerprints)
  local marks = shard and marks_of(inside, shard)
  inside.mine = marks and marks.rows -- of the rows alone: deletions are not there yet
  err = compare(dd, inside, options)
  if inside.own_store then inside.own_store:close() end
  if err then return nil, err end
  inside.mine = nil
  local whole = new_plan(inside, source, options)
  inside.facts, err = measure_whole(dd, whole)
  if not inside.facts then return nil, err end
  note_unasked(whole, inside.facts)
  return judge(shard and part_of(whole, shard, marks) or whole)
end

--- load(dd, path, options) -> plan, or nil, err: one that was saved, where the service is as it was; see
-- saved_plan.lua. options: source, from bulk.read: where it sends secrets, which are not in the file.
function make.load(dd, path, options)
  options = check_options(options, { source = { "table" } })
  return saved_plan.load(dd, path, make.plan, options.source)
end

--- check(kind, source, options) -> {rows =}, or nil, err with every problem
-- The source alone, without a service: of a file of any length only the keys are kept, so that a
-- million rows take no more than 40 MB. options: strict.
function make.check(kind_name, source, options)
  if source == nil then return nil, read_failure(options) end
  options = check_options(options, { strict = { "boolean" } })
  local kind, rows, err
  kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  rows, err = check_source(kind, source, options.strict ~= false, false)
  if not rows then return nil, err end
  local count = rows:count()
  rows:close()
  return { rows = count }
end

return make
