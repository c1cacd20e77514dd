-- lua/ddokta/version.lua: one version, by the rules of semver.org.
local version = require "ddokta.version"

describe("the version", function()
  it("is a semantic one, which the module and the binding's user agent have", function()
    assert.truthy(version:find "^%d+%.%d+%.%d+$" or version:find "^%d+%.%d+%.%d+%-[%w.]+$")
    assert.equal(version, require("ddokta").version)
  end)
end)
