-- spec/support/setup.lua and spec/part: keys and addresses of who runs the specs reach neither a spec nor a
-- program that it starts, which would call the service with them.
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

it("no key of who runs the specs reaches a spec, or what it starts", function()
  local dir = assert(system.mkdtemp "ddokta-setup-")
  local file = assert(io.open(dir .. "/asks_spec.lua", "w"))
  file:write [[
    it("asks", function()
      assert.is_nil(os.getenv "DD_API_KEY")
      assert.equal(".", io.popen('echo "$DD_API_KEY$OKTA_CLIENT_TOKEN$DDOKTA_BASE_URL."'):read())
    end)
  ]]
  file:close()
  local said, status = shell.run(
    ("mkdir %s/out && echo %s/asks_spec.lua > %s/out/asks.files; "):format(dir, dir, dir)
      .. "export DD_API_KEY=one OKTA_CLIENT_TOKEN=two DDOKTA_BASE_URL=three; "
      .. ("OUT=$(realpath --relative-to=. %s/out) sh spec/part %s asks; cat %s/out/*.log; "):format(
        dir,
        LUA,
        dir
      )
      .. ("grep -q '^1 0 0 ' %s/out/*.count"):format(dir)
  )
  shell.run("rm -rf " .. dir)
  assert.equal(0, status, said)
end)
