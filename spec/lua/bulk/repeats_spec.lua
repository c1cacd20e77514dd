-- lua/ddokta/bulk/repeats.lua: names that the service takes twice, and two runs that both create them.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local command = require "spec.lua.cli.command"
local system = require("ddokta.core").system

local server, dd
local account = box.account

local function plan(rows, kind) return assert(bulk.plan(dd, kind or "okta_accounts", bulk.read(rows))) end

--- As if it had waited for so long.
local function aged(made, seconds)
  local read_at = made:read_at()
  function made.read_at() return read_at - seconds end
  return made
end

local function gets() return box.requests(server, "GET") end

describe("two runs of one source", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, {}) end)

  it("hold a plan that has waited against a fresh list before the first create", function()
    local rows = { account "a", account "b", account "c" }
    local waited = aged(plan(rows), 11)
    box.admin(server, "PUT", "accounts", { account "b", account("c", { client_id = "another" }) })
    local report = assert(bulk.apply(dd, waited, { settle = 0 }))
    assert.same(
      { "done", "done", "failed" },
      { report.rows[1].outcome, report.rows[2].outcome, report.rows[3].outcome }
    )
    assert.truthy(report.rows[2].note:find("somebody else has made it since", 1, true))
    assert.truthy(report.rows[3].error.message:find("already that is not as asked", 1, true))
    assert.same(3, select(2, box.accounts(server))) -- which raises where one is there twice
    assert.same(1, box.requests(server, "POST"))
  end)

  it("do not read it again for a fresh plan, nor for one that creates nothing, nor for users", function()
    local fresh = plan { account "a" }
    local before = gets()
    assert(bulk.apply(dd, fresh, { settle = 0, fingerprints = false }))
    assert.same(1, gets() - before) -- at the end, for names that are there twice
    local idle = aged(plan { account "a" }, 60)
    before = gets()
    assert(bulk.apply(dd, idle, { settle = 0, fingerprints = false }))
    assert.same(0, gets() - before)
    local users = aged(plan({ { userName = "a@example.com" } }, "scim_users"), 60)
    before = gets()
    assert(bulk.apply(dd, users, { settle = 0 }))
    assert.same(0, gets() - before)
  end)

  it("is nothing applied where the fresh list cannot be had", function()
    local waited = aged(plan { account "a" }, 60)
    box.fault(server, { method = "GET", path = "/api/v2/integrations/okta/accounts", status = 400 })
    local report, err = bulk.apply(dd, waited, { settle = 0 })
    assert.is_nil(report)
    assert.same(400, err.status)
    assert.same(0, box.requests(server, "POST"))
  end)

  it("find what is there twice all the same, and say what to do", function()
    local one, other = plan { account "a", account "b" }, plan { account "b", account "c" }
    assert.is_nil(assert(bulk.apply(dd, one, { settle = 0 })).duplicates)
    local report = assert(bulk.apply(dd, other, { settle = 0 }))
    assert.same(1, #report.duplicates)
    assert.same({ "b", 2 }, { report.duplicates[1].key, #report.duplicates[1].ids })
    local text = tostring(report)
    assert.truthy(text:find("delete all but one of each, by its id", 1, true), text)
    for _, id in ipairs(report.duplicates[1].ids) do
      assert.truthy(text:find(id, 1, true), text)
    end
    assert.truthy(assert(report:to_json()):find('"duplicates":[{', 1, true))
  end)

  it("say so where the list at the end cannot be had", function()
    local made = plan { account "a" }
    box.fault(server, { method = "GET", path = "/api/v2/integrations/okta/accounts", status = 400 })
    local report = assert(bulk.apply(dd, made, { settle = 0 }))
    assert.same({ 1, nil }, { report.counts.done, report.duplicates })
    assert.truthy(report.note:find("could not be looked for names that are there twice", 1, true))
  end)

  it("at once, in processes of their own: whoever ends last finds it, and fails", function()
    local lines = { "name,domain,auth_method,client_id" }
    for i = 1, 40 do
      lines[#lines + 1] = ("n%02d,https://n%02d.okta.com/,oauth,n"):format(i, i)
    end
    local source = box.write("twice.csv", table.concat(lines, "\n") .. "\n")
    box.admin(server, "PUT", "config", { latency = 0.1 })
    finally(function() box.admin(server, "PUT", "config", { latency = 0 }) end)
    local line = command.line({
      "accounts",
      "import",
      source,
      "--yes",
      "--no-fingerprints",
      "--progress",
      "never",
      "--max-in-flight",
      "8",
    }, command.environment(server))
    local script = "%s >%s.1 2>&1 & a=$!; %s >%s.2 2>&1; b=$?; wait $a; echo $? $b; cat %s.1 %s.2"
    local result = command.shell(script:format(line, source, line, source, source, source))
    local statuses = result.out:match "^(%d %d)\n"
    local count = #box.state(server).accounts
    assert.same(80, count, result.out) -- both went, which nothing can prevent here
    assert.is_true(statuses == "1 0" or statuses == "0 1" or statuses == "1 1", result.out)
    assert.truthy(result.out:find("n01 is there 2 times: ", 1, true), result.out)
  end)

  it("see a time that somebody has set back for a plan that has waited", function()
    local made = plan { account "a" }
    function made.read_at() return system.time() + 3600 end
    box.admin(server, "PUT", "accounts", { account "a" })
    assert(bulk.apply(dd, made, { settle = 0 }))
    assert.same(1, select(2, box.accounts(server)))
  end)
end)
