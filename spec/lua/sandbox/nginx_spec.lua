-- lua/ddokta/sandbox/nginx.lua: what is found, and its certificates
local nginx = require "ddokta.sandbox.nginx"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

describe("the sandbox's nginx", function()
  it("is found with its Lua module", function()
    local found = assert(nginx.find())
    assert.matches("^/", found.binary)
    assert.equal("string", type(found.load_modules))
  end)

  it("is missed in words that say what to install", function()
    for _, binary in ipairs { "/nowhere/nginx", "/bin/false" } do
      local found, message = nginx.find(binary)
      assert.is_nil(found)
      assert.matches("needs nginx with its Lua module", message)
      assert.matches("apt%-get install", message)
    end
  end)

  it("has a certificate of its own authority, whose key is gone", function()
    local dir = assert(system.mkdtemp "ddokta-certificates-")
    assert(nginx.certify(dir, "openssl"))
    local verify =
      { "openssl", "verify", "-CAfile", dir .. "/ca.pem", "-verify_ip", "127.0.0.1", dir .. "/server.pem" }
    local output, status = shell.run(shell.line(verify))
    assert.equal(0, status, output)
    assert.is_nil(io.open(dir .. "/ca.key"))
    assert.equal(
      "711 . 644 ca.pem 600 server.key",
      (
        shell
          .run(("cd %s && stat -c '%%a %%n' . ca.pem server.key"):format(dir))
          :gsub("\n", " ")
          :gsub(" $", "")
      )
    )
    local ok, message = nginx.certify(dir, "/nowhere/openssl")
    assert.is_nil(ok)
    assert.matches("needs openssl", message)
    shell.run("rm -r " .. shell.quote(dir))
  end)
end)
