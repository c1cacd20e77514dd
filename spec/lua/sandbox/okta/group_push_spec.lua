-- lua/ddokta/sandbox/okta/group_push.lua, and what the agent makes of it in Datadog
local faults = require "ddokta.sandbox.faults"
local okta = require "spec.lua.sandbox.okta"

local MAPPINGS = okta.APP .. "/group-push/mappings"
local person = okta.person

local SEED = {
  users = { person "ada", person "bob", person "cyd" },
  groups = {
    {
      name = "Platform",
      id = "00gplatform",
      members = { "ada@example.com", "bob@example.com", "cyd@example.com" },
    },
    { name = "Security", id = "00gsecurity" },
  },
  apps = {
    { name = "datadog", id = okta.APP:match("[^/]*$"), users = { "ada@example.com", "bob@example.com" } },
  },
}

describe("pushing a group from the sandbox's Okta", function()
  local box

  before_each(function() box = okta.new(SEED) end)

  local function push(fields)
    local given = { sourceGroupId = "00gplatform", targetGroupName = "Platform" }
    for name, value in pairs(fields or {}) do
      given[name] = value or nil
    end
    return box:must(201, "POST", MAPPINGS, given)
  end

  local function path(mapping) return MAPPINGS .. "/" .. mapping.id end

  local function get(mapping) return box:must(200, "GET", path(mapping)) end

  local function set_member(method, user)
    box:must(204, method, "/api/v1/groups/00gplatform/users/00u" .. user)
  end

  it("makes a managed team with the members who have the app", function()
    box:must(200, "GET", "/api/v1/apps")
    box:sent()
    local mapping = push()
    assert.matches("^gPm", mapping.id)
    assert.same(
      { "ACTIVE", "", "00gplatform", "2024-05-05T12:26:40.000Z" },
      { mapping.status, mapping.errorSummary, mapping.sourceGroupId, mapping.lastPush }
    )
    assert.same({ "GET /Groups", "POST /Groups", "PATCH /Groups/{id}", "PATCH /Groups/{id}" }, box:sent())
    assert.equal("Platform", box:sent_body("POST", "/Groups").displayName)
    assert.equal("members", box:sent_body("PATCH", "/Groups").Operations[1].path)
    assert.is_true(box:team("Platform").is_managed)
    assert.equal("ada bob", box:members "Platform")
    local target = box:must(200, "GET", "/api/v1/groups/" .. mapping.targetGroupId .. "?expand=app")
    assert.same(
      { "APP_GROUP", "Platform", "datadog" },
      { target.type, target.profile.name, target._embedded.app.name }
    )
  end)

  it("takes over a team that is there already, with exactly the group's members", function()
    local teams = require "ddokta.sandbox.datadog.teams"
    local team = teams.add_team(box.state, { name = "Platform", handle = "platform" })
    box:must(200, "GET", "/api/v1/apps")
    for _, user in ipairs(box.state.people:all()) do
      teams.join(team, user.id)
    end
    push()
    assert.equal(team, box:team "Platform")
    assert.is_true(team.is_managed)
    assert.equal("ada bob", box:members "Platform")
  end)

  it("links to the SCIM group of the same name when there is one", function()
    box:scim(
      "POST",
      "/Groups",
      { schemas = { "urn:ietf:params:scim:schemas:core:2.0:Group" }, displayName = "Platform", members = {} }
    )
    box:sent()
    push()
    assert.same({ "GET /Groups", "PATCH /Groups/{id}", "PATCH /Groups/{id}" }, box:sent())
    assert.equal("ada bob", box:members "Platform")
  end)

  it("needs a source, one kind of target, and provisioning", function()
    for _, case in ipairs {
      { { targetGroupName = "x" }, "sourceGroupId" },
      { { sourceGroupId = "00gplatform" }, "targetGroup" },
      { { sourceGroupId = "00gplatform", targetGroupName = "x", targetGroupId = "y" }, "targetGroup" },
      { { sourceGroupId = "00gnone", targetGroupName = "x" }, "sourceGroupId" },
      { { sourceGroupId = "00gplatform", targetGroupId = "00gsecurity" }, "targetGroupId" },
      { { sourceGroupId = "00gplatform", targetGroupName = "x", status = "ERROR" }, "status" },
      { { sourceGroupId = "00gplatform", targetGroupName = "" }, "targetGroupName" },
    } do
      local problem = box:must(400, "POST", MAPPINGS, case[1])
      assert.equal("Api validation failed: " .. case[2], problem.errorSummary)
    end
    push()
    assert.matches(
      "already mapped",
      box:must(400, "POST", MAPPINGS, { sourceGroupId = "00gplatform", targetGroupName = "x" }).errorCauses[1].errorSummary
    )
    box:must(404, "POST", "/api/v1/apps/0oanone/group-push/mappings", { sourceGroupId = "00gplatform" })
  end)

  it("is refused while the app's provisioning is off", function()
    box = okta.new {
      groups = SEED.groups,
      users = SEED.users,
      apps = { { name = "datadog", id = okta.APP:match("[^/]*$"), provisioning = false } },
    }
    local problem = box:must(400, "POST", MAPPINGS, { sourceGroupId = "00gplatform", targetGroupName = "x" })
    assert.equal("E0000001", problem.errorCode)
    assert.equal("Provisioning is not enabled for the app instance.", problem.errorCauses[1].errorSummary)
  end)

  it("begins when an inactive mapping is made active", function()
    local mapping = push { status = "INACTIVE" }
    assert.equal("INACTIVE", mapping.status)
    assert.is_nil(mapping.targetGroupId)
    assert.is_nil(mapping.lastPush)
    assert.is_nil(box:team "Platform")
    box.now = box.now + 60
    mapping = box:must(200, "PATCH", path(mapping), { status = "ACTIVE" })
    assert.equal("2024-05-05T12:27:40.000Z", mapping.lastPush)
    assert.equal("ada bob", box:members "Platform")
    for _, body in ipairs { {}, { status = "ERROR" }, { status = 7 } } do
      box:must(400, "PATCH", path(mapping), body)
    end
    box:must(404, "PATCH", MAPPINGS .. "/gPmnone", { status = "ACTIVE" })
  end)

  it("follows the group: what is sent is the difference, with the name", function()
    push()
    box:sent()
    set_member("DELETE", "ada")
    assert.same({ "PATCH /Groups/{id}", "PATCH /Groups/{id}" }, box:sent())
    assert.matches(
      '^members%[value eq "%x+%-[%x%-]+"%]$',
      box:sent_body("PATCH", "/Groups").Operations[1].path
    )
    assert.equal("bob", box:members "Platform")
    set_member("PUT", "ada")
    assert.equal("add", box:sent_body("PATCH", "/Groups").Operations[1].op)
    assert.equal("ada bob", box:members "Platform")
  end)

  it("brings a member as soon as the member has the app, and drops one who loses it", function()
    push()
    box:must(200, "POST", okta.APP .. "/users", { id = "00ucyd" })
    assert.equal("ada bob cyd", box:members "Platform")
    box:must(204, "DELETE", okta.APP .. "/users/00uada")
    assert.equal("bob cyd", box:members "Platform")
    box:must(200, "POST", "/api/v1/users/00ubob/lifecycle/deactivate")
    assert.equal("cyd", box:members "Platform")
  end)

  it("sends one change of members for many who come at once", function()
    box = okta.new { users = SEED.users, groups = SEED.groups }
    push()
    box:sent()
    box:must(200, "PUT", okta.APP .. "/groups/00gplatform")
    assert.same({
      "GET /Users",
      "POST /Users",
      "GET /Users",
      "POST /Users",
      "GET /Users",
      "POST /Users",
      "PATCH /Groups/{id}",
      "PATCH /Groups/{id}",
    }, box:sent())
    assert.equal(3, #box:sent_body("PATCH", "/Groups").Operations[1].value)
    assert.equal("ada bob cyd", box:members "Platform")
  end)

  it("does not follow an inactive mapping, and makes up for it later", function()
    local mapping = push()
    box:must(200, "PATCH", path(mapping), { status = "INACTIVE" })
    set_member("DELETE", "ada")
    assert.equal("ada bob", box:members "Platform")
    box:must(200, "PATCH", path(mapping), { status = "ACTIVE" })
    assert.equal("bob", box:members "Platform")
  end)

  it("is in error when Datadog refuses, and says why", function()
    faults.add(
      box.state.faults,
      { status = 400, method = "POST", path = "/api/v2/scim/Groups", body = '{"errors":["no more teams"]}' }
    )
    local mapping = push()
    assert.same({ "ERROR", "Datadog answered 400: no more teams" }, { mapping.status, mapping.errorSummary })
    assert.is_nil(mapping.lastPush)
    assert.equal(mapping.id, box:must(200, "GET", MAPPINGS .. "?status=ERROR")[1].id)
    box:must(400, "DELETE", path(mapping) .. "?deleteTargetGroup=false")
    mapping = box:must(200, "PATCH", path(mapping), { status = "ACTIVE" })
    assert.same({ "ACTIVE", "" }, { mapping.status, mapping.errorSummary })
    assert.equal("ada bob", box:members "Platform")
  end)

  it("is in error when another team has the name, or a permission is missing", function()
    local teams = require "ddokta.sandbox.datadog.teams"
    teams.add_team(box.state, { name = "Platform", handle = "another" })
    assert.matches("Team name and handle must be unique", push().errorSummary)
    box = okta.new(SEED, { permissions = { "user_access_invite" } })
    assert.equal("Datadog answered 403: Forbidden", push().errorSummary)
  end)

  it("recovers from an error with the next change", function()
    local mapping = push()
    faults.add(box.state.faults, { status = 500, path = "^/api/v2/scim/Groups/" })
    set_member("DELETE", "ada")
    assert.equal("ERROR", get(mapping).status)
    assert.equal("ada bob", box:members "Platform")
    set_member("PUT", "ada")
    set_member("DELETE", "bob")
    assert.equal("ACTIVE", get(mapping).status)
    assert.equal("ada", box:members "Platform")
  end)

  it("ends only when inactive, and only with a word on the team", function()
    local mapping = push()
    assert.equal(
      "Api validation failed: status",
      box:must(400, "DELETE", path(mapping) .. "?deleteTargetGroup=true").errorSummary
    )
    box:must(200, "PATCH", path(mapping), { status = "INACTIVE" })
    for _, query in ipairs { "", "?deleteTargetGroup=", "?deleteTargetGroup=yes" } do
      assert.equal(
        "Api validation failed: deleteTargetGroup",
        box:must(400, "DELETE", path(mapping) .. query).errorSummary
      )
    end
    assert.equal("INACTIVE", get(mapping).status)
    box:must(204, "DELETE", path(mapping) .. "?deleteTargetGroup=false")
    box:must(404, "DELETE", path(mapping) .. "?deleteTargetGroup=false")
    box:must(404, "GET", path(mapping))
  end)

  it("leaves the team to Datadog with its members", function()
    local mapping = push()
    box:must(200, "PATCH", path(mapping), { status = "INACTIVE" })
    box:sent()
    box:must(204, "DELETE", path(mapping) .. "?deleteTargetGroup=false")
    assert.same({}, box:sent())
    assert.is_false(box:team("Platform").is_managed)
    assert.equal("ada bob", box:members "Platform")
    box:must(404, "GET", "/api/v1/groups/" .. mapping.targetGroupId)
  end)

  it("empties the team that was to be deleted and keeps it", function()
    local mapping = push()
    box:must(200, "PATCH", path(mapping), { status = "INACTIVE" })
    box:sent()
    box:must(204, "DELETE", path(mapping) .. "?deleteTargetGroup=true")
    assert.same({ "DELETE /Groups/{id}" }, box:sent())
    assert.is_false(box:team("Platform").is_managed)
    assert.equal("", box:members "Platform")
    assert.equal("ACTIVE", push().status)
    assert.equal("ada bob", box:members "Platform")
  end)

  it("begins anew after Datadog has lost the group", function()
    local mapping = push()
    box:scim("DELETE", "/Groups/" .. box:team("Platform").id)
    set_member("DELETE", "ada")
    assert.matches("Datadog answered 404", get(mapping).errorSummary)
    box:must(200, "PATCH", path(mapping), { status = "INACTIVE" })
    box:must(204, "DELETE", path(mapping) .. "?deleteTargetGroup=true")
    assert.equal("ACTIVE", push().status)
    assert.equal("bob", box:members "Platform")
  end)

  it("can be tied to a group of the app again", function()
    local target = push().targetGroupId
    local second = push { sourceGroupId = "00gsecurity", targetGroupName = false, targetGroupId = target }
    assert.equal(target, second.targetGroupId)
    assert.equal("", box:members "Platform")
  end)

  it("is listed by source, status and time, in pages", function()
    local first = push()
    box.now = box.now + 3600
    local second = push { sourceGroupId = "00gsecurity", targetGroupName = "Security", status = "INACTIVE" }
    local function ids(query)
      local list = {}
      for i, mapping in ipairs(box:must(200, "GET", MAPPINGS .. query)) do
        list[i] = mapping.id
      end
      return list
    end
    assert.same({ first.id, second.id }, ids "")
    assert.same({ first.id }, ids "?sourceGroupId=00gplatform")
    assert.same({ second.id }, ids "?status=INACTIVE")
    assert.same({ second.id }, ids "?lastUpdated=2024-05-05T13:26:40Z")
    assert.same({ first.id, second.id }, ids "?lastUpdated=2024-05-05T12:26:40Z")
    local page = box:ask("GET", MAPPINGS .. "?limit=1")
    assert.same({ second.id }, ids(page.headers["Link"][2]:match("mappings([^>]*)>")))
    for _, query in ipairs { "?status=x", "?lastUpdated=yesterday", "?limit=1001" } do
      box:must(400, "GET", MAPPINGS .. query)
    end
    assert.equal(
      "Not found: Resource not found: 0oanone (AppInstance)",
      box:must(404, "GET", "/api/v1/apps/0oanone/group-push/mappings").errorSummary
    )
  end)

  it("is seen after the delay that is set", function()
    box = okta.new(SEED, { push_delay = 60 })
    box:must(200, "GET", "/api/v1/apps")
    local mapping = push()
    assert.is_nil(mapping.lastPush)
    assert.is_nil(box:team "Platform")
    box.now = box.now + 59
    box:must(200, "GET", "/api/v1/apps")
    assert.is_nil(box:team "Platform")
    box.now = box.now + 1
    assert.equal("2024-05-05T12:27:40.000Z", get(mapping).lastPush)
    assert.equal("ada bob", box:members "Platform")
  end)

  it("can be there at the start", function()
    local app = { name = "datadog", groups = { "Platform" }, push = { "Platform" } }
    box = okta.new { users = SEED.users, groups = SEED.groups, apps = { app } }
    box:must(200, "GET", "/api/v1/apps")
    assert.equal("ada bob cyd", box:members "Platform")
  end)
end)
