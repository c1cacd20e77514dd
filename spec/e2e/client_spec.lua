-- A client against a server that does as it is told: what is sent, what comes of each answer, and
-- what is tried again. lua/ddokta/init.lua, csrc/binding/{client,call}.c, csrc/http/{engine,retry}.c.
local ddokta = require "ddokta"
local serving = require "spec.support.serving"
local socket = require "socket"
local system = require("ddokta.core").system
local timed = require "spec.support.timed"(it, function(why) pending(why) end)

local json, account = serving.json, serving.account
local PATH = "/api/v2/integrations/okta/accounts"

local server

local function busy(status, headers) return json(status or 503, '{"errors":["busy"]}', headers) end

local function change(client, method)
  if method == "create" then return client:create_okta_account(account()) end
  return client:update_okta_account("an-id", account())
end

describe("client", function()
  setup(function() server = serving.start() end)
  teardown(function() server:stop() end)

  describe("sends", function()
    it("the keys, and what it accepts", function()
      server:answer(serving.EMPTY_LIST)
      assert(server:client():list_okta_accounts())
      local request = server:requests()[1]
      assert.equal("GET", request.method)
      assert.equal(PATH, request.path)
      assert.equal(serving.API_KEY, request.headers["dd-api-key"])
      assert.equal(serving.APP_KEY, request.headers["dd-application-key"])
      assert.equal("application/json", request.headers.accept)
      assert.is_nil(request.headers["content-type"])
      assert.is_nil(request.headers.authorization)
      assert.is_nil(request.headers["content-length"])
      assert.matches(
        "^ddokta/" .. ddokta.version:gsub("%p", "%%%0") .. " %(lua[%a%d. -]*; libcurl [%d.]+",
        request.headers["user-agent"]
      )
      assert.matches("gzip", request.headers["accept-encoding"])
    end)

    it("a bearer token instead of them", function()
      server:answer(serving.EMPTY_LIST)
      local client = assert(
        ddokta.client { base_url = server.url, bearer_token = "tok.en-1", proxy = "", user_agent = "mine/1" }
      )
      assert(client:list_okta_accounts())
      local request = server:requests()[1]
      assert.equal("Bearer tok.en-1", request.headers.authorization)
      assert.is_nil(request.headers["dd-api-key"])
      assert.is_nil(request.headers["dd-application-key"])
      assert.equal("mine/1", request.headers["user-agent"])
    end)

    it("a key that is asked for at each use", function()
      server:answer(serving.EMPTY_LIST)
      local n = 0
      local client = server:client {
        api_key = function()
          n = n + 1
          return "key-" .. n
        end,
      }
      assert(client:list_okta_accounts())
      assert(client:with({ timeout = 1 }):list_okta_accounts())
      local requests = server:requests()
      assert.equal("key-1", requests[1].headers["dd-api-key"])
      assert.equal("key-2", requests[2].headers["dd-api-key"])
      assert.equal(serving.APP_KEY, requests[2].headers["dd-application-key"])
    end)

    it("a flat account as JSON:API, and not its id's neighbours", function()
      server:answer(json(201, serving.ACCOUNT))
      assert(server:client():create_okta_account(account { id = "mine", type = "ignored", client_id = "x" }))
      local request = server:requests()[1]
      assert.equal("POST", request.method)
      assert.equal("application/json", request.headers["content-type"])
      assert.equal(
        '{"data":{"attributes":{"auth_method":"oauth","client_id":"x",'
          .. '"domain":"https://example.okta.com/","name":"Okta-Prod"},"id":"mine","type":"okta-accounts"}}',
        request.body
      )
    end)

    it("an envelope as it is", function()
      server:answer(json(201, serving.ACCOUNT))
      local envelope = { data = { type = "okta-accounts", attributes = account { more = { 1, 2 } } } }
      assert(server:client { strict_fields = false }:create_okta_account(envelope))
      assert.equal(
        '{"data":{"attributes":{"auth_method":"oauth","domain":"https://example.okta.com/",'
          .. '"more":[1,2],"name":"Okta-Prod"},"type":"okta-accounts"}}',
        server:requests()[1].body
      )
    end)

    it("an update without name and id, so that what was read can be written", function()
      server:answer(json(200, serving.ACCOUNT))
      local client = server:client()
      local read = assert(client:get_okta_account "an-id")
      assert(client:update_okta_account(read.id, read))
      local request = server:requests()[2]
      assert.equal("PATCH", request.method)
      assert.equal(PATH .. "/an-id", request.path)
      assert.equal(
        '{"data":{"attributes":{"auth_method":"oauth","client_id":"an-app",'
          .. '"domain":"https://example.okta.com/"},"type":"okta-accounts"}}',
        request.body
      )
    end)

    it("path parameters escaped", function()
      server:answer(json(200, serving.ACCOUNT))
      local client = server:client { base_url = server.url .. "/prefix/" }
      assert(client:get_okta_account "a/b c?d#e%\195\164")
      assert(client:get_okta_account(42))
      assert.equal("/prefix" .. PATH .. "/a%2Fb%20c%3Fd%23e%25%C3%A4", server:requests()[1].path)
      assert.equal("/prefix" .. PATH .. "/42", server:requests()[2].path)
    end)

    it("large bodies at once, without waiting for 100 Continue", function()
      server:answer(json(201, serving.ACCOUNT))
      local name = ("x"):rep(3000000)
      assert(server:client():create_okta_account(account { name = name }))
      local request = server:requests()[1]
      assert.is_nil(request.headers.expect)
      assert.is_truthy(request.body:find(name, 1, true))
    end)

    it("over one connection where it can", function()
      server:answer(serving.EMPTY_LIST)
      local client = server:client()
      for _ = 1, 5 do
        assert(client:list_okta_accounts())
        assert(client:with({ timeout = 1 }):list_okta_accounts())
      end
      assert.equal(10, #server:requests())
      assert.equal(1, server:log().connections)
    end)
  end)

  describe("answers", function()
    local function list(step, options)
      server:answer(step)
      return server:client(options):list_okta_accounts()
    end

    timed("a resource is flat, its response beside it", function()
      server:answer(json(200, serving.ACCOUNT, {
        ["X-RateLimit-Limit"] = "100",
        ["X-RateLimit-Reset"] = "30",
        ["X-RateLimit-Remaining"] = "99",
        ["X-RateLimit-Period"] = "60",
        ["X-RateLimit-Name"] = "a_limit",
        ["X-Dd-Version"] = "35",
      }))
      local resource, response = server:client():get_okta_account "an-id"
      assert.same({
        id = "an-id",
        type = "okta-accounts",
        auth_method = "oauth",
        name = "Okta-Prod",
        domain = "https://example.okta.com/",
        client_id = "an-app",
      }, resource)
      assert.equal(200, response.status)
      assert.equal(1, response.attempts)
      assert.is_true(response.seconds > 0 and response.seconds < 1)
      assert.equal("35", response.headers["x-dd-version"])
      assert.equal("application/json", response.headers["content-type"])
      assert.equal("Okta-Prod", response.body.data.attributes.name)
      assert.equal(100, response.rate_limit.limit)
      assert.equal(60, response.rate_limit.period)
      assert.equal(99, response.rate_limit.remaining)
      assert.equal("a_limit", response.rate_limit.name)
      assert.is_true(response.rate_limit.reset > 0 and response.rate_limit.reset <= 60)
      assert.is_nil(response.total)
      assert.is_nil(response.nonsense)
    end)

    it("no rate headers: no rate_limit", function()
      local _, response = list(serving.EMPTY_LIST)
      assert.is_nil(response.rate_limit)
    end)

    it("a list is a list, also an empty one", function()
      local result = assert(list(serving.EMPTY_LIST))
      assert.same({}, result)
      result = assert(
        list(
          json(
            200,
            '{"data":[{"id":"1","type":"okta-accounts","attributes":{"name":"a"}},'
              .. '{"id":"2","type":"okta-accounts"}]}'
          )
        )
      )
      assert.same(
        { { id = "1", type = "okta-accounts", name = "a" }, { id = "2", type = "okta-accounts" } },
        result
      )
    end)

    it("relationships are fields as well, what is null is absent, what is unknown passes through", function()
      server:answer(json(
        200,
        [[{"data":{"id":"u","type":"users","attributes":{"name":null,"handle":"h",
        "new_enum":"never seen"},"relationships":{"roles":{"data":[{"id":"r","type":"roles"}]}}},
        "included":[{"id":"r"}]}]]
      ))
      local user, response = server:client():get_current_user()
      assert.is_nil(user.name)
      assert.equal("h", user.handle)
      assert.equal("never seen", user.new_enum)
      assert.equal("r", user.roles.data[1].id)
      assert.equal("r", response.body.included[1].id)
    end)

    it("id and type are the resource's own, whatever its attributes are called", function()
      server:answer(
        json(
          200,
          '{"data":{"id":"right","type":"okta-accounts","attributes":{"id":"wrong","type":"wrong","a":1}}}'
        )
      )
      local resource = assert(server:client():get_okta_account "x")
      assert.equal("right", resource.id)
      assert.equal("okta-accounts", resource.type)
      assert.equal(1, resource.a)
    end)

    it("204 that claims to be HTML is true", function()
      server:answer { status = 204, headers = { ["Content-Type"] = "text/html; charset=utf-8" } }
      local done, response = server:client():delete_okta_account "an-id"
      assert.is_true(done)
      assert.equal(204, response.status)
      assert.is_nil(response.body)
      assert.equal("DELETE", server:requests()[1].method)
      assert.equal("", server:requests()[1].body)
    end)

    it("other successes than the documented one are successes", function()
      server:answer(json(200, serving.ACCOUNT))
      assert.equal("an-id", assert(server:client():create_okta_account(account())).id)
    end)

    it("any content type", function()
      for _, kind in ipairs { "application/vnd.api+json", "text/html", "application/json;charset=UTF-8" } do
        assert(list { status = 200, headers = { ["Content-Type"] = kind }, body = '{"data":[]}' })
      end
    end)

    it("1xx before the answer", function()
      local result, response = list {
        send = "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n"
          .. "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
          .. 'HTTP/1.1 200 OK\r\nX-Late: 1\r\nContent-Length: 11\r\n\r\n{"data":[]}',
      }
      assert.same({}, result)
      assert.equal(200, response.status)
      assert.equal("1", response.headers["x-late"])
      assert.is_nil(response.headers["x-early"])
      assert.is_nil(response.headers.link)
    end)

    it("in chunks, one byte at a time, with a trailer", function()
      local steps = { { send = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" } }
      for c in ('{"data":[{"id":"1","attributes":{"name":"\195\164"}}]}'):gmatch "." do
        steps[#steps + 1] = { send = "1\r\n" .. c .. "\r\n" }
      end
      steps[#steps + 1] = { send = "0\r\nX-Sum: 5\r\n\r\n" }
      assert.equal("\195\164", assert(list(steps))[1].name)
    end)

    it("a byte at a time, over several packets", function()
      local steps = {}
      for c in ('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"data":[]}'):gmatch "." do
        steps[#steps + 1] = { send = c }
        steps[#steps + 1] = { sleep = 0.001 }
      end
      assert.same({}, (list(steps)))
    end)

    it("compressed", function()
      local body = '{"data":[' .. ('{"id":"1"},'):rep(1000) .. '{"id":"last"}]}'
      local name = os.tmpname()
      local file = assert(io.open(name, "wb"))
      file:write(body)
      file:close()
      local pipe = assert(io.popen("gzip -c " .. name, "r"))
      local packed = pipe:read "*a"
      pipe:close()
      os.remove(name)
      local result, response = list(json(200, packed, { ["Content-Encoding"] = "gzip" }))
      assert.equal(1001, #result)
      assert.equal("last", result[1001].id)
      assert.equal("gzip", response.headers["content-encoding"])
    end)

    it("headers that come twice are joined", function()
      local _, response = list {
        send = 'HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 11\r\n\r\n{"data":[]}',
      }
      assert.equal("1, 2", response.headers["x-a"])
    end)

    it(
      "until the connection closes",
      function() assert.same({}, (list { { send = 'HTTP/1.1 200 OK\r\n\r\n{"data":[]}' }, { close = true } })) end
    )

    it("large ones", function()
      local body = '{"data":['
        .. ('{"id":"1","type":"okta-accounts","attributes":{"name":"n"}},'):rep(20000)
        .. '{"id":"last"}]}'
      local result = assert(list(json(200, body)))
      assert.equal(20001, #result)
      assert.equal("last", result[20001].id)
    end)
  end)

  describe("tries again", function()
    it("a GET that met 503, until max_retries", function()
      server:answer(busy(), serving.EMPTY_LIST)
      local result, response = server:client({ max_retries = 1 }):list_okta_accounts()
      assert.same({}, result)
      assert.equal(2, response.attempts)
      server:answer(busy())
      local err
      result, err = server:client({ max_retries = 1 }):list_okta_accounts()
      assert.is_nil(result)
      assert.equal("server", err.kind)
      assert.equal(2, err.attempts)
      assert.is_true(err.retryable)
      assert.equal(2, #server:requests())
    end)

    it("502 and 504 as well, 500 not", function()
      for _, status in ipairs { 502, 504 } do
        server:answer(busy(status), serving.EMPTY_LIST)
        assert(server:client({ max_retries = 1 }):list_okta_accounts())
      end
      server:answer(busy(500), serving.EMPTY_LIST)
      local result, err = server:client({ max_retries = 1 }):list_okta_accounts()
      assert.is_nil(result)
      assert.equal(500, err.status)
      assert.equal(1, #server:requests())
    end)

    it("a GET whose connection was reset", function()
      server:answer({ reset = true }, serving.EMPTY_LIST)
      local result, response = server:client({ max_retries = 1 }):list_okta_accounts()
      assert.same({}, result)
      assert.equal(2, response.attempts)
    end)

    it("a DELETE, which then may find nothing and says so", function()
      server:answer({ close = true }, json(404, '{"errors":["gone"]}'))
      local result, err = server:client({ max_retries = 1 }):delete_okta_account "an-id"
      assert.is_nil(result)
      assert.equal("not_found", err.kind)
      assert.is_true(err.ambiguous)
      assert.equal(2, err.attempts)
    end)

    it("nothing at all with max_retries = 0", function()
      for _, step in ipairs { busy(), busy(429, { ["X-RateLimit-Reset"] = "0" }), { reset = true } } do
        server:answer(step, serving.EMPTY_LIST)
        local result, err = server:client({ max_retries = 0 }):list_okta_accounts()
        assert.is_nil(result)
        assert.equal(1, err.attempts)
        assert.equal(1, #server:requests())
      end
    end)

    it("not what will not change", function()
      for _, status in ipairs { 400, 401, 403, 404, 409, 422, 501 } do
        server:answer(busy(status), serving.EMPTY_LIST)
        local _, err = server:client({ max_retries = 4 }):list_okta_accounts()
        assert.equal(status, err.status)
        assert.is_false(err.retryable)
        assert.equal(1, #server:requests())
      end
    end)

    for name, step in pairs {
      ["503"] = busy(),
      ["504"] = busy(504),
      ["a reset"] = { reset = true },
      ["a close"] = { close = true },
      ["half an answer"] = {
        { send = "HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{" },
        { close = true },
      },
    } do
      it("never a POST or PATCH that may have arrived: " .. name, function()
        for _, method in ipairs { "create", "update" } do
          server:answer(step, json(200, serving.ACCOUNT))
          local client = server:client { max_retries = 4 }
          local result, err = change(client, method)
          assert.is_nil(result)
          assert.is_true(err.ambiguous)
          assert.is_false(err.retryable)
          assert.equal(1, err.attempts)
          client:close()
          assert.equal(1, #server:requests())
        end
      end)

      -- libcurl sends again, by itself, what a connection that it used before did not answer
      it("nor over a connection that was kept: " .. name, function()
        for _, method in ipairs { "create", "update" } do
          server:answer(serving.EMPTY_LIST, step, json(200, serving.ACCOUNT))
          local client = server:client { max_retries = 4 }
          assert(client:list_okta_accounts())
          local result, err = change(client, method)
          assert.is_nil(result)
          assert.is_true(err.ambiguous)
          assert.is_false(err.retryable)
          client:close()
          local requests = server:requests()
          assert.equal(2, #requests)
          assert.equal(requests[1].connection, requests[2].connection)
        end
      end)
    end

    it("a POST over a kept connection that the server closed long ago", function()
      server:answer({ { status = 200, body = '{"data":[]}' }, { close = true } }, json(201, serving.ACCOUNT))
      local client = server:client()
      assert(client:list_okta_accounts())
      assert(serving.eventually(function() return server:log().requests[1] end))
      assert.equal("an-id", assert(client:create_okta_account(account())).id)
      assert.equal(2, #server:requests())
    end)

    it("a POST that was refused a connection", function()
      -- nobody listens until the first attempt has failed
      local port, listener = serving.deaf_port()
      local events = {}
      local client = server:client {
        base_url = "http://127.0.0.1:" .. port,
        max_retries = 1,
        timeout = 3,
        on_event = function(event)
          events[#events + 1] = event
          if event.type == "wait" then assert(listener:listen()) end
        end,
        attempt_timeout = 0.1,
      }
      local _, err = client:create_okta_account(account())
      listener:close()
      assert.equal(2, err.attempts)
      assert.equal("timeout", err.kind) -- the second time it was taken, and not answered
      assert.equal("network", events[2].kind)
    end)
  end)

  describe("a 429", function()
    -- one path for each spelling; all at once, for each takes its second or two
    local spellings = {
      reset = { ["X-RateLimit-Reset"] = "1" },
      doubled = { ["X-RateLimit-Reset"] = "1, 1" },
      epoch = function() return { ["X-RateLimit-Reset"] = ("%d"):format(os.time() + 2) } end,
      okta = function()
        return {
          ["X-Rate-Limit-Limit"] = "5",
          ["X-Rate-Limit-Remaining"] = "0",
          ["X-Rate-Limit-Reset"] = ("%d"):format(os.time() + 2),
        }
      end,
      retry_after = { ["Retry-After"] = "1" },
      date = function() return { ["Retry-After"] = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2) } end,
      all = {
        ["X-RateLimit-Limit"] = "5",
        ["X-RateLimit-Remaining"] = "0",
        ["X-RateLimit-Reset"] = "1",
        ["X-RateLimit-Name"] = "a_limit",
      },
      nothing = {},
    }

    it("is waited out as it asks, and then the call goes through, POST as well", function()
      local names, headers = {}, {}
      for name, value in pairs(spellings) do
        names[#names + 1] = name
        headers[name] = type(value) == "function" and value() or value
      end
      local asked = socket.gettime()
      local parts = {}
      for name, list in pairs(headers) do
        local fields = {}
        for k, v in pairs(list) do
          fields[#fields + 1] = ("[%q]=%q"):format(k, v)
        end
        parts[#parts + 1] = ("[%q]={%s}"):format(name, table.concat(fields, ","))
      end
      server:script(
        "local all = {"
          .. table.concat(parts, ",")
          .. [[}
        local request = ...
        local name = request.path:match "([^/]+)$"
        seen = seen or {}
        local again = seen[name]
        seen[name] = true
        return { { status = again and 200 or 429, headers = all[name], body = '{"data":{"id":"x"}}' } } ]]
      )
      local results = ddokta.parallel(#names, names, function(name)
        -- a limit of its own for each
        local client = server:client { max_retries = 2, timeout = 10 }
        local method = name == "reset" and "update_okta_account" or "get_okta_account"
        return client[method](client, name, method:find "update" and account() or nil)
      end)
      local times = {}
      for _, request in ipairs(server:requests()) do
        local name = request.path:match "([^/]+)$"
        times[name] = times[name] or {}
        table.insert(times[name], request.at)
      end
      for i, name in ipairs(names) do
        assert.is_table(results[i][1], name .. ": " .. tostring(results[i][2]))
        assert.equal(2, results[i][2].attempts, name)
        assert.equal(2, #times[name], name)
        local waited = times[name][2] - times[name][1]
        local least = (name == "epoch" or name == "okta" or name == "date")
            and math.floor(asked) + 2 - times[name][1] - 0.05
          or name ~= "nothing" and 0.95
          or 0
        assert.is_true(waited >= least, ("%s: waited %.2f, not %.2f"):format(name, waited, least))
        assert.is_true(waited <= 3.5, ("%s: waited %.2f"):format(name, waited))
      end
    end)

    timed("that asks for longer than the call may take is told at once", function()
      for _, headers in ipairs { { ["X-RateLimit-Reset"] = "60" }, { ["Retry-After"] = "60" } } do
        server:answer(busy(429, headers), serving.EMPTY_LIST)
        local started = system.now()
        local result, err = server:client({ max_retries = 4, timeout = 3 }):list_okta_accounts()
        assert.is_nil(result)
        assert.equal("rate_limited", err.kind)
        assert.is_true(err.retry_after >= 59 and err.retry_after <= 63, tostring(err.retry_after))
        assert.is_true(err.retryable)
        assert.is_true(system.now() - started < 0.5)
        assert.equal(1, #server:requests())
      end
    end)
  end)

  describe("keeps its time", function()
    it("over all attempts and waits", function()
      for _, case in ipairs { { { stall = true }, 0.4 }, { busy(), 0.3 }, { { close = true }, 0.3 } } do
        server:answer(case[1])
        local started = system.now()
        local result, err = server
          :client({ timeout = case[2], attempt_timeout = 0.15, max_retries = 1000 })
          :list_okta_accounts()
        local took = system.now() - started
        assert.is_nil(result)
        assert.is_true(took <= case[2] + 0.2, ("took %.2f of %.2f"):format(took, case[2]))
        assert.is_true(math.abs(err.seconds - took) < 0.1)
      end
    end)

    timed("in a view its own", function()
      server:answer { stall = true }
      local client = server:client { timeout = 5 }
      local started = system.now()
      local _, err = client:with({ timeout = 0.1 }):list_okta_accounts()
      assert.equal("timeout", err.kind)
      assert.is_true(system.now() - started < 0.3)
    end)

    it("view of a view, retries and sizes as well", function()
      server:answer(busy())
      local view = server:client({ max_retries = 4 }):with({ max_retries = 0 }):with { timeout = 1 }
      local _, err = view:list_okta_accounts()
      assert.equal(1, err.attempts)
      server:answer(json(200, '{"data":[]}' .. (" "):rep(100)))
      _, err = server:client():with({ max_response_bytes = 50 }):list_okta_accounts()
      assert.equal("protocol", err.kind)
    end)
  end)

  describe("tells events", function()
    it("one per attempt, answer and wait", function()
      server:answer(busy(), serving.EMPTY_LIST)
      local events = {}
      assert(
        server
          :client({ max_retries = 1, on_event = function(event) events[#events + 1] = event end })
          :list_okta_accounts()
      )
      local types = {}
      for i, event in ipairs(events) do
        types[i] = event.type
        assert.equal("list_okta_accounts", event.operation)
        assert.equal("GET", event.method)
      end
      assert.same({ "attempt", "answer", "wait", "attempt", "answer" }, types)
      assert.equal(503, events[2].status)
      assert.equal("server", events[2].kind)
      assert.equal(200, events[5].status)
      assert.equal(2, events[5].attempt)
      assert.equal("ok", events[5].kind)
      assert.is_number(events[3].seconds)
    end)
  end)

  describe("in a loop of one's own", function()
    it("shows its sockets and times", function()
      local client = server:client()
      assert.same({}, client:pollfds())
      assert.is_nil(client:timeout())
      assert.equal(0, client:step())
    end)

    it("shows them while calls are in flight", function()
      server:script [[ return { { sleep = 0.05 }, { status = 200, body = '{"data":[]}' } } ]]
      local client = server:client()
      local seen
      local results = ddokta.parallel(2, { "call", "look" }, function(what)
        if what == "call" then return client:list_okta_accounts() end
        assert(server:client():list_okta_accounts()) -- meanwhile
        seen = { fds = client:pollfds(), timeout = client:timeout() }
        return true
      end)
      assert.is_table(results[1][1])
      for _, entry in ipairs(seen.fds) do
        assert.is_number(entry.fd)
        assert.matches("^r?w?$", entry.events)
      end
    end)
  end)

  it("one slow first call holds up no other", function()
    server:script [[ local request = ...
      local answer = { status = 200, body = '{"data":{}}' }
      return request.path:find "/slow$" and { { sleep = 0.6 }, answer } or { answer } ]]
    local client = server:client()
    local started, seconds = system.now(), {}
    ddokta.parallel(2, { "slow", "quick" }, function(id)
      assert(client:get_okta_account(id))
      seconds[id] = system.now() - started
    end)
    assert.is_true(seconds.quick < 0.3, "quick took " .. seconds.quick)
    assert.is_true(seconds.slow >= 0.6)
  end)

  describe("a call that nobody waits for", function()
    local function step_until(client, done)
      local deadline = system.now() + 5
      while not done() do
        assert.is_true(system.now() < deadline, "not done in 5 seconds")
        client:step()
        system.sleep(0.001)
      end
    end

    it("is done by stepping, and has its result once", function()
      server:answer(serving.EMPTY_LIST)
      local client = server:client()
      local call = assert(client:start "list_okta_accounts")
      assert.is_false(call:done())
      step_until(client, function() return call:done() end)
      local accounts, response = call:result()
      assert.same({}, accounts)
      assert.equal(200, response.status)
      assert.has_error(function() call:result() end, "the result was already fetched")
    end)

    it("goes on while another waits", function()
      server:answer(serving.EMPTY_LIST)
      local client = server:client()
      local call = assert(client:start "list_okta_accounts")
      for _ = 1, 3 do
        assert(client:list_okta_accounts())
      end
      step_until(client, function() return call:done() end)
      assert.is_table((call:result()))
    end)

    it("can be cancelled", function()
      server:answer { stall = true }
      local client = server:client()
      local call = assert(client:start "list_okta_accounts")
      client:step()
      call:cancel()
      assert.is_true(call:done())
      local result, err = call:result()
      assert.is_nil(result)
      assert.equal("cancelled", err.kind)
      assert.equal(0, client:step())
    end)

    it("says what is wrong at once", function()
      local client = server:client()
      local call, err = client:start "get_okta_account"
      assert.is_nil(call)
      assert.equal("invalid_request", err.kind)
      assert.has_error(
        function() client:start "list_okta_acounts" end,
        "there is no operation list_okta_acounts, did you mean 'list_okta_accounts'?"
      )
    end)
  end)

  it("operations describe what there is", function()
    local client = server:client()
    local names = {}
    for _, operation in ipairs(ddokta.operations) do
      names[operation.name] = operation
      assert.is_truthy(operation.service == "datadog" or operation.service == "okta")
      assert.is_string(operation.method)
      assert.matches("^/", operation.path)
      assert.is_table(operation.success)
      assert.is_number(operation.success[1])
      assert.is_boolean(operation.paged)
      assert.is_string(operation.doc)
      if operation.service == "datadog" then assert.is_function(client[operation.name]) end
    end
    for _, name in ipairs {
      "list_okta_accounts",
      "create_okta_account",
      "get_okta_account",
      "update_okta_account",
      "delete_okta_account",
      "validate_api_key",
      "get_current_user",
    } do
      assert.is_table(names[name], name)
    end
    assert.equal("/api/v2/integrations/okta/accounts/{account_id}", names.get_okta_account.path)
    assert.same({ 201 }, names.create_okta_account.success)
    assert.equal("manage_integrations", names.create_okta_account.permission)
  end)

  it("validate_api_key gives what the service says", function()
    server:answer(json(200, '{"valid":true}'))
    local result = assert(server:client():validate_api_key())
    assert.is_true(result.valid)
    assert.equal("/api/v2/validate_keys", server:requests()[1].path)
  end)
end)
