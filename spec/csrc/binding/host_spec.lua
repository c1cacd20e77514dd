-- The host is not ours: what it may do to the binding by a finalizer, a metamethod, its locale or its
-- terminal, and what must not come of it. Samples; entries_spec.lua has every entry.
local core = require "ddokta.core"
local ddokta = require "ddokta"
local locales = require "spec.support.locales"
local server = require "spec.csrc.binding.server"

local json, system = core.json, core.system

local dir

local function path(name) return dir .. "/" .. name end

local function write(name, text)
  local file = assert(io.open(path(name), "wb"))
  file:write(text)
  file:close()
  return path(name)
end

local function shell(text)
  local pipe = assert(io.popen(text .. " 2>&1; echo status $?"))
  local out = pipe:read "*a"
  pipe:close()
  return out
end

-- What a program of this Lua prints, and how it ends. environment: variables of its own, as a shell has them.
local function program(source, environment)
  return shell(
    ("%s LUA_PATH='%s' %s '%s'"):format(
      environment or "",
      package.path,
      os.getenv "DDOKTA_LUA",
      write("program.lua", source)
    )
  )
end

local function row(name)
  for i, operation in ipairs(core.operations) do
    if operation.name == name then return i end
  end
end

local function new_client(url)
  return assert(core.client {
    service = "datadog",
    base_url = url or server.serving,
    api_key = "k1234",
    app_key = "a1234",
    timeout = 5,
    attempt_timeout = 5,
    connect_timeout = 5,
    max_retries = 0,
    max_in_flight = 4,
    max_response_bytes = 100000,
  })
end

local function finish(client, call)
  while not call:done() do
    client:step(0.001)
    server.serve()
  end
  return call:result()
end

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("the host", function()
  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  describe("ends what it holds:", function()
    local prelude = [[
      local ddokta = require "ddokta"
      local dd = assert(ddokta.client { base_url = "http://127.0.0.1:9", api_key = "abcd1234",
        app_key = "efgh5678" })
      local function at_the_end(run)
        if newproxy then
          local proxy = newproxy(true)
          getmetatable(proxy).__gc = run
          return proxy
        end
        return setmetatable({}, { __gc = run })
      end
    ]]

    it("a call, asked by a finalizer that runs after its own", function()
      local out = program(prelude .. [[
        local held = {}
        held.watcher = at_the_end(function()
          print("done", held.call:done(), tostring(held.call), held.call:cancel())
          print(pcall(held.call.result, held.call))
        end)
        held.call = dd:start "list_okta_accounts"
      ]])
      assert.matches("done%s+nil%s+ddokta call %(over%)", out)
      assert.matches("false%s+[^\n]*this call is over", out)
      assert.matches("status 0%s*$", out)
    end)

    it("a client, called by a finalizer that runs before its own, which makes more", function()
      local out = program(prelude .. [[
        local call = dd:start "list_okta_accounts"
        last = at_the_end(function()
          local err = select(2, dd:list_okta_accounts())
          print(tostring(err))
          dd:close()
          print(tostring(select(2, dd:start "list_okta_accounts")), call:done())
        end)
      ]], "DDOKTA_LEAKS=0") -- what is made while the state is closed nobody finalizes
      assert.matches("network", out)
      assert.matches("the client was closed", out:gsub("is closed", "was closed"))
      assert.matches("true%s+status 0%s*$", out)
    end)

    it("a client that is collected, with what it has in flight", function()
      local client = new_client()
      local view = client:with { timeout = 3 }
      local call = assert(view:submit(nil, row "list_okta_accounts"))
      client:step(0)
      client = nil -- luacheck: ignore 311
      collect()
      assert.is_false(call:done()) -- the view can still step it
      view:step(0)
      view = nil -- luacheck: ignore 311
      collect()
      assert.is_true(call:done())
      local result, err = call:result()
      assert.is_nil(result)
      assert.equal("cancelled", err.kind)
    end)

    it("rows, within what rows:add asks its table", function()
      local rows = core.rows.new { columns = { { name = "a" }, { name = "b" } }, key = "a", keep = true }
      local values = setmetatable({}, {
        __index = function(_, name)
          if name == "b" then rows:close() end
          return "x"
        end,
      })
      assert.has_error(function() rows:add(values, 1) end)
      assert.has_error(function() rows:count() end)
    end)
  end)

  describe("calls back:", function()
    it("a query that raises leaves the used call as it was", function()
      local client = new_client()
      local call = assert(client:submit(nil, row "list_okta_accounts"))
      assert(finish(client, call))
      local filter = setmetatable({}, { __tostring = function() error "oops" end })
      assert.has_error(function() client:submit(call, row "list_scim_users", { filter = filter }) end)
      local again = assert(client:submit(call, row "list_scim_users", { count = 1 }))
      assert.is_true(rawequal(call, again))
      local _, err = finish(client, again)
      assert.is_truthy((err.url or err.message):find("/scim", 1, true) or err.kind == "protocol")
      if err.url then assert.equal(server.serving .. "/api/v2/scim/Users?count=1", err.url) end
    end)

    it("a query that submits the same used call gets another", function()
      local client = new_client()
      local call = assert(client:submit(nil, row "list_okta_accounts"))
      assert(finish(client, call))
      local inner
      local filter = setmetatable({}, {
        __tostring = function()
          inner = assert(client:submit(call, row "list_okta_accounts"))
          return "x"
        end,
      })
      local outer = assert(client:submit(call, row "list_scim_users", { filter = filter }))
      assert.is_false(rawequal(inner, outer))
      assert.equal(2, client:pending())
      assert(finish(client, inner))
      finish(client, outer)
      assert.equal(0, client:pending())
    end)

    it("a match takes no other's rows", function()
      local columns = { { name = "a" }, { name = "b" } }
      local function rows(count, options)
        options.columns, options.key = columns, "a"
        local made = core.rows.new(options)
        for i = 1, count do
          if options.keep then
            made:add({ a = "k" .. i, b = "v" }, i)
          else
            made:claim("k" .. i, i)
          end
        end
        return made
      end
      local source, service = rows(3, { keep = true }), rows(2, { keep = true, foreign = true })
      local match = source:match(service, { prune = true })
      for words, pair in pairs {
        ["values were not kept"] = { rows(3, {}), service },
        ["another service"] = { source, rows(0, { keep = true, foreign = true }) },
        ["another source"] = { rows(1, { keep = true }), service },
      } do
        local ok, message = pcall(match.digest, match, pair[1], pair[2], "")
        assert.is_false(ok)
        assert.is_truthy(message:find(words, 1, true), message)
      end
      local changes = { ["cannot be deleted"] = { 1, "delete" }, ["no such row"] = { 3, "update" } }
      for words, change in pairs(changes) do
        local ok, message = pcall(match.set, match, change[1], change[2])
        assert.is_false(ok)
        assert.is_truthy(message:find(words, 1, true), message)
      end
      assert.equal("update", (match:set(1, "update") or match:at(1)))
    end)
  end)

  describe("hands over", function()
    local digits = "123456789012345678901234567890"

    it("a number of too many digits: its digits, or nothing", function()
      local big = json.decode("[" .. digits .. "]")[1]
      assert.equal("[" .. digits .. "]", json.encode { big })
      assert.equal("locked", getmetatable(big))
      for _, text in ipairs { false, "", "-", '0},"admin":{"x":true', "1.5", "01", "1 ", "0x1", 12, "1e5" } do
        big[1] = text or nil
        local encoded, why = json.encode { n = big }
        assert.is_nil(encoded, tostring(text))
        assert.equal("n: a number without its digits", why)
        assert.equal("string", type(tostring(big)))
      end
      for _, text in ipairs { "0", "-0", "-12", digits } do
        big[1] = text
        assert.equal("[" .. text .. "]", json.encode { big })
      end
    end)

    it("a table whose members its finalizer changes: an error, or one of them", function()
      local out = program [[
        local json = require("ddokta.core").json
        local t, armed, hits
        local function arm()
          local function run()
            if armed then
              armed, hits = false, hits + 1
              for i = 1, 200 do t["extra" .. i .. ("x"):rep(50)] = i end
              t.k1 = nil
            end
          end
          if newproxy then getmetatable(newproxy(true)).__gc = run else setmetatable({}, { __gc = run }) end
        end
        hits = 0
        if _VERSION == "Lua 5.4" then collectgarbage "incremental" end
        if _VERSION ~= "Lua 5.5" then
          collectgarbage("setpause", 0)
          collectgarbage("setstepmul", _VERSION == "Lua 5.4" and 1000 or 100000)
        end
        for _ = 1, 300 do
          collectgarbage "stop"
          t = { k1 = 1, k2 = { 2 }, k3 = 3 }
          for _ = 1, 20 do arm() end
          armed = true
          collectgarbage "restart"
          local text, why = json.encode(t)
          assert(text or why == "a table that changes while it is written", why)
          armed = false
        end
        print("hits", hits > 100)
      ]]
      assert.matches("hits%s+true%s+status 0%s*$", out)
    end)
  end)

  it("gives numbers that C's own do not hold: none is taken for another", function()
    for _, number in ipairs { 2 ^ 31, 2 ^ 32 + 1, 2 ^ 53, 1e300, math.huge, -math.huge, 0 / 0, 1.5 } do
      for _, name in ipairs { "isatty", "dup", "close", "write", "kill" } do
        assert.has_error(function() system[name](number, name == "kill" and 0 or "x") end)
      end
      assert.has_error(function() system.kill(system.pid(), number) end)
    end
    local columns = { { name = "a" } }
    for _, number in ipairs { -1, 2 ^ 32 + 1, 1e300, math.huge, 0 / 0 } do
      assert.has_error(function() core.rows.new { columns = { { name = "a", max = number } }, key = "a" } end)
      local rows = core.rows.new { columns = columns, key = "a" }
      assert.has_error(function() rows:add({ a = "x" }, number) end)
    end
    for _, number in ipairs { -1, 1e300, math.huge, 0 / 0 } do
      assert.has_error(function() core.csv.reader { max_field = number } end)
    end
  end)

  describe("sets a locale:", function()
    local made

    setup(function()
      made = assert(locales.make(), "localedef and Debian's package locales are needed")
      assert(
        os.execute(
          ("localedef -i de_DE -f ISO-8859-1 '%s/de_DE.ISO-8859-1' >/dev/null 2>&1"):format(made.folder)
        )
      )
    end)
    teardown(function()
      if made then made:remove() end
    end)

    -- the same program in each, and at each moment
    local source = [[
      local wanted, when = %q, %q
      if when == "before" then assert(os.setlocale(wanted)) end
      local core = require "ddokta.core"
      local ddokta = require "ddokta"
      local server = require "spec.csrc.binding.server"
      local client = assert(core.client { base_url = server.serving, api_key = "k1234", app_key = "a1234",
        timeout = 5, attempt_timeout = 5, connect_timeout = 5, max_retries = 0, max_in_flight = 4,
        max_response_bytes = 100000 })
      if when == "after" then assert(os.setlocale(wanted)) end
      local function row(name)
        for i, operation in ipairs(core.operations) do if operation.name == name then return i end end
      end
      local function send(name, ...)
        local call, err = client:submit(nil, row(name), ...)
        if not call then return nil, err end
        while not call:done() do client:step(0.001) server.serve() end
        return call:result()
      end
      local out = {}
      local function say(...) out[#out + 1] = table.concat({ ... }, " ") end
      local _, response = send "list_okta_accounts"
      say(response.headers["x-ratelimit-limit"] or "none", tostring(response.rate_limit.limit))
      local _, err = send("create_okta_account", { name = "MÄX \195\132 I\204\135", domain = "a.okta.com",
        auth_method = "oauth", client_secret = "x" })
      say(err.kind, err.id or "no id", tostring(err))
      _, err = send("get_okta_account", "M\195\132X")
      say(err.url or err.message)
      _, err = send("list_scim_users", { filter = "x", count = 1.5, startIndex = 2 })
      say(err.url or err.message)
      say(core.json.encode { 1.5, -0.25, 1e300, 2.5e-7 })
      local columns = { { name = "email", form = "text" }, { name = "user", form = "text", fold = true } }
      local source = core.rows.new { columns = columns, key = "email", keep = true }
      local service = core.rows.new { columns = columns, key = "email", keep = true, foreign = true }
      source:add({ email = "I@x.de", user = "IVAN" }, 1)
      service:add({ email = "i@x.de", user = "ivan" }, 1)
      service:add({ email = "n@x.de", user = 12.5 }, 2)
      say(source:match(service, { fold_keys = true }):at(1), service:get(2).user)
      say(core.rows.normal("okta_domain", "MIX.OKTA.COM"), core.rows.normal("boolean", "TRUE"))
      say(tostring(core.rows.part("ISTANBUL", 1000) == core.rows.part("istanbul", 1000)))
      say(tostring(core.find_site "APP.DATADOGHQ.EU" == "datadoghq.eu"))
      local _, wrong = pcall(ddokta.client, { api_key = "a", app_key = "b", timeout = 0 / 0 })
      say((tostring(wrong):gsub("^.-: ", ""):gsub("%%-nan", "nan")))
      print((table.concat(out, "\n"):gsub(":%%d+", ":PORT")))
    ]]

    it("nothing reads or writes otherwise", function()
      local plain = made:run(source:format("C", "never"))
      assert.matches("\n%[1.5,%-0.25,1e%+300,2.5e%-07%]\n", plain)
      assert.matches("forbidden R1 ", plain)
      assert.matches("\nkey_variant 12.5\n", plain)
      for _, name in ipairs { "de_DE", "tr_TR", "de_DE.ISO-8859-1" } do
        for _, when in ipairs { "before", "after" } do
          assert.equal(plain, made:run(source:format(name, when)), name .. " " .. when)
        end
      end
    end)
  end)

  describe("has a terminal,", function()
    local certificates

    setup(function()
      certificates = path "tls"
      local out = shell(
        ([[mkdir '%s' && cd '%s' && openssl req -x509 -newkey rsa:2048 -nodes \
        -keyout plain.key -out client.pem -subj /CN=client -days 2 2>/dev/null && \
        openssl rsa -aes256 -passout pass:swordfish -in plain.key -out locked.key]]):format(
          certificates,
          certificates
        )
      )
      assert.matches("status 0%s*$", out)
    end)

    local source = [[
      local ddokta = require "ddokta"
      local options = { base_url = "https://127.0.0.1:%d", api_key = "abcd1234", app_key = "efgh5678",
        client_cert = "%s/client.pem", client_key = "%s/locked.key", max_retries = 0, timeout = 5 }
      %s
      local client, err = ddokta.client(options)
      local started = require("ddokta.core").system.now()
      if client then err = select(2, client:list_okta_accounts()) end
      print("kind", err.kind, tostring(err), require("ddokta.core").system.now() - started < 3)
      print(client)
    ]]

    -- the program at a terminal of its own, at which nobody answers
    local function ask(more)
      local listener = assert(require("socket").bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      local file = write("ask.lua", source:format(port, certificates, certificates, more))
      local command = ('timeout 10 env LUA_PATH="%s" %s %s'):format(
        package.path,
        os.getenv "DDOKTA_LUA",
        file
      )
      local out = shell(("sleep 2 | script -qec '%s' /dev/null"):format(command))
      listener:close()
      return out
    end

    it("at which an encrypted client_key asks nothing", function()
      for _, more in ipairs {
        "",
        "options.client_key_password = 'wrong'",
        "options.client_key_password = ''",
      } do
        local out = ask(more)
        assert.is_nil(out:lower():find("pass phrase", 1, true), out)
        assert.matches("kind%s+config", out)
        assert.matches("%strue%s", out)
      end
    end)

    it("and its password is an option that nothing shows", function()
      for _, more in ipairs {
        "options.client_key_password = 'swordfish'",
        "options.client_key_password = function() return 'swordfish' end",
      } do
        local out = ask(more)
        assert.is_nil(out:find("kind%s+config"), out) -- the key was read: what answers speaks no TLS
        assert.is_nil(out:find("swordfish", 1, true), out)
      end
      local client, err = ddokta.client {
        api_key = "abcd1234",
        app_key = "efgh5678",
        client_key_password = function() return 5 end,
      }
      assert.is_nil(client)
      assert.equal("config", err.kind)
      assert.matches("the function for client_key_password answered a number", err.message)
    end)
  end)

  it("interrupts a sleep at once", function()
    local file = write(
      "sleep.lua",
      [[
      local ddokta = require "ddokta"
      local dd = assert(ddokta.client { api_key = "abcd1234", app_key = "efgh5678" })
      print(pcall(dd.sleep, dd, 8))
    ]]
    )
    local started = system.now()
    local out =
      shell(("LUA_PATH='%s' timeout -s INT 0.5 %s '%s'"):format(package.path, os.getenv "DDOKTA_LUA", file))
    assert.is_true(system.now() - started < 4, out)
  end)
end)
