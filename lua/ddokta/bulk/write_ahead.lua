--- write_ahead: hands out the changes of a plan, each once the journal on the disk says that it will be sent.
--
-- A sync of the disk takes milliseconds, in which nothing else is done. So the journal gets the lines of many
-- changes at once, ahead of their turn and while calls are on the way. If the run dies, the next one must
-- look up what became of all of them.

local scheduler = require "ddokta.scheduler"

local AHEAD = 32

---@class ddokta.bulk.WriteAhead
---@field client ddokta.Client
---@field journal ddokta.bulk.RunJournal
---@field take fun(): ddokta.bulk.Change? the next change
---@field stop fun(err: ddokta.Error) it could not be written down
---@field crash fun(err: any) what was raised
---@field is_over fun(): boolean is nothing to be sent any more?
local WriteAhead = {}
WriteAhead.__index = WriteAhead

local write_ahead = {}

--- new{client =, journal =, take =, stop =, crash =, is_over =} -> write_ahead
function write_ahead.new(fields)
  fields.queue, fields.first, fields.last, fields.is_refilling = {}, 1, 0, false
  return setmetatable(fields, WriteAhead)
end

local function count(self) return self.last - self.first + 1 end

--- Into the queue what is on the disk after the next commit; false: there is no more, or it has failed.
local function prepare_one(self)
  local change = self.take()
  if not change then
    self.exhausted = true
    return false
  end
  local ok, err = self.journal:prepare(change)
  self.last = self.last + 1
  self.queue[self.last] = change
  if ok == false then change.refused = err end
  if ok == nil then self.stop(err) end
  return ok ~= nil
end

local function fill(self, most)
  local had = self.last
  while count(self) < most and prepare_one(self) do
  end
  if self.last == had then return end
  local ok, err = self.journal:commit()
  if not ok then self.stop(err) end
end

--- Behind all tasks that can run now: what they have to send is sent, then the disk may take its time.
local function refill(self)
  scheduler.step_back()
  if self.is_over() then return end
  self.client:step()
  fill(self, 2 * AHEAD)
  self.is_refilling = false
end

local function pop(self)
  local change = self.queue[self.first]
  if not change then return nil end
  self.queue[self.first] = nil
  self.first = self.first + 1
  return change
end

--- next() -> a change that may be sent now, or nil
function WriteAhead:next()
  if self.is_over() then return nil end
  if not self.journal.writes then return self.take() end
  if count(self) == 0 then fill(self, AHEAD) end
  if self.is_over() then return nil end
  local change = pop(self)
  if count(self) < AHEAD and not self.is_refilling and not self.exhausted then
    self.is_refilling = true
    scheduler.beside(
      function() refill(self) end,
      function(message, traceback) self.crash(scheduler.raised(message, traceback)) end
    )
  end
  return change
end

--- left() -> an iterator over those that were prepared and not given out
function WriteAhead:left()
  return function() return pop(self) end
end

return write_ahead
