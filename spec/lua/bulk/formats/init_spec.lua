-- lua/ddokta/bulk/formats/init.lua
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local files = require "spec.support.files"

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

describe("a source's format", function()
  teardown(box.remove)

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

  it("is one of those that the editors' types know", function()
    assert.same({ "csv", "jsonl", "json" }, bulk.formats.names)
    assert.truthy(files.read("lua/ddokta/types.lua"):find('.Format "csv"|"jsonl"|"json"\n', 1, true))
  end)
end)
