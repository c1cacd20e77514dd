-- bulk.restore: what a run replaced or removed is put back from its backup.
local backup = require "ddokta.bulk.backup"
local box = require "spec.lua.bulk.box"
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

--- {{key, field}, ...} of what a plan or a report leaves
local function left(of)
  local list = {}
  for i, one in ipairs(of.left or {}) do
    list[i] = { one.key, one.field }
    assert.equal("string", type(one.reason))
  end
  return list
end

local function user(name) return assert(dd:list_scim_users { filter = ('userName eq "%s"'):format(name) })[1] end

local function group(name)
  return assert(dd:list_scim_groups { filter = ('displayName eq "%s"'):format(name) })[1]
end

--- The names of a group's members.
local function members(name)
  local names = {}
  local found = assert(dd:get_scim_group(group(name).id))
  for i, member in ipairs(found.members or {}) do
    names[i] = assert(dd:get_scim_user(member.value)).userName:match "^[^@]+"
  end
  table.sort(names)
  return table.concat(names, " ")
end

local function users(...)
  local rows = {}
  for i, name in ipairs { ... } do
    rows[i] = { userName = name .. "@example.com" }
  end
  return rows
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
    server, dd = box.start { limit = 100000 }
    dir = assert(system.mkdtemp "ddokta-spec-")
  end)
  teardown(function()
    server:stop()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  it("puts accounts back, and says that their secrets are lost", function()
    box.reset(server, { account "a", account("b", { client_secret = "hush" }), account "c" })
    local before, file = all_of "okta_accounts", path()
    import(
      "okta_accounts",
      { account("a", { client_id = "x", domain = "https://x.okta.com/" }), account "c", account "new" },
      file,
      { prune = true, max_deactivations = 1 }
    )
    assert.is_nil(box.accounts(server).b)
    local plan, notes = bulk.restore_plan(dd, file .. ".backup")
    assert.same({ 1, 1, 0 }, { plan.counts.create, plan.counts.update, plan.counts.delete })
    assert.truthy(tostring(plan):find("client_id", 1, true))
    assert.equal(
      "Not put back: client_secret of one Okta account (b): no backup has it: it is there "
        .. "without, set it again.",
      notes[1]
    )
    assert.same({ { "b", "client_secret" }, { "b", "api_key" } }, left(plan))
    assert.same({ "new" }, plan.created)
    assert.truthy(plan.note:find("What the run created stays: new", 1, true))
    assert.is_nil(box.accounts(server).b) -- that was the dry run
    local expected = left(plan)
    plan:close()
    local report = assert(bulk.restore(dd, file .. ".backup"))
    assert.same({ 2, 1, 1 }, { report.counts.done, report.counts.create, report.counts.update })
    assert.same(notes, report.notes)
    assert.same(expected, left(report))
    assert.truthy(report.note:find("client_secret of one Okta account (b)", 1, true))
    assert.truthy(json.decode(report:to_json()).left[1].reason:find("set it again", 1, true))
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
    local report = import(
      "scim_users",
      { { userName = "a@example.com", name = "Alice", title = "CEO" } },
      file,
      { prune = true, max_deactivations = "100%" }
    )
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
    }, file, { prune = true, max_deactivations = "100%", allow = { member_removals = true } })
    assert.is_not.same(before, all_of "scim_groups")
    local _, err = bulk.restore(dd, file .. ".backup")
    assert.same({ "guard", "empty_groups" }, { err.code, err.guards[1].guard })
    assert(bulk.restore(dd, file .. ".backup", { allow = { empty_groups = 1 } }))
    assert.same(before, all_of "scim_groups")
  end)

  it("refuses the backup of another organisation, and what is none", function()
    box.reset(server, { account "a" })
    local file = path()
    import("okta_accounts", { account("a", { client_id = "x" }) }, file)
    local other, client = box.start { org_id = "11111111-2222-3333-4444-555555555555" }
    local plan, err = bulk.restore_plan(client, file .. ".backup")
    other:stop()
    assert.is_nil(plan)
    assert.same({ "conflict", "other_organisation" }, { err.kind, err.code })
    box.fault(server, { path = "/api/v2/current_user", status = 403, body = '{"errors":["Forbidden"]}' })
    plan, err = bulk.restore_plan(dd, file .. ".backup")
    assert.is_nil(plan)
    assert.same({ "forbidden", "get_current_user" }, { err.kind, err.operation })
    plan, err = bulk.restore_plan(dd, "spec/run")
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
    assert.same("guard", err.code)
    assert.same(1, bulk.restore(dd, file .. ".backup", { max_deactivations = 1 }).counts.update)
  end)

  it("keeps what an import without a journal replaces, if it is told where", function()
    box.reset(server, { account "a" })
    local file = path()
    local plan = assert(bulk.plan(dd, "okta_accounts", bulk.read { account("a", { client_id = "x" }) }))
    local report = assert(bulk.apply(dd, plan, { backup = file }))
    assert.same(file, report.backup)
    assert(bulk.restore(dd, file))
    assert.same("id-a", box.accounts(server).a.client_id)
  end)

  it("makes a later import send the secret that it could not", function()
    box.reset(server, {})
    local rows = { account("s", { client_secret = "one" }), account("t", { client_secret = "two" }) }
    import("okta_accounts", rows, path())
    local file = path()
    import(
      "okta_accounts",
      { account("t", { client_secret = "three" }) },
      file,
      { prune = true, max_deactivations = "100%" }
    )
    local report = assert(bulk.restore(dd, file))
    local missing = left(report)
    table.sort(missing, function(a, b) return a[1] .. a[2] < b[1] .. b[2] end)
    assert.same({ { "s", "api_key" }, { "s", "client_secret" }, { "t", "client_secret" } }, missing)
    -- said again as long as it is so
    local again = assert(bulk.restore_plan(dd, file))
    assert.same(left(report), left(again))
    again:close()
    local plan = assert(bulk.plan(dd, "okta_accounts", bulk.read(rows)))
    assert.same({ 2, 0 }, { plan.counts.update, plan.counts.unchanged })
    assert.equal("a secret was never sent: the service has none", plan:step(1).note)
    import("okta_accounts", rows, path())
    plan = assert(bulk.plan(dd, "okta_accounts", bulk.read(rows)))
    assert.same({ 0, 2 }, { plan.counts.update, plan.counts.unchanged })
  end)

  it("has names beside ids in a backup", function()
    box.reset(server, {})
    import("scim_users", users("a", "b"), path())
    import("scim_groups", {
      { displayName = "team", members = { "a@example.com", "b@example.com" } },
      { displayName = "gone", members = { "a@example.com" } },
    }, path())
    local file = path()
    local all = { deactivations = "100%", member_removals = "100%", foreign_source = true }
    import(
      "scim_groups",
      { { displayName = "team", members = { "b@example.com" } } },
      file,
      { prune = true, allow = all }
    )
    local a, b = user "a@example.com", user "b@example.com"
    local ids, seen = { [a.id] = a.userName, [b.id] = b.userName }, 0
    for line in select(2, assert(backup.read(file .. ".backup"))) do
      for _, id in ipairs(line.object.members) do
        assert.equal(ids[id], line.names[id])
        seen = seen + 1
      end
    end
    assert.equal(3, seen)
    -- a deletion alone has them too
    file = path()
    import("scim_groups", { { displayName = "team", members = { "b@example.com" } } }, path())
    import("scim_groups", { { displayName = "new" } }, file, { prune = true, allow = all })
    local line = select(2, assert(backup.read(file .. ".backup")))()
    assert.same({ [b.id] = "b@example.com" }, line.names)
  end)

  it("puts a team that was taken over back: who was in it, and in which role", function()
    box.reset(server, {})
    import("scim_users", users("a", "b", "c"), path())
    local team = assert(dd:create_team { name = "Ops", handle = "ops" })
    local function join(name, role)
      assert(
        dd:create_team_membership(
          team.id,
          { role = role, user = { data = { type = "users", id = user(name .. "@example.com").id } } }
        )
      )
    end
    join("a", "admin")
    join "b"
    local a, b, c = user "a@example.com", user "b@example.com", user "c@example.com"
    local file = path()
    local book = assert(require("ddokta.bulk.journal").open(file, {
      kind = "scim_groups",
      plan = "p",
      steps = 2,
      organisation = assert(require("ddokta.bulk.journal_file").owner(dd)),
    }))
    assert(book:save(1, {
      action = "take_over",
      key = "Ops",
      object = {
        id = team.id,
        name = "Ops",
        handle = "ops",
        members = json.array {
          { id = a.id, name = a.userName, role = "admin" },
          { id = b.id, name = b.userName },
        },
      },
    }))
    assert(book:begin(1, { action = "create", key = "Ops" }))
    assert(book:commit())
    local made = assert(dd:create_scim_group { displayName = "Ops", members = { { value = c.id } } })
    assert(book:done(1, { id = made.id }))
    assert(book:close())
    assert.equal("c", members "Ops")
    local plan = assert(bulk.restore_plan(dd, file))
    assert.same({ { "Ops", "members" } }, left(plan))
    assert.truthy(plan.note:find("in which were a@example.com (admin), b@example.com: remove", 1, true))
    plan:close()
    assert.same({ { "Ops", "members" } }, left(assert(bulk.restore(dd, file))))
    assert.equal("c", members "Ops")
    local report = assert(bulk.restore(dd, file, { remove_created = true, max_deactivations = "100%" }))
    assert.same({ 1, {} }, { report.counts.delete, left(report) })
    assert.truthy(report.note:find("in the team 'Ops' again: a@example.com, b@example.com", 1, true))
    local roles = {}
    for _, one in ipairs(assert(dd:get_team_memberships(team.id))) do
      roles[one.user.data.id] = one.role or "member"
    end
    assert.same({ [a.id] = "admin", [b.id] = "member" }, roles)
    -- and again: nobody twice, a role that was lost meanwhile is given again
    assert(dd:update_team_membership(team.id, a.id, { role = require("ddokta").null }))
    assert.same({}, left(assert(bulk.restore(dd, file, { remove_created = true }))))
    assert.equal(2, #assert(dd:get_team_memberships(team.id)))
  end)

  it("goes on with its own journal after it was stopped", function()
    box.reset(server, { account "a", account "b", account "c" })
    local file, own = path(), path()
    local rows = {}
    for i, name in ipairs { "a", "b", "c" } do
      rows[i] = account(name, { client_id = "x" })
    end
    import("okta_accounts", rows, file)
    box.fault(server, {
      method = "PATCH",
      path = "/api/v2/integrations/okta/accounts/" .. box.accounts(server).b.id,
      status = 400,
      times = "always",
    })
    local plan = assert(bulk.restore_plan(dd, file))
    local report = assert(bulk.apply(dd, plan, { journal = own, max_in_flight = 1, fail_fast = true }))
    plan:close()
    assert.same({ "fail_fast", 1, 1 }, { report.stopped, report.counts.done, report.counts.not_run })
    box.admin(server, "DELETE", "faults")
    report = assert(bulk.restore(dd, file, { journal = own }))
    assert.same({ 0, 0 }, { report.counts.failed, report.counts.not_run })
    for _, one in pairs(box.accounts(server)) do
      assert.equal("id-" .. one.name, one.client_id)
    end
  end)
end)
