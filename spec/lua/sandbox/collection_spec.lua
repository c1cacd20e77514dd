-- lua/ddokta/sandbox/collection.lua: the five verbs of a table, here over Datadog's documents
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local store = require "ddokta.sandbox.store"

describe("a collection of the sandbox", function()
  local state, things, definition

  before_each(function()
    state = { things = store.new() }
    definition = {
      dialect = documents,
      type = "things",
      what = "Thing",
      store = "things",
      operations = collection.operations("thing", "list create get update delete"),
      fields = { { name = "name", kind = "text", required = true } },
      changes = { { name = "name", kind = "text" } },
      mismatch = 422,
      attributes = { "name" },
    }
    things = collection.new(definition)
  end)

  local function ask(operation, id, attributes, sent_id)
    local data = attributes and { type = "things", id = sent_id or id, attributes = attributes }
    local request = { parameters = { thing_id = id }, body = json.encode { data = data }, now = 1 }
    request.template = "/things" .. (id and "/{thing_id}" or "")
    return answers.catch(things.handlers[operation], request, state)
  end

  it("makes, shows, changes and removes records", function()
    local made = ask("create_thing", nil, { name = "a" }).data
    assert.same({ type = "things", id = made.id, attributes = { name = "a" } }, made)
    assert.same(made, ask("get_thing", made.id).data)
    assert.equal("b", ask("update_thing", made.id, { name = "b" }).data.attributes.name)
    assert.same({ "b" }, { ask("list_things").data[1].attributes.name })
    local nothing, refusal = ask("delete_thing", made.id)
    assert.same({}, { nothing, refusal })
    assert.equal(0, state.things.count)
  end)

  it("refuses what is not there, not right, or meant for another", function()
    local id = ask("create_thing", nil, { name = "a" }).data.id
    for status, arguments in pairs {
      [404] = { "get_thing", "x" },
      [400] = { "create_thing", nil, {} },
      [422] = { "update_thing", id, { name = "b" }, "other" },
    } do
      local _, refusal = ask(arguments[1], arguments[2], arguments[3], arguments[4])
      assert.equal(status, refusal.status)
    end
    assert.equal("a", state.things:get(id).name)
  end)

  it("asks its hooks before anything changes", function()
    definition.changing = function(_, record, attributes)
      assert.equal("a", record.name)
      if attributes.name == "no" then answers.fail(409, "no") end
    end
    definition.removing = function(_, record) return record.name == "a" end
    local id = ask("create_thing", nil, { name = "a" }).data.id
    local _, refusal = ask("update_thing", id, { name = "no" })
    assert.equal(409, refusal.status)
    assert.equal("a", state.things:get(id).name)
    ask("delete_thing", id)
    assert.equal(1, state.things.count)
  end)

  it("may be within an owner that the path names", function()
    definition.store = "parts"
    definition.owner = function(call) return call.state.box end
    state.box = { parts = store.new() }
    local id = ask("create_thing", nil, { name = "a" }).data.id
    assert.equal("a", state.box.parts:get(id).name)
    assert.equal(0, state.things.count)
  end)

  it(
    "has operations with names as most have them",
    function()
      assert.same(
        { list = "list_api_keys", create = "create_api_key", delete = "delete_api_key" },
        collection.operations("api_key", "list create delete")
      )
    end
  )
end)
