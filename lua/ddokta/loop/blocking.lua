-- Who waits in a plain script: the engine's own poll.
local core = require "ddokta.core"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local M = { name = "blocking" }

-- pause(engines): until at least one of them may have made progress; they are stepped. An engine
-- is what ddokta.task knows of a client: its `core` is the client of C.
function M.pause(engines)
  if #engines == 1 then
    engines[1].core:step()
    return
  end
  local cores = {}
  for i, engine in ipairs(engines) do
    cores[i] = engine.core
  end
  core.wait(86400, unpack(cores))
  for _, client in ipairs(cores) do
    client:step(0)
  end
end

return M
