-- A few runs of the kill test, other ones each time; `make test-kill` does many.
local box = require "spec.bulk.box"
local runs = require "spec.kill.runs"
local system = require("ddokta.core").system

local RUNS = 20

describe("bulk.apply", function()
  it("loses nothing and does nothing twice, whenever it is killed", function()
    local server, dd = box.start{ limit = 1000000, log_size = 100000, latency = 0.003 }
    local dir = assert(system.mkdtemp "ddokta-kill-")
    finally(function()
      server:stop()
      os.execute("rm -rf '" .. dir .. "'")
    end)
    local first, kills = os.time() % 1000000, 0
    for seed = first, first + RUNS - 1 do
      local killed, message = runs.run(server, dd, dir, seed)
      assert.truthy(killed, killed == nil and message .. " (make test-kill SEED=" .. seed .. " RUNS=1)")
      kills = kills + killed
    end
    assert.is_true(kills >= RUNS / 2, "only " .. kills .. " kills")
  end)
end)
