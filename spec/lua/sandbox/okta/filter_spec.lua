-- lua/ddokta/sandbox/okta/filter.lua
local filter = require "ddokta.sandbox.okta.filter"

local USER = {
  status = "ACTIVE",
  lastUpdated = "2024-05-05T12:26:40.000Z",
  active = true,
  profile = { login = "Ada@example.com", firstName = "Ada" },
}

describe("Okta's filter expressions", function()
  local function holds(text, search) return filter.read(text, search)(USER) end

  it("compare", function()
    for text, expected in pairs {
      ['status eq "ACTIVE"'] = true,
      ['status EQ "ACTIVE"'] = true,
      ['status eq "active"'] = false,
      ['profile.login sw "Ada"'] = true,
      ['profile.login co "@ex"'] = true,
      ['profile.login co "a.b"'] = false,
      ['lastUpdated gt "2024-05-05T12:00:00.000Z"'] = true,
      ['lastUpdated lt "2024-05-05T12:00:00.000Z"'] = false,
      ['lastUpdated ge "2024-05-05T12:26:40.000Z"'] = true,
      ['lastUpdated le "2024-05-05T12:26:40.000Z"'] = true,
      ["profile.firstName pr"] = true,
      ["profile.title pr"] = false,
      ['profile.title eq "x"'] = false,
      ["active eq true"] = true,
      ['status.x eq "y"'] = false,
    } do
      assert.equal(expected, holds(text), text)
    end
  end)

  it("compare in any case when searching", function()
    assert.is_true(holds('profile.login eq "ADA@EXAMPLE.COM"', true))
    assert.is_true(holds('status sw "act"', true))
  end)

  it("combine: and before or, parentheses before both", function()
    for text, expected in pairs {
      ['status eq "x" and status eq "y" or status eq "ACTIVE"'] = true,
      ['status eq "ACTIVE" or status eq "x" and status eq "y"'] = true,
      ['(status eq "ACTIVE" or status eq "x") and status eq "y"'] = false,
      ['(status eq "ACTIVE" OR status eq "x") AND (profile.firstName pr)'] = true,
    } do
      assert.equal(expected, holds(text), text)
    end
  end)

  it("are refused when they are none", function()
    for _, text in ipairs {
      "",
      "status",
      "status eq",
      "status eq ACTIVE",
      'status is "x"',
      'status eq "x',
      '(status eq "x"',
      'status eq "x" and',
      'status eq "x" "y"',
      "and",
      '"x" eq "y"',
      "status = 'x'",
    } do
      assert.is_nil(filter.read(text), text)
    end
  end)

  it("tell the ids where they compare nothing else", function()
    assert.same({ "a" }, filter.ids 'id eq "a"')
    assert.same({ "a", "b", "a" }, filter.ids 'id eq "a" or id eq "b" or id eq "a"')
    for _, text in ipairs {
      'id sw "a"',
      'id eq "a" and id eq "b"',
      'id eq "a" or type eq "b"',
      "id pr",
      "",
      '(id eq "a" or id eq "b") and type eq "c"',
    } do
      assert.is_nil(filter.ids(text), text)
    end
  end)
end)
