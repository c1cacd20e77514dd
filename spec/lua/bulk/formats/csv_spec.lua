-- lua/ddokta/bulk/formats/csv.lua: what is written is read as it was, and runs in no spreadsheet; the reader
-- itself is csrc/rows/csv.c's.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local formats_csv = require "ddokta.bulk.formats.csv"

describe("CSV", function()
  teardown(box.remove)

  local cells = {
    "=1+1",
    "+49 30",
    "-5",
    "@SUM(A1)",
    "\tcmd",
    "\rcmd",
    "'=1",
    "''=1",
    "'quoted'",
    "'",
    "''",
    "a=b",
    " =1",
    '=HYPERLINK("http://x","y")',
  }
  it("has no cell that a spreadsheet would run, and reading finds each as it was", function()
    local rows, parts = {}, {}
    for i, cell in ipairs(cells) do
      rows[i] = { name = cell, ["=column"] = cell }
    end
    formats_csv.write(rows, { "name", "=column" }, function(text) parts[#parts + 1] = text end)
    local text = table.concat(parts)
    for line in text:gmatch "[^\n]+" do
      for cell in line:gmatch "[^,]+" do
        assert.is_nil(cell:find '^"?[=+%-@\t\r]', cell)
      end
    end
    local fed = false
    local read = assert(formats_csv.read(function()
      if fed then return nil end
      fed = true
      return text
    end, {}))
    assert.same({ "name", "=column" }, read.cells)
    read.name(read.cells)
    for _, cell in ipairs(cells) do
      local row = assert(read.next())
      assert.same({ cell, cell }, { row.name, row["=column"] })
    end
    assert.is_nil((read.next()))
  end)

  it("writes a file of one column so that nothing in it separates columns", function()
    local parts = {}
    for _, cell in ipairs { "R&D; Ops", "a|b", "c\td", "e,f", "g" } do
      parts[#parts + 1] = { name = cell }
    end
    local text = {}
    formats_csv.write(parts, { "name" }, function(piece) text[#text + 1] = piece end)
    local source = assert(bulk.read(box.write("one.csv", table.concat(text))))
    for _, row in ipairs(parts) do
      assert.same(row, (source:next()))
    end
    assert.is_nil((source:next()))
  end)
end)
