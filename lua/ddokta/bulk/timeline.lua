--- A timeline: what a run did in each part of its time, in 60 parts at most, however long it is.

local MOST = 60
local FIRST = 0.1 -- seconds of a part, until there are too many: then two become one

--- What a run did over its time, in equal parts of it.
---@class ddokta.bulk.Timeline
---@field seconds number of a part
---@field done integer[] changes that were done in each part
---@field failed integer[] changes that failed, or of which nobody knows what became
---@field waited number[] seconds for which calls waited for limits, or their turn, of all calls together

---@class ddokta.bulk.TimelineOfRun
---@field package started number
---@field package data ddokta.bulk.Timeline
---@field package waited fun(): number
local Timeline = {}
Timeline.__index = Timeline

local names = { "done", "failed", "waited" }

local function halve(list)
  for i = 1, math.ceil(#list / 2) do
    list[i] = list[2 * i - 1] + (list[2 * i] or 0)
  end
  for i = #list, math.ceil(#list / 2) + 1, -1 do
    list[i] = nil
  end
end

local function part_of(self, now)
  local data = self.data
  local part = math.floor(math.max(now - self.started, 0) / data.seconds) + 1
  while part > MOST do
    for _, name in ipairs(names) do
      halve(data[name])
    end
    data.seconds, part = data.seconds * 2, math.ceil(part / 2)
  end
  return part
end

--- Nothing ends while all wait: what was waited since the last look belongs to all parts since then.
local function look(self, part)
  local data, last = self.data, #self.data.done
  local waited = self.waited()
  local share = (waited - self.seen) / math.max(part - last, 1)
  self.seen = waited
  for i = last + 1, part do
    data.done[i], data.failed[i], data.waited[i] = 0, 0, share
  end
  if last >= part then data.waited[part] = data.waited[part] + share end
end

--- A change has ended.
---@param now number
---@param name "done"|"failed"
function Timeline:add(now, name)
  local part = part_of(self, now)
  if part > #self.data.done then look(self, part) end
  self.data[name][part] = self.data[name][part] + 1
end

--- The run has ended -> its timeline; nil where no change has ended
---@param now number
---@return ddokta.bulk.Timeline?
function Timeline:finish(now)
  if #self.data.done == 0 then return nil end
  look(self, math.max(part_of(self, now), #self.data.done))
  return self.data
end

---@class ddokta.bulk.timeline
local timeline = {}

--- new(now, waited) -> a timeline that begins now. waited() -> seconds for which calls have waited so far;
--- it is asked once for each part.
---@return ddokta.bulk.TimelineOfRun
function timeline.new(now, waited)
  return setmetatable({
    started = now,
    waited = waited,
    seen = waited(),
    data = { seconds = FIRST, done = {}, failed = {}, waited = {} },
  }, Timeline)
end

return timeline
