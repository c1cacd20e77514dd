-- lua/ddokta/bulk/formats/jsonl.lua: what is written is bulk/write_spec.lua's
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

describe("JSON Lines", function()
  teardown(box.remove)

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
end)
