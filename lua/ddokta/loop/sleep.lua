--- The loop of a scheduler of which only sleep(seconds) is known, copas for one: do what can be done, sleep a
--- little, a little longer if nothing happens.
local sleep = {}

local SHORTEST, LONGEST = 0.001, 0.010 -- seconds

-- How long to sleep after so many turns without an end: doubles, and never beyond what is due.
function sleep.nap(turn, drivers)
  local seconds = math.min(SHORTEST * 2 ^ turn, LONGEST)
  for _, driver in ipairs(drivers) do
    seconds = math.min(seconds, driver.native:timeout() or seconds)
  end
  return math.max(seconds, SHORTEST)
end

---@param rest fun(seconds: number) the scheduler's sleep
---@return ddokta.Loop
function sleep.new(rest)
  return {
    name = "sleep",
    pause = function(waiter, drivers, seconds)
      waiter.turn = (waiter.turn or -1) + 1
      local nap = sleep.nap(waiter.turn, drivers)
      rest(math.min(nap, seconds or nap))
      for _, driver in ipairs(drivers) do
        driver:pump(0)
      end
    end,
  }
end

return sleep
