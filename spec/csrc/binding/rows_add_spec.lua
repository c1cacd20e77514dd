-- csrc/binding/rows_add.c: how rows come in, and what is said of those that do not.
local core = require "ddokta.core"

local columns = { { name = "email", required = true }, { name = "name", max = 5 } }

local function new_rows(more)
  local options = { columns = columns, key = "email", keep = true }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return core.rows.new(options)
end

local function reader_of(text)
  local reader = core.csv.reader {}
  reader:feed(text)
  reader:finish()
  reader:columns((reader:next()))
  return reader
end

describe("core.rows", function()
  it("takes records until there is something to say", function()
    local rows = new_rows { fold_keys = true }
    local reader = reader_of "email,name\na@x,A\nb@x,too long\nA@x,B\nc@x\nd@x,D\n"
    rows:fields({ "email", "name" }, false)
    assert.same({ { email = "b@x", name = "too long" }, 3 }, { rows:take(reader) })
    local taken, duplicate = rows:take(reader)
    assert.is_false(taken)
    assert.same({ key = "A@x", line = 4, first_line = 2, first_key = "a@x", exact = false }, duplicate)
    local _, problem = rows:take(reader)
    assert.same({ nil, "field_count" }, { _, problem.code })
    assert.is_nil(rows:take(reader))
    assert.equal(2, rows:count())
  end)

  it(
    "leaves a column out that it does not know, and refuses one without a name where it is strict",
    function()
      local text = "email,,name\na@x,something,A\n"
      local rows = new_rows()
      rows:fields({ "email", "", "name" }, false)
      assert.is_nil(rows:take(reader_of(text)))
      assert.equal(1, rows:count())
      rows = new_rows()
      rows:fields({ "email", "", "name" }, true)
      assert.equal(2, select(2, rows:take(reader_of(text))))
      assert.equal(0, rows:count())
      assert.is_false(pcall(rows.take, rows, reader_of "email\n"))
    end
  )

  it("takes tables, and says true, nil or false", function()
    local rows = new_rows()
    assert.is_true(rows:add({ email = "a@x" }, 1))
    assert.is_nil(rows:add({ name = "A" }, 2))
    assert.is_nil(rows:add({ email = "b@x", name = "\255" }, 3))
    assert.is_nil(rows:add({ email = "b@x", name = true }, 4))
    assert.is_false((rows:add({ email = "a@x" }, 5)))
    assert.is_true(select(2, rows:add({ email = "a@x" }, 6)).exact)
    assert.is_false(pcall(rows.add, rows, { email = "c@x" }, 0))
    assert.equal(1, rows:count())
  end)

  it("takes a service's values as they are, numbers as text, and others as absent", function()
    local rows = new_rows { foreign = true }
    assert.is_true(rows:add({ email = 12.0, name = {} }, 1))
    assert.same({ { email = "12" }, nil, "12", 1 }, { rows:get(1) })
  end)

  it("claims a key alone", function()
    local rows = new_rows { keep = false }
    assert.is_true(rows:claim("a@x", 1))
    local claimed, duplicate = rows:claim("a@x", 7)
    assert.is_false(claimed)
    assert.same(
      { "a@x", 7, 1, true },
      { duplicate.key, duplicate.line, duplicate.first_line, duplicate.exact }
    )
    assert.is_nil(duplicate.first_key)
  end)

  it("bears an __index that closes them", function()
    local rows = new_rows()
    local values = setmetatable({}, { __index = function() rows:close() end })
    assert.matches("these rows are closed", select(2, pcall(rows.add, rows, values, 1)))
  end)
end)
