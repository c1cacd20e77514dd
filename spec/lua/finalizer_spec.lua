-- lua/ddokta/finalizer.lua
local finalizer = require "ddokta.finalizer"

describe("finalizer.new", function()
  it("calls the action once, when nobody has the object any more", function()
    local calls = 0
    local object = finalizer.new(function() calls = calls + 1 end)
    collectgarbage()
    assert.same({ true, 0 }, { object ~= nil, calls })
    object = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal(1, calls)
  end)
end)
