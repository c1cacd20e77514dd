-- csrc/binding/csv.c: the reader as Lua holds it. What CSV is, is in spec/csrc/rows/csv_spec.lua.
local csv = require("ddokta.core").csv

describe("core.csv", function()
  it("gives a list and its line, and asks for more", function()
    local reader = csv.reader {}
    assert.is_nil(reader:next())
    reader:feed 'a,"b\nc"\nd'
    assert.same({ { "a", "b\nc" }, 1 }, { reader:next() })
    assert.is_nil(reader:next())
    reader:finish()
    assert.same({ { "d" }, 3 }, { reader:next() })
    assert.is_nil(reader:next())
  end)

  it("gives a table by column where it was told them", function()
    local reader = csv.reader {}
    reader:feed "email,name\na@x,\n , \nb@x,B,,\nc@x\n"
    reader:finish()
    local names = assert(reader:next())
    reader:columns(names)
    names[1] = "changed"
    assert.same({ { email = "a@x" }, 2 }, { reader:next() })
    assert.same({ { email = "b@x", name = "B" }, 4 }, { reader:next() })
    local row, problem = reader:next()
    assert.is_nil(row)
    assert.same({ code = "field_count", message = "1 field, but the header has 2", line = 5 }, problem)
  end)

  it("names what is wrong, and where", function()
    local reader = csv.reader { delimiter = ";" }
    reader:feed 'a;"b"c\n'
    reader:finish()
    local row, problem = reader:next()
    assert.is_nil(row)
    assert.same({ "text_after_quote", 1, 2 }, { problem.code, problem.line, problem.field })
    assert.is_string(problem.message)
    assert.equal(";", reader:delimiter())
  end)

  it("refuses options that are none", function()
    for _, options in ipairs { { delimiter = "ab" }, { delimiter = '"' }, { max_field = -1 }, 5 } do
      assert.is_false(pcall(csv.reader, options))
    end
    assert.has_error(function() csv.reader({}):columns { 5 } end)
  end)

  it("names the first byte that is no UTF-8", function()
    assert.is_true(csv.is_utf8 "é")
    assert.same({ false, 2 }, { csv.is_utf8 "a\255" })
  end)
end)
