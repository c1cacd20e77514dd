--- lookup: what the service has now under a key, for many who ask at once.
--
-- Where a kind can be asked for one key (kind.find) each asks for its own. Of others the whole list is
-- read, once for all who ask while it is not yet begun: an answer that was lost before somebody asks is
-- seen by a list that begins afterwards, and not surely by one that had begun already.

local ddokta = require "ddokta"
local listing = require "ddokta.bulk.listing"
local scheduler = require "ddokta.scheduler"

local lookup = {}
lookup.__index = lookup

local function fold(kind, key)
  if kind.key_folds and type(key) == "string" then return key:lower() end
  return key
end

--- Pages of the list into visit(resource); tries.attempts counts what it took.
local function read(self, tries, query, visit)
  local kind, dd = self.kind, self.client
  return listing.walk(function(page)
    local list, detail = dd[kind.operations.list](dd, page)
    tries.attempts = tries.attempts + (type(detail) == "table" and detail.attempts or 0)
    return list, detail
  end, query, visit, kind.plural)
end

local function find_one(self, tries, query, key)
  local found, kind = {}, self.kind
  local ok, err = read(self, tries, query, function(resource)
    if fold(kind, resource[kind.key]) == key then found[#found + 1] = resource end
  end)
  if not ok then return nil, err end
  return found
end

--- Those who ask together: {wanted = {key = found}, tasks who wait, over, err, bug: what was raised}
local function read_for_all(self, tries, round)
  local kind, wanted = self.kind, round.wanted
  local ok, err = read(self, tries, kind.page, function(resource)
    local found = wanted[fold(kind, resource[kind.key])]
    if found then found[#found + 1] = resource end
  end)
  round.over, round.err = true, not ok and err or nil
end

local function wake(tasks)
  for i = #tasks, 1, -1 do
    local task = tasks[i]
    tasks[i] = nil
    task:ready()
  end
end

local function step_back(task)
  task:ready() -- behind all that are ready now, who may ask too
  task:suspend()
end

--- In a task of its own, so that whatever it raises those who wait are told.
local function begin_reading(self, tries, round)
  self.reading, self.gathering = true, nil
  ddokta.spawn(function() read_for_all(self, tries, round) end, function(bug)
    self.reading, round.over, round.bug = false, true, bug
    wake(round.tasks)
    if self.gathering then wake(self.gathering.tasks) end
  end)
end

local function find_together(self, tries, key)
  local task = scheduler.current()
  local round = self.gathering or { wanted = {}, tasks = {} }
  self.gathering = round
  round.wanted[key] = round.wanted[key] or {}
  if task then step_back(task) end
  while not round.over do
    if not self.reading and task then begin_reading(self, tries, round) end
    if not task then
      self.gathering = nil
      read_for_all(self, tries, round)
    elseif not round.over then
      round.tasks[#round.tasks + 1] = task
      task:suspend()
    end
  end
  if round.bug then error(round.bug, 0) end
  if round.err then return nil, round.err end
  return round.wanted[key]
end

--- find(tries, key) -> a list of the resources of this key, or nil, err
function lookup:find(tries, key)
  local kind = self.kind
  local query = kind.find and kind.find(key)
  if query then return find_one(self, tries, query, fold(kind, key)) end
  return find_together(self, tries, fold(kind, key))
end

--- new(dd, kind) -> lookup
return function(dd, kind) return setmetatable({ client = dd, kind = kind, reading = false }, lookup) end
