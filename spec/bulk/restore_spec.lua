-- bulk.restore: what a run replaced or removed is put back from its backup.
local box = require "spec.bulk.box"
local bulk = require "ddokta.bulk"
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

--- What the service has, a line each; the order of a list means nothing.
local function all_of(kind)
  local parts = {}
  assert(bulk.export(dd, kind, "jsonl", function(text) parts[#parts + 1] = text end))
  local lines = {}
  for line in table.concat(parts):gmatch "[^\n]+" do
    local object = json.decode(line)
    if object.members then table.sort(object.members) end
    lines[#lines + 1] = json.encode(object)
  end
  table.sort(lines)
  return lines
end

describe("bulk.restore", function()
  setup(function()
    server, dd = box.start{ limit = 100000 }
    dir = assert(system.mkdtemp "ddokta-spec-")
  end)
  teardown(function()
    server:stop()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  it("puts accounts back, and says that their secrets are lost", function()
    box.reset(server, { account "a", account("b", { client_secret = "hush" }), account "c" })
    local before, file = all_of "okta_accounts", path()
    import("okta_accounts", { account("a", { client_id = "x", domain = "https://x.okta.com/" }), account "c",
      account "new" }, file, { prune = true, max_deactivations = 1 })
    assert.is_nil(box.accounts(server).b)
    local plan, notes = bulk.restore_plan(dd, file .. ".backup")
    assert.same({ 1, 1, 0 }, { plan.counts.create, plan.counts.update, plan.counts.delete })
    assert.truthy(tostring(plan):find("client_id", 1, true))
    assert.truthy(notes[1]:find("without their secrets (client_secret, api_key)", 1, true))
    assert.is_nil(box.accounts(server).b) -- that was the dry run
    local report = assert(bulk.restore(dd, file .. ".backup"))
    assert.same({ 2, 1, 1 }, { report.counts.done, report.counts.create, report.counts.update })
    assert.same(notes, report.notes)
    local after = all_of "okta_accounts"
    assert.same(4, #after) -- what was created stays
    for _, line in ipairs(before) do
      assert.truthy(table.concat(after, "\n"):find(line, 1, true), line)
    end
    assert.same({}, box.accounts(server).b.secrets)
  end)

  it("makes users active again and gives them their old fields", function()
    box.reset(server, {})
    local rows = {
      { userName = "a@example.com", name = "A", title = "Boss", active = true },
      { userName = "b@example.com", name = "B", active = true },
    }
    import("scim_users", rows, path())
    local before, file = all_of "scim_users", path()
    local sandbox_user = 1 -- the sandbox's own service account may be in the list
    local report = import("scim_users", { { userName = "a@example.com", name = "Alice", title = "CEO" } },
      file, { prune = true, max_deactivations = "100%" })
    assert.is_true(report.counts.delete >= sandbox_user)
    assert.is_not.same(before, all_of "scim_users")
    assert(bulk.restore(dd, file .. ".backup"))
    assert.same(before, all_of "scim_users")
  end)

  it("gives groups their members again, also none", function()
    box.reset(server, {})
    import("scim_users", { { userName = "a@example.com" }, { userName = "b@example.com" } }, path())
    import("scim_groups", {
      { displayName = "full", members = { "a@example.com", "b@example.com" } },
      { displayName = "empty" },
      { displayName = "gone", members = { "a@example.com" } },
    }, path())
    local before, file = all_of "scim_groups", path()
    import("scim_groups", {
      { displayName = "full", members = { "a@example.com" } },
      { displayName = "empty", members = { "b@example.com" } },
    }, file, { prune = true, max_deactivations = "100%" })
    assert.is_not.same(before, all_of "scim_groups")
    assert(bulk.restore(dd, file .. ".backup"))
    assert.same(before, all_of "scim_groups")
  end)

  it("refuses the backup of another organisation, and what is none", function()
    box.reset(server, { account "a" })
    local file = path()
    import("okta_accounts", { account("a", { client_id = "x" }) }, file)
    local other, client = box.start{ org_id = "11111111-2222-3333-4444-555555555555" }
    local plan, err = bulk.restore_plan(client, file .. ".backup")
    other:stop()
    assert.is_nil(plan)
    assert.same({ "conflict", "other_organisation" }, { err.kind, err.code })
    plan, err = bulk.restore_plan(dd, file)
    assert.is_nil(plan)
    assert.same("foreign", err.code)
    local report
    report, err = bulk.restore(dd, dir .. "/nothing")
    assert.is_nil(report)
    assert.same("file", err.code)
  end)

  it("has its threshold as every plan", function()
    box.reset(server, {})
    import("scim_users", { { userName = "a@example.com", active = false } }, path())
    local file = path()
    import("scim_users", { { userName = "a@example.com", active = true } }, file)
    local report, err = bulk.restore(dd, file .. ".backup", { max_deactivations = 0 })
    assert.is_nil(report)
    assert.same("threshold", err.code)
    assert.same(1, bulk.restore(dd, file .. ".backup", { max_deactivations = 1 }).counts.update)
  end)

  it("keeps what an import without a journal replaces, if it is told where", function()
    box.reset(server, { account "a" })
    local file = path()
    local plan = assert(bulk.plan(dd, "okta_accounts", bulk.read{ account("a", { client_id = "x" }) }))
    local report = assert(bulk.apply(dd, plan, { backup = file }))
    assert.same(file, report.backup)
    assert(bulk.restore(dd, file))
    assert.same("id-a", box.accounts(server).a.client_id)
  end)
end)
