-- lua/ddokta/sandbox/okta/app_users.lua
local okta = require "spec.lua.sandbox.okta"

local APP = okta.APP
local USERS, GROUPS = APP .. "/users", APP .. "/groups"
local logins = okta.logins

describe("assigning the app to a user in the sandbox's Okta", function()
  local house

  before_each(function() house = okta.new(okta.ASSIGNED) end)

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
end)
