-- lua/ddokta/sandbox/nginx.lua: what is found, and its certificates
local nginx = require "ddokta.sandbox.nginx"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system
local write = require("spec.support.files").write

describe("the sandbox's nginx", function()
  it("is found with its Lua module", function()
    local found = assert(nginx.find())
    assert.matches("^/", found.binary)
    assert.equal("string", type(found.load_modules))
  end)

  -- scripts that are nginx but for what they say of themselves
  local function liar(dir, name, change)
    local path = dir .. "/" .. name
    write(path, ("#!/bin/sh\n%s \"$@\" 2>&1 | sed '%s'\n"):format(nginx.find().binary, change))
    shell.run("chmod +x " .. shell.quote(path))
    return path
  end

  -- what another Lua finds that has this PATH
  local function found_with(path)
    local lua = shell.run("command -v " .. os.getenv "DDOKTA_LUA"):match "[^\n]+"
    local script = "io.write(require('ddokta.sandbox.nginx').find().binary)"
    return (shell.run(('PATH="%s"; %s -e %s'):format(path, lua, shell.quote(script))))
  end

  local WITHOUT = "s/--add-module=[^ ]*//g; s#--modules-path=[^ ]*##; s#$# --modules-path=/nowhere#"

  it("is the first that has the Lua module", function()
    local dir, real = assert(system.mkdtemp "ddokta-nginx-"), nginx.find()
    liar(dir, "nginx", WITHOUT)
    liar(dir, "openresty", "s/.*/broken/; q1")
    assert.equal(real.binary, found_with(dir .. ":$PATH"))
    local found = found_with "/usr/bin:/bin" -- an ordinary user's PATH, on Debian
    assert.equal(found, assert(nginx.find(found)).binary)
    shell.run("rm -r " .. shell.quote(dir))
  end)

  it("has the module built in, or in its own folder, or is told where", function()
    local dir = assert(system.mkdtemp "ddokta-nginx-")
    local built_in = "s/$/ --add-module=..\\/ngx_devel_kit-0.3.3 --add-module=..\\/ngx_lua-0.10.28/"
    assert.equal("", nginx.find(liar(dir, "openresty", WITHOUT .. ";" .. built_in)).load_modules)
    -- as Alpine has it: built beside nginx, and loaded
    local beside = "s/$/ --add-dynamic-module=\\/build\\/lua-nginx-module-0.10.28/"
    local path = liar(dir, "nginx", WITHOUT .. ";" .. beside .. "; s#/nowhere#" .. dir .. "#")
    write(dir .. "/ngx_http_lua_module.so", "")
    assert.equal(('load_module "%s/ngx_http_lua_module.so";'):format(dir), nginx.find(path).load_modules)
    write(dir .. "/ndk_http_module.so", "")
    assert.equal(
      ('load_module "%s/ndk_http_module.so";\nload_module "%s/ngx_http_lua_module.so";'):format(dir, dir),
      nginx.find(liar(dir, "plain", WITHOUT), dir).load_modules
    )
    shell.run("rm -r " .. shell.quote(dir))
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
