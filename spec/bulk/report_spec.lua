-- The report: a sentence, the rows that failed, and data for programs.
local json = require("ddokta.core").json
local new_report = require "ddokta.bulk.report"

local function report(changes)
  local fields = {
    kind = "okta_accounts", source = "a.csv", seconds = 1.25,
    rows = json.array{
      { key = "a", action = "create", outcome = "done", attempts = 1 },
      { key = "b", action = "update", outcome = "done", attempts = 1 },
      { key = "c\n", action = "create", position = "a.csv:4", outcome = "failed", attempts = 3,
        error = { kind = "server", message = "no" } },
      { key = "d", action = "unchanged", outcome = "unchanged", attempts = 0 },
      { key = "e", action = "delete", outcome = "skipped", attempts = 0, error = { kind = "forbidden" } },
    },
  }
  for name, value in pairs(changes or {}) do fields[name] = value end
  return new_report(fields)
end

describe("bulk.report", function()
  it("counts", function()
    assert.same({
      done = 2, failed = 1, skipped = 1, unchanged = 1, create = 1, update = 1, delete = 0,
    }, report().counts)
  end)

  it("says in a sentence what happened and what to do", function()
    local text = tostring(report{ seconds = 1.5 })
    assert.same("okta_accounts from a.csv: 1 created, 1 updated, 1 unchanged, 1 failed, 1 not sent in 1.5 s."
      .. " Run it again to try the rest.\n  create c? (a.csv:4): no", text)
    assert.truthy(tostring(report{ stopped = "forbidden" }):find("the keys may not do this", 1, true))
    assert.truthy(tostring(report{ dry_run = true }):find("^Dry run, nothing was sent: "))
    assert.truthy(tostring(report{ rows = {} }):find("nothing to do", 1, true))
  end)

  it("is JSON", function()
    local decoded = assert(json.decode(report():to_json()))
    assert.same(5, #decoded.rows)
    assert.same(2, decoded.counts.done)
    assert.same("no", decoded.rows[3].error.message)
    assert.truthy(report{ rows = json.array{} }:to_json():find('"rows":[]', 1, true))
  end)
end)
