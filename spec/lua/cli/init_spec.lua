-- lua/ddokta/cli/init.lua: the command itself: usage, what it loads, exit statuses.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"

local server, environment

local function run(...) return command.run(environment, ...) end

local function changed(changes)
  local copy = {}
  for name, value in pairs(environment) do
    copy[name] = value
  end
  for name, value in pairs(changes) do
    copy[name] = value or nil
  end
  return copy
end

local function refused(status, words, result)
  assert.same(status, result.status)
  assert.truthy(result.err:find(words, 1, true), result.err)
  assert.truthy(result.err:find("^ddokta: "), result.err)
  assert.is_nil(result.err:find("traceback", 1, true))
end

describe("ddokta", function()
  setup(function()
    server = box.start()
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, { box.account "a" }) end)

  it("says what it can, and which version it is", function()
    local help = run("--help")
    assert.same(0, help.status)
    for _, word in ipairs {
      "check",
      "accounts",
      "users",
      "groups",
      "teams",
      "service-accounts",
      "sandbox",
      "demo",
      "operations",
      "--json",
      "Exit status",
    } do
      assert.truthy(help.out:find(word, 1, true), word)
    end
    assert.same("ddokta " .. require("ddokta").version .. "\n", run("--version").out)
    assert.same(0, run("accounts", "import", "--help").status)
  end)

  it("loads only what it is asked for: neither help nor version needs a module of C", function()
    local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
    local function without_c(argument)
      return command.shell(("%s -e 'package.cpath = [[]]' bin/ddokta %s"):format(lua, argument))
    end
    assert.same(
      { out = "ddokta " .. require "ddokta.version" .. "\n", err = "", status = 0 },
      without_c("--version")
    )
    assert.same({ out = run("--help").out, err = "", status = 0 }, without_c("--help"))
    assert.truthy(without_c("check").err:find "^ddokta: lua%-cjson is not installed[^\n]*\n$")
  end)

  it("answers wrong usage with 2 and a guess", function()
    refused(2, "command is required", run())
    refused(2, "did you mean 'accounts'?", run("acounts"))
    refused(2, "did you mean 'list'?", run("accounts", "lst"))
    refused(2, "unknown option '--jsn'", run("accounts", "list", "--jsn"))
    refused(2, "is not a number of seconds", run("accounts", "list", "--timeout", "soon"))
    refused(2, "unknown site", run("--site", "nowhere.com", "check"))
    refused(2, "https only", run("--base-url", "http://example.com", "check"))
  end)

  it("takes global options before and after the verb", function()
    assert.same(0, run("--json", "accounts", "list").status)
    assert.same(run("--json", "accounts", "list").out, run("accounts", "list", "--json").out)
    local bare = changed { DDOKTA_BASE_URL = false, DDOKTA_CA_FILE = false }
    local result =
      command.run(bare, "accounts", "list", "--base-url", server.base_url, "--ca-file", server.ca_file)
    assert.same({ 0, "" }, { result.status, result.err })
  end)

  it("answers what the service and the network do with 1", function()
    box.fault(server, { status = 500, body = '{"errors":["on fire"]}', times = "always" })
    local result = run("accounts", "list", "--timeout", "0.5")
    assert.same(1, result.status)
    assert.truthy(result.err:find("^ddokta: [^\n]+\n$"), result.err)
    result = run("accounts", "list", "--base-url", "https://127.0.0.1:1", "--timeout", "0.5")
    assert.same(1, result.status)
    assert.truthy(result.err:find("^ddokta: [^\n]+\n$"), result.err)
  end)
end)
