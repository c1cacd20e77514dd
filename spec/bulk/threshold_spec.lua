-- How many deletions are too many.
local threshold = require "ddokta.bulk.threshold"

local kind = { plural = "Okta accounts" }

local function blocked(limit, deletes, service, source)
  local plan = { source = "a.csv", counts = { delete = deletes, service = service, source = source or 1 } }
  return threshold.check(plan, kind, assert(threshold.parse(limit))) ~= nil
end

describe("bulk.threshold", function()
  it("reads numbers and percentages", function()
    assert.same({ count = 20 }, threshold.parse(20))
    assert.same({ count = 20 }, threshold.parse("20"))
    assert.same({ percent = 10 }, threshold.parse("10%"))
    assert.same({ percent = 2.5 }, threshold.parse("2.5%"))
    assert.same({ count = 0 }, threshold.parse(0))
    for _, bad in ipairs{ -1, 1.5, "x", "", "%", "101%", "-5%", "1e9%" } do
      assert.is_nil((threshold.parse(bad)), tostring(bad))
    end
  end)

  it("allows exactly as many as it says", function()
    assert.is_false(blocked("10%", 10, 100))
    assert.is_true(blocked("10%", 11, 100))
    assert.is_true(blocked("10%", 1, 9))
    assert.is_false(blocked("10%", 1, 10))
    assert.is_false(blocked(3, 3, 4))
    assert.is_true(blocked(3, 4, 1000))
    assert.is_false(blocked("100%", 50, 50))
    assert.is_true(blocked(0, 1, 100))
  end)

  it("never minds a plan without deletions", function()
    assert.is_false(blocked(0, 0, 0, 0))
  end)

  it("never lets an empty source delete, whatever the limit", function()
    assert.is_true(blocked("100%", 1, 1, 0))
    assert.is_true(blocked(1000, 1, 1, 0))
  end)
end)
