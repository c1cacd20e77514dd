-- lua/ddokta/sandbox/uuid.lua
local uuid = require "ddokta.sandbox.uuid"

local PATTERN = ("^xxxxxxxx%-xxxx%-4xxx%-([89ab])xxx%-xxxxxxxxxxxx$"):gsub("x", "%%x")

describe("the sandbox's ids", function()
  it("are UUIDs of version 4, each another one, of every variant", function()
    local seen, variants = {}, {}
    for _ = 1, 2000 do
      local id = uuid()
      local variant = id:match(PATTERN)
      assert.is_truthy(variant, id)
      assert.is_nil(seen[id])
      seen[id], variants[variant] = true, true
    end
    assert.same({ ["8"] = true, ["9"] = true, a = true, b = true }, variants)
  end)
end)
