-- The kill test at full length. usage: main.lua [SEED [RUNS]]: seeds SEED, SEED + 1, ... (by the clock, 200),
-- then five double starts for each run.
-- It needs LUA_PATH and LUA_CPATH of this checkout, its own folder included, DDOKTA_LUA and DDOKTA_COMMAND.
local box = require "spec.lua.bulk.box"
local double = require "spec.kill.double"
local runs = require "spec.kill.runs"
local system = require("ddokta.core").system

local first = tonumber(arg[1]) or os.time() % 1000000
local most = tonumber(arg[2]) or 200

local server, dd = box.start { limit = 1000000, log_size = 100000, latency = 0.003 }
local dir = assert(system.mkdtemp "ddokta-kill-")
local failed, kills, resumed, started = 0, 0, 0, system.now()
print(("seeds %d to %d"):format(first, first + most - 1))
for seed = first, first + most - 1 do
  local killed, message = runs.run(server, dd, dir, seed) -- message: or whether it was resumed
  if killed then
    kills, resumed = kills + killed, resumed + (message and 1 or 0)
  else
    failed = failed + 1
    print("FAILED: " .. message)
  end
  io.stdout:flush()
end
local doubles = 5 * most
for _ = 1, doubles do
  local ok, message = double.run(server, dd, dir .. "/double")
  if not ok then
    failed = failed + 1
    print("FAILED: two starts at once: " .. tostring(message))
  end
end
server:stop()
print(
  ("%d runs, %d kills, %d went on with what another had done, %.0f s"):format(
    most,
    kills,
    resumed,
    system.now() - started
  )
)
print(("%d double starts"):format(doubles))
print(("%d passed, %d failed"):format(most + doubles - failed, failed))
if failed == 0 then
  os.execute("rm -rf '" .. dir .. "'")
else
  print("what they left is in " .. dir)
  os.exit(1)
end
