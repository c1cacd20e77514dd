-- A few runs of the kill test, other ones each time; `make test-kill` does many.
local box = require "spec.lua.bulk.box"
local double = require "spec.kill.double"
local runs = require "spec.kill.runs"
local system = require("ddokta.core").system

local RUNS = 20
local DOUBLE_STARTS = 15

describe("bulk.apply", function()
  it("loses nothing and does nothing twice, whenever it is killed", function()
    local server, dd = box.start { limit = 1000000, log_size = 100000, latency = 0.003 }
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

  it("goes once when it is started twice with the journal of a finished run", function()
    local server, dd = box.start { limit = 1000000, latency = 0.002 }
    local dir = assert(system.mkdtemp "ddokta-double-")
    finally(function()
      server:stop()
      os.execute("rm -rf '" .. dir .. "'")
    end)
    for _ = 1, DOUBLE_STARTS do
      assert(double.run(server, dd, dir .. "/run"))
    end
  end)
end)
