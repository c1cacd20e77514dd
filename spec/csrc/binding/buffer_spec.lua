-- csrc/binding/buffer.c: what C was writing when Lua raised is not lost. alloc_test.c sees to the same at
-- each allocation.
local core = require "ddokta.core"
local sanitized = require "spec.support.sanitized"

local function resident_kilobytes()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmRSS:%s*(%d+) kB"
    if kilobytes then return tonumber(kilobytes) end
  end
end

describe("a buffer", function()
  it("is freed by the collector where an error comes between", function()
    if not io.open "/proc/self/status" then return pending "there is no /proc" end
    local text = ("x"):rep(2 ^ 20)
    local function fail() assert.is_nil((core.json.encode { a = text, b = print })) end
    for _ = 1, 10 do
      fail()
      collectgarbage()
    end
    local before = resident_kilobytes()
    for _ = 1, 200 do
      fail()
      collectgarbage()
    end
    -- a sanitizer keeps what is freed, and finds leaks itself
    assert.is_true(sanitized or resident_kilobytes() - before < 50 * 1024)
  end)

  it("holds nothing, and bytes of all kinds", function()
    assert.equal("", core.show "")
    assert.equal("", core.text.skeleton "")
    local bytes = {}
    for byte = 0, 127 do
      bytes[#bytes + 1] = string.char(byte)
    end
    local text = table.concat(bytes)
    assert.equal(text, core.json.decode(core.json.encode { text })[1])
  end)
end)
