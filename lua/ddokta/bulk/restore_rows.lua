--- restore_rows: the things of a backup as rows of a source, and which of their fields may be put back.
--
-- A row has what the run has changed, or all of what it removed. A field that somebody has changed since is a
-- conflict, a secret is lost, a member who is gone cannot come again: what is not put back is in `left`.

local errors = require "ddokta.error"
local fingerprints = require "ddokta.bulk.fingerprints"
local forms = require "ddokta.bulk.forms"
local json = require("ddokta.native").json
local resources = require "ddokta.bulk.resources"
local words = require "ddokta.bulk.words"

local CLEAR = "(none)" -- as forms.lua has it: what clears a value

--- What a restore cannot put back.
---@class ddokta.bulk.Left
---@field key string
---@field field? string
---@field reason string

---@class ddokta.bulk.RestoreRows
---@field kind ddokta.bulk.KindOf
---@field force? boolean put back also what somebody has changed since
---@field items table[] for each row, the backup's line about it
---@field left ddokta.bulk.Left[]
---@field teams table[] {group, name, id, members}: teams that a group of the run has taken over
---@field created string[] names of the things that the run created and that stay
---@field changed string[] names of the things among them that stay because somebody has changed them since
---@field spare table the backup's names of ids, for those that no longer exist: see resources.ids
local RestoreRows = {}
RestoreRows.__index = RestoreRows

local restore_rows = {}

-- --- rows -----------------------------------------------------------------------------------------

--- By which a thing is known among the others of its kind; nil: it has no name.
local function name_of(kind, values)
  local key = values[kind.key]
  if type(key) ~= "string" then return nil end
  return fingerprints.key(kind, kind.key_folds and key:lower() or key, values)
end

--- leave(item, field, reason): of this one something is not put back.
function RestoreRows:leave(item, field, reason)
  self.left[#self.left + 1] = { key = tostring(item.key), field = field, reason = reason }
end

--- The value as a row of a source has it.
local function row_value(column, value)
  if value == nil or value == "" or column.form == "list" and value[1] == nil then return CLEAR end
  return value
end

--- The columns that the row has: of what was removed all that there are, of what was replaced those that the
-- run has changed, and what an update must have.
local function row_of(kind, item)
  local row = { id = item.object.id }
  for _, column in ipairs(kind.columns) do
    local was = item.object[column.name]
    if item.action ~= "update" then
      row[column.name] = was
    elseif item.changes[column.name] ~= nil and not column.secret then
      row[column.name] = row_value(column, was)
    elseif column.required or column.name == kind.key then
      row[column.name] = was
    end
  end
  return row
end

--- What a source would refuse is left out, so that it does not stop all. nil: the whole row is.
local function with_what_goes(saved, item, row)
  for _, column in ipairs(saved.kind.columns) do
    local value = row[column.name]
    local is_key = column.name == saved.kind.key
    local _, message = nil, nil
    if value ~= nil then
      _, message = forms.normalise(column, value, saved.kind)
    end
    if message then
      local was_empty = value == CLEAR or type(value) == "table" and value[1] == nil
      saved:leave(item, column.name, was_empty and "it was empty, and cannot be emptied again" or message)
      if is_key or column.required then return nil end
      row[column.name] = nil
    end
  end
  return row
end

--- An iterator over rows, the first of each name; saved.items has for each what it is of.
local function rows_of(saved, lines)
  local kind, seen = saved.kind, {}
  return function()
    for item in lines do
      item.changes = item.changes or {}
      local key = name_of(kind, item.object)
      if item.action == "take_over" then
        saved.teams[#saved.teams + 1] = {
          group = item.key,
          name = item.object.name,
          id = item.object.id,
          members = item.object.members or {},
        }
      elseif key == nil or seen[key] then
        saved:leave(item, nil, "there was more than one of this name: the first is put back")
      else
        seen[key] = true
        for id, name in pairs(item.names or {}) do
          saved.spare.names[id] = name
        end
        local row = with_what_goes(saved, item, row_of(kind, item))
        if row then
          saved.items[#saved.items + 1] = item
          saved.ids[tostring(item.object.id)], saved.keys[key] = true, true
          return row
        end
      end
    end
  end
end

-- --- what may be put back -------------------------------------------------------------------------

--- Is that the same to the service? Nothing, an empty text and an empty list are.
local function alike(column, a, b)
  if column.form == "list" then
    a, b = a or {}, b or {}
    return #resources.less(a, b) == 0 and #resources.less(b, a) == 0
  end
  if a == nil or a == "" then return b == nil or b == "" end
  return b ~= nil and (a == b or forms.same(column, a, b))
end

local function shown(value)
  if type(value) == "table" then value = table.concat(value, ", ") end
  return (value == nil or value == "") and "nothing" or "'" .. tostring(value) .. "'"
end

--- Of a list those items that the run took come again, and those that it added go.
local function list_again(saved, was, made, now)
  local target, added = {}, {}
  for _, id in ipairs(resources.less(made, was)) do
    added[id] = true
  end
  for _, id in ipairs(now) do
    if not added[id] then target[#target + 1] = id end
  end
  local missing = {}
  for _, id in ipairs(resources.less(was, made)) do
    if not saved.spare.lost[id] then missing[#missing + 1] = saved.spare.ids[id] or id end
  end
  for _, id in ipairs(resources.less(missing, target)) do
    target[#target + 1] = id
  end
  table.sort(target)
  return json.array(target)
end

local function note_lost(saved, item, list)
  for _, id in ipairs(list or {}) do
    local name = saved.spare.lost[id]
    if name then
      saved:leave(item, nil, ("'%s' is not there any more, and cannot be put into it again"):format(name))
    end
  end
end

--- The value that a replaced field gets -> value | nil: as it is | nil, why not.
local function value_again(saved, item, column, now, wanted)
  local was, made = item.object[column.name], item.changes[column.name]
  if column.by_item then
    note_lost(saved, item, was)
    return list_again(saved, was or {}, made, now or {})
  end
  if alike(column, now, was) then return nil end
  if alike(column, now, made) or saved.force then
    note_lost(saved, item, column.form == "list" and was or nil)
    return wanted
  end
  return nil, ("%s is %s now, not %s as the run left it"):format(column.name, shown(now), shown(made))
end

--- What may be done about a secret that is lost.
local function set_again(saved, name)
  for _, column in ipairs(saved.kind.columns) do
    if column.name == name and column.immutable then
      return words.spell(saved.kind.fixed_secrets, saved.dialect)
    end
  end
  return "set it again"
end

local function replaced_secrets(saved, item)
  for _, name in ipairs(item.secrets or {}) do
    saved:leave(item, name, "the run has replaced it, and no backup has the one before: set it again")
  end
end

--- All that was saved: for what is gone, though the run had only changed it.
local function whole_row(saved, item)
  local row = {}
  for _, column in ipairs(saved.kind.columns) do
    local value = item.object[column.name]
    if column.form == "list" and value then value = list_again(saved, value, json.array {}, {}) end
    row[column.name] = value
  end
  return row
end

local function lost_secrets(saved, item)
  for _, name in ipairs(fingerprints.fields(saved.kind)) do
    saved:leave(item, name, "no backup has it: it is there without, " .. set_again(saved, name))
  end
end

local function judge_replaced(saved, item, row, now)
  if not now then
    if not saved.force then return nil, "somebody has removed it since" end
    lost_secrets(saved, item)
    return whole_row(saved, item)
  end
  local again, reasons = {}, {}
  for _, column in ipairs(saved.kind.columns) do
    local name = column.name
    if item.changes[name] ~= nil and row[name] ~= nil then
      local reason
      again[name], reason = value_again(saved, item, column, now[name], row[name])
      reasons[#reasons + 1] = reason
    end
    if again[name] == nil and (column.required or name == saved.kind.key) then again[name] = now[name] end
  end
  if reasons[1] then return nil, table.concat(reasons, "; ") .. ": somebody has changed it since" end
  replaced_secrets(saved, item)
  return again
end

--- A thing that an earlier restore has made again has no secret still, as far as is known.
local function note_missing_secrets(saved, item)
  local name = fingerprints.key(saved.kind, item.object[saved.kind.key], item.object)
  for _, field in ipairs(fingerprints.fields(saved.kind)) do
    if saved.store:state(name, { [field] = "" }) == "never" then
      saved:leave(item, field, "no backup has it: it is there without, " .. set_again(saved, field))
    end
  end
end

local function judge_removed(saved, item, row, now)
  if not now then
    lost_secrets(saved, item)
    for _, column in ipairs(saved.kind.columns) do
      if column.refers then note_lost(saved, item, item.object[column.name]) end
    end
    return nil
  end
  local instead = saved.kind.deactivate
  if instead then return { [saved.kind.key] = now[saved.kind.key], [instead.column] = not instead.value } end
  for _, column in ipairs(saved.kind.columns) do
    local wanted, there = row[column.name], now[column.name]
    if wanted ~= nil and not column.secret and not alike(column, there, wanted) and not saved.force then
      return nil,
        ("somebody has made one of this name since, whose %s is %s, not %s"):format(
          column.name,
          shown(there),
          shown(wanted)
        )
    end
  end
  note_missing_secrets(saved, item)
  return nil
end

--- What is left of this one, for its row in a report.
local function note_of(saved, first)
  local notes = {}
  for i = first, #saved.left do
    local one = saved.left[i]
    notes[#notes + 1] = ("%snot put back: %s"):format(one.field and one.field .. " is " or "", one.reason)
  end
  return notes[1] and table.concat(notes, "; ") or nil
end

--- judge(number, row, now) -> for the plan: another row or nil, why it is in conflict or nil, a note or nil
---@param now? table what the service has of it
function RestoreRows:judge(number, row, now)
  local item, first = self.items[number], #self.left + 1
  local what = item.action == "update" and judge_replaced or judge_removed
  local again, reason = what(self, item, row, now)
  return again, reason, note_of(self, first)
end

-- --- what the run created -------------------------------------------------------------------------

--- Has a thing that the run created other values than it was made with? Where the journal has them.
local function differs(kind, made, values)
  for _, column in ipairs(kind.columns) do
    local asked = made.new and made.new[column.name]
    local is_known = asked ~= nil and not column.secret
    if is_known and not alike(column, values[column.name], asked) then return true end
  end
  return false
end

--- filter(removes) -> function(values) for the plan: is the thing one of those that this restore is about?
-- What the run created is, where it is to be removed, and nobody has changed it since.
function RestoreRows:filter(removes)
  local saved = self
  local by_id, by_key = {}, {}
  for _, made in ipairs(saved.made) do
    by_id[tostring(made.id)] = made
    by_key[name_of(saved.kind, made.new or { [saved.kind.key] = made.key }) or ""] = made
  end
  return function(values)
    local key = name_of(saved.kind, values) or ""
    if saved.ids[tostring(values.id)] or saved.keys[key] then return true end
    local made = by_id[tostring(values.id)] or by_key[key]
    if not made then
      saved.there[key] = true
      return false
    end
    local instead = saved.kind.deactivate
    if instead and values[instead.column] == instead.value then return false end
    saved.created[#saved.created + 1] = made.key
    local is_ours = by_id[tostring(values.id)] and not differs(saved.kind, made, values)
    if removes and not is_ours and not saved.force then
      saved.changed[#saved.changed + 1] = made.key
    elseif removes then
      saved.created[#saved.created] = nil
      return true
    end
    saved.there[key] = true
    return false
  end
end

-- --- public ---------------------------------------------------------------------------------------

--- The kind, of which a thing is found by its id first: it may have another name now.
local function by_id(kind)
  if kind.id_changes then return kind end
  return setmetatable({ known_by = "id" }, { __index = kind })
end

--- All at once: which things the plan is about must be known before the service is read.
local function read_rows(self, lines)
  local rows = {}
  local ran, err = pcall(function()
    for row in rows_of(self, lines) do
      rows[#rows + 1] = row
    end
  end)
  if ran then return rows end
  if errors.is_memory(err) or type(err) ~= "table" then error(err, 0) end
  return nil, err
end

--- read(held, kind, options) -> RestoreRows, the rows of a source | nil, err
---@param held ddokta.bulk.HeldBackup
---@param options { dialect: string?, force: boolean?, store: table } store: what is known of secrets
function restore_rows.read(held, kind, options)
  local self = setmetatable({
    kind = by_id(kind),
    force = options.force,
    dialect = options.dialect,
    store = options.store,
    items = {},
    ids = {},
    keys = {},
    left = {},
    created = {},
    changed = {},
    teams = {},
    there = {},
    made = held:created(),
    spare = { names = {}, ids = {}, lost = {} },
  }, RestoreRows)
  local rows, err = read_rows(self, held:lines())
  if not rows then return nil, err end
  return self, rows
end

--- has(key): is there a thing of this name that the restore leaves alone?
function RestoreRows:has(key) return self.there[name_of(self.kind, { [self.kind.key] = key }) or ""] or false end

return restore_rows
