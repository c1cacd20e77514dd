-- The report: a sentence, what to do next, the rows that are not done, and data for programs.
local json = require("ddokta.core").json
local reports = require "ddokta.bulk.report"

local new_report = reports.new

local function report(changes)
  local fields = {
    kind = "okta_accounts",
    source = "a.csv",
    seconds = 1.25,
    rows = json.array {
      { number = 1, key = "a", action = "create", outcome = "done", attempts = 1 },
      { number = 2, key = "b", action = "update", outcome = "done", attempts = 1, resumed = true },
      {
        number = 3,
        key = "c\n",
        action = "create",
        position = "a.csv:4",
        outcome = "failed",
        attempts = 3,
        error = { kind = "server", message = "no" },
      },
      { number = 4, key = "d", action = "unchanged", outcome = "unchanged", attempts = 0 },
      {
        number = 5,
        key = "e",
        action = "delete",
        outcome = "not_run",
        attempts = 0,
        error = { kind = "forbidden" },
      },
      { number = 6, key = "f", action = "conflict", outcome = "skipped", attempts = 0 },
    },
  }
  for name, value in pairs(changes or {}) do
    fields[name] = value
  end
  return new_report(fields)
end

local function row(changes)
  local fields = { number = 1, key = "a", action = "delete", outcome = "done", attempts = 1 }
  for name, value in pairs(changes) do
    fields[name] = value
  end
  return report { rows = json.array { fields } }
end

local function next_of(changes)
  local text = assert(report(changes).next)
  return text
end

describe("bulk.report", function()
  it(
    "counts",
    function()
      assert.same({
        done = 2,
        failed = 1,
        unknown = 0,
        not_run = 1,
        skipped = 1,
        unchanged = 1,
        create = 1,
        update = 1,
        delete = 0,
        resumed = 1,
      }, report().counts)
    end
  )

  it("says in a sentence what happened", function()
    assert.same(
      "accounts from a.csv: 1 created, 1 updated, 1 unchanged, 1 failed, 1 in conflict, "
        .. "1 not sent in 1.5 s, 1 of them by an earlier run.",
      report { seconds = 1.5 }.sentence
    )
    assert.truthy(report { dry_run = true }.sentence:find("^Dry run, nothing was sent: "))
    assert.truthy(report { rows = json.array {} }.sentence:find("nothing to do", 1, true))
    assert.truthy(row {}.sentence:find("1 deleted", 1, true))
    local users = report { kind = "scim_users", rows = json.array { row {}.rows[1] } }
    assert.truthy(users.sentence:find("1 deactivated", 1, true))
    assert.truthy(report { seconds = 600 }.sentence:find("in 10 min", 1, true))
    assert.truthy(report { seconds = 7200 }.sentence:find("in 2.0 h", 1, true))
    local stopped = report { stopped = "outage", reason = "it is down" }.sentence
    assert.truthy(stopped:find("; it stopped: it is down.", 1, true), stopped)
    assert.same("given", report { sentence = "given" }.sentence)
  end)

  it("counts as the plan did what the plan had found done", function()
    local users = {
      kind = "scim_users",
      source = "u.csv",
      seconds = 1,
      counts = { create = 671, update = 0, delete = 0, unchanged = 329, resumed = 55 },
    }
    assert.same(
      "users from u.csv: 616 created, 384 unchanged in 1.0 s, 55 of them by an earlier run.",
      reports.sentence(users, { create = 55 })
    )
    assert.same(671, users.counts.create) -- for programs it stays what the journal knows
  end)

  it("counts who is deactivated by a row with who was pruned", function()
    local rows = json.array {
      { action = "update", outcome = "done", old = { active = true }, new = { active = false } },
      { action = "update", outcome = "done", old = { active = false }, new = { active = true } },
      { action = "update", outcome = "failed", old = { active = true }, new = { active = false } },
      { action = "delete", outcome = "done" },
    }
    local users = report { kind = "scim_users", rows = rows }
    assert.same({ 1, 1, 2, 1 }, {
      users.deactivations,
      users.reactivations,
      users.counts.update,
      users.counts.delete,
    })
    assert.truthy(users.sentence:find("1 reactivated, 2 deactivated, 1 failed", 1, true), users.sentence)
  end)

  it("leaves out what its plan has said", function()
    local text = reports.new({
      kind = "scim_users",
      source = "u.csv",
      seconds = 1,
      rows = {},
      time = "2026-11-30T03:04:52Z",
      address = "https://api.datadoghq.com",
      note = "of the plan; of the run",
    }, { own_note = "of the run" })
    local whole, rest = text:render(), text:render { after_plan = true }
    assert.truthy(
      whole:find("(datadoghq.com), keys of", 1, true)
        and whole:find("Note: of the plan; of the run.", 1, true)
    )
    assert.is_nil(rest:find("datadoghq.com", 1, true) or rest:find("of the plan", 1, true))
    assert.truthy(rest:find("Note: of the run.", 1, true))
  end)

  it("says in another what to do next", function()
    assert.same("Run it again to try the rest.", next_of {})
    assert.truthy(next_of { stopped = "forbidden" }:find("the keys may not do this", 1, true))
    assert.truthy(next_of { stopped = "unauthorized" }:find("check them, then run it again.", 1, true))
    local journal = next_of { stopped = "outage", journal = "j" }
    assert.truthy(journal:find("with the same journal it goes on", 1, true), journal)
    assert.truthy(row { outcome = "unknown" }.next:find("looks what became of those", 1, true))
    assert.truthy(row { outcome = "skipped", action = "conflict" }.next:find("in conflict", 1, true))
    assert.is_nil(row {}.next)
    assert.is_nil(report { dry_run = true }.next)
    local refused = report {
      stopped = "forbidden",
      rows = json.array {
        {
          action = "create",
          outcome = "failed",
          error = { message = "no", permission = "manage_integrations" },
        },
      },
    }
    assert.truthy(refused.next:find("the permission manage_integrations", 1, true))
  end)

  it("lists the rows that failed, twenty of them", function()
    local text = tostring(report())
    assert.truthy(text:find("Run it again to try the rest.\n  create c\\x0A (a.csv:4): no", 1, true), text)
    local rows = {}
    for i = 1, 50 do
      rows[i] = { key = "k" .. i, action = "create", outcome = "failed", error = { message = "no" } }
    end
    text = tostring(report { rows = json.array(rows) })
    assert.same(21, select(2, text:gsub("\n", ""))) -- the sentence, 20 rows, how many more
    assert.truthy(text:find("\n  ... and 30 more$"))
  end)

  it("is JSON, at once and piece by piece", function()
    local decoded = assert(json.decode(report():to_json()))
    assert.same(6, #decoded.rows)
    assert.same(2, decoded.counts.done)
    assert.same("no", decoded.rows[3].error.message)
    assert.truthy(report { rows = json.array {} }:to_json():find('"rows":[]', 1, true))
    for _, rows in ipairs { report().rows, json.array {} } do
      local parts = {}
      assert.is_true(report { rows = rows }:write_json(function(text) parts[#parts + 1] = text end))
      assert.same(json.decode(report { rows = rows }:to_json()), json.decode(table.concat(parts)))
    end
    local bad = row { key = "\255" }
    local ok, message = bad:write_json(function() end)
    assert.is_nil(ok)
    assert.truthy(message)
  end)
end)

describe("what is kept of a report on the disk", function()
  local kept
  before_each(function() kept = reports.new_outcomes() end)
  after_each(function() kept:close() end)

  it("gives back what was put, whatever the order; the last one counts", function()
    kept:put(3, { outcome = "failed", error = { kind = "server", message = "line\nbreak" }, attempts = 2 })
    kept:put(1, { outcome = "done", id = "a-1" })
    assert.same({ outcome = "done", id = "a-1" }, kept:get(1))
    assert.is_nil(kept:get(2))
    assert.same("line\nbreak", kept:get(3).error.message)
    assert.is_nil(kept:get(4))
    kept:put(3, { outcome = "done" })
    assert.same({ outcome = "done" }, kept:get(3))
    kept:put(100000, { outcome = "unknown" })
    assert.same("unknown", kept:get(100000).outcome)
    assert.is_nil(kept:get(99999))
    assert.same(100000, kept.last)
  end)

  it("keeps in memory what finds no room on the disk", function()
    local full = io.open("/dev/full", "w")
    if not full then return end
    full:setvbuf "no"
    kept.texts:close()
    kept.texts = full
    kept:put(1, { outcome = "done", id = "x" })
    assert.same({ outcome = "done", id = "x" }, kept:get(1))
  end)

  it("keeps all in memory where there are no temporary files", function()
    local tmpfile = io.tmpfile
    finally(function() io.tmpfile = tmpfile end) -- luacheck: ignore 122
    io.tmpfile = function() return nil, "Read-only file system" end -- luacheck: ignore 122
    local other = reports.new_outcomes()
    other:put(2, { outcome = "done" })
    assert.same({ "done" }, { other:get(2).outcome })
    assert.is_nil(other:get(1))
    other:close()
  end)
end)
