-- Who waits in a plain script: the engine's own poll.
local core = require "ddokta.core"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local M = { name = "blocking" }

function M.pause(_, engines)
  if #engines == 1 then
    engines[1]:pump()
    return
  end
  local cores = {}
  for i, engine in ipairs(engines) do
    cores[i] = engine.core
  end
  core.wait(86400, unpack(cores))
  for _, engine in ipairs(engines) do
    engine:pump(0)
  end
end

return M
