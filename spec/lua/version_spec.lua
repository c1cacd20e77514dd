-- lua/ddokta/version.lua: one version, by the rules of semver.org, and everything else says the same.
local files = require "spec.support.files"
local version = require "ddokta.version"

describe("the version", function()
  it(
    "is a semantic one",
    function() assert.truthy(version:find "^%d+%.%d+%.%d+$" or version:find "^%d+%.%d+%.%d+%-[%w.]+$") end
  )

  -- the user agent: client_spec; the command: spec/lua/cli/init_spec; what is installed: packaging_spec
  it("is that of the module, of its part in C, of the man page and of a rockspec", function()
    assert.equal(version, require("ddokta").version)
    assert.equal(version, require("ddokta.core").version)
    assert.truthy(files.read("doc/ddokta.1"):find("\n.Os ddokta " .. version .. "\n", 1, true))
    local rockspec = files.read(("rockspecs/ddokta-%s-1.rockspec"):format(version))
    assert.truthy(rockspec:find(('version = "%s-1"'):format(version), 1, true))
  end)

  it(
    "is in the changelog with the day of its release",
    function()
      assert.truthy(
        files
          .read("CHANGELOG.md")
          :find("\n## %[" .. version:gsub("%p", "%%%0") .. "%] %- %d%d%d%d%-%d%d%-%d%d\n")
      )
    end
  )
end)
