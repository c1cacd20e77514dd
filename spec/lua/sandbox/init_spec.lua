-- lua/ddokta/sandbox/init.lua and launch/: starting, stopping, and leaving nothing behind
local client = require "spec.lua.sandbox.client"
local sandbox = require "ddokta.sandbox"
local shell = require "ddokta.shell"
local socket = require "socket"
local system = require("ddokta.core").system

local interpreter = os.getenv("DDOKTA_LUA")
for i = 0, -9, -1 do
  interpreter = interpreter or arg and arg[i - 1] == nil and arg[i]
end

-- starts this Lua with a script that prints its process id, nginx's and the folder
local function launch(script, redirection)
  -- a shell that runs us may ignore a lost terminal (nohup does), and we and all that we start as well
  local default = shell.run("env --default-signal=HUP true 2>&1") == "" and "env --default-signal=HUP" or ""
  local command = ("LUA_PATH=%s LUA_CPATH=%s exec %s %s %s"):format(
    shell.quote(package.path),
    shell.quote(package.cpath),
    default,
    shell.line { interpreter, "-e", script },
    redirection or ""
  )
  local pipe = assert(io.popen(command, "r"))
  local lua, nginx, dir = pipe:read("*l"):match("^(%d+) (%d+) (.+)$")
  return { pipe = pipe, lua = tonumber(lua), nginx = tonumber(nginx), dir = dir }
end

local TELL = [[
  local function tell(box)
    print(("%d %d %s"):format(require("ddokta.core").system.pid(), box.pid, box.dir))
    io.stdout:flush()
  end
]]

local function is_gone(launched)
  return not client.exists(launched.dir) and not client.is_alive(launched.nginx)
end

-- waits until nothing is left of it; a failure must not leave a Lua that waits for its nginx
local function goes(launched)
  local gone = client.eventually(5, function() return is_gone(launched) end)
  if not gone then
    system.kill(launched.lua, 9)
    system.kill(launched.nginx, 9)
  end
  launched.pipe:close()
  return gone
end

describe("the sandbox", function()
  it("starts, answers and stops, and nothing is left", function()
    local box = assert(sandbox.start())
    finally(function() box:stop() end)
    assert.is_true(client.is_alive(box.pid))
    assert.is_true(client.exists(box.dir))
    assert.equal(200, client.call(box, "GET", "/api/v2/validate_keys").status)
    local port = box.http_url:match("%d+$")
    local from = system.now()
    assert.is_true(box:stop())
    assert.is_true(system.now() - from < 2) -- it is asked to end, not killed after a while
    assert.is_false(client.is_alive(box.pid))
    assert.is_false(client.exists(box.dir))
    assert.is_nil((socket.connect("127.0.0.1", tonumber(port))))
    assert.is_true(box:stop())
  end)

  it("lets nobody else see its folder, keys and settings, but whom to trust", function()
    local box = assert(sandbox.start())
    finally(function() box:stop() end)
    local function mode(name)
      return (shell.run("stat -c %a " .. shell.quote(box.dir .. "/" .. name)):gsub("\n", ""))
    end
    assert.equal("711 644", mode "." .. " " .. mode "ca.pem")
    for _, name in ipairs { "settings.json", "server.key" } do
      assert.equal("600", mode(name), name)
    end
    assert.is_false(client.exists(box.dir .. "/ca.key"))
  end)

  it("listens on loopback only", function()
    local box = assert(sandbox.start())
    finally(function() box:stop() end)
    local file = assert(io.open(box.dir .. "/nginx.conf"))
    local listens = 0
    for address in file:read("*a"):gmatch("listen ([%d.]+):") do
      assert.equal("127.0.0.1", address)
      listens = listens + 1
    end
    file:close()
    assert.equal(2, listens)
  end)

  it("has a certificate that curl trusts through its CA and not without", function()
    local box = assert(sandbox.start())
    finally(function() box:stop() end)
    local port = box.base_url:match("%d+$")
    for _, tls in ipairs { { "--tls-max", "1.2" }, { "--tlsv1.3" } } do
      local answer = client.curl(box, { tls[1], tls[2] or "-g", box.base_url .. "/api/v2/validate_keys" })
      assert.equal(0, answer.exit)
      assert.matches("^http/2 200", answer.head)
    end
    local answer = client.curl(
      box,
      { "--connect-to", "localhost::127.0.0.1:", ("https://localhost:%s/api/v2/validate_keys"):format(port) }
    )
    assert.equal(200, answer.status)
    local _, exit = shell.run(shell.line { "curl", "-sS", box.base_url .. "/" })
    assert.truthy(exit == 60 or exit == 77, exit) -- 77: the system has no file of authorities at all
    _, exit = shell.run(shell.line {
      "curl",
      "-sS",
      "--cacert",
      box.ca_file,
      "--resolve",
      ("example.com:%s:127.0.0.1"):format(port),
      ("https://example.com:%s/"):format(port),
    })
    assert.equal(60, exit)
  end)

  it("tells a shell how to use it", function()
    local box = assert(sandbox.start { api_key = "it's", app_key = "two words" })
    finally(function() box:stop() end)
    local output =
      shell.run(box.exports() .. '\necho "$DDOKTA_BASE_URL|$DDOKTA_CA_FILE|$DD_API_KEY|$DD_APP_KEY"')
    assert.equal(("%s|%s|it's|two words\n"):format(box.base_url, box.ca_file), output)
    assert.equal(200, client.call(box, "GET", "/api/v2/validate_keys").status)
  end)

  it("takes its settings and accounts", function()
    local box = assert(sandbox.start {
      limit = 5,
      period = 60,
      permissions = { "integrations_read" },
      seed = { { name = "a", domain = "https://a/" }, { name = "b", domain = "https://b/" } },
    })
    finally(function() box:stop() end)
    local answer = client.call(box, "GET", client.ACCOUNTS)
    assert.equal(2, #answer.json.data)
    assert.equal("5", answer.headers["x-ratelimit-limit"])
    assert.equal("60", answer.headers["x-ratelimit-period"])
    assert.equal(403, client.call(box, "POST", client.ACCOUNTS, { body = client.account() }).status)
  end)

  it("takes the next port when one is busy, without nginx's long wait", function()
    local busy = assert(socket.bind("127.0.0.1", 0))
    local _, port = busy:getsockname()
    port = tonumber(port)
    local from = system.now()
    local box = assert(sandbox.start { port = port })
    finally(function()
      box:stop()
      busy:close()
    end)
    assert.is_true(system.now() - from < 2)
    local got = tonumber(box.base_url:match("%d+$"))
    assert.is_true(got > port and got < port + 20, got)
    assert.equal(200, client.curl(box, { box.base_url .. "/api/v2/validate_keys" }).status)
  end)

  it("takes two ports, though the same one is free twice", function()
    local free_port, first, calls, box = system.free_port, nil, nil, nil
    for _ = 1, 3 do -- others may take a port that is free
      first, calls = free_port(), 0
      system.free_port = function()
        calls = calls + 1
        return calls <= 3 and first or free_port()
      end
      local ok
      ok, box = pcall(sandbox.start)
      system.free_port = free_port
      assert(ok, box)
      assert(box):stop()
      if box.base_url:find(":" .. first, 1, true) then break end
    end
    assert.equal(("https://127.0.0.1:%d"):format(first), box.base_url)
    assert.is_true(calls > 3)
  end)

  it("runs beside another one", function()
    local one, two = assert(sandbox.start()), assert(sandbox.start())
    finally(function()
      one:stop()
      two:stop()
    end)
    client.call(one, "POST", client.ACCOUNTS, { body = client.account() })
    assert.equal(1, client.admin(one, "GET", "/state").account_count)
    assert.equal(0, client.admin(two, "GET", "/state").account_count)
    one:stop()
    assert.equal(200, client.call(two, "GET", client.ACCOUNTS).status)
  end)

  it("raises on an option that is wrong or unknown", function()
    assert.error_matches(function() sandbox.start { limitt = 5 } end, 'no setting "limitt"')
    assert.error_matches(function() sandbox.start { port = "443" } end, "port must be a number")
    assert.error_matches(function() sandbox.start { permissions = "none" } end, "permissions must be")
  end)

  it("says which account of the seed is wrong", function()
    local box, problem = sandbox.start { seed = { { name = "a", domain = "https://a/" }, { name = "b" } } }
    assert.is_nil(box)
    assert.equal("seed: account 2: domain is a required attribute", problem)
  end)

  describe("that cannot start says why and leaves no folder:", function()
    local empty

    before_each(function() empty = assert(system.mkdtemp("ddokta-spec-")) end)
    after_each(function() shell.run("rm -rf " .. shell.quote(empty)) end)

    local function folders() return (shell.run('ls -d "${TMPDIR:-/tmp}"/ddokta-sandbox-*')) end

    local function refused(options)
      local before = folders()
      local box, problem = sandbox.start(options)
      assert.is_nil(box)
      assert.equal(before, folders())
      return problem
    end

    it(
      "no nginx",
      function()
        assert.matches(
          "apt%-get install nginx libnginx%-mod%-http%-lua",
          refused { nginx = empty .. "/nginx" }
        )
      end
    )

    it("no Lua module", function()
      if require("ddokta.sandbox.nginx").find().load_modules == "" then
        return pending "this nginx has it built in"
      end
      local problem = refused { nginx_modules = empty }
      assert.matches("has no Lua module", problem)
      assert.matches("libnginx%-mod%-http%-lua", problem)
    end)

    it(
      "no openssl",
      function() assert.matches("apt%-get install openssl", refused { openssl = empty .. "/openssl" }) end
    )

    it("an nginx that will not start", function()
      local fake = empty .. "/nginx"
      local file = assert(io.open(fake, "w"))
      file:write(
        '#!/bin/sh\n[ "$1" = -V ] && { echo "nginx version: nginx/1.22.1 --add-module=../ngx_lua"; exit 0; }\n'
          .. 'echo "[emerg] out of luck" >&2; exit 1\n'
      )
      file:close()
      shell.run("chmod 755 " .. shell.quote(fake))
      assert.matches("nginx did not start:.*out of luck", refused { nginx = fake })
    end)
  end)

  describe("leaves nothing behind when its launcher", function()
    local cases = {
      ["is killed"] = { "sandbox.start", 9 },
      ["is terminated"] = { "sandbox.start", 15 },
      ["loses its terminal"] = { "sandbox.start", 1 },
      ["is killed while it runs one"] = { "sandbox.run", 9 },
      ["is terminated while it runs one"] = { "sandbox.run", 15 },
    }
    for name, case in pairs(cases) do
      it(name, function()
        local script = case[1] == "sandbox.run" and 'require("ddokta.sandbox").run({}, tell)'
          or 'tell(assert(require("ddokta.sandbox").start())) require("ddokta.core").system.sleep(60)'
        local launched = launch(TELL .. script)
        assert.is_true(client.is_alive(launched.nginx))
        assert.is_true(client.exists(launched.dir))
        -- a terminal tells all processes; nginx must not take it for "read your configuration again"
        if case[2] == 1 then assert.is_true(system.kill(launched.nginx, 1)) end
        assert.is_true(system.kill(launched.lua, case[2]))
        assert.is_true(goes(launched))
      end)
    end

    it("ends without having stopped it", function()
      local launched = launch(TELL .. 'tell(assert(require("ddokta.sandbox").start()))')
      assert.is_true(goes(launched))
    end)

    it("ends with an error", function()
      local launched =
        launch(TELL .. 'tell(assert(require("ddokta.sandbox").start())) error("on purpose")', "2>/dev/null")
      assert.is_true(goes(launched))
    end)
  end)

  describe("that runs until it is ended", function()
    local RUN = TELL .. 'print(require("ddokta.sandbox").run({}, tell))'

    it("ends with Ctrl-C and returns", function()
      local launched = launch(RUN)
      -- the terminal signals both
      system.kill(launched.nginx, 2)
      system.kill(launched.lua, 2)
      assert.equal("true", launched.pipe:read("*l"))
      launched.pipe:close()
      assert.is_true(is_gone(launched))
    end)

    it("ends when Lua alone is interrupted, or nginx alone is ended", function()
      for _, case in ipairs { { "lua", 2 }, { "nginx", 15 }, { "nginx", 9 } } do
        local launched = launch(RUN)
        system.kill(launched[case[1]], case[2])
        assert.equal("true", launched.pipe:read("*l"))
        launched.pipe:close()
        assert.is_true(is_gone(launched))
      end
    end)

    it("stops and raises when on_ready raises", function()
      local seen
      assert.error_matches(function()
        sandbox.run({}, function(box)
          seen = { nginx = box.pid, dir = box.dir }
          error("not ready for this")
        end)
      end, "not ready for this")
      assert.is_true(is_gone(seen))
    end)

    it("gives back why it cannot start", function()
      local ok, problem = sandbox.run({ nginx = "/nonexistent/nginx" }, error)
      assert.is_nil(ok)
      assert.matches("libnginx%-mod%-http%-lua", problem)
    end)
  end)

  it("says nothing on the terminal while it starts and stops", function()
    local output = shell.run(
      ("LUA_PATH=%s LUA_CPATH=%s %s"):format(
        shell.quote(package.path),
        shell.quote(package.cpath),
        shell.line { interpreter, "-e", 'assert(require("ddokta.sandbox").start()):stop()' }
      )
    )
    assert.equal("", output)
  end)
end)
