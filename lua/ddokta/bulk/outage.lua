--- outage: do failures say that the service is out of order, or that enough is enough?

local guards = require "ddokta.bulk.guards"

local WINDOW = 50 -- steps over which a rate is counted
local LEAST = 10 -- failures among them that make a rate

-- failures that say nothing about the row
local of_service = {
  server = true,
  network = true,
  timeout = true,
  tls = true,
  protocol = true,
  rate_limited = true,
}

local outage = {}
outage.__index = outage

--- parse(20) or parse("10%") -> {count =} or {percent =}, or nil and what is wrong
function outage.parse(value) return guards.parse(value) end

local function slide(self, failed)
  local place = self.seen % WINDOW
  if self.window[place] then self.recent = self.recent - 1 end
  self.window[place] = failed
  if failed then self.recent = self.recent + 1 end
  self.seen = self.seen + 1
end

--- add(err or nil) -> nil, or why the run ends: reason ("outage", "max_failures"), message
function outage:add(err)
  if err then self.failures = self.failures + 1 end
  if self.limit.count then
    if self.failures <= self.limit.count then return nil end
    return "max_failures",
      ("%d steps failed, more than the limit of %d"):format(self.failures, self.limit.count)
  end
  slide(self, err ~= nil and of_service[err.kind] == true)
  local size = math.min(self.seen, WINDOW)
  if self.recent < LEAST or self.recent * 100 <= self.limit.percent * size then return nil end
  return "outage",
    ("%d of the last %d steps failed for reasons of the service, more than %g%%: %s"):format(
      self.recent,
      size,
      self.limit.percent,
      err and err.message or "see the failed rows"
    )
end

--- new(limit) -> a counter. limit: of parse
function outage.new(limit)
  return setmetatable({ limit = limit, window = {}, recent = 0, seen = 0, failures = 0 }, outage)
end

return outage
