-- Names that a person takes for one, and what a name may not have, in words.
local spelling = require "ddokta.bulk.spelling"

local CYRILLIC = "\208\176" -- a

describe("bulk.spelling", function()
  it("knows what reads alike", function()
    local names = { "ADA", " a d a", CYRILLIC .. "da", "\195\161da", "a\204\129da", "a\226\128\139da" }
    for _, name in ipairs(names) do
      assert.same("ada", spelling.alike(name))
    end
    assert.not_equal(spelling.alike "ada", spelling.alike "add")
  end)

  local differences = {
    { "ADA", "ada", "differs in letter case only" },
    { "ada", CYRILLIC .. "da", "reads alike, with U+0430 where this one has U+0061" },
    { "a" .. CYRILLIC .. "c", "aac", "reads alike, with U+0061 where this one has U+0430" },
    { "aa", "a a", "reads alike, with U+0020 where this one has nothing" },
    {
      "aaa",
      ("\226\128\139"):rep(9) .. "aaa",
      "reads alike, with " .. ("U+200B "):rep(8) .. "... where this one has nothing",
    },
  }
  for i, case in ipairs(differences) do
    it(
      "says in what two names differ: " .. i,
      function() assert.same(case[3], spelling.difference(case[1], case[2])) end
    )
  end

  it("says what a name may not have, and where", function()
    assert.is_nil(spelling.flaw "Zo\195\171 van der B@x.com")
    assert.same("not UTF-8", spelling.flaw "\233")
    assert.same("has U+0020, a space, at the start", spelling.flaw " a")
    assert.same("has U+3000, a space, at the end", spelling.flaw "a\227\128\128")
    assert.same(
      "has U+0085, a control character (a line break, a tab?), as character 2",
      spelling.flaw "a\194\133b"
    )
    assert.same("has U+E000, a character for private use, as character 2", spelling.flaw "a\238\128\128b")
    assert.same("has U+0378, which is no character, at the end", spelling.flaw "a\205\184")
    assert.same("has U+D83D, half of a surrogate pair, at the start", spelling.flaw "\237\160\189a")
  end)
end)
