-- Who waits in a scheduler that we only know a sleep(seconds) of, copas for one: step, sleep a
-- little, a little longer if nothing happens.
local M = {}

local SHORTEST, LONGEST = 0.001, 0.010 -- seconds

-- How long to sleep after so many turns without an end: doubles, and never beyond what is due.
function M.nap(turn, engines)
  local seconds = math.min(SHORTEST * 2 ^ turn, LONGEST)
  for _, engine in ipairs(engines) do
    seconds = math.min(seconds, engine.core:timeout() or seconds)
  end
  return math.max(seconds, SHORTEST)
end

-- new(sleep) -> loop
function M.new(sleep)
  return {
    name = "sleep",
    pause = function(waiter, engines, seconds)
      waiter.turn = (waiter.turn or -1) + 1
      local nap = M.nap(waiter.turn, engines)
      sleep(math.min(nap, seconds or nap))
      for _, engine in ipairs(engines) do
        engine:pump(0)
      end
    end,
  }
end

return M
