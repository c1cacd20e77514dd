-- csrc/binding/rows.c: packed rows as Lua holds them. What they do at length is in spec/csrc/rows.
local rows = require("ddokta.core").rows

local columns = {
  { name = "email", required = true },
  { name = "active", form = "boolean" },
  { name = "tags", form = "list" },
  { name = "secret", secret = true },
  { name = "team" },
}

describe("core.rows", function()
  it("gives back a row by type, its secrets apart", function()
    local source = rows.new { columns = columns, key = "email", keep = true }
    assert.is_true(source:add({ email = "A@x.de", active = false, tags = { "a", "b" }, secret = "s" }, 2))
    assert.equal(1, source:count())
    assert.same(
      { { email = "A@x.de", active = false, tags = { "a", "b" } }, { secret = "s" }, "A@x.de", 2 },
      { source:get(1) }
    )
    assert.is_false(pcall(source.get, source, 2))
    assert.is_false(pcall(source.get, source, 0 / 0))
  end)

  it("finds rows whose keys read alike, within a column", function()
    local source = rows.new { columns = columns, key = "email", within = "team", keep = true }
    assert.is_true(source:add({ email = "a@x", team = "one" }, 1))
    assert.is_true(source:add({ email = "A@x", team = "two" }, 2))
    assert.same({ 2 }, source:find("a@X", "two"))
    assert.same({}, source:find("a@x", "three"))
  end)

  it("refuses what is no description of rows", function()
    for _, options in ipairs {
      { columns = columns, key = "none" },
      { columns = columns, key = "email", within = "none" },
      { columns = { { name = "a", form = "no form" } }, key = "a" },
      { columns = { { form = "text" } }, key = "a" },
      { columns = { { name = "a", max = -1 } }, key = "a" },
      { columns = { 5 }, key = "a" },
    } do
      assert.is_false(pcall(rows.new, options))
    end
    local keys = rows.new { columns = columns, key = "email" }
    assert.is_true(keys:claim("a@x", 1))
    assert.matches("the values were not kept", select(2, pcall(keys.get, keys, 1)))
  end)

  it("puts a text into its form", function()
    assert.equal("https://mix.okta.com/", rows.normal("okta_domain", "MIX.okta.com"))
    assert.equal("true", rows.normal("boolean", "TRUE"))
    assert.is_nil(rows.normal("boolean", "perhaps"))
    assert.is_false(pcall(rows.normal, "list", "a"))
  end)

  -- another number would send a key to another machine's part than the version before
  it("gives a key the same part for ever", function()
    assert.same({ 1, rows.part("ISTANBUL", 1000) }, { rows.part("x", 1), rows.part("istanbul", 1000) })
    assert.same({ 761, 932 }, { rows.part("a@example.com", 1000), rows.part("b@example.com", 1000) })
    assert.is_false(pcall(rows.part, "x", 1.5))
    assert.is_false(pcall(rows.part, "x", 0))
  end)
end)
