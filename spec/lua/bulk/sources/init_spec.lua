-- lua/ddokta/bulk/sources/init.lua
local sources = require("ddokta.bulk").sources

describe("a source that is a service", function()
  it("is told by how it is named", function()
    assert.same({ "okta" }, sources.names)
    assert.equal(sources.get "okta", sources.of "okta:group/Engineering")
    for _, other in ipairs { "people.csv", "-", "Okta:group/x", "./okta:x", {}, print } do
      assert.is_nil(sources.of(other))
    end
  end)

  it("says for which kinds it has things, and how they are named", function()
    local words = { "okta:group/<id or name>", "okta:app/<id or label>" }
    assert.same(words, sources.words "scim_users")
    assert.same(words, sources.words "scim_groups")
    assert.same({}, sources.words "okta_accounts")
  end)

  it("adds its options to those of a source", function()
    local known = sources.options { name = { "string" } }
    assert.same({ { "string" }, { "table" }, { "string" } }, { known.name, known.okta, known.kind })
  end)
end)
