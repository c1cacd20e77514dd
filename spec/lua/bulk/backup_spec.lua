-- lua/ddokta/bulk/backup.lua: what was saved is all there, and nobody writes to it while it is put back.
local backup = require "ddokta.bulk.backup"
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local files = require "spec.support.files"
local journal = require "ddokta.bulk.journal"
local json = require("ddokta.core").json
local system = require("ddokta.core").system

local server, dd, dir
local account = box.account
local count = 0

local function path()
  count = count + 1
  return ("%s/%d.journal"):format(dir, count)
end

local function import(kind, rows, file, options)
  local plan = assert(bulk.plan(dd, kind, bulk.read(rows), options))
  local report = assert(bulk.apply(dd, plan, { journal = file }))
  assert.same({ 0, 0 }, { report.counts.failed, report.counts.unknown })
  return report
end

local function cut(file, pattern)
  local handle = assert(io.open(file, "rb"))
  local text = handle:read "*a"
  handle:close()
  handle = assert(io.open(file, "wb"))
  handle:write((assert(text:match(pattern))))
  handle:close()
end

local function options(changes)
  local o = { kind = "okta_accounts", organisation = "https://api.datadoghq.com", plan = "p1", steps = 10 }
  for name, value in pairs(changes or {}) do
    o[name] = value
  end
  return o
end

local function open(file, changes) return assert(journal.open(file, options(changes))) end

local function mode(file)
  local pipe = io.popen("stat -c %a '" .. file .. "'")
  local text = pipe:read "*l"
  pipe:close()
  return text
end

local function all_of(iterator)
  local list = {}
  for value in iterator do
    list[#list + 1] = value
  end
  return list
end

describe("bulk.backup", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    dir = assert(system.mkdtemp "ddokta-spec-")
  end)
  teardown(function()
    server:stop()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  it("waits for nobody: a run that still has the backup or its journal is told", function()
    box.reset(server, { account "a" })
    local file = path()
    import("okta_accounts", { account("a", { client_id = "x" }) }, file)
    local hold = require("ddokta.core").journal.open
    for _, one in ipairs { { file, "journal" }, { file .. ".backup", "backup" } } do
      local held = assert(hold(one[1], one[2]))
      for _, named in ipairs { file, file .. ".backup" } do
        local plan, err = bulk.restore_plan(dd, named)
        assert.is_nil(plan)
        assert.equal("in_use", err.code)
      end
      held:abandon()
    end
    -- and a restore is in the way of the run
    local plan = assert(bulk.restore_plan(dd, file))
    local again = assert(bulk.plan(dd, "okta_accounts", bulk.read { account("a", { client_id = "y" }) }))
    local report, err = bulk.apply(dd, again, { journal = file })
    assert.is_nil(report)
    assert.equal("in_use", err.code)
    plan:close()
    assert(bulk.apply(dd, again, { journal = file }))
  end)

  it("refuses a backup that is empty or was cut", function()
    box.reset(server, { account "a", account "b", account "c" })
    local file = path()
    local rows = {}
    for i, name in ipairs { "a", "b", "c" } do
      rows[i] = account(name, { client_id = "x" })
    end
    import("okta_accounts", rows, file)
    local saved = file .. ".backup"
    local text = assert(io.open(saved, "rb")):read "*a"
    local lines = select(2, text:gsub("\n", ""))
    assert.equal(5, lines) -- a header, three objects, an end
    for keep = 0, lines - 2 do
      for _, rest in ipairs { "", '{"step":' } do
        cut(saved, "^" .. ("[^\n]*\n"):rep(keep))
        local handle = assert(io.open(saved, "ab"))
        handle:write(keep > 0 and rest or "")
        handle:close()
        for _, with_journal in ipairs { true, false } do
          if not with_journal then os.rename(file, file .. ".away") end
          local plan, err = bulk.restore_plan(dd, saved)
          assert.is_nil(plan, keep .. rest)
          assert.equal("cut", err.code, keep .. tostring(err))
          if not with_journal then os.rename(file .. ".away", file) end
        end
        local handle2 = assert(io.open(saved, "wb"))
        handle2:write(text)
        handle2:close()
      end
    end
    cut(saved, "^" .. ("[^\n]*\n"):rep(3))
    local plan = assert(bulk.restore_plan(dd, saved, { force = true }))
    assert.equal(2, plan.counts.update)
  end)

  it("is on the disk before the intent is, one line a step, the first", function()
    local file = path()
    local book = open(file)
    assert(book:save(3, { action = "delete", key = "c", object = { id = "3", name = "c" } }))
    assert(book:begin(3))
    assert(book:sync())
    assert.equal("600", mode(file .. ".backup"))
    assert(book:close())
    book = open(file)
    assert(book:save(3, { action = "delete", key = "c", object = { name = "what came after" } }))
    assert(book:save(1, { action = "update", key = "a", object = { name = "a", members = json.array {} } }))
    assert(book:close())
    local header, lines = backup.read(file .. ".backup")
    assert.same({ "okta_accounts", "p1" }, { header.kind, header.plan })
    local found = all_of(lines)
    assert.equal(2, #found)
    assert.same(
      { 3, "delete", "c", "c", "3" },
      { found[1].step, found[1].action, found[1].key, found[1].object.name, found[1].object.id }
    )
    assert.same({ 1, "a" }, { found[2].step, found[2].object.name })
    assert.truthy(files.read(file .. ".backup"):find('"members":[]', 1, true))
  end)

  it("may stand elsewhere, and is refused when it belongs to another", function()
    local file, place = path(), path()
    local book = open(file, { backup = place })
    assert(book:save(1, { object = { a = 1 } }))
    assert(book:close())
    local other = open(path(), { plan = "p2", backup = place })
    local ok, err = other:save(1, { object = { a = 1 } })
    assert.is_nil(ok)
    assert.same({ "conflict", "other_plan" }, { err.kind, err.code })
    assert.has_error(function() backup.open(place, options()):save(2, { secret = 1, object = {} }) end)
    assert.has_error(function() backup.open(place, options()):save(2, {}) end)
    assert(other:close())
  end)
end)
