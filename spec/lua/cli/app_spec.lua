-- lua/ddokta/cli/app.lua: where keys come from, and what becomes of what is written.
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

describe("what every command of ddokta needs:", function()
  setup(function()
    server = box.start()
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, { box.account "a" }) end)

  it("takes keys from files, standard input and the environment", function()
    local api, app = box.write("api", server.api_key .. "\r\n"), box.write("app", server.app_key)
    local bare = changed { DD_API_KEY = false, DD_APP_KEY = false }
    assert.same(0, command.run(bare, "accounts", "list", "--api-key-file", api, "--app-key-file", app).status)
    local result = command.input(
      bare,
      server.api_key .. "\n",
      "accounts",
      "list",
      "--api-key-file",
      "-",
      "--app-key-file",
      app
    )
    assert.same({ 0, "" }, { result.status, result.err })
    -- a file beats a token that happens to be around
    local both = changed { DD_BEARER_TOKEN = "wrong" }
    assert.same(0, command.run(both, "accounts", "list", "--api-key-file", api).status)
    bare.DD_BEARER_TOKEN = "wrong"
    assert.same(4, command.run(bare, "accounts", "list").status)
    bare.DD_BEARER_TOKEN = server.app_key
    assert.same(0, command.run(bare, "accounts", "list").status)
    local empty = box.write("empty", "\n")
    refused(2, "no secret in its first line", run("accounts", "list", "--api-key-file", empty))
    -- perhaps the key itself was given
    local wrong = run("accounts", "list", "--api-key-file", "no/such")
    local words = "ddokta: --api-key-file: cannot read that file: No such file or directory\n"
    assert.same({ 2, words }, { wrong.status, wrong.err })
  end)

  it("answers missing and wrong keys with 4", function()
    refused(4, "set $DD_API_KEY", command.run(changed { DD_API_KEY = false }, "accounts", "list"))
    refused(4, "set $DD_APP_KEY", command.run(changed { DD_APP_KEY = false }, "accounts", "list"))
    local result = command.run(changed { DD_APP_KEY = "wrong-key-31415" }, "accounts", "list")
    refused(4, "forbidden", result)
    assert.is_nil(result.err:find("31415", 1, true))
  end)

  it("asks for keys on a terminal without showing them", function()
    local bare = changed { DD_API_KEY = false, DD_APP_KEY = false }
    local shown, status = command.terminal(
      bare,
      { { "API key: ", server.api_key }, { "application key: ", server.app_key } },
      "accounts",
      "list"
    )
    assert.same(0, status)
    assert.truthy(shown:find("https://a.okta.com/", 1, true))
    assert.is_nil(shown:find(server.api_key, 1, true))
    assert.is_nil(shown:find(server.app_key, 1, true))
  end)

  it("ends by Ctrl-C where it asks, with no line after it", function()
    local code = [[
      local core, app = require "ddokta.core", require "ddokta.cli.app"
      os.execute(("(sleep 0.3; kill -2 %d) &"):format(core.system.pid()))
      local asker = { flush = function() end, fail = app.fail }
      local ok, stop = pcall(app.ask, asker, "Apply?")
      print(ok, stop.status, stop.message)]]
    -- nothing comes from this pipe, and it does not end
    local pipe = os.tmpname() .. ".pipe"
    local result = command.shell(
      ("mkfifo %s; timeout 5 %s -e %s 9<>%s <&9"):format(
        pipe,
        os.getenv "DDOKTA_LUA" or "lua5.4",
        command.quote(code),
        pipe
      )
    )
    os.remove(pipe)
    os.remove((pipe:gsub("%.pipe$", "")))
    assert.same({ 0, "Apply? [y/N] \n", "false\t130\tnil\n" }, { result.status, result.err, result.out })
  end)

  it("ends quietly when who reads has read enough", function()
    local accounts = {}
    for i = 1, 3000 do
      accounts[i] = box.account("account" .. i)
    end
    box.reset(server, accounts)
    -- with and without the signal: a parent may have it ignored
    for _, trap in ipairs { "", "trap '' PIPE; " } do
      local line = command.line({ "accounts", "list" }, environment)
      local result = command.shell(trap .. line .. " | head -n 1")
      assert.same("", result.err)
      assert.truthy(result.out:find("^name "))
    end
  end)

  it("says so when what it writes to is full", function()
    local result = command.shell(command.line({ "accounts", "list" }, environment) .. " >/dev/full")
    refused(1, "cannot write", result)
  end)

  it("names no key in any output", function()
    local keys = { server.api_key, server.app_key }
    for _, words in ipairs {
      { "check" },
      { "check", "--json" },
      { "accounts", "list", "--json" },
      { "accounts", "get", "x" },
      { "accounts", "export" },
      { "operations" },
    } do
      local result = run((table.unpack or unpack)(words)) -- luacheck: ignore 113 143
      for _, key in ipairs(keys) do
        assert.is_nil((result.out .. result.err):find(key, 1, true))
      end
    end
  end)

  it("a status for checks: that of the worst", function()
    local app = require "ddokta.cli.app"
    local refused_one = { result = "failed", kind = "forbidden" }
    assert.equal(
      0,
      app.status_of_checks { { result = "passed" }, { result = "unknown", kind = "forbidden" } }
    )
    assert.equal(1, app.status_of_checks { { result = "failed", kind = "server" }, { result = "passed" } })
    assert.equal(4, app.status_of_checks { { result = "failed" }, refused_one, { result = "failed" } })
  end)
end)
