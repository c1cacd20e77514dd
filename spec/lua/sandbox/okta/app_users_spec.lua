-- lua/ddokta/sandbox/okta/app_users.lua
local okta = require "spec.lua.sandbox.okta"

local APP = okta.APP
local USERS, GROUPS = APP .. "/users", APP .. "/groups"
local logins = okta.logins

describe("assigning the app to a user in the sandbox's Okta", function()
  local box

  before_each(function() box = okta.new(okta.ASSIGNED) end)

  it("takes the place of a group's assignment, and is not made twice", function()
    box:must(200, "PUT", GROUPS .. "/00gsecurity")
    assert.equal("GROUP", box:must(200, "GET", USERS .. "/00ubob").scope)
    assert.equal("USER", box:must(200, "POST", USERS, { id = "00ubob" }).scope)
    assert.equal("bob", logins(box:must(200, "GET", USERS)))
    box:must(204, "DELETE", USERS .. "/00ubob")
    assert.equal("GROUP", box:must(200, "GET", USERS .. "/00ubob").scope)
    assert.is_true(box:scim_user("bob@example.com").active)
  end)

  it("needs a user and fields of their types", function()
    box:must(404, "POST", USERS, { id = "00unone" })
    box:must(200, "POST", "/api/v1/users/00ucyd/lifecycle/deactivate")
    box:must(404, "POST", USERS, { id = "00ucyd" })
    box:must(404, "POST", "/api/v1/apps/0oanone/users", { id = "00uada" })
    for _, case in ipairs {
      {},
      { id = 7 },
      { id = "00uada", scope = "x" },
      { id = "00uada", profile = "x" },
      { id = "00uada", credentials = { userName = "" } },
    } do
      assert.equal("E0000001", box:must(400, "POST", USERS, case).errorCode)
    end
    assert.same({}, box:must(200, "GET", USERS))
  end)

  it("can be got, listed in pages, searched and embedded", function()
    box:must(200, "PUT", GROUPS .. "/00gplatform")
    box:must(200, "POST", USERS, { id = "00ucyd" })
    local page = box:ask("GET", USERS .. "?limit=2")
    assert.equal("ada bob", logins(page.json))
    assert.equal("cyd", logins(box:must(200, "GET", page.headers["Link"][2]:match("8443(/[^>]*)>"))))
    assert.equal("bob", logins(box:must(200, "GET", USERS .. "?q=BO")))
    assert.equal("00uada", box:must(200, "GET", USERS .. "?expand=user")[1]._embedded.user.id)
    assert.equal("ada", logins { box:must(200, "GET", USERS .. "/00uada") })
    box:must(404, "GET", USERS .. "/00unone")
    box:must(400, "GET", USERS .. "?limit=501")
  end)
end)
