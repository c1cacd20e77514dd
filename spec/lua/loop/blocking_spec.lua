-- lua/ddokta/loop/blocking.lua: a plain script waits in the calls' own poll.
local blocking = require "ddokta.loop.blocking"
local serving = require "spec.support.serving"
local system = require("ddokta.core").system

describe("the loop blocking", function()
  local server

  setup(function() server = serving.start() end)
  teardown(function() server:stop() end)

  local function driver_of(client) return getmetatable(client).driver end

  -- pauses until all have ended, 10 seconds at most -> how many pauses it took
  local function pause_until_done(calls, drivers)
    local pauses, deadline = 0, system.now() + 10
    for _, call in ipairs(calls) do
      while not call:done() do
        assert.is_true(system.now() < deadline, "it did not end")
        blocking.pause({}, drivers, 1)
        pauses = pauses + 1
      end
    end
    return pauses
  end

  it("sleeps where there is no call", function()
    local before = system.now()
    blocking.pause({}, {}, 0.02)
    assert.is_true(system.now() - before >= 0.02)
  end)

  it("waits for one client, and for several at once, without spinning", function()
    server:answer { { sleep = 0.05 }, serving.json(200, serving.ACCOUNT) }
    local one, other = server:client(), server:client()
    local call = assert(one:start("get_okta_account", "x"))
    assert.is_true(pause_until_done({ call }, { driver_of(one) }) < 60)
    local calls = { assert(one:start("get_okta_account", "x")), assert(other:start("get_okta_account", "x")) }
    assert.is_true(pause_until_done(calls, { driver_of(one), driver_of(other) }) < 120)
    for _, each in ipairs(calls) do
      assert.is_table((each:result()))
    end
    one:close()
    other:close()
  end)
end)
