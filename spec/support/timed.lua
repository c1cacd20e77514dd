--- An `it` for what measures time, of which another program may take some.
local system = require("ddokta.core").system

local TRIES = 5

-- On a machine that does nothing else a spec's own programs (itself, a sandbox, a client) wait for each other
-- for less than this part of the time.
local BUSY = 0.4

-- Seconds in which anything on this machine waited for a processor; nil where the kernel does not count them.
local function waited()
  local file = io.open "/proc/pressure/cpu"
  if not file then return nil end
  local microseconds = tonumber((file:read "*a"):match "some.-total=(%d+)")
  file:close()
  return microseconds and microseconds / 1e6
end

-- run() -> whether it passed, what it raised, whether the processors were another's meanwhile
local function try(run)
  local began, before = system.now(), waited()
  local passed, raised = pcall(run)
  local after = waited()
  return passed, raised, before and after and (after - before) / (system.now() - began) > BUSY
end

--- timed(it, skip) -> an `it`. What fails is tried again, four times. What fails each time is skipped if the
--- machine was busy each time, for then that was measured, and is a failure if not.
--- skip: function(why) pending(why) end, of the spec: busted knows `pending` only there.
return function(it, skip)
  return function(name, run)
    it(name, function()
      local passed, raised, busy
      local always_busy = true
      for _ = 1, TRIES do
        passed, raised, busy = try(run)
        if passed then return end
        always_busy = always_busy and busy
      end
      if not always_busy then error(raised, 0) end
      skip "other programs had the processors each time"
    end)
  end
end
