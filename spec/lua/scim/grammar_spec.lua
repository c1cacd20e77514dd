-- lua/ddokta/scim/grammar.lua: what is an attribute, a filter, a path, and why not. That scim refuses what is
-- none: spec/lua/scim_spec.lua.
local grammar = require "ddokta.scim.grammar"

describe("SCIM's grammar", function()
  it("takes attributes apart", function()
    assert.same({ nil, "userName" }, { grammar.attribute "userName" })
    assert.same({ nil, "name", "familyName" }, { grammar.attribute "name.familyName" })
    assert.same({ "urn:a:2.0:User", "name", "x" }, { grammar.attribute "urn:a:2.0:User:name.x" })
    for _, text in ipairs { "", "1a", "a b", "a.b.c", ".a", "a.", "a:", "urn:a b:c" } do
      assert.same(0, select("#", grammar.attribute(text)), text)
      assert.is_false(grammar.is_attribute(text))
    end
    assert.is_true(grammar.is_attribute "$ref" and grammar.is_name "$ref")
    assert.is_false(grammar.is_name "a.b" or grammar.is_name(1) or grammar.is_attribute(nil))
  end)

  it("looks for what decides about brackets, and not within strings", function()
    local function found(text)
      local filter = assert(grammar.filter(text))
      return (filter.has_or and "or" or "") .. (filter.has_brackets and "[]" or "")
    end
    assert.equal("", found [[a eq "x or [y]"]])
    assert.equal("or", found 'a eq "1" OR b eq "2"')
    assert.equal("", found '(a eq "1" or b eq "2") and c pr')
    assert.equal("[]", found 'emails[type eq "work"]')
    assert.equal("", found [[a eq "\\" and b eq "\" or "]])
  end)

  it("says why a text is no filter", function()
    for text, why in pairs {
      [" "] = "it is empty",
      ["a eq \n1"] = "it holds a control character",
      ['a eq "'] = "a quote is not closed",
      [ [[a eq "\"]] ] = "a quote is not closed",
      ["(a pr"] = "a ) is missing",
      ["a pr]"] = "a ] too many",
      ["(a[b pr)]"] = "a ) too many",
    } do
      assert.same({ nil, why }, { grammar.filter(text) })
    end
  end)

  it("says why a text is no path", function()
    for _, text in ipairs {
      "members",
      "name.familyName",
      'emails[type eq "work"]',
      'emails[type eq "work"].value',
    } do
      assert.is_nil(grammar.path_problem(text), text)
    end
    for text, why in pairs {
      ["a b"] = "no attribute",
      ["1[a pr]"] = 'no attribute: "1"',
      ["a[ ]"] = "the filter is empty",
      ["a[b[c pr]]"] = "a filter within [ ] has none itself",
      ["a[b pr]c"] = "behind ] comes .name",
      ["a[(b pr]"] = "a ) is missing",
    } do
      assert.equal(why, grammar.path_problem(text), text)
    end
  end)
end)
