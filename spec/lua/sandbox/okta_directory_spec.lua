-- lua/ddokta/sandbox/okta/users.lua, groups.lua, apps.lua, schemas.lua and the seed (org.lua, demo.lua)
local okta = require "spec.lua.sandbox.okta"
local org = require "ddokta.sandbox.okta.org"

local person = okta.person

local SEED = {
  users = { person "ada", person "bob", person "cyd", person "dan" },
  groups = {
    {
      name = "Platform",
      id = "00gplatform",
      description = "d",
      members = { "bob@example.com", "ada@example.com" },
    },
    { name = "Security", id = "00gsecurity" },
  },
  apps = {
    { name = "datadog", id = org.DATADOG_APP_ID, label = "Datadog", groups = { "Platform" } },
    { name = "salesforce", id = "0oaforce", label = "Sales", provisioning = false },
  },
}

local function names(list, field)
  local found = {}
  for i, item in ipairs(list) do
    found[i] = (item.profile and (item.profile.login or item.profile.name) or item[field]):match("^[^@]*")
  end
  return table.concat(found, " ")
end

describe("the sandbox's Okta organisation", function()
  it("has the Datadog app and nothing else where no seed says more", function()
    local house = okta.new()
    local apps = house:must(200, "GET", "/api/v1/apps")
    assert.equal(1, #apps)
    assert.equal("datadog", apps[1].name)
    assert.equal(org.DATADOG_APP_ID, apps[1].id)
    assert.matches("^orn:okta:idp:%w+:apps:datadog:" .. org.DATADOG_APP_ID .. "$", apps[1].orn)
    assert.same(
      { "PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES", "PUSH_USER_DEACTIVATION", "GROUP_PUSH" },
      apps[1].features
    )
    assert.equal("[]\n", house:ask("GET", "/api/v1/users").body)
    assert.equal("[]\n", house:ask("GET", "/api/v1/groups").body)
  end)

  it("can be a small one to try things in", function()
    local house = okta.new { demo = true }
    assert.equal(5, #house:must(200, "GET", "/api/v1/users"))
    assert.equal(
      "Platform Security",
      names(house:must(200, "GET", "/api/v1/groups?filter=" .. "type%20eq%20%22OKTA_GROUP%22"))
    )
    assert.equal("ada.byron barbara.huberman grace.murray", house:members "Platform")
    assert.is_true(house:team("Platform").is_managed)
    assert.is_nil(house:team "Security")
    assert.is_true(house:scim_user("alan.mathison@example.com").active)
    assert.is_nil(house:scim_user("edsger.wybe@example.com"))
  end)

  it("is refused with the place where a seed is wrong", function()
    for _, case in ipairs {
      { { people = {} }, 'okta of the seed has no part "people"' },
      { { users = { 7 } }, "okta.users 1 is not a table" },
      { { users = { {} } }, "okta.users 1: login must be a text" },
      { { users = { person "ada", person "ADA" } }, "okta.users 2: its login is taken" },
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
    local house = okta.new(SEED)
    house:must(204, "DELETE", "/api/v1/groups/00gplatform/users/00uada")
    require("ddokta.sandbox.state").reset(house.state)
    assert.equal(2, #house:must(200, "GET", "/api/v1/groups/00gplatform/users"))
  end)

  it("is counted in the sandbox's state", function()
    local house = okta.new(SEED)
    house:must(200, "GET", "/api/v1/users")
    local counts = require("ddokta.sandbox.state").describe(house.state).okta
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

describe("the sandbox's Okta directory", function()
  local house

  before_each(function() house = okta.new(SEED) end)

  it("lists users in pages", function()
    local answer = house:ask("GET", "/api/v1/users?limit=3")
    assert.equal("ada bob cyd", names(answer.json))
    assert.equal('<https://sandbox.example:8443/api/v1/users?limit=3>; rel="self"', answer.headers["Link"][1])
    answer = house:ask("GET", answer.headers["Link"][2]:match("8443(/[^>]*)>"))
    assert.equal("dan", names(answer.json))
    assert.equal("string", type(answer.headers["Link"]))
    house:must(400, "GET", "/api/v1/users?limit=0")
  end)

  it("gets a user by id or login", function()
    local ada = house:must(200, "GET", "/api/v1/users/00uada")
    assert.equal("ACTIVE", ada.status)
    assert.same(
      { login = "ada@example.com", email = "ada@example.com", firstName = "Ada", lastName = "Test" },
      ada.profile
    )
    assert.same(ada, house:must(200, "GET", "/api/v1/users/ADA%40example.com"))
    assert.equal(
      "Not found: Resource not found: 00unone (User)",
      house:must(404, "GET", "/api/v1/users/00unone").errorSummary
    )
  end)

  it("filters, searches and completes users", function()
    local function found(query) return names(house:must(200, "GET", "/api/v1/users?" .. query)) end
    assert.equal("bob", found "filter=profile.login+eq+%22bob%40example.com%22")
    assert.equal("", found "filter=profile.login+eq+%22BOB%40example.com%22")
    assert.equal("bob", found "search=profile.login+eq+%22BOB%40example.com%22")
    assert.equal("ada cyd", found "search=profile.firstName+sw+%22a%22+or+profile.firstName+co+%22YD%22")
    assert.equal("cyd", found "q=cy")
    house:must(400, "GET", "/api/v1/users?q=cy&limit=x")
    house:must(200, "POST", "/api/v1/users/00ucyd/lifecycle/deactivate")
    assert.equal("", found "q=cy")
    assert.equal("ada bob dan", found "")
    assert.equal("cyd", found "filter=status+eq+%22DEPROVISIONED%22")
    assert.equal("E0000031", house:must(400, "GET", "/api/v1/users?search=login+is+x").errorCode)
  end)

  it("updates a user's profile, and lets no login be taken twice", function()
    local ada = house:must(200, "POST", "/api/v1/users/00uada", { profile = { title = "Countess" } })
    assert.equal("Countess", ada.profile.title)
    assert.equal("Ada", ada.profile.firstName)
    house:must(400, "POST", "/api/v1/users/00uada", { profile = { login = "Bob@example.com" } })
    house:must(400, "POST", "/api/v1/users/00uada", {})
    house:must(200, "POST", "/api/v1/users/00uada", { profile = { login = "ada.l@example.com" } })
    assert.equal("00uada", house:must(200, "GET", "/api/v1/users/ada.l%40example.com").id)
    house:must(404, "GET", "/api/v1/users/ada%40example.com")
  end)

  it("changes a user's status where that can be done", function()
    local function change(to) return house:ask("POST", "/api/v1/users/00udan/lifecycle/" .. to).status end
    assert.equal(400, change "unsuspend")
    assert.equal(200, change "suspend")
    assert.equal(400, change "suspend")
    assert.equal("SUSPENDED", house:must(200, "GET", "/api/v1/users/00udan").status)
    assert.equal(200, change "unsuspend")
    assert.equal(200, change "deactivate")
    assert.equal(400, change "deactivate")
    assert.equal(200, change "activate")
  end)

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

  it("has apps", function()
    assert.equal("datadog salesforce", names(house:must(200, "GET", "/api/v1/apps"), "name"))
    assert.equal("salesforce", names(house:must(200, "GET", "/api/v1/apps?q=sal"), "name"))
    assert.equal(
      "salesforce",
      names(house:must(200, "GET", "/api/v1/apps?filter=name+eq+%22salesforce%22"), "name")
    )
    assert.same({}, house:must(200, "GET", "/api/v1/apps/0oaforce").features)
    house:must(404, "GET", "/api/v1/apps/0oanone")
    house:must(400, "GET", "/api/v1/apps?filter=name")
  end)

  it("tells what a profile of an app has, and which profiles are mapped", function()
    local schema = house:must(200, "GET", "/api/v1/meta/schemas/apps/0oaforce/default")
    assert.equal("salesforce", schema.name)
    assert.same({ "userName" }, schema.definitions.base.required)
    assert.equal("roles.^[type=='slot1'].value", schema.definitions.base.properties.role.externalName)
    house:must(404, "GET", "/api/v1/meta/schemas/apps/0oanone/default")
    local mappings = house:must(200, "GET", "/api/v1/mappings?sourceId=" .. org.USER_TYPE_ID)
    assert.equal(2, #mappings)
    assert.equal("user", mappings[1].source.type)
    assert.equal(org.DATADOG_APP_ID, mappings[1].target.id)
    assert.equal(1, #house:must(200, "GET", "/api/v1/mappings?sourceId=0oaforce"))
    local page = house:ask("GET", "/api/v1/mappings?limit=3")
    assert.equal(1, #house:must(200, "GET", page.headers["Link"][2]:match("8443(/[^>]*)>")))
    house:must(400, "GET", "/api/v1/mappings?limit=201")
  end)
end)
