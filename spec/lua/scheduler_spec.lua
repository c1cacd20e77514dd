-- lua/ddokta/scheduler.lua: who waits here. What else it does is seen from outside, in task_spec.
local scheduler = require "ddokta.scheduler"
local task = require "ddokta.task"

describe("scheduler.here", function()
  it("is nobody where nothing else runs", function() assert.same({}, { scheduler.here() }) end)

  it("is the task that runs, which rests until it is ready", function()
    local order, sleeper = {}, nil
    task.parallel(2, { "rests", "wakes" }, function(what)
      if what == "wakes" then
        order[#order + 1] = what
        sleeper:ready()
        return
      end
      sleeper = scheduler.here()
      assert(sleeper == scheduler.current())
      sleeper:rest(60)
      order[#order + 1] = what
    end)
    assert.same({ "wakes", "rests" }, order)
    assert.is_nil(sleeper.is_alone)
  end)

  it("a task that nobody can wake is told so", function()
    local alone
    task.spawn(function()
      local self = scheduler.here()
      self:rest(60)
      alone = self.is_alone
    end)
    assert.is_true(alone)
  end)
end)
