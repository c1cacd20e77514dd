-- lua/ddokta/sandbox/okta/assignments.lua: who has an app by a group
local okta = require "spec.lua.sandbox.okta"

local APP = okta.APP
local USERS, GROUPS = APP .. "/users", APP .. "/groups"
local logins = okta.logins

describe("an app that a group of the sandbox's Okta has", function()
  local box

  before_each(function() box = okta.new(okta.ASSIGNED) end)

  it("gives it to the members, and takes it from those whom no other group gives it", function()
    local made = box:must(200, "PUT", GROUPS .. "/00gplatform", { priority = 3, profile = { a = "b" } })
    assert.same({ "00gplatform", 3, { a = "b" } }, { made.id, made.priority, made.profile })
    box:must(200, "PUT", GROUPS .. "/00gsecurity")
    assert.equal("ada bob", logins(box:must(200, "GET", USERS)))
    box:must(204, "DELETE", GROUPS .. "/00gplatform")
    assert.equal("bob", logins(box:must(200, "GET", USERS)))
    assert.is_false(box:scim_user("ada@example.com").active)
    assert.is_true(box:scim_user("bob@example.com").active)
    box:must(404, "DELETE", GROUPS .. "/00gplatform")
    box:must(404, "GET", GROUPS .. "/00gplatform")
  end)

  it("leaves those who have it for themselves", function()
    box:must(200, "POST", USERS, { id = "00uada" })
    box:must(200, "PUT", GROUPS .. "/00gplatform")
    box:must(204, "DELETE", GROUPS .. "/00gplatform")
    assert.equal("ada", logins(box:must(200, "GET", USERS)))
  end)

  it("follows who comes and goes", function()
    box:must(200, "PUT", GROUPS .. "/00gplatform")
    box:must(204, "PUT", "/api/v1/groups/00gplatform/users/00ucyd")
    box:must(204, "DELETE", "/api/v1/groups/00gplatform/users/00uada")
    assert.equal("bob cyd", logins(box:must(200, "GET", USERS)))
    assert.is_true(box:scim_user("cyd@example.com").active)
    assert.is_false(box:scim_user("ada@example.com").active)
  end)
end)
