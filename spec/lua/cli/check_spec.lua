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

  -- {name = row} of its JSON, and whether all is well
  local function rows(result)
    local document, by_name = assert(json.decode(result.out)), {}
    for _, row in ipairs(document.checks) do
      by_name[row.name] = row
    end
    return by_name, document
  end

  it("passes with good keys and says whose they are, and what they may do", function()
    local result = run("check")
    assert.same({ 0, "" }, { result.status, result.err })
    assert.truthy(result.out:find("passed +API key: the API key is valid"))
    assert.truthy(result.out:find("sandbox@example.com, a service account", 1, true))
    assert.truthy(result.out:find("it may read Okta accounts, change Okta accounts", 1, true))
    local by_name, document = rows(run("check", "--json"))
    assert.is_true(document.ok)
    assert.same(server.base_url, document.site)
    assert.equal("passed", by_name["what it may do"].result)
  end)

  it("looks at Okta's token where there is one", function()
    local address, token = environment.OKTA_CLIENT_ORGURL, environment.OKTA_CLIENT_TOKEN
    finally(function()
      environment.OKTA_CLIENT_ORGURL, environment.OKTA_CLIENT_TOKEN = address, token
    end)
    assert.truthy(run("check").out:find("passed +Okta token: it is valid"))
    environment.OKTA_CLIENT_TOKEN = "wrong"
    local result = run("check")
    assert.same(4, result.status)
    assert.truthy(result.out:find("FAILED +Okta token"))
    environment.OKTA_CLIENT_ORGURL, environment.OKTA_CLIENT_TOKEN = nil, nil
    assert.is_nil(run("check").out:find("Okta token", 1, true))
  end)

  it("changes nothing", function()
    run("check")
    assert.same(box.requests(server, "GET"), box.state(server).request_count)
  end)

  for variable, name in pairs { DD_API_KEY = "API key", DD_APP_KEY = "application key" } do
    it(("answers a wrong %s with 4, and blames no other"):format(variable), function()
      local good = environment[variable]
      environment[variable] = "wrong"
      finally(function() environment[variable] = good end)
      local result = run("check")
      assert.same(4, result.status)
      assert.truthy(result.out:find("FAILED +" .. name .. ":"))
      assert.truthy(result.out:find("-> check $" .. variable, 1, true))
      assert.same(1, select(2, result.out:gsub("FAILED", "")))
    end)
  end

  it("answers a network that does not answer with 1", function()
    local result = run("check", "--base-url", "https://127.0.0.1:1", "--timeout", "0.5", "--json")
    assert.same(1, result.status)
    local by_name, document = rows(result)
    assert.is_false(document.ok)
    assert.same({ "unknown", "failed" }, { by_name["API key"].result, by_name.site.result })
  end)
end)
