-- lua/ddokta/text.lua: values on one line and in columns.
local text = require "ddokta.text"

describe("text", function()
  it("aligns columns by characters, without spaces at line ends", function()
    local shown = text.table({ "name", "id" }, { { "éé", 1 }, { "longer" } }, {})
    assert.same("name    id\néé      1\nlonger", shown)
  end)

  it("cuts the widest column until the line fits", function()
    local shown = text.table({ "a", "b" }, { { ("é"):rep(30), "short" } }, { width = 32 })
    assert.same("a" .. (" "):rep(26) .. "b\n" .. ("é"):rep(24) .. "…  short", shown)
    assert.truthy(text.table({ "a" }, { { ("x"):rep(30) } }, {}):find(("x"):rep(30), 1, true))
  end)

  it("counts a wide character as two columns, and none for what joins another", function()
    local shown = text.table({ "a", "b" }, { { "日本", 1 }, { "e\204\129", 2 } }, {})
    assert.same("a     b\n日本  1\ne\204\129     2", shown)
    shown = text.table({ "a", "b" }, { { ("日本"):rep(9), "x" } }, { width = 27 })
    assert.same("a" .. (" "):rep(25) .. "b\n" .. ("日本"):rep(5) .. "日…   x", shown)
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

  local ID = "6b5d4d52-0000-443f-ac13-4ea1d5c5c001"
  local columns = { "name", "note", { name = "id", whole = true, kept = true } }
  local rows = { { ("日本"):rep(10), "a note of many words", ID }, { "short", nil, ID } }

  it("never cuts what is whole, and leaves the last of the others out where all would say nothing", function()
    local shown = text.table(columns, rows, { width = 80 })
    local first = "日本日本日本日本日…   a note of many words  " .. ID .. "\n"
    assert.truthy(shown:find(first, 1, true), shown)
    assert.is_nil(shown:find("not shown", 1, true))
    shown = text.table(columns, rows, { width = 60, hint = "--wide shows all" })
    assert.same({
      "name                    id",
      ("日本"):rep(5) .. "…   " .. ID,
      "short" .. (" "):rep(19) .. ID,
      "",
      "not shown: note (--wide shows all)",
    }, { shown:match "^([^\n]*)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n([^\n]*)$" })
    -- an empty one says nothing
    local empty = { { "x", "", ("long "):rep(9), ID } }
    shown = text.table({ "a", "empty", "b", columns[3] }, empty, { width = 61 })
    assert.same({}, { shown:match "empty", shown:match "not shown" })
    local prose = { { "x", "one two three four five six" } }
    shown = text.table({ "a", { name = "b", wraps = true } }, prose, { width = 26 })
    assert.same("a  b\nx  one two three four five\n   six", shown)
    prose[1][3] = "last"
    shown = text.table({ "a", { name = "b", wraps = true }, "c" }, prose, { width = 32 })
    assert.same("a  b                        c\nx  one two three four five  last\n   six", shown)
  end)

  it("puts a row on lines of its own where not even that fits, or nothing may be left out", function()
    assert.same(
      ("name  日本日本日本日本日本日本日本日本…\nnote  a note of many words\nid\n%s\n\nname  short\nid\n%s"):format(
        ID,
        ID
      ),
      text.table(columns, rows, { width = 40 })
    )
    local shown = text.table(columns, rows, { width = 60, keeps_all = true })
    assert.truthy(
      shown:find("^name  日本.-\nnote  a note of many words\nid    " .. ID:gsub("%p", "%%%0")),
      shown
    )
  end)

  it("shows a terminal of ASCII nothing else", function()
    local shown = text.table({ "a", "b" }, { { "José", ("x"):rep(30) } }, { width = 36, ascii = true })
    assert.same("a            b\nJos<U+00E9>  " .. ("x"):rep(20) .. "...", shown)
    assert.same("a  <U+65E5><U+672C>", text.pairs({ "a" }, { a = "日本" }, { ascii = true }))
    assert.same("...<U+1F600>", text.ascii "…😀")
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

  it("lists names and values, leaving out what is absent", function()
    local names = { "a", "b", "long" }
    assert.same("a     1\nlong  2", text.pairs(names, { a = 1, long = 2 }))
    assert.same(
      "a     one two three\n      four,five,\n      six,seven\nlong\n" .. ("日本"):rep(3) .. "日",
      text.pairs(
        names,
        { a = "one two three  four,five,six,seven", long = ("日本"):rep(3) .. "日" },
        { width = 19 }
      )
    )
    assert.same("a     1\nlong\n" .. ID, text.pairs(names, { a = 1, long = ID }, { width = 40 }))
    -- what utf8proc takes for one character is not broken, however long
    local syllable = ("\225\132\128"):rep(20)
    assert.truthy(text.pairs(names, { a = syllable }, { width = 19 }):find(syllable, 1, true))
  end)

  -- a description, or the name of a column, is as long as somebody makes it
  it("takes no longer for a megabyte than it has lines", function()
    local from = os.clock()
    local word, prose = ("x"):rep(1e6), ("ab cd; "):rep(1.5e5)
    assert.is_nil(text.nearest(word, { "name", "client_id", "an_option_of_a_longer_name" }))
    assert.equal("ab cd; ab\ncd; ab cd;\n", text.wrap(prose, 10):sub(1, 21))
    assert.equal(25000, select(2, text.wrap(word, 40):gsub("\n", "")) + 1)
    assert.is_true(os.clock() - from < 3, os.clock() - from)
  end)
end)
