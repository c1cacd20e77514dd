-- What became of each step, kept on the disk.
local outcomes = require "ddokta.bulk.outcomes"

describe("bulk.outcomes", function()
  local kept
  before_each(function() kept = outcomes.new() end)
  after_each(function() kept:close() end)

  it("gives back what was put, whatever the order; the last one counts", function()
    kept:put(3, { outcome = "failed", error = { kind = "server", message = "line\nbreak" }, attempts = 2 })
    kept:put(1, { outcome = "done", id = "a-1" })
    assert.same({ outcome = "done", id = "a-1" }, kept:get(1))
    assert.is_nil(kept:get(2))
    assert.same("line\nbreak", kept:get(3).error.message)
    assert.is_nil(kept:get(4))
    kept:put(3, { outcome = "done" })
    assert.same({ outcome = "done" }, kept:get(3))
    kept:put(100000, { outcome = "unknown" })
    assert.same("unknown", kept:get(100000).outcome)
    assert.is_nil(kept:get(99999))
    assert.same(100000, kept.last)
  end)

  it("keeps in memory what finds no room on the disk", function()
    local full = io.open("/dev/full", "w")
    if not full then return end
    full:setvbuf "no"
    kept.texts:close()
    kept.texts = full
    kept:put(1, { outcome = "done", id = "x" })
    assert.same({ outcome = "done", id = "x" }, kept:get(1))
  end)

  it("keeps all in memory where there are no temporary files", function()
    local tmpfile = io.tmpfile
    finally(function() io.tmpfile = tmpfile end) -- luacheck: ignore 122
    io.tmpfile = function() return nil, "Read-only file system" end -- luacheck: ignore 122
    local other = outcomes.new()
    other:put(2, { outcome = "done" })
    assert.same({ "done" }, { other:get(2).outcome })
    assert.is_nil(other:get(1))
    other:close()
  end)
end)
