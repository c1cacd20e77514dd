--- What several tasks wait for together, and what is to be done once for all of them.
local scheduler = require "ddokta.scheduler"

--- Tasks that wait for one of them.
---@class ddokta.Latch
local Latch = {}
Latch.__index = Latch

local latch = {}

---@param work? fun(batch: table): any, any done once for all who join; it answers what join does
---@return ddokta.Latch
function latch.new(work) return setmetatable({ work = work, first = 1, last = 0, waiting = {} }, Latch) end

--- Returns when the task that runs is woken.
function Latch:wait()
  local task = scheduler.current()
  self.last = self.last + 1
  self.waiting[self.last] = task
  task:suspend()
end

--- The first of those who wait goes on.
function Latch:wake_one()
  local task = self.waiting[self.first]
  if not task then return end
  self.waiting[self.first] = nil
  self.first = self.first + 1
  task:ready()
end

--- All that wait go on, in the order in which they came.
function Latch:wake()
  for _ = self.first, self.last do -- not those who wait again meanwhile
    self:wake_one()
  end
end

local function end_batch(self, batch)
  batch.over, self.busy = true, false
  self:wake() -- those of the next batch too: the first of them begins it
end

-- In a task of its own, so that those who wait are woken too when the work raises: Lua 5.1 has no pcall
-- that may wait.
local function begin_batch(self)
  local batch = self.batch
  self.batch, self.busy = nil, true
  scheduler.beside(function()
    batch.result, batch.err = self.work(batch)
    end_batch(self, batch)
  end, function(message, traceback)
    batch.bug = scheduler.raised(message, traceback)
    end_batch(self, batch)
    return false
  end)
end

--- Has the work done once for all who join before it begins, and it begins when all others have run that can.
--- Who comes while it is done is of the next batch. What it raises is raised in each of them.
---@param add? fun(batch: table) told what this one wants of the work
---@return any result what the work answers
---@return any err
function Latch:join(add)
  local task, batch = scheduler.current(), self.batch or {}
  if add then add(batch) end
  if not task then return self.work(batch) end
  self.batch = batch
  scheduler.step_back()
  while not batch.over do
    if self.busy then
      self:wait()
    else
      begin_batch(self)
    end
  end
  if batch.bug then error(batch.bug, 0) end
  return batch.result, batch.err
end

return latch
