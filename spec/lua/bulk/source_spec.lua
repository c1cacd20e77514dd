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
    assert.equal("cannot read no/such: No such file or directory", refused "no/such")
    assert.equal(
      "cannot read okat:group/Platform: No such file or directory, did you mean 'okta'?",
      refused "okat:group/Platform"
    )
    os.execute("mkdir -p '" .. box.dir .. "/folder.csv'")
    assert.truthy(refused(box.dir .. "/folder.csv"):find("folder.csv: it is a directory", 1, true))
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

  it("reads a Lua iterator", function()
    local i = 0
    local source = assert(bulk.read(function()
      i = i + 1
      if i <= 3 then return { userName = "i" .. i .. "@example.com" } end
    end, { name = "three" }))
    assert.same("three row 3", source:place(3))
    assert.same(3, assert(bulk.check("scim_users", source)).rows)
  end)
end)
