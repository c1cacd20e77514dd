-- bulk.apply against a sandbox that misbehaves as Datadog was recorded to, and worse.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"

local server, dd
local account = box.account
local SECRET = "never-to-be-seen-4711"

local function plan(rows, options) return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows), options)) end

local function apply(rows, options, apply_options)
  return assert(bulk.apply(dd, plan(rows, options), apply_options))
end

local function outcomes(report)
  local list = {}
  for i, row in ipairs(report.rows) do
    list[i] = row.action .. " " .. row.key .. " " .. row.outcome
  end
  return list
end

describe("bulk.apply", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("makes the service equal to the source; again there is nothing to do", function()
    box.reset(server, { account "same", account "other", account "foreign" })
    local rows = {
      account("new", { client_secret = SECRET }),
      account("other", { client_id = "changed" }),
      account "same",
    }
    local before = box.accounts(server)
    local report = apply(rows)
    assert.same({ "create new done", "update other done", "unchanged same unchanged" }, outcomes(report))
    assert.same({
      done = 2,
      failed = 0,
      unknown = 0,
      not_run = 0,
      skipped = 0,
      unchanged = 1,
      create = 1,
      update = 1,
      delete = 0,
      resumed = 0,
    }, report.counts)
    local after, count = box.accounts(server)
    assert.same(4, count)
    assert.same("changed", after.other.client_id)
    assert.same({ "client_secret" }, after.new.secrets)
    assert.not_equal(before.other.id, after.other.id)
    assert.same(after.other.id, report.rows[2].id) -- the new one
    assert.same(after.new.id, report.rows[1].id)
    assert.same(before.same.id, report.rows[3].id)
    assert.same({ 1, 1, 0 }, { report.rows[1].attempts, report.rows[2].attempts, report.rows[3].attempts })
    assert.same(3, plan(rows).counts.unchanged)
  end)

  it("prunes", function()
    box.reset(server, { account "a", account "b" })
    local report = apply({ account "a" }, { prune = true, max_deactivations = 1 })
    assert.same({ "unchanged a unchanged", "delete b done" }, outcomes(report))
    local after, count = box.accounts(server)
    assert.same(1, count)
    assert.truthy(after.a)
  end)

  it("refuses a plan that a guard stops, or with conflicts", function()
    box.reset(server, { account "a", account "twin", account "twin" })
    local report, err = bulk.apply(dd, plan({ account "a" }, { prune = true }))
    assert.is_nil(report)
    assert.same({ "conflict", "guard" }, { err.kind, err.code })
    report, err = bulk.apply(dd, plan { account "twin", account "b" })
    assert.is_nil(report)
    assert.same({ "conflict", "conflict" }, { err.kind, err.code })
    assert.same(0, box.requests(server, "POST") + box.requests(server, "DELETE"))
    report = apply({ account "twin", account "b" }, nil, { allow_conflicts = true })
    assert.same({ "conflict twin skipped", "create b done" }, outcomes(report))
  end)

  it("raises for what is no option, or of a wrong sort", function()
    box.reset(server, {})
    local result = plan { account "a" }
    assert.has_error(function() bulk.apply(dd, result, { max_inflight = 1 }) end)
    assert.has_error(function() bulk.apply(dd, result, { max_failures = "many" }) end)
    assert.same(0, box.requests(server, "POST"))
  end)

  it("applies several plans in their order", function()
    box.reset(server, {})
    local function users() return bulk.plan(dd, "scim_users", bulk.read { { userName = "x@example.com" } }) end
    local function groups()
      return bulk.plan(
        dd,
        "scim_groups",
        bulk.read { { displayName = "all", members = { "x@example.com" } } }
      )
    end
    local reports, err = bulk.apply_all(dd, { groups, users })
    assert.same(0, #reports) -- there is no such user yet
    assert.same("conflict", err.code)
    reports, err = bulk.apply_all(dd, { users, groups })
    assert.is_nil(err)
    assert.same({ "create x@example.com done" }, outcomes(reports[1]))
    assert.same({ "create all done" }, outcomes(reports[2]))
    assert.same({ 1, 1 }, { users().counts.unchanged, groups().counts.unchanged })
  end)

  it("works inside a task beside other calls", function()
    box.reset(server, {})
    local results = ddokta.parallel(
      2,
      { "x", "y" },
      function(prefix) return apply { account(prefix .. 1), account(prefix .. 2) } end
    )
    assert.same({ 2, 2 }, { results[1][1].counts.done, results[2][1].counts.done })
    assert.same(4, select(2, box.accounts(server)))
  end)
end)
