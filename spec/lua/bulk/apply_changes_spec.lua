-- lua/ddokta/bulk/apply_changes.lua: the rows of a run, as they end.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local journal = require "ddokta.bulk.journal"
local json = require("ddokta.core").json
local service = require "spec.lua.bulk.service"
local socket = require "socket"
local system = require("ddokta.core").system

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

describe("bulk.apply_changes", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function()
    server:stop()
    box.remove()
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

  it("says how it went over its time, and when it waited for a limit", function()
    box.reset(server, {})
    box.admin(server, "PUT", "config", { limit = 10, period = 2 })
    finally(function() box.admin(server, "PUT", "config", { limit = 100000, period = 10 }) end)
    box.fault(server, { method = "POST", contains = '"n7"', status = 400, body = '{"errors":["no"]}' })
    local rows = {}
    for i = 1, 12 do
      rows[i] = account("n" .. i)
    end
    -- the sandbox's periods are the clock's: most of one is still to come
    local into = socket.gettime() % 2
    if into > 0.5 then system.sleep(2 - into) end
    local report = apply(rows)
    local timeline, sums = report.timeline, { done = 0, failed = 0, waited = 0 }
    for name in pairs(sums) do
      assert.same(#timeline.done, #timeline[name])
      for _, value in ipairs(timeline[name]) do
        sums[name] = sums[name] + value
      end
    end
    assert.same({ 11, 1 }, { sums.done, sums.failed })
    assert.is_true(sums.waited > 0.1, tostring(sums.waited))
    assert.is_true(math.abs(#timeline.done * timeline.seconds - report.seconds) <= timeline.seconds)
    assert.is_nil(apply(rows, nil, { dry_run = true }).timeline)
  end)

  it("ends behind what is in flight where the caller wants an end", function()
    box.reset(server, {})
    local rows, done = {}, 0
    for i = 1, 20 do
      rows[i] = account("n" .. i)
    end
    local report = apply(rows, nil, {
      max_in_flight = 1,
      on_row = function() done = done + 1 end,
      should_stop = function() return done == 3 end,
    })
    assert.same({ "interrupted", 3, 17, 0 }, {
      report.stopped,
      report.counts.done,
      report.counts.not_run,
      report.counts.unknown + report.counts.failed,
    })
    assert.same(3, box.requests(server, "POST"))
    assert.same(17, apply(rows).counts.create)
  end)

  -- Applies rows with a journal while the service does this -> report, seconds from the stop to the end, the
  -- last state of each step by key
  local function stopped(rows, trouble, options)
    local from, stop_at = system.now(), nil
    local own = box.client(server):with { timeout = 3600 } -- what it learns of limits is nobody else's
    local made = assert(bulk.plan(own, "okta_accounts", bulk.read(rows), options))
    local path = box.write("stopped.journal", "")
    os.remove(path)
    trouble()
    local report = assert(bulk.apply(own, made, {
      journal = path,
      should_stop = function()
        stop_at = system.now() - from > 0.5 and (stop_at or system.now()) or nil
        return stop_at ~= nil
      end,
    }))
    local states = {}
    local header, lines = assert(journal.read(path))
    for line in lines do
      states[line.step] = line.state
    end
    states[header.steps] = nil
    os.remove(path)
    os.remove(path .. ".backup")
    return report, system.now() - stop_at, states
  end

  it("sends again in the next run what was refused for sure", function()
    box.reset(server, {})
    local report, seconds, states = stopped({ account "a" }, function()
      local headers = { ["Retry-After"] = "600" }
      box.fault(server, { method = "POST", status = 429, headers = headers, times = "always" })
    end)
    assert.is_true(seconds < 5, seconds) -- of 600
    assert.same({ "create a not_run" }, outcomes(report))
    assert.same({ 1, "not sent: interrupted" }, { report.rows[1].attempts, report.rows[1].error.message })
    assert.same({ "interrupted", { "failed" } }, { report.stopped, states })
  end)

  it("looks in the next run for what may have arrived", function()
    for _, what in ipairs { "create", "delete" } do
      box.reset(server, { account "gone" })
      local rows = what == "create" and { account "gone", account "a" } or {}
      local report, seconds, states = stopped(rows, function()
        if what == "create" then -- the answer is lost, and nobody can look while the limit is used up
          box.fault(server, { method = "POST", reset = "stream", when = "after" })
          box.fault(server, {
            method = "GET",
            path = "/api/v2/integrations/okta/accounts",
            status = 429,
            headers = { ["Retry-After"] = "600" },
            times = "always",
          })
        else -- a deletion waits to be sent again
          box.fault(server, { method = "DELETE", status = 503, headers = { ["Retry-After"] = "600" } })
        end
      end, { prune = true, max_deactivations = "100%", allow = { empty_source = true } })
      assert.is_true(seconds < 5, seconds) -- of 600
      assert.same(
        what .. (what == "create" and " a" or " gone") .. " unknown",
        outcomes(report)[#report.rows]
      )
      assert.same("unknown", states[what == "create" and 2 or 1])
      assert.same({ "interrupted", 0 }, { report.stopped, report.counts.not_run })
    end
  end)

  it("sends nothing more of a run whose client was closed", function()
    box.reset(server, {})
    local own = box.client(server)
    local rows = {}
    for i = 1, 40 do
      rows[i] = account("n" .. i)
    end
    local made = assert(bulk.plan(own, "okta_accounts", bulk.read(rows)))
    local report = assert(bulk.apply(own, made, {
      max_in_flight = 4,
      on_row = function(row)
        if row.outcome == "done" then own:close() end
      end,
    }))
    assert.same("interrupted", report.stopped)
    assert.truthy(report.reason:find("^the client %a+ closed"), report.reason)
    assert.same(40, report.counts.done + report.counts.not_run + report.counts.unknown)
  end)

  it("goes on where the question whether to stop fails", function()
    box.reset(server, {})
    local report = apply(
      { account "a", account "b" },
      nil,
      { should_stop = function() error "asked wrongly" end }
    )
    assert.same({ 2 }, { report.counts.done, report.stopped })
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

  it("lets who watches make calls of its own, whatever Lua it is", function()
    box.reset(server, {})
    local seen = {}
    local report = apply({ account "a", account "b" }, nil, {
      on_row = function(row)
        local found = assert(dd:get_okta_account(row.id))
        seen[#seen + 1] = found.name
      end,
    })
    table.sort(seen)
    assert.same({ "a", "b" }, seen)
    assert.equal(2, report.counts.done)
  end)
end)
