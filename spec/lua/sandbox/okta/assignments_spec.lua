-- lua/ddokta/sandbox/okta/assignments.lua: who has an app by a group
local okta = require "spec.lua.sandbox.okta"

local APP = okta.APP
local USERS, GROUPS = APP .. "/users", APP .. "/groups"
local logins = okta.logins

describe("an app that a group of the sandbox's Okta has", function()
  local house

  before_each(function() house = okta.new(okta.ASSIGNED) end)

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
end)
