-- lua/ddokta/bulk/registry.lua
local registry = require "ddokta.bulk.registry"

describe("what is in a folder of bulk", function()
  it("is found, in its order", function()
    assert.same({ "csv", "jsonl", "json" }, registry.names "formats")
    assert.same({ "okta" }, registry.names "sources")
  end)

  it("is asked for anew each time", function()
    registry.names("formats")[1] = "other"
    assert.same("csv", registry.names("formats")[1])
  end)
end)
