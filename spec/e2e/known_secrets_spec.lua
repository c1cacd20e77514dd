-- What the command knows of the secrets that a service has: the four states, and every way that sends one.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local server, dd, environment
local count = 0

local ORN = "orn:okta:idp:00oSandbox00000000g1:apps:datadog:0oadatadog"

local function run(...) return command.run(environment, ...) end

local function ok(...)
  local result = run(...)
  assert.same({ 0, "" }, { result.status, result.err }, table.concat({ ... }, " ") .. "\n" .. result.out)
  return result.out
end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

--- A source with one account and this secret; nil: it has no such column.
local function source(secret)
  count = count + 1
  return box.write(
    count .. ".csv",
    ("name,domain,auth_method%s\nprod,https://a.okta.com/,oauth%s\n"):format(
      secret and ",client_secret" or "",
      secret and "," .. secret or ""
    )
  )
end

--- The secret that was sent last to the only account.
local function last_sent()
  local last
  for _, request in ipairs(box.admin(server, "GET", "requests").requests) do
    local body = (request.method == "POST" or request.method == "PATCH") and json.decode(request.body)
    local attributes = body and body.data and body.data.attributes or {}
    last = attributes.client_secret or last
  end
  return last
end

--- A machine on which ddokta was never run.
local function new_machine()
  count = count + 1
  environment.XDG_STATE_HOME = ("%s/state-%d"):format(server.dir, count)
end

local function give(secret, ...)
  local result = command.input(environment, secret, ...)
  assert.same({ 0, "" }, { result.status, result.err }, result.out)
end

describe("ddokta and the secrets that a service has", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function()
    environment = command.environment(server)
    box.reset(server, {})
    new_machine()
  end)

  it("are unchanged only where they are those that were sent last", function()
    ok("accounts", "import", source "s1-secret", "--yes")
    has(ok("accounts", "plan", source "s1-secret"), "nothing to do, all 1 unchanged")
    has(ok("accounts", "plan", source "s2-secret"), "a secret is not the one that was sent last")
    ok("accounts", "import", source "s2-secret", "--yes")
    assert.equal("s2-secret", last_sent())
    has(ok("accounts", "plan", source "s2-secret"), "nothing to do, all 1 unchanged")
  end)

  it("are known after every command that sends one", function()
    ok("accounts", "import", source "s1-secret", "--yes")
    give("s2-secret", "accounts", "update", "prod", "--client-secret-file", "-")
    assert.equal("s2-secret", last_sent())
    ok("accounts", "import", source "s1-secret", "--yes")
    assert.equal("s1-secret", last_sent())
    ok("accounts", "update", "prod", "--domain", "https://b.okta.com/") -- sends none, the id is a new one
    ok("accounts", "update", "prod", "--domain", "https://a.okta.com/")
    has(ok("accounts", "plan", source "s1-secret"), "nothing to do, all 1 unchanged")
    ok("accounts", "delete", "prod", "--yes")
    ok("accounts", "create", "--name", "prod", "--domain", "https://a.okta.com/", "--auth-method", "oauth")
    has(ok("accounts", "plan", source "s1-secret"), "a secret was never sent: the service has none")
    ok("accounts", "import", source "s1-secret", "--yes")
    assert.equal("s1-secret", last_sent())
    ok("accounts", "delete", "prod", "--yes")
    give(
      "s3-secret",
      "accounts",
      "create",
      "--name",
      "prod",
      "--domain",
      "https://a.okta.com/",
      "--auth-method",
      "oauth",
      "--client-secret-file",
      "-"
    )
    has(ok("accounts", "plan", source "s3-secret"), "nothing to do, all 1 unchanged")
    has(ok("accounts", "plan", source "s1-secret"), "1 Okta account to update")
  end)

  it("are counted where nothing is known of them, in every output", function()
    ok("accounts", "import", source "s1-secret", "--yes")
    new_machine()
    local out = ok("accounts", "plan", source "s2-secret")
    has(out, "Note: 1 secret was not compared: no service gives them back")
    has(ok("accounts", "import", source "s2-secret", "--yes"), "Note: 1 secret was not compared")
    local document = assert(json.decode(ok("accounts", "plan", source "s2-secret", "--json")))
    assert.same({ 1, 0 }, { document.counts.uncompared, document.counts.update })
    has(document.note, "1 secret was not compared")
    document = assert(json.decode(ok("accounts", "import", source "s2-secret", "--yes", "--json")))
    assert.equal(1, document.report.counts.uncompared)
    has(document.report.note, "1 secret was not compared")
    for _, ending in ipairs { "json", "html", "csv" } do
      local report = box.write("report." .. ending, "")
      ok("accounts", "import", source "s2-secret", "--yes", "--report", report)
      local file = assert(io.open(report, "rb"))
      has(file:read "*a", "not compared")
      file:close()
    end
    assert.equal("s1-secret", last_sent())
    ok("accounts", "import", source "s2-secret", "--yes", "--rotate-secrets")
    assert.equal("s2-secret", last_sent())
    has(ok("accounts", "plan", source "s2-secret"), "Plan: nothing to do, all 1 unchanged.")
  end)

  it("make --exit-code say that differences are unknown", function()
    local function status_of(...) return run("accounts", "plan", ..., "--exit-code").status end
    assert.equal(5, status_of(source "s1-secret"))
    ok("accounts", "import", source "s1-secret", "--yes")
    assert.equal(0, status_of(source "s1-secret"))
    assert.equal(5, status_of(source "s2-secret"))
    assert.equal(0, status_of(source(nil)))
    new_machine()
    local result = run("accounts", "plan", source "s1-secret", "--exit-code")
    assert.equal(6, result.status)
    has(result.err, "whether there are differences is not known: 1 secret was not compared")
  end)

  it("are not known any more where somebody else has changed the account", function()
    ok("accounts", "import", source "s1-secret", "--yes")
    local id = box.accounts(server).prod.id
    assert(
      dd:update_okta_account(
        id,
        { auth_method = "oauth", domain = "https://a.okta.com/", client_secret = "theirs" }
      )
    )
    has(ok("accounts", "plan", source "s1-secret"), "1 secret was not compared")
    ok("accounts", "import", source "s1-secret", "--yes", "--rotate-secrets")
    has(ok("accounts", "plan", source "s1-secret"), "Plan: nothing to do, all 1 unchanged.")
  end)

  it("are of an organisation, whatever its host is called", function()
    ok("accounts", "import", source "s1-secret", "--yes")
    environment.DDOKTA_BASE_URL = server.base_url:gsub("127%.0%.0%.1", "localhost")
    assert.not_equal(server.base_url, environment.DDOKTA_BASE_URL)
    has(ok("accounts", "plan", source "s1-secret"), "Plan: nothing to do, all 1 unchanged.")
    has(ok("accounts", "plan", source "s2-secret"), "1 Okta account to update")
    -- and another one at the same address is another
    box.admin(server, "PUT", "config", { org_id = "11111111-2222-3333-4444-555555555555" })
    finally(
      function() box.admin(server, "PUT", "config", { org_id = "0a4d3e5c-7b21-4f6a-8c9d-1e2f3a4b5c6d" }) end
    )
    has(ok("accounts", "plan", source "s2-secret"), "1 secret was not compared")
  end)

  describe("which no API changes,", function()
    local function file(password)
      count = count + 1
      local text = "name,username,password,containerOrn\ndeploy,d@example.com,%s,%s\n"
      return box.write(count .. ".csv", text:format(password, ORN))
    end

    before_each(
      function()
        box.admin(server, "PUT", "seed", {
          okta = {
            apps = {
              { name = "datadog", id = "0oadatadog", label = "Datadog" },
              { name = "datadog", id = "0oaother", label = "Other" },
            },
          },
        })
      end
    )

    it("are a conflict that says where they are changed, and never unchanged", function()
      ok("service-accounts", "import", file "p1-secret", "--yes")
      has(ok("service-accounts", "plan", file "p1-secret"), "Plan: nothing to do, all 1 unchanged.")
      for _, options in ipairs { {}, { "--rotate-secrets" } } do
        local result = run("service-accounts", "plan", file "p2-secret", options[1])
        assert.equal(3, result.status)
        has(
          result.out,
          "password is not the one that was sent when it was made, and no API changes it: "
            .. "change it in Okta's Admin Console"
        )
      end
      assert.equal(3, run("service-accounts", "import", file "p2-secret", "--yes").status)
      has(ok("service-accounts", "import", file "p2-secret", "--yes", "--accept-secrets"), "1 unchanged")
      has(ok("service-accounts", "plan", file "p2-secret"), "Plan: nothing to do, all 1 unchanged.")
      assert.equal(3, run("service-accounts", "plan", file "p1-secret").status)
    end)

    it("are those of the app's account, where two apps have one of the same name", function()
      count = count + 1
      local both = box.write(
        count .. ".csv",
        ("name,username,password,containerOrn\nadmin,a,one-secret,%s\n" .. "admin,b,two-secret,%s\n"):format(
          ORN,
          (ORN:gsub("0oadatadog$", "0oaother"))
        )
      )
      has(ok("service-accounts", "import", both, "--yes"), "2 created")
      has(ok("service-accounts", "plan", both), "Plan: nothing to do, all 2 unchanged.")
      local swapped = both:gsub("%d+%.csv", "swapped.csv")
      local file_of = assert(io.open(both, "rb"))
      local text = file_of:read "*a"
      file_of:close()
      box.write("swapped.csv", (text:gsub("one%-secret", "x-secret"):gsub("two%-secret", "one-secret")))
      assert.equal(3, run("service-accounts", "plan", swapped).status)
      has(run("service-accounts", "plan", swapped).out, "2 in conflict")
    end)

    it("are said to be missing where the account was made without one", function()
      ok("service-accounts", "import", file "", "--yes")
      local result = run("service-accounts", "plan", file "p1-secret")
      assert.equal(3, result.status)
      has(result.out, "it was made without its password, and no API sets it now")
    end)

    it("are said to be lost after a restore, with where they are set", function()
      ok("service-accounts", "import", file "p1-secret", "--yes")
      count = count + 1
      local journal = box.write("n", ""):gsub("n$", count .. ".journal")
      local other = box.write(count .. ".csv", ("name,username,containerOrn\nother,o,%s\n"):format(ORN))
      ok(
        "service-accounts",
        "import",
        other,
        "--yes",
        "--prune",
        "--max-deactivations",
        "100%",
        "--journal",
        journal
      )
      local result = run("service-accounts", "restore", journal, "--yes")
      assert.equal(6, result.status)
      has(
        result.out,
        "password of one service account (deploy): no backup has it: it is there without, "
          .. "change it in Okta's Admin Console"
      )
      result = run("service-accounts", "plan", file "p1-secret")
      assert.equal(3, result.status)
      has(result.out, "it was made without its password, and no API sets it now")
    end)

    it("are counted where nothing is known, and kept with a new name", function()
      ok("service-accounts", "import", file "p1-secret", "--yes")
      ok("service-accounts", "update", "deploy", "--description", "Deploys")
      has(ok("service-accounts", "plan", file "p1-secret"), "Plan: nothing to do, all 1 unchanged.")
      new_machine()
      local out = ok("service-accounts", "plan", file "p1-secret")
      has(out, "1 secret was not compared")
      has(out, "no API changes them: change it in Okta's Admin Console")
      local result = run("recipe", "import-service-accounts", "--source", file "p1-secret", "--yes")
      has(result.out, "but for 1 secret that nobody can compare")
    end)
  end)
end)
