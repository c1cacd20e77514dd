-- lua/ddokta/sandbox/okta/groups.lua
local okta = require "spec.lua.sandbox.okta"

local names = okta.names

describe("the sandbox's Okta groups", function()
  local box

  before_each(function() box = okta.new(okta.DIRECTORY) end)

  it("has groups, their members and their apps", function()
    local list = box:must(200, "GET", "/api/v1/groups?q=plat&expand=stats")
    assert.equal("Platform", names(list))
    assert.same({ usersCount = 2, appsCount = 1, groupPushMappingsCount = 0 }, list[1]._embedded.stats)
    assert.equal("d", box:must(200, "GET", "/api/v1/groups/00gplatform").profile.description)
    assert.equal("ada bob", names(box:must(200, "GET", "/api/v1/groups/00gplatform/users")))
    local page = box:ask("GET", "/api/v1/groups/00gplatform/users?limit=1")
    assert.equal("bob", names(box:must(200, "GET", page.headers["Link"][2]:match("8443(/[^>]*)>"))))
    assert.equal("datadog", box:must(200, "GET", "/api/v1/groups/00gplatform/apps")[1].name)
    assert.same({}, box:must(200, "GET", "/api/v1/groups/00gsecurity/apps"))
    for _, rest in ipairs { "", "/users", "/apps" } do
      box:must(404, "GET", "/api/v1/groups/00gnone" .. rest)
    end
    assert.equal(
      "Security",
      names(box:must(200, "GET", "/api/v1/groups?search=profile.name+eq+%22security%22"))
    )
    box:must(400, "GET", "/api/v1/groups?limit=10001")
  end)

  it("puts users into groups and takes them out", function()
    box:must(204, "PUT", "/api/v1/groups/00gsecurity/users/00ucyd")
    box:must(204, "PUT", "/api/v1/groups/00gsecurity/users/00ucyd")
    assert.equal("cyd", names(box:must(200, "GET", "/api/v1/groups/00gsecurity/users")))
    box:must(204, "DELETE", "/api/v1/groups/00gsecurity/users/00ucyd")
    assert.same({}, box:must(200, "GET", "/api/v1/groups/00gsecurity/users"))
    box:must(404, "PUT", "/api/v1/groups/00gsecurity/users/00unone")
    local refusal = box:must(404, "PUT", "/api/v1/groups/00gnone/users/00ucyd")
    assert.equal("Not found: Resource not found: 00gnone (UserGroup)", refusal.errorSummary)
  end)
end)
