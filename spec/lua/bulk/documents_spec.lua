-- The JSON documents that the library and the command write, held against the schemas of doc/json.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local command = require "spec.lua.cli.command"
local documents = require "spec.support.documents"
local json = require("ddokta.core").json

local server, dd, environment
local account = box.account
local SECRET = "never-to-be-seen-4711"

local read = require("spec.support.files").read

-- lines: each is a document
local function faults(schema, path, lines)
  local text = read(path)
  if not lines then return documents.faults(schema, text) end
  for line in text:gmatch "[^\n]+" do
    local found = documents.faults(schema, line)
    if found[1] then return found end
  end
  return {}
end

local function valid(schema, path, lines) assert.same({}, faults(schema, path, lines)) end

local function rows()
  return {
    account("new", { client_secret = SECRET }),
    account("other", { client_id = "changed" }),
    account "same",
    account "twice",
    account "bad",
    { name = "cleared", domain = "https://c.okta.com/", auth_method = "oauth" },
  }
end

-- each action, each outcome but "unknown" and "not_run"
local function everything()
  box.reset(server, { account "same", account "other", account "gone", account "twice", account "twice" })
  box.fault(server, { method = "POST", contains = '"bad"', status = 400, body = '{"errors":["no"]}' })
  return assert(
    bulk.plan(
      dd,
      "okta_accounts",
      bulk.read(rows(), { name = "a.csv" }),
      { prune = true, max_deactivations = 1 }
    )
  )
end

describe("doc/json", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("has the schema of a plan", function() valid("plan", box.write("plan.json", everything():to_json())) end)

  it("has the schema of a report, whatever is kept", function()
    for _, keep in ipairs { true, false, "file" } do
      local journal = box.write("r.journal", "")
      for _, name in ipairs { journal, journal .. ".backup" } do
        os.remove(name)
      end
      local report =
        assert(bulk.apply(dd, everything(), { allow_conflicts = true, keep_rows = keep, journal = journal }))
      valid("report", box.write("report.json", report:to_json()))
      valid("journal", journal, true)
    end
    local report =
      assert(bulk.apply(dd, everything(), { allow_conflicts = true, fail_fast = true, max_in_flight = 1 }))
    assert.truthy(report.stopped)
    valid("report", box.write("report.json", report:to_json()))
    valid(
      "report",
      box.write(
        "report.json",
        assert(bulk.apply(dd, everything(), { allow_conflicts = true, dry_run = true })):to_json()
      )
    )
  end)

  it("has the schema of a saved plan", function()
    local path = box.write("a.plan", "")
    assert(everything():save(path))
    valid("saved-plan", path, true)
  end)

  it("has the schema of a restore, and of what it leaves", function()
    local journal = box.write("r.journal", "")
    for _, name in ipairs { journal, journal .. ".backup" } do
      os.remove(name)
    end
    box.reset(server, { account "gone", account "same" })
    local made = assert(
      bulk.plan(
        dd,
        "okta_accounts",
        bulk.read { account "new", account "same" },
        { prune = true, max_deactivations = "100%" }
      )
    )
    assert(bulk.apply(dd, made, { journal = journal }))
    local plan = assert(bulk.restore_plan(dd, journal))
    assert.truthy(plan.left and plan.created and plan.restores)
    valid("plan", box.write("plan.json", plan:to_json()))
    plan:close()
    local report = assert(bulk.restore(dd, journal))
    assert.truthy(report.left and report.notes)
    valid("report", box.write("report.json", report:to_json()))
    local same_place = command.environment(server) -- of fingerprints
    same_place.XDG_STATE_HOME = os.getenv "XDG_STATE_HOME"
    local result = command.run(same_place, "accounts", "restore", journal, "--yes", "--json")
    assert.equal(6, result.status)
    valid("import", box.write("restore.json", result.out))
  end)

  it("has the schema of secrets that nobody can compare", function()
    box.reset(server, { account "same" })
    local list = { account("same", { client_secret = SECRET }) }
    local made = assert(bulk.plan(dd, "okta_accounts", bulk.read(list), { fingerprints = false }))
    assert.equal(1, made.counts.uncompared)
    valid("plan", box.write("plan.json", made:to_json()))
    valid("report", box.write("report.json", assert(bulk.apply(dd, made)):to_json()))
  end)

  it("has the schema of users and groups, names beside ids", function()
    assert(dd:create_scim_user { userName = "ada@example.com", active = true })
    for kind, list in pairs {
      scim_users = {
        { userName = "ada@example.com", name = "Ada", roles = { "Datadog Admin Role" } },
        { userName = "bob@example.com" },
      },
      scim_groups = { { displayName = "team", members = { "ada@example.com" } } },
    } do
      local plan = assert(bulk.plan(dd, kind, bulk.read(list)))
      valid("plan", box.write("plan.json", plan:to_json()))
    end
  end)

  it("has the schema of what the command writes", function()
    box.reset(server, { account "same" })
    local path = box.write(
      "a.csv",
      "name,domain,auth_method,client_id,client_secret\nnew,https://n.okta.com/,oauth,x," .. SECRET .. "\n"
    )
    local report = box.write("r.json", "")
    local result = command.run(environment, "--json", "accounts", "plan", path, "--report", report)
    valid("plan", box.write("out.json", result.out))
    valid("plan", report)
    for _, last in ipairs { "--dry-run", "--yes" } do
      result = command.run(environment, "--json", "accounts", "import", path, last, "--report", report)
      assert.same(0, result.status, result.err)
      valid("import", box.write("out.json", result.out))
      valid(last == "--yes" and "report" or "plan", report)
      assert.is_nil((result.out .. read(report)):find(SECRET, 1, true))
    end
  end)

  it("has the schema of a report of what is there twice", function()
    box.reset(server, {})
    local plans = {}
    for i = 1, 2 do
      plans[i] = assert(bulk.plan(dd, "okta_accounts", bulk.read { account "a" }))
    end
    assert(bulk.apply(dd, plans[1]))
    local report = assert(bulk.apply(dd, plans[2]))
    assert.same(1, #report.duplicates)
    valid("report", box.write("report.json", report:to_json()))
  end)

  it("has the schema of what ddokta journal says, and of a journal that it has repaired", function()
    local journal = box.write("said.journal", "")
    for _, name in ipairs { journal, journal .. ".backup" } do
      os.remove(name)
    end
    assert(bulk.apply(dd, everything(), { allow_conflicts = true, journal = journal, max_in_flight = 1 }))
    local function said(...)
      local result = command.run(environment, "journal", ...)
      valid("journals", box.write("out.json", result.out))
      return json.decode(result.out)
    end
    assert.same(1, said("show", "--json", journal).journals[1].counts.failed)
    assert.same(1, #said("list", "--json", journal).backups)
    assert.is_true(said("check", "--json", journal).journals[1].whole)
    local file = assert(io.open(journal, "r+b"))
    file:seek("set", file:read("*l"):len() + 10)
    file:write "\0"
    file:close()
    assert.is_false(said("check", "--json", journal).journals[1].whole)
    assert.is_true(said("repair", "--json", journal).journals[1].lost > 0)
    assert.is_true(said("repair", "--json", journal).journals[1].whole)
    assert.truthy(said("show", "--json", journal).journals[1].repaired)
    valid("journal", journal, true)
    assert.truthy(said("discard", "--yes", "--json", journal).journals[1].aside)
  end)

  it("has the schema of a restore, and of what was put aside", function()
    box.reset(server, { account "same", account "other", account "gone" })
    local folder = assert(require("ddokta.core").system.mkdtemp "ddokta-spec-")
    finally(function() os.execute("rm -rf '" .. folder .. "'") end)
    local journal = folder .. "/a.journal"
    local plan = assert(bulk.plan(
      dd,
      "okta_accounts",
      bulk.read {
        account("new", { client_secret = SECRET }),
        account("other", { client_id = "x", client_secret = SECRET }),
        account "same",
      },
      { prune = true, max_deactivations = 1 }
    ))
    assert(bulk.apply(dd, plan, { journal = journal }))
    valid("journal", journal, true)
    local report = box.write("r.json", "")
    for _, last in ipairs { "--dry-run", "--yes" } do
      local result = command.run(
        environment,
        "--json",
        "accounts",
        "restore",
        journal .. ".backup",
        last,
        "--report",
        report
      )
      valid("import", box.write("out.json", result.out))
      valid(last == "--yes" and "report" or "plan", report)
    end
  end)

  it("finds what differs from it", function()
    local decoded = assert(json.decode(everything():to_json()))
    for _, spoil in ipairs {
      function(plan) plan.rows[1].desired = plan.rows[1].new end,
      function(plan) plan.rows[1].new = nil end,
      function(plan) plan.rows[1].old = { name = "x" } end,
      function(plan) plan.rows[2].kind = nil end,
      function(plan) plan.version = nil end,
      function(plan) plan.time = "today" end,
    } do
      local copy = assert(json.decode(assert(json.encode(decoded))))
      spoil(copy)
      assert.truthy(documents.faults("plan", assert(json.encode(copy)))[1])
    end
  end)
end)
