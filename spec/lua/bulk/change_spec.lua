-- lua/ddokta/bulk/change.lua, against a sandbox that misbehaves as Datadog was recorded to, and worse.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"

local server, dd
local account = box.account
local SECRET = "never-to-be-seen-4711"
local ACCOUNT = "/api/v2/integrations/okta/accounts/{account_id}"

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

describe("bulk.change", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("finds a create that arrived although its answer did not, and does not repeat it", function()
    box.reset(server, {})
    box.fault(server, { method = "POST", contains = '"a"', reset = "stream", when = "after" })
    local report = apply { account "a", account "b" }
    assert.same({ "create a done", "create b done" }, outcomes(report))
    local after, count = box.accounts(server)
    assert.same(2, count)
    assert.same(after.a.id, report.rows[1].id)
    assert.is_true(report.rows[1].attempts >= 2)
  end)

  it("repeats a create that did not arrive", function()
    box.reset(server, {})
    box.fault(server, { method = "POST", reset = "stream", when = "before" })
    local report = apply({ account "a" }, nil, { settle = 0.1 })
    assert.same({ "create a done" }, outcomes(report))
    assert.same("looked for 3 times in 0.1 s, not there", report.rows[1].note)
    local _, count = box.accounts(server)
    assert.same(1, count)
  end)

  it("repeats an unclear create once only", function()
    box.reset(server, {})
    box.fault(server, { method = "POST", reset = "stream", when = "before", times = "always" })
    local report = apply({ account "a" }, nil, { settle = 0 })
    assert.same({ "create a unknown" }, outcomes(report))
    assert.same(2, box.requests(server, "POST"))
    assert.is_true(report.rows[1].error.ambiguous)
  end)

  it("says so when an unclear create cannot be looked up", function()
    box.reset(server, {})
    local result = plan { account "a" }
    box.fault(server, { method = "POST", reset = "stream", when = "after" })
    box.fault(server, { method = "GET", status = 400, times = "always" })
    local report = assert(bulk.apply(dd, result))
    assert.same({ "create a unknown" }, outcomes(report))
    assert.truthy(report.rows[1].error.message:find("could not be looked up", 1, true))
  end)

  it("takes a conflict for done when what was asked is there", function()
    box.reset(server, {})
    local rows = { account "a", account "b" }
    local result = plan(rows)
    box.reset(server, { account "a", account("b", { client_id = "someone else's" }) })
    box.fault(server, { method = "POST", status = 409, body = '{"errors":["exists"]}', times = "always" })
    local report = assert(bulk.apply(dd, result))
    assert.same({ "create a done", "create b failed" }, outcomes(report))
    assert.same("conflict", report.rows[2].error.kind)
  end)

  it("finds an account again whose id has changed since the plan", function()
    box.reset(server, { account "a" })
    local result = plan { account("a", { client_id = "new" }) }
    local old = box.accounts(server).a.id
    assert(dd:update_okta_account(old, { auth_method = "oauth", domain = "https://x.okta.com/" }))
    local report = assert(bulk.apply(dd, result))
    assert.same({ "update a done" }, outcomes(report))
    local after = box.accounts(server).a
    assert.same({ "new", "https://a.okta.com/" }, { after.client_id, after.domain })
    assert.same(after.id, report.rows[1].id)
  end)

  it("does not update twice what arrived although its answer did not", function()
    box.reset(server, { account "a" })
    local result = plan { account("a", { client_id = "new" }) }
    box.fault(server, { method = "PATCH", path = ACCOUNT, reset = "stream", when = "after" })
    local report = assert(bulk.apply(dd, result))
    assert.same({ "update a done" }, outcomes(report))
    local after = box.accounts(server).a
    assert.same("new", after.client_id)
    assert.same(after.id, report.rows[1].id)
  end)

  it("says that an account to update is gone", function()
    box.reset(server, { account "a" })
    local result = plan { account("a", { client_id = "new" }) }
    box.reset(server, {})
    local report = assert(bulk.apply(dd, result))
    assert.same({ "update a failed" }, outcomes(report))
    assert.same("not_found", report.rows[1].error.kind)
    assert.same(0, select(2, box.accounts(server)))
  end)

  it("takes a deletion of what is gone for done", function()
    box.reset(server, { account "a", account "b" })
    local result = plan({ account "a" }, { prune = true, max_deactivations = 1 })
    box.reset(server, { account "a" })
    local report = assert(bulk.apply(dd, result))
    assert.same({ "unchanged a unchanged", "delete b done" }, outcomes(report))
  end)

  it("deletes an account whose id has changed since the plan", function()
    box.reset(server, { account "a", account "b" })
    local result = plan({ account "a" }, { prune = true, max_deactivations = 1 })
    local old = box.accounts(server).b.id
    assert(dd:update_okta_account(old, { auth_method = "oauth", domain = "https://x.okta.com/" }))
    local report = assert(bulk.apply(dd, result))
    assert.same({ "unchanged a unchanged", "delete b done" }, outcomes(report))
    assert.is_nil(box.accounts(server).b)
  end)

  it("does not take a failed deletion for done", function()
    box.reset(server, { account "a", account "b" })
    box.fault(server, {
      method = "DELETE",
      path = ACCOUNT,
      status = 400,
      body = '{"errors":["not now"]}',
      times = "always",
    })
    local report = apply({ account "a" }, { prune = true, max_deactivations = 1 })
    assert.same({ "unchanged a unchanged", "delete b failed" }, outcomes(report))
    assert.truthy(box.accounts(server).b)
  end)

  it("does not send a secret again where the new id says that it arrived", function()
    box.reset(server, { account "a" })
    local result = plan({ account("a", { client_secret = SECRET }) }, { rotate_secrets = true })
    box.fault(server, { method = "PATCH", path = ACCOUNT, reset = "stream", when = "after" })
    local report = assert(bulk.apply(dd, result))
    assert.same({ "update a done" }, outcomes(report))
    assert.same(1, box.requests(server, "PATCH"))
  end)

  it("refuses to create without the secrets that the plan had", function()
    box.reset(server, {})
    local result = plan { account("a", { client_secret = SECRET }) }
    local read = result:step(1) -- as from a file: it has the names of the secrets, and not the secrets
    local copy = { kind = result.kind, counts = result.counts, source = result.source }
    local bare = {}
    for name, value in pairs(read) do
      bare[name] = value
    end
    local function one()
      local left = { bare }
      return function() return table.remove(left) end
    end
    copy.each, copy.changes = one, one
    function copy.steps() return 1 end
    function copy.read_at() return result:read_at() end
    function copy.whole() return copy end
    function copy.recheck() end
    function copy.held() end
    function copy.is_open() return true end
    function copy.change_count() return 1 end
    setmetatable(copy, { __name = "ddokta.plan" })
    local report = assert(bulk.apply(dd, copy))
    assert.same({ "create a failed" }, outcomes(report))
    assert.same(0, box.requests(server, "POST"))
  end)
end)
