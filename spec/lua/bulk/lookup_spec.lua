-- lua/ddokta/bulk/lookup.lua: what became of changes whose answers were lost.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local json = require("ddokta.core").json
local lookup = require "ddokta.bulk.lookup"

local server, dd
local account = box.account

local function plan(rows, options) return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows), options)) end

local function outcomes(report)
  local list = {}
  for i, row in ipairs(report.rows) do
    list[i] = row.action .. " " .. row.key .. " " .. row.outcome
  end
  return list
end

describe("bulk.lookup", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function()
    server:stop()
    box.remove()
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

  it("tells all who look something up together what was raised, and looks again for the next", function()
    local bad = true
    local kind = { name = "k", noun = "k", plural = "ks", key = "name", operations = { list = "list" } }
    local client = {
      list = function()
        if bad then error "a bug" end
        return { { id = "1", name = "a" } }, { total = 1, attempts = 1 }
      end,
    }
    local look = lookup.new(client, kind)
    local function ask() return look:named({ attempts = 0 }, "a") end
    local results = ddokta.parallel(8, { 1, 2, 3, 4, 5, 6, 7, 8 }, ask)
    for i = 1, 8 do
      assert.truthy(tostring(results[i][2]):find("a bug", 1, true), tostring(results[i][2]))
    end
    bad = false
    results = ddokta.parallel(8, { 1, 2, 3, 4, 5, 6, 7, 8 }, ask)
    for i = 1, 8 do
      assert.same("1", results[i][1][1].id)
    end
    assert.same("1", ask()[1].id)
  end)
end)
