-- lua/ddokta/init.lua: what require "ddokta" returns.
local ddokta = require "ddokta"

describe("ddokta", function()
  it("hands out what scripts use, and no more", function()
    local names = {}
    for name in pairs(ddokta) do
      if name ~= "operations" then names[#names + 1] = name end
    end
    table.sort(names)
    assert.same({
      "array",
      "assert",
      "await",
      "client",
      "null",
      "okta",
      "parallel",
      "person",
      "sites",
      "spawn",
      "version",
    }, names)
    assert.is_nil(rawget(ddokta, "cleint"))
  end)

  it("lists operations whole", function()
    local n = 0
    for i, operation in ipairs(ddokta.operations) do
      n = i
      for _, name in ipairs { "name", "service", "method", "path", "success", "doc" } do
        assert.is_truthy(rawget(operation, name), name)
      end
    end
    assert.is_true(n > 100)
    assert.equal(ddokta.operations, ddokta.operations)
  end)

  it("asserts: passes on all of a success, raises a failure as a line with the caller's place", function()
    assert.same({ 1, nil, 3, n = 3 }, { n = select("#", ddokta.assert(1, nil, 3)), ddokta.assert(1, nil, 3) })
    local _, message = pcall(function()
      ddokta.assert(nil, setmetatable({}, { __tostring = function() return "why" end }))
    end)
    assert.truthy(message:find "init_spec.lua:%d+: why$", message)
    _, message = pcall(function() ddokta.assert(false) end)
    assert.truthy(message:find "it failed, and nothing says why$", message)
  end)

  it("makes clients, and raises for a wrong option at the caller", function()
    for _, make in ipairs { "client", "okta" } do
      local ok, message = pcall(function() return ddokta[make] { timeuot = 5 }, nil end)
      assert.is_false(ok)
      assert.truthy(
        message:find "init_spec.lua:%d+: unknown option timeuot, did you mean 'timeout'%?",
        message
      )
    end
  end)
end)
