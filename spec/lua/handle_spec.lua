-- lua/ddokta/handle.lua
local handle = require "ddokta.handle"

describe("the handle of a group's team", function()
  it("is written as Datadog's own look", function()
    for name, expected in pairs {
      ["Platform"] = "platform",
      ["SRE & Friends"] = "sre-friends",
      ["A_B  c"] = "a-b-c",
      ["  --A  b--"] = "a-b",
      ["!!!"] = "",
      [("N"):rep(195)] = ("n"):rep(195),
      [("N"):rep(200)] = ("n"):rep(195), -- the longest name that a team may have
    } do
      assert.equal(expected, handle.of(name))
    end
  end)

  it("is not known for letters beyond ASCII", function()
    for _, name in ipairs { "日本チーム", "Équipe" } do
      assert.is_nil(handle.of(name))
    end
  end)
end)
