-- csrc/binding/compat.c: what must be the same on every Lua.
local core = require "ddokta.core"
local make_calls = require "spec.csrc.binding.calls"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

describe("on every Lua", function()
  local calls = make_calls(setup, teardown, it)
  calls.are_sent {
    { "a whole number is its digits", "dd", "get_user", { 2.0 }, "GET /api/v2/users/2" },
    { "a large one is its digits", "dd", "get_user", { 2 ^ 53 }, "GET /api/v2/users/9007199254740992" },
    { "a negative one is its digits", "dd", "get_user", { -7 }, "GET /api/v2/users/-7" },
  }
  calls.are_refused {
    { "a fraction where digits go", "dd", "get_user", { 1.5 }, "user_id: a string is needed" },
    { "more than is exact", "dd", "get_user", { 2 ^ 60 * 1.5 + 0.0 }, "user_id: a string is needed" },
  }

  -- C sees a path up to its first NUL, and would work on another file
  for name, call in pairs {
    ["system.list"] = { core.system.list, "/tmp\0x" },
    ["system.stat"] = { core.system.stat, "/tmp\0x" },
    ["system.resolve"] = { core.system.resolve, "/tmp\0x" },
    ["system.create"] = { core.system.create, "/tmp/ddokta-nul\0x" },
    ["system.mkdtemp"] = { core.system.mkdtemp, "ddokta-nul\0x" },
    ["system.replace"] = { core.system.replace, "/tmp/ddokta-no\0x", "/tmp/ddokta-nul" },
    ["system.replace's other"] = { core.system.replace, "/tmp/ddokta-no", "/tmp/ddokta-nul\0x" },
    ["journal.open"] = { core.journal.open, "/tmp/ddokta-nul\0x", "spec" },
    ["fingerprint.key"] = { core.fingerprint.key, "/tmp/ddokta-nul\0x" },
  } do
    it(name .. " takes no path with a NUL", function()
      local ok, message = pcall(unpack(call))
      assert.is_false(ok)
      assert.matches("a path without NUL is wanted", message)
      assert.is_nil((core.system.stat "/tmp/ddokta-nul"))
    end)
  end
end)
