-- lua/ddokta/bulk/comparison.lua, by the plans that are made of it: what a row means, and what it changes.
local bulk = require "ddokta.bulk"
local service = require "spec.lua.bulk.service"

local kind = {
  name = "things",
  noun = "thing",
  plural = "things",
  key = "name",
  columns = {
    { name = "name", required = true },
    { name = "place", immutable = true },
    { name = "title" },
    { name = "tags", form = "list" },
    { name = "active", form = "boolean" },
  },
  ignored = { "id" },
  operations = {
    list = "list_things",
    get = "get_thing",
    create = "create",
    update = "update",
    delete = "delete",
  },
  deactivate = { operation = "update", column = "active", value = false },
  stale = function() return false end,
}

local function plan(things, rows, options)
  local dd = service.new { list_things = things }
  return assert(bulk.plan(dd, kind, bulk.read(rows), options)), dd
end

local function thing(more)
  local made = { id = "1", name = "a", place = "here", title = "x", tags = { "t" }, active = true }
  for name, value in pairs(more or {}) do
    made[name] = value
  end
  return made
end

-- {field = new} of a change
local function fields(change)
  local found = {}
  for _, field in ipairs(change.changes or {}) do
    found[field.field] = field.new
  end
  return found
end

describe("a row beside what the service has", function()
  it("changes what differs and is specified", function()
    local made = plan({ thing() }, { { name = "a", title = "y", tags = { "t" } } })
    local change = made:step(1)
    assert.same(
      { "update", "1", "x", { title = "y" } },
      { change.action, change.id, change.old.title, fields(change) }
    )
    assert.is_nil(change.old.id)
    assert.same(1, plan({ thing() }, { { name = "a", place = "here" } }).counts.unchanged)
  end)

  it("is in conflict where no update changes what differs", function()
    local change = plan({ thing() }, { { name = "a", place = "there", title = "y" } }):step(1)
    assert.same(
      { "conflict", "place cannot be changed: delete it and create it again" },
      { change.action, change.reason }
    )
  end)

  it("has of a create what it is made of, unless that is not asked for", function()
    local made = plan({}, { { name = "a", title = "(none)", tags = { "t" } } })
    assert.same({ name = "a", tags = { "t" } }, fields(made:step(1)))
    for change in made:each { changes_of_creates = false } do
      assert.same({ "create", nil }, { change.action, change.changes })
    end
  end)

  it("makes active again who is in the source, where that is wanted", function()
    local row = { { name = "a" } }
    local made = plan({ thing { active = false } }, row)
    assert.same({ true, { active = true } }, { made:step(1).reactivates, fields(made:step(1)) })
    assert.same(1, made.reactivations)
    assert.same(1, plan({ thing { active = false } }, row, { reactivate = false }).counts.unchanged)
  end)

  it("asks for a thing alone where the list has left out what matters", function()
    local listed = thing()
    listed.tags = nil
    local dd = service.new { list_things = { listed } }
    dd.get_thing = function(_, id)
      assert.same("1", id)
      return thing { tags = { "t" } }, { attempts = 1 }
    end
    local made = assert(bulk.plan(dd, kind, bulk.read { { name = "a", tags = { "t" } } }))
    assert.same(1, made.counts.unchanged)
    made = assert(
      bulk.plan(dd, kind, bulk.read { { name = "a", tags = {} } }, { allow = { empty_groups = true } })
    )
    assert.same({ "update", { "t" } }, { made:step(1).action, made:step(1).old.tags })
  end)

  it("is not compared with a list that ends early", function()
    local dd = service.new {}
    dd.list_things = function() return { thing() }, { total = 2 } end
    local made, err = bulk.plan(dd, kind, bulk.read { { name = "a" } })
    assert.is_nil(made)
    assert.same({ "protocol", "list_things" }, { err.kind, err.operation })
  end)
end)
