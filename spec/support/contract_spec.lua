-- spec/support/contract.lua itself: what it lets pass and what not
local contract = require "spec.support.contract"

local datadog = contract.open "datadog"
local describe_it = datadog and describe or pending

describe_it("the contract", function()
  local ROLES = "/api/v2/roles"

  it("lets a right answer pass", function()
    assert.is_nil(datadog:problem("GET", ROLES, 200, '{"data":[{"type":"roles","id":"x"}]}'))
    assert.is_nil(datadog:problem("DELETE", ROLES .. "/x", 204, ""))
    assert.is_nil(datadog:problem("GET", ROLES, 403, '{"errors":["Forbidden"]}'))
  end)

  it("finds a group's $ref, which is no reference", function()
    local path = "/api/v2/scim/Groups/x"
    assert.is_nil(datadog:problem("GET", path, 200, '{"members":[{"$ref":"https://x/","value":"1"}]}'))
    assert.matches(
      "members%[1%]%.%$ref is no string",
      datadog:problem("GET", path, 200, '{"members":[{"$ref":5}]}')
    )
  end)

  local WRONG = {
    { "GET", ROLES, 200, '{"data":[{"id":"x"}]}', "body%.data%[1%]%.type is missing" },
    { "GET", ROLES, 200, '{"data":[{"type":"role"}]}', "is none of those allowed: role" },
    { "GET", ROLES, 200, '{"data":{"type":"roles"}}', "body%.data is no array" },
    { "GET", ROLES, 200, '{"data":null}', "body%.data is null" },
    { "GET", ROLES, 200, '{"data":[{"type":"roles","attributes":{"user_count":1.5}}]}', "is no integer" },
    {
      "GET",
      ROLES,
      200,
      '{"data":[{"type":"roles","attributes":{"created_at":"now"}}]}',
      "is no date%-time",
    },
    { "GET", ROLES, 200, "no json", "the body is no JSON" },
    { "GET", ROLES, 404, "{}", "status 404 is not described" },
    { "GET", "/api/v2/nothing", 200, "{}", "is not described" },
    { "GET", ROLES, 403, '{"errors":[{"title":"x"}]}', "errors%[1%] is no string" },
    { "GET", "/api/v2/team", 200, '{"data":[],"included":[{"type":"x","id":"y"}]}', "body%.included%[1%]" },
    {
      "GET",
      "/api/v2/team/x",
      200,
      '{"data":{"type":"team","id":"x","attributes":{"name":"n","handle":"' .. ("h"):rep(196) .. '"}}}',
      "handle is too long",
    },
  }

  it("says what is wrong with a wrong one, and where", function()
    for _, row in ipairs(WRONG) do
      assert.matches(row[5], datadog:problem(row[1], row[2], row[3], row[4]) or "nothing was found")
    end
  end)
end)

describe("the contract of a service that is not described", function()
  it("is none", function() assert.is_nil(contract.open "nobody") end)
end)
