-- Does memory grow with the number of calls? CALLS list calls, one after the other, or AT_ONCE in flight
-- with an iterator and a sink.
-- usage: memory.lua CALLS AT_ONCE; the rest from the environment, as for list_calls.lua
-- Prints the peak of the process's resident memory, KiB: after the first 1,000 calls, and at the end.
local ddokta = require "ddokta"

local FIRST = 1000
local calls, at_once = tonumber(arg[1]), tonumber(arg[2])
local dd = assert(ddokta.client { max_in_flight = at_once, user_agent = os.getenv "BENCH_USER_AGENT" })

local function peak()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmHWM:%s*(%d+)"
    if kib then return tonumber(kib) end
  end
end

local done, first = 0, nil
local function take(list, err)
  if not list then error(tostring(err)) end
  done = done + 1
  if done == FIRST then first = peak() end
end

if at_once == 1 then
  for _ = 1, calls do
    take(dd:list_okta_accounts())
  end
else
  local sent = 0
  ddokta.parallel(at_once, function()
    if sent < calls then
      sent = sent + 1
      return sent
    end
  end, function() return dd:list_okta_accounts() end, function(_, _, list, err) take(list, err) end)
end
print(first, peak())
