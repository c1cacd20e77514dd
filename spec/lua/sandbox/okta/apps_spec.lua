-- lua/ddokta/sandbox/okta/apps.lua
local okta = require "spec.lua.sandbox.okta"

local names = okta.names

describe("the sandbox's Okta apps", function()
  local box

  before_each(function() box = okta.new(okta.DIRECTORY) end)

  it("has apps", function()
    assert.equal("datadog salesforce", names(box:must(200, "GET", "/api/v1/apps"), "name"))
    assert.equal("salesforce", names(box:must(200, "GET", "/api/v1/apps?q=sal"), "name"))
    assert.equal(
      "salesforce",
      names(box:must(200, "GET", "/api/v1/apps?filter=name+eq+%22salesforce%22"), "name")
    )
    assert.same({}, box:must(200, "GET", "/api/v1/apps/0oaforce").features)
    box:must(404, "GET", "/api/v1/apps/0oanone")
    box:must(400, "GET", "/api/v1/apps?filter=name")
  end)
end)
