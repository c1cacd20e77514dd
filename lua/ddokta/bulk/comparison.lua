--- The rows of a source beside what the service has: what each row means there, and what it would change.
--
-- Both are packed by the C core (ddokta.core.rows), in memory that is wiped; `match` is their difference,
-- numbered from 1: first the rows of the source in their order, then deletions.

local conflicts = require "ddokta.bulk.conflicts"
local core = require "ddokta.native"
local forms = require "ddokta.bulk.forms"
local pages = require "ddokta.pages"
local resources = require "ddokta.bulk.resources"
local secrets = require "ddokta.bulk.secrets"
local words = require "ddokta.bulk.words"

local json = core.json

local AT_ONCE = 8 -- things of which a closer look is taken
local MINE = ("1"):byte()

---@class ddokta.bulk.Comparison
---@field kind ddokta.bulk.KindOf
---@field rows userdata of the source
---@field service userdata what the service has
---@field match userdata the difference of the two
---@field place_of fun(line: integer?): string where the source has a row
---@field found table<integer, {reason: string?, note: string?, takes: table?, row: table?}> of conflicts.find
---@field names? table<string, string> names by id, where rows have ids
---@field closer table<integer, table> lists that the service left out of its list, by the thing's index
---@field reactivate boolean is who is inactive there and in the source made active again?
---@field mine? string of a shard: "1" or "0" for each change, whether it is of that part
---@field inner ddokta.bulk.RestoreHooks
local Comparison = {}
Comparison.__index = Comparison

local comparison = {}

local function with_lists(kind, values)
  for _, column in ipairs(kind.columns) do
    if column.form == "list" and values[column.name] then json.array(values[column.name]) end
  end
  return values
end

--- A copy of a row, which the id that a thing is known by is no part of.
local function without_id(row)
  local copy = {}
  for name, value in pairs(row) do
    copy[name] = value
  end
  copy.id = nil
  return copy
end

local function is_same(kind, column, old, new)
  if kind.key_folds and column.name == kind.key and type(old) == "string" then
    return old:lower() == new:lower()
  end
  return forms.same(column, old, new)
end

--- What a create has (old is nil), or an update changes: a list of {field, old, new}. Of a create what is
--- cleared is nothing.
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

local function secret_names(kind, hidden, action)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if hidden[column.name] and not (column.immutable and action == "update") then
      names[#names + 1] = column.name
    end
  end
  return names[1] and names or nil
end

--- Of a shard the changes of other parts are not there.
function Comparison:is_mine(number) return not self.mine or self.mine:byte(number) == MINE end

--- What the service has, by its index there.
---@return table values by column
---@return string id
---@return string key
function Comparison:old(index)
  local old, _, key = self.service:get(index)
  local id = old.id
  old.id = nil
  for name, list in pairs(self.closer[index] or {}) do
    old[name] = list
  end
  return with_lists(self.kind, old), id, key
end

--- The value within which the row's key names one thing, or nil.
function Comparison:within(row) return self.kind.within and row[self.kind.within] end

--- Names of the columns that no update changes, and whose value differs, in words.
function Comparison:immutable_names(row, old)
  local names = {}
  for _, column in ipairs(self.kind.columns) do
    local new = row[column.name]
    local is_immutable = column.immutable and new ~= nil and not column.secret
    if is_immutable and not is_same(self.kind, column, old[column.name], new) then
      names[#names + 1] = column.name
    end
  end
  return table.concat(names, ", ")
end

-- --- a change -------------------------------------------------------------------------------------

local function add_row(self, change, index)
  local hidden, line
  change.new, hidden, change.key, line = self.rows:get(index)
  with_lists(self.kind, change.new)
  change.position = self.place_of(line)
  change.names = self.names
  local found = self.found[index]
  if found then
    change.new, change.note, change.takes = found.row or change.new, found.note, found.takes
  end
  change.new = without_id(change.new)
  return hidden
end

--- Whom the source has is active: what a deletion left is undone.
local function add_reactivation(self, change)
  local instead = self.kind.deactivate
  if not instead or not change.old or change.old[instead.column] ~= instead.value then return end
  if change.new[instead.column] == nil and self.reactivate then
    change.new[instead.column] = not instead.value
  end
  change.reactivates = change.new[instead.column] == not instead.value or nil
end

local function add_secrets(self, change, hidden)
  if not hidden or (change.action ~= "create" and change.action ~= "update") then return end
  change.secrets = secret_names(self.kind, hidden, change.action)
  secrets.attach(change, hidden)
end

local function deletion(self, change, index)
  change.old, change.id, change.key = self:old(index)
  change.names = self.names
  local instead = self.kind.deactivate
  if instead then
    change.changes = { { field = instead.column, old = change.old[instead.column], new = instead.value } }
  end
  return change
end

--- What a change does, without making it: "create", "conflict", ...
---@param number integer
---@return string
function Comparison:action(number)
  local action = self.match:at(number)
  return conflicts.is_one(action) and "conflict" or action
end

local has_old = { update = true, unchanged = true, fixed = true }

--- A change, made anew at each call.
---@param number integer
---@param options? {changes_of_creates: boolean?} false: without those, which are its row once more
---@return ddokta.bulk.Change
function Comparison:change(number, options)
  local action, index, other = self.match:at(number)
  local is_conflict = conflicts.is_one(action)
  local change = { kind = self.kind.name, number = number, action = is_conflict and "conflict" or action }
  if action == "delete" then return deletion(self, change, other) end
  local hidden = add_row(self, change, index)
  if other and has_old[action] then
    change.old, change.id = self:old(other)
  end
  if action == "update" then add_reactivation(self, change) end
  local is_bare = action == "create" and options and options.changes_of_creates == false
  if is_conflict then
    change.reason = conflicts.reason(self, change, action, other)
  elseif action ~= "unchanged" and not is_bare then
    change.changes = core.json.array(changes_of(self.kind, change.new, change.old))
  end
  if change.reactivates then change.note = "is inactive there and in the source: made active again" end
  change.note = self.changed_secrets[number] or change.note
  if self.unsure[number] then change.note = secrets.UNSURE end
  add_secrets(self, change, hidden)
  return change
end

--- Of a part: how many changes there are of each kind, how many of them deactivate a thing, how many make one
--- active again (nil: none).
---@return table<string, integer> counts
---@return integer? deactivations
---@return integer? reactivations
function Comparison:count()
  local counts = { create = 0, update = 0, unchanged = 0, delete = 0, conflict = 0 }
  local whole, off, on = self.whole, 0, 0
  local is_said = whole.deactivations or whole.reactivations
  for number = 1, self.match:steps() do
    if self:is_mine(number) then
      local action = self:action(number)
      counts[action] = counts[action] + 1
      local verb = is_said and action == "update" and words.verb(self.kind, self:change(number))
      if verb == "reactivate" then on = on + 1 end
      if verb == "deactivate" then off = off + 1 end
    end
  end
  return counts, off > 0 and off or nil, on > 0 and on or nil
end

-- --- what the service has -------------------------------------------------------------------------

local function list_columns(kind)
  local columns = {}
  for _, column in ipairs(kind.columns) do
    if column.form == "list" then columns[#columns + 1] = column end
  end
  return columns
end

--- All there is in the service, packed; {things, active}: how many that are; and whether it has left out a
--- list of something | nil, err. only: of the hooks of a restore
local function read_service(dd, kind, only)
  local columns, lists, lacks_lists = {}, list_columns(kind), false
  for i, column in ipairs(kind.columns) do
    columns[i] = column
  end
  columns[#columns + 1] = { name = "id" }
  local service =
    core.rows.new { columns = columns, key = kind.key, within = kind.within, keep = true, foreign = true }
  local seen, active, instead = 0, 0, kind.deactivate
  local ok, err = pages.walk({
    client = dd,
    operation = kind.operations.list,
    title = kind.plural,
  }, function(thing)
    local row = resources.row(kind, thing)
    seen = seen + 1
    if not instead or row[instead.column] ~= instead.value then active = active + 1 end
    row.id = thing.id
    if only and not only(row) then return end
    for _, column in ipairs(lists) do
      lacks_lists = lacks_lists or row[column.name] == nil
    end
    service:add(row, service:count() + 1)
  end)
  if ok then return service, { things = seen, active = active }, lacks_lists end
  err.operation = err.operation or kind.operations.list
  return nil, err
end

-- --- lists that were not sent ---------------------------------------------------------------------

--- The lists that matter of a change, where the service has left one out: {number, row, id, is_deleted}. They
--- matter where the source has them too, empty or not; and of what is deleted, for a backup is to have them.
local function unknown_list(self, columns, number)
  local action, _, other = self.match:at(number)
  local is_deleted = action == "delete" and not self.kind.deactivate
  if not (is_deleted or action == "update" or action == "unchanged") then return nil end
  local old, values = self.service:get(other), nil
  if not is_deleted then values = self.rows:get(number) end
  for _, column in ipairs(columns) do
    if not old[column.name] and (is_deleted or values[column.name]) then
      return { number = number, row = other, id = old.id, is_deleted = is_deleted, action = action }
    end
  end
end

local function unknown_lists(self, columns)
  local wanted = {}
  for number = 1, self.lacks_lists and self.match:steps() or 0 do
    wanted[#wanted + 1] = unknown_list(self, columns, number)
  end
  return wanted
end

local function lists_of(columns, thing)
  local lists = {}
  for _, column in ipairs(columns) do
    local list = resources.get(column, thing)
    lists[column.name] = type(list) == "table" and list or {}
  end
  return lists
end

--- A list that a service leaves out of its lists is not known, and must not be taken for an empty one. Out
--- of a thing that is asked for alone it leaves what is empty (RFC 7643, 2.5: unassigned).
local function look_closer(self, dd)
  local kind, columns = self.kind, list_columns(self.kind)
  local wanted = unknown_lists(self, columns)
  if not wanted[1] then return true end
  local results = require("ddokta").parallel(
    AT_ONCE,
    wanted,
    function(one) return dd[kind.operations.get](dd, one.id) end
  )
  for i, one in ipairs(wanted) do
    local thing, err = results[i][1], results[i][2]
    local is_gone = not thing and one.is_deleted and err.kind == "not_found"
    if not thing and not is_gone then return nil, err end
    self.closer[one.row] = thing and lists_of(columns, thing)
    if one.action == "unchanged" then self.match:set(one.number, "update") end -- to be reconsidered
  end
  return true
end

-- --- what each row means --------------------------------------------------------------------------

--- What an update would change, by what is known of both now.
local function has_changes(self, number, other, options)
  local values, hidden = self.rows:get(number)
  if options.rotate_secrets and hidden and secret_names(self.kind, hidden, "update") then return true end
  local found = self.found[number]
  local change = { new = without_id(found and found.row or values), old = (self:old(other)) }
  add_reactivation(self, change)
  return changes_of(self.kind, change.new, change.old)[1] ~= nil
end

--- Names were resolved to ids, lists were looked at: an update that has nothing left to change is none.
local function reconsider(self, options)
  local number = self.match:next(0)
  while number and number <= self.rows:count() do
    local action, _, other = self.match:at(number)
    local found = self.found[number]
    local is_known_better = other and self.closer[other] or found and found.row
    if action == "update" and is_known_better and not has_changes(self, number, other, options) then
      self.match:set(number, "unchanged")
    end
    number = self.match:next(number)
  end
end

local may_be_judged = { create = true, update = true, unchanged = true }

--- What a restore says of its rows.
local function judge_rows(self)
  local judge = self.inner.judge
  for number = 1, judge and self.rows:count() or 0 do
    local action, _, other = self.match:at(number)
    if may_be_judged[action] then
      local found = self.found[number] or {}
      local row, reason, note =
        judge(number, found.row or without_id((self.rows:get(number))), other and (self:old(other)))
      found.row, found.reason, found.note = row or found.row, reason, note or found.note
      if reason then self.match:set(number, "refused") end
      self.found[number] = next(found) and found or nil
    end
  end
end

--- Says of each row what it means.
---@param dd ddokta.Client
---@param options ddokta.bulk.PlanOptions
---@return ddokta.Error? err what kept it from that
function Comparison:judge(dd, options)
  local kind = self.kind
  self.reactivate, self.closer = options.reactivate ~= false, {}
  self.match = self.rows:match(self.service, {
    prune = options.prune,
    rotate = options.rotate_secrets,
    reactivate = self.reactivate,
    inactive = kind.deactivate and kind.deactivate.column,
    id = kind.known_by,
  })
  local ok, err = look_closer(self, dd)
  if not ok then return err end
  self.found, self.names = conflicts.find(dd, kind, self)
  if not self.found then return self.names end
  judge_rows(self)
  reconsider(self, options)
  secrets.judge(self, options, self.is_mine)
end

--- Reads all that the service has.
---@param dd ddokta.Client
---@param fields table {kind, rows, place_of, inner, ...}
---@return ddokta.bulk.Comparison? comparison
---@return ddokta.Error? err
function comparison.new(dd, fields)
  local self = setmetatable(fields, Comparison)
  self.read_at = core.system.time()
  local service, seen, lacks_lists = read_service(dd, self.kind, self.inner.only)
  if not service then return nil, seen end
  self.service, self.lacks_lists = service, lacks_lists
  if self.inner.only then self.seen = seen end -- of all, not of those that it is about
  return self
end

return comparison
