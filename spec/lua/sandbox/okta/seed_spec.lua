-- lua/ddokta/sandbox/okta/seed.lua: what an organisation is made of
local org = require "ddokta.sandbox.okta.org"
local okta = require "spec.lua.sandbox.okta"

local names = okta.names
local SEED = okta.DIRECTORY

describe("the sandbox's Okta organisation", function()
  it("has the Datadog app and nothing else where no seed says more", function()
    local box = okta.new()
    local apps = box:must(200, "GET", "/api/v1/apps")
    assert.equal(1, #apps)
    assert.equal("datadog", apps[1].name)
    assert.equal(org.DATADOG_APP_ID, apps[1].id)
    assert.matches("^orn:okta:idp:%w+:apps:datadog:" .. org.DATADOG_APP_ID .. "$", apps[1].orn)
    assert.same(
      { "PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES", "PUSH_USER_DEACTIVATION", "GROUP_PUSH" },
      apps[1].features
    )
    assert.equal("[]\n", box:ask("GET", "/api/v1/users").body)
    assert.equal("[]\n", box:ask("GET", "/api/v1/groups").body)
  end)

  it("can be a small one to try things in", function()
    local box = okta.new { demo = true }
    assert.equal(5, #box:must(200, "GET", "/api/v1/users"))
    assert.equal(
      "Platform Security",
      names(box:must(200, "GET", "/api/v1/groups?filter=" .. "type%20eq%20%22OKTA_GROUP%22"))
    )
    assert.equal("ada.byron barbara.huberman grace.murray", box:members "Platform")
    assert.is_true(box:team("Platform").is_managed)
    assert.is_nil(box:team "Security")
    assert.is_true(box:scim_user("alan.mathison@example.com").active)
    assert.is_nil(box:scim_user("edsger.wybe@example.com"))
  end)

  it("is refused with the place where a seed is wrong", function()
    for _, case in ipairs {
      { { people = {} }, 'okta of the seed has no part "people"' },
      { { users = { 7 } }, "okta.users 1 is not a table" },
      { { users = { {} } }, "okta.users 1: login must be a text" },
      { { users = { okta.person "ada", okta.person "ADA" } }, "okta.users 2: its login is taken" },
      {
        { users = { { login = "a", id = "x" }, { login = "b", id = "x" } } },
        "okta.users 2: its id is taken",
      },
      { { groups = { {} } }, "okta.groups 1: name must be a text" },
      { { groups = { { name = "a" }, { name = "a" } } }, "okta.groups 2: its name is taken" },
      { { groups = { { name = "a", members = { "b" } } } }, "okta.groups 1: there is no user b" },
      { { apps = { { name = "datadog", push = { "b" } } } }, "okta.apps 1: there is no group b" },
      { { apps = { { name = "datadog", users = { "b" } } } }, "okta.apps 1: there is no user b" },
      { { apps = { { label = "x" } } }, "okta.apps 1: name must be a text" },
    } do
      local ok, problem = pcall(okta.new, case[1])
      assert.is_false(ok)
      assert.matches(case[2], problem, 1, true)
    end
  end)

  it("is as at the start after a reset", function()
    local box = okta.new(SEED)
    box:must(204, "DELETE", "/api/v1/groups/00gplatform/users/00uada")
    require("ddokta.sandbox.state").reset(box.state)
    assert.equal(2, #box:must(200, "GET", "/api/v1/groups/00gplatform/users"))
  end)

  it("is counted in the sandbox's state", function()
    local box = okta.new(SEED)
    box:must(200, "GET", "/api/v1/users")
    local counts = require("ddokta.sandbox.state").describe(box.state).okta
    assert.same({
      users = 4,
      groups = 2,
      apps = 2,
      app_users = 2,
      group_assignments = 1,
      group_push_mappings = 0,
      service_accounts = 0,
      work_to_come = 0,
    }, counts)
  end)
end)
