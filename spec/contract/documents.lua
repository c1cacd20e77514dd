-- What the command writes for programs, by each command in each way in which it can end, against the schemas
-- of doc/json by a validator that others wrote (ajv, strict), which also looks at the schemas themselves.
local documents = require "spec.support.documents"
local every_command = require "spec.support.every_command"
local files = require "spec.support.files"
local json = require("ddokta.core").json

local MODULES = (os.getenv "DDOKTA_CONTRACT" or "build/contract") .. "/node_modules"

-- what spec/contract/documents.js says of a list of {schema, text}
local function held_against_schemas(list)
  local lines, name = {}, os.tmpname()
  for i, one in ipairs(list) do
    lines[i] = ('{"schema":%s,"document":%s}\n'):format(assert(json.encode(one[1])), (one[2]:gsub("\n", "")))
  end
  files.write(name, table.concat(lines))
  local pipe = assert(
    io.popen(("NODE_PATH='%s' node spec/contract/documents.js doc/json <'%s' 2>&1"):format(MODULES, name))
  )
  local said = pipe:read "*a"
  pipe:close()
  os.remove(name)
  return assert(json.decode(said), said)
end

describe("what the command writes for programs", function()
  it("is what the schemas say, by ajv", function()
    local all = every_command.start()
    documents.collected = {}
    for _, way in ipairs { "done", "usage", "network", "unauthorised", "guard" } do
      every_command.ways[way](all, function() end)
    end
    all:stop()
    local found = held_against_schemas(documents.collected)
    documents.collected = nil
    assert.same({}, found.faults)
    assert.is_true(found.documents > 150, tostring(found.documents))
    assert.is_true(found.schemas > 20)
  end)

  it("is told from what is not", function()
    local found = held_against_schemas {
      { "deleted", '{"kind":"teams","key":"a","id":"1","action":"delete","outcome":"failed"}' },
      { "error", '{"error":{"kind":"odd","message":"x"}}' },
      { "error", '{"error":{"kind":"network","message":"x"}}' },
    }
    assert.equal(2, #found.faults)
  end)
end)
