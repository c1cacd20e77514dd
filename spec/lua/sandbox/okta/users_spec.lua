-- lua/ddokta/sandbox/okta/users.lua
local okta = require "spec.lua.sandbox.okta"

local names = okta.names

describe("the sandbox's Okta users", function()
  local box

  before_each(function() box = okta.new(okta.DIRECTORY) end)

  it("lists users in pages", function()
    local answer = box:ask("GET", "/api/v1/users?limit=3")
    assert.equal("ada bob cyd", names(answer.json))
    assert.equal('<https://sandbox.example:8443/api/v1/users?limit=3>; rel="self"', answer.headers["Link"][1])
    answer = box:ask("GET", answer.headers["Link"][2]:match("8443(/[^>]*)>"))
    assert.equal("dan", names(answer.json))
    assert.equal("string", type(answer.headers["Link"]))
    box:must(400, "GET", "/api/v1/users?limit=0")
  end)

  it("gets a user by id or login", function()
    local ada = box:must(200, "GET", "/api/v1/users/00uada")
    assert.equal("ACTIVE", ada.status)
    assert.same(
      { login = "ada@example.com", email = "ada@example.com", firstName = "Ada", lastName = "Test" },
      ada.profile
    )
    assert.same(ada, box:must(200, "GET", "/api/v1/users/ADA%40example.com"))
    assert.equal(
      "Not found: Resource not found: 00unone (User)",
      box:must(404, "GET", "/api/v1/users/00unone").errorSummary
    )
  end)

  it("filters, searches and completes users", function()
    local function found(query) return names(box:must(200, "GET", "/api/v1/users?" .. query)) end
    assert.equal("bob", found "filter=profile.login+eq+%22bob%40example.com%22")
    assert.equal("", found "filter=profile.login+eq+%22BOB%40example.com%22")
    assert.equal("bob", found "search=profile.login+eq+%22BOB%40example.com%22")
    assert.equal("ada cyd", found "search=profile.firstName+sw+%22a%22+or+profile.firstName+co+%22YD%22")
    assert.equal("cyd", found "q=cy")
    box:must(400, "GET", "/api/v1/users?q=cy&limit=x")
    box:must(200, "POST", "/api/v1/users/00ucyd/lifecycle/deactivate")
    assert.equal("", found "q=cy")
    assert.equal("ada bob dan", found "")
    assert.equal("cyd", found "filter=status+eq+%22DEPROVISIONED%22")
    assert.equal("E0000031", box:must(400, "GET", "/api/v1/users?search=login+is+x").errorCode)
  end)

  it("updates a user's profile, and lets no login be taken twice", function()
    local ada = box:must(200, "POST", "/api/v1/users/00uada", { profile = { title = "Countess" } })
    assert.equal("Countess", ada.profile.title)
    assert.equal("Ada", ada.profile.firstName)
    box:must(400, "POST", "/api/v1/users/00uada", { profile = { login = "Bob@example.com" } })
    box:must(400, "POST", "/api/v1/users/00uada", {})
    box:must(200, "POST", "/api/v1/users/00uada", { profile = { login = "ada.l@example.com" } })
    assert.equal("00uada", box:must(200, "GET", "/api/v1/users/ada.l%40example.com").id)
    box:must(404, "GET", "/api/v1/users/ada%40example.com")
  end)

  it("changes a user's status where that can be done", function()
    local function change(to) return box:ask("POST", "/api/v1/users/00udan/lifecycle/" .. to).status end
    assert.equal(400, change "unsuspend")
    assert.equal(200, change "suspend")
    assert.equal(400, change "suspend")
    assert.equal("SUSPENDED", box:must(200, "GET", "/api/v1/users/00udan").status)
    assert.equal(200, change "unsuspend")
    assert.equal(200, change "deactivate")
    assert.equal(400, change "deactivate")
    assert.equal(200, change "activate")
  end)
end)
