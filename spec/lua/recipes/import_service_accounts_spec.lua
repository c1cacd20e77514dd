-- lua/ddokta/recipes/import_service_accounts.lua: accounts of an app in Okta Privileged Access.
local around = require "spec.lua.recipes.around"
local command = require "spec.lua.cli.command"
local recipes = require "ddokta.recipes"

local SECRET = "correct-horse-battery-9"
local ORN = "orn:okta:idp:00oSandbox00000000g1:apps:datadog:0oadatadog"

local SEED = {
  okta = {
    apps = { { name = "datadog", id = "0oadatadog", label = "Datadog" } },
    service_accounts = { { name = "old", username = "old@example.com", containerOrn = ORN } },
  },
}

local write = require("spec.support.files").write

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then file:close() end
  return text or ""
end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

describe("recipes.import_service_accounts", function()
  local house, path

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed(SEED)
    path = house:path "accounts.csv"
    write(
      path,
      (
        "name,username,password,containerOrn,description\ndeploy,deploy@example.com,%s,%s,Deploys\n"
        .. "backup,backup@example.com,,%s,\n"
      ):format(SECRET, ORN, ORN)
    )
  end)

  local function import(args)
    local all = { source = path, interval = 0.02, timeout = 5 }
    for name, value in pairs(args or {}) do
      all[name] = value
    end
    return recipes.import_service_accounts(house.dd, house.okta, all)
  end

  -- {name = account}
  local function accounts()
    local by_name = {}
    for _, account in ipairs(assert(house.okta:list_app_service_accounts { limit = 200 })) do
      assert.is_nil(by_name[account.name])
      by_name[account.name] = account
    end
    return by_name
  end

  it("makes what is not there, with the password, and warns where there is none", function()
    local report = assert(import())
    assert.same({ "done", "create 2 service accounts" }, { report.outcome, report.steps[1].title })
    local found = accounts()
    assert.same(
      { "STAGED", "Deploys", "MISSING_PASSWORD" },
      { found.deploy.statusDetail, found.deploy.description, found.backup.statusDetail }
    )
    has(report.warnings[1], "without a password, which an app needs that is not provisioned")
    has(report.warnings[1], "passwords: backup")
    assert.is_nil(report.warnings[1]:find("deploy", 1, true))
  end)

  it("shows, logs and keeps no password", function()
    local journal = house:path "accounts.journal"
    local report = assert(import { journal = journal })
    local texts = { tostring(report), report:to_json(), read(journal), read(journal .. ".backup") }
    house:seed(SEED)
    house:fault {
      method = "POST",
      path = "/privileged-access/api/v1/service-accounts",
      status = 400,
      body = '{"errorCode":"E0000001","errorSummary":"Api validation failed: ' .. SECRET .. '"}',
    }
    local _, err = import()
    texts[#texts + 1], texts[#texts + 2] = tostring(err), tostring(err.report)
    texts[#texts + 1], texts[#texts + 2] = err.report:to_json(), table.concat(err.errors, " ")
    for _, text in ipairs(texts) do
      assert.is_nil(text:find(SECRET, 1, true), text)
    end
    assert.equal("apply", err.code)
  end)

  it("needs no key of Datadog, in a script or from a shell", function()
    assert.equal("done", assert(recipes.import_service_accounts(nil, house.okta, { source = path })).outcome)
    local all = command.environment(house.box)
    local environment = {
      DDOKTA_CA_FILE = all.DDOKTA_CA_FILE,
      OKTA_CLIENT_ORGURL = all.OKTA_CLIENT_ORGURL,
      OKTA_CLIENT_TOKEN = all.OKTA_CLIENT_TOKEN,
    }
    local result = command.run(environment, "recipe", "import-service-accounts", "--source", path, "--yes")
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "import-service-accounts: nothing to do")
    assert.has_error(function() recipes.provision_users(nil, house.okta, { source = {} }) end)
  end)

  it("does nothing the second time", function()
    assert(import())
    local before = house:changes()
    local report = assert(import())
    assert.same({ "nothing to do", 0 }, { report.outcome, #report.warnings })
    assert.equal(before, house:changes())
  end)

  it("changes what can be changed, and refuses what cannot", function()
    assert(import())
    write(
      path,
      ("name,username,containerOrn,description\ndeploy,deploy@example.com,%s,New words\n"):format(ORN)
    )
    assert.equal("update 1 service account", assert(import()).steps[1].title)
    assert.equal("New words", accounts().deploy.description)
    write(path, ("name,username,containerOrn\ndeploy,other@example.com,%s\n"):format(ORN))
    local before = house:changes()
    local report, err = import()
    assert.same({ nil, "conflict" }, { report, err.kind })
    has(err.message, "deploy (username cannot be changed")
    assert.equal(before, house:changes())
  end)

  it("fills in the app's ORN", function()
    write(path, "name,username,password\ndeploy,deploy@example.com," .. SECRET .. "\n")
    local _, err = import()
    has(err.message, "containerOrn")
    assert(import { app = "Datadog" })
    assert.equal(ORN, accounts().deploy.containerOrn)
    write(path, "name,login,password\nci,ci@example.com," .. SECRET .. "\n")
    assert(import { app = "0oadatadog", mapping = { username = "login" } })
    assert.equal("ci@example.com", accounts().ci.username)
    _, err = import { app = "Nothing" }
    assert.equal("not_found", err.kind)
  end)

  it("says what Okta left out of the app", function()
    write(path, "name,username\ndeploy,deploy@example.com\n")
    house:fault {
      method = "GET",
      path = "/api/v1/apps/{appId}",
      status = 200,
      body = '{"id":"0oadatadog","label":"Datadog","status":"ACTIVE","name":"datadog"}',
    }
    local _, err = import { app = "0oadatadog" }
    has(err.message, "does not tell the ORN")
  end)

  it("shows what it would do, and sends nothing", function()
    local report = assert(import { dry_run = true })
    assert.equal("dry run", report.outcome)
    assert.same({ "backup", "deploy" }, { report.details.will_create[2], report.details.will_create[1] })
    assert.equal(0, house:changes())
  end)

  it("needs a client of Okta, and a file", function()
    local _, err = recipes.import_service_accounts(house.dd, nil, { source = path })
    has(err.message, "needs a client of Okta")
    _, err = import { source = "okta:app/Datadog" }
    has(err.message, "service accounts come from a file")
    _, err = recipes.import_service_accounts(house.dd, house.okta, {})
    has(err.message, "import_service_accounts needs source")
  end)

  it("goes on where its process was killed, between any two calls", function()
    write(
      path,
      ("name,username,password,containerOrn\ndeploy,deploy@example.com,%s,%s\n"):format(SECRET, ORN)
    )
    local n, died = 0, true
    while died do
      n = n + 1
      house:seed(SEED)
      local args = { source = path, interval = 0.02, timeout = 5, journal = house:path("import" .. n) }
      died = house:killed("import_service_accounts", n, args)
      assert.equal("table", type(import(args)), "killed before call " .. n)
      assert.same(
        { "STAGED", 1 },
        { accounts().deploy.statusDetail, house:requests "POST" },
        "killed before call " .. n
      )
    end
    assert.is_true(n > 3)
  end)
end)
