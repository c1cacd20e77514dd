-- lua/ddokta/sandbox/schedule.lua
local schedule = require "ddokta.sandbox.schedule"

describe("the sandbox's work to come", function()
  local state, done

  before_each(function()
    state, done = {}, {}
  end)

  local function note(name)
    return function(now) done[#done + 1] = name .. "@" .. now end
  end

  it("is done at once when its time has come", function()
    schedule.at(state, 1000, 1000, note "a")
    assert.same({ "a@1000" }, done)
  end)

  it("waits for a request at its time or later, and then takes place as if at its time", function()
    schedule.at(state, 1010, 1000, note "a")
    schedule.catch_up(state, 1009.9)
    assert.same({}, done)
    schedule.catch_up(state, 1500)
    schedule.catch_up(state, 1500)
    assert.same({ "a@1010" }, done)
  end)

  it("is done in the order of its times, of one time in the order of asking", function()
    schedule.at(state, 1020, 1000, note "c")
    schedule.at(state, 1010, 1000, note "a")
    schedule.at(state, 1010, 1000, note "b")
    schedule.catch_up(state, 1500)
    assert.same({ "a@1010", "b@1010", "c@1020" }, done)
  end)

  it("is not begun while other work goes on, and not stopped for good by an error", function()
    schedule.at(state, 1010, 1000, function()
      schedule.catch_up(state, 1500)
      error("broken")
    end)
    schedule.at(state, 1010, 1000, note "a")
    assert.has_error(function() schedule.catch_up(state, 1500) end)
    assert.same({}, done)
    schedule.catch_up(state, 1500)
    assert.same({ "a@1010" }, done)
  end)

  it("may bring more work, and may itself let others catch up", function()
    schedule.at(state, 1010, 1000, function(now)
      note "a"(now)
      schedule.at(state, now + 5, now, note "b")
      schedule.catch_up(state, now)
    end)
    schedule.at(state, 1012, 1000, note "c")
    schedule.catch_up(state, 1500)
    assert.same({ "a@1010", "c@1012", "b@1015" }, done)
  end)

  it("has its state, and really takes place now when its time is 0", function()
    local seen
    schedule.add(state, 0, function(now, given) seen = { now, given == state } end)
    schedule.catch_up(state, 1234)
    assert.same({ 1234, true }, seen)
  end)
end)
