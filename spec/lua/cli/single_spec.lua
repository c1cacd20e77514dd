-- lua/ddokta/cli/single.lua: ddokta accounts create, update, delete; list and get of them.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local server, environment
local account = box.account
local LONG = "https://" .. ("x"):rep(60) .. ".okta.com/"
local SECRET = "never-to-be-seen-4711"

local function run(...) return command.run(environment, ...) end

local function with(extra, ...)
  local all = {}
  for _, source in ipairs { environment, extra } do
    for name, value in pairs(source) do
      all[name] = value
    end
  end
  return command.run(all, ...)
end

local function refused(status, words, result)
  assert.same(status, result.status)
  assert.truthy(result.err:find(words, 1, true), result.err)
  assert.truthy(result.err:find("^ddokta: "), result.err)
  assert.is_nil(result.err:find("traceback", 1, true))
  assert.same("", result.out)
end

describe("ddokta accounts", function()
  setup(function()
    server = box.start()
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, {}) end)

  it("list: columns in a pipe, uncut and unpainted", function()
    box.reset(server, { account("a", { domain = LONG }), account("Pálinkás", { client_id = "id-P" }) })
    local result = run("accounts", "list")
    assert.same({ 0, "" }, { result.status, result.err })
    local lines = {}
    for line in result.out:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.same(3, #lines)
    assert.truthy(lines[1]:find("^name      domain +auth_method  client_id  id$"), lines[1])
    assert.truthy(lines[2]:find(("x"):rep(60), 1, true))
    assert.is_nil(result.out:find("\27", 1, true))
    -- two letters are of two bytes
    assert.same(lines[2]:find("oauth", 1, true), lines[3]:find("oauth", 1, true) - 2)
  end)

  it("list: nothing is said to be nothing, and is an empty list as JSON", function()
    assert.same("no Okta accounts\n", run("accounts", "list").out)
    assert.same("[]\n", run("accounts", "list", "--json").out)
  end)

  it("list: a table that fits the terminal, painted unless told otherwise", function()
    box.reset(server, { account("a", { domain = LONG }) })
    local shown = command.terminal(environment, {}, "accounts", "list")
    assert.truthy(shown:find("\27[1mname", 1, true))
    assert.truthy(shown:find("…", 1, true))
    for line in shown:gmatch("[^\n]+") do
      local _, width = line:gsub("[^\128-\191]", "")
      assert.is_true(width <= 80 or line:find("\27[1m", 1, true) ~= nil, line)
    end
    shown = command.terminal(environment, {}, "accounts", "list", "--color", "never")
    assert.is_nil(shown:find("\27[1m", 1, true))
    environment.NO_COLOR = "1"
    finally(function() environment.NO_COLOR = nil end)
    shown = command.terminal(environment, {}, "accounts", "list")
    assert.is_nil(shown:find("\27[1m", 1, true))
    assert.truthy(run("accounts", "list", "--color", "always").out:find("\27[1m", 1, true))
  end)

  it("list: escapes what a terminal would obey", function()
    box.reset(server, { account("a", { name = "evil\27]0;x\7", domain = "https://e.okta.com" }) })
    local result = run("accounts", "list")
    assert.is_nil(result.out:find("\27", 1, true))
    assert.truthy(result.out:find("evil\\x1B]0;x\\x07", 1, true))
  end)

  it("get: by name and by id", function()
    box.reset(server, { account "a", account "b" })
    local id = box.accounts(server).b.id
    for _, wanted in ipairs { "b", id } do
      local result = run("accounts", "get", wanted, "--json")
      assert.same({ 0, "" }, { result.status, result.err })
      assert.same({ id, "b" }, { json.decode(result.out).id, json.decode(result.out).name })
    end
    assert.truthy(run("accounts", "get", "b").out:find("^name +b\ndomain +https://b.okta.com/\n"))
  end)

  it("get: guesses what was meant, and asks for an id where a name is not enough", function()
    box.reset(server, { account "production", account "twin", account "twin" })
    refused(1, "did you mean 'production'?", run("accounts", "get", "prodcution"))
    local result = run("accounts", "get", "twin")
    refused(3, "2 Okta accounts have the name 'twin'", result)
    assert.truthy(result.err:find("%x+%-%x+%-%x+%-%x+%-%x+, %x+%-"))
  end)

  it("create: what it says, with a secret from a file, standard input or the environment", function()
    local path = box.write("secret", SECRET .. "\n")
    local base = { "accounts", "create", "--auth-method", "oauth", "--client-id", "c" }
    local function create(runner, name, ...)
      local words = { "--name", name, "--domain", name .. ".okta.com", ... }
      for i = #base, 1, -1 do
        table.insert(words, 1, base[i])
      end
      return runner((table.unpack or unpack)(words)) -- luacheck: ignore 113 143
    end
    local function with_variable(...) return with({ DDOKTA_CLIENT_SECRET = SECRET }, ...) end
    local function with_input(...) return command.input(environment, SECRET .. "\n", ...) end
    local results = {
      create(run, "f", "--client-secret-file", path),
      create(with_variable, "e"),
      create(with_input, "i", "--client-secret-file", "-"),
      create(run, "n"),
    }
    local accounts = box.accounts(server)
    for i, name in ipairs { "f", "e", "i", "n" } do
      assert.same({ 0, "" }, { results[i].status, results[i].err })
      assert.truthy(results[i].out:find(accounts[name].id, 1, true))
      assert.is_nil(results[i].out:find(SECRET, 1, true))
      assert.same("https://" .. name .. ".okta.com/", accounts[name].domain)
      assert.same(i < 4 and { "client_secret" } or {}, accounts[name].secrets)
    end
  end)

  it("create: has no option that takes a secret", function()
    for _, option in ipairs { "--client-secret", "--api-key", "--app-key" } do
      local result = run("accounts", "create", option, SECRET)
      assert.same(2, result.status)
    end
  end)

  it("create: asks for the secret on a terminal without showing it", function()
    local shown, status = command.terminal(
      environment,
      { { "client secret (empty for none): ", SECRET } },
      "accounts",
      "create",
      "--name",
      "a",
      "--domain",
      "a.okta.com",
      "--auth-method",
      "oauth"
    )
    assert.same(0, status)
    assert.is_nil(shown:find(SECRET, 1, true))
    assert.same({ "client_secret" }, box.accounts(server).a.secrets)
  end)

  it("create: refuses what is bad or there already", function()
    refused(2, "auth_method: is empty, and is required", run("accounts", "create", "--name", "a"))
    refused(
      2,
      "must start with https://",
      run("accounts", "create", "--name", "a", "--domain", "http://a.okta.com", "--auth-method", "oauth")
    )
    box.reset(server, { account "Acme" })
    refused(
      3,
      "there is already 'Acme'",
      run("accounts", "create", "--name", "acme", "--domain", "a.okta.com", "--auth-method", "oauth")
    )
    assert.same(0, box.requests(server, "POST"))
  end)

  it("update: what is named, and nothing else", function()
    box.reset(server, { account "a" })
    local before = box.accounts(server).a
    local result = run("accounts", "update", "a", "--client-id", "new", "--json")
    assert.same({ 0, "" }, { result.status, result.err })
    local after = box.accounts(server).a
    assert.same({ "new", before.domain }, { after.client_id, after.domain })
    assert.same(after.id, json.decode(result.out).id)
    result = with({ DDOKTA_CLIENT_SECRET = SECRET }, "accounts", "update", after.id)
    assert.same({ 0, "" }, { result.status, result.err })
    assert.same({ "client_secret" }, box.accounts(server).a.secrets)
    refused(2, "nothing to change", run("accounts", "update", "a"))
    refused(2, "domain: ", run("accounts", "update", "a", "--domain", "x"))
    refused(2, "client_id is empty", run("accounts", "update", "a", "--client-id", ""))
    assert.same(2, run("accounts", "update", "a", "--name", "b").status) -- cannot be changed
  end)

  it("delete: with --yes where nobody can be asked", function()
    box.reset(server, { account "a", account "b" })
    refused(2, "add --yes", run("accounts", "delete", "a"))
    assert.same("deleted 'a'\n", run("accounts", "delete", "a", "--yes").out)
    local id = box.accounts(server).b.id
    local result = run("accounts", "delete", id, "-y", "--json")
    local change = json.decode(result.out)
    assert.equal("b", change.old.name)
    change.old = nil
    assert.same({ kind = "okta_accounts", key = "b", id = id, action = "delete", outcome = "done" }, change)
    assert.same(0, select(2, box.accounts(server)))
    refused(1, "there is no Okta account with the id or name 'a'", run("accounts", "delete", "a", "--yes"))
  end)

  it("delete: asks on a terminal, and takes no for an answer", function()
    box.reset(server, { account "a" })
    local question = "Delete the Okta account 'a'? [y/N]"
    local _, status = command.terminal(environment, { { question, "n" } }, "accounts", "delete", "a")
    assert.same(1, status)
    assert.truthy(box.accounts(server).a)
    _, status = command.terminal(environment, { { question, "y" } }, "accounts", "delete", "a")
    assert.same(0, status)
    assert.is_nil(box.accounts(server).a)
  end)
end)
