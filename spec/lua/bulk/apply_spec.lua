-- bulk.apply against a sandbox that misbehaves as Datadog was recorded to, and worse.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local json = require("ddokta.core").json
local service = require "spec.lua.bulk.service"

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

  it("has many calls on the way, and no more than it may", function()
    box.reset(server, {})
    box.admin(server, "PUT", "config", { latency = 0.05 })
    finally(function() box.admin(server, "PUT", "config", { latency = 0 }) end)
    local rows = {}
    for i = 1, 40 do
      rows[i] = account("n" .. i)
    end
    assert.same(40, apply(rows, nil, { max_in_flight = 8 }).counts.done)
    assert.same(8, box.state(server).max_in_flight)
    local _, count = box.accounts(server)
    assert.same(40, count)
  end)

  it("tells its progress", function()
    box.reset(server, {})
    local seen = {}
    apply({ account "a", account "b" }, nil, { on_progress = function(p) seen[#seen + 1] = p end })
    assert.same(2, #seen)
    assert.same({ 2, 0, 0, 2 }, { seen[2].done, seen[2].failed, seen[2].skipped, seen[2].total })
    assert.is_true(seen[2].seconds >= seen[1].seconds and seen[2].rate > 0)
    assert.same(0, seen[2].left)
  end)

  it("goes on when a row fails, and reports it", function()
    box.reset(server, {})
    box.fault(server, { method = "POST", contains = '"b"', status = 400, body = '{"errors":["b is bad"]}' })
    local report = apply { account "a", account "b", account "c" }
    assert.same({ "create a done", "create b failed", "create c done" }, outcomes(report))
    local err = report.rows[2].error
    assert.same({ "invalid_request", 400, "b is bad" }, { err.kind, err.status, err.message })
    assert.truthy(tostring(report):find("create b (table row 2): b is bad", 1, true))
  end)

  it("sends nothing of a dry run, through the same code", function()
    box.reset(server, { account "other", account "gone" })
    local result = plan(
      { account "new", account("other", { client_id = "x" }) },
      { prune = true, max_deactivations = 1 }
    )
    local before = box.state(server).request_count
    local report = assert(bulk.apply(dd, result, { dry_run = true }))
    assert.same({ "create new done", "update other done", "delete gone done" }, outcomes(report))
    assert.same(before, box.state(server).request_count)
    assert.truthy(tostring(report):find("\nDry run, nothing was sent: ", 1, true))
    assert.is_true(report.dry_run)
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

  it("reads one list for all whose answers were lost", function()
    box.reset(server, {})
    local rows = {}
    for i = 1, 20 do
      rows[i] = account("n" .. i)
    end
    local result = plan(rows)
    local before = box.requests(server, "GET")
    box.fault(server, { method = "POST", reset = "stream", when = "after", times = 20 })
    local report = assert(bulk.apply(dd, result, { max_in_flight = 20 }))
    assert.same(20, report.counts.done)
    assert.same(20, select(2, box.accounts(server)))
    assert.same(20, box.requests(server, "POST"))
    -- besides: whose organisation it is, and at the end what is there twice
    assert.is_true(box.requests(server, "GET") - before <= 4 + 2)
    assert.same("found by looking: its answer was lost", report.rows[1].note)
  end)

  it("asks for the one user where it can, not for all", function()
    box.reset(server, {})
    local rows, filtered, whole = {}, 0, 0
    for i = 1, 5 do
      rows[i] = { userName = ("lost%d@example.com"):format(i) }
    end
    local result = assert(bulk.plan(dd, "scim_users", bulk.read(rows)))
    box.admin(server, "DELETE", "requests")
    box.fault(server, { method = "POST", reset = "stream", when = "after", times = 5 })
    assert.same(5, assert(bulk.apply(dd, result)).counts.done)
    for _, entry in ipairs(box.admin(server, "GET", "requests").requests) do
      local has_filter = entry.method == "GET" and json.encode(entry.query):find("filter", 1, true)
      filtered = filtered + (has_filter and 1 or 0)
      whole = whole + (entry.method == "GET" and not has_filter and 1 or 0)
    end
    assert.same({ 5, 0 }, { filtered, whole })
  end)

  it("finds what the list shows a moment later only", function()
    box.reset(server, {})
    local result = plan { account "a" }
    box.fault(server, { method = "POST", reset = "stream", when = "after" })
    box.fault(server, { method = "GET", body = '{"data":[]}' })
    local report = assert(bulk.apply(dd, result, { settle = 0.1 }))
    assert.same({ "create a done" }, outcomes(report))
    assert.same(1, box.requests(server, "POST"))
    assert.same(1, select(2, box.accounts(server)))
  end)

  it("does not send a secret again where the new id says that it arrived", function()
    box.reset(server, { account "a" })
    local result = plan({ account("a", { client_secret = SECRET }) }, { rotate_secrets = true })
    box.fault(server, { method = "PATCH", path = ACCOUNT, reset = "stream", when = "after" })
    local report = assert(bulk.apply(dd, result))
    assert.same({ "update a done" }, outcomes(report))
    assert.same(1, box.requests(server, "PATCH"))
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

  it("gives each row as it ends, and keeps only what is not done", function()
    box.reset(server, { account "same" })
    box.fault(server, { method = "POST", contains = '"b"', status = 400, body = '{"errors":["no"]}' })
    local seen = {}
    local report = apply({ account "same", account "a", account "b" }, nil, {
      keep_rows = false,
      on_row = function(row) seen[row.number] = row.outcome end,
    })
    assert.same({ "unchanged", "done", "failed" }, seen)
    assert.same(1, #report.rows)
    assert.same("b", report.rows[1].key)
    assert.same({ 1, 1, 1 }, { report.counts.done, report.counts.failed, report.counts.unchanged })
    box.reset(server, { account "same" })
    report = apply({ account "same", account "a" }, nil, { keep_rows = false })
    assert.same({ 1, 1 }, { report.counts.done, report.counts.unchanged })
    assert.same(0, #report.rows)
  end)

  it("counts what is in conflict once, whatever is kept", function()
    for _, keep in ipairs { true, false, "file" } do
      box.reset(server, { account "twice", account "twice" })
      local report = apply(
        { account "twice", account "a" },
        nil,
        { keep_rows = keep, allow_conflicts = true }
      )
      assert.same({ 1, 1 }, { report.counts.skipped, report.counts.done }, tostring(keep))
    end
  end)

  it("has the same rows from a file as in memory", function()
    local function rows_of(keep)
      box.reset(server, { account "same", account "other", account "gone", account "twice", account "twice" })
      box.fault(server, { method = "POST", contains = '"bad"', status = 400, body = '{"errors":["no"]}' })
      local rows = {
        account "same",
        account("other", { client_id = "x" }),
        account "twice",
        account "new",
        account "bad",
      }
      local report = apply(
        rows,
        { prune = true, max_deactivations = 1 },
        { keep_rows = keep, allow_conflicts = true }
      )
      local list = {}
      for row in report:each() do
        assert.same(row, report:row(row.number))
        row.id, row.error = row.id and true, row.error and row.error.message
        list[#list + 1] = row
      end
      local decoded = assert(json.decode(report:to_json()))
      assert.same(#list, #decoded.rows)
      assert.same({ #list, report:to_table().rows[2].new.client_id }, { 6, decoded.rows[2].new.client_id })
      report:close()
      return list
    end
    local rows = rows_of(true)
    assert.same(rows, rows_of "file")
    assert.same(
      { "okta_accounts", "other", "id-other", "x", "done" },
      { rows[2].kind, rows[2].key, rows[2].old.client_id, rows[2].new.client_id, rows[2].outcome }
    )
    assert.is_nil(rows[4].old)
    assert.same({ "delete", "gone", "gone" }, { rows[6].action, rows[6].key, rows[6].old.name })
    assert.is_nil(rows[6].new)
    assert.has_error(function() apply({}, nil, { keep_rows = "disk" }) end)
  end)

  it("needs no more memory for many steps than for few", function()
    local function most_memory(steps)
      local client = service.new { list_okta_accounts = {} }
      local i, most = 0, 0
      local made = assert(bulk.plan(
        client,
        "okta_accounts",
        bulk.read(function()
          i = i + 1
          return i <= steps and account(("account %06d"):format(i)) or nil
        end)
      ))
      client.sent = setmetatable({}, { __newindex = function() end })
      local options = { fingerprints = false, keep_rows = false }
      function options.on_progress(p)
        if p.done % 500 > 0 then return end
        collectgarbage()
        most = math.max(most, collectgarbage "count")
      end
      local report = assert(bulk.apply(client, made, options))
      assert.same(steps, report.counts.done)
      return most
    end
    local few = most_memory(1000)
    assert.is_true(most_memory(20000) - few < 500) -- KiB
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
    local report = assert(bulk.apply(dd, copy))
    assert.same({ "create a failed" }, outcomes(report))
    assert.same(0, box.requests(server, "POST"))
  end)

  it("shows no secret, not even one that the service quotes", function()
    box.reset(server, {})
    local body = '{"errors":["secret ' .. SECRET .. ' is weak"]}'
    box.fault(server, { method = "POST", status = 400, body = body })
    local report = apply { account("a", { client_secret = SECRET }) }
    assert.same({ "create a failed" }, outcomes(report))
    assert.is_nil(tostring(report):find(SECRET, 1, true))
    assert.is_nil(report:to_json():find(SECRET, 1, true))
    assert.truthy(tostring(report):find("secret (secret) is weak", 1, true))
  end)

  it("counts a row as done although the watcher of the progress fails", function()
    box.reset(server, {})
    local stderr, said = io.stderr, {}
    local function write(_, ...) said[#said + 1] = table.concat { ... } end
    io.stderr = { write = write } -- luacheck: ignore 122
    finally(function() io.stderr = stderr end) -- luacheck: ignore 122
    local report = apply({ account "a", account "b" }, nil, { on_progress = function() error("oops") end })
    assert.same({ "create a done", "create b done" }, outcomes(report))
    assert.same(1, #said)
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
