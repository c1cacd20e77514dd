--- The loop for a scheduler that offers nothing but sleep(seconds), such as copas.
--- It sleeps, does what can be done, and sleeps again: each time twice as long as before, and 10 ms at most.
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
    others_run = true,
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
