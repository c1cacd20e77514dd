-- lua/ddokta/sandbox/okta/groups.lua
local okta = require "spec.lua.sandbox.okta"

local names = okta.names

describe("the sandbox's Okta groups", function()
  local house

  before_each(function() house = okta.new(okta.DIRECTORY) end)

  it("has groups, their members and their apps", function()
    local list = house:must(200, "GET", "/api/v1/groups?q=plat&expand=stats")
    assert.equal("Platform", names(list))
    assert.same({ usersCount = 2, appsCount = 1, groupPushMappingsCount = 0 }, list[1]._embedded.stats)
    assert.equal("d", house:must(200, "GET", "/api/v1/groups/00gplatform").profile.description)
    assert.equal("ada bob", names(house:must(200, "GET", "/api/v1/groups/00gplatform/users")))
    local page = house:ask("GET", "/api/v1/groups/00gplatform/users?limit=1")
    assert.equal("bob", names(house:must(200, "GET", page.headers["Link"][2]:match("8443(/[^>]*)>"))))
    assert.equal("datadog", house:must(200, "GET", "/api/v1/groups/00gplatform/apps")[1].name)
    assert.same({}, house:must(200, "GET", "/api/v1/groups/00gsecurity/apps"))
    for _, rest in ipairs { "", "/users", "/apps" } do
      house:must(404, "GET", "/api/v1/groups/00gnone" .. rest)
    end
    assert.equal(
      "Security",
      names(house:must(200, "GET", "/api/v1/groups?search=profile.name+eq+%22security%22"))
    )
    house:must(400, "GET", "/api/v1/groups?limit=10001")
  end)

  it("puts users into groups and takes them out", function()
    house:must(204, "PUT", "/api/v1/groups/00gsecurity/users/00ucyd")
    house:must(204, "PUT", "/api/v1/groups/00gsecurity/users/00ucyd")
    assert.equal("cyd", names(house:must(200, "GET", "/api/v1/groups/00gsecurity/users")))
    house:must(204, "DELETE", "/api/v1/groups/00gsecurity/users/00ucyd")
    assert.same({}, house:must(200, "GET", "/api/v1/groups/00gsecurity/users"))
    house:must(404, "PUT", "/api/v1/groups/00gsecurity/users/00unone")
    house:must(404, "PUT", "/api/v1/groups/00gnone/users/00ucyd")
  end)
end)
