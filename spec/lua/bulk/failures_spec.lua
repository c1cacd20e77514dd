-- lua/ddokta/bulk/failures.lua: which failures of single rows end a run.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"

local server, dd
local account = box.account

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

describe("bulk.failures", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("stops everything that is not sent yet when it is not allowed", function()
    box.reset(server, {})
    box.admin(server, "PUT", "config", { permissions = { "integrations_read" } })
    finally(function() box.admin(server, "PUT", "config", { permissions = "all" }) end)
    local rows = {}
    for i = 1, 50 do
      rows[i] = account("n" .. i)
    end
    local report = apply(rows, nil, { max_in_flight = 4 })
    assert.same(0, report.counts.done)
    local failed = report.counts.failed
    assert.is_true(failed >= 10 and failed < 14, tostring(failed)) -- those that were on their way then
    assert.same(50 - failed, report.counts.not_run)
    assert.truthy(report.rows[50].error.message:find "^not sent: ")
    assert.truthy(report.reason and report.next)
    assert.same("forbidden", report.stopped)
    assert.same(failed, box.requests(server, "POST"))
    assert.same("manage_integrations", report.rows[1].error.permission)
    report = apply({ account "a", account "b" })
    assert.same({ 2, "forbidden" }, { report.counts.failed, report.stopped })
  end)

  it("takes a 403 about one row for that row's, and of rows that others follow for no stop", function()
    box.reset(server, {})
    local rows = {}
    for i = 1, 60 do
      rows[i] = account(("n%02d"):format(i))
    end
    for i = 1, 60, 5 do
      box.fault(server, {
        method = "POST",
        contains = ('"n%02d"'):format(i),
        status = 403,
        body = '{"errors":["this one is managed elsewhere"]}',
      })
    end
    local report = apply(rows, nil, { max_in_flight = 4 })
    assert.is_nil(report.stopped)
    assert.same({ 48, 12 }, { report.counts.done, report.counts.failed })
    assert.same("this one is managed elsewhere", report.rows[1].error.message)
  end)

  it("stops where the keys lose their permission on the way", function()
    box.reset(server, {})
    local rows = {}
    for i = 1, 60 do
      rows[i] = account(("n%02d"):format(i))
    end
    for i = 21, 60 do
      box.fault(server, {
        method = "POST",
        contains = ('"n%02d"'):format(i),
        status = 403,
        body = '{"errors":["Forbidden"]}',
        times = "always",
      })
    end
    local report = apply(rows, nil, { max_in_flight = 2 })
    assert.same("forbidden", report.stopped)
    assert.is_true(report.counts.failed <= 12 and report.counts.done == 20)
  end)

  it("stops at the first failure when it shall", function()
    box.reset(server, {})
    box.fault(server, { method = "POST", contains = '"b"', status = 400, body = '{"errors":["no"]}' })
    local report = apply(
      { account "a", account "b", account "c" },
      nil,
      { fail_fast = true, max_in_flight = 1 }
    )
    assert.same({ "create a done", "create b failed", "create c not_run" }, outcomes(report))
    assert.same("fail_fast", report.stopped)
    assert.same("'b' failed: no", report.reason)
  end)

  it("stops when the service is out of order, and not for rows that are refused", function()
    local client = assert(ddokta.client {
      base_url = server.base_url,
      ca_file = server.ca_file,
      api_key = server.api_key,
      app_key = server.app_key,
      max_retries = 0,
    })
    local rows = {}
    for i = 1, 60 do
      rows[i] = account("n" .. i)
    end
    local function run(status, options)
      box.reset(server, {})
      box.fault(server, { method = "POST", status = status, times = 30, body = '{"errors":["no"]}' })
      options = options or {}
      options.max_in_flight, options.settle = 2, 0
      return assert(bulk.apply(client, plan(rows), options))
    end
    local report = run(503)
    assert.same("outage", report.stopped)
    assert.same(0, report.counts.done)
    assert.is_true(report.counts.unknown >= 10 and report.counts.unknown <= 12)
    assert.same(60, report.counts.unknown + report.counts.not_run)
    report = run(400)
    assert.is_nil(report.stopped)
    assert.same({ 30, 30 }, { report.counts.failed, report.counts.done })
    report = run(400, { max_failures = 3 })
    assert.same("max_failures", report.stopped)
    assert.is_true(report.counts.failed >= 4 and report.counts.failed <= 5)
    report = run(503, { max_failures = "100%" })
    assert.is_nil(report.stopped)
    client:close()
  end)
end)
