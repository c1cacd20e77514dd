-- lua/ddokta/text.lua: values on one line and in columns.
local text = require "ddokta.text"

describe("text", function()
  it("aligns columns by characters, without spaces at line ends", function()
    local shown = text.table({ "name", "id" }, { { "éé", 1 }, { "longer" } }, {})
    assert.same("name    id\néé      1\nlonger", shown)
  end)

  it("cuts the widest column until the line fits", function()
    local shown = text.table({ "a", "b" }, { { ("é"):rep(30), "short" } }, { width = 20 })
    assert.same("a              b\n" .. ("é"):rep(12) .. "…  short", shown)
    assert.truthy(text.table({ "a" }, { { ("x"):rep(30) } }, {}):find(("x"):rep(30), 1, true))
  end)

  it("counts a wide character as two columns, and none for what joins another", function()
    local shown = text.table({ "a", "b" }, { { "日本", 1 }, { "e\204\129", 2 } }, {})
    assert.same("a     b\n日本  1\ne\204\129     2", shown)
    assert.same(
      "a         b\n日本日…   x",
      text.table({ "a", "b" }, { { ("日本"):rep(9), "x" } }, { width = 11 })
    )
  end)

  it("measures and cuts what people take for one character whole", function()
    local family = "👨\226\128\141👩\226\128\141👧"
    assert.same({ 2, 2, 2, 4, 2, 3 }, {
      text.width(family),
      text.width "❤\239\184\143",
      text.width "🇯🇵",
      text.width "日本",
      text.width "각",
      text.width "e\204\129te\204\129",
    })
    assert.same("a…", text.fit("a" .. family .. "b", 3))
    assert.same("a" .. family .. "…", text.fit("a" .. family .. "bcd", 4))
    assert.same("🇯🇵…", text.fit("🇯🇵🇫🇷x", 4))
    assert.same("e\204\129…", text.fit("e\204\129te\204\129", 2))
    assert.same("日本", text.fit("日本", 4))
    assert.same({ "…", "" }, { text.fit("日本", 1), text.fit("日本", 0) })
    assert.same({ "日本 ", "日本" }, { text.pad("日本", 5), text.pad("日本", 3) })
  end)

  it("never cuts below what can be read", function()
    local cells = { ("x"):rep(30), ("y"):rep(30), ("z"):rep(30) }
    local shown = text.table({ "a", "b", "c" }, { cells }, { width = 10 })
    assert.truthy(shown:find("xxxxxxx…  yyyyyyy…  zzzzzzz…", 1, true), shown)
  end)

  it("shows no control character", function()
    assert.same("a\\x0Ab\\x1B[0m\\x7F", text.show("a\nb\27[0m\127"))
    assert.same("a<U+009B>b<U+202E>c<U+200B><0xFF>", text.show "a\194\155b\226\128\174c\226\128\139\255")
    assert.same("", text.show(nil))
    assert.same("true", text.show(true))
  end)

  it("knows what was probably meant, of lists and of keys alike", function()
    assert.equal("timeout", text.nearest("timeuot", { "timeout", "site" }))
    assert.equal("timeout", text.nearest("timeuot", { timeout = 1, site = 2 }))
    assert.is_nil(text.nearest("timeout", {}))
    assert.is_nil(text.nearest("x", { "completely_different" }))
    -- a word is like another only where a letter is the same
    assert.is_nil(text.nearest("ab", { "xy" }))
    -- of two that are equally like it, the one that begins so
    assert.equal("--group", text.nearest("--grp", { "--app", "--group", "--name" }))
  end)

  it("ends a sentence about an unknown name with what was meant, or with what there is", function()
    local names = { "csv", "jsonl", "json" }
    assert.equal(", did you mean 'csv'?", text.did_you_mean("cvs", names))
    assert.equal(", did you mean 'csv'?", text.did_you_mean("CVS", names, { or_list = true }))
    assert.equal("", text.did_you_mean("spreadsheet", names))
    assert.equal(" (known: csv, jsonl, json)", text.did_you_mean("spreadsheet", names, { or_list = true }))
    assert.equal("", text.did_you_mean(12, names))
    assert.equal(", did you mean 'site'?", text.did_you_mean("stie", { site = true }))
  end)

  it("says how long something takes", function()
    assert.same({ "0 s", "89 s", "2 min", "90 min", "1.5 h", "48.0 h" }, {
      text.duration(0.4),
      text.duration(89.4),
      text.duration(90),
      text.duration(5399),
      text.duration(5400),
      text.duration(172800),
    })
    assert.same("0.4 s", text.duration(0.42, 1))
  end)

  it(
    "lists names and values, leaving out what is absent",
    function() assert.same("a     1\nlong  2", text.pairs({ "a", "b", "long" }, { a = 1, long = 2 })) end
  )
end)
