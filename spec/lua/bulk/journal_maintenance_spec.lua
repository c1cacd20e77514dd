-- lua/ddokta/bulk/journal_maintenance.lua: what a journal says of its run, and what becomes of a damaged one.
local backup = require "ddokta.bulk.backup"
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local journal = require "ddokta.bulk.journal"
local journals = require "ddokta.bulk.journal_maintenance"
local system = require("ddokta.core").system

local WHOSE = { kind = "okta_accounts", organisation = "here", plan = "p", steps = 6 }

describe("bulk.journal_maintenance", function()
  local dir, count = nil, 0

  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  local function new_path()
    count = count + 1
    return ("%s/%d.journal"):format(dir, count)
  end

  local function open(path) return assert(journal.open(path, WHOSE)) end

  local read = require("spec.support.files").read

  local write = require("spec.support.files").write

  --- A run: 1 is done, 2 refused, 3 lost, 4 begun and no more, 5 removed.
  local function write_run(path)
    local book = open(path)
    assert(book:save(5, { action = "delete", key = "e", object = { name = "e" } }))
    for i, action in ipairs { "create", "update", "create", "create", "delete" } do
      assert(book:begin(i, { action = action, key = ("abcde"):sub(i, i), id = i > 1 and "id" .. i or nil }))
    end
    assert(book:sync())
    assert(book:done(1, { id = "new", attempts = 1 }))
    assert(book:failed(2, { error = { kind = "conflict", message = "no" } }))
    assert(book:sync())
    assert(book:unknown(3, { action = "create", key = "c", error = { kind = "timeout", message = "late" } }))
    assert(book:done(5, { action = "delete", key = "e", id = "id5" }))
    assert(book:close())
    return path
  end

  --- Makes line `number` what a bad block makes of it.
  local function damage(path, number)
    local lines, i = {}, 0
    for line in read(path):gmatch "[^\n]*\n" do
      i = i + 1
      lines[i] = i == number and line:sub(1, 5) .. "#" .. line:sub(7) or line
    end
    write(path, table.concat(lines))
  end

  local function states(path)
    local list = {}
    local book = open(path)
    for i = 1, 6 do
      list[i] = book:state(i) or "-"
    end
    book:abandon()
    return table.concat(list, " ")
  end

  it("says what was done, what failed and what is open", function()
    local path = write_run(new_path())
    local summary = assert(journals.show(path))
    assert.same({ "okta_accounts", "here", false }, { summary.kind, summary.organisation, summary.finished })
    assert.same({ create = 1, update = 0, delete = 1, done = 2, failed = 1, unknown = 2 }, summary.counts)
    assert.same({ 2, "update", "b", "no" }, {
      summary.failed[1].step,
      summary.failed[1].action,
      summary.failed[1].key,
      summary.failed[1].error.message,
    })
    local open_ones = {}
    for i, one in ipairs(summary.unknown) do
      open_ones[i] = one.step .. one.action .. one.key
    end
    assert.same({ "3createc", "4created" }, open_ones)
  end)

  it("sums several up, and knows which are finished", function()
    local path = new_path()
    local book = open(path)
    assert(book:begin(1, { action = "create", key = "a" }) and book:begin(6, { action = "finish", key = "" }))
    assert(book:sync() and book:done(1) and book:done(6, { action = "finish", key = "" }) and book:close())
    local one = assert(journals.show(path))
    assert.is_true(one.finished)
    local sum = journals.sum { one, assert(journals.show(write_run(new_path()))) }
    assert.same({ 2, 1, 2, 3 }, { sum.journals, sum.finished, sum.counts.create, sum.counts.done })
  end)

  it("shows one that another process writes, and neither repairs nor discards that", function()
    local path = new_path()
    local book = open(path)
    assert(journals.show(path))
    assert.is_true(assert(journals.check(path)).whole)
    for _, act in ipairs { "repair", "discard" } do
      local done, err = journals[act](path)
      assert.is_nil(done)
      assert.equal("in_use", err.code)
    end
    assert(book:close())
  end)

  it("tells a whole one from a torn and from a damaged one", function()
    local path = write_run(new_path())
    assert.same({ file = path, whole = true, lines = 10 }, journals.check(path))
    local whole = read(path)
    write(path, whole .. '{"step":2,"sta')
    local found = journals.check(path)
    assert.is_true(found.whole)
    assert.truthy(found.note:find("from line 11 on", 1, true), found.note)
    write(path, whole)
    damage(path, 3)
    found = journals.check(path)
    assert.same({ false, 3 }, { found.whole, found.damaged.line })
    write(path, "#" .. whole:sub(2))
    local other, err = journals.check(path)
    assert.same({ nil, "foreign" }, { other, err.code })
    assert.same("foreign", select(2, journals.repair(path)).code)
    local nothing, why = journals.repair(dir .. "/nothing")
    assert.is_nil(nothing)
    assert.truthy(tostring(why):find("is not there", 1, true))
    assert.is_nil(io.open(dir .. "/nothing"))
  end)

  it("repairs each single line, whichever it was, and keeps the damaged file", function()
    local wanted = {
      [2] = "done failed unknown unknown done -", -- what was begun is begun as its outcome says
      [3] = "done failed unknown unknown done -",
      [4] = "done failed unknown unknown done -",
      [5] = "done failed unknown - done -", -- nothing else was said of it: it is looked for
      [6] = "done failed unknown unknown done -",
      [7] = "unknown failed unknown unknown done -",
      [8] = "done unknown unknown unknown done -",
    }
    for number = 2, 8 do
      local path = write_run(new_path())
      damage(path, number)
      local bytes = read(path)
      local book, err = journal.open(path, WHOSE)
      assert.is_nil(book)
      assert.truthy(tostring(err):find("ddokta journal repair", 1, true))
      local done = assert(journals.repair(path))
      assert.same({ 8, path .. ".damaged" }, { done.kept, done.damaged })
      assert.is_true(done.lost > 20 and done.lost < 200)
      assert.equal(bytes, read(path .. ".damaged"))
      assert.equal(wanted[number], states(path), "line " .. number)
      assert.is_true(journals.check(path).whole)
      assert.truthy(journals.show(path).repaired)
      assert.is_true(assert(journals.repair(path)).whole)
    end
  end)

  it("repairs one of many lines, several gone, with line ends gone too", function()
    local path = new_path()
    local book = assert(journal.open(path, { kind = "k", organisation = "o", plan = "p", steps = 2000 }))
    for i = 1, 2000 do
      assert(book:begin(i, { action = "create", key = "k" .. i }))
      if i % 50 == 0 then assert(book:sync()) end
    end
    for i = 1, 2000 do
      assert(book:done(i, { id = "i" .. i }))
    end
    assert(book:close())
    local text = read(path)
    for _, at in ipairs { 5000, 50000, 250000 } do
      text = text:sub(1, at) .. ("\0"):rep(700) .. text:sub(at + 701)
    end
    write(path, text)
    local done = assert(journals.repair(path))
    assert.is_true(done.lost >= 3 * 700 and done.lost < 3 * 1000, tostring(done.lost))
    local counts = journals.show(path).counts
    assert.equal(2000, counts.done + counts.unknown)
    assert.is_true(counts.unknown > 0)
  end)

  it("puts one aside with its backup, also one without a header, and lists the backups", function()
    local path = write_run(new_path())
    local first = assert(journals.discard(path))
    write_run(path)
    write(path, read(path):gsub('"kind"', '"kine"', 1), nil)
    local done, err = journals.repair(path)
    assert.is_nil(done)
    assert.truthy(tostring(err):find("discard it", 1, true), tostring(err))
    local second = assert(journals.discard(path))
    assert.not_equal(first, second)
    write_run(path)
    local files = {}
    for i, one in ipairs(assert(backup.list(path))) do
      files[i] = one.file
      assert.same({ 1, "okta_accounts" }, { one.objects, one.kind })
    end
    table.sort(files)
    local wanted = { path .. ".backup", first .. ".backup", second .. ".backup" }
    table.sort(wanted)
    assert.same(wanted, files)
  end)

  it("looks for everything before it is sent again, once a journal was repaired", function()
    local server, dd = box.start { limit = 100000 }
    local path = new_path()
    local rows = { box.account "a", box.account "b", box.account "c" }
    -- both of a time at which nothing was there: a list that is behind, as a service's may be
    local function plan() return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows))) end
    local first, second = plan(), plan()
    box.fault(server, { method = "POST", contains = '"c"', status = 400, body = '{"errors":["no"]}' })
    local report = assert(bulk.apply(dd, first, { journal = path, settle = 0, max_in_flight = 1 }))
    assert.same({ 2, 1 }, { report.counts.done, report.counts.failed })
    -- the journal as a kill leaves it: the last line, that it is finished, is not there
    local text = read(path)
    text = text:gsub('{"step":%d+,"state":"done","action":"finish".*$', "")
    local lines = {}
    for line in text:gmatch "[^\n]*\n" do
      -- of the second step nothing is left
      local hurt = line:find('{"step":2,', 1, true)
      lines[#lines + 1] = hurt and line:gsub("step", "stop") or line
    end
    write(path, table.concat(lines))
    assert.is_false(journals.check(path).whole, text)
    assert(journals.repair(path))
    local before = box.requests(server, "POST")
    report = assert(bulk.apply(dd, second, { journal = path, settle = 0 }))
    local _, accounts = box.accounts(server) -- raises where one is there twice
    local posts = box.requests(server, "POST") - before
    server:stop()
    assert.same(
      { 3, 0, 3, 1 },
      { report.counts.done, report.counts.failed, accounts, posts },
      tostring(report) .. "\n" .. read(path)
    )
  end)
end)
