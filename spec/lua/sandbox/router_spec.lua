-- lua/ddokta/sandbox/router.lua
local query = require("ddokta.sandbox.router").query
local router = require "ddokta.sandbox.router"

describe("the sandbox's router", function()
  local routes = router.new {
    { method = "GET", path = "/users/{user_id}", name = "get" },
    { method = "DELETE", path = "/users/{user_id}", name = "delete" },
    { method = "GET", path = "/users/me", name = "me" },
    { method = "GET", path = "/a.b/{x}/c-d/{y}", name = "two" },
  }

  it("finds the row and its parameters", function()
    local row, parameters = router.match(routes, "DELETE", "/users/42")
    assert.equal("delete", row.name)
    assert.same({ user_id = "42" }, parameters)
    row, parameters = router.match(routes, "GET", "/a.b/1/c-d/2")
    assert.equal("two", row.name)
    assert.same({ x = "1", y = "2" }, parameters)
  end)

  it(
    "takes a path without parameters first",
    function() assert.equal("me", router.match(routes, "GET", "/users/me").name) end
  )

  it("unescapes parameters, after it has split the path", function()
    local _, parameters = router.match(routes, "GET", "/users/a%2Fb%20c")
    assert.same({ user_id = "a/b c" }, parameters)
  end)

  it("takes templates literally", function()
    assert.is_nil((router.match(routes, "GET", "/aXb/1/c-d/2")))
    assert.is_nil((router.match(routes, "GET", "/users/")))
    assert.is_nil((router.match(routes, "GET", "/users/1/2")))
  end)

  it("tells which methods a path knows", function()
    local row, methods = router.match(routes, "PUT", "/users/42")
    assert.is_nil(row)
    assert.same({ "GET", "DELETE" }, methods)
    row, methods = router.match(routes, "GET", "/nowhere")
    assert.is_nil(row)
    assert.same({}, methods)
  end)
end)

describe("the sandbox's reading of a query", function()
  it("takes escapes, plus signs, empty values and the last of a name", function()
    assert.same({}, query(nil))
    assert.same({}, query "")
    assert.same(
      { ["page[size]"] = "5", filter = 'a eq "b+c"' },
      query "page%5Bsize%5D=5&filter=a+eq%20%22b%2Bc%22"
    )
    assert.same({ a = "2", b = "", c = "=" }, query "a=1&&b&a=2&c=%3D")
  end)
end)
