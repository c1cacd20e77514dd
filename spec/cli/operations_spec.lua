-- ddokta operations: the operation map, for people and for programs.
local command = require "spec.cli.command"
local ddokta = require "ddokta"
local json = require("ddokta.core").json

describe("ddokta operations", function()
  it("has a line for each operation, and needs no key", function()
    local result = command.run({}, "operations")
    assert.same({ 0, "" }, { result.status, result.err })
    assert.same(#ddokta.operations + 1, select(2, result.out:gsub("\n", "")))
    for _, operation in ipairs(ddokta.operations) do
      assert.truthy(result.out:find("\n" .. operation.name .. " ", 1, true))
    end
  end)

  it("is the map itself as JSON", function()
    local decoded = assert(json.decode(command.run({}, "operations", "--json").out))
    assert.same(ddokta.operations, decoded)
  end)
end)
