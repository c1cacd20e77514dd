-- lua/ddokta/bulk/restore_rows.lua: which fields of a backup may be put back.
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

--- The first step of a plan that is in conflict: why.
local function conflict_in(plan)
  for step in plan:each() do
    if step.action == "conflict" then return step.reason end
  end
end

local function user(name) return assert(dd:list_scim_users { filter = ('userName eq "%s"'):format(name) })[1] end

local function give_title(name, title)
  assert(dd:patch_scim_user(user(name).id, { { op = "replace", path = "title", value = title } }))
end

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

describe("bulk.restore_rows", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    dir = assert(system.mkdtemp "ddokta-spec-")
  end)
  teardown(function()
    server:stop()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  it("empties again what was empty, and leaves alone what the run has not changed", function()
    box.reset(server, {})
    import("scim_users", { { userName = "b@example.com", name = "B" } }, path())
    local file = path()
    import("scim_users", { { userName = "b@example.com", title = "CEO" } }, file)
    assert(
      dd:patch_scim_user(
        user("b@example.com").id,
        { { op = "replace", path = "name.formatted", value = "Bea" } }
      )
    )
    local report = assert(bulk.restore(dd, file))
    assert.same({ 1, {} }, { report.counts.update, left(report) })
    local found = user "b@example.com"
    assert.same({ "Bea", "" }, { found.name.formatted, found.title or "" })
    assert.equal(1, assert(bulk.restore(dd, file)).counts.unchanged)
  end)

  it("is in conflict with what somebody has changed since, unless forced", function()
    box.reset(server, {})
    import(
      "scim_users",
      { { userName = "b@example.com", title = "Dev" }, { userName = "c@example.com", title = "Dev" } },
      path()
    )
    local file = path()
    import(
      "scim_users",
      { { userName = "b@example.com", title = "CEO" }, { userName = "c@example.com", title = "CEO" } },
      file
    )
    give_title("b@example.com", "CTO")
    local plan = assert(bulk.restore_plan(dd, file))
    assert.same({ 1, 1 }, { plan.counts.conflict, plan.counts.update })
    assert.equal(
      "title is 'CTO' now, not 'CEO' as the run left it: somebody has changed it since",
      conflict_in(plan)
    )
    plan:close()
    local _, err = bulk.restore(dd, file)
    assert.equal("conflict", err.code)
    assert.equal(1, assert(bulk.restore(dd, file, { allow_conflicts = true })).counts.update)
    assert.equal("CTO", user("b@example.com").title)
    assert(bulk.restore(dd, file, { force = true }))
    assert.equal("Dev", user("b@example.com").title)
  end)

  it("is in conflict where what was changed is gone, or what was removed is there again", function()
    box.reset(server, { account "a", account "b" })
    local file = path()
    import(
      "okta_accounts",
      { account("a", { client_id = "x" }) },
      file,
      { prune = true, max_deactivations = "100%" }
    )
    assert(dd:delete_okta_account(box.accounts(server).a.id))
    assert(dd:create_okta_account(account("b", { client_id = "theirs" })))
    local plan = assert(bulk.restore_plan(dd, file))
    assert.equal(2, plan.counts.conflict)
    local reasons = {}
    for step in plan:each() do
      reasons[step.key] = step.reason
    end
    assert.same({
      a = "somebody has removed it since",
      b = "somebody has made one of this name since, whose client_id is 'theirs', not 'id-b'",
    }, reasons)
    plan:close()
    local report = assert(bulk.restore(dd, file, { force = true }))
    assert.same({ 1, 1 }, { report.counts.create, report.counts.update })
    local accounts = box.accounts(server)
    assert.same({ "id-a", "id-b" }, { accounts.a.client_id, accounts.b.client_id })
  end)

  it("puts back of members only what the run took and added", function()
    box.reset(server, {})
    import("scim_users", users("a", "b", "c", "d"), path())
    local function team(...) return { { displayName = "team", members = { ... } } } end
    import("scim_groups", team("a@example.com", "b@example.com"), path())
    local file = path()
    import("scim_groups", team("b@example.com", "c@example.com"), file)
    assert(
      dd:patch_scim_group(
        group("team").id,
        { { op = "add", path = "members", value = { { value = user("d@example.com").id } } } }
      )
    )
    local plan = assert(bulk.restore_plan(dd, file))
    assert.equal(1, plan.counts.update)
    assert(bulk.apply(dd, plan))
    plan:close()
    assert.equal("a b d", members "team")
    assert.equal(1, assert(bulk.restore(dd, file)).counts.unchanged)
  end)

  it("finds members by their names, and leaves out who is gone", function()
    box.reset(server, {})
    import("scim_users", users("a", "c"), path())
    import("scim_groups", { { displayName = "team", members = { "c@example.com" } } }, path())
    -- a was made again since and has another id, b is gone
    local a, b, c =
      "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222", user("c@example.com").id
    local names = { [a] = "a@example.com", [b] = "b@example.com", [c] = "c@example.com" }
    local file = path()
    local kept = assert(backup.open(file, {
      kind = "scim_groups",
      steps = 3,
      plan = "p",
      organisation = assert(require("ddokta.bulk.journal_file").owner(dd)),
    }))
    assert(kept:save(1, {
      action = "update",
      key = "team",
      names = names,
      changes = { members = json.array { c } },
      object = { id = group("team").id, displayName = "team", members = json.array { a, b, c } },
    }))
    assert(kept:save(2, {
      action = "delete",
      key = "gone",
      names = names,
      object = { id = a, displayName = "gone", members = json.array { a, b } },
    }))
    assert(kept:close())
    local report = assert(bulk.restore(dd, file))
    assert.same({ 0, 1, 1 }, { report.counts.failed, report.counts.create, report.counts.update })
    assert.same({ "a c", "a" }, { members "team", members "gone" })
    assert.truthy(report.note:find("'b@example.com' is not there any more", 1, true))
    assert.same({ { "team" }, { "gone" } }, left(report))
    assert.truthy(report.rows[1].note:find("not put back: 'b@example.com' is not there any more", 1, true))
  end)

  it("removes what the run created where that is asked for, and nobody has changed it", function()
    box.reset(server, { account "a" })
    local file = path()
    import("okta_accounts", { account "a", account "n1", account "n2", account "n3" }, file)
    assert.is_nil(io.open(file .. ".backup")) -- nothing was replaced: there is a journal alone
    local n2 = box.accounts(server).n2
    assert(dd:update_okta_account(n2.id, { auth_method = "oauth", domain = n2.domain, client_id = "theirs" }))
    local plan, notes = bulk.restore_plan(dd, file)
    assert.same({ 0, 0, 0 }, { plan.counts.create, plan.counts.update, plan.counts.delete })
    table.sort(plan.created)
    assert.same({ "n1", "n2", "n3" }, plan.created)
    assert.truthy(notes[1]:find("What the run created stays", 1, true))
    plan:close()
    local report, err = bulk.restore(dd, file, { remove_created = true })
    assert.is_nil(report)
    assert.equal("guard", err.code) -- as every plan
    report = assert(bulk.restore(dd, file, { remove_created = true, max_deactivations = "100%" }))
    assert.equal(2, report.counts.delete)
    assert.truthy(report.note:find("Somebody has changed what the run created, so it stays: n2", 1, true))
    local accounts, count_of = box.accounts(server)
    assert.same({ 2, "theirs" }, { count_of, accounts.n2.client_id })
    assert.truthy(accounts.a)
    assert(bulk.restore(dd, file, { remove_created = true, max_deactivations = "100%", force = true }))
    assert.equal(1, select(2, box.accounts(server)))
  end)

  it("deactivates users that the run created, where that is asked for", function()
    box.reset(server, {})
    import("scim_users", users "a", path())
    local file = path()
    import("scim_users", users("a", "b"), file)
    assert(bulk.restore(dd, file, { remove_created = true, max_deactivations = "100%" }))
    assert.same({ true, false }, { user("a@example.com").active, user("b@example.com").active })
  end)
end)
