-- Connections: reuse, how many, HTTP/2, proxies, certificates, deadlines, forks, and bytes that are no
-- answer at all. csrc/http/{engine,transfer,failure}.c.
local ddokta = require "ddokta"
local sanitized = require "spec.support.sanitized"
local modules = require "spec.support.modules"
local programs = require "spec.support.programs"
local serving = require "spec.support.serving"
local socket = require "socket"
local system = require("ddokta.core").system
local wiring = require "spec.support.wiring"
local timed = require "spec.support.timed"(it, function(why) pending(why) end)

local invitation = serving.invitation

local server, wire, certificates, nginx

local function http(port, options)
  local all = { base_url = "http://127.0.0.1:" .. port }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return server:client(all)
end

local function https(port, options)
  local all = { base_url = "https://127.0.0.1:" .. port, ca_file = certificates:path "ca.pem" }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return server:client(all)
end

local function range(n)
  local list = {}
  for i = 1, n do
    list[i] = i
  end
  return list
end

local function check_error(err, kind, fields)
  assert.equal("table", type(err), "no error came")
  assert.equal(kind, err.kind, tostring(err))
  for name, value in pairs(fields or {}) do
    assert.equal(value, err[name], ("%s: %s"):format(name, tostring(err)))
  end
  return err
end

-- fn(1) to fn(n), all at once -> their results
local function together(n, fn) return ddokta.parallel(n, range(n), fn) end

-- No field of an error, nor its line, has the text in it.
local function check_hidden(err, text)
  assert.is_nil(tostring(err):find(text, 1, true), tostring(err))
  for name, value in pairs(err) do
    assert.is_nil(tostring(value):find(text, 1, true), name)
  end
  for _, message in ipairs(err.errors) do
    assert.is_nil(message:find(text, 1, true), message)
  end
end

describe("connections", function()
  setup(function()
    certificates = wiring.certificates()
    server, wire = serving.start(), wiring.start(certificates)
    nginx = programs.nginx(certificates)
  end)

  teardown(function()
    nginx:stop()
    wire:stop()
    server:stop()
    certificates:remove()
  end)

  describe("are used again:", function()
    it("one for calls after each other", function()
      for _, client in ipairs {
        http(server.port),
        https(nginx.port),
        https(wire:listen("tls", "while c:request() do c:answer() end")),
      } do
        server:answer(serving.EMPTY_LIST)
        for _ = 1, 5 do
          assert(client:list_okta_accounts())
          assert(client:with({ timeout = 4 }):send_invitations(invitation()))
        end
        assert.equal(1, client:stats().connections)
        client:close()
      end
    end)

    it("as many as are in flight over HTTP/1.1, and no more afterwards", function()
      local port = wire:listen("tls", "while c:request() do c:sleep(0.02) c:answer() end")
      local client = https(port, { max_in_flight = 4 })
      for _ = 1, 2 do
        together(40, function() assert(client:list_okta_accounts()) end)
      end
      assert.equal(80, wire:log(port).requests)
      assert.is_true(wire:log(port).connections <= 4, wire:log(port).connections .. " connections")
      assert.equal(wire:log(port).connections, client:stats().connections)
      assert.equal(80, client:stats().http["1.1"])
    end)

    it("not where the server closes each", function()
      local port = wire:listen("tcp", "c:request() c:answer(nil, 'Connection: close\\r\\n')")
      local client = http(port)
      for i = 1, 4 do
        local _, response = assert(client:list_okta_accounts())
        assert.equal(1, response.attempts)
        assert.equal(i, client:stats().connections)
      end
    end)

    it("many that the server closed meanwhile are noticed, and no call is lost", function()
      local port = wire:listen(
        "tcp",
        [[log.closed = log.closed or 0
        while c:request() do c:sleep(0.02) c:answer() end
        log.closed = log.closed + 1]]
      )
      local client = http(port, { max_in_flight = 8 })
      together(8, function() assert(client:list_okta_accounts()) end)
      local before = wire:log(port).connections
      wire:shut(port)
      assert.is_true(serving.eventually(function() return wire:log(port).closed == before end))
      for i, result in
        ipairs(together(8, function(i)
          if i % 2 == 0 then return client:list_okta_accounts() end
          return client:send_invitations(invitation())
        end))
      do
        assert.same({}, result[1], ("%d: %s"):format(i, tostring(result[2])))
        assert.equal(1, result[2].attempts)
      end
    end)
  end)

  describe("that may be dead are left:", function()
    -- the first connection answers one request and is silent from then on, as where a NAT forgot it
    local SILENT = {
      ["HTTP/1.1"] = {
        "tls",
        [[
        while c:request() do
          if number == 1 and log.requests > 1 then c:stall() end
          c:answer()
        end]],
      },
      ["HTTP/2"] = {
        "h2",
        [[
        local s = c.h2.begin(c)
        local stream = s and s:request()
        while stream do
          if number == 1 and log.requests > 1 then c:stall() end
          s:answer(stream)
          stream = s:request()
        end]],
      },
    }

    for protocol, how in pairs(SILENT) do
      it("an attempt that timed out is the last on its connection, " .. protocol, function()
        local port = wire:listen(how[1], how[2])
        local client = https(port, { attempt_timeout = 0.4, timeout = 20, max_retries = 4 })
        assert(client:list_okta_accounts())
        local begun = system.now()
        local _, response = assert(client:list_okta_accounts())
        assert.equal(2, response.attempts)
        assert.is_true(system.now() - begun < 3)
        assert.equal(2, client:stats().connections)
        _, response = assert(client:list_okta_accounts())
        assert.equal(1, response.attempts)
        assert.equal(2, client:stats().connections)
      end)
    end

    it("the others on it follow within one attempt, and a POST is in doubt, once", function()
      local port = wire:listen(SILENT["HTTP/2"][1], SILENT["HTTP/2"][2])
      local client = https(port, { attempt_timeout = 0.5, timeout = 20, max_retries = 4 })
      assert(client:list_okta_accounts())
      local _, err = client:send_invitations(invitation())
      check_error(err, "timeout", { ambiguous = true, attempts = 1 })
      assert.same({}, (client:send_invitations(invitation())))
      client:close()

      port = wire:listen(SILENT["HTTP/2"][1], SILENT["HTTP/2"][2])
      client = https(port, { attempt_timeout = 0.5, timeout = 20, max_retries = 4 })
      assert(client:list_okta_accounts())
      for i, result in ipairs(together(12, function() return client:list_okta_accounts() end)) do
        assert.same({}, result[1], ("%d: %s"):format(i, tostring(result[2])))
        assert.equal(2, result[2].attempts)
      end
    end)

    it("where the first connection of all is silent", function()
      local port = wire:listen("h2", "if number == 1 then c:stall() end " .. SILENT["HTTP/2"][2])
      local client = https(port, { attempt_timeout = 0.4, timeout = 20, max_retries = 4 })
      local _, response = assert(client:list_okta_accounts())
      assert.equal(2, response.attempts)
    end)
  end)

  describe("that a server ends after so many requests cost nothing:", function()
    it("20,000 creates at nginx's own 1,000", function()
      local client = https(nginx.port)
      local failed = {}
      ddokta.parallel(
        32,
        range(20000),
        function() return client:send_invitations(invitation()) end,
        function(i, _, result, err)
          failed[#failed + 1] = not result and ("%d: %s"):format(i, tostring(err)) or nil
        end
      )
      assert.same({}, failed)
      local connections = client:stats().connections
      assert.is_true(connections >= 20 and connections <= 30, connections .. " connections")
      client:close()
    end)

    for allowed, why in pairs { [100] = "", [20] = ", fewer than max_in_flight," } do
      local what = ("the habit of one that allows %d%s is learned"):format(allowed, why)
      it(what .. " from what may be repeated", function()
        local strict = programs.nginx(certificates, ("keepalive_requests %d;"):format(allowed))
        local client = https(strict.port)
        local failed = {}
        local function note(i, _, result, err)
          failed[#failed + 1] = not result and ("%d: %s"):format(i, tostring(err)) or nil
        end
        ddokta.parallel(32, range(300), function() return client:list_okta_accounts() end, note)
        ddokta.parallel(32, range(2000), function() return client:send_invitations(invitation()) end, note)
        strict:stop()
        assert.same({}, failed)
      end)
    end
  end)

  it("are not a program's that is started meanwhile", function()
    local port = wire:listen("tcp", "while c:request() do c:answer() end log.closed = true")
    local client = http(port)
    assert(client:list_okta_accounts())
    local pid, pipe = serving.start_program "sleep 60"
    client:close()
    local closed = serving.eventually(function() return wire:log(port).closed end)
    serving.stop_program(pid, pipe)
    assert.is_true(closed)
  end)

  describe("max_in_flight", function()
    it("is never overrun, and is used", function()
      server:script [[ return { { sleep = 0.02 }, { status = 200, body = '{"data":[]}' } } ]]
      local client = http(server.port, { max_in_flight = 3 })
      for _, result in ipairs(together(30, function() return client:list_okta_accounts() end)) do
        assert.is_table(result[1], tostring(result[2]))
      end
      local most, requests = 0, server:requests()
      for _, request in ipairs(requests) do
        most = math.max(most, request.busy)
      end
      assert.equal(30, #requests)
      assert.equal(3, most)
    end)

    it("counts HTTP/2 streams as well", function()
      -- answers when three are there, and looks whether a fourth comes
      local port = wire:listen(
        "h2",
        [[local s, waiting = c.h2.begin(c), {}
        log.most = 0
        while true do
          local stream = s:request()
          if not stream then return end
          waiting[#waiting + 1] = stream
          log.most = math.max(log.most, #waiting)
          if #waiting == 3 then
            for _, one in ipairs(waiting) do s:answer(one) end
            waiting = {}
          end
        end]]
      )
      local client = https(port, { max_in_flight = 3 })
      for _, result in ipairs(together(30, function() return client:list_okta_accounts() end)) do
        assert.is_table(result[1], tostring(result[2]))
      end
      assert.equal(3, wire:log(port).most)
      assert.equal(1, wire:log(port).connections)
    end)
  end)

  describe("HTTP/2", function()
    it("has all calls on one connection, at the same time", function()
      -- none is answered before the last has come
      local port = wire:listen(
        "h2",
        [[local s, waiting = c.h2.begin(c), {}
        while #waiting < 20 do waiting[#waiting + 1] = s:request() end
        for i = #waiting, 1, -1 do s:answer(waiting[i]) end
        c:stall()]]
      )
      local client = https(port)
      for _, result in ipairs(together(20, function() return client:list_okta_accounts() end)) do
        assert.is_table(result[1], tostring(result[2]))
      end
      assert.equal(1, wire:log(port).connections)
      assert.equal(1, client:stats().connections)
      assert.equal(20, client:stats().http["2"])
    end)

    it("more calls than a connection has streams are on few connections, not on one each", function()
      -- of 128 streams, as nginx allows; none is answered before 100 have come
      local port = wire:listen(
        "h2",
        [[local s = c.h2.begin(c)
        s:frame(s.SETTINGS, 0, 0, "\0\3\0\0\0\128")
        while true do
          local waiting = {}
          while #waiting < 100 do
            waiting[#waiting + 1] = s:request()
            if not waiting[1] then return end
          end
          for _, stream in ipairs(waiting) do s:answer(stream) end
        end]]
      )
      local client = https(port, { max_in_flight = 300 })
      for _ = 1, 3 do
        for _, result in ipairs(together(300, function() return client:list_okta_accounts() end)) do
          assert.is_table(result[1], tostring(result[2]))
        end
      end
      assert.is_true(wire:log(port).connections <= 5, wire:log(port).connections .. " connections")
      client:close()
    end)

    it("is spoken with nginx, GET and POST", function()
      local client = https(nginx.port)
      for _, result in
        ipairs(ddokta.parallel(20, range(200), function(i)
          if i % 2 == 0 then return client:list_okta_accounts() end
          return client:send_invitations(invitation(("x"):rep(i * 1000)))
        end))
      do
        assert.is_table(result[1], tostring(result[2]))
      end
      assert.equal(1, client:stats().connections)
      assert.equal(200, client:stats().http["2"])
    end)

    it("a body that nginx finds too large is its 413", function()
      local result, err =
        https(nginx.port, { max_retries = 1 }):send_invitations(invitation(("x"):rep(5000000)))
      assert.is_nil(result)
      check_error(err, "invalid_request", { status = 413, attempts = 1, ambiguous = false })
    end)

    it("a GOAWAY in the middle: the streams before it are answered, GETs behind it are sent again", function()
      local port = wire:listen(
        "h2",
        [[local s, waiting = c.h2.begin(c), {}
        while number > 1 do
          local stream = s:request()
          if not stream then return end
          s:answer(stream)
        end
        while #waiting < 10 do waiting[#waiting + 1] = s:request() end
        s:goaway(waiting[5])
        for i = 1, 5 do s:answer(waiting[i]) end
        c:stall()]]
      )
      local client = https(port, { max_retries = 1 })
      for i, result in ipairs(together(10, function() return client:list_okta_accounts() end)) do
        assert.is_table(result[1], ("%d: %s"):format(i, tostring(result[2])))
      end
      assert.equal(15, wire:log(port).requests)
    end)
  end)

  describe("through a proxy", function()
    local SECRET = "hush-hush-hush"
    local open, guarded
    setup(function()
      open, guarded = programs.tinyproxy(), programs.tinyproxy("user", SECRET)
    end)
    teardown(function()
      open:stop()
      guarded:stop()
    end)

    local function proxy(port, user) return ("http://%s127.0.0.1:%d"):format(user and user .. "@" or "", port) end

    -- Does the message say which proxy it is, and who named it?
    local function check_named(message, by, address)
      assert.is_truthy(message:find(("%s names the proxy %s"):format(by, address), 1, true), message)
    end

    it("https by CONNECT", function()
      local port = wire:listen("tls", "while c:request() do c:answer() end")
      for _, address in ipairs { proxy(open.port), proxy(guarded.port, "user:" .. SECRET) } do
        for _, tls_port in ipairs { port, nginx.port } do
          local client = https(tls_port, { proxy = address })
          assert(client:list_okta_accounts())
          assert(client:send_invitations(invitation()))
          assert.equal(1, client:stats().connections)
        end
      end
    end)

    it("that wants a name and password, and gets none or wrong ones", function()
      for _, user in ipairs { "", "user:wrong-" .. SECRET, "nobody:wrong-" .. SECRET } do
        local address = proxy(guarded.port, user ~= "" and user or nil)
        local result, err =
          https(nginx.port, { proxy = address, max_retries = 4 }):send_invitations(invitation())
        assert.is_nil(result)
        check_error(err, "config", { attempts = 1, ambiguous = false, retryable = false })
        assert.matches("the proxy refuses", tostring(err))
        check_named(err.message, "the option proxy", "127.0.0.1:" .. guarded.port)
        check_hidden(err, SECRET)
      end
    end)

    it("that is down, or has no address", function()
      for code, address in pairs {
        COULDNT_CONNECT = "127.0.0.1:" .. serving.deaf_port(),
        COULDNT_RESOLVE_PROXY = "nobody.invalid:1",
      } do
        local result, err =
          https(nginx.port, { proxy = ("http://user:%s@%s"):format(SECRET, address) }):send_invitations(
            invitation()
          )
        assert.is_nil(result)
        check_error(err, "network", { code = code, ambiguous = false, retryable = true })
        check_named(err.message, "the option proxy", address)
        check_hidden(err, SECRET)
      end
    end)

    it("that is no proxy's address", function()
      for _, address in ipairs {
        "gopher://user:%s@127.0.0.1:1",
        "http://user:%s@127.0.0.1:99999",
        "http://user:%s@[::1",
      } do
        local result, err =
          https(nginx.port, { proxy = address:format(SECRET), max_retries = 4 }):send_invitations(
            invitation()
          )
        assert.is_nil(result)
        check_error(err, "config", { ambiguous = false, retryable = false })
        check_hidden(err, SECRET)
      end
    end)

    it("that cannot reach the service", function()
      local result, err =
        https(serving.deaf_port(), { proxy = proxy(open.port) }):send_invitations(invitation())
      assert.is_nil(result)
      check_error(err, "network", { ambiguous = false, retryable = true })
    end)

    for name, row in pairs {
      ["that closes"] = { "c:request()", "network" },
      ["that never answers"] = { "c:request() c:stall()", "timeout" },
      ["that answers something else"] = { [[c:request() c:send "SSH-2.0-x\r\n"]], "network" },
      ["that answers without end"] = {
        [[c:request() c:send("HTTP/1.1 200 OK\r\nX: " .. ("x"):rep(400000)) c:stall()]],
        "network",
      },
    } do
      it(name .. " when asked to CONNECT", function()
        local port = wire:listen("tcp", row[1])
        local result, err =
          https(nginx.port, { proxy = proxy(port), attempt_timeout = 0.5 }):send_invitations(invitation())
        assert.is_nil(result)
        check_error(err, row[2], { ambiguous = false, retryable = true, attempts = 1 })
        assert.equal(1, wire:log(port).requests)
      end)
    end

    it("over TLS: trusted by ca_file as the service is", function()
      local serve = [[c:request() c:send "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n" ]]
      certificates:authority "another"
      certificates:sign("stranger_proxy", "another", "IP:127.0.0.1")
      local function ask(tls)
        local port = wire:listen(tls, serve)
        local result, err =
          https(nginx.port, { proxy = "https://127.0.0.1:" .. port, max_retries = 4 }):send_invitations(
            invitation()
          )
        assert.is_nil(result)
        return err, wire:log(port).requests
      end
      local err, requests = ask "tls"
      check_error(err, "config", { attempts = 1 })
      assert.equal(1, requests)
      for _, tls in ipairs {
        {
          cert = certificates:path "stranger_proxy.pem",
          key = certificates:path "stranger_proxy.key",
        },
        { protocol = "TLSv1_1" },
      } do
        err, requests = ask(tls)
        check_error(err, "tls", { attempts = 1, ambiguous = false, retryable = false })
        assert.is_nil(requests)
      end
    end)

    describe("of the environment", function()
      local ELSEWHERE = "https://service.invalid" -- no loopback; a name that nobody resolves but the proxy
      local RESOLVES_NOT = "network COULDNT_RESOLVE_HOST"

      -- what list_okta_accounts gives a process with these variables: "ok", or an error's kind, status or
      -- code, and message
      local function run(variables, url, options)
        local source = ([[local client = assert(require("ddokta").client { base_url = %q, ca_file = %q,
          api_key = "a-key-not-to-be-seen", app_key = "another-of-them", max_retries = 0, timeout = 5, %s })
          local result, err = client:list_okta_accounts()
          print(result and "ok" or table.concat({ err.kind, tostring(err.status or err.code),
            err.message }, " "))]]):format(url, certificates:path "ca.pem", options or ""):gsub(
          "%s*\n%s*",
          " "
        )
        local pipe = assert(
          io.popen(
            (
              "env -u no_proxy -u NO_PROXY -u all_proxy -u ALL_PROXY -u https_proxy "
              .. "-u HTTPS_PROXY -u http_proxy -u HTTP_PROXY %s %s -e '%s'"
            ):format(variables, os.getenv "DDOKTA_LUA" or "lua5.4", source)
          )
        )
        local line = pipe:read "*l"
        pipe:close()
        return line
      end

      it("is used, for what is not in no_proxy, and named", function()
        local port = wire:listen(
          "tcp",
          [[c:request()
          c:send "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n" ]]
        )
        local through = "https_proxy=" .. proxy(port, "user:" .. SECRET)
        local said = run(through, ELSEWHERE)
        assert.matches("^config", said)
        check_named(said, "https_proxy", "127.0.0.1:" .. port)
        assert.is_nil(said:find(SECRET, 1, true), said)
        assert.equal(1, wire:log(port).requests)
        for _, past in ipairs {
          "no_proxy=service.invalid",
          "NO_PROXY=a.example,service.invalid",
          "no_proxy='*'",
          "no_proxy=.invalid",
        } do
          said = run(through .. " " .. past, ELSEWHERE)
          assert.is_truthy(said:find(RESOLVES_NOT, 1, true), said)
          assert.matches("and NO_PROXY what goes past it", said)
        end
        assert.equal(1, wire:log(port).connections)
        for _, name in ipairs { "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
          said = run(name .. "=" .. proxy(port), ELSEWHERE)
          check_named(said, name, "127.0.0.1:" .. port)
        end
        assert.equal(4, wire:log(port).connections)
        for _, name in ipairs { "http_proxy", "HTTP_PROXY" } do
          assert.is_truthy(run(name .. "=" .. proxy(port), ELSEWHERE):find(RESOLVES_NOT, 1, true))
        end
        said = run(through, ELSEWHERE, 'proxy = ""')
        assert.is_truthy(said:find(RESOLVES_NOT, 1, true), said)
        assert.is_nil(said:find("names the proxy", 1, true), said)
        assert.equal(4, wire:log(port).connections)
      end)

      it("is a real one, with a name and password", function()
        local let_in = run("https_proxy=" .. proxy(guarded.port, "user:" .. SECRET), ELSEWHERE)
        local turned_away = run("https_proxy=" .. proxy(guarded.port), ELSEWHERE)
        assert.matches("^config .*the proxy refuses", turned_away)
        assert.matches("^network", let_in) -- it cannot resolve the name either
        assert.is_nil(let_in:find(SECRET, 1, true))
      end)

      it("that has no address is not quoted", function()
        for _, url in ipairs {
          "gopher://user:%s@127.0.0.1:1",
          "http://user:%s@127.0.0.1:99999",
          "http://user:%s@[::1",
          "http://%s x",
        } do
          local said = run(("https_proxy='%s'"):format(url:format(SECRET)), ELSEWHERE)
          assert.matches("https_proxy names the proxy", said)
          assert.is_nil(said:find(SECRET, 1, true), said)
        end
      end)

      it("never sees what goes to loopback: not keys in the clear, not https either", function()
        local port = wire:listen("tcp", "c:request() c:answer()")
        server:answer(serving.EMPTY_LIST)
        local all = {}
        for _, name in ipairs {
          "http_proxy",
          "https_proxy",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "all_proxy",
          "ALL_PROXY",
        } do
          all[#all + 1] = name .. "=" .. proxy(port)
        end
        all = table.concat(all, " ")
        for _, url in ipairs {
          server.url,
          "http://localhost:" .. server.port,
          "https://127.0.0.1:" .. nginx.port,
        } do
          assert.equal("ok", run(all, url))
        end
        assert.equal(0, wire:log(port).connections)
      end)
    end)
  end)

  describe("certificates:", function()
    local verifying
    setup(function()
      certificates:authority "stranger"
      certificates:authority "self"
      certificates:sign("elsewhere", "ca", "DNS:elsewhere.example")
      certificates:sign("expired", "ca", "IP:127.0.0.1", "20210101000000Z")
      certificates:sign("unknown", "stranger", "IP:127.0.0.1")
      certificates:sign("client", "ca", "DNS:client.example")
      verifying = programs.nginx(
        certificates,
        ("ssl_verify_client on; ssl_client_certificate %s;"):format(certificates:path "ca.pem")
      )
    end)
    teardown(function() verifying:stop() end)

    local function serve(name, tls)
      tls = tls or {}
      tls.cert, tls.key = certificates:path(name .. ".pem"), certificates:path(name .. ".key")
      return wire:listen(tls, "while c:request() do c:answer() end")
    end

    local function ask(port, options)
      options = options or {}
      options.max_retries = options.max_retries or 4
      return https(port, options):send_invitations(invitation())
    end

    it("right", function() assert(ask(serve "server")) end)

    -- a system's bundle takes 20 ms and more, in which the host's loop stands still
    it("whom to trust is read once for all connections of a client", function()
      local trusted = certificates:path "trusted.pem"
      local copy = assert(io.open(trusted, "w"))
      for line in io.lines(certificates:path "ca.pem") do
        copy:write(line, "\n")
      end
      copy:close()
      local port = wire:listen(
        { cert = certificates:path "server.pem", key = certificates:path "server.key" },
        "c:request() c:answer(nil, 'Connection: close\\r\\n')"
      )
      local client = https(port, { ca_file = trusted })
      assert(client:send_invitations(invitation()))
      assert(os.remove(trusted))
      for _ = 1, 3 do
        assert(client:send_invitations(invitation()))
      end
      assert.equal(4, wire:log(port).connections)
      local _, err = ask(port, { ca_file = trusted })
      check_error(err, "config", { code = "SSL_CACERT_BADFILE", attempts = 1 })
      assert.is_truthy(tostring(err):find("ca_file", 1, true))
    end)

    for name, words in pairs {
      elsewhere = "127.0.0.1",
      expired = "expired",
      unknown = "certificate",
      self = "self",
    } do
      it("wrong: " .. name, function()
        local port = serve(name)
        local result, err = ask(port)
        assert.is_nil(result)
        check_error(
          err,
          "tls",
          { code = "PEER_FAILED_VERIFICATION", attempts = 1, retryable = false, ambiguous = false }
        )
        assert.matches(words, err.message)
        assert.is_nil(wire:log(port).requests)
      end)
    end

    it("of an authority of one's own, by ca_file alone", function()
      assert(ask(serve "unknown", { ca_file = certificates:path "stranger.pem" }))
      local _, err = ask(nginx.port, { ca_file = certificates:path "stranger.pem" })
      check_error(err, "tls")
    end)

    it("TLS 1.1 only", function()
      local _, err = ask(serve("server", { protocol = "TLSv1_1" }))
      check_error(
        err,
        "tls",
        { code = "SSL_CONNECT_ERROR", attempts = 1, retryable = false, ambiguous = false }
      )
      assert.matches("protocol", err.message)
    end)

    it("TLS 1.2 will do", function() assert(ask(serve("server", { protocol = "TLSv1_2" }))) end)

    describe("a client's own", function()
      local function own(name, key)
        return {
          client_cert = certificates:path(name .. ".pem"),
          client_key = certificates:path((key or name) .. ".key"),
        }
      end

      it("right", function()
        assert(ask(verifying.port, own "client"))
        assert(ask(serve("server", { verify = certificates:path "ca.pem" }), own "client"))
      end)

      it("missing, or of a stranger: nginx answers", function()
        for words, options in pairs {
          ["No required SSL certificate"] = {},
          ["SSL certificate error"] = own "unknown",
        } do
          local result, err = ask(verifying.port, options)
          assert.is_nil(result)
          check_error(err, "invalid_request", { status = 400, attempts = 1, ambiguous = false })
          assert.matches(words, err.message)
        end
      end)

      it("missing, or of a stranger: others break off", function()
        for _, options in ipairs { {}, own "unknown" } do
          local result, err = ask(serve("server", { verify = certificates:path "ca.pem" }), options)
          assert.is_nil(result)
          check_error(err, "tls", { attempts = 1, ambiguous = false, retryable = false })
        end
      end)

      it("that cannot be read, or with another's key: an option is wrong", function()
        for _, options in ipairs {
          own "nothing",
          own("client", "server"),
          own("client", "nothing"),
          { client_cert = certificates:path "client.pem" },
        } do
          local result, err = ask(verifying.port, options)
          assert.is_nil(result)
          check_error(err, "config", { attempts = 1, ambiguous = false, retryable = false })
        end
      end)
    end)
  end)

  it("are not made where no file can be opened any more, which no option is to blame for", function()
    certificates:sign("opener", "ca", "DNS:opener.example")
    local source = ([[local client = assert(require("ddokta").client { base_url = %q, ca_file = %q,
      client_cert = %q, client_key = %q, api_key = "k", app_key = "a", max_retries = 0, timeout = 5 })
      local result, err = client:list_okta_accounts()
      print(result and "ok"
        or table.concat({ err.kind, tostring(err.retryable), tostring(err.ambiguous) }, " "))]])
      :format(
        "https://127.0.0.1:" .. nginx.port,
        certificates:path "ca.pem",
        certificates:path "opener.pem",
        certificates:path "opener.key"
      )
      :gsub("%s*\n%s*", " ")
    local seen = {}
    for most = 4, 40 do
      local pipe = assert(
        io.popen(
          ("exec 2> /dev/null; ulimit -n %d; exec %s -e '%s'"):format(
            most,
            os.getenv "DDOKTA_LUA" or "lua5.4",
            source
          )
        )
      )
      local line = pipe:read "*l"
      pipe:close()
      if line then -- else the program itself did not come up
        seen[line] = (seen[line] or 0) + 1
        if line == "ok" then break end
      end
    end
    assert.equal(1, seen.ok)
    assert.is_truthy(sanitized or seen["network true false"])
    seen.ok, seen["network true false"] = nil, nil
    assert.same({}, seen)
  end)

  it("are not made for a URL that is longer than can be sent", function()
    local port = wire:listen(
      "h2",
      [[local s = c.h2.begin(c) local stream = s and s:request()
      while stream do s:answer(stream, 200, '{"Resources":[],"totalResults":0}') stream = s:request() end]]
    )
    local client = https(port)
    assert(client:list_scim_users { filter = ("x"):rep(48000) })
    for _, length in ipairs { 49152, 70000, 2e6, 9e6 } do
      local result, err = client:list_scim_users { filter = ("x"):rep(length) }
      assert.is_nil(result)
      check_error(err, "invalid_request", { retryable = false, ambiguous = false })
      assert.matches("the URL would be %d+ bytes long", err.message)
      assert.is_true(#tostring(err) < 1000)
    end
    assert.equal(1, wire:log(port).requests)
  end)

  describe("deadlines", function()
    local function took(seconds, fn)
      local started = system.now()
      local result, err = fn()
      local passed = system.now() - started
      assert.is_nil(result)
      assert.is_true(
        passed >= seconds - 0.01 and passed <= seconds + 0.2,
        ("took %.3f s, not %.1f: %s"):format(passed, seconds, tostring(err))
      )
      assert.is_true(math.abs(err.seconds - passed) < 0.1)
      return err
    end

    for _, seconds in ipairs { 0.1, 0.4 } do
      it(("of %.1f s: the call's, one attempt's, connecting's"):format(seconds), function()
        server:answer { stall = true }
        local shaking = wire:listen({ by_hand = true }, "c:stall()")
        check_error(
          took(
            seconds,
            function() return http(server.port, { timeout = seconds, max_retries = 4 }):list_okta_accounts() end
          ),
          "timeout"
        )
        check_error(
          took(
            seconds,
            function() return http(server.port, { attempt_timeout = seconds }):send_invitations(invitation()) end
          ),
          "timeout",
          { ambiguous = true }
        )
        check_error(
          took(
            seconds,
            function() return https(shaking, { connect_timeout = seconds }):send_invitations(invitation()) end
          ),
          "timeout",
          { ambiguous = false, retryable = true }
        )
        check_error(
          took(
            seconds,
            function() return https(shaking, { timeout = seconds }):send_invitations(invitation()) end
          ),
          "timeout",
          { ambiguous = false }
        )
      end)
    end

    it("of connecting to one who never takes it", function()
      -- a full backlog: the kernel drops what comes
      local full = assert(socket.tcp())
      assert(full:bind("127.0.0.1", 0))
      assert(full:listen(0))
      local _, port = full:getsockname()
      local fillers = {}
      for i = 1, 4 do
        fillers[i] = socket.tcp()
        fillers[i]:settimeout(0)
        fillers[i]:connect("127.0.0.1", port)
      end
      local ok, why = pcall(function()
        check_error(
          took(
            0.3,
            function() return http(port, { connect_timeout = 0.3 }):send_invitations(invitation()) end
          ),
          "timeout",
          { ambiguous = false, retryable = true }
        )
        check_error(
          took(0.2, function() return http(port, { timeout = 0.2 }):send_invitations(invitation()) end),
          "timeout",
          { ambiguous = false }
        )
      end)
      for _, filler in ipairs(fillers) do
        filler:close()
      end
      full:close()
      assert(ok, why)
    end)

    timed("in the middle of waiting for the next attempt", function()
      server:answer { status = 503, headers = { ["Retry-After"] = "30" } }
      local started = system.now()
      local _, err = http(server.port, { timeout = 0.5, max_retries = 4 }):list_okta_accounts()
      assert.is_true(system.now() - started < 0.2) -- told at once, for waiting would not help
      check_error(err, "server", { status = 503, attempts = 1 })
    end)

    timed("of many calls at once, each its own", function()
      server:answer { stall = true }
      local client = http(server.port)
      local started = system.now()
      for i, result in
        ipairs(
          together(20, function(i) return client:with({ timeout = 0.1 + i / 100 }):list_okta_accounts() end)
        )
      do
        check_error(result[2], "timeout")
        assert.is_true(math.abs(result[2].seconds - (0.1 + i / 100)) < 0.1)
      end
      assert.is_true(system.now() - started < 0.5)
    end)

    timed("of a name that is not found", function()
      local started = system.now()
      local _, err = server
        :client({ base_url = "https://nobody.invalid", timeout = 0.3, max_retries = 4 })
        :send_invitations(invitation())
      assert.is_true(system.now() - started < 0.5)
      assert.is_truthy(err.kind == "network" or err.kind == "timeout", tostring(err))
      assert.is_false(err.ambiguous)
    end)
  end)

  -- Debian has no posix for Lua 5.4, where there is then nothing to fork with
  local missing = modules.missing "posix"
  if missing then modules.skip("a fork", missing, it, function(why) pending(why) end) end
  local describe_fork = missing and function() end or describe
  describe_fork("a fork", function()
    local posix = require "posix"

    -- child(): in a child process, which ends with whether it answered true
    local function fork(child)
      local pid = posix.fork()
      if pid == 0 then
        local ok, good = pcall(child)
        posix._exit(ok and good and 0 or 1)
      end
      return pid
    end

    local function ended_well(pid)
      local _, how, status = posix.wait(pid)
      return how == "exited" and status == 0
    end

    -- twenty calls, each with its own answer?
    local function calls(client, who)
      for i = 1, 20 do
        local account_id = ("%s-%d"):format(who, i)
        local result = client:get_okta_account(account_id)
        if not result or result.id ~= account_id then return false end
      end
      return true
    end

    local function listen()
      return wire:listen(
        "tls",
        [[log.of = log.of or {}
        while true do
          local head = c:request()
          if not head then return end
          local id = head:match "/([^/ ]+) HTTP"
          log.of[#log.of + 1] = id:match "^%a+" .. number
          c:answer('{"data":{"id":"' .. id .. '","type":"okta-accounts"}}')
        end]]
      )
    end

    for _, when in ipairs { "used", "fresh" } do
      it(("leaves both with a client that works: %s"):format(when), function()
        local port = listen()
        local client = https(port)
        if when == "used" then assert(client:get_okta_account "before") end
        local pid = fork(function() return calls(client, "child") end)
        local parent = calls(client, "parent")
        assert.is_true(ended_well(pid))
        assert.is_true(parent)
        -- no connection has both
        local who = {}
        for _, entry in ipairs(wire:log(port).of) do
          local name, number = entry:match "^(%a+)(%d+)$"
          if name ~= "before" then
            assert.equal(who[number] or name, name, "on connection " .. number)
            who[number] = name
          end
        end
      end)
    end

    it("with calls in flight: they are the parent's", function()
      local port = wire:listen(
        "tls",
        [[while true do
        local head = c:request()
        if not head then return end
        if head:find "/slow " then c:sleep(0.2) end
        c:answer('{"data":{"id":"' .. head:match "/([^/ ]+) HTTP" .. '"}}') end]]
      )
      local client = https(port)
      assert(client:get_okta_account "before")
      local pid, slow
      ddokta.parallel(2, { "slow", "fork" }, function(what)
        if what == "slow" then
          slow = { client:get_okta_account "slow" }
          return
        end
        assert(client:get_okta_account "meanwhile") -- the other is on its way
        pid = posix.fork()
        if pid == 0 then
          local result = client:get_okta_account "child"
          posix._exit(result and result.id == "child" and slow and slow[2].kind == "cancelled" and 0 or 1)
        end
      end)
      assert.is_true(ended_well(pid))
      assert.equal("slow", slow[1] and slow[1].id, tostring(slow[2]))
      assert.equal("parent", assert(client:get_okta_account "parent").id)
    end)
  end)

  describe("random bytes", function()
    -- the same numbers on every Lua
    local RANDOM = [[
      local state = seed * 7919 + 17
      local function random(n)
        state = state * 16807 % 2147483647
        return math.floor(state / 256) % n
      end
      local function bytes(n)
        local list = {}
        for i = 1, n do list[i] = string.char(random(256)) end
        return table.concat(list)
      end
      local OK = "HTTP/1.1 200 OK\r\n"
      -- other bytes here and there
      local function damaged(text, times)
        for _ = 1, times do
          local at = random(#text) + 1
          text = text:sub(1, at - 1) .. bytes(random(3)) .. text:sub(at + random(4))
        end
        return text
      end
    ]]
    local possible = { network = true, protocol = true, timeout = true }

    local function check(result, err, seed, any)
      if any and (type(result) == "table" or result == true) then return end
      assert.is_nil(result, "seed " .. seed)
      assert.equal("table", type(err), "seed " .. seed)
      assert.is_truthy(possible[err.kind] or any and err.status, ("seed %d: %s"):format(seed, tostring(err)))
      assert.is_nil(tostring(err):find "%c", "seed " .. seed)
    end

    -- Calls with seeds 1 to n, to where url(seed) says.
    local function try(n, any, client_of)
      for seed, result in
        ipairs(ddokta.parallel(25, range(n), function(seed)
          local client = client_of(seed)
          local method = seed % 3 == 0 and "send_invitations" or "list_okta_accounts"
          local result, err = client[method](client, seed % 3 == 0 and invitation() or nil)
          client:close()
          return result, err
        end))
      do
        check(result[1], result[2], seed, any)
      end
    end

    for name, row in pairs {
      ["instead of an answer"] = { "bytes(1 + random(400))" },
      ["behind a status line"] = { "OK .. bytes(1 + random(400))" },
      ["instead of JSON"] = { [[OK .. '\r\n' .. bytes(1 + random(400))]] },
      ["in chunks"] = { [[OK .. 'Transfer-Encoding: chunked\r\n\r\n1f4\r\n' .. bytes(random(600))]] },
      ["that are called gzip"] = {
        [[OK .. 'Content-Encoding: gzip\r\n\r\n\31\139\8\0\0\0\0\0\0\3' .. bytes(random(400))]],
      },
      ["in an answer"] = {
        [[damaged(OK .. 'Content-Type: application/json\r\nX-RateLimit-Limit: 10\r\n'
        .. 'X-RateLimit-Remaining: 5\r\nX-RateLimit-Reset: 3\r\nX-RateLimit-Period: 10\r\n'
        .. 'Content-Length: 11\r\n\r\n{"data":[]}', 1 + random(6))]],
        true,
      },
      ["in an answer in chunks"] = {
        [[damaged(OK .. 'Transfer-Encoding: chunked\r\n\r\n5\r\n{"dat\r\n'
        .. '6;x=y\r\na":[]}\r\n0\r\nX-Sum: 1\r\n\r\n', 1 + random(6))]],
        true,
      },
      ["in an error"] = {
        [[damaged('HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\nContent-Length: 40\r\n\r\n'
        .. '{"errors":[{"title":"a","detail":"b"}]}\n', 1 + random(6))]],
        true,
      },
    } do
      it(name, function()
        server:script(
          [[local request = ...
          local seed = tonumber(request.path:match "^/(%d+)") ]]
            .. RANDOM
            .. "return { { send = "
            .. row[1]
            .. " }, { close = true } }"
        )
        try(
          100,
          row[2],
          function(seed) return server:client { base_url = ("%s/%d"):format(server.url, seed), timeout = 2 } end
        )
      end)
    end

    for name, row in pairs {
      ["in a TLS handshake"] = { { by_hand = true }, "c:receive() c:send(bytes(1 + random(200)))" },
      ["in a TLS record of a handshake"] = {
        { by_hand = true },
        [[c:receive()
        local n = 1 + random(200)
        c:send("\22\3\3\0" .. string.char(n) .. bytes(n)) c:sleep(0.01)]],
      },
      ["as HTTP/2"] = { { alpn = "h2" }, [[c:take(24) c:send(bytes(1 + random(400))) c:sleep(0.01)]] },
      ["as HTTP/2 frames"] = {
        { alpn = "h2" },
        [[local s = c.h2.begin(c) if not s then return end s:request()
        for _ = 1, 20 do s:frame(random(11), random(256), random(4), bytes(random(40))) end
        c:sleep(0.01)]],
        true,
      },
      ["as HTTP/2 headers"] = {
        { alpn = "h2" },
        [[local s = c.h2.begin(c) if not s then return end
        s:frame(s.HEADERS, 4, s:request() or 1, "\136" .. bytes(random(60))) s:data(1, '{"data":[]}')
        c:sleep(0.01)]],
        true,
      },
    } do
      it(name, function()
        possible.tls = row[1].by_hand
        local port = wire:listen(row[1], "local seed = number " .. RANDOM .. row[2])
        try(60, row[3], function() return https(port, { timeout = 2 }) end)
        possible.tls = nil
        assert.is_true(wire:log(port).connections >= 60)
      end)
    end

    it("leave nothing behind: the next call is answered", function()
      server:answer(serving.EMPTY_LIST)
      assert.same({}, (assert(http(server.port):list_okta_accounts())))
    end)
  end)
end)
