-- lua/ddokta/loop/nginx.lua in a real nginx of one worker. nginx's Lua is LuaJIT: run with that one.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "the loop nginx, in one worker", it, function(why) pending(why) end) then
  return
end

local around = require "spec.lua.loop.surroundings"
local shell = require "ddokta.shell"
local tasks = require "spec.lua.loop.tasks"
local web = require "spec.lua.loop.web"
local timed = around.timed(it, function(why) pending(why) end)

local HTTP = [[
  lua_shared_dict notes 1m;
  lua_max_running_timers 16;
  init_by_lua_block { handlers = require "spec.lua.loop.nginx_handlers"; handlers.init($OPTIONS) }
  init_worker_by_lua_block { handlers.init_worker() }
  exit_worker_by_lua_block { handlers.exit_worker() }
  ssl_session_fetch_by_lua_block { handlers.try "ssl_session_fetch" }
  server {
    listen unix:$FOLDER/tls ssl;
    ssl_verify_client optional_no_ca;
    ssl_session_tickets off;
    ssl_session_cache shared:sessions:1m;
    ssl_certificate $CERTIFICATE/server.pem;
    ssl_certificate_key $CERTIFICATE/server.key;
    ssl_client_hello_by_lua_block { handlers.try "ssl_client_hello" }
    location / { return 200 "shaken hands"; }
  }
  server {
    listen 127.0.0.1:$PORT backlog=1024;
    location = /plain { return 200 plain; }
    location = /note { content_by_lua_block { handlers.note() } }
    location = /content { content_by_lua_block { handlers.content() } }
    location = /rewrite {
      rewrite_by_lua_block { handlers.before_content() }
      content_by_lua_block { handlers.print_outcome() }
    }
    location = /access {
      access_by_lua_block { handlers.before_content() }
      content_by_lua_block { handlers.print_outcome() }
    }
    $PRECONTENT
    $UPSTREAM
    location = /timer { content_by_lua_block { handlers.timer() } }
    location = /set { set_by_lua_block $outcome { return handlers.set() } return 200 $outcome; }
    location = /filters {
      content_by_lua_block { ngx.print "plain" }
      header_filter_by_lua_block { handlers.try "header_filter" }
      body_filter_by_lua_block { handlers.try "body_filter" }
      log_by_lua_block { handlers.try "log" handlers.spawn_in "log" }
    }
    location = /account { content_by_lua_block { handlers.account() } }
    location = /parallel { content_by_lua_block { handlers.parallel() } }
    location = /spawn { content_by_lua_block { handlers.spawn() } }
    location = /tasks { content_by_lua_block { handlers.tasks() } }
    location = /thread { content_by_lua_block { handlers.thread() } }
    location = /closed { content_by_lua_block { handlers.closed() } }
    location = /occupy { content_by_lua_block { handlers.occupy_timers() } }
    location = /flood { content_by_lua_block { ngx.print "flood" } log_by_lua_block { handlers.flood() } }
    location = /flooded { content_by_lua_block { handlers.flooded() } }
    location = /leave_in_log {
      content_by_lua_block { ngx.print "x" }
      log_by_lua_block { handlers.leave_in_log() }
    }
    location = /spawn_for_quit {
      content_by_lua_block { ngx.print "x" }
      log_by_lua_block { handlers.spawn_for_quit() }
    }
    location = /create { content_by_lua_block { handlers.create() } }
    location = /abortable_create {
      lua_check_client_abort on;
      content_by_lua_block { handlers.create() }
    }
    location = /awaits { content_by_lua_block { handlers.awaits() } }
    location = /killed_walk { content_by_lua_block { handlers.killed_walk() } }
    location = /killed_parallel { content_by_lua_block { handlers.killed_parallel() } }
    location = /spawn_bug { content_by_lua_block { handlers.spawn_bug() } }
    location = /state { content_by_lua_block { handlers.state() } }
    location = /abortable {
      lua_check_client_abort on;
      content_by_lua_block { handlers.content() }
    }
    location = /abortable_parallel {
      lua_check_client_abort on;
      content_by_lua_block { handlers.parallel() }
    }
  }
]]

-- what newer Lua modules have: the first from 0.10.30 on, the second in OpenResty alone
local PRECONTENT = web.knows "precontent_by_lua_block"
    and [[
    location = /precontent {
      precontent_by_lua_block { handlers.before_content() }
      content_by_lua_block { handlers.print_outcome() }
    }]]
  or ""
local UPSTREAM = web.knows "proxy_ssl_verify_by_lua_block"
    and [[
    location = /upstream {
      proxy_pass https://unix:$FOLDER/tls:/;
      proxy_ssl_name localhost;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate $CERTIFICATE/ca.pem;
      proxy_ssl_verify_by_lua_block { handlers.try "proxy_ssl_verify" }
      proxy_ssl_certificate_by_lua_block { handlers.try "proxy_ssl_cert" }
    }]]
  or ""

describe("the loop nginx, in one worker", function()
  local box, server

  setup(function()
    box = around.box()
    server = web.start {
      main = "worker_processes 1; thread_pool pool threads=4;",
      http = HTTP:gsub("$PRECONTENT", PRECONTENT)
        :gsub("$UPSTREAM", UPSTREAM)
        :gsub("$CERTIFICATE", (box.ca_file:gsub("/[^/]*$", "")))
        :gsub(
          "$OPTIONS",
          (
            '{ base_url = "%s", ca_file = "%s", api_key = "%s", app_key = "%s", '
            .. 'max_in_flight = 200, proxy = "" }'
          ):format(box.base_url, box.ca_file, box.api_key, box.app_key)
        ),
    }
  end)

  teardown(function()
    -- what the specs below write there on purpose
    local log = server and server:log() or ""
    for _, words in ipairs { "spawned task failed: ", "should_stop failed and is not called again: " } do
      log = log:gsub("[^\n]*ddokta: [^\n]*" .. words .. "[^\n]*", "")
    end
    if server then server:stop() end
    if box then box:stop() end
    assert.is_nil(log:find("[error]", 1, true) or log:find("exited on signal", 1, true), log)
  end)

  local function get(path) return web.get(server.port, path) end

  local function note(name) return get("/note?" .. name:gsub(" ", "%%20")) end

  -- the state when nothing is under way: true, or what it is instead
  local function comes_to_rest()
    local state
    return around.eventually(function()
      state = get "/state"
      return state == "0 in flight, 0 waiting, timer false"
    end) or state
  end

  timed("answers 200 requests that call, together, while a plain location goes on", function()
    local output = shell.run("luajit bench/nginx_plain.lua")
    local late, seconds = output:match("^nginx_plain_late_ms (%S+) .* nginx_calls_seconds (%S+)\n$")
    assert.truthy(late, output)
    assert.truthy(tonumber(seconds) < 2 * around.CALL, output)
    assert.truthy(tonumber(late) / 1000 <= around.LATE, output)
  end)

  for _, phase in ipairs { "content", "rewrite", "access" } do
    it("calls in the phase " .. phase, function() assert.equal("3 accounts", (get("/" .. phase))) end)
  end

  if PRECONTENT ~= "" then
    it("calls in the phase precontent", function() assert.equal("3 accounts", (get "/precontent")) end)
  end

  it("calls in a timer", function()
    get "/timer"
    assert.is_true(around.eventually(function() return note "timer" == "3 accounts" end), note "timer")
  end)

  for _, phase in ipairs { "header_filter", "body_filter", "log", "set", "init_worker" } do
    timed("answers an error at once in the phase " .. phase, function()
      local body, _, seconds = get(phase == "set" and "/set" or "/filters")
      assert.truthy(seconds < around.CALL)
      local outcome = phase == "set" and body or note(phase)
      assert.equal(
        (
          "config: nginx cannot wait in its %s phase: make the call in "
          .. "ddokta.spawn(function() ... end), which runs it in a timer"
        ):format(phase),
        outcome
      )
    end)
  end

  local function shake_hands()
    local output, status = shell.run(shell.line {
      "curl",
      "-q",
      "-sS",
      "--cacert",
      box.ca_file,
      "--unix-socket",
      server.folder .. "/tls",
      "https://127.0.0.1/",
    })
    assert.same({ "shaken hands", 0 }, { output, status })
    return (note "ssl_client_hello")
  end

  if web.is_openresty() then
    it("calls in the phase ssl_client_hello", function() assert.equal("3 accounts", shake_hands()) end)
  else
    timed(
      "answers an error at once in the phase ssl_client_hello, and the handshake goes on",
      function() assert.matches("^config: nginx cannot wait in its ssl_client_hello phase", shake_hands()) end
    )
  end

  if UPSTREAM ~= "" then
    it("calls in the phases proxy_ssl_verify and proxy_ssl_cert", function()
      assert.equal("shaken hands", (get "/upstream"))
      assert.equal("3 accounts", (note "proxy_ssl_verify"))
      assert.equal("3 accounts", (note "proxy_ssl_cert"))
    end)
  end

  it("answers an error at once in the phase ssl_session_fetch, where OpenSSL is not OpenResty's", function()
    shell.run(shell.line {
      "openssl",
      "s_client",
      "-unix",
      server.folder .. "/tls",
      "-tls1_2",
      "-no_ticket",
      "-reconnect",
    })
    assert.matches("^config: nginx cannot wait in its ssl_session_fetch phase", (note "ssl_session_fetch"))
  end)

  for _, phase in ipairs { "log", "init_worker" } do
    it("calls in what is spawned in the phase " .. phase, function()
      get "/filters"
      local name = "spawned in " .. phase
      assert.is_true(around.eventually(function() return note(name) == "3 accounts" end), note(name))
    end)
  end

  timed("makes parallel calls in a request, whose tasks may sleep as nginx does", function()
    local body, _, seconds = get "/parallel"
    assert.equal("all", body)
    assert.truthy(seconds < 3 * around.CALL, seconds) -- two rounds of ten
  end)

  it("speaks HTTP/2, all calls of a worker over one connection", function()
    around.tell(box, "POST", "reset")
    assert.equal("all", (get "/parallel"))
    local state = around.tell(box, "GET", "state")
    assert.equal('{"HTTP/2.0":20}', state:match '"protocols":({[^}]*})')
    assert.equal("1", state:match '"connections":(%d+)')
  end)

  it("spawns beside the request", function() assert.equal("spawned 3", (get "/spawn")) end)

  timed("calls in the threads of ngx.run_worker_thread, four at once", function()
    for _ = 1, 2 do
      local client, requests = web.client(server.port), {}
      for i = 1, 4 do
        requests[i] = client:get "/thread"
      end
      assert.is_true(client:run(10))
      for i = 1, 4 do
        assert.equal("3 accounts", requests[i].body)
        assert.truthy(requests[i].seconds < 2 * around.CALL, requests[i].seconds)
      end
    end
  end)

  timed("ends calls of a client that is closed at once", function()
    local body, _, seconds = get "/closed"
    assert.equal("cancelled: the client was closed", body)
    assert.truthy(seconds < 0.25, seconds)
  end)

  for _, path in ipairs { "/content", "/abortable", "/abortable_parallel" } do
    timed("is not disturbed by clients that go away from " .. path, function()
      local client, gone, staying = web.client(server.port), {}, {}
      for i = 1, 10 do
        gone[i], staying[i] = client:get(path), client:get "/content"
      end
      client:run(0.1, function() return false end)
      for i = 1, 10 do
        gone[i]:close()
      end
      assert.is_true(client:run(10))
      for i = 1, 10 do
        assert.is_nil(gone[i].status)
        assert.equal("3 accounts", staying[i].body)
        assert.truthy(staying[i].seconds < 2 * around.CALL)
      end
      assert.is_true(comes_to_rest())
    end)
  end

  describe("what is spawned in the phase log", function()
    it("comes back once each, 100,000 at a time and no more", function()
      around.tell(box, "PUT", "config", '{"latency":0}')
      get "/flood?100050"
      assert.is_true(
        around.eventually(function() return get("/flooded"):find("^100000 right, 50 refused") ~= nil end, 60),
        (get "/flooded")
      )
      assert.equal(
        "100000 right, 50 refused, cancelled: the spawned function was not run: 100000 spawned "
          .. "functions wait in this worker already",
        (get "/flooded")
      )
      around.tell(box, "PUT", "config", ('{"latency":%s}'):format(around.CALL))
      assert.is_true(comes_to_rest())
    end)

    it("comes back where nginx runs no more timers", function()
      get "/occupy"
      get "/flood?100"
      assert.is_true(
        around.eventually(function() return get("/flooded"):find("^100100 right, 50 refused") ~= nil end, 20),
        (get "/flooded")
      )
      assert.is_true(comes_to_rest())
    end)

    it("comes back where one of them ends all of nginx's threads", function()
      get "/leave_in_log"
      assert.is_true(around.eventually(function() return note "left ended" == "11" end, 10))
      assert.equal("nothing", note "left done")
      get "/filters" -- and what comes later runs
      assert.is_true(around.eventually(function() return note "spawned in log" == "3 accounts" end))
    end)
  end)

  describe("calls that were not sent", function()
    teardown(function() around.tell(box, "POST", "reset") end)

    local function creates()
      return tonumber(
        around.tell(box, "GET", "state"):match '"POST /api/v2/integrations/okta/accounts":{"201":(%d+)'
      ) or 0
    end

    timed("are dropped where their client went away", function()
      assert.equal("created", (get "/create"))
      local before = creates()
      local client, gone = web.client(server.port), {}
      for i = 1, 50 do
        gone[i] = client:get "/abortable_create"
      end
      client:run(0.2, function() return false end)
      for i = 1, 50 do
        gone[i]:close()
      end
      local body, _, seconds = get "/create"
      assert.equal("created", body)
      assert.truthy(seconds < 4 * around.CALL, seconds) -- not behind 48 others
      assert.is_true(comes_to_rest())
      assert.truthy(creates() - before <= 6, creates() - before) -- two, perhaps two more, and the last
    end)

    timed("are dropped where the thread was killed that waits for their tasks", function()
      local before = creates()
      assert.equal("1", (get "/killed_parallel"))
      local body, _, seconds = get "/create"
      assert.equal("created", body)
      assert.truthy(seconds < 4 * around.CALL, seconds)
      assert.is_true(comes_to_rest())
      assert.truthy(creates() - before <= 6, creates() - before)
    end)
  end)

  it(
    "awaits what a timer calls back, and bears a thread that was killed meanwhile",
    function() assert.equal("true true false a timer's\n", (get "/awaits")) end
  )

  timed("ends the pages that were asked for ahead, where the thread was killed that wanted them", function()
    around.tell(box, "PUT", "config", '{"latency":2}')
    local counts = get "/killed_walk"
    around.tell(box, "PUT", "config", ('{"latency":%s}'):format(around.CALL))
    assert.equal("10 then 1", counts) -- the one that it waited for was sent
    assert.is_true(comes_to_rest())
  end)

  it("writes what a spawned function raises to the error log, with its level", function()
    assert.equal("spawned", (get "/spawn_bug"))
    assert.is_true(
      around.eventually(
        function()
          return server:log():find("%[error%] [^\n]*ddokta: a spawned task failed: a text of its own") ~= nil
        end
      ),
      server:log()
    )
  end)

  it("goes on where nginx runs no more timers", function()
    assert.is_true(comes_to_rest())
    get "/occupy"
    local client, requests = web.client(server.port), {}
    for i = 1, 5 do
      requests[i] = client:get "/content"
    end
    assert.is_true(client:run(10))
    for i = 1, 5 do
      assert.equal("3 accounts", requests[i].body)
      -- one may ask first whether its rate limit has a new window
      assert.truthy(requests[i].seconds < 3 * around.CALL, requests[i].seconds)
    end
    assert.is_true(comes_to_rest())
  end)

  describe("task:", function()
    local outcomes = {}

    setup(function()
      around.tell(box, "PUT", "config", '{"latency":0}')
      outcomes.all = web.get(server.port, "/tasks", 60) or "no answer" -- all of them are done in one request
      for name, outcome in outcomes.all:gmatch "([^\n=]+)=([^\n]+)" do
        outcomes[name] = outcome
      end
    end)

    teardown(function() around.tell(box, "PUT", "config", ('{"latency":%s}'):format(around.CALL)) end)

    for _, task in ipairs(tasks) do
      it(task.name, function() assert.equal("ok", outcomes[task.name] or outcomes.all) end)
    end
  end)

  it("finishes what was spawned when it quits, and answers an error in the phase exit_worker", function()
    get "/spawn_for_quit"
    server:signal(web.signals.quit)
    assert.is_true(around.eventually(function() return not server:runs() end, 10))
    local log = server:log()
    for i = 1, 50 do
      local _, times = log:gsub(("quit: %d 3%%."):format(i), "")
      assert.equal(1, times, i)
    end
    assert.truthy(server:log():find("config: nginx cannot wait in its exit_worker phase", 1, true))
  end)
end)
