-- ddokta recipe: the recipes from a shell.
local around = require "spec.lua.recipes.around"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json
local recipes = require "ddokta.recipes"

local person, logins = around.person, around.logins

local function seed(more)
  local s = {
    users = { { email = "zoe@example.com" } },
    okta = {
      users = { person "ada", person "bob" },
      groups = { { name = "Platform", id = "00gplatform", members = logins("ada", "bob") } },
      apps = { { name = "datadog", id = "0oadatadog", users = logins("ada", "bob") } },
    },
  }
  for name, value in pairs(more or {}) do
    s[name] = value
  end
  return s
end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

describe("ddokta recipe", function()
  local house, environment

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed(seed())
    house:config { permissions = "all", okta_permissions = "all" }
    environment = command.environment(house.box)
    environment.OKTA_CLIENT_ORGURL, environment.OKTA_CLIENT_TOKEN = house.box.okta_url, house.box.okta_token
  end)

  local function run(...) return command.run(environment, "recipe", ...) end

  local function push(...)
    return run("push_group", "--group", "Platform", "--timeout", "5", "--interval", "0.02", ...)
  end

  it("lists them, and needs no key for that", function()
    local result = command.run({}, "recipe")
    assert.same({ 0, "" }, { result.status, result.err })
    for _, recipe in ipairs(recipes.list) do
      has(result.out, recipe.name)
    end
    local list = assert(json.decode(command.run({}, "recipe", "--json").out))
    assert.equal(#recipes.list, #list)
    assert.equal("check", list[1].name)
  end)

  it("has a help for each, with its arguments", function()
    for _, recipe in ipairs(recipes.list) do
      local result = run(recipe.name, "--help")
      assert.equal(0, result.status, recipe.name .. ": " .. result.err)
      for _, row in ipairs(recipe.arguments) do
        if row.kind ~= "function" then has(result.out, "--" .. row.name:gsub("_", "-")) end
      end
    end
  end)

  it("does it with --yes, and nothing the second time", function()
    local result = push "--yes"
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "push-group: done in ")
    has(result.out, "yes        the team 'Platform' is there and managed")
    assert.same({ managed = true, members = "ada bob" }, house:team "Platform")
    local before = house:changes()
    result = push() -- nobody need be asked about nothing
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "push-group: nothing to do in ")
    assert.equal(before, house:changes())
  end)

  it(
    "may be written with a dash",
    function() assert.equal(0, run("push-group", "--group", "Platform", "--dry-run").status) end
  )

  it("shows the plan with --dry-run, also with --yes", function()
    local before = house:changes()
    for _, more in ipairs { {}, { "--yes" } } do
      local result = push("--dry-run", more[1])
      assert.same({ 0, "" }, { result.status, result.err })
      has(result.out, "push-group: 1 to do. Dry run, nothing was changed.")
    end
    assert.equal(before, house:changes())
  end)

  it("is one JSON document with --json", function()
    local report = assert(json.decode(push("--yes", "--json").out))
    assert.same({ "push_group", "done", "done" }, { report.recipe, report.outcome, report.steps[1].outcome })
    report = assert(json.decode(push("--dry-run", "--json").out))
    assert.same({ "dry run", 0 }, { report.outcome, #report.steps })
  end)

  it("asks on a terminal, and names both organisations", function()
    local place = house.box.base_url:gsub("^https://", "")
    local question = ("Do 1 step at Sandbox (%s) and %s? [y/N]"):format(place, place)
    local words = { "recipe", "push_group", "--group", "Platform", "--timeout", "5", "--interval", "0.02" }
    local unpack = table.unpack or unpack -- luacheck: ignore 113 143
    local shown, status = command.terminal(environment, { { question, "y" } }, unpack(words))
    assert.equal(0, status, shown)
    assert.truthy(house:team "Platform")
    assert.equal(1, select(2, shown:gsub("Sandbox %(%S+, keys of", "")), shown)
    house:seed(seed())
    shown, status = command.terminal(environment, { { question, "n" } }, unpack(words))
    assert.equal(1, status, shown)
    has(shown, "nothing was done")
    assert.is_nil(house:team "Platform")
  end)

  it("says nothing with --quiet but what failed, and what goes on", function()
    local result = push("--yes", "--quiet")
    assert.same({ 0, "", "" }, { result.status, result.out, result.err })
    result = push("--yes", "--quiet") -- nothing to do
    assert.same({ 0, "", "" }, { result.status, result.out, result.err })
    house:fault { method = "DELETE", path = "/api/v1/apps/{app}/group-push/mappings/{id}", status = 403 }
    local path = house:path "quiet.journal"
    result = run("unlink-keep-members", "--group", "Platform", "--yes", "-q", "--journal", path)
    assert.equal(1, result.status)
    has(result.out, "failed ")
    has(
      result.out,
      ("  journal  %s\n  again    ddokta recipe unlink-keep-members --group Platform --yes -q --journal %s\n"):format(
        path,
        path
      )
    )
  end)

  it("shows drift as other lists are shown", function()
    local result = run("drift", "--format", "csv", "--columns", "name,difference,cause")
    assert.equal(5, result.status, result.err)
    has(result.out, "name,difference,cause")
    has(result.out, 'zoe@example.com,"in Datadog, and not assigned in Okta",no_assignment')
    assert.is_nil(result.out:find("drift:", 1, true))
    has(run("drift", "--columns", "cause,name").out, "cause")
    local document = run("drift", "--format", "json")
    assert.truthy(json.decode(document.out).differences[1].explanation)
    assert.truthy(json.decode(run("drift", "--format", "jsonl").out:match "^[^\n]+").cause)
    assert.equal(2, run("drift", "--columns", "nmae").status)
    assert.equal(2, run("push-group", "--group", "Platform", "--format", "csv").status)
  end)

  it("takes files from elsewhere as other verbs do", function()
    local path = house:path "elsewhere.csv"
    require("spec.support.files").write(path, "E-Mail,shoe size\neve@example.com,38\n")
    local words = { "provision-users", "--source", path, "--map", 'userName="E-Mail"', "--dry-run" }
    local unpack = table.unpack or unpack -- luacheck: ignore 113 143
    local result = run(unpack(words))
    assert.equal(1, result.status)
    has(result.err, "--ignore-unknown-columns")
    words[#words + 1] = "--ignore-unknown-columns"
    result = run(unpack(words))
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "create 1 user")
  end)

  it("Ctrl-C says that nothing is lost, and what goes on", function()
    house:config { managed_delay = 600 }
    finally(function() house:config { managed_delay = 0 } end)
    local path = house:path "stopped.journal"
    local shown, status = command.terminal(
      environment,
      { { "keys of an owner who is not known", "\3" } }, -- Okta's line, the last one before it begins
      "recipe",
      "push-group",
      "--group",
      "Platform",
      "--yes",
      "--journal",
      path
    )
    assert.equal(130, status, shown)
    has(
      shown,
      "ddokta: interrupted; nothing is lost, each step looks before it changes anything. This goes on: "
        .. "ddokta recipe push-group --group Platform --yes --journal "
        .. path
    )
  end)

  it("does nothing where nobody can be asked", function()
    local result = push()
    assert.equal(2, result.status)
    has(result.err, "add --yes, or --dry-run")
    assert.is_nil(house:team "Platform")
  end)

  it("answers wrong usage with 2", function()
    assert.equal(2, run("push_group", "--yes").status)
    assert.equal(2, run("no_such_recipe").status)
    assert.equal(2, push("--timeout", "soon").status)
    environment.OKTA_CLIENT_TOKEN = nil
    local result = push "--yes"
    assert.equal(2, result.status)
    has(result.err, "OKTA_CLIENT_TOKEN")
  end)

  it("takes Okta's address and token from options as well", function()
    local token = house:path "token"
    local file = assert(io.open(token, "w"))
    file:write(environment.OKTA_CLIENT_TOKEN, "\n")
    file:close()
    os.execute("chmod 600 " .. command.quote(token))
    local domain = environment.OKTA_CLIENT_ORGURL
    environment.OKTA_CLIENT_TOKEN, environment.OKTA_CLIENT_ORGURL = nil, nil
    has(run("push_group", "--group", "Platform", "--dry-run").err, "without a client of Okta")
    local result = run(
      "push_group",
      "--group",
      "Platform",
      "--dry-run",
      "--okta-domain",
      domain,
      "--okta-token-file",
      token
    )
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "push the group 'Platform' to the team 'Platform'")
  end)

  it("answers what a guard stops with 3, and a guard that there is not with 2", function()
    house:seed(seed { users = { { email = "ada@example.com" }, { email = "bob@example.com" } } })
    local path = house:path "stay.csv"
    local file = assert(io.open(path, "w"))
    file:write "userName\nada@example.com\n"
    file:close()
    for _, flag in ipairs { "--yes", "--dry-run" } do
      local result = run("deactivate_users", "--source", path, flag)
      assert.equal(3, result.status)
      has(
        result.err,
        "1 of 2 active users would be deactivated, more than the limit of 10%: if that is "
          .. "meant, say --max-deactivations 1"
      )
    end
    local result = run("deactivate_users", "--source", path, "--yes", "--json")
    assert.equal(3, result.status)
    local failed = assert(json.decode(result.out))
    assert.same({ "guard", "deactivations" }, { failed.error.code, failed.report.guards[1].guard })
    has(failed.error.message, "say --max-deactivations 1")
    result = run("deactivate_users", "--source", path, "--yes", "--allow", "slef")
    assert.equal(2, result.status)
    has(result.err, "did you mean 'self'?")
    result = run(
      "deactivate_users",
      "--source",
      path,
      "--yes",
      "--allow",
      "deactivations=50%",
      "--max-deactivations",
      "50%"
    )
    assert.equal(2, result.status)
    assert.equal(2, run("deactivate_users", "--source", path, "--max-deactivations", "many").status)
    result = run("deactivate_users", "--source", path, "--dry-run", "--allow", "deactivations=50%")
    assert.equal(0, result.status)
  end)

  it("answers what it refuses with 3, and shows why", function()
    house:seed(seed { teams = { { name = "Platform", handle = "platform", members = logins "zoe" } } })
    local result = push "--yes"
    assert.equal(3, result.status)
    has(result.err, "link_team links it")
    local function link(...)
      return run("link_team", "--group", "Platform", "--interval", "0.02", "--timeout", "5", ...)
    end
    for _, flag in ipairs { "--yes", "--dry-run" } do
      result = link(flag)
      assert.equal(3, result.status)
      has(result.out, "will be removed: zoe@example.com")
      has(result.err, "say --remove-members")
    end
    assert.equal(0, link("--yes", "--remove-members").status)
    assert.same({ managed = true, members = "ada bob" }, house:team "Platform")
  end)

  it("answers what may not be done with 4, and with 1 where something was done before", function()
    house:config { permissions = { "user_access_read" } }
    assert.equal(4, run("unlink_remove_members", "--group", "Platform", "--yes").status)
    house:config { permissions = "all" }
    assert(push "--yes")
    house:fault { method = "DELETE", path = "/api/v1/apps/{app}/group-push/mappings/{id}", status = 403 }
    local result = run("unlink_keep_members", "--group", "Platform", "--yes", "--json")
    assert.equal(1, result.status)
    local answer = assert(json.decode(result.out))
    assert.same(
      { "forbidden", "done", "failed" },
      { answer.error.kind, answer.report.steps[1].outcome, answer.report.steps[2].outcome }
    )
  end)

  it("answers with 1 what is still missing when time is up", function()
    house:config { managed_delay = 600 }
    finally(function() house:config { managed_delay = 0 } end)
    local result = run("push_group", "--group", "Platform", "--timeout", "0.1", "--interval", "0.02", "--yes")
    assert.equal(1, result.status)
    has(result.err, "after 0.1 s this is still not so")
    has(result.out, "NOT YET")
  end)

  it("works without Okta where the recipe does", function()
    environment.OKTA_CLIENT_ORGURL, environment.OKTA_CLIENT_TOKEN = nil, nil
    local result = run(
      "push_group",
      "--group",
      "Red",
      "--members",
      "zoe@example.com",
      "ada@example.com",
      "--yes",
      "--interval",
      "0.02",
      "--timeout",
      "5"
    )
    assert.same({ 0, "" }, { result.status, result.err })
    assert.same({ managed = true, members = "ada zoe" }, house:team "Red")
  end)

  it("goes on with the journal of a run before", function()
    local path = house:path "cli.journal"
    house:fault { method = "DELETE", path = "/api/v1/apps/{app}/group-push/mappings/{id}", status = 403 }
    assert(push "--yes")
    local function unlink()
      return run(
        "unlink_keep_members",
        "--group",
        "Platform",
        "--yes",
        "--journal",
        path,
        "--interval",
        "0.02"
      )
    end
    assert.equal(1, unlink().status)
    local result = unlink()
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "yes        the members of the team 'Platform' are in it")
  end)

  it("puts a service account's key into a file, and shows it nowhere", function()
    local path = house:path "cli.key"
    local result = run(
      "service_account_key",
      "--email",
      "svc@example.com",
      "--role",
      "Datadog Admin Role",
      "--file",
      path,
      "--yes"
    )
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "Base URL: " .. house.box.base_url .. "/api/v2/scim")
    local file = assert(io.open(path, "rb"))
    local key = file:read "*l"
    file:close()
    assert.equal(40, #key)
    assert.is_nil(result.out:find(key, 1, true))
  end)

  it("checks, each with a remedy, and needs no --yes", function()
    local result = run "check"
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "passed          API key: the API key is valid")
    has(result.out, "could not tell  site: ")
    has(result.out, "-> Okta's Base URL is https://api.<site>/api/v2/scim")
    house:seed(seed { okta = { apps = { { name = "slack", id = "0oaslack" } } } })
    result = run("check", "--json")
    assert.equal(1, result.status)
    assert.is_false(json.decode(result.out).ok)
    house:config { permissions = {} }
    assert.equal(4, run("check").status)
  end)
end)
