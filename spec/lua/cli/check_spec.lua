-- ddokta check: keys, site, permissions, each with what to do about it.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local server, environment

local function run(...) return command.run(environment, ...) end

describe("ddokta check", function()
  setup(function()
    server = box.start()
    environment = command.environment(server)
  end)
  teardown(function() server:stop() end)
  before_each(function() box.reset(server, { box.account "a" }) end)

  local function results(result)
    local list = {}
    for i, check in ipairs(assert(json.decode(result.out)).checks) do
      list[i] = check.result
    end
    return list
  end

  it("passes with good keys and says whose they are", function()
    local result = run("check")
    assert.same({ 0, "" }, { result.status, result.err })
    assert.truthy(result.out:find("passed +API key: the API key is valid"))
    assert.truthy(result.out:find("service account sandbox@example.com", 1, true))
    assert.truthy(result.out:find("integrations_read: 1 Okta accounts", 1, true))
    assert.truthy(result.out:find("could not tell +change Okta accounts"))
    result = run("check", "--json")
    assert.is_true(json.decode(result.out).ok)
    assert.same({ "passed", "passed", "passed", "unknown" }, results(result))
    assert.same(server.base_url, json.decode(result.out).site)
  end)

  it("changes nothing", function()
    run("check")
    assert.same(box.requests(server, "GET"), box.state(server).request_count)
  end)

  it("answers wrong keys with 4 and a remedy", function()
    environment.DD_API_KEY = "wrong"
    finally(function() environment.DD_API_KEY = server.api_key end)
    local result = run("check")
    assert.same(4, result.status)
    assert.truthy(result.out:find("FAILED +API key"))
    assert.truthy(result.out:find("-> check $DD_API_KEY", 1, true))
  end)

  it("names the permission that is missing", function()
    box.admin(server, "PUT", "config", { permissions = { "manage_integrations" } })
    finally(function() box.admin(server, "PUT", "config", { permissions = "all" }) end)
    local result = run("check", "--json")
    assert.same(4, result.status)
    assert.same({ "passed", "passed", "failed", "unknown" }, results(result))
    assert.truthy(json.decode(result.out).checks[3].remedy:find("integrations_read", 1, true))
  end)

  it("answers a network that does not answer with 1", function()
    local result = run("check", "--base-url", "https://127.0.0.1:1", "--timeout", "0.5", "--json")
    assert.same(1, result.status)
    assert.is_false(json.decode(result.out).ok)
    assert.same({ "failed", "unknown", "unknown", "unknown" }, results(result))
  end)
end)
