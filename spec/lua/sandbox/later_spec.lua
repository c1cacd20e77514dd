-- lua/ddokta/sandbox/later.lua
local later = require "ddokta.sandbox.later"

describe("the sandbox's work to come", function()
  local state, done

  before_each(function()
    state, done = {}, {}
  end)

  local function note(name)
    return function(now) done[#done + 1] = name .. "@" .. now end
  end

  it("is done at once when its time has come", function()
    later.at(state, 1000, 1000, note "a")
    assert.same({ "a@1000" }, done)
  end)

  it("waits for a request at its time or later, and then takes place as if at its time", function()
    later.at(state, 1010, 1000, note "a")
    later.catch_up(state, 1009.9)
    assert.same({}, done)
    later.catch_up(state, 1500)
    later.catch_up(state, 1500)
    assert.same({ "a@1010" }, done)
  end)

  it("is done in the order of its times, of one time in the order of asking", function()
    later.at(state, 1020, 1000, note "c")
    later.at(state, 1010, 1000, note "a")
    later.at(state, 1010, 1000, note "b")
    later.catch_up(state, 1500)
    assert.same({ "a@1010", "b@1010", "c@1020" }, done)
  end)

  it("is not begun while other work goes on, and not stopped for good by an error", function()
    later.at(state, 1010, 1000, function()
      later.catch_up(state, 1500)
      error("broken")
    end)
    later.at(state, 1010, 1000, note "a")
    assert.has_error(function() later.catch_up(state, 1500) end)
    assert.same({}, done)
    later.catch_up(state, 1500)
    assert.same({ "a@1010" }, done)
  end)

  it("may bring more work, and may itself let others catch up", function()
    later.at(state, 1010, 1000, function(now)
      note "a"(now)
      later.at(state, now + 5, now, note "b")
      later.catch_up(state, now)
    end)
    later.at(state, 1012, 1000, note "c")
    later.catch_up(state, 1500)
    assert.same({ "a@1010", "c@1012", "b@1015" }, done)
  end)

  it("has its state, and really takes place now when its time is 0", function()
    local seen
    later.add(state, 0, function(now, given) seen = { now, given == state } end)
    later.catch_up(state, 1234)
    assert.same({ 1234, true }, seen)
  end)
end)
