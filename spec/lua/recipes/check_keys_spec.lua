-- lua/ddokta/recipes/check_keys.lua: each key by itself, whose it is, which site answers, what it may do.
local around = require "spec.lua.recipes.around"
local ddokta = require "ddokta"
local recipes = require "ddokta.recipes"

describe("the checks of keys", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed {}
    house:config { permissions = "all", okta_permissions = "all" }
  end)

  local function client(make, options, changes)
    for name, value in pairs(changes or {}) do
      options[name] = value
    end
    return assert(make(options))
  end

  -- {name = row} of a run, by the clients' changed options; okta: false for none
  local function check(datadog, okta)
    local dd = client(ddokta.client, house:options(), datadog)
    local its_okta = okta ~= false and client(ddokta.okta, house:okta_options(), okta) or nil
    local report = assert(recipes.check(dd, its_okta, { keys_only = true }))
    dd:close()
    return around.checks_of(report), report
  end

  it("pass with good keys, and name their owner", function()
    local before = house:changes()
    local by_name, report = check()
    assert.same({ site = "unknown" }, around.failures(by_name)) -- the sandbox is no site of Datadog
    assert.is_true(report.ok)
    assert.matches("sandbox@example.com, a service account", by_name["application key"].detail, 1, true)
    assert.matches("read Okta accounts, change Okta accounts", by_name["what it may do"].detail, 1, true)
    assert.equal("it may read users, groups, apps", by_name["Okta scopes"].detail)
    assert.equal(before, house:changes())
  end)

  it("leave Okta out where there is no client of it", function()
    local by_name = check(nil, false)
    assert.same({ nil, nil }, { by_name["Okta token"], by_name["Okta scopes"] })
  end)

  it("tell a wrong application key from a wrong API key", function()
    local by_name = check({ app_key = "wrong" }, false)
    assert.same({ "passed", "failed" }, { by_name["API key"].result, by_name["application key"].result })
    assert.matches("DD_APP_KEY", by_name["application key"].remedy)
    by_name = check({ api_key = "wrong" }, false)
    assert.same({ "failed", "unknown" }, { by_name["API key"].result, by_name["application key"].result })
    assert.matches("DD_API_KEY", by_name["API key"].remedy)
    assert.equal("see API key", by_name["application key"].remedy)
  end)

  it("know a valid key that may not read whose it is from one that is wrong", function()
    house:fault { method = "GET", path = "/api/v2/current_user", status = 403, times = "always" }
    local row = check(nil, false)["application key"]
    assert.same({ "passed", nil }, { row.result, row.kind })
    assert.matches("whose it is", row.detail)
  end)

  it("say that a person's key ends with the person", function()
    house:fault {
      method = "GET",
      path = "/api/v2/current_user",
      status = 200,
      body = '{"data":{"type":"users","id":"x","attributes":{"email":"eve@example.com","service_account":false}}}',
    }
    local row = check(nil, false)["application key"]
    assert.equal("it belongs to eve@example.com, a person", row.detail)
    assert.matches("when a person leaves", row.remedy)
  end)

  it("say what the keys may do, and with which permissions they could do the rest", function()
    house:fault {
      method = "GET",
      path = "/api/v2/users/{id}/permissions",
      status = 200,
      body = '{"data":[{"type":"permissions","id":"1","attributes":{"name":"integrations_read"}}]}',
    }
    local row = check(nil, false)["what it may do"]
    assert.equal("passed", row.result)
    assert.matches("it may read Okta accounts; it may not change Okta accounts", row.detail, 1, true)
    assert.matches("manage_integrations", row.remedy)
    assert.matches("user_access_invite", row.remedy)
    house:fault { method = "GET", path = "/api/v2/users/{id}/permissions", status = 200, body = '{"data":[]}' }
    row = check(nil, false)["what it may do"]
    assert.same({ "failed", "forbidden" }, { row.result, row.kind })
    house:fault { method = "GET", path = "/api/v2/users/{id}/permissions", status = 403 }
    assert.equal("unknown", check(nil, false)["what it may do"].result)
  end)

  it("say where nobody answers, and blame no key for it", function()
    local nowhere = { base_url = "https://127.0.0.1:1", max_retries = 0, timeout = 2 }
    local by_name, report = check(nowhere, nowhere)
    assert.is_false(report.ok)
    assert.same({
      ["API key"] = "unknown",
      ["application key"] = "unknown",
      site = "failed",
      ["what it may do"] = "unknown",
      ["Okta token"] = "failed",
      ["Okta scopes"] = "unknown",
    }, around.failures(by_name))
    assert.same({ "network", "network" }, { by_name.site.kind, by_name["Okta token"].kind })
  end)

  it("tell a wrong token of Okta, and whose a right one is", function()
    local by_name = check(nil, { token = "wrong" })
    assert.same({ "failed", "unknown" }, { by_name["Okta token"].result, by_name["Okta scopes"].result })
    assert.matches("OKTA_CLIENT_TOKEN", by_name["Okta token"].remedy)
    house:fault {
      method = "GET",
      path = "^/api/v1/users/me$",
      status = 200,
      body = '{"id":"00u1","profile":{"login":"admin@example.com"}}',
    }
    assert.matches("it belongs to admin@example.com, in https://", check()["Okta token"].detail, 1, true)
  end)

  it("name the scopes that a token of Okta lacks", function()
    house:config { okta_permissions = { "okta.users.read" } }
    local row = check()["Okta scopes"]
    assert.same({ "failed", "forbidden" }, { row.result, row.kind })
    assert.equal("it may not read groups, apps", row.detail)
    assert.matches("okta.groups.read, okta.apps.read", row.remedy, 1, true)
  end)
end)
