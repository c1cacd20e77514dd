-- lua/ddokta/protect.lua: errors are caught around what may wait, on Lua 5.1 too.
local protect = require "ddokta.protect"

describe("protect", function()
  it("knows what was raised because memory ran out", function()
    local _, raised = pcall(string.rep, "x", 2 ^ 40)
    if raised:find "memory" then assert.is_true(protect.is_out_of_memory(raised)) end
    assert.is_true(protect.is_out_of_memory "not enough memory")
    assert.is_false(protect.is_out_of_memory "a bug")
    assert.is_false(protect.is_out_of_memory { message = "not enough memory" })
    assert.is_false(protect.is_out_of_memory(nil))
  end)

  it("calls what makes calls itself, and answers what it raised", function()
    assert.same({ true, 1, 2 }, { protect.call(function() return 1, 2 end) })
    local bug = {}
    local ok, raised = protect.call(function() error(bug) end)
    assert.is_false(ok)
    assert.equal(bug, raised)
  end)

  it("runs a task that yields, and passes on what it is resumed with", function()
    local seen = {}
    local co = coroutine.create(protect.task(function()
      for i = 1, 3 do
        seen[i] = coroutine.yield(i)
      end
    end, error))
    local yielded = {}
    for i = 1, 4 do
      local ok, value = coroutine.resume(co, i > 1 and ("answer %d"):format(i - 1) or nil)
      assert.is_true(ok)
      yielded[i] = value
    end
    assert.same({ 1, 2, 3 }, yielded)
    assert.same({ "answer 1", "answer 2", "answer 3" }, seen)
    assert.equal("dead", coroutine.status(co))
  end)

  it(
    "tells what a task raised after it has waited, with its place, and runs it again where asked to",
    function()
      local runs, told = 0, {}
      local co = coroutine.create(protect.task(function()
        runs = runs + 1
        coroutine.yield()
        error("bug " .. runs)
      end, function(message, traceback)
        told[#told + 1] = message
        assert.truthy(traceback:find("protect_spec.lua", 1, true), traceback)
        return runs < 2
      end))
      repeat
        assert(coroutine.resume(co))
      until coroutine.status(co) == "dead"
      assert.equal(2, runs)
      assert.truthy(told[1]:find "bug 1$")
      assert.truthy(told[2]:find "bug 2$")
    end
  )
end)
