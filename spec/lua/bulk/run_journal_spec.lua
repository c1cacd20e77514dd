-- lua/ddokta/bulk/run_journal.lua: what an earlier run left is found out, and the rest is done.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local journal = require "ddokta.bulk.journal"
local system = require("ddokta.core").system

local server, dd, dir
local account = box.account
local SECRET = "never-to-be-seen-4711"
local count = 0

local function path()
  count = count + 1
  return ("%s/%d.journal"):format(dir, count)
end

local function plan(rows, options) return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows), options)) end

local function outcomes(report)
  local list = {}
  for i, row in ipairs(report.rows) do
    list[i] = row.action .. " " .. row.key .. " " .. row.outcome
  end
  return list
end

local function apply(result, file, options)
  options = options or {}
  options.journal, options.settle = file, options.settle or 0
  return assert(bulk.apply(dd, result, options))
end

local function exists(file)
  local handle = io.open(file)
  if handle then handle:close() end
  return handle ~= nil
end

local function files_like(file)
  local pipe = assert(io.popen("ls -d '" .. file .. "'*"))
  local list = {}
  for line in pipe:lines() do
    list[#list + 1] = line:sub(#dir + 2)
  end
  pipe:close()
  return list
end

--- Whatever is sent may have arrived, and nothing can be looked up.
local function lose_everything(method)
  box.fault(server, { method = method, reset = "stream", when = "after", times = "always" })
  box.fault(
    server,
    { method = "GET", path = "/api/v2/integrations/okta/accounts", status = 400, times = "always" }
  )
end

--- The same, and nothing has arrived.
local function lose_all_requests()
  box.fault(server, { method = "POST", reset = "stream", when = "before", times = "always" })
  box.fault(
    server,
    { method = "GET", path = "/api/v2/integrations/okta/accounts", status = 400, times = "always" }
  )
end

local function no_faults() box.admin(server, "DELETE", "faults") end

describe("bulk.run_journal", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    dir = assert(system.mkdtemp "ddokta-spec-")
  end)
  teardown(function()
    server:stop()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  it("looks for all that may have been sent at once, however few calls are made at once", function()
    local rows = {}
    for i = 1, 40 do
      rows[i] = account(("n%02d"):format(i))
    end
    box.reset(server, {})
    local file, result = path(), plan(rows)
    lose_all_requests()
    assert.same(40, apply(result, file).counts.unknown)
    no_faults()
    local started, lists = system.now(), box.requests(server, "GET")
    local report = apply(plan(rows), file, { max_in_flight = 1, settle = 2 })
    assert.same(40, report.counts.done)
    assert.same("looked for 3 times in 2 s, not there", report.rows[40].note)
    assert.same(40, select(2, box.accounts(server)))
    -- one list for the plan and three for all; 2 s each would be 80
    assert.is_true(box.requests(server, "GET") - lists < 10)
    assert.is_true(system.now() - started < 20, tostring(system.now() - started))
  end)

  it("writes down what it does, and says when it is finished", function()
    box.reset(server, { account "b", account "old" })
    local file = path()
    local result = plan(
      { account "a", account("b", { client_id = "new" }) },
      { prune = true, max_deactivations = 1 }
    )
    local report = apply(result, file)
    assert.same({ "create a done", "update b done", "delete old done" }, outcomes(report))
    assert.same({ file, file .. ".backup" }, { report.journal, report.backup })
    local states = {}
    for line in select(2, assert(journal.read(file))) do
      states[#states + 1] = ("%d %s %s"):format(line.step, line.state, line.action or "-")
    end
    table.sort(states)
    assert.same({
      "1 begin create",
      "1 done -",
      "2 begin update",
      "2 done -",
      "3 begin delete",
      "3 done delete",
      "5 begin finish",
      "5 done finish",
    }, states)
  end)

  it("does nothing when it is finished and the source is as it was", function()
    box.reset(server, {})
    local file, rows = path(), { account "a" }
    apply(plan(rows), file)
    local before = box.state(server).request_count
    local report = apply(plan(rows), file)
    assert.same({ "unchanged a unchanged" }, outcomes(report))
    assert.same(1, box.requests(server, "POST"))
    assert.is_true(box.state(server).request_count - before <= 3) -- the list, and twice who is asking
    assert.same({ ("%d.journal"):format(count) }, files_like(file))
  end)

  it("puts a finished one aside, with its backup, when there is something new to do", function()
    box.reset(server, { account "a" })
    local file = path()
    apply(plan { account("a", { client_id = "1" }) }, file)
    apply(plan { account("a", { client_id = "2" }), account "b" }, file)
    local files = table.concat(files_like(file), " ")
    assert.same(4, #files_like(file))
    assert.truthy(files:find "%.journal%.%d%d%d%d%-%d%d%-%d%dT%d+Z ")
    assert.truthy(files:find "%.journal%.%d%d%d%d%-%d%d%-%d%dT%d+Z%.backup")
    assert.same("2", box.accounts(server).a.client_id)
    apply(plan { account("a", { client_id = "3" }) }, file)
    assert.same(6, #files_like(file))
  end)

  it("does not say done before the fingerprints are on the disk, and makes good what they lack", function()
    box.reset(server, {})
    local file = path()
    local kept =
      assert(bulk.fingerprints(dd, "okta_accounts", { path = file .. ".secrets", key_file = dir .. "/key" }))
    local rows = { account("a", { client_secret = SECRET }) }
    local put, full = false, { kind = "config", code = "file", message = "the disk is full" }
    local failing = {
      begin = function(_, ...) return kept:begin(...) end,
      made = function(_, ...)
        put = true
        return kept:made(...)
      end,
      commit = function()
        if put then return nil, full end
        return true
      end,
    }
    local report = apply(plan(rows), file, { fingerprints = failing })
    assert.same({ "journal", "the disk is full" }, { report.stopped, report.reason })
    for line in select(2, assert(journal.read(file))) do
      assert.equal("begin", line.state)
    end
    kept.file:abandon()
    kept =
      assert(bulk.fingerprints(dd, "okta_accounts", { path = file .. ".secrets", key_file = dir .. "/key" }))
    assert.equal("unknown", (kept:state("a", { client_secret = SECRET })))
    report = apply(plan(rows, { fingerprints = kept }), file, { fingerprints = kept })
    assert.same({ "create a done" }, outcomes(report))
    assert.equal("same", (kept:state("a", { client_secret = SECRET })))
    assert.equal(1, box.requests(server, "POST"))
    assert(kept:close())
  end)

  it("goes on where a power cut has garbled the journal's end, and says so", function()
    box.reset(server, {})
    local file, rows = path(), { account "a", account "b" }
    local first = plan(rows)
    lose_everything "POST"
    apply(first, file)
    no_faults()
    local handle = assert(io.open(file, "ab"))
    handle:write(("\0"):rep(700), "\n", '{"step":2,"state":"do', "\n")
    handle:close()
    local report = apply(plan(rows), file)
    assert.same({ "create a done", "create b done" }, outcomes(report))
    assert.equal(2, box.requests(server, "POST"))
    local words = "Note: " .. file .. ": what a death or a power cut has left from line "
    assert.truthy(tostring(report):find(words, 1, true), tostring(report))
  end)

  it("says of a damaged backup what to do, and that works", function()
    box.reset(server, { account "a", account "b" })
    local file = path()
    local rows = { account("a", { client_id = "1" }), account("b", { client_id = "1" }) }
    local first = plan(rows)
    lose_everything "PATCH"
    apply(first, file)
    no_faults()
    local handle = assert(io.open(file .. ".backup", "r+b"))
    handle:seek("set", 30)
    handle:write "?"
    handle:close()
    box.reset(server, { account "a", account "b" })
    local report = apply(plan(rows), file)
    assert.equal("journal", report.stopped)
    local words = file .. ".backup, line 1: is damaged: move it away"
    assert.truthy(report.reason:find(words, 1, true), report.reason)
    assert.truthy(report.next:find("Move the damaged file away, then run it again", 1, true), report.next)
    assert(os.rename(file .. ".backup", file .. ".damaged"))
    report = apply(plan(rows), file)
    assert.same({ "update a done", "update b done" }, outcomes(report))
  end)

  it("refuses a plan that is older than the end of the run before", function()
    box.reset(server, {})
    local file = path()
    local old = plan { account "a" }
    apply(plan { account "a" }, file)
    local report, err = bulk.apply(dd, old, { journal = file, settle = 0 })
    assert.is_nil(report)
    assert.same({ "conflict", "stale_plan" }, { err.kind, err.code })
    assert.truthy(tostring(err):find("another run has finished " .. file, 1, true), tostring(err))
    assert.equal(1, #files_like(file))
    assert.equal(1, box.requests(server, "POST"))
  end)

  it("refuses a pipe, a device, a directory and a header with a flipped bit, at once", function()
    box.reset(server, {})
    local pipe, flipped = path(), path()
    os.execute(("mkfifo '%s'"):format(pipe))
    apply(plan { account "before" }, flipped)
    local handle = assert(io.open(flipped, "r+b"))
    local text = handle:read "*a"
    handle:seek("set", text:find('"plan":', 1, true))
    handle:write "P"
    handle:close()
    box.reset(server, {})
    local result = plan { account "a" }
    for file, words in pairs {
      [pipe] = "is not a regular file",
      ["/dev/zero"] = "is not a regular file",
      [dir] = "cannot be opened: Is a directory",
      [flipped] = ", line 1: is damaged: 'ddokta journal repair' keeps",
    } do
      local report, err = bulk.apply(dd, result, { journal = file, settle = 0 })
      assert.is_nil(report)
      assert.equal("config", err.kind)
      assert.truthy(tostring(err):find(file, 1, true))
      assert.truthy(tostring(err):find(words, 1, true), tostring(err))
    end
    assert.equal(0, box.requests(server, "POST"))
    assert(os.rename(flipped, flipped .. ".damaged"))
    assert.same({ "create a done" }, outcomes(apply(result, flipped)))
  end)

  it("says which file cannot be put aside", function()
    box.reset(server, { account "a" })
    local file = path()
    apply(plan { account("a", { client_id = "1" }) }, file)
    local next_plan = plan { account("a", { client_id = "2" }) }
    local elsewhere = { journal = file, backup = "/proc/self/status", settle = 0 }
    local report, err = bulk.apply(dd, next_plan, elsewhere)
    assert.is_nil(report)
    assert.same({ "config", "file" }, { err.kind, err.code })
    assert.truthy(tostring(err):find("/proc/self/status cannot be put aside: ", 1, true), tostring(err))
  end)

  it("tries failed rows again, of a source that may be another", function()
    box.reset(server, {})
    local file = path()
    box.fault(server, { method = "POST", contains = '"b"', status = 400, body = '{"errors":["no"]}' })
    local report = apply(plan { account "a", account "b" }, file)
    assert.same({ "create a done", "create b failed" }, outcomes(report))
    report = apply(plan { account "a", account "c" }, file)
    assert.same({ "unchanged a unchanged", "create c done" }, outcomes(report))
  end)

  it("looks what became of a create that may have arrived", function()
    box.reset(server, {})
    local file, rows = path(), { account "a", account "b" }
    local result = plan(rows)
    lose_everything "POST"
    local report = apply(result, file)
    assert.same({ "create a unknown", "create b unknown" }, outcomes(report))
    assert.truthy(report.next)
    no_faults()
    report = apply(result, file) -- the old plan, which knows nothing of that
    assert.same({ "create a done", "create b done" }, outcomes(report))
    assert.is_true(report.rows[1].resumed)
    assert.same("found by looking: an earlier run had sent it", report.rows[1].note)
    assert.same({ 2, 2 }, { report.counts.resumed, box.requests(server, "POST") })
    assert.same(box.accounts(server).a.id, report.rows[1].id)
  end)

  it("finds in a new plan what had arrived", function()
    box.reset(server, { account "b", account "old" })
    local file = path()
    local rows = { account "a", account("b", { client_id = "new" }) }
    local options = { prune = true, max_deactivations = 2, allow = { failed_creates = true } }
    local result = plan(rows, options)
    for _, method in ipairs { "POST", "PATCH", "DELETE" } do
      lose_everything(method)
    end
    local report = apply(result, file)
    assert.same({ "create a unknown", "update b unknown", "delete old unknown" }, outcomes(report))
    no_faults()
    local function sent()
      return { box.requests(server, "POST"), box.requests(server, "PATCH"), box.requests(server, "DELETE") }
    end
    local before = sent()
    report = apply(plan(rows, options), file)
    assert.same({ "create a done", "update b done", "delete old done" }, outcomes(report))
    assert.same(3, report.counts.resumed)
    assert.same(before, sent())
    report = apply(plan(rows, options), file)
    assert.same({ "unchanged a unchanged", "unchanged b unchanged" }, outcomes(report))
  end)

  it("sends what did not arrive, after looking", function()
    box.reset(server, { account "b", account "old" })
    local file = path()
    local rows = { account "a", account("b", { client_id = "new" }) }
    local options = { prune = true, max_deactivations = 2, allow = { failed_creates = true } }
    box.fault(server, { method = "PATCH", reset = "stream", times = "always" })
    box.fault(server, { method = "POST", reset = "stream", times = "always" })
    box.fault(server, { method = "DELETE", reset = "stream", times = "always" })
    local result = plan(rows, options)
    box.fault(
      server,
      { method = "GET", path = "/api/v2/integrations/okta/accounts", status = 400, times = "always" }
    )
    assert.same(3, apply(result, file).counts.unknown)
    no_faults()
    local report = apply(plan(rows, options), file)
    assert.same({ "create a done", "update b done", "delete old done" }, outcomes(report))
    assert.same(0, report.counts.resumed)
    local after, n = box.accounts(server)
    assert.same({ 2, "new" }, { n, after.b.client_id })
  end)

  it("says what a changed source would drop, and goes on with discard_rest", function()
    box.reset(server, { account "old" })
    local file = path()
    local rows = { account "a", account "b", account "c", account "d" }
    local result = plan(rows)
    lose_everything "POST"
    assert.same(4, apply(result, file).counts.unknown)
    no_faults()
    -- those that have arrived are hidden, as a list that is behind hides them
    local stale_list = { account "b", account("c", { client_id = "another" }), account "e" }
    local there = box.accounts(server)
    box.admin(server, "PUT", "accounts", { account "old" })
    local other = plan(stale_list)
    box.admin(server, "PUT", "accounts", { account "old", there.a, there.b, there.c, there.d })
    local report, err = bulk.apply(dd, other, { journal = file, settle = 0 })
    assert.is_nil(report)
    assert.same({ "conflict", "other_plan", 4 }, { err.kind, err.code, #err.open })
    assert.truthy(
      err.message:find(
        "4 of its steps may have been sent and are not known to be done "
          .. "(create 'a', create 'b', create 'c', ...)",
        1,
        true
      ),
      err.message
    )
    assert.truthy(err.message:find("discard_rest = true", 1, true), err.message)
    assert.same(1, #files_like(file))
    local posts = box.requests(server, "POST")
    report = apply(other, file, { discard_rest = true })
    assert.same({ "create b done", "create c failed", "create e done" }, outcomes(report))
    assert.same(1, box.requests(server, "POST") - posts)
    assert.truthy(report.note:find("the journal of another source is " .. file .. ".", 1, true), report.note)
    assert.same(2, #files_like(file))
    assert.same(6, select(2, box.accounts(server)))
    -- the same source needs no such word
    assert.same(2, apply(plan(stale_list, {}), file, { allow_conflicts = true }).counts.unchanged)
  end)

  it("does not do again what is done, nor withhold what was never sent", function()
    box.reset(server, {})
    local file, rows = path(), {}
    for i = 1, 40 do
      rows[i] = account("n" .. i)
    end
    local result = plan(rows)
    box.fault(server, { method = "POST", status = 401, after = 10, times = "always" })
    local report = apply(result, file, { max_in_flight = 4 })
    assert.same("unauthorized", report.stopped)
    assert.is_true(report.counts.done >= 10 and report.counts.not_run > 20)
    no_faults()
    local before = box.requests(server, "POST")
    local again = apply(result, file)
    assert.same(40, again.counts.done)
    assert.same(report.counts.done, again.counts.resumed)
    assert.same(40 - report.counts.done, box.requests(server, "POST") - before)
    assert.same(40, select(2, box.accounts(server)))
  end)

  it("refuses another source before it is finished, and another organisation always", function()
    box.reset(server, {})
    local file = path()
    local result = plan { account "a" }
    lose_everything "POST"
    apply(result, file)
    no_faults()
    local report, err = bulk.apply(dd, plan { account "b" }, { journal = file })
    assert.is_nil(report)
    assert.same({ "conflict", "other_plan" }, { err.kind, err.code })
    local other, client = box.start { limit = 100000, org_id = "11111111-2222-3333-4444-555555555555" }
    result = assert(bulk.plan(client, "okta_accounts", bulk.read { account "a" }))
    report, err = bulk.apply(client, result, { journal = file })
    other:stop()
    assert.is_nil(report)
    assert.same({ "conflict", "other_organisation" }, { err.kind, err.code })
    assert.same(0, box.requests(other.pipe and other or server, "DELETE"))
  end)

  it("is not taken for another organisation's by keys that may not ask whose they are", function()
    box.reset(server, {})
    local file = path()
    local result = plan { account "a" }
    lose_everything "POST"
    apply(result, file)
    no_faults()
    for _, options in ipairs { { journal = file }, { backup = file .. ".backup" } } do
      if options.backup then
        box.reset(server, { account "b" })
        local changed = plan { account("b", { client_id = "new" }) }
        assert(bulk.apply(dd, changed, options))
        result = plan { account("b", { client_id = "newer" }) }
      end
      local refused =
        { path = "/api/v2/current_user", status = 403, body = '{"errors":["no"]}', times = "always" }
      box.fault(server, refused)
      local report, err = bulk.apply(dd, result, options)
      no_faults()
      assert.same({ nil, "forbidden", "get_current_user" }, { report, err.kind, err.operation })
    end
  end)

  it("refuses a journal that another run has", function()
    box.reset(server, {})
    local file = path()
    local result = plan { account "a" }
    local organisation = require("ddokta.bulk.journal_file").owner(dd)
    local book = assert(journal.open(file, {
      kind = "okta_accounts",
      organisation = organisation,
      plan = result:source_fingerprint(),
      steps = 2,
    }))
    local report, err = bulk.apply(dd, result, { journal = file })
    book:close()
    assert.is_nil(report)
    assert.same("in_use", err.code)
    assert.same(0, box.requests(server, "POST"))
  end)

  it("sends nothing that it cannot write down before", function()
    box.reset(server, {})
    local report, err = bulk.apply(dd, plan { account "a" }, { journal = dir .. "/no/such/folder.journal" })
    assert.is_nil(report)
    assert.same("file", err.code)
    assert.same(0, box.requests(server, "POST"))
  end)

  it("stops when the disk is full", function()
    if not io.open("/dev/full", "w") then return pending "no /dev/full" end
    box.reset(server, {})
    local file = path()
    local result = plan { account "a", account "b" }
    local book = assert(journal.open(file, {
      kind = "okta_accounts",
      organisation = require("ddokta.bulk.journal_file").owner(dd),
      plan = result:source_fingerprint(),
      steps = 3,
    }))
    book:close()
    local real = journal.open
    journal.open = function(...) -- the journal as it is, on a disk that takes nothing more
      local opened, err = real(...)
      if opened then
        opened.commit = function()
          return nil, { kind = "config", code = "file", message = file .. " cannot be written: no space" }
        end
      end
      return opened, err
    end
    local report = bulk.apply(dd, result, { journal = file })
    journal.open = real
    assert.same("journal", report.stopped)
    assert.truthy(report.reason:find("no space", 1, true))
    assert.same({ 0, 2 }, { report.counts.done, report.counts.not_run })
    assert.same(0, box.requests(server, "POST"))
  end)

  it("leaves a deletion of what came later for the next time", function()
    box.reset(server, { account "a" })
    local file = path()
    local options = { prune = true, max_deactivations = "100%", allow = { failed_creates = true } }
    local result = plan({ account "x" }, options)
    lose_everything "POST"
    apply(result, file)
    no_faults()
    box.admin(server, "PUT", "accounts", { account "x", account "y", account "z", account "w", account "v" })
    local report = apply(plan({ account "x" }, options), file)
    assert.same("done", report.rows[1].outcome)
    local refused = 0
    for _, row in ipairs(report.rows) do
      if row.outcome == "failed" then
        refused = refused + 1
        assert.truthy(row.error.message:find("it came since", 1, true))
      end
    end
    assert.same(4, refused) -- there was one thing in the service: "a", whose number is taken
    assert.same(5, select(2, box.accounts(server)))
    assert.same(4, apply(plan({ account "x" }, options), file).counts.delete)
    assert.same(1, select(2, box.accounts(server)))
  end)

  it("has no secret on the disk", function()
    box.reset(server, { account "a" })
    local file = path()
    apply(
      plan({
        account("a", { client_id = "x", client_secret = SECRET }),
        account("b", { client_secret = SECRET }),
      }),
      file
    )
    assert.is_true(exists(file .. ".backup"))
    assert.is_nil(io.open(file):read("*a"):find(SECRET, 1, true))
    assert.is_nil(io.open(file .. ".backup"):read("*a"):find(SECRET, 1, true))
  end)

  it("says in the plan which secrets changed, or that they cannot be compared", function()
    box.reset(server, {})
    local options = { key_file = dir .. "/of.its.own/key" }
    local kept = assert(bulk.fingerprints(dd, "okta_accounts", options))
    local rows = { account("a", { client_secret = "one" }) }
    apply(plan(rows, { fingerprints = kept }), path(), { fingerprints = kept })
    local blind = plan(rows, { fingerprints = false })
    assert.equal(1, blind.counts.uncompared)
    assert.truthy(tostring(blind):find("Note: 1 secret was not compared", 1, true))
    assert.is_nil(plan(rows, { fingerprints = kept }).note)
    assert.is_nil(plan { account "a" }.note)
    rows[1].client_secret = "two"
    local text = tostring(plan(rows, { fingerprints = kept }))
    assert.truthy(text:find("a secret is not the one that was sent last", 1, true))
    assert.truthy(text:find("1 Okta account to update", 1, true))
    assert(kept:close())
    local files = table.concat(files_like(dir .. "/of.its.own/"), " ")
    local name = "of.its.own/secrets-okta-accounts-0a4d3e5c-7b21-4f6a-8c9d-1e2f3a4b5c6d.jsonl"
    assert.truthy(files:find(name, 1, true))
  end)

  it("keeps two journals at once", function()
    box.reset(server, {})
    local files, rows = { path(), path() }, { {}, {} }
    for i = 1, 80 do
      table.insert(rows[i % 2 + 1], account("n" .. i))
    end
    local results = require("ddokta").parallel(
      2,
      { 1, 2 },
      function(i) return apply(plan(rows[i]), files[i], { max_in_flight = 8 }) end
    )
    assert.same({ 40, 40 }, { results[1][1].counts.done, results[2][1].counts.done })
    assert.same(80, select(2, box.accounts(server)))
    for i = 1, 2 do
      assert.same(40, apply(plan(rows[i]), files[i]).counts.unchanged)
    end
  end)

  it("notices a secret that changed in the source, also after a death", function()
    box.reset(server, {})
    local store = { path = dir .. "/state", key_file = dir .. "/key" }
    local function run(secret, lost, name)
      local kept = assert(bulk.fingerprints(dd, "okta_accounts", store))
      local result = plan({ account(name or "a", { client_secret = secret }) }, { fingerprints = kept })
      if lost then lose_everything(lost) end
      local report = apply(result, dir .. "/secrets.journal", { fingerprints = kept })
      no_faults()
      assert(kept:close())
      return outcomes(report)[1]
    end
    assert.same("create a done", run "one")
    assert.same("unchanged a unchanged", run "one")
    assert.same("update a done", run "two")
    assert.same("unchanged a unchanged", run "two")
    assert.same("update a unknown", run("three", "PATCH"))
    assert.same("update a done", run "three")
    assert.same("unchanged a unchanged", run "three")
    assert.same("create b unknown", run("four", "POST", "b"))
    assert.same("create b done", run("four", nil, "b")) -- which the plan finds there
    assert.same("update b done", run("five", nil, "b"))
    local text = io.open(dir .. "/state"):read "*a"
    assert.is_nil(text:find("three", 1, true))
  end)
end)
