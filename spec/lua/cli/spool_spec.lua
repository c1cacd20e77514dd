-- lua/ddokta/cli/spool.lua
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json
local spool = require "ddokta.cli.spool"
local status = require "ddokta.cli.status"

local function copied(kept)
  local pieces = {}
  kept:copy(function(piece) pieces[#pieces + 1] = piece end)
  return table.concat(pieces), #pieces
end

-- A temporary file that takes so many writes, and then has room for no more.
local function with_room(writes, run)
  local tmpfile, file = io.tmpfile, io.tmpfile()
  local full = {}
  function full.write(_, text)
    writes = writes - 1
    if writes < 0 then return nil, "No space left on device" end
    return file:write(text)
  end
  function full.flush() return file:flush() end
  function full.seek(_, ...) return file:seek(...) end
  function full.read(_, n) return file:read(n) end
  function full.close() return file:close() end
  io.tmpfile = function() return full end -- luacheck: ignore 122
  local ok, err = pcall(run, file)
  io.tmpfile = tmpfile -- luacheck: ignore 122
  assert(ok, err)
end

describe("cli.spool", function()
  it("gives what was put, in pieces", function()
    local kept, all = spool.new(), {}
    for i = 1, 5000 do
      all[i] = ("line %d of this\n"):format(i)
      kept:put(all[i])
    end
    local text, pieces = copied(kept)
    assert.equal(table.concat(all), text)
    assert.equal(math.ceil(#text / 65536), pieces)
    assert.equal("", (copied(spool.new())))
  end)

  it("takes memory for what the disk does not take", function()
    for _, room in ipairs { 0, 1, 2 } do
      with_room(room, function()
        local kept = spool.new()
        for _, text in ipairs { "a", "b", "c" } do
          kept:put(text)
        end
        assert.equal("abc", (copied(kept)))
      end)
    end
    local tmpfile = io.tmpfile
    io.tmpfile = function() return nil, "no such folder" end -- luacheck: ignore 122
    local kept = spool.new()
    io.tmpfile = tmpfile -- luacheck: ignore 122
    kept:put "a"
    assert.equal("a", (copied(kept)))
  end)

  it("gives nothing where the disk has lost what it took", function()
    with_room(9, function()
      local kept = spool.new()
      kept:put "a"
      kept.length = 2
      local given = 0
      local ok, stop = pcall(kept.copy, kept, function() given = given + 1 end)
      assert.same({ false, true, 0 }, { ok, status.is_stop(stop), given })
    end)
  end)
end)

describe("a list as JSON", function()
  it("is one document, or that of the failure in its middle", function()
    local server = box.start { limit = 100000 }
    finally(function() server:stop() end)
    local users = {}
    for i = 1, 250 do
      users[i] = { email = ("u%03d@example.com"):format(i) }
    end
    box.admin(server, "PUT", "seed", { users = users })
    local environment = command.environment(server)
    local result = command.run(environment, "--json", "users", "list")
    assert.same({ 0, "" }, { result.status, result.err })
    local list = assert(json.decode(result.out))
    assert.truthy(#list >= 250, #list)
    assert.truthy(result.out:find "^%[{" and result.out:find "}%]\n$")
    box.fault(
      server,
      { method = "GET", path = "/api/v2/scim/Users", after = 2, status = 400, body = '{"detail":"no more"}' }
    )
    result = command.run(environment, "--json", "users", "list")
    assert.equal(1, result.status)
    assert.equal("invalid_request", assert(json.decode(result.out)).error.kind)
    result = command.run(environment, "--json", "groups", "list")
    assert.same({ 0, "[]\n" }, { result.status, result.out })
  end)
end)
