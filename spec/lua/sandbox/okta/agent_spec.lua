-- lua/ddokta/sandbox/okta/agent.lua: what Okta's agent makes in Datadog of who has the app
local faults = require "ddokta.sandbox.faults"
local okta = require "spec.lua.sandbox.okta"

local APP = okta.APP
local USERS, GROUPS = APP .. "/users", APP .. "/groups"

describe("the agent of the sandbox's Okta", function()
  local box

  before_each(function() box = okta.new(okta.ASSIGNED) end)

  it("makes the user in Datadog with what Okta's agent sends", function()
    local made = box:must(200, "POST", USERS, { id = "00uada" })
    assert.same({ "GET /Users", "POST /Users" }, box:sent())
    local sent = box:sent_body("POST", "/Users")
    assert.same({ "urn:ietf:params:scim:schemas:core:2.0:User" }, sent.schemas)
    assert.equal("ada@example.com", sent.userName)
    assert.same({ givenName = "Ada", familyName = "Test", formatted = "Ada Test" }, sent.name)
    assert.same({ { primary = true, type = "work", value = "ada@example.com" } }, sent.emails)
    assert.equal("00uada", sent.externalId)
    assert.is_true(sent.active)
    assert.same({}, sent.groups)
    assert.matches("^pw%w+$", sent.password)
    local user = box:scim_user "ada@example.com"
    assert.equal(user.id, made.externalId)
    assert.equal("Ada Test", user.name.formatted)
    assert.same({ "USER", "PROVISIONED", "SYNCHRONIZED" }, { made.scope, made.status, made.syncState })
  end)

  it("adopts a user that is there, and brings one back that was deactivated", function()
    local id = box:scim("POST", "/Users", {
      schemas = { "urn:ietf:params:scim:schemas:core:2.0:User" },
      userName = "ada@example.com",
      name = { formatted = "Old" },
      active = true,
      emails = { { primary = true, type = "work", value = "ada@example.com" } },
    }).id
    box:scim("PATCH", "/Users/" .. id, {
      schemas = { "urn:ietf:params:scim:api:messages:2.0:PatchOp" },
      Operations = { { op = "replace", value = { active = false } } },
    })
    local made = box:must(200, "POST", USERS, { id = "00uada" })
    assert.same({ "GET /Users", "PATCH /Users/{id}", "GET /Users/{id}", "PUT /Users/{id}" }, box:sent())
    assert.equal(id, made.externalId)
    assert.is_true(box:scim_user("ada@example.com").active)
    assert.equal("Ada Test", box:scim_user("ada@example.com").name.formatted)
  end)

  it("creates nobody while Create Users is off", function()
    box = okta.new {
      users = okta.ASSIGNED.users,
      apps = { { name = "datadog", id = APP:match("[^/]*$"), provisioning = { update = true } } },
    }
    assert.equal("ERROR", box:must(200, "POST", USERS, { id = "00uada" }).syncState)
    assert.same({ "GET /Users" }, box:sent())
  end)

  it("sends nothing while provisioning is off", function()
    box = okta.new {
      users = okta.ASSIGNED.users,
      apps = { { name = "datadog", id = APP:match("[^/]*$"), provisioning = false } },
    }
    local made = box:must(200, "POST", USERS, { id = "00uada" })
    assert.same({ "ACTIVE", "DISABLED" }, { made.status, made.syncState })
    assert.is_nil(made.externalId)
    box:must(204, "DELETE", USERS .. "/00uada")
    assert.same({}, box:sent())
  end)

  it("changes the user in Datadog when the profile changes, here or in Okta", function()
    box:must(200, "POST", USERS, { id = "00uada" })
    box:sent()
    local changed = box:must(200, "POST", USERS .. "/00uada", { profile = { displayName = "Countess" } })
    assert.same({ "GET /Users/{id}", "PUT /Users/{id}" }, box:sent())
    assert.equal("Countess", box:scim_user("ada@example.com").name.formatted)
    assert.equal("SYNCHRONIZED", changed.syncState)
    box:must(200, "POST", "/api/v1/users/00uada", { profile = { displayName = "Ada L", title = "Dr" } })
    assert.equal("Ada L", box:scim_user("ada@example.com").name.formatted)
    assert.equal("Dr", box:scim_user("ada@example.com").title)
    for _, case in ipairs { {}, { profile = 7 }, { credentials = { userName = ("u"):rep(101) } } } do
      box:must(400, "POST", USERS .. "/00uada", case)
    end
    box:must(404, "POST", USERS .. "/00ubob", { profile = { title = "x" } })
  end)

  it("gives the role that the profile has", function()
    local role
    for _, record in ipairs(box.state.roles:all()) do
      role = role or record
    end
    box:must(200, "POST", USERS, { id = "00uada", profile = { role = role.id } })
    assert.equal(role.id, box:scim_user("ada@example.com").roles[1].value)
  end)

  it("never deletes a user in Datadog: one who loses the app is deactivated", function()
    box:must(200, "POST", USERS, { id = "00uada" })
    box:sent()
    box:must(204, "DELETE", USERS .. "/00uada")
    assert.same({ "PATCH /Users/{id}" }, box:sent())
    assert.same(
      { { op = "replace", value = { active = false } } },
      box:sent_body("PATCH", "/Users").Operations
    )
    assert.is_false(box:scim_user("ada@example.com").active)
    box:must(404, "DELETE", USERS .. "/00uada")
    box:must(404, "GET", USERS .. "/00uada")
  end)

  it("follows a user who is deactivated in Okta, not one who is suspended", function()
    box:must(200, "PUT", GROUPS .. "/00gplatform")
    box:sent()
    box:must(200, "POST", "/api/v1/users/00uada/lifecycle/suspend")
    assert.same({}, box:sent())
    assert.is_true(box:scim_user("ada@example.com").active)
    box:must(200, "POST", "/api/v1/users/00uada/lifecycle/deactivate")
    assert.same({ "PATCH /Users/{id}" }, box:sent())
    assert.is_false(box:scim_user("ada@example.com").active)
    assert.equal(1, #box:must(200, "GET", "/api/v1/groups/00gplatform/users"))
  end)

  it("is in error when Datadog refuses, and right again after the next change", function()
    faults.add(
      box.state.faults,
      { status = 400, method = "POST", path = "/api/v2/scim/Users", body = '{"errors":["no seat left"]}' }
    )
    assert.equal("ERROR", box:must(200, "POST", USERS, { id = "00uada" }).syncState)
    assert.equal(
      "SYNCHRONIZED",
      box:must(200, "POST", USERS .. "/00uada", { profile = { title = "Dr" } }).syncState
    )
    assert.is_true(box:scim_user("ada@example.com").active)
  end)

  it("is seen in Datadog after the delay that is set", function()
    box = okta.new(okta.ASSIGNED, { push_delay = 30 })
    local made = box:must(200, "POST", USERS, { id = "00uada" })
    assert.same({ "STAGED", "SYNCING" }, { made.status, made.syncState })
    assert.is_nil(box:scim_user "ada@example.com")
    box.now = box.now + 30
    assert.is_true(box:scim_user("ada@example.com").active)
    box:must(204, "DELETE", USERS .. "/00uada")
    assert.is_true(box:scim_user("ada@example.com").active)
    box:must(200, "POST", USERS, { id = "00uada" })
    box.now = box.now + 60
    assert.is_true(box:scim_user("ada@example.com").active)
  end)

  it("is forgotten when it is taken back before the delay is over", function()
    box = okta.new(okta.ASSIGNED, { push_delay = 30 })
    box:must(200, "POST", USERS, { id = "00uada" })
    box:must(204, "DELETE", USERS .. "/00uada")
    box.now = box.now + 60
    assert.is_nil(box:scim_user "ada@example.com")
    assert.same({}, box:sent())
  end)

  it("waits as long as a 429 says, then twice as long, and gives up after ten tries", function()
    faults.add(
      box.state.faults,
      { status = 429, times = 2, path = "/api/v2/scim/Users", headers = { ["Retry-After"] = "10" } }
    )
    assert.equal("SYNCING", box:must(200, "POST", USERS, { id = "00uada" }).syncState)
    box.now = box.now + 10 + 19
    assert.equal("SYNCING", box:must(200, "GET", USERS .. "/00uada").syncState)
    box.now = box.now + 1
    assert.equal("SYNCHRONIZED", box:must(200, "GET", USERS .. "/00uada").syncState)
    faults.add(box.state.faults, { status = 429, times = "always", path = "/api/v2/scim/Users" })
    box:sent()
    box:must(200, "POST", USERS, { id = "00ubob" })
    box.now = box.now + 300 * 2 ^ 10
    assert.equal("ERROR", box:must(200, "GET", USERS .. "/00ubob").syncState)
    assert.equal(10, #box:sent())
  end)

  it("fails as the real one does on an answer that is lost or empty", function()
    faults.add(box.state.faults, { reset = true, path = "/api/v2/scim/Users" })
    assert.equal("ERROR", box:must(200, "POST", USERS, { id = "00uada" }).syncState)
    faults.add(box.state.faults, { status = 201, body = "", method = "POST", path = "/api/v2/scim/Users" })
    assert.equal("ERROR", box:must(200, "POST", USERS, { id = "00ubob" }).syncState)
  end)
end)
