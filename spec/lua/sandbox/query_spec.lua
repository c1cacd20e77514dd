-- lua/ddokta/sandbox/router.lua: queries
local query = require("ddokta.sandbox.router").query

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
