-- lua/ddokta/sandbox/store.lua
local store = require "ddokta.sandbox.store"

describe("the sandbox's store", function()
  local records

  before_each(function()
    records = store.new()
    for _, id in ipairs { "a", "b", "c" } do
      records:add { id = id }
    end
  end)

  local function ids()
    local list = {}
    for i, record in ipairs(records:all()) do
      list[i] = record.id
    end
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
    records:add { id = "d" }
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

  describe("with keys", function()
    local people

    before_each(function()
      people = store.new { name = function(record) return record.name and record.name:lower() end }
      for i, name in ipairs { "Ann", "bob", "ANN" } do
        people:add { id = i, name = name }
      end
    end)

    local function found(name)
      local list = {}
      for i, record in ipairs(people:find_all("name", name)) do
        list[i] = record.id
      end
      return list
    end

    it("finds all that have a key, and the first", function()
      assert.same({ 1, 3 }, found "ann")
      assert.equal(1, people:find("name", "ann").id)
      assert.same({}, found "nobody")
      assert.is_nil(people:find("name", nil))
    end)

    it("follows changes, removals and records without the key", function()
      local ann = people:get(1)
      ann.name = "Bob"
      people:changed(ann)
      assert.same({ 3 }, found "ann")
      assert.same({ 2, 1 }, found "bob")
      people:remove(people:get(2))
      ann.name = nil
      people:changed(ann)
      assert.same({}, found "bob")
    end)

    it("takes a record back that was removed", function()
      local ann = people:get(1)
      people:remove(ann)
      people:add(ann)
      assert.equal(3, people.count)
      assert.same({ 3, 1 }, found "ann")
      local last = people:all()[3]
      assert.equal(1, last.id)
      assert.equal(3, #people:all())
    end)

    it("shares no removal with another store that has the record", function()
      local other = store.new()
      local ann = other:add(people:get(1))
      other:remove(ann)
      assert.equal(0, #other:all())
      assert.equal(ann, people:get(1))
      assert.equal(3, #people:all())
    end)

    it("makes what is derived again only after a change", function()
      local made = 0
      local function count(self)
        made = made + 1
        return self.count
      end
      assert.equal(3, people:derived("count", count))
      assert.equal(3, people:derived("count", count))
      assert.equal(1, made)
      people:add { id = 4 }
      assert.equal(4, people:derived("count", count))
      people:remove(people:get(4))
      assert.equal(3, people:derived("count", count))
      assert.equal(3, made)
    end)
  end)
end)
