-- lua/ddokta/sandbox/okta/scim_client.lua: the agent's requests to Datadog's SCIM
local faults = require "ddokta.sandbox.faults"
local okta = require "spec.lua.sandbox.okta"
local scim = require "ddokta.sandbox.okta.scim_client"

describe("the SCIM client of the sandbox's Okta", function()
  local box

  before_each(function() box = okta.new() end)

  it("finds by a name with signs of the filter's language in it", function()
    local name = 'A "B" \\ & c'
    local made = scim.create_group(box.state, box.now, name)
    assert.equal(made.id, scim.find_group(box.state, box.now, name).id)
    assert.is_nil(scim.find_group(box.state, box.now, "A"))
  end)

  local function failure(rule)
    faults.add(box.state.faults, rule)
    local ok, raised = pcall(scim.create_group, box.state, box.now, "A")
    assert.is_false(ok)
    return raised
  end

  it("says what Datadog answered, and how long a 429 asks to wait", function()
    assert.equal("Datadog answered 500: Fault on demand", failure({ status = 500 }).message)
    assert.equal(300, failure({ status = 429 }).wait)
    assert.equal(7, failure({ status = 429, headers = { ["Retry-After"] = "7" } }).wait)
    assert.equal("The connection to Datadog broke.", failure({ reset = true }).message)
    assert.equal("Datadog's answer has no id.", failure({ status = 201, body = "{}" }).message)
  end)
end)
