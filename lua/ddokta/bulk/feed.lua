--- feed: the steps of a plan one after the other, the intents of those that come next on the disk already.
--
-- A sync takes the disk milliseconds in which nothing else is done. So intents are written while calls are
-- on the way, for as many steps at once as will soon be asked for; after a death those are looked up.

local ddokta = require "ddokta"
local scheduler = require "ddokta.scheduler"

local AHEAD = 32

local feed = {}
feed.__index = feed

--- Into the queue what is on the disk after the next commit; false: there is no more, or it has failed.
local function prepare_one(self)
  local action = self.take()
  if not action then
    self.exhausted = true
    return false
  end
  local ok, err = self.record:prepare(action)
  self.last = self.last + 1
  self.queue[self.last] = action
  if ok == false then action.refused = err end
  if ok == nil then self.stop(err) end
  return ok ~= nil
end

local function fill(self, most)
  local had = self.last
  while self.last - self.first + 1 < most do
    if not prepare_one(self) then break end
  end
  if self.last == had then return end
  local ok, err = self.record:commit()
  if not ok then self.stop(err) end
end

--- Behind all tasks that can run now: what they have to send is sent, then the disk may take its time.
local function refill(self)
  local task = scheduler.current()
  task:ready()
  task:suspend()
  if self.is_over() then return end
  self.client:step()
  fill(self, 2 * AHEAD)
  self.asked = false
end

local function pop(self)
  local action = self.queue[self.first]
  if not action then return nil end
  self.queue[self.first] = nil
  self.first = self.first + 1
  return action
end

--- next() -> a step that may be sent now, or nil
function feed:next()
  if self.is_over() then return nil end
  if not self.record.writes then return self.take() end
  if self.first > self.last then fill(self, AHEAD) end
  if self.is_over() then return nil end
  local action = pop(self)
  if self.last - self.first + 1 < AHEAD and not self.asked and not self.exhausted then
    self.asked = true
    ddokta.spawn(function() refill(self) end, function(err)
      if err then self.crash(err) end
    end)
  end
  return action
end

--- left() -> an iterator over those that were prepared and not given out
function feed:left()
  return function() return pop(self) end
end

--- new{client =, record =, take = function() -> step | nil, stop = function(err), is_over = function(),
-- crash = function(err): of what was raised}
return function(fields)
  fields.queue, fields.first, fields.last, fields.asked = {}, 1, 0, false
  return setmetatable(fields, feed)
end
