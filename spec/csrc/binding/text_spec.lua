-- csrc/binding/text.c: text as people read it. What each character is, is in spec/csrc/base/text_test.c.
local text = require("ddokta.core").text

describe("core.text", function()
  it("has one skeleton for names that look alike", function()
    assert.equal(text.skeleton "PayPal", text.skeleton "p\208\176ypal")
    assert.are_not.equal(text.skeleton "a", text.skeleton "b")
    assert.equal("", text.skeleton "")
  end)

  it("names the first flaw of a name, and where it is", function()
    assert.is_nil(text.flaw "Ana Ávila")
    assert.same({ "space", 32, 3, true }, { text.flaw "ab " })
    assert.same({ "invisible", 0x200B, 2, false }, { text.flaw "a\226\128\139b" })
    assert.same({ "control", 7, 1, false }, { text.flaw "\7b" })
    assert.same({ "not_utf8", 0xFF, 2, false }, { text.flaw "a\255" })
  end)

  it(
    "counts a terminal's columns",
    function()
      assert.same({ 0, 3, 4, 1 }, {
        text.width "",
        text.width "abc",
        text.width "\229\177\177\231\148\176",
        text.width "e\204\129",
      })
    end
  )

  it("cuts at a terminal's columns, and wants a number of them", function()
    assert.same({ "ab", "", "\230\151\165", "abc" }, {
      text.start("abc", 2),
      text.start("abc", 0.5),
      text.start("\230\151\165\230\156\172", 3),
      text.start("abc", math.huge),
    })
    for _, columns in ipairs { -1, 0 / 0 } do
      assert.error_matches(function() text.start("abc", columns) end, "a number of columns is wanted")
    end
  end)

  it("shows code points", function() assert.equal("U+0041 U+00E9", text.code_points "A\195\169") end)
end)
