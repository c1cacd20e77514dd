-- lua/ddokta/bulk/forms.lua: what a value may be, in words, when two are the same, and names that read alike.
local core = require "ddokta.core"
local forms = require "ddokta.bulk.forms"

local CYRILLIC = "\208\176" -- a

local function column(form, more)
  local made = { name = "c", form = form }
  for name, value in pairs(more or {}) do
    made[name] = value
  end
  return made
end

describe("bulk.forms", function()
  local cases = {
    { "text", "x", "x" },
    { nil, "x", "x" },
    { "boolean", "TRUE", true },
    { "boolean", false, false },
    { "email", "a@b.c", "a@b.c" },
    { "label", "a b_c", "a b_c" },
    { "okta_domain", "A.b", "https://a.b/" },
    { "list", "b; a;;b", { "a", "b" } },
    { "list", { "b", "a", "" }, { "a", "b" } },
    { "list", {}, {} },
  }
  for i, case in ipairs(cases) do
    it(
      "knows the one way to write a value: " .. i,
      function() assert.same(case[3], forms.normalise(column(case[1]), case[2])) end
    )
  end

  local refused = {
    { "text", 1, "a string is wanted, got number" },
    { "boolean", 1, "true or false is wanted, got number" },
    { "boolean", "maybe", "'maybe' is neither true nor false, nor yes or no" },
    { "list", true, "a list is wanted, got boolean" },
    { "list", { 1 }, "an item is not a string but a number" },
    { "list", "a;b\t", "has a control character in it (a line break, a tab?)" },
    { "list", "\233", "not UTF-8" },
    { "text", "\233", "not UTF-8" },
    { "text", "a\nb", "has a control character in it (a line break, a tab?)" },
    { "email", "a", "'a' is not an e-mail address" },
    { "label", "a/b", "'a/b' may have letters, digits, spaces and _ - . only" },
    { "okta_domain", "http://a.b", "'http://a.b' must start with https://" },
  }
  for _, case in ipairs(refused) do
    it("says why not: " .. case[3], function()
      local value, message = forms.normalise(column(case[1]), case[2])
      assert.is_nil(value)
      assert.same(case[3], message)
    end)
  end

  it("clears by a word what is optional, and no secret", function()
    assert.same("", forms.normalise(column("text"), "(none)"))
    assert.same({}, forms.normalise(column("list"), "(none)"))
    assert.same({}, forms.normalise(column("list"), { "(none)" }))
    assert.same("(none)", forms.normalise(column("text", { secret = true }), "(none)"))
    local others = {
      column("text", { required = true }),
      column("text", { immutable = true }),
      column "boolean",
      column "email",
    }
    for _, one in ipairs(others) do
      local value, message = forms.normalise(one, "(none)")
      assert.is_nil(value)
      assert.same("cannot be cleared by '(none)'", message)
    end
    assert.is_nil((forms.normalise(column("text"), "(none)", { key = "c" })))
  end)

  it("refuses in a name, and in an address, what nobody sees", function()
    for text, why in pairs {
      ["ada "] = "has U+0020, a space, at the end",
      ["\194\160ada"] = "has U+00A0, a space, at the start",
      ["a\226\128\139da"] = "has U+200B, which nobody can see, as character 2",
    } do
      local value, message = forms.normalise(column("text"), text, { key = "c" })
      assert.is_nil(value)
      assert.same(why, message)
      assert.same(text, forms.normalise(column("text"), text))
    end
    assert.is_nil((forms.normalise(column("email"), "a@b.c\194\160")))
  end)

  it("counts characters, not bytes", function()
    assert.same("éé", forms.normalise(column("text", { max = 2 }), "éé"))
    local value, message = forms.normalise(column("text", { max = 2 }), "ééé")
    assert.is_nil(value)
    assert.same("has 3 characters, 2 are the most", message)
  end)

  it("has a reason for whatever the C core refuses, and none for what it takes", function()
    local pieces = {
      "a",
      "B",
      "1",
      ".",
      "-",
      "/",
      "://",
      "https",
      "@",
      ":",
      "?",
      " ",
      "é",
      "\233",
      "\n",
      "true",
      "_",
      ";",
      "okta.com",
    }
    math.randomseed(5)
    for _ = 1, 3000 do
      local text = {}
      for i = 1, math.random(1, 5) do
        text[i] = pieces[math.random(#pieces)]
      end
      text = table.concat(text)
      for _, form in ipairs { "text", "okta_domain", "boolean", "email", "label", "list" } do
        local c = column(form, { max = 12 })
        local rows = core.rows.new { columns = { c, { name = "k" } }, key = "k", keep = true }
        local taken = rows:add({ c = text, k = "k" }, 1)
        local value, message = forms.normalise(c, text)
        if form ~= "okta_domain" then -- whose longest form is its normal one
          assert.same(taken == true, value ~= nil, form .. " " .. ("%q"):format(text))
        end
        if taken and value ~= nil then assert.same(value, rows:get(1).c) end
        assert.same(value == nil, type(message) == "string")
      end
    end
  end)

  it("joins a list for CSV, if it can be split again", function()
    assert.same("a;b", forms.join(column("list"), { "a", "b" }))
    assert.same("a|b;c", forms.join(column("list", { separator = "|" }), { "a", "b;c" }))
    local text, message = forms.join(column("list"), { "a;b" })
    assert.is_nil(text)
    assert.same("c: 'a;b' has a ';' in it, which separates items", message)
  end)

  it("takes two spellings of one thing for the same", function()
    local pairs_ = {
      { column("text"), "a", "a", true },
      { column("text"), "a", "A", false },
      { column("text"), nil, "a", false },
      { column("text", { fold = true }), "a", "A", true },
      { column("okta_domain"), "HTTPS://A.b", "https://a.b/", true },
      { column("okta_domain"), "http://a.b", "https://a.b/", false },
      { column("boolean"), "True", true, true },
      { column("boolean"), nil, false, false },
      { column("list"), { "b", "a" }, { "a", "b" }, true },
      { column("list"), { "a" }, { "a", "b" }, false },
      { column("list"), {}, {}, true },
      { column("list"), nil, {}, false },
      { column("text"), nil, "", true },
      { column("list"), { "a", "c" }, { "a", "b" }, false },
    }
    for i, case in ipairs(pairs_) do
      assert.same(case[4], forms.same(case[1], case[2], case[3]), "case " .. i)
    end
  end)
end)

describe("bulk.forms of names", function()
  it("knows what reads alike", function()
    local names = { "ADA", " a d a", CYRILLIC .. "da", "\195\161da", "a\204\129da", "a\226\128\139da" }
    for _, name in ipairs(names) do
      assert.same("ada", forms.alike(name))
    end
    assert.not_equal(forms.alike "ada", forms.alike "add")
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
      function() assert.same(case[3], forms.difference(case[1], case[2])) end
    )
  end

  it("says what a name may not have, and where", function()
    assert.is_nil(forms.flaw "Zo\195\171 van der B@x.com")
    assert.same("not UTF-8", forms.flaw "\233")
    assert.same("has U+0020, a space, at the start", forms.flaw " a")
    assert.same("has U+3000, a space, at the end", forms.flaw "a\227\128\128")
    assert.same(
      "has U+0085, a control character (a line break, a tab?), as character 2",
      forms.flaw "a\194\133b"
    )
    assert.same("has U+E000, a character for private use, as character 2", forms.flaw "a\238\128\128b")
    assert.same("has U+0378, which is no character, at the end", forms.flaw "a\205\184")
    assert.same("has U+D83D, half of a surrogate pair, at the start", forms.flaw "\237\160\189a")
  end)
end)
