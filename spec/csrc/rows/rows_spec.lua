-- ddokta.core.rows: packed rows and their comparison, through their binding.
local core = require "ddokta.core"

local columns = {
  { name = "name", required = true },
  { name = "domain", form = "okta_domain" },
  { name = "secret", secret = true },
  { name = "tags", form = "list", separator = "|" },
  { name = "active", form = "boolean" },
}

local function new(options)
  local all = { columns = columns, key = "name", keep = true }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return core.rows.new(all)
end

local function filled(list, options)
  local rows = new(options)
  for i, values in ipairs(list) do
    assert.is_true((rows:add(values, i)))
  end
  return rows
end

-- all that take says about a text, as lines
local function taken(rows, text, size)
  local reader, said = core.csv.reader {}, {}
  local function drain()
    while true do
      local row, detail = rows:take(reader)
      if row then
        said[#said + 1] = detail .. ": " .. tostring(row.name)
      elseif row == false then
        said[#said + 1] = ("%d twice %s %s%d %s"):format(
          detail.line,
          detail.key,
          detail.exact and "" or "~",
          detail.first_line,
          tostring(detail.first_key)
        )
      elseif detail then
        said[#said + 1] = detail.line .. ": " .. detail.code
      else
        return said
      end
    end
  end
  local header = text:match("^[^\n]*\n")
  reader:feed(header)
  local names = reader:next()
  reader:columns(names)
  rows:fields(names)
  for i = #header + 1, #text, size do
    reader:feed(text:sub(i, i + size - 1))
    drain()
  end
  reader:finish()
  return drain()
end

describe("core.rows", function()
  it("takes records and tells those it does not take, however they are cut", function()
    local text = 'name,x,domain,tags\na,1,A.okta.com,c|b\n,,,\nb,,http://b.c,\nA,,,\na,,,\nc,\n"d"e,,,\n'
      .. ",,d.e,\nf,,,"
    local expected = {
      "4: b",
      "6 twice a 2 a",
      "7: field_count",
      "8: text_after_quote",
      "9: nil",
    }
    for size = 1, #text do
      local rows = new()
      assert.same(expected, taken(rows, text, size), "pieces of " .. size)
      assert.same(3, rows:count())
      local values, hidden, key, line = rows:get(1)
      assert.same({ name = "a", domain = "https://a.okta.com/", tags = { "b", "c" } }, values)
      assert.same({ nil, "a", 2 }, { hidden, key, line })
      assert.same({ "A", "f" }, { rows:get(2).name, rows:get(3).name })
      assert.same({ 2, 1 }, rows:find "a")
    end
  end)

  it("keeps only keys when told so", function()
    local rows = new { keep = false }
    assert.same({ "3 twice A ~2 nil", "4 twice a 2 nil" }, taken(rows, "name\na\nA\na\n", 100))
    assert.same(1, rows:count())
    assert.has_error(function() rows:get(1) end)
    assert.has_error(function() rows:match(new(), {}) end)
  end)

  it("takes tables, and gives back what is in them by type, secrets apart", function()
    local rows = filled { { name = "a", active = true, secret = "s", tags = { "z", "y", "z" } } }
    local values, hidden = rows:get(1)
    assert.same({ name = "a", active = true, tags = { "y", "z" } }, values)
    assert.same({ secret = "s" }, hidden)
    assert.is_true((rows:add({ name = "b", active = "FALSE", tags = {} }, 2)))
    assert.same({ name = "b", active = false, tags = {} }, (rows:get(2)))
    local refused = {
      { name = 1 },
      { name = "x", active = 1 },
      { name = "x", tags = { 1 } },
      { name = "x", tags = { "a\0b" } },
      { name = "x", tags = { "\233" } },
      { name = "\233" },
      { name = "a\nb" },
      { name = {} },
      {},
      { name = "" },
      { name = " a" },
      { name = "a\194\160" },
      { name = "a\226\128\139b" },
      { name = "(none)" },
      { name = "x", domain = "http://x.y" },
      { name = "x", active = {} },
      { name = "x", tags = true },
    }
    for _, values_ in ipairs(refused) do
      assert.is_nil((rows:add(values_, 3)))
    end
    assert.same(2, rows:count())
    local added, twice = rows:add({ name = "a" }, 3)
    assert.is_false(added)
    assert.same({ key = "a", line = 3, first_line = 1, first_key = "a", exact = true }, twice)
    assert.is_true((rows:add({ name = "A" }, 3)))
    assert.is_false((rows:claim("A", 9)))
    assert.is_true((rows:claim("c", 9)))
  end)

  it("takes a service's rows whatever they are like", function()
    local rows = filled({
      { name = "a", domain = "http://\n", active = "True", tags = { "b", "a" } },
      { name = 5, active = {} },
      { tags = true, domain = "x" },
      { name = "a" },
    }, { foreign = true })
    assert.same({ name = "a", domain = "http://\n", active = "True", tags = { "a", "b" } }, (rows:get(1)))
    assert.same({ name = "5" }, (rows:get(2)))
    assert.same({ domain = "x" }, (rows:get(3)))
  end)

  it("finds rows by their key, whatever its letter case", function()
    local rows = filled({ { name = "a" }, { name = "b" }, { name = "A" } }, { foreign = true })
    assert.same({ { 3, 1 }, { 2 }, {} }, { rows:find "a", rows:find "B", rows:find "" })
  end)

  it("matches, step by step", function()
    local service = filled(
      { { name = "same" }, { name = "other", domain = "x" }, { name = "gone" } },
      { foreign = true }
    )
    local source = filled { { name = "new" }, { name = "same" }, { name = "other", domain = "a.b" } }
    local match = source:match(service, { prune = true })
    local said = {}
    for i = 1, match:steps() do
      local action, row, other = match:at(i)
      said[i] = ("%s %s %s"):format(action, tostring(row), tostring(other))
    end
    assert.same({ "create 1 nil", "unchanged 2 1", "update 3 2", "delete nil 3" }, said)
    assert.same({ 1, 3, 4 }, { match:next(0), match:next(1), match:next(3) })
    assert.is_nil(match:next(4))
    match:set(1, "refused")
    local counts = match:counts()
    assert.same({ 0, 1, 1, 1 }, { counts.create, counts.refused, counts.update, counts.delete })
    local digest = match:digest(source, service, "")
    assert.same(64, #digest)
    assert.not_equal(digest, match:digest(source, service, "x"))
    match:set(1, "create")
    assert.not_equal(digest, match:digest(source, service, ""))
    for _, bad in ipairs { 0, 5, -1, 1.5e300 } do
      assert.has_error(function() match:at(bad) end)
    end
    assert.has_error(function() match:set(4, "create") end)
    assert.has_error(function() match:set(1, "nonsense") end)
  end)

  it("raises for what is a bug of the script", function()
    assert.has_error(function() core.rows.new { columns = columns, key = "nonsense" } end)
    assert.has_error(function() core.rows.new { columns = { {} }, key = "name" } end)
    local odd = { name = "a", form = "nonsense" }
    assert.has_error(function() core.rows.new { columns = { odd }, key = "a" } end)
    assert.has_error(function() core.rows.new { key = "a" } end)
    local rows = new()
    assert.has_error(function() rows:take(core.csv.reader {}) end)
    assert.has_error(function() rows:get(1) end)
    assert.has_error(function() rows:add({ name = "a" }, 0) end)
    rows:close()
    rows:close()
    assert.has_error(function() rows:count() end)
  end)

  it("puts one value into its form", function()
    assert.same("https://a.b/", core.rows.normal("okta_domain", "A.b"))
    assert.same("x", core.rows.normal("text", "x"))
    assert.is_nil(core.rows.normal("boolean", "x"))
    assert.has_error(function() core.rows.normal("list", "x") end)
    assert.has_error(function() core.rows.normal("nonsense", "x") end)
  end)

  it("takes constant memory for what is not kept, but for the set of keys", function()
    local rows = new { keep = false }
    local reader = core.csv.reader {}
    reader:feed("name,secret\n")
    reader:columns((reader:next()))
    rows:fields { "name", "secret" }
    local number = 0
    local function run(times)
      for _ = 1, times do
        local lines = {}
        for i = 1, 1000 do
          number = number + 1
          lines[i] = ("n%d,%s\n"):format(number, ("x"):rep(100))
        end
        reader:feed(table.concat(lines))
        assert.is_nil((rows:take(reader)))
      end
      collectgarbage()
      collectgarbage()
      return collectgarbage("count")
    end
    local before = run(2)
    assert.is_true(run(20) < before + 100)
    assert.same(22000, rows:count())
  end)
end)
