-- The errors of doc/errors.md: every kind, by the answers that a service really gives and by
-- those that it should not. csrc/binding/call_error.c, csrc/http/{failure,transfer}.c.
local check_error = require "spec.support.check_error"
local ddokta = require "ddokta"
local serving = require "spec.support.serving"
local system = require("ddokta.core").system
local timed = require "spec.support.timed"(it, function(why) pending(why) end)

local json = serving.json
local account = serving.account

local server, elsewhere

local check = check_error.any
local function check_sent(...) return check_error.sent(server, ...) end

-- What list_okta_accounts says when the server does this.
local function list(step, options)
  server:answer(step)
  local result, err = server:client(options):list_okta_accounts()
  assert.is_nil(result)
  return err
end

local function create(step, options)
  server:answer(step)
  local result, err = server:client(options):create_okta_account(account())
  assert.is_nil(result)
  return err
end

describe("errors", function()
  setup(function()
    server, elsewhere = serving.start(), serving.start()
  end)
  teardown(function()
    server:stop()
    elsewhere:stop()
  end)

  describe("by status", function()
    for _, row in ipairs {
      { 400, "invalid_request" },
      { 422, "invalid_request" },
      { 413, "invalid_request" },
      { 401, "unauthorized" },
      { 403, "forbidden" },
      { 404, "not_found" },
      { 409, "conflict" },
      { 429, "rate_limited" },
      { 500, "server" },
      { 502, "server" },
      { 503, "server" },
    } do
      local status, kind = row[1], row[2]
      it(("%d is %s"):format(status, kind), function()
        local err = check_sent(list(json(status, '{"errors":["the words"]}')), kind, status)
        assert.same({ "the words" }, err.errors)
        assert.equal("the words", err.message)
        assert.equal("list_okta_accounts", err.operation)
        assert.equal("GET", err.method)
        assert.equal(server.url .. "/api/v2/integrations/okta/accounts", err.url)
        assert.equal('{"errors":["the words"]}', err.body)
        assert.is_false(err.ambiguous)
        assert.is_truthy(tostring(err):find("the words", 1, true))
        assert.is_truthy(tostring(err):find(status, 1, true))
        assert.is_truthy(tostring(err):find("list_okta_accounts", 1, true))
      end)
    end

    it("403 names the permission that is needed", function()
      local err = check_sent(list(json(403, '{"errors":["Forbidden"]}')), "forbidden", 403)
      assert.equal("integrations_read", err.permission)
      assert.is_truthy(tostring(err):find("integrations_read", 1, true))
      err = check_sent(create(json(403, '{"errors":["Forbidden"]}')), "forbidden", 403)
      assert.equal("manage_integrations", err.permission)
      assert.is_truthy(tostring(err):find("manage_integrations", 1, true))
    end)

    it(
      "401 says what to look at",
      function()
        assert.is_truthy(tostring(list(json(401, '{"errors":["Unauthorized"]}'))):find "check the keys")
      end
    )

    it("429 says when to try again, and what the limit is", function()
      local err = list(json(429, '{"errors":["Too many requests"]}', {
        ["X-RateLimit-Limit"] = "100",
        ["X-RateLimit-Period"] = "60",
        ["X-RateLimit-Remaining"] = "0",
        ["X-RateLimit-Reset"] = "7",
        ["X-RateLimit-Name"] = "okta_api",
      }))
      check_sent(err, "rate_limited", 429)
      assert.is_true(err.retry_after >= 6 and err.retry_after <= 9, tostring(err.retry_after))
      assert.is_true(err.retryable)
      assert.equal(100, err.rate_limit.limit)
      assert.equal(60, err.rate_limit.period)
      assert.equal(0, err.rate_limit.remaining)
      assert.equal("okta_api", err.rate_limit.name)
      assert.is_truthy(tostring(err):find "try again in %d+ s")
    end)

    it("a failed create is ambiguous where the server may have acted", function()
      assert.is_true(check_sent(create(json(500, "{}")), "server", 500).ambiguous)
      assert.is_true(check_sent(create(json(503, "{}")), "server", 503).ambiguous)
      for _, status in ipairs { 400, 401, 403, 404, 409, 422, 429 } do
        assert.is_false(create(json(status, "{}")).ambiguous, "status " .. status)
      end
      assert.is_truthy(tostring(create(json(500, "{}"))):find "may have taken effect")
    end)
  end)

  describe("refused before sending", function()
    local client
    before_each(function()
      server:answer(serving.EMPTY_LIST)
      client = server:client()
    end)
    after_each(function() assert.equal(0, #server:requests()) end)

    local function refused(...)
      local result, err = ...
      assert.is_nil(result)
      check(err, "invalid_request")
      assert.equal(0, err.attempts)
      assert.is_nil(err.status)
      assert.is_false(err.ambiguous)
      return err.message
    end

    it("what is missing is named", function()
      assert.matches("auth_method, domain, name", refused(client:create_okta_account {}))
      assert.matches("domain", refused(client:create_okta_account { auth_method = "oauth", name = "x" }))
      assert.matches("auth_method", refused(client:update_okta_account("id", { domain = "x" })))
      assert.matches(
        "name",
        refused(client:create_okta_account {
          data = { type = "okta-accounts", attributes = { auth_method = "oauth", domain = "d" } },
        })
      )
      assert.matches("missing", refused(client:create_okta_account { data = {} }))
      assert.matches("domain", refused(client:create_okta_account(account { domain = ddokta.null })))
    end)

    it("no body", function()
      refused(client:create_okta_account())
      refused(client:create_okta_account "text")
      refused(client:update_okta_account "id")
    end)

    it("path parameters that cannot be", function()
      assert.matches("account_id", refused(client:get_okta_account()))
      assert.matches("account_id", refused(client:get_okta_account ""))
      assert.matches("account_id", refused(client:get_okta_account ".."))
      assert.matches("account_id", refused(client:get_okta_account "a\r\nX: y"))
      assert.matches("account_id", refused(client:get_okta_account "a\0b"))
      assert.matches("account_id", refused(client:get_okta_account {}))
      assert.matches("account_id", refused(client:delete_okta_account(true)))
    end)

    it("values that JSON cannot hold", function()
      assert.matches("name", refused(client:create_okta_account(account { name = "\255" })))
      assert.matches("name", refused(client:create_okta_account(account { name = print })))
      assert.matches("client_id", refused(client:create_okta_account(account { client_id = 0 / 0 })))
      local loop = {}
      loop.loop = loop
      refused(client:create_okta_account(account { client_id = loop }))
    end)

    it("too many arguments, or a query that the operation does not take", function()
      refused(client:list_okta_accounts({}, {}))
      assert.matches("page_size", refused(client:list_okta_accounts { page_size = 5 }))
      refused(client:list_okta_accounts "text")
    end)
  end)

  describe("timeout", function()
    timed("of one attempt", function()
      local err = list({ stall = true }, { attempt_timeout = 0.1 })
      check_sent(err, "timeout")
      assert.matches("attempt", err.message)
      assert.is_true(err.retryable)
      assert.is_false(err.ambiguous)
      assert.is_true(err.seconds >= 0.1 and err.seconds < 0.3)
    end)

    timed("of the whole call", function()
      local err = list({ stall = true }, { timeout = 0.1, max_retries = 4 })
      check_sent(err, "timeout")
      assert.matches("whole call", err.message)
      assert.equal(1, err.attempts)
      assert.is_true(err.seconds >= 0.1 and err.seconds < 0.3)
    end)

    it("in the middle of an answer", function()
      local err = list(
        { { send = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{" }, { stall = true } },
        { timeout = 0.1 }
      )
      check_sent(err, "timeout")
    end)

    it("of a create is ambiguous, and never sent again", function()
      local err = create({ stall = true }, { attempt_timeout = 0.1, max_retries = 4 })
      check_sent(err, "timeout")
      assert.is_true(err.ambiguous)
      assert.is_false(err.retryable)
      assert.equal(1, #server:requests())
    end)

    timed("of connecting", function()
      -- a full backlog: the kernel drops what comes
      local socket = require "socket"
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
      local client = server:client { base_url = "http://127.0.0.1:" .. port, connect_timeout = 0.15 }
      local started = system.now()
      local result, err = client:create_okta_account(account())
      for _, filler in ipairs(fillers) do
        filler:close()
      end
      full:close()
      assert.is_nil(result)
      check(err, "timeout")
      assert.is_false(err.ambiguous) -- nothing left
      assert.is_true(err.retryable)
      assert.is_true(system.now() - started < 0.5)
    end)
  end)

  describe("network", function()
    it("refused", function()
      local client = server:client { base_url = "http://127.0.0.1:" .. serving.deaf_port() }
      local result, err = client:create_okta_account(account())
      assert.is_nil(result)
      check(err, "network")
      assert.equal("COULDNT_CONNECT", err.code)
      assert.is_false(err.ambiguous)
      assert.is_true(err.retryable)
    end)

    it("no such host", function()
      local client = server:client { base_url = "https://nobody.invalid" }
      local result, err = client:list_okta_accounts()
      assert.is_nil(result)
      check(err, "network")
      assert.equal("COULDNT_RESOLVE_HOST", err.code)
    end)

    for name, step in pairs {
      ["closed without an answer"] = { close = true },
      ["reset without an answer"] = { reset = true },
      ["closed in the status line"] = { { send = "HTTP/1.1 2" }, { close = true } },
      -- libcurl takes this one for an answer without a body
      ["closed in the headers"] = { { send = "HTTP/1.1 200 OK\r\nContent-Le" }, { close = true } },
      ["closed in the body"] = {
        { send = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}" },
        { close = true },
      },
      ["reset in the body"] = {
        { send = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}" },
        { sleep = 0.02 },
        { reset = true },
      },
      ["closed in a chunk"] = {
        { send = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}" },
        { close = true },
      },
      ["closed before the last chunk"] = {
        { send = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" },
        { close = true },
      },
    } do
      it(name, function()
        local err = check(list(step), "network")
        assert.is_true(err.retryable)
        assert.is_false(err.ambiguous)
        err = check(create(step), "network")
        assert.is_false(err.retryable)
        assert.is_true(err.ambiguous)
        assert.equal(1, #server:requests())
      end)
    end
  end)

  describe("protocol", function()
    for name, step in pairs {
      ["HTML with 200"] = {
        status = 200,
        headers = { ["Content-Type"] = "text/html" },
        body = "<html><title>Sign in</title></html>",
      },
      ["no JSON"] = json(200, "data"),
      ["half of it"] = json(200, '{"data":['),
      ["two of it"] = json(200, '{"data":[]}{"data":[]}'),
      ["a bare string"] = json(200, '"data"'),
      ["null"] = json(200, "null"),
      ["NaN"] = json(200, '{"data":[NaN]}'),
      ["no UTF-8"] = json(200, '{"data":[{"id":"\255"}]}'),
      ["no HTTP"] = { { send = "SSH-2.0-OpenSSH_9.2p1\r\n" }, { close = true } },
      ["a status line that is none"] = { { send = "HTTP/1.1 abc\r\n\r\n" }, { close = true } },
      ["nested too deeply"] = json(200, ("["):rep(5000) .. ("]"):rep(5000)),
      ["no gzip though it says so"] = json(200, '{"data":[]}', { ["Content-Encoding"] = "gzip" }),
    } do
      it(name, function()
        local err = check(list(step), "protocol")
        assert.is_false(err.ambiguous)
        err = check(create(step), "protocol")
        assert.is_true(err.ambiguous)
        assert.is_false(err.retryable)
        assert.equal(1, #server:requests())
      end)
    end

    it("no body where there should be one", function()
      check(list(json(200, "")), "protocol")
      assert.is_true(check(create(json(201, "")), "protocol").ambiguous)
    end)

    it("a length that is none", function()
      local step = { { send = "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}" }, { close = true } }
      check(list(step), "protocol")
    end)

    it("a chunk that is none", function()
      local step = {
        { send = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" },
        { close = true },
      }
      local err = create(step)
      assert.is_truthy(err.kind == "protocol" or err.kind == "network", err.kind)
      assert.is_true(err.ambiguous)
    end)

    it("larger than max_response_bytes", function()
      local body = '{"data":[]}' .. (" "):rep(5000)
      local err = check(list(json(200, body), { max_response_bytes = 5010 }), "protocol")
      assert.matches("max_response_bytes", err.message)
      assert.equal(200, err.status)
      server:answer(json(200, body))
      assert.is_table(server:client({ max_response_bytes = 5011 }):list_okta_accounts())
    end)

    timed("larger than that after decompression", function()
      local pipe = assert(io.popen("head -c 30000000 /dev/zero | gzip -c", "r"))
      local bomb = pipe:read "*a"
      pipe:close()
      assert.is_true(#bomb < 100000)
      local started = system.now()
      local err = check(
        list(json(200, bomb, { ["Content-Encoding"] = "gzip" }), { max_response_bytes = 1000000 }),
        "protocol"
      )
      assert.matches("max_response_bytes", err.message)
      assert.is_true(system.now() - started < 1)
    end)

    it("headers without end", function()
      server:script [[
        local lines = { { send = "HTTP/1.1 200 OK\r\n" } }
        for i = 1, 100 do
          lines[#lines + 1] = { send = ("X-Filler-%d: %s\r\n"):format(i, ("x"):rep(8000)) }
        end
        lines[#lines + 1] = { close = true }
        return lines ]]
      local result, err = server:client():list_okta_accounts()
      assert.is_nil(result)
      check(err, "protocol")
    end)

    for _, status in ipairs { 301, 302, 307, 308 } do
      it(("a redirect (%d) is not followed: keys would go along"):format(status), function()
        elsewhere:answer(serving.EMPTY_LIST)
        server:answer { status = status, headers = { Location = elsewhere.url .. "/x" }, body = "" }
        local result, err = server:client():list_okta_accounts()
        assert.is_nil(result)
        check_sent(err, "protocol", status)
        assert.matches("redirect", err.message)
        assert.equal(0, elsewhere:log().connections)
        assert.equal(1, #server:requests())
      end)
    end
  end)

  describe("cancelled", function()
    timed("by closing the client while calls are in flight", function()
      server:script [[ local request = ...
        if request.path:find "/first$" then
          return { { status = 200, body = '{"data":{}}' } }
        elseif request.path:find "/tick$" then
          return { { sleep = 0.1 }, { status = 200, body = '{"data":{}}' } }
        end
        return { { stall = true } } ]]
      local client = server:client { max_in_flight = 2 }
      local other = server:client()
      assert(client:get_okta_account "first") -- the server is known to speak HTTP/1.1 now
      local started = system.now()
      local results = ddokta.parallel(4, { "get", "create", "queued", "close" }, function(what)
        if what == "close" then
          assert(other:get_okta_account "tick") -- meanwhile the others are sent
          client:close()
          return true
        elseif what == "create" then
          return client:create_okta_account(account())
        end
        return client:list_okta_accounts()
      end)
      assert.is_true(system.now() - started < 1)
      assert.equal(4, #server:requests()) -- first, get, create, tick
      for i = 1, 3 do
        check(results[i][2], "cancelled")
        assert.is_false(results[i][2].retryable)
      end
      assert.is_false(results[1][2].ambiguous)
      assert.is_true(results[2][2].ambiguous)
      assert.is_false(results[3][2].ambiguous)
    end)

    it("after closing", function()
      server:answer(serving.EMPTY_LIST)
      local client = server:client()
      client:close()
      client:close()
      local result, err = client:list_okta_accounts()
      assert.is_nil(result)
      check(err, "cancelled")
      assert.matches("closed", err.message)
      assert.equal(0, #server:requests())
    end)

    it("views are closed with the client", function()
      server:answer(serving.EMPTY_LIST)
      local client = server:client()
      local view = client:with { timeout = 1 }
      client:close()
      local result, err = view:list_okta_accounts()
      assert.is_nil(result)
      check(err, "cancelled")
    end)
  end)

  describe("tls", function()
    local folder, url
    local running = {} -- what start_tls started
    local function run(command)
      local ok = os.execute(("cd '%s' && (%s) >/dev/null 2>&1"):format(folder, command))
      assert(ok == true or ok == 0, command)
    end

    local function start_tls(arguments)
      local pid, pipe = serving.start_program(
        (
          "sh -c 'cd %s && exec openssl s_server "
          .. "-accept 127.0.0.1:0 -cert cert.pem -key key.pem -HTTP %s 2>/dev/null'"
        ):format(folder, arguments)
      )
      local line
      repeat
        line = assert(pipe:read "*l", "openssl s_server did not start")
      until line:find "^ACCEPT"
      running[#running + 1] = { pid, pipe }
      return "https://127.0.0.1:" .. line:match ":(%d+)"
    end

    setup(function()
      folder = assert(system.mkdtemp "ddokta-spec-")
      for _, ca in ipairs { "ca", "other" } do
        run(
          (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
            .. "-subj /CN=%s -keyout %s.key -out %s.pem"
          ):format(ca, ca, ca)
        )
      end
      run(
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=server "
          .. "-keyout key.pem -out server.csr"
      )
      run "echo subjectAltName=IP:127.0.0.1 > names"
      run(
        "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
          .. "-extfile names -out cert.pem"
      )
      run "mkdir -p api/v2/integrations/okta"
      local file = assert(io.open(folder .. "/api/v2/integrations/okta/accounts", "w"))
      file:write 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"data":[]}'
      file:close()
      url = start_tls ""
    end)

    teardown(function()
      for _, program in ipairs(running) do
        serving.stop_program(program[1], program[2])
      end
      os.execute(("rm -rf '%s'"):format(folder))
    end)

    local function list_over_tls(options)
      options.base_url = options.base_url or url
      options.max_retries = 4 -- trust does not come by trying again
      return server:client(options):list_okta_accounts()
    end

    local function expect_tls_error(options, code)
      local result, err = list_over_tls(options)
      assert.is_nil(result)
      check(err, "tls")
      assert.equal(1, err.attempts)
      assert.is_false(err.retryable)
      if code then assert.equal(code, err.code) end
      assert.is_truthy(tostring(err):find "ca_file")
    end

    it(
      "a certificate of an authority that is trusted is",
      function() assert.is_table(list_over_tls { ca_file = folder .. "/ca.pem" }) end
    )

    it("a self-made one is not", function() expect_tls_error({}, "PEER_FAILED_VERIFICATION") end)

    it(
      "one of another authority is not",
      function() expect_tls_error({ ca_file = folder .. "/other.pem" }, "PEER_FAILED_VERIFICATION") end
    )

    it(
      "one for another host is not",
      function()
        expect_tls_error(
          { ca_file = folder .. "/ca.pem", base_url = (url:gsub("127.0.0.1", "localhost")) },
          "PEER_FAILED_VERIFICATION"
        )
      end
    )

    it("an authority that is no file is an option that is wrong", function()
      local result, err = list_over_tls { ca_file = folder .. "/nothing.pem" }
      assert.is_nil(result)
      check(err, "config")
      assert.equal("SSL_CACERT_BADFILE", err.code)
      assert.equal(1, err.attempts)
    end)

    it("a server that speaks no TLS gets no key", function()
      server:answer(serving.EMPTY_LIST)
      server:on_connect [[ return { { sleep = 0.02 }, { send = "HTTP/1.1 400 Bad Request\r\n\r\n" } } ]]
      expect_tls_error { base_url = (server.url:gsub("^http:", "https:")) }
      assert.equal(0, #server:requests())
    end)

    it("a server that speaks old TLS only", function()
      local result, err = list_over_tls {
        ca_file = folder .. "/ca.pem",
        base_url = start_tls "-tls1_1 -cipher ALL:@SECLEVEL=0",
      }
      assert.is_nil(result)
      check(err, "tls")
    end)

    it("a server that wants a certificate of ours", function()
      local result, err = list_over_tls {
        ca_file = folder .. "/ca.pem",
        timeout = 2,
        base_url = start_tls "-Verify 1 -verify_return_error -CAfile ca.pem",
      }
      assert.is_nil(result)
      check(err, "tls")
    end)

    it("a connection that breaks under the handshake is the network's failure", function()
      server:on_connect [[ return { { close = true } } ]]
      local client = server:client { base_url = (server.url:gsub("^http:", "https:")) }
      local result, err = client:list_okta_accounts()
      assert.is_nil(result)
      check(err, "network")
      assert.is_false(err.ambiguous)
    end)
  end)

  it("made by ddokta.error are of the same kind", function()
    local errors = require "ddokta.error"
    local err = errors.new { kind = "config", message = "no key" }
    check(err, "config")
    assert.is_true(errors.is(err))
    assert.is_false(errors.is {})
    assert.is_false(errors.is "text")
    assert.equal("config: no key", tostring(err))
  end)
end)
