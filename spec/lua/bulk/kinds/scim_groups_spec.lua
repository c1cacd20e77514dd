-- The kind scim_groups: members by user name or id, and the teams that a group would take over.
local bulk = require "ddokta.bulk"
local json = require("ddokta.core").json
local service = require "spec.lua.bulk.service"

local users = {
  { id = "u1", userName = "Ann@x.com" },
  { id = "u2", userName = "bob@x.com" },
  { id = "u3", userName = "c@x.com" },
}

local function group(name, ...)
  local made = { id = "id-" .. name, displayName = name, members = {} }
  for i, id in ipairs { ... } do
    made.members[i] = { value = id, display = "?" }
  end
  return made
end

local function plan(groups, rows, teams)
  local dd = service.new { list_scim_groups = groups, list_scim_users = users, list_teams = teams or {} }
  return assert(bulk.plan(dd, "scim_groups", bulk.read(rows))), dd
end

local function step_of(groups, row, teams) return plan(groups, { row }, teams):step(1) end

describe("scim_groups", function()
  it("knows members by name, in any letter case, and by id", function()
    local result, dd = plan({ group("a", "u1", "u2"), group("b", "u1") }, {
      { displayName = "a", members = { "BOB@x.com", "u1" } },
      { displayName = "b", members = "ann@x.com;u3" },
    })
    assert.same({ "unchanged", "update" }, { result:step(1).action, result:step(2).action })
    assert.same({ 0, 1, 1 }, { result.counts.create, result.counts.update, result.counts.unchanged })
    assert.same({ { field = "members", old = { "u1" }, new = { "u1", "u3" } } }, result:step(2).changes)
    assert.truthy(tostring(result):find("members  +c@x.com", 1, true))
    assert(bulk.apply(dd, result))
    assert.same({
      {
        "patch_scim_group",
        "id-b",
        {
          { op = "add", path = "members", value = { { value = "u3" } } },
        },
      },
    }, dd.sent)
  end)

  it("creates a group with its members' ids", function()
    local result, dd = plan({}, { { displayName = "new", externalId = "e", members = { "c@x.com" } } })
    assert(bulk.apply(dd, result))
    assert.same({
      {
        "create_scim_group",
        {
          displayName = "new",
          externalId = "e",
          members = { { value = "u3" } },
        },
      },
    }, dd.sent)
  end)

  it("is in conflict over users who do not exist yet", function()
    local members = { "no@x.com", "bob@x.com", "nor@x.com" }
    local step = step_of({ group "a" }, { displayName = "a", members = members })
    assert.same("conflict", step.action)
    assert.same(
      "there is no user 'no@x.com', 'nor@x.com' yet: import the users first; there are "
        .. "'Ann@x.com', 'bob@x.com', 'c@x.com'",
      step.reason
    )
    local many = {}
    for i = 1, 7 do
      many[i] = "n" .. i
    end
    step = step_of({}, { displayName = "a", members = many })
    assert.truthy(step.reason:find("'n5' and 2 more yet", 1, true))
  end)

  it("leaves members alone that are not specified, and takes them all away when told so", function()
    assert.same("unchanged", step_of({ group("a", "u1") }, { displayName = "a" }).action)
    local step = step_of({ group("a", "u1") }, { displayName = "a", members = json.array {} })
    assert.same({ { field = "members", old = { "u1" }, new = {} } }, step.changes)
    local absent = group "a"
    absent.members = nil -- as some servers show an empty group
    assert.same("unchanged", step_of({ absent }, { displayName = "a", members = json.array {} }).action)
  end)

  it("asks for a group alone whose members the list leaves out, and takes away only whom it knows", function()
    local absent = group "a"
    absent.members = nil
    local dd = service.new { list_scim_groups = { absent }, list_scim_users = users, list_teams = {} }
    dd.get_scim_group = function(_, id)
      dd.calls.get_scim_group = (dd.calls.get_scim_group or 0) + 1
      assert.same("id-a", id)
      return group("a", "u1", "u2"), { attempts = 1 }
    end
    local rows = { { displayName = "a", members = { "u2", "u3" } } }
    local result = assert(bulk.plan(dd, "scim_groups", bulk.read(rows)))
    assert.same({ { field = "members", old = { "u1", "u2" }, new = { "u2", "u3" } } }, result:step(1).changes)
    assert.truthy(tostring(result):find("members  +c@x.com -Ann@x.com", 1, true))
    assert.same(1, dd.calls.get_scim_group)
    assert(bulk.apply(dd, result))
    assert.same({
      {
        "patch_scim_group",
        "id-a",
        {
          { op = "remove", path = 'members[value eq "u1"]' },
          { op = "add", path = "members", value = { { value = "u3" } } },
        },
      },
    }, dd.sent)
    dd.get_scim_group = function() return nil, { kind = "server", message = "no" } end
    local none, err = bulk.plan(dd, "scim_groups", bulk.read { { displayName = "a", members = { "u2" } } })
    assert.is_nil(none)
    assert.same("server", err.kind)
  end)

  it("asks for a group alone whose members the list leaves out, also where the source wants none", function()
    local absent = group "a"
    absent.members = nil
    local dd = service.new { list_scim_groups = { absent }, list_scim_users = users, list_teams = {} }
    dd.get_scim_group = function() return group("a", "u1"), { attempts = 1 } end
    local rows = { { displayName = "a", members = json.array {} } }
    local result = assert(bulk.plan(dd, "scim_groups", bulk.read(rows)))
    assert.same({ { field = "members", old = { "u1" }, new = {} } }, result:step(1).changes)
    dd.get_scim_group = function() return { id = "id-a", displayName = "a" }, { attempts = 1 } end
    assert.same("unchanged", assert(bulk.plan(dd, "scim_groups", bulk.read(rows))):step(1).action)
    dd.get_scim_group = function() error "a row without members says nothing of them" end
    rows[1].members = nil
    assert.same("unchanged", assert(bulk.plan(dd, "scim_groups", bulk.read(rows))):step(1).action)
  end)

  it("knows the members of a group that it deletes, for the backup", function()
    local absent = group "a"
    absent.members = nil
    local dd =
      service.new { list_scim_groups = { absent, group "b" }, list_scim_users = users, list_teams = {} }
    dd.get_scim_group = function() return group("a", "u1"), { attempts = 1 } end
    local function deleted()
      local rows = bulk.read { { displayName = "b" } }
      local result = assert(bulk.plan(dd, "scim_groups", rows, { prune = true }))
      for step in result:each() do
        if step.action == "delete" then return step end
      end
    end
    assert.same({ "a", { "u1" } }, { deleted().key, deleted().old.members })
    dd.get_scim_group = function() return nil, { kind = "not_found" } end
    assert.same("a", deleted().key) -- gone meanwhile: it is deleted as asked
  end)

  it("finds a create whose answer was lost, though the list leaves its members out", function()
    local there = {}
    local dd = service.new { list_scim_users = users, list_teams = {} }
    dd.list_scim_groups = function() return there, { total = #there, attempts = 1 } end
    dd.create_scim_group = function()
      there[1] = { id = "g1", displayName = "a" }
      return nil, { kind = "network", message = "gone", ambiguous = true, attempts = 1 }
    end
    dd.get_scim_group = function(_, id)
      assert.equal("g1", id)
      return { id = "g1", displayName = "a", members = { { value = "u1" } } }, { attempts = 1 }
    end
    local made = assert(bulk.plan(dd, "scim_groups", bulk.read { { displayName = "a", members = { "u1" } } }))
    local report = assert(bulk.apply(dd, made, { settle = 0 }))
    assert.same({ 1, "found by looking: its answer was lost" }, { report.counts.done, report.rows[1].note })
  end)

  it("sends a new name once more to the same group, and to no other, when its answer was lost", function()
    for _, arrived in ipairs { false, true } do
      local there = { { id = "g1", displayName = "Old", externalId = "e1", members = {} } }
      local dd, tries = service.new { list_teams = {} }, 0
      dd.list_scim_groups = function(_, query)
        local wanted, found = query.filter and query.filter:match '"(.-)"', {}
        for _, one in ipairs(there) do
          if not wanted or one.displayName == wanted then found[#found + 1] = one end
        end
        return found, { total = #found, attempts = 1 }
      end
      dd.patch_scim_group = function(_, id, operations)
        assert.same({ "g1", { { op = "replace", path = "displayName", value = "New" } } }, { id, operations })
        tries = tries + 1
        if tries == 2 or arrived then there[1].displayName = "New" end
        if tries == 2 then return there[1], { attempts = 1 } end
        return nil, { kind = "network", message = "gone", ambiguous = true, attempts = 1 }
      end
      local rows = { { displayName = "New", externalId = "e1" } }
      local result = assert(bulk.plan(dd, "scim_groups", bulk.read(rows)))
      assert.same({ "update", "g1" }, { result:step(1).action, result:step(1).id })
      there[2] = { id = "g2", displayName = "New", members = {} } -- somebody else's, since
      local report = assert(bulk.apply(dd, result, { settle = 0 }))
      assert.same({ "done", arrived and 1 or 2 }, { report.rows[1].outcome, tries }, tostring(report))
    end
  end)

  it("reads users and teams only where it must", function()
    local _, dd = plan({ group("a", "u1") }, { { displayName = "a", members = { "u1" } } })
    assert.same({ list_scim_groups = 1 }, dd.calls)
    _, dd = plan({ group("a", "u1") }, { { displayName = "a", externalId = "new" } })
    assert.same({ list_scim_groups = 1 }, dd.calls)
    _, dd = plan({}, { { displayName = "a" } })
    assert.same({ list_scim_groups = 1, list_teams = 1 }, dd.calls)
  end)

  local LONG = ("the handle '%s', which this name has, is that of the team 'Long': which one is meant?"):format(
    ("a"):rep(195)
  )
  local teams = {
    { id = "t1", name = "Managed", handle = "managed", is_managed = true },
    { id = "t2", name = "Platform Team", handle = "platform-team" },
    { id = "t3", name = "Odd", handle = "strange" },
    { id = "t4", name = "Renamed", handle = "former" },
    { id = "t5", name = "Équipe", handle = "équipe" },
    { id = "t6", name = "Long", handle = ("a"):rep(195) },
  }
  local cases = {
    { "managed", "conflict", "the team 'Managed' is managed by another source and would be taken over" },
    {
      "Odd",
      "conflict",
      "there is a team 'Odd' whose handle is 'strange', not 'odd' as its name has it: which one is meant?",
    },
    {
      "Former",
      "conflict",
      "the handle 'former', which this name has, is that of the team 'Renamed': which one is meant?",
    },
    { "Platform Team", "create", nil, "takes over the team 'Platform Team': its members are replaced" },
    { "Nobody's", "create" },
    -- whose handle follows from its name is not known: it is no conflict
    { "Équipe", "create", nil, "takes over the team 'Équipe': its members are replaced" },
    { "日本チーム", "create" },
    -- the handle of the longest name is cut
    { ("a"):rep(200), "conflict", LONG },
    { ("a"):rep(195), "conflict", LONG },
  }
  for _, case in ipairs(cases) do
    it("looks at the teams there are: " .. case[1], function()
      local step = step_of({}, { displayName = case[1] }, teams)
      assert.same({ case[2], case[3], case[4] }, { step.action, step.reason, step.note })
    end)
  end

  it(
    "does not take its own managed team for another's",
    function()
      assert.same("unchanged", step_of({ group "Managed" }, { displayName = "Managed" }, teams).action)
    end
  )

  it("plans nothing when users or teams cannot be read", function()
    for _, broken in ipairs { "list_scim_users", "list_teams" } do
      local dd = service.new { list_scim_groups = {}, list_scim_users = users, list_teams = {} }
      dd[broken] = function() return nil, { kind = "server", message = "no" } end
      local result, err =
        bulk.plan(dd, "scim_groups", bulk.read { { displayName = "a", members = { "u1" } } })
      assert.is_nil(result)
      assert.same("server", err.kind)
    end
  end)

  it("is exported and imported again with nothing to do", function()
    local groups = { group("a", "u1", "u2"), group "b", group("c", "u3") }
    local dd = service.new { list_scim_groups = groups, list_scim_users = users, list_teams = {} }
    local parts = {}
    assert.same(3, bulk.export(dd, "scim_groups", "jsonl", function(text) parts[#parts + 1] = text end))
    local rows = {}
    for line in table.concat(parts):gmatch("[^\n]+") do
      rows[#rows + 1] = assert(json.decode(line))
    end
    local result = assert(bulk.plan(dd, "scim_groups", bulk.read(rows)))
    assert.same(3, result.counts.unchanged)
  end)
end)
