-- lua/ddokta/cancel_scope.lua: what every loop must do besides stands in spec/lua/loop/tasks.lua.
local cancel_scope = require "ddokta.cancel_scope"
local scheduler = require "ddokta.scheduler"

describe("cancel_scope", function()
  it("is nothing where nobody may ask for a stop", function()
    assert.same({ 1, nil, 3 }, { cancel_scope.run(nil, function() return 1, nil, 3 end) })
    assert.is_false(cancel_scope.is_stopped())
    assert.is_nil(scheduler.scope())
  end)

  it("asks when it is asked, and asks no more once the answer was yes", function()
    local asked = 0
    local function should_stop()
      asked = asked + 1
      return asked == 2
    end
    local seen = {}
    cancel_scope.run(should_stop, function()
      for i = 1, 4 do
        seen[i] = cancel_scope.is_stopped()
      end
    end)
    assert.same({ false, true, true, true }, seen)
    assert.same(2, asked)
  end)

  it("calls the program's question outside of what it stops", function()
    local scopes = 0
    cancel_scope.run(function()
      scopes = scopes + (scheduler.scope() and 1 or 0)
      return true
    end, function()
      assert(scheduler.scope())
      assert.is_true(cancel_scope.is_stopped())
      scheduler.within(nil, function() assert.is_false(cancel_scope.is_stopped()) end)
    end)
    assert.same(0, scopes)
  end)

  it("stops what is within, and not what is around", function()
    cancel_scope.run(function() return false end, function()
      cancel_scope.run(function() return true end, function() assert.is_true(cancel_scope.is_stopped()) end)
      assert.is_false(cancel_scope.is_stopped())
    end)
  end)
end)
