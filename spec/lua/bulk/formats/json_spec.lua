-- lua/ddokta/bulk/formats/json.lua: what is written is bulk/write_spec.lua's
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

describe("JSON as a source", function()
  teardown(box.remove)

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
end)
