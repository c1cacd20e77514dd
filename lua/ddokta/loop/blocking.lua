--- The loop of a plain script: the calls' own poll blocks the thread.
local core = require "ddokta.native"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

---@type ddokta.Loop
local blocking = { name = "blocking" }

function blocking.pause(_, drivers, seconds)
  if #drivers == 0 then
    core.system.sleep(seconds)
    return
  elseif #drivers == 1 then
    drivers[1]:pump(seconds)
    return
  end
  local natives = {}
  for i, driver in ipairs(drivers) do
    natives[i] = driver.native
  end
  core.wait(seconds or 86400, unpack(natives))
  for _, driver in ipairs(drivers) do
    driver:pump(0)
  end
end

return blocking
