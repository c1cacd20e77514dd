-- lua/ddokta/bulk/timeline.lua: what a run did in each part of its time.
local timeline = require "ddokta.bulk.timeline"

local function sum(list)
  local total = 0
  for _, value in ipairs(list) do
    total = total + value
  end
  return total
end

describe("bulk.timeline", function()
  it("counts what ends in each part of the time", function()
    local line = timeline.new(100, function() return 0 end)
    line:add(100, "done")
    line:add(100.05, "failed")
    line:add(100.31, "done")
    assert.same({
      seconds = 0.1,
      done = { 1, 0, 0, 1, 0, 0 },
      failed = { 1, 0, 0, 0, 0, 0 },
      waited = { 0, 0, 0, 0, 0, 0 },
    }, line:finish(100.51))
  end)

  it("is none where nothing ended", function()
    assert.is_nil(timeline.new(0, function() return 0 end):finish(5))
  end)

  it("has 60 parts at most, whatever it lasts, and loses nothing", function()
    for _, length in ipairs { 5.9, 6, 6.1, 600, 1e6 } do
      local waited = 0
      local line = timeline.new(0, function() return waited end)
      for i = 0, 999 do
        waited = i / 10
        line:add(i / 1000 * length, i % 10 == 0 and "failed" or "done")
      end
      waited = 100
      local data = line:finish(length)
      assert.is_true(#data.done <= 60, tostring(length))
      assert.is_true(#data.done * data.seconds >= length, tostring(length))
      assert.same({ #data.done, #data.done }, { #data.failed, #data.waited })
      assert.same({ 900, 100 }, { sum(data.done), sum(data.failed) })
      assert.is_true(math.abs(sum(data.waited) - 100) < 1e-6)
      if length > 30 then assert.is_true(#data.done > 30, tostring(length)) end
    end
  end)

  it("gives a wait to the time in which nothing ended", function()
    local waited = 0
    local line = timeline.new(0, function() return waited end)
    line:add(0.05, "done")
    waited = 8
    line:add(0.45, "done")
    assert.same({ 0, 2, 2, 2, 2 }, line:finish(0.45).waited)
  end)

  it("takes a clock that goes back for one that stands", function()
    local line = timeline.new(10, function() return 0 end)
    line:add(9, "done")
    assert.same({ 1 }, line:finish(8).done)
  end)
end)
