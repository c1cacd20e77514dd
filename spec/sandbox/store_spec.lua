-- lua/ddokta/sandbox/store.lua
local store = require "ddokta.sandbox.store"

describe("the sandbox's store", function()
  local records

  before_each(function()
    records = store.new()
    for _, id in ipairs{ "a", "b", "c" } do records:add{ id = id } end
  end)

  local function ids()
    local list = {}
    for i, record in ipairs(records:all()) do list[i] = record.id end
    return table.concat(list, " ")
  end

  it("keeps the order in which records came", function()
    assert.equal("a b c", ids())
    assert.equal(3, records.count)
  end)

  it("finds by id", function()
    assert.equal("b", records:get("b").id)
    assert.is_nil(records:get("d"))
  end)

  it("forgets a removed record and keeps the order of the others", function()
    records:remove(records:get("b"))
    assert.is_nil(records:get("b"))
    assert.equal("a c", ids())
    records:add{ id = "d" }
    records:remove(records:get("a"))
    assert.equal("c d", ids())
    assert.equal(2, records.count)
  end)

  it("gives a record another id in the same place", function()
    records:rename(records:get("b"), "z")
    assert.is_nil(records:get("b"))
    assert.equal("z", records:get("z").id)
    assert.equal("a z c", ids())
  end)
end)
