-- lua/ddokta/sandbox/auth.lua
local auth = require "ddokta.sandbox.auth"
local datadog = require "spec.lua.sandbox.datadog"

describe("the sandbox's look at who asks", function()
  local state

  before_each(function() state = datadog.new().state end)

  local function way(headers, ways) return (auth.check({ headers = headers, now = 0 }, state, ways)) end

  it("names the first way of those accepted that proves it", function()
    local keys = { ["dd-api-key"] = "sandbox-api-key", ["dd-application-key"] = "sandbox-app-key" }
    assert.equal("keys", way(keys, { "keys", "bearer" }))
    assert.is_nil(way(keys, { "bearer" }))
    assert.equal("bearer", way({ authorization = "Bearer sandbox-app-key" }, { "keys", "bearer" }))
    assert.equal("ssws", way({ authorization = "SSWS sandbox-okta-token" }, { "ssws", "okta_bearer" }))
    assert.equal("none", way({}, { "none" }))
    assert.is_nil(way({}, { "keys", "bearer", "ssws", "okta_bearer" }))
  end)

  it("knows Datadog's secrets as records", function()
    local request = { headers = { authorization = "Bearer sandbox-app-key" }, now = 7 }
    local _, record = auth.check(request, state, { "bearer" })
    assert.equal("Sandbox", record.name)
    assert.equal(7, record.last_used)
  end)

  it("asks for all of a list, and for one where one is enough", function()
    assert.is_true(auth.may(nil, {}))
    assert.is_true(auth.may("a", "all"))
    assert.is_true(auth.may("a", { "b", "a" }))
    assert.is_false(auth.may({ "a", "c" }, { "b", "a" }))
    assert.is_true(auth.may({ any = { "a", "c" } }, { "b", "a" }))
    assert.is_false(auth.may({ any = { "c" } }, { "b", "a" }))
  end)
end)
