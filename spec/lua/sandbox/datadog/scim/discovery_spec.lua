-- lua/ddokta/sandbox/datadog/scim/discovery.lua; every answer is held against the OpenAPI
local datadog = require "spec.lua.sandbox.datadog"

local SCIM = "/api/v2/scim"
local USER = "urn:ietf:params:scim:schemas:core:2.0:User"
local GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"

describe("the sandbox's SCIM discovery", function()
  local box

  setup(function() box = datadog.new() end)

  it("has two resource types", function()
    local list = box:must(200, "GET", SCIM .. "/ResourceTypes")
    assert.equal(2, list.totalResults)
    for i, row in ipairs { { "User", "/Users", USER }, { "Group", "/Groups", GROUP } } do
      local one = box:must(200, "GET", SCIM .. "/ResourceTypes/" .. row[1])
      assert.equal(row[2], one.endpoint)
      assert.equal(row[3], one.schema)
      assert.same(one, list.Resources[i])
    end
  end)

  it("has two schemas, of which the user's says what is immutable and unique", function()
    local list = box:must(200, "GET", SCIM .. "/Schemas")
    assert.equal(2, list.totalResults)
    local user = box:must(200, "GET", SCIM .. "/Schemas/" .. USER)
    assert.same(user, list.Resources[1])
    local name = user.attributes[1]
    assert.equal("userName", name.name)
    assert.equal("immutable", name.mutability)
    assert.equal("server", name.uniqueness)
    assert.is_false(name.caseExact)
    assert.equal("Group", box:must(200, "GET", SCIM .. "/Schemas/" .. GROUP:gsub(":", "%%3A")).name)
  end)

  it("has nothing else", function()
    for _, path in ipairs {
      "/ResourceTypes/Device",
      "/Schemas/x",
      "/ServiceProviderConfig",
      "/Me",
      "/Bulk",
    } do
      assert.equal(404, box:ask("GET", SCIM .. path).status)
    end
  end)
end)
