-- lua/ddokta/bulk/measure.lua, and the guards at work: what a plan would take away, and that none of it
-- happens unasked. Against a sandbox.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local service = require "spec.lua.bulk.service"
local system = require("ddokta.core").system

local server, dd

local function name_of(i) return ("u%03d@example.com"):format(i) end

local function users(first, last, active)
  local rows = {}
  for i = first, last do
    rows[#rows + 1] = { userName = name_of(i), active = active }
  end
  return rows
end

local function id_of(i)
  return assert(dd:list_scim_users { filter = ('userName eq "%s"'):format(name_of(i)) })[1].id
end

local function plan(kind, rows, options) return assert(bulk.plan(dd, kind, bulk.read(rows), options)) end

local function import(kind, rows, options, how)
  local report, err = bulk.apply(dd, plan(kind, rows, options), how)
  assert.is_nil(err and err.message)
  assert.same(0, report.counts.failed, tostring(report))
  return report
end

local function guards_of(result)
  local names = {}
  for i, one in ipairs(result.guards or {}) do
    names[i] = one.guard
  end
  return names
end

local function writes()
  return box.requests(server, "POST") + box.requests(server, "PATCH") + box.requests(server, "DELETE")
end

--- refused(plan, guard): nothing of it is applied, whatever its fields say.
local function refused(result, ...)
  assert.same({ ... }, guards_of(result))
  assert.is_string(result.blocked)
  local before = writes()
  result.blocked, result.guards = nil, nil
  local report, err = bulk.apply(dd, result)
  assert.is_nil(report)
  assert.same({ "conflict", "guard" }, { err.kind, err.code })
  assert.same((...), err.guards[1].guard)
  assert.same(before, writes())
end

local ME = '{"data":{"type":"users","id":"x","attributes":{"handle":"%s","service_account":false}}}'

--- The keys are this user's from now on; or nobody is told whose they are.
local function as(user, status)
  box.fault(server, {
    method = "GET",
    path = "/api/v2/current_user",
    status = status or 200,
    times = "always",
    body = status and '{"errors":["no"]}' or ME:format(user),
  })
end

local function group(name, ...)
  local members = {}
  for i, number in ipairs { ... } do
    members[i] = name_of(number)
  end
  return { displayName = name, members = members }
end

describe("a plan's guards", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, {}) end)

  it("count those who are active, not all that ever were", function()
    import("scim_users", users(1, 30, false))
    import("scim_users", users(31, 50, true))
    local result = plan("scim_users", users(31, 47), { prune = true })
    assert.same(3, result.counts.delete)
    assert.truthy(result.blocked:find("3 of 20 active users would be deactivated", 1, true))
    refused(result, "deactivations")
    assert.is_nil(plan("scim_users", users(31, 48), { prune = true }).blocked)
    import("scim_users", users(31, 47), { prune = true, allow = { deactivations = "15%" } })
  end)

  it("never let an empty source remove anything, whatever the share", function()
    import("scim_users", users(1, 3, true))
    refused(plan("scim_users", {}, { prune = true, allow = { deactivations = "100%" } }), "empty_source")
    local all = { deactivations = "100%", empty_source = true }
    assert.same(3, import("scim_users", {}, { prune = true, allow = all }).counts.delete)
  end)

  it("keep whose keys are in use", function()
    import("scim_users", users(1, 30, true))
    as(name_of(30))
    local result = plan("scim_users", users(1, 29), { prune = true })
    local why = "u030@example.com, whose keys these are, would be deactivated"
    assert.truthy(result.blocked:find(why, 1, true))
    refused(result, "self")
    refused(plan("scim_users", users(30, 30, false)), "self")
    assert.is_nil(plan("scim_users", users(29, 29, false)).blocked)
    local report = import("scim_users", users(1, 29), { prune = true, allow = { self = true } })
    assert.same(1, report.counts.delete)
  end)

  it("keep the roles of whose keys are in use", function()
    local row = { userName = name_of(1), roles = { "Datadog Read Only Role", "Datadog Standard Role" } }
    import("scim_users", { row })
    as(name_of(1))
    row.roles = { "Datadog Read Only Role" }
    local result = plan("scim_users", { row })
    assert.truthy(result.blocked:find("would lose of the roles 'Datadog Standard Role'", 1, true))
    refused(result, "self")
    row.roles[2], row.roles[3] = "Datadog Standard Role", "Datadog Admin Role"
    assert.is_nil(plan("scim_users", { row }).blocked)
  end)

  it("know a service account by its id alone, and say where nobody can be asked", function()
    local there = {
      { id = "id1", userName = "told@example.com", active = true },
      { id = "svc", userName = "other@example.com", active = true },
    }
    local fake = service.new {
      list_scim_users = there,
      own = { id = "svc", handle = "told@example.com", service_account = true },
    }
    local function named(name)
      return assert(
        bulk.plan(
          fake,
          "scim_users",
          bulk.read { { userName = name, active = false } },
          { max_deactivations = 1 }
        )
      )
    end
    assert.same({}, guards_of(named "told@example.com"))
    assert.same({ "self" }, guards_of(named "other@example.com"))
    import("scim_users", users(1, 30, true))
    as(nil, 403)
    local result = plan("scim_users", users(1, 1, false))
    assert.is_nil(result.blocked)
    assert.truthy(result.note:find("whose keys these are could not be asked", 1, true))
  end)

  it("end a plan for which nobody can tell whose keys are in use", function()
    import("scim_users", users(1, 30, true))
    as(nil, 401)
    local result, err = bulk.plan(dd, "scim_users", bulk.read(users(2, 2, false)))
    assert.is_nil(result)
    assert.same("unauthorized", err.kind)
  end)

  it("ask whose keys are in use only where somebody would lose something", function()
    local function asked() return (box.state(server).requests["GET /api/v2/current_user"] or {})["200"] or 0 end
    import("scim_users", users(1, 30, true))
    local before = asked()
    import("scim_users", { { userName = name_of(1), title = "Dr" }, { userName = name_of(31) } })
    local harmless = asked() - before
    before = asked()
    import("scim_users", users(2, 2, false))
    assert.same(harmless + 2, asked() - before) -- by the plan, and by apply once more
  end)

  it("ask once more who it is that applies the plan", function()
    import("scim_users", users(1, 30, true))
    local result = plan("scim_users", users(1, 1, false))
    assert.is_nil(result.blocked)
    as(name_of(1))
    local before = writes()
    local report, err = bulk.apply(dd, result)
    assert.is_nil(report)
    assert.same({ "guard", "self", before }, { err.code, err.guards[1].guard, writes() })
  end)

  it("count members, and see a group that is left empty", function()
    import("scim_users", users(1, 12))
    import("scim_groups", { group("All", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), group("One", 1) })
    local result = plan("scim_groups", { group "All" })
    assert.truthy(result.blocked:find("12 of 13 members would be taken out", 1, true))
    refused(result, "member_removals", "empty_groups")
    refused(
      plan(
        "scim_groups",
        { { displayName = "All", members = "(none)" } },
        { allow = { member_removals = true } }
      ),
      "empty_groups"
    )
    refused(plan("scim_groups", { group "One" }), "empty_groups")
    assert.is_nil(plan("scim_groups", { group("One", 2) }).blocked)
    assert.is_nil(plan("scim_groups", { group("All", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) }).blocked)
    refused(plan("scim_groups", { group("All", 1, 2, 3, 4, 5, 6) }), "member_removals")
    -- a group that is removed takes its members with it
    refused(
      plan("scim_groups", { group("One", 1) }, { prune = true, max_deactivations = 1 }),
      "member_removals"
    )
    import("scim_groups", { group("All", 1, 2, 3, 4, 5, 6) }, { allow = { member_removals = "50%" } })
  end)

  it("keep a team that somebody has by hand, and its members in the backup", function()
    import("scim_users", users(1, 3))
    local ids = {}
    for i = 1, 3 do
      ids[i] = id_of(i)
    end
    local team = assert(dd:create_team { name = "Ops", handle = "ops" })
    assert(dd:create_team_membership(team.id, { user = ids[1], role = "admin" }))
    assert(dd:create_team_membership(team.id, { user = ids[2] }))
    local rows = { group("Ops", 2, 3) }
    local result = plan("scim_groups", rows)
    assert.truthy(result.blocked:find("'Ops' (u001@example.com would no longer be in it)", 1, true))
    refused(result, "take_over")
    assert.same(
      "takes over the team 'Ops': its members are replaced, no longer in it: u001@example.com",
      result:step(1).note
    )
    local dir = assert(system.mkdtemp "ddokta-spec-")
    import("scim_groups", rows, { allow = { take_over = 1 } }, { journal = dir .. "/j" })
    local _, lines = require("ddokta.bulk.backup").read(dir .. "/j.backup")
    local line = lines()
    assert.same(
      { "take_over", "Ops", team.id, "ops" },
      { line.action, line.key, line.object.id, line.object.handle }
    )
    assert.same(
      { { id = ids[1], name = name_of(1), role = "admin" }, { id = ids[2], name = name_of(2) } },
      line.object.members
    )
    assert.is_nil(plan("scim_groups", rows).blocked)
    -- and restore puts them back from there, in their roles
    assert(
      bulk.restore(
        dd,
        dir .. "/j.backup",
        { remove_created = true, max_deactivations = "100%", allow = { member_removals = true } }
      )
    )
    os.execute("rm -rf '" .. dir .. "'")
    local roles = {}
    for _, membership in ipairs(assert(dd:get_team_memberships(team.id))) do
      roles[membership.user.data.id] = membership.role or "member"
    end
    assert.same({ [ids[1]] = "admin", [ids[2]] = "member" }, roles)
  end)

  it("let a team be managed of which nobody is a member", function()
    assert(dd:create_team { name = "Bare", handle = "bare" })
    local result = plan("scim_groups", { group "Bare" })
    assert.is_nil(result.blocked)
    assert.same("takes over the team 'Bare': its members are replaced", result:step(1).note)
    -- somebody joins before it is applied
    import("scim_users", users(1, 1))
    local team = assert(dd:list_teams { ["filter[keyword]"] = "Bare" })[1]
    assert(dd:create_team_membership(team.id, { user = id_of(1) }))
    local report, err = bulk.apply(dd, result)
    assert.is_nil(report)
    assert.same({ "guard", "take_over" }, { err.code, err.guards[1].guard })
  end)

  it("do not take over a team that has come since the plan was made", function()
    local result = plan("scim_groups", { group "Late" })
    assert(dd:create_team { name = "Late", handle = "late" })
    local real = system.time
    system.time = function() return real() + 60 end
    local report, err = bulk.apply(dd, result)
    system.time = real
    assert.is_nil(report)
    assert.same({ "conflict", "stale_plan" }, { err.kind, err.code })
    assert.truthy(err.message:find("that the new 'Late' would take over", 1, true), err.message)
    assert.same(0, #assert(dd:list_scim_groups {}))
  end)

  it("see a source of another organisation", function()
    local theirs, ours = {}, {}
    for i = 1, 20 do
      theirs[i], ours[i] = box.account("theirs" .. i), box.account("ours" .. i)
    end
    box.reset(server, theirs)
    local options = { prune = true, max_deactivations = "100%" }
    refused(plan("okta_accounts", ours, options), "foreign_source")
    ours[1], ours[2] = theirs[1], theirs[2]
    assert.is_nil(plan("okta_accounts", ours, options).blocked)
    ours[1] = box.account "ours1"
    options.allow = { foreign_source = true }
    assert.is_nil(plan("okta_accounts", ours, options).blocked)
  end)

  it("see a service that has nothing of what it had", function()
    local rows = { { userName = "a@example.com", id = "0000-1" }, { userName = "b@example.com" } }
    local result = plan("scim_users", rows)
    assert.truthy(result.blocked:find("1 row of the source was there once", 1, true))
    refused(result, "empty_service")
    assert.is_nil(plan("scim_users", rows, { allow = { empty_service = true } }).blocked)
  end)

  it("count the whole, whatever part of it a shard has", function()
    import("scim_users", users(1, 40, true))
    for i = 1, 4 do
      local options = { prune = true, shard = i .. "/4" }
      assert.is_nil(plan("scim_users", users(1, 36), options).blocked)
      refused(plan("scim_users", users(1, 35), options), "deactivations")
      options.max_deactivations = 4
      refused(plan("scim_users", users(1, 35), options), "deactivations")
      options.max_deactivations = 5
      assert.is_nil(plan("scim_users", users(1, 35), options).blocked)
    end
    local done = 0
    for i = 1, 4 do
      done = done + import("scim_users", users(1, 36), { prune = true, shard = i .. "/4" }).counts.delete
    end
    assert.same(4, done)
    assert.same(36, plan("scim_users", users(1, 36), { prune = true }).counts.unchanged)
  end)

  it("raise for a name that is none", function()
    assert.has_error(
      function() plan("scim_users", {}, { allow = { sefl = true } }) end,
      "option 'allow': there is no guard 'sefl', did you mean 'self'?"
    )
    assert.has_error(
      function() plan("scim_users", {}, { allow = { self = true }, max_deactivations = "x" }) end,
      "option 'max_deactivations': a number, a percentage such as \"10%\", or true is wanted"
    )
  end)
end)

describe("bulk.apply", function()
  setup(function()
    server, dd = box.start {}
  end)
  teardown(function() server:stop() end)

  local function accounts(count)
    local rows = {}
    for i = 1, count do
      rows[i] = box.account("n" .. i)
    end
    return rows
  end

  local function outcome_of(report, action)
    for _, row in ipairs(report.rows) do
      if row.action == action then return row.outcome, row.error end
    end
  end

  it("removes nothing where what may replace it was refused", function()
    box.reset(server, accounts(20))
    local rows = accounts(20)
    rows[20].name = "renamed"
    box.fault(server, { method = "POST", status = 400, body = '{"errors":["no"]}', times = "always" })
    local report = assert(bulk.apply(dd, plan("okta_accounts", rows, { prune = true })))
    assert.same({ 1, 1, 0 }, { report.counts.failed, report.counts.not_run, report.counts.done })
    local outcome, err = outcome_of(report, "delete")
    local why = "1 Okta account would be deleted, and 1 has not been made which may be meant to replace it: "
      .. "if that is meant, say allow = { failed_creates = true }"
    assert.same({ "not_run", "not sent: " .. why }, { outcome, err.message })
    assert.truthy(tostring(report):find("Nothing was removed: " .. why, 1, true), tostring(report))
    assert.is_table(box.accounts(server).n20)
    -- where it is made, what it replaces goes
    box.reset(server, accounts(20))
    report = assert(bulk.apply(dd, plan("okta_accounts", rows, { prune = true })))
    assert.same({ 1, 1 }, { report.counts.create, report.counts.delete })
    -- and where that is said, in any case
    box.reset(server, accounts(20))
    box.fault(server, { method = "POST", status = 400, body = '{"errors":["no"]}', times = "always" })
    report =
      assert(bulk.apply(dd, plan("okta_accounts", rows, { prune = true, allow = { failed_creates = true } })))
    assert.same({ 1, 1 }, { report.counts.failed, report.counts.delete })
  end)

  it("removes what goes when all else has ended, not before", function()
    local rows, sent = accounts(20), {}
    box.reset(server, rows)
    for i = 18, 20 do
      rows[i] = box.account("new" .. i)
    end
    local watched = setmetatable({}, {
      __index = function(_, name)
        local value = dd[name]
        if type(value) ~= "function" then return value end
        return function(_, ...)
          sent[#sent + 1] = name:match "^(%l+)_okta_account$"
          local result, detail = value(dd, ...)
          sent[#sent + 1] = name:match "^(%l+)_okta_account$" and "ended" or nil
          return result, detail
        end
      end,
    })
    assert(bulk.apply(watched, plan("okta_accounts", rows, { prune = true, max_deactivations = 3 })))
    assert.same(
      "create create create ended ended ended delete delete delete ended ended ended",
      table.concat(sent, " ")
    )
  end)

  it("removes nothing where a row that was to be made is in conflict and left out", function()
    box.reset(server, {})
    assert(bulk.apply(dd, plan("scim_users", users(1, 20, true))))
    assert(bulk.apply(dd, plan("scim_groups", { group("Old", 1, 2), group("Kept", 1, 2, 3, 4, 5, 6, 7, 8) })))
    local rows =
      { group("Kept", 1, 2, 3, 4, 5, 6, 7, 8), { displayName = "New", members = { "nobody@x.com" } } }
    local result = plan("scim_groups", rows, { prune = true, max_deactivations = 1 })
    local report = assert(bulk.apply(dd, result, { allow_conflicts = true }))
    assert.same({ "skipped", "not_run" }, { outcome_of(report, "conflict"), (outcome_of(report, "delete")) })
    assert.same(2, #assert(dd:list_scim_groups {}))
  end)
end)
