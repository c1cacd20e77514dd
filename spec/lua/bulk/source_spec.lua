-- bulk.read: files, standard input, tables and iterators as one kind of source.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"

-- every row and problem of a source, as text
local function drain(source)
  local said = {}
  while true do
    local row, detail = source:next()
    if row then
      said[#said + 1] = ("%s name=%s"):format(source:place(detail), tostring(row.name))
    elseif detail then
      said[#said + 1] = ("%s: %s"):format(source:place(detail.line), detail.message)
    else
      source:close()
      return said
    end
  end
end

local function refused(...)
  local source, err = bulk.read(...)
  assert.is_nil(source)
  assert.same("invalid_request", err.kind)
  return (tostring(err):gsub("^invalid_request: ", ""))
end

describe("bulk.read", function()
  teardown(box.remove)

  it("reads CSV with the line of each record", function()
    local path = box.write("a.csv", 'name,b\r\n"x\r\ny",1\r\n\r\nz,2\r\n')
    local source = assert(bulk.read(path, { name = "a.csv" }))
    assert.same({ "name", "b" }, source.columns)
    assert.same({ "a.csv:2 name=x\r\ny", "a.csv:5 name=z" }, drain(source))
  end)

  it("reads JSON Lines, with a mark, CRLF and blank lines", function()
    local path = box.write("a.jsonl", '\239\187\191{"name":"x"}\r\n\n  \n{"name":"y"}')
    assert.same({ "f:1 name=x", "f:4 name=y" }, drain(assert(bulk.read(path, { name = "f" }))))
  end)

  it("reads JSON Lines that are longer than what is read at once", function()
    local lines = {}
    for i = 1, 3000 do
      lines[i] = ('{"name":"%d","b":"%s"}'):format(i, ("x"):rep(i % 97))
    end
    local path = box.write("long.ndjson", table.concat(lines, "\n"))
    local said = drain(assert(bulk.read(path, { name = "f" })))
    assert.same(3000, #said)
    assert.same("f:3000 name=3000", said[3000])
  end)

  it("names the line of JSON Lines that is no object and goes on", function()
    local path = box.write("bad.jsonl", '{"name":"x"}\n{"name":\n"text"\n{"name":"y"}\n')
    local said = drain(assert(bulk.read(path, { name = "f" })))
    assert.same(4, #said)
    assert.same("f:1 name=x", said[1])
    assert.truthy(said[2]:find("^f:2: "))
    assert.same("f:3: not a JSON object", said[3])
    assert.same("f:4 name=y", said[4])
  end)

  it("reads JSON: a list, or a list in data", function()
    for _, text in ipairs { '[{"name":"x"},{"name":"y"}]', ' {"data":[{"name":"x"},{"name":"y"}]}' } do
      local source = assert(bulk.read(box.write("a.json", text), { name = "f" }))
      assert.same({ "f item 1 name=x", "f item 2 name=y" }, drain(source))
    end
    assert.same({}, drain(assert(bulk.read(box.write("a.json", "[]")))))
    local odd = assert(bulk.read(box.write("a.json", "[1]"), { name = "f" }))
    assert.same({ "f item 1: not a JSON object" }, drain(odd))
  end)

  it("refuses JSON that is no list of objects", function()
    for _, text in ipairs { '{"name":"x"}', '"x"', '{"data":{"type":"t","attributes":{}}}', "3" } do
      assert.truthy(refused(box.write("a.json", text), { name = "f" }):find("^f: not a list of objects"))
    end
    assert.truthy(refused(box.write("a.json", "[{"), { name = "f" }):find("^f: "))
    assert.same("f: empty: a list of objects is wanted", refused(box.write("a.json", " \n"), { name = "f" }))
  end)

  it("reads a list of rows and an iterator", function()
    assert.same({ "table row 1 name=x" }, drain(bulk.read { { name = "x" } }))
    assert.same(
      { "table row 1: a table is wanted, got number", "table row 2 name=x" },
      drain(bulk.read { 5, { name = "x" } })
    )
    local left = 2
    local function iterator()
      left = left - 1
      if left >= 0 then return { name = left } end
    end
    assert.same({ "it row 1 name=1", "it row 2 name=0" }, drain(bulk.read(iterator, { name = "it" })))
  end)

  it("takes the format that it is told", function()
    local path = box.write("a.txt", "name\nx\n")
    assert.same(1, #drain(assert(bulk.read(path, { format = "csv" }))))
    assert.truthy(
      refused(path):find(
        "cannot tell the format from the name: say which it is (format: csv, jsonl, json)",
        1,
        true
      )
    )
    assert.same("unknown format 'xml' (known: csv, jsonl, json)", refused(path, { format = "xml" }))
  end)

  it("refuses a delimiter for what is no CSV, and a line's end for one", function()
    local path = box.write("a.json", "[]")
    assert.same(path .. " is no CSV: a delimiter says nothing of it", refused(path, { delimiter = ";" }))
    assert.same("a table is no CSV: a delimiter says nothing of it", refused({}, { delimiter = ";" }))
    assert.same(
      "okta:group/X is no CSV: a delimiter says nothing of it",
      refused("okta:group/X", { delimiter = ";" })
    )
    local ok, message = pcall(function() bulk.read("a.csv", { delimiter = "newline" }) end)
    assert.is_false(ok)
    assert.truthy(message:find("a line's end separates rows, not columns", 1, true))
  end)

  it("takes another delimiter", function()
    local source = assert(bulk.read(box.write("a.csv", "name;b\nx;1\n"), { delimiter = ";" }))
    assert.same({ "name", "b" }, source.columns)
  end)

  it("refuses what is not there, a folder, and nothing", function()
    assert.truthy(refused("no/such/file.csv"):find("cannot read no/such/file.csv: No such file"))
    os.execute("mkdir -p '" .. box.dir .. "/folder.csv'")
    assert.truthy(refused(box.dir .. "/folder.csv"):find("cannot read"))
    local function refused_text(text) return refused(box.write("a.csv", text), { name = "f" }) end
    assert.same("f:1: empty: the first line must name the columns", refused_text(""))
    assert.same(
      "f:1:1: the file ends inside a character of UTF-16: a part of it is missing",
      refused_text("\255\254n")
    )
    assert.same(
      "f:1:1: two of comma, semicolon, tab and | come equally often in the first line: say which "
        .. "one separates the columns (delimiter)",
      refused_text("name;domain,auth_method\n")
    )
    assert.same("f:1:1: this quote is never closed", refused_text('"name,domain\nx,y\n'))
  end)

  it("raises for what is a bug of the script", function()
    assert.has_error(
      function() bulk.read(5) end,
      "bulk.read: a path, a table or a function is wanted, got number"
    )
    assert.has_error(
      function() bulk.read("a.csv", { fromat = "csv" }) end,
      "unknown option 'fromat', did you mean 'format'?"
    )
    for option, value in pairs { delimiter = "xy", list_separator = "", map = { name = "a+" } } do
      local ok, message = pcall(function() bulk.read("a.csv", { [option] = value }) end)
      assert.is_false(ok)
      assert.truthy(message:find("^[^:]*:%d+: option '" .. option .. "': "), message)
    end
    assert.has_error(
      function() bulk.read("a.csv", { format = 1 }) end,
      "option 'format': a string is wanted, got number"
    )
  end)
end)
