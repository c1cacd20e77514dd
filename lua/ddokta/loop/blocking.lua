-- Who waits in a plain script: the engine's own poll.
local core = require "ddokta.core"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local M = { name = "blocking" }

function M.pause(_, engines, seconds)
  if #engines == 0 then
    core.system.sleep(seconds)
    return
  elseif #engines == 1 then
    engines[1]:pump(seconds)
    return
  end
  local cores = {}
  for i, engine in ipairs(engines) do
    cores[i] = engine.core
  end
  core.wait(seconds or 86400, unpack(cores))
  for _, engine in ipairs(engines) do
    engine:pump(0)
  end
end

return M
