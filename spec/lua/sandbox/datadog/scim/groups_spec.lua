-- lua/ddokta/sandbox/datadog/scim/groups.lua; every answer is held against the OpenAPI
local groups = require "ddokta.sandbox.datadog.scim.groups"
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"

local GROUPS, NOBODY = "/api/v2/scim/Groups", "00000000-0000-4000-8000-000000000000"
local TEAMS = "/api/v2/team"

describe("the sandbox's SCIM groups", function()
  local box

  local SEED = {
    users = {
      { email = "ann@example.com", name = "Ann", id = "a" },
      { email = "bob@example.com", id = "b" },
      { email = "cid@example.com", id = "c" },
      { email = "bot@example.com", id = "bot", service_account = true },
    },
    teams = {
      { name = "Core", handle = "core-platform", id = "team-core", members = { "a", "b" } },
      { name = "Apps", handle = "app-people", id = "team-apps" },
    },
  }

  before_each(function() box = datadog.new(SEED) end)

  local function member(...)
    local list = json.array()
    for i, id in ipairs { ... } do
      list[i] = { value = id }
    end
    return list
  end

  local function push(name, ...)
    return box:must(201, "POST", GROUPS, {
      schemas = { "urn:ietf:params:scim:schemas:core:2.0:Group" },
      displayName = name,
      members = member(...),
    })
  end

  local function patch(id, ...)
    return box:ask(
      "PATCH",
      GROUPS .. "/" .. id,
      { schemas = { "urn:ietf:params:scim:api:messages:2.0:PatchOp" }, Operations = { ... } }
    )
  end

  local function ids(list)
    local found = {}
    for i, item in ipairs(list) do
      found[i] = item.value or item.relationships.user.data.id
    end
    table.sort(found)
    return table.concat(found, " ")
  end

  local function team_of(id) return box:must(200, "GET", TEAMS .. "/" .. id).data.attributes end
  local function team_members(id)
    return ids(box:must(200, "GET", ("%s/%s/memberships"):format(TEAMS, id)).data)
  end
  local function members(id) return ids(box:must(200, "GET", GROUPS .. "/" .. id).members) end

  it("make a managed team, with a handle of the name", function()
    local group = box:must(201, "POST", GROUPS, {
      displayName = "Site -- Reliability (EU)!",
      externalId = "ext-1",
      members = { { value = "a", display = "x", ["$ref"] = "https://x/" } },
    })
    assert.equal("ext-1", group.externalId)
    assert.same({
      value = "a",
      display = "Ann",
      type = "User",
      ["$ref"] = "https://app.datadoghq.com/api/scim/v2/Users/a",
    }, group.members[1])
    assert.same(group, box:must(200, "GET", GROUPS .. "/" .. group.id))
    local team = team_of(group.id)
    assert.equal("Site -- Reliability (EU)!", team.name)
    assert.equal("site-reliability-eu", team.handle)
    assert.is_true(team.is_managed)
    assert.equal("a", team_members(group.id))
  end)

  it("have a handle where the rule for letters beyond ASCII is not known", function()
    for name, handle in pairs { ["Ärzte"] = "rzte", ["日本"] = "e697a5e69cac" } do
      local group = box:must(201, "POST", GROUPS, { displayName = name })
      assert.equal(handle, team_of(group.id).handle)
    end
  end)

  it("take over the team that has the handle: name, members and all", function()
    local group = push("Core Platform", "c")
    assert.equal("team-core", group.id)
    local team = team_of "team-core"
    assert.equal("Core Platform", team.name)
    assert.is_true(team.is_managed)
    assert.equal("c", team_members "team-core")
    assert.equal(2, #box:must(200, "GET", TEAMS).data)
  end)

  it("refuse a name or handle that is another's", function()
    push "Pushed"
    for _, name in ipairs { "Pushed", "PUSHED!", "Apps" } do
      local answer = box:ask("POST", GROUPS, { displayName = name })
      assert.equal(409, answer.status)
      assert.same({ "Team name and handle must be unique" }, answer.json.errors)
    end
    local other = push "Other"
    for _, name in ipairs { "pushed", "Apps", "App People" } do
      assert.equal(409, box:ask("PUT", GROUPS .. "/" .. other.id, { displayName = name }).status)
      assert.equal(409, patch(other.id, { op = "replace", value = { displayName = name } }).status)
    end
    assert.equal("Other", team_of(other.id).name)
  end)

  it("need members who exist", function()
    local group = push("Pushed", "a")
    for _, id in ipairs { NOBODY, "bot" } do
      for _, answer in ipairs {
        box:ask("POST", GROUPS, { displayName = "New", members = member("a", id) }),
        box:ask("PUT", GROUPS .. "/" .. group.id, { displayName = "Pushed", members = member(id) }),
        patch(group.id, { op = "add", path = "members", value = member("b", id) }),
      } do
        assert.equal(400, answer.status)
        assert.same({ "the member does not exist: " .. id }, answer.json.errors)
      end
    end
    assert.equal("a", members(group.id))
    assert.equal(1, box.state.groups.count)
  end)

  local WRONG = {
    { "", "the body must be a JSON object" },
    { {}, "'displayName' is required" },
    { { displayName = 5 }, "'displayName' is required" },
    { { displayName = ("x"):rep(201) }, "'displayName' must not be longer than 200 characters" },
    { { displayName = "!?" }, "no handle can be made of 'displayName'" },
    { { displayName = "x", externalId = 5 }, "'externalId' must be a string" },
    { { displayName = "x", members = "a" }, "'members' must be a list" },
    { { displayName = "x", members = { "a" } }, "'members' should be object" },
  }

  it("are not made of what is not right", function()
    for _, row in ipairs(WRONG) do
      local answer = box:ask("POST", GROUPS, row[1])
      assert.equal(400, answer.status)
      assert.same({ row[2] }, answer.json.errors)
    end
    assert.equal(0, box.state.groups.count)
  end)

  describe("are found", function()
    local group

    before_each(function()
      push("Other", "b")
      group = box:must(
        201,
        "POST",
        GROUPS,
        { displayName = 'The "Core"', externalId = "Ext", members = member "a" }
      )
    end)

    local function found(filter)
      local list = box:must(
        200,
        "GET",
        GROUPS .. "?filter=" .. filter:gsub('[ "\\]', { [" "] = "%20", ['"'] = "%22", ["\\"] = "%5C" })
      )
      return list.totalResults, list.Resources[1] and list.Resources[1].id
    end

    it("by name, external id and membership", function()
      for _, filter in ipairs {
        'displayName eq "The \\"Core\\""',
        'DISPLAYNAME Eq "the \\"core\\""',
        'externalId eq "Ext"',
        'id eq "%s" and members eq "a"',
        'members eq "a" AND id eq "%s"',
      } do
        local count, id = found((filter:gsub("%%s", (group.id:gsub("%%", "%%%%")))))
        assert.equal(1, count, filter)
        assert.equal(group.id, id)
      end
      for _, filter in ipairs {
        'displayName eq "none"',
        'externalId eq "ext"',
        'members eq "b" and id eq "%s"',
        'id eq "x" and members eq "a"',
      } do
        assert.equal(0, (found((filter:gsub("%%s", (group.id:gsub("%%", "%%%%")))))), filter)
      end
    end)

    it("by nothing else", function()
      for _, filter in ipairs {
        'id eq "x"',
        'members eq "a"',
        'displayName sw "x"',
        "displayName eq x",
        'displayName eq "x" and externalId eq "y"',
        'id eq "x" or members eq "a"',
        'id eq "x" and id eq "x"',
        'members[value eq "a"]',
      } do
        local answer = box:ask("GET", GROUPS .. "?filter=" .. filter:gsub(" ", "+"))
        assert.equal(400, answer.status, filter)
      end
    end)

    it("in pages", function()
      local list = box:must(200, "GET", GROUPS .. "?count=1&startIndex=2")
      assert.equal(group.id, list.Resources[1].id)
      assert.equal(2, list.totalResults)
    end)
  end)

  it("are changed as Okta's agent does: the name again and the members' differences", function()
    local group = push "Test SCIMv2"
    local answer = patch(group.id, { op = "replace", value = { id = group.id, displayName = "Test SCIMv3" } })
    assert.equal(200, answer.status)
    assert.equal("Test SCIMv3", answer.json.displayName)
    assert.equal("test-scimv3", team_of(group.id).handle)
    patch(
      group.id,
      { op = "add", path = "members", value = { { value = "a", display = "x" }, { value = "b" } } }
    )
    assert.equal("a b", team_members(group.id))
    patch(
      group.id,
      { op = "remove", path = 'members[value eq "a"]' },
      { op = "add", path = "members", value = member("c", "b") }
    )
    assert.equal("b c", members(group.id))
    assert.equal("b c", team_members(group.id))
    patch(group.id, { op = "replace", path = "members", value = member "a" })
    assert.equal("a", team_members(group.id))
    patch(group.id, { op = "add", value = { members = member "b" } })
    assert.equal("a b", team_members(group.id))
  end)

  it("lose members by every form of remove; who is no member is no error", function()
    local group = push("Pushed", "a", "b", "c")
    assert.equal(
      200,
      patch(group.id, { op = "Remove", path = 'MEMBERS[VALUE EQ "a"]', value = json.null() }).status
    )
    assert.equal(200, patch(group.id, { op = "remove", path = 'members[value eq "a"]' }).status)
    assert.equal("b c", members(group.id))
    patch(group.id, { op = "remove", path = "members", value = member "b" })
    assert.equal("c", members(group.id))
    patch(group.id, { op = "remove", path = "members" })
    assert.equal("", team_members(group.id))
  end)

  it("keep the external id until it is changed", function()
    local group = box:must(201, "POST", GROUPS, { displayName = "Pushed", externalId = "one" })
    assert.equal(
      "one",
      box:must(200, "PUT", GROUPS .. "/" .. group.id, { displayName = "Pushed" }).externalId
    )
    assert.equal(
      "two",
      patch(group.id, { op = "replace", path = "externalId", value = "two" }).json.externalId
    )
    assert.is_nil(patch(group.id, { op = "remove", path = "externalId" }).json.externalId)
  end)

  it("are replaced by PUT: absent members and null leave nobody", function()
    for _, nobody in ipairs { json.array(), json.null(), false } do
      local group = push("Pushed", "a", "b")
      local body = { displayName = "Pushed", members = nobody or nil }
      assert.same({}, box:must(200, "PUT", GROUPS .. "/" .. group.id, body).members)
      assert.equal("", team_members(group.id))
      box:ask("DELETE", GROUPS .. "/" .. group.id)
    end
  end)

  it("are patched wholly or not at all", function()
    local group = push("Pushed", "a")
    local good = { op = "add", path = "members", value = member "b" }
    for _, wrong in ipairs {
      { op = "remove" },
      { op = "move", path = "members" },
      { op = "replace", value = 5 },
      { op = "remove", path = "displayName" },
      { op = "remove", path = 'members[display eq "x"]' },
      { op = "replace", path = "meta", value = {} },
      { op = "replace", value = { id = NOBODY } },
      { op = "replace", value = { displayName = "" } },
      { op = "remove", path = "members", value = "a" },
    } do
      assert.equal(400, patch(group.id, good, wrong).status)
      assert.equal("a", members(group.id))
    end
  end)

  it("leave their team behind when deleted: empty, unmanaged, free to be pushed again", function()
    local group = push("Pushed", "a", "b")
    assert.equal(204, box:ask("DELETE", GROUPS .. "/" .. group.id).status)
    for _, method in ipairs { "GET", "DELETE", "PUT", "PATCH" } do
      assert.equal(404, box:ask(method, GROUPS .. "/" .. group.id, { displayName = "x" }).status)
    end
    assert.is_false(team_of(group.id).is_managed)
    assert.equal("", team_members(group.id))
    assert.equal(0, box:must(200, "GET", GROUPS).totalResults)
    assert.equal(group.id, push("Pushed", "c").id)
    assert.is_true(team_of(group.id).is_managed)
    assert.equal("c", team_members(group.id))
  end)

  it("can be released without losing members", function()
    local group = push("Pushed", "a")
    groups.unlink(box.state, group.id, box.now)
    groups.unlink(box.state, group.id, box.now)
    assert.equal(404, box:ask("GET", GROUPS .. "/" .. group.id).status)
    assert.is_false(team_of(group.id).is_managed)
    assert.equal("a", team_members(group.id))
  end)

  it("lose a user whom SCIM deletes", function()
    local group = push("Pushed", "a", "b")
    assert.equal(204, box:ask("DELETE", "/api/v2/scim/Users/a").status)
    assert.equal("b", members(group.id))
    assert.equal("b", team_members(group.id))
  end)

  it("are the managed teams of a seed", function()
    box = datadog.new {
      users = SEED.users,
      teams = {
        {
          name = "Seeded",
          handle = "seeded",
          id = "team-s",
          is_managed = true,
          external_id = "ext",
          members = { "a" },
        },
      },
    }
    local group = box:must(200, "GET", GROUPS .. "/team-s")
    assert.equal("ext", group.externalId)
    assert.equal("Seeded", group.displayName)
    assert.equal("a", ids(group.members))
  end)

  describe("with a delay", function()
    before_each(function() box = datadog.new(SEED, { managed_delay = 60 }) end)

    local function later(seconds) box.now = box.now + seconds end

    local function shown()
      local list = {}
      for i, team in ipairs(box:must(200, "GET", TEAMS).data) do
        list[i] = team.attributes.handle .. (team.attributes.is_managed and "*" or "")
      end
      return table.concat(list, " ")
    end

    it("are there at once, and their team a while later", function()
      local group = push("Pushed", "a")
      assert.equal("a", members(group.id))
      assert.equal("core-platform app-people", shown())
      later(59)
      assert.equal("core-platform app-people", shown())
      later(1)
      assert.equal("core-platform app-people pushed*", shown())
      patch(group.id, { op = "add", path = "members", value = member "b" })
      assert.equal("a b", members(group.id))
      assert.equal("a", team_members(group.id))
      later(60)
      assert.equal("a b", team_members(group.id))
      box:ask("DELETE", GROUPS .. "/" .. group.id)
      assert.equal("core-platform app-people pushed*", shown())
      later(60)
      assert.equal("core-platform app-people pushed", shown())
      assert.equal("", team_members(group.id))
    end)

    it("have one name each, also while they wait", function()
      push "Pushed"
      assert.equal(409, box:ask("POST", GROUPS, { displayName = "pushed" }).status)
    end)

    it("never come when they are deleted before", function()
      local group = push "Pushed"
      box:ask("DELETE", GROUPS .. "/" .. group.id)
      later(120)
      assert.equal("core-platform app-people", shown())
    end)

    it("stay without a team that somebody else made meanwhile", function()
      push "Pushed"
      box:must(
        201,
        "POST",
        TEAMS,
        { data = { type = "team", attributes = { name = "Mine", handle = "pushed" } } }
      )
      later(60)
      assert.equal("core-platform app-people pushed", shown())
    end)
  end)
end)
