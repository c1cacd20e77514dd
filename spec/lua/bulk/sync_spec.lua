-- bulk.sync: read, plan, guards, apply and report in one call.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local errors = require "ddokta.error"

local server, dd
local account = box.account

describe("bulk.sync", function()
  setup(function()
    server, dd = box.start()
  end)
  teardown(function()
    dd:close()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, { account "a", account "gone" }) end)

  local function rows(...) return { account("a", { client_id = "new" }), ... } end

  it("goes the whole way, and says that all is as the source has it", function()
    local report = assert(bulk.sync(dd, "okta_accounts", rows(account "b")))
    assert.is_true(report.ok)
    assert.same({ 1, 1, 0 }, { report.counts.create, report.counts.update, report.counts.failed })
    assert.equal("new", box.accounts(server).a.client_id)
    local again = assert(bulk.sync(dd, "okta_accounts", rows(account "b")))
    assert.same({ true, 2 }, { again.ok, again.counts.unchanged })
  end)

  it("takes a path, an iterator, and what bulk.read made", function()
    local text = "name,domain,auth_method,client_id\nc,https://c.okta.com/,oauth,x\n"
    assert.equal(1, assert(bulk.sync(dd, "okta_accounts", box.write("c.csv", text))).counts.create)
    local left = { account "d" }
    local function iterator() return table.remove(left) end
    assert.equal(1, assert(bulk.sync(dd, "okta_accounts", iterator)).counts.create)
    assert.equal(1, assert(bulk.sync(dd, "okta_accounts", bulk.read { account "e" })).counts.create)
  end)

  it("passes on the options of read, plan and apply", function()
    local path = box.write("f.csv", "Name;domain;auth_method;client_id\nf;https://f.okta.com/;oauth;x\n")
    local seen = {}
    local report = assert(bulk.sync(dd, "okta_accounts", path, {
      delimiter = "semicolon",
      name = "the source",
      prune = true,
      allow = { deactivations = "100%", foreign_source = true },
      on_row = function(row) seen[row.key] = row.outcome end,
    }))
    assert.same({ f = "done", a = "done", gone = "done" }, seen)
    assert.equal("the source", report.source)
    report = assert(bulk.sync(dd, "okta_accounts", rows(), { dry_run = true }))
    assert.same({ true, true }, { report.dry_run, report.ok })
    assert.is_nil(box.accounts(server).a)
  end)

  it("passes on the error of what could not be read, planned or begun", function()
    local report, err = bulk.sync(dd, "okta_accounts", "no/such.csv")
    assert.same({ nil, "invalid_request" }, { report, err.kind })
    assert.matches("no/such.csv", err.message, 1, true)
    report, err = bulk.sync(dd, "okta_accounts", bulk.read "no/such.csv")
    assert.is_nil(report)
    assert.matches("no/such.csv", err.message, 1, true)
    report, err = bulk.sync(dd, "okta_acounts", rows())
    assert.is_nil(report)
    assert.matches("did you mean 'okta_accounts'", err.message, 1, true)
    report, err = bulk.sync(dd, "okta_accounts", { account "x" }, { prune = true })
    assert.same({ nil, "conflict", "guard" }, { report, err.kind, err.code })
    assert.same(0, box.requests(server, "POST"))
  end)

  it("says in report.ok what is not as the source has it", function()
    box.fault(server, { method = "POST", status = 400, times = 1 })
    local report = assert(bulk.sync(dd, "okta_accounts", rows(account "b")))
    assert.is_false(report.ok)
    assert.same({ 1, 1 }, { report.counts.failed, report.counts.update })
    report = assert(bulk.sync(dd, "okta_accounts", { account "A" }, { allow_conflicts = true }))
    assert.same({ false, 1 }, { report.ok, report.counts.skipped })
  end)

  it("refuses options at the caller, before anything is read", function()
    local line = "^%.?/?spec/lua/bulk/sync_spec%.lua:%d+: "
    for words, options in pairs {
      ["unknown option 'prun', did you mean 'prune'"] = { prun = true },
      ["option 'max_in_flight': a whole number"] = { max_in_flight = 0 },
      ["option 'allow': .*slef"] = { allow = { slef = true } },
      ["option 'shard'"] = { shard = "5/4" },
      ["option 'delimiter'"] = { delimiter = "two" },
    } do
      local ok, message = pcall(function()
        local report = bulk.sync(dd, "okta_accounts", "no/such.csv", options)
        return report
      end)
      assert.is_false(ok, words)
      assert.matches(line .. words, message)
    end
    local ok, message = pcall(function()
      local report = bulk.restore(dd, "no/such", { allow = { slef = true } })
      return report
    end)
    assert.is_false(ok)
    assert.matches(line .. "option 'allow'", message)
  end)

  it("is what a failed client is handed to as well", function()
    local ok, message = pcall(function()
      local report = bulk.sync(ddokta.client { site = "nowhere" }, "okta_accounts", rows())
      return report
    end)
    assert.is_false(ok)
    assert.matches("bulk.sync: a client .* is needed, not nothing", message)
    local report, err = bulk.apply(dd, nil, errors.config "why")
    assert.same({ nil, "why" }, { report, err.message })
  end)
end)
