-- lua/ddokta/sandbox/okta/org.lua
local okta = require "spec.lua.sandbox.okta"
local org = require "ddokta.sandbox.okta.org"

describe("the records of the sandbox's Okta", function()
  local state

  before_each(function() state = okta.new(okta.ASSIGNED).state end)

  it("are found by what people call them", function()
    assert.equal("00uada", org.user(state, "ADA@example.com").id)
    assert.equal("00uada", org.user(state, "00uada").id)
    assert.is_nil(org.user(state, "nobody"))
    assert.equal("00gplatform", org.group_named(state, "Platform").id)
    assert.is_nil(org.group_named(state, "Platform", state.okta.apps:all()[1]))
  end)

  it("keep members in the order in which users were made", function()
    local group = org.group_named(state, "Security")
    assert.is_true(org.set_member(group, org.user(state, "00uada"), true, 5))
    assert.is_false(org.set_member(group, org.user(state, "00uada"), true, 6))
    assert.equal(5, group.membership_updated)
    assert.same({ "00uada", "00ubob" }, { org.members(group)[1].id, org.members(group)[2].id })
  end)

  it("let an app do what nothing says it may not", function()
    assert.same(
      { create = true, update = true, deactivate = true },
      org.add_app(state, { name = "a" }, 0).provisioning
    )
    local some = org.add_app(state, { name = "a", provisioning = { create = true } }, 0)
    assert.same({ create = true, update = false, deactivate = false }, some.provisioning)
    assert.is_nil(org.add_app(state, { name = "a", provisioning = false }, 0).provisioning)
  end)
end)
