-- spec/support/modules.lua: what cannot be run is counted as skipped, with the reason, and never as passed.
local files = require "spec.support.files"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

local SPEC = [[
local modules = require "spec.support.modules"
local function skip(why) pending(why) end
modules.skip("a loop", modules.missing "no.such.module", it, skip)
if modules.is_left_to("lua9.9", "a host", it, skip) then return end
it("is not for this Lua", function() error "run" end)
]]

describe("what a Lua lacks", function()
  local dir

  setup(function() dir = assert(system.mkdtemp "ddokta-modules-") end)
  teardown(function() shell.run("rm -rf " .. shell.quote(dir)) end)

  local function run(luas)
    files.write(dir .. "/lacking_spec.lua", SPEC)
    return shell.run(
      ("COUNTS=%s DDOKTA_LUAS='%s' %s spec/support/runner.lua --pattern=_spec --output=spec/support/output.lua %s"):format(
        shell.quote(dir .. "/count"),
        luas,
        LUA,
        shell.quote(dir)
      )
    )
  end

  -- passed, failed, skipped
  local function counts() return files.read(dir .. "/count"):match "^%d+ %d+ %d+" end

  it("is skipped, with the reason", function()
    local output = run(LUA)
    assert.truthy(output:find "skipped: a loop: [^\n]*module 'no.such.module' not found", output)
    assert.truthy(output:find "skipped: a host: [^\n]*it is run with lua9.9", output)
    assert.equal("0 0 2", counts())
  end)

  it("is not spoken of where another Lua of the run has it", function()
    run(LUA .. " lua9.9")
    assert.equal("0 0 1", counts())
  end)
end)
