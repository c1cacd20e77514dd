-- lua/ddokta/bulk/init.lua: what others may have of bulk.
local bulk = require "ddokta.bulk"

describe("bulk", function()
  it("has for scripts what it says", function()
    local names = {
      "apply",
      "apply_all",
      "check",
      "export",
      "fingerprints",
      "load",
      "plan",
      "read",
      "restore",
      "restore_plan",
      "write",
    }
    for _, name in ipairs(names) do
      assert.same("function", type(bulk[name]), name)
    end
    assert.same("table", type(bulk.kinds))
  end)

  it("hands out to recipes and the command what they ask for, and nothing else", function()
    local forms = bulk.forms
    assert.equal(require "ddokta.bulk.forms", forms)
    assert.equal(forms, rawget(bulk, "forms"))
    assert.equal(require("ddokta.bulk.kinds").get, bulk.kind)
    for _, name in ipairs { "comparison", "nothing" } do
      assert.matches("there is no ddokta%.bulk%." .. name, select(2, pcall(function() return bulk[name] end)))
    end
  end)
end)
