--- lookup: what the service has now under a change's name, to find out what became of the change.
--
-- Where the service can be asked for one name (kind.find), each change asks for its own. Other kinds read the
-- whole list, once for everyone who asks before the reading begins. A list that had begun may miss what was
-- sent just before.

local fold = require("ddokta.bulk.repeats").fold
local pages = require "ddokta.pages"
local resources = require "ddokta.bulk.resources"
local latches = require "ddokta.latch"
local system = require("ddokta.native").system

-- A thing is looked for at these shares of the time in which it may still turn up: a list may be behind what
-- was done a moment ago.
local LOOKS = { 0, 0.25, 1 }
local SETTLE = 2

local LOOKERS = 256 -- tasks; how many of their calls are on the wire at once is the client's to say

---@class ddokta.bulk.Lookup
---@field client ddokta.Client
---@field kind ddokta.bulk.KindOf
---@field settle number seconds for which a thing whose answer was lost may still turn up
---@field began number when the run began, in seconds of the monotonic clock
local Lookup = {}
Lookup.__index = Lookup

local lookup = {}

--- new(dd, kind[, settle]) -> lookup
---@param settle? number seconds (2)
---@return ddokta.bulk.Lookup
function lookup.new(dd, kind, settle)
  local self = { client = dd, kind = kind, settle = settle or SETTLE, began = system.now(), ahead = {} }
  self.latch = latches.new(function(batch) return self:read_for_all(batch) end)
  return setmetatable(self, Lookup)
end

--- One call of the client, its attempts counted in the change's row of the report.
function Lookup:call(row, operation, ...)
  local result, detail = self.client[operation](self.client, ...)
  row.attempts = row.attempts + (type(detail) == "table" and detail.attempts or 0)
  if result == nil then return nil, detail end
  return result
end

-- --- by name --------------------------------------------------------------------------------------

--- Pages of the list into visit(resource), their attempts counted -> count | nil, err
local function read(self, row, query, visit)
  local operation = self.kind.operations.list
  local function read_page(page)
    local list, detail = self.client[operation](self.client, page)
    row.attempts = row.attempts + (type(detail) == "table" and detail.attempts or 0)
    return list, detail
  end
  local list = { client = self.client, operation = operation, read = read_page, query = query }
  list.title = self.kind.plural
  return pages.walk(list, visit)
end

--- batch: {row = of the first that asked, wanted = {name = found}} -> wanted | nil, err
function Lookup:read_for_all(batch)
  local kind, wanted = self.kind, batch.wanted
  local ok, err = read(self, batch.row, nil, function(resource)
    local found = wanted[fold(kind, resource[kind.key])]
    if found then found[#found + 1] = resource end
  end)
  if not ok then return nil, err end
  return wanted
end

local function find_together(self, row, name)
  local wanted, err = self.latch:join(function(batch)
    batch.row = batch.row or row
    batch.wanted = batch.wanted or {}
    batch.wanted[name] = batch.wanted[name] or {}
  end)
  if not wanted then return nil, err end
  return wanted[name]
end

local function find_one(self, row, query, name)
  local found, kind = {}, self.kind
  local ok, err = read(self, row, query, function(resource)
    if fold(kind, resource[kind.key]) == name then found[#found + 1] = resource end
  end)
  if not ok then return nil, err end
  return found
end

--- named(row, key) -> a list of the resources of this name | nil, err
---@param row { attempts: integer } of the report: gets the attempts that it took
function Lookup:named(row, key)
  local kind = self.kind
  local query = kind.find and kind.find(key)
  if query then return find_one(self, row, query, fold(kind, key)) end
  return find_together(self, row, fold(kind, key))
end

-- --- of a change ----------------------------------------------------------------------------------

local function key_column(kind)
  for _, column in ipairs(kind.columns) do
    if column.name == kind.key then return column end
  end
end

--- shows(resource): an answer may show the thing; another one says nothing of it.
function Lookup:shows(resource)
  return type(resource) == "table" and resources.get(key_column(self.kind), resource) ~= nil
end

--- Those that are in the same app, where a key names one thing of it alone.
local function within_same(kind, change, found)
  local values = change.new or change.old
  local wanted = kind.within and values and values[kind.within]
  if not wanted then return found end
  local same = {}
  for _, resource in ipairs(found) do
    if resource[kind.within] == wanted then same[#same + 1] = resource end
  end
  return same
end

--- Has the resource left out a list that the change is about?
local function lacks_list(kind, change, resource)
  for _, column in ipairs(kind.columns) do
    local is_asked = column.form == "list" and change.new and change.new[column.name] ~= nil
    if is_asked and resources.get(column, resource) == nil then return resource.id ~= nil end
  end
  return false
end

--- alone(row, resource) -> the same, asked for alone: with the lists that were left out | nil, err
function Lookup:alone(row, resource)
  local seen, err = self:call(row, self.kind.operations.get, resource.id)
  if not seen then return nil, err end
  return self:shows(seen) and seen or resource
end

local function find(self, row, change)
  local listed, err = self:named(row, change.key)
  if not listed then return nil, err end
  local found = {}
  for i, resource in ipairs(within_same(self.kind, change, listed)) do
    if lacks_list(self.kind, change, resource) then
      resource, err = self:alone(row, resource)
      if not resource then return nil, err end
    end
    found[i] = resource
  end
  return found
end

--- look(row, change[, err]) -> the things of the change's name that the service has now, with the lists that
-- it is about | nil, err. err: why it is looked for; it then says too what kept the look from an answer.
function Lookup:look(row, change, err)
  local found, why = find(self, row, change)
  if found then return found end
  if not err then return nil, why end
  err.message = ("%s (and it could not be looked up: %s)"):format(err.message, why.message)
  return nil, err
end

--- Returns when it is time for the next look -> true | nil, err
local function wait_until(self, due)
  local seconds = due - system.now()
  if seconds <= 0 then return true end
  return self.client:sleep(seconds)
end

--- look_patiently(row, change[, err]): the same, until something is found or the time is over. What an
-- earlier run may have sent was sent before this one began.
function Lookup:look_patiently(row, change, err)
  local began = change.lost and self.began or system.now()
  local found, looked, count = nil, nil, 0
  for i, moment in ipairs(LOOKS) do
    local due = began + self.settle * moment
    if i == 1 or due > looked then
      local ok, why = wait_until(self, due)
      if not ok then return nil, why end
      looked, count = system.now(), count + 1
      found, why = self:look(row, change, err)
      if not found then return nil, why end
      if found[1] then return found end
      row.note = ("looked for %d times in %g s, not there"):format(count, self.settle)
    end
  end
  return found
end

--- look_ahead(lost): looks patiently for all creates that an earlier run may have sent, before the first is
--- sent: together, for each is waited for. What cannot be looked up now is when its turn comes.
---@param lost fun(): ddokta.bulk.Change? iterates over the creates
function Lookup:look_ahead(lost)
  require("ddokta").parallel(LOOKERS, lost, function(change)
    local row = { attempts = 0 }
    local found = self:look_patiently(row, change)
    if found then self.ahead[change.number] = { found = found, row = row } end
    return true
  end, function(_, _, ok, err)
    if not ok then error(err, 0) end
  end)
end

--- lost(row, change) -> what was found of a create that an earlier run may have sent, ahead or now | nil, err
function Lookup:lost(row, change)
  local ahead = self.ahead[change.number]
  if not ahead then return self:look_patiently(row, change) end
  self.ahead[change.number] = nil
  row.attempts, row.note = row.attempts + ahead.row.attempts, ahead.row.note
  return ahead.found
end

return lookup
