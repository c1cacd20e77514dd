-- csrc/binding/match.c: a comparison as Lua holds it. What differs is in spec/csrc/rows/match_test.c.
local core = require "ddokta.core"

local columns = { { name = "email" }, { name = "name" }, { name = "password", secret = true } }

local function rows_of(list, foreign)
  local rows = core.rows.new { columns = columns, key = "email", keep = true, foreign = foreign }
  for line, values in ipairs(list) do
    assert(rows:add(values, line))
  end
  return rows
end

describe("a match", function()
  local source, service

  before_each(function()
    source = rows_of { { email = "a", name = "A" }, { email = "b", name = "B" }, { email = "c", name = "C" } }
    service = rows_of({ { email = "b", name = "b" }, { email = "c", name = "C" }, { email = "d" } }, true)
  end)

  it("says what is to be done with each row", function()
    local match = source:match(service, { prune = true })
    assert.equal(4, match:steps())
    assert.same({ "create", 1, nil }, { match:at(1) })
    assert.same({ "update", 2, 1 }, { match:at(2) })
    assert.same({ "unchanged", 3, 2 }, { match:at(3) })
    assert.same({ "delete", nil, 3 }, { match:at(4) })
    assert.same({ 1, 2, 4, nil }, { match:next(0), match:next(1), match:next(2), match:next(4) })
    local counts = match:counts()
    assert.same(
      { 1, 1, 1, 1, 2 },
      { counts.create, counts.update, counts.unchanged, counts.delete, counts.met }
    )
    assert.equal(0, source:match(service, {}):counts().delete)
  end)

  it("takes another action for a row where it can be done", function()
    local match = source:match(service, { prune = true })
    match:set(1, "refused")
    assert.same({ "refused", 1 }, { match:at(1) })
    assert.same({ 0, 1 }, { match:counts().create, match:counts().refused })
    for words, fn in pairs {
      ["cannot be deleted"] = function() match:set(2, "delete") end,
      ["the service has no such row"] = function() match:set(1, "update") end,
      ["there is no such row"] = function() match:set(4, "create") end,
      ["invalid option"] = function() match:set(1, "burn") end,
    } do
      local ok, message = pcall(fn)
      assert.is_false(ok)
      assert.is_truthy(message:find(words, 1, true), message)
    end
  end)

  it("has a digest of what it does, and none of secrets but whether they are there", function()
    local function digest(password, more)
      local other = rows_of { { email = "a", password = password } }
      return other:match(service, {}):digest(other, nil, more or "")
    end
    assert.matches("^%x+$", digest())
    assert.equal(64, #digest())
    assert.equal(digest "one", digest "two")
    assert.are_not.equal(digest "one", digest())
    assert.are_not.equal(digest(), digest(nil, "more"))
    local match = source:match(service, {})
    local steps = match:digest(source, service, "")
    match:set(1, "refused")
    assert.are_not.equal(steps, match:digest(source, service, ""))
    assert.is_false(pcall(match.digest, match, source, rows_of { { email = "x" } }, ""))
  end)
end)
