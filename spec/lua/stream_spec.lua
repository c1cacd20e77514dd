-- lua/ddokta/stream.lua: what could not be written is told, also where LuaJIT has compiled what writes.
local files = require "spec.support.files"
local stream = require "ddokta.stream"

local PIECE, PIECES = ("x"):rep(100), 20000

describe("stream", function()
  it("tells each time that a full disk takes nothing", function()
    local full = assert(io.open("/dev/full", "wb"))
    local failed, reasons = 0, {}
    for _ = 1, PIECES do
      local ok, why = stream.write(full, PIECE)
      if not ok then
        failed = failed + 1
        reasons[why] = true
      end
    end
    -- libc keeps some pages before it asks the system
    assert.is_true(failed > 100, tostring(failed))
    assert.is_true(reasons["No space left on device"])
    full:close()
  end)

  it("tells it of each flush", function()
    local full = assert(io.open("/dev/full", "wb"))
    local failed = 0
    for _ = 1, 1000 do
      stream.write(full, PIECE)
      if not stream.flush(full) then failed = failed + 1 end
    end
    assert.equal(1000, failed)
    full:close()
  end)

  it("writes what there is room for", function()
    local path = os.tmpname()
    local handle = assert(io.open(path, "wb"))
    for _ = 1, PIECES do
      assert.truthy(stream.write(handle, PIECE))
    end
    assert.truthy(stream.flush(handle))
    assert.equal(#PIECE * PIECES, #files.read(path))
    handle:close()
    os.remove(path)
  end)
end)
