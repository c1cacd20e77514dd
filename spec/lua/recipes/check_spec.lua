-- lua/ddokta/recipes/check.lua: each prerequisite, when it is there and when it is not.
local around = require "spec.lua.recipes.around"
local recipes = require "ddokta.recipes"

local person, logins = around.person, around.logins

local function seed(app)
  local datadog = {
    name = "datadog",
    id = "0oadatadog",
    label = "Datadog",
    users = logins("ada", "bob"),
    push = { "Platform" },
  }
  for name, value in pairs(app or {}) do
    datadog[name] = value
  end
  return {
    okta = {
      users = { person "ada", person "bob" },
      groups = {
        { name = "Platform", id = "00gplatform", members = logins("ada", "bob") },
        { name = "All", id = "00gall", members = logins("ada", "bob") },
      },
      apps = { datadog },
    },
  }
end

describe("recipes.check", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed(seed())
    house:config { permissions = "all", okta_permissions = "all" }
  end)

  -- {name = check} of a report, and the report
  local function check(args, okta, dd)
    if okta == nil then okta = house.okta end
    local report = assert(recipes.check(dd or house.dd, okta or nil, args))
    return around.checks_of(report), report
  end

  it("passes where all is as the guide wants it, and changes nothing", function()
    house:state()
    local before = house:changes()
    local by_name, report = check()
    assert.same({ site = "unknown" }, around.failures(by_name)) -- the sandbox is no site of Datadog
    assert.same({ true, "passed", 18 }, { report.ok, report.outcome, #report.checks })
    assert.equal(before, house:changes())
    assert.truthy(report:to_json())
  end)

  it("has a reason for each, and a remedy for each that did not pass", function()
    house:config { permissions = { "teams_read" }, okta_permissions = {} }
    local by_name = check()
    for what, row in pairs(by_name) do
      assert.equal("string", type(row.detail), what)
      if row.result ~= "passed" then assert.equal("string", type(row.remedy), what) end
    end
  end)

  it("knows a wrong API key from a wrong application key", function()
    local ddokta = require "ddokta"
    local options = house:options()
    options.app_key = "wrong"
    local dd = assert(ddokta.client(options))
    local by_name, report = check({}, nil, dd)
    dd:close()
    assert.is_false(report.ok)
    assert.same({ "failed", "failed" }, { by_name["application key"].result, by_name["SCIM users"].result })
    assert.equal("unknown", by_name.plan.result)
    assert.matches("^[uf]%w+$", by_name["application key"].kind)
  end)

  it("fails for a person's key", function()
    house:fault {
      method = "GET",
      path = "/api/v2/current_user",
      status = 200,
      body = '{"data":{"type":"users","id":"x","attributes":{"email":"eve@example.com","service_account":false}}}',
    }
    local by_name = check()
    assert.equal("failed", by_name["service account"].result)
    assert.matches("eve@example.com", by_name["service account"].detail, 1, true)
    assert.matches("service_account_key", by_name["service account"].remedy)
  end)

  it("names the permission that is missing", function()
    house:fault {
      method = "GET",
      path = "/api/v2/users/{id}/permissions",
      status = 200,
      body = '{"data":[{"type":"permissions","id":"1","attributes":{"name":"user_access_invite"}}]}',
    }
    local row = check().permissions
    assert.same({ "failed", "the key's owner lacks user_access_manage" }, { row.result, row.detail })
  end)

  it("recognises a plan without SCIM: the permissions are there and SCIM refuses", function()
    house:fault { path = "^/api/v2/scim/", status = 403, times = "always" }
    local by_name = check()
    assert.same(
      { "failed", "failed", "failed" },
      { by_name.plan.result, by_name["SCIM users"].result, by_name["SCIM groups"].result }
    )
    assert.matches("the plan does not have it", by_name.plan.detail)
    house:seed(seed())
    house:fault { path = "^/api/v2/scim/", status = 404, times = "always" }
    assert.equal("failed", check().plan.result)
    house:seed(seed())
    house:fault { path = "^/api/v2/scim/", status = 400, times = "always" }
    assert.equal("unknown", check().plan.result)
  end)

  it("cannot tell where nobody answers", function()
    local ddokta = require "ddokta"
    local dd = assert(ddokta.client {
      base_url = "https://127.0.0.1:1",
      api_key = "a",
      app_key = "b",
      max_retries = 0,
      timeout = 2,
      proxy = "",
    })
    local by_name = check({}, false, dd)
    dd:close()
    assert.same(
      { "unknown", "unknown", "unknown" },
      { by_name["API key"].result, by_name.plan.result, by_name["SCIM users"].result }
    )
  end)

  it("names the site and what Okta's Base URL is", function()
    local dd = around.mortal(house.dd, function() end)
    rawset(dd, "base_url", "https://api.us5.datadoghq.com")
    local row = check({}, false, dd).site
    assert.equal("passed", row.result)
    assert.matches("https://api.us5.datadoghq.com/api/v2/scim", row.detail, 1, true)
  end)

  it("finds SAML's just-in-time provisioning", function()
    house:fault {
      method = "GET",
      path = "/api/v2/saml_configurations",
      status = 200,
      body = '{"data":[{"type":"saml_configurations","id":"1","attributes":{"jit_domains":["example.com"]}}]}',
    }
    local row = check()["just-in-time provisioning"]
    assert.equal("failed", row.result)
    assert.matches("example.com", row.detail, 1, true)
    house:fault { method = "GET", path = "/api/v2/saml_configurations", status = 403 }
    assert.equal("unknown", check()["just-in-time provisioning"].result)
  end)

  it("says that without Okta it cannot tell, and what to set", function()
    local by_name, report = check({}, false)
    for _, what in ipairs {
      "Okta app",
      "Okta provisioning",
      "roles",
      "pushed groups",
      "assigned and pushed",
      "members without assignment",
    } do
      assert.equal("unknown", by_name[what].result, what)
    end
    assert.matches("OKTA_CLIENT_TOKEN", by_name["Okta app"].remedy)
    assert.is_true(report.ok)
  end)

  it("fails without the app, and cannot tell among two", function()
    house:seed { okta = { apps = { { name = "slack", id = "0oaslack" } } } }
    assert.equal("failed", check()["Okta app"].result)
    local two = seed()
    two.okta.apps[2] = { name = "datadog", id = "0oaother", label = "Datadog EU" }
    house:seed(two)
    assert.equal("unknown", check()["Okta app"].result)
    assert.equal("passed", check { app = "0oadatadog" }["Okta app"].result)
  end)

  it("fails where provisioning is not on, and names the box to tick", function()
    house:seed(seed { provisioning = { create = true, update = true, deactivate = false } })
    local row = check()["Okta provisioning"]
    assert.same({ "failed", "provisioning of the app lacks Deactivate Users" }, { row.result, row.detail })
  end)

  it("fails where roles are sent as strings", function()
    house:fault {
      method = "GET",
      path = "/api/v1/meta/schemas/apps/{app}/default",
      status = 200,
      body = '{"definitions":{"custom":{"properties":{"roles":{"type":"array","externalName":"roles"}}}}}',
    }
    local row = check().roles
    assert.equal("failed", row.result)
    assert.matches("roles.^[type=='slot1'].value", row.remedy, 1, true)
    house:fault {
      method = "GET",
      path = "/api/v1/meta/schemas/apps/{app}/default",
      status = 200,
      body = '{"definitions":{}}',
    }
    assert.equal("unknown", check().roles.result)
  end)

  it("finds a mapping that Okta cannot push, with Okta's words", function()
    assert(
      house.okta:create_group_push_mapping(
        "0oadatadog",
        { sourceGroupId = "00gall", targetGroupName = "!!!", status = "ACTIVE" }
      )
    )
    local row = check()["pushed groups"]
    assert.equal("failed", row.result)
    assert.matches("All: .*no handle can be made", row.detail)
  end)

  it("warns of a group that is both assigned and pushed", function()
    house:seed(seed { groups = { "Platform" } })
    local by_name, report = check()
    assert.equal("unknown", by_name["assigned and pushed"].result)
    assert.same({ "both assigned and pushed: Platform" }, report.warnings)
  end)

  it("finds members who do not have the app", function()
    house:seed(seed { users = logins "ada" })
    local row = check()["members without assignment"]
    assert.equal("failed", row.result)
    assert.matches("Platform: bob@example.com", row.detail, 1, true)
  end)
end)
