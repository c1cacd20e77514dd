-- lua/ddokta/sandbox/okta/app_users.lua and app_groups.lua, and what the agent makes of them in Datadog
local faults = require "ddokta.sandbox.faults"
local okta = require "spec.lua.sandbox.okta"

local APP, USERS, GROUPS = okta.APP, okta.APP .. "/users", okta.APP .. "/groups"
local person = okta.person

local SEED = {
  users = { person "ada", person "bob", person "cyd" },
  groups = {
    { name = "Platform", id = "00gplatform", members = { "ada@example.com", "bob@example.com" } },
    { name = "Security", id = "00gsecurity", members = { "bob@example.com" } },
  },
}

local function logins(list)
  local names = {}
  for i, item in ipairs(list) do
    names[i] = item.credentials.userName:match("^[^@]*")
  end
  return table.concat(names, " ")
end

describe("assigning the app to a user in the sandbox's Okta", function()
  local house

  before_each(function() house = okta.new(SEED) end)

  it("makes the user in Datadog with what Okta's agent sends", function()
    local made = house:must(200, "POST", USERS, { id = "00uada" })
    assert.same({ "GET /Users", "POST /Users" }, house:sent())
    local sent = house:sent_body("POST", "/Users")
    assert.same({ "urn:ietf:params:scim:schemas:core:2.0:User" }, sent.schemas)
    assert.equal("ada@example.com", sent.userName)
    assert.same({ givenName = "Ada", familyName = "Test", formatted = "Ada Test" }, sent.name)
    assert.same({ { primary = true, type = "work", value = "ada@example.com" } }, sent.emails)
    assert.equal("00uada", sent.externalId)
    assert.is_true(sent.active)
    assert.same({}, sent.groups)
    assert.matches("^pw%w+$", sent.password)
    local user = house:scim_user "ada@example.com"
    assert.equal(user.id, made.externalId)
    assert.equal("Ada Test", user.name.formatted)
    assert.same({ "USER", "PROVISIONED", "SYNCHRONIZED" }, { made.scope, made.status, made.syncState })
  end)

  it("adopts a user that is there, and brings one back that was deactivated", function()
    local id = house:scim("POST", "/Users", {
      schemas = { "urn:ietf:params:scim:schemas:core:2.0:User" },
      userName = "ada@example.com",
      name = { formatted = "Old" },
      active = true,
      emails = { { primary = true, type = "work", value = "ada@example.com" } },
    }).id
    house:scim("PATCH", "/Users/" .. id, {
      schemas = { "urn:ietf:params:scim:api:messages:2.0:PatchOp" },
      Operations = { { op = "replace", value = { active = false } } },
    })
    local made = house:must(200, "POST", USERS, { id = "00uada" })
    assert.same({ "GET /Users", "PATCH /Users/{id}", "GET /Users/{id}", "PUT /Users/{id}" }, house:sent())
    assert.equal(id, made.externalId)
    assert.is_true(house:scim_user("ada@example.com").active)
    assert.equal("Ada Test", house:scim_user("ada@example.com").name.formatted)
  end)

  it("creates nobody while Create Users is off", function()
    house = okta.new {
      users = SEED.users,
      apps = { { name = "datadog", id = APP:match("[^/]*$"), provisioning = { update = true } } },
    }
    assert.equal("ERROR", house:must(200, "POST", USERS, { id = "00uada" }).syncState)
    assert.same({ "GET /Users" }, house:sent())
  end)

  it("sends nothing while provisioning is off", function()
    house = okta.new {
      users = SEED.users,
      apps = { { name = "datadog", id = APP:match("[^/]*$"), provisioning = false } },
    }
    local made = house:must(200, "POST", USERS, { id = "00uada" })
    assert.same({ "ACTIVE", "DISABLED" }, { made.status, made.syncState })
    assert.is_nil(made.externalId)
    house:must(204, "DELETE", USERS .. "/00uada")
    assert.same({}, house:sent())
  end)

  it("takes the place of a group's assignment, and is not made twice", function()
    house:must(200, "PUT", GROUPS .. "/00gsecurity")
    assert.equal("GROUP", house:must(200, "GET", USERS .. "/00ubob").scope)
    assert.equal("USER", house:must(200, "POST", USERS, { id = "00ubob" }).scope)
    assert.equal("bob", logins(house:must(200, "GET", USERS)))
    house:must(204, "DELETE", USERS .. "/00ubob")
    assert.equal("GROUP", house:must(200, "GET", USERS .. "/00ubob").scope)
    assert.is_true(house:scim_user("bob@example.com").active)
  end)

  it("needs a user and fields of their types", function()
    house:must(404, "POST", USERS, { id = "00unone" })
    house:must(200, "POST", "/api/v1/users/00ucyd/lifecycle/deactivate")
    house:must(404, "POST", USERS, { id = "00ucyd" })
    house:must(404, "POST", "/api/v1/apps/0oanone/users", { id = "00uada" })
    for _, case in ipairs {
      {},
      { id = 7 },
      { id = "00uada", scope = "x" },
      { id = "00uada", profile = "x" },
      { id = "00uada", credentials = { userName = "" } },
    } do
      assert.equal("E0000001", house:must(400, "POST", USERS, case).errorCode)
    end
    assert.same({}, house:must(200, "GET", USERS))
  end)

  it("can be got, listed in pages, searched and embedded", function()
    house:must(200, "PUT", GROUPS .. "/00gplatform")
    house:must(200, "POST", USERS, { id = "00ucyd" })
    local page = house:ask("GET", USERS .. "?limit=2")
    assert.equal("ada bob", logins(page.json))
    assert.equal("cyd", logins(house:must(200, "GET", page.headers["Link"][2]:match("8443(/[^>]*)>"))))
    assert.equal("bob", logins(house:must(200, "GET", USERS .. "?q=BO")))
    assert.equal("00uada", house:must(200, "GET", USERS .. "?expand=user")[1]._embedded.user.id)
    assert.equal("ada", logins { house:must(200, "GET", USERS .. "/00uada") })
    house:must(404, "GET", USERS .. "/00unone")
    house:must(400, "GET", USERS .. "?limit=501")
  end)

  it("changes the user in Datadog when the profile changes, here or in Okta", function()
    house:must(200, "POST", USERS, { id = "00uada" })
    house:sent()
    local changed = house:must(200, "POST", USERS .. "/00uada", { profile = { displayName = "Countess" } })
    assert.same({ "GET /Users/{id}", "PUT /Users/{id}" }, house:sent())
    assert.equal("Countess", house:scim_user("ada@example.com").name.formatted)
    assert.equal("SYNCHRONIZED", changed.syncState)
    house:must(200, "POST", "/api/v1/users/00uada", { profile = { displayName = "Ada L", title = "Dr" } })
    assert.equal("Ada L", house:scim_user("ada@example.com").name.formatted)
    assert.equal("Dr", house:scim_user("ada@example.com").title)
    for _, case in ipairs { {}, { profile = 7 }, { credentials = { userName = ("u"):rep(101) } } } do
      house:must(400, "POST", USERS .. "/00uada", case)
    end
    house:must(404, "POST", USERS .. "/00ubob", { profile = { title = "x" } })
  end)

  it("gives the role that the profile has", function()
    local role
    for _, record in ipairs(house.state.roles:all()) do
      role = role or record
    end
    house:must(200, "POST", USERS, { id = "00uada", profile = { role = role.id } })
    assert.equal(role.id, house:scim_user("ada@example.com").roles[1].value)
  end)

  it("never deletes a user in Datadog: one who loses the app is deactivated", function()
    house:must(200, "POST", USERS, { id = "00uada" })
    house:sent()
    house:must(204, "DELETE", USERS .. "/00uada")
    assert.same({ "PATCH /Users/{id}" }, house:sent())
    assert.same(
      { { op = "replace", value = { active = false } } },
      house:sent_body("PATCH", "/Users").Operations
    )
    assert.is_false(house:scim_user("ada@example.com").active)
    house:must(404, "DELETE", USERS .. "/00uada")
    house:must(404, "GET", USERS .. "/00uada")
  end)

  it("follows a user who is deactivated in Okta, not one who is suspended", function()
    house:must(200, "PUT", GROUPS .. "/00gplatform")
    house:sent()
    house:must(200, "POST", "/api/v1/users/00uada/lifecycle/suspend")
    assert.same({}, house:sent())
    assert.is_true(house:scim_user("ada@example.com").active)
    house:must(200, "POST", "/api/v1/users/00uada/lifecycle/deactivate")
    assert.same({ "PATCH /Users/{id}" }, house:sent())
    assert.is_false(house:scim_user("ada@example.com").active)
    assert.equal(1, #house:must(200, "GET", "/api/v1/groups/00gplatform/users"))
  end)

  it("is in error when Datadog refuses, and right again after the next change", function()
    faults.add(
      house.state.faults,
      { status = 400, method = "POST", path = "/api/v2/scim/Users", body = '{"errors":["no seat left"]}' }
    )
    assert.equal("ERROR", house:must(200, "POST", USERS, { id = "00uada" }).syncState)
    assert.equal(
      "SYNCHRONIZED",
      house:must(200, "POST", USERS .. "/00uada", { profile = { title = "Dr" } }).syncState
    )
    assert.is_true(house:scim_user("ada@example.com").active)
  end)

  it("is seen in Datadog after the delay that is set", function()
    house = okta.new(SEED, { push_delay = 30 })
    local made = house:must(200, "POST", USERS, { id = "00uada" })
    assert.same({ "STAGED", "SYNCING" }, { made.status, made.syncState })
    assert.is_nil(house:scim_user "ada@example.com")
    house.now = house.now + 30
    assert.is_true(house:scim_user("ada@example.com").active)
    house:must(204, "DELETE", USERS .. "/00uada")
    assert.is_true(house:scim_user("ada@example.com").active)
    house:must(200, "POST", USERS, { id = "00uada" })
    house.now = house.now + 60
    assert.is_true(house:scim_user("ada@example.com").active)
  end)

  it("is forgotten when it is taken back before the delay is over", function()
    house = okta.new(SEED, { push_delay = 30 })
    house:must(200, "POST", USERS, { id = "00uada" })
    house:must(204, "DELETE", USERS .. "/00uada")
    house.now = house.now + 60
    assert.is_nil(house:scim_user "ada@example.com")
    assert.same({}, house:sent())
  end)

  it("waits as long as a 429 says, then twice as long, and gives up after ten tries", function()
    faults.add(
      house.state.faults,
      { status = 429, times = 2, path = "/api/v2/scim/Users", headers = { ["Retry-After"] = "10" } }
    )
    assert.equal("SYNCING", house:must(200, "POST", USERS, { id = "00uada" }).syncState)
    house.now = house.now + 10 + 19
    assert.equal("SYNCING", house:must(200, "GET", USERS .. "/00uada").syncState)
    house.now = house.now + 1
    assert.equal("SYNCHRONIZED", house:must(200, "GET", USERS .. "/00uada").syncState)
    faults.add(house.state.faults, { status = 429, times = "always", path = "/api/v2/scim/Users" })
    house:sent()
    house:must(200, "POST", USERS, { id = "00ubob" })
    house.now = house.now + 300 * 2 ^ 10
    assert.equal("ERROR", house:must(200, "GET", USERS .. "/00ubob").syncState)
    assert.equal(10, #house:sent())
  end)

  it("fails as the real one does on an answer that is lost or empty", function()
    faults.add(house.state.faults, { reset = true, path = "/api/v2/scim/Users" })
    assert.equal("ERROR", house:must(200, "POST", USERS, { id = "00uada" }).syncState)
    faults.add(house.state.faults, { status = 201, body = "", method = "POST", path = "/api/v2/scim/Users" })
    assert.equal("ERROR", house:must(200, "POST", USERS, { id = "00ubob" }).syncState)
  end)
end)

describe("assigning the app to a group in the sandbox's Okta", function()
  local house

  before_each(function() house = okta.new(SEED) end)

  it("gives it to the members, and takes it from those whom no other group gives it", function()
    local made = house:must(200, "PUT", GROUPS .. "/00gplatform", { priority = 3, profile = { a = "b" } })
    assert.same({ "00gplatform", 3, { a = "b" } }, { made.id, made.priority, made.profile })
    house:must(200, "PUT", GROUPS .. "/00gsecurity")
    assert.equal("ada bob", logins(house:must(200, "GET", USERS)))
    house:must(204, "DELETE", GROUPS .. "/00gplatform")
    assert.equal("bob", logins(house:must(200, "GET", USERS)))
    assert.is_false(house:scim_user("ada@example.com").active)
    assert.is_true(house:scim_user("bob@example.com").active)
    house:must(404, "DELETE", GROUPS .. "/00gplatform")
    house:must(404, "GET", GROUPS .. "/00gplatform")
  end)

  it("leaves those who have it for themselves", function()
    house:must(200, "POST", USERS, { id = "00uada" })
    house:must(200, "PUT", GROUPS .. "/00gplatform")
    house:must(204, "DELETE", GROUPS .. "/00gplatform")
    assert.equal("ada", logins(house:must(200, "GET", USERS)))
  end)

  it("follows who comes and goes", function()
    house:must(200, "PUT", GROUPS .. "/00gplatform")
    house:must(204, "PUT", "/api/v1/groups/00gplatform/users/00ucyd")
    house:must(204, "DELETE", "/api/v1/groups/00gplatform/users/00uada")
    assert.equal("bob cyd", logins(house:must(200, "GET", USERS)))
    assert.is_true(house:scim_user("cyd@example.com").active)
    assert.is_false(house:scim_user("ada@example.com").active)
  end)

  it("can be listed, got with its group, changed by operations", function()
    house:must(200, "PUT", GROUPS .. "/00gsecurity", { profile = { a = "b", c = "d" } })
    house:must(200, "PUT", GROUPS .. "/00gplatform")
    local list = house:must(200, "GET", GROUPS)
    assert.same({ "00gsecurity", "00gplatform" }, { list[1].id, list[2].id })
    assert.equal("00gplatform", house:must(200, "GET", GROUPS .. "?q=pla&limit=20")[1].id)
    assert.equal(
      "Security",
      house:must(200, "GET", GROUPS .. "/00gsecurity?expand=group")._embedded.group.profile.name
    )
    assert.same({}, house:must(200, "GET", GROUPS .. "?expand=metadata")[1]._embedded.metadata.profile)
    house:must(400, "GET", GROUPS .. "?limit=19")
    local changed = house:must(200, "PATCH", GROUPS .. "/00gsecurity", {
      { op = "replace", path = "/profile/a", value = { x = "y" } },
      { op = "remove", path = "/profile/c" },
      { op = "replace", path = "/priority", value = 7 },
    })
    assert.same({ a = { x = "y" } }, changed.profile)
    assert.equal(7, changed.priority)
    for _, operation in ipairs {
      { op = "add", path = "/priority" },
      { op = "replace", path = "/id", value = "x" },
      { op = "replace", path = "/priority", value = "x" },
      "x",
    } do
      house:must(400, "PATCH", GROUPS .. "/00gsecurity", { operation })
    end
    house:must(
      400,
      "PATCH",
      GROUPS .. "/00gsecurity",
      { { op = "remove", path = "/profile/a" }, { op = "remove", path = "/id" } }
    )
    assert.same({ a = { x = "y" } }, house:must(200, "GET", GROUPS .. "/00gsecurity").profile)
    assert.equal(1, house:must(200, "PUT", GROUPS .. "/00gsecurity", { priority = 1 }).priority)
  end)

  it("needs a group and fields of their types", function()
    house:must(404, "PUT", GROUPS .. "/00gnone")
    house:must(400, "PUT", GROUPS .. "/00gplatform", { priority = "x" })
    house:must(400, "PUT", GROUPS .. "/00gplatform", { priority = 1.5 })
    house:must(400, "PUT", GROUPS .. "/00gplatform", { profile = "x" })
    assert.same({}, house:must(200, "GET", GROUPS))
  end)
end)
