-- lua/ddokta/sandbox/datadog/documents.lua: what a request's document may say, and how it is refused.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"

local SHAPE = {
  type = "things",
  attributes = {
    { name = "name", kind = "text", required = true, longest = 5 },
    { name = "note", kind = "text", nullable = true },
    { name = "size", kind = "whole", one_of = { 1, 2 } },
    { name = "on", kind = "boolean" },
    { name = "at", kind = "time" },
    { name = "words", kind = "texts" },
    { name = "items", kind = "list" },
    { name = "more", kind = "object" },
  },
}

describe("the sandbox's JSON:API documents", function()
  local function read(data, shape)
    local body = type(data) == "string" and data or json.encode { data = data }
    local found, answer = answers.catch(documents.data, { body = body }, shape or SHAPE)
    return found, answer and json.decode(answer.body).errors[1], answer
  end

  it("are given as they were sent", function()
    local attributes = {
      name = "x",
      note = json.null(),
      size = 2,
      on = false,
      at = "2024-01-15T09:30:00Z",
      words = { "a" },
      items = { 1 },
      more = { a = 1 },
    }
    assert.same(attributes, read({ type = "things", attributes = attributes }).attributes)
  end)

  local WRONG = {
    ["name is a required attribute"] = { name = "" },
    ["name must be a string"] = { name = json.null() },
    ["name must not be longer than 5 characters"] = { name = "123456" },
    ["note must be a string"] = { name = "x", note = 1 },
    ["size must be a whole number"] = { name = "x", size = 1.5 },
    ["size must be one of: 1, 2"] = { name = "x", size = 3 },
    ["on must be a boolean"] = { name = "x", on = "true" },
    ["at must be a date-time"] = { name = "x", at = "2024-01-15" },
    ["words must be a list of strings"] = { name = "x", words = { "a", 1 } },
    ["items must be a list"] = { name = "x", items = { a = 1 } },
    ["more must be an object"] = { name = "x", more = { 1 } },
  }

  it("are refused when an attribute is not right", function()
    for problem, attributes in pairs(WRONG) do
      local found, said, answer = read { type = "things", attributes = attributes }
      assert.is_nil(found)
      assert.equal(problem, said)
      assert.equal(400, answer.status)
    end
  end)

  it("are refused when they are none", function()
    for problem, data in pairs {
      ["Invalid JSON"] = "[",
      ["data is required"] = '{"data":null}',
      ["data.type must be things"] = { type = "other", attributes = {} },
      ["data.attributes is required"] = { type = "things" },
      ["data.relationships must be an object"] = {
        type = "things",
        attributes = { name = "x" },
        relationships = "x",
      },
    } do
      local found, said = read(data)
      assert.is_nil(found)
      assert.equal(problem, said)
    end
    assert.equal("Invalid JSON", select(2, read "5"))
  end)

  it("may do without attributes where they are optional", function()
    local shape = { type = "things", optional = { { name = "note", kind = "text" } } }
    assert.same({ type = "things" }, (read({ type = "things" }, shape)))
    assert.equal("data.attributes is required", select(2, read({ type = "things", attributes = 1 }, shape)))
    assert.equal(
      "note must be a string",
      select(2, read({ type = "things", attributes = { note = 1 } }, shape))
    )
  end)

  it("change a record by what they say alone", function()
    local record = { name = "old", note = "old", on = true }
    documents.set(record, { note = json.null(), on = false, other = 1 }, SHAPE.attributes)
    assert.same({ name = "old", on = false }, record)
  end)

  it("name what they are related to", function()
    local function related(relationship)
      local data = { relationships = { roles = relationship } }
      local ids, answer = answers.catch(documents.related, data, "roles", "roles")
      return ids, answer and json.decode(answer.body).errors[1]
    end
    local one, other = { type = "roles", id = "a" }, { type = "roles", id = "b" }
    assert.same({ "a", "b" }, (related { data = { one, other } }))
    assert.same({ "a" }, (related { data = one }))
    assert.same({}, (related { data = {} }))
    assert.same({}, { related(json.null()) })
    assert.same({}, { documents.related({}, "roles", "roles") })
    assert.equal("relationships.roles needs data", select(2, related {}))
    for _, item in ipairs { { type = "teams", id = "a" }, { type = "roles" }, { type = "roles", id = 1 } } do
      assert.equal("relationships.roles must name roles by id", select(2, related { data = item }))
    end
  end)

  it("are refused in JSON:API's shape where that is documented", function()
    local _, refusal = answers.catch(documents.refuse_unknown, "Thing", "x")
    local answer = documents.as_json_api(refusal)
    assert.equal(404, answer.status)
    assert.equal(
      '{"errors":[{"detail":"Thing x not found","status":"404","title":"Not Found"}]}',
      answer.body
    )
  end)
end)
