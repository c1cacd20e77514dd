-- lua/ddokta/loop/nginx.lua in several workers that share a client made before the fork, and at their
-- end.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "several workers of nginx", it, function(why) pending(why) end) then
  return
end

local around = require "spec.lua.loop.surroundings"
local web = require "spec.lua.loop.web"
local timed = around.timed(it, function(why) pending(why) end)

local WORKERS, ACCOUNTS = 3, 60

local HTTP = [[
  lua_shared_dict notes 1m;
  init_by_lua_block { handlers = require "spec.lua.loop.nginx_handlers"; handlers.init($OPTIONS) }
  server {
    listen 127.0.0.1:$PORT backlog=1024 reuseport;
    location = /account { content_by_lua_block { handlers.account() } }
    location = /parallel { content_by_lua_block { handlers.parallel() } }
    location = /late {
      content_by_lua_block { ngx.print "late" }
      log_by_lua_block { handlers.spawn_in "log" }
    }
    location = /at_init { content_by_lua_block { ngx.print(handlers.at_init) } }
  }
]]

describe("the loop nginx, in several workers", function()
  local box, server, ids

  setup(function()
    box = around.box { seed = around.accounts(ACCOUNTS) }
    ids = {}
    for i, account in ipairs(assert(around.client(box):list_okta_accounts())) do
      ids[i] = account
    end
  end)

  teardown(function()
    if box then box:stop() end
  end)

  before_each(
    function()
      server = web.start {
        main = ("worker_processes %d;"):format(WORKERS),
        http = HTTP:gsub(
          "$OPTIONS",
          (
            '{ base_url = "%s", ca_file = "%s", api_key = "%s", app_key = "%s", '
            .. 'max_in_flight = 200, proxy = "" }'
          ):format(box.base_url, box.ca_file, box.api_key, box.app_key)
        ),
      }
    end
  )

  after_each(function()
    local log = server and server:log() or ""
    if server then
      server:stop()
      server = nil
    end
    assert.is_nil(log:find("[error]", 1, true) or log:find("exited on signal", 1, true), log)
  end)

  -- asks for every account at once -> client, the requests
  local function ask_all()
    local client, requests = web.client(server.port), {}
    for i, account in ipairs(ids) do
      requests[i] = client:get("/account?" .. account.id)
    end
    return client, requests
  end

  -- each has its own account's name -> the workers that answered, by process id
  local function check(requests)
    local workers = {}
    for i, request in ipairs(requests) do
      local name, pid = (request.body or ""):match "^(.*) by (%d+)$"
      assert.equal(ids[i].name, name, request.bytes)
      workers[pid] = true
    end
    return workers
  end

  local function count(set)
    local n = 0
    for _ in pairs(set) do
      n = n + 1
    end
    return n
  end

  timed("gives each request its own answer, with a client that was used before the fork", function()
    assert.equal(ACCOUNTS .. " accounts", (web.get(server.port, "/at_init")))
    local workers = {}
    for _ = 1, 3 do
      local client, requests = ask_all()
      assert.is_true(client:run(10))
      for pid in pairs(check(requests)) do
        workers[pid] = true
      end
      for _, request in ipairs(requests) do
        assert.truthy(request.seconds < 2 * around.CALL, request.seconds)
      end
    end
    assert.equal(WORKERS, count(workers))
  end)

  it("finishes what is under way when it is reloaded", function()
    local client, requests = ask_all()
    client:run(0.1, function() return false end)
    server:signal(web.signals.reload)
    assert.is_true(client:run(10))
    local before = check(requests)
    assert.is_true(around.eventually(function()
      client, requests = ask_all()
      assert.is_true(client:run(10))
      for pid in pairs(check(requests)) do
        if before[pid] then return false end
      end
      return true
    end))
  end)

  it("finishes what is under way when it quits, then ends", function()
    local client, requests = ask_all()
    local parallel = client:get "/parallel"
    assert.equal("late", (web.get(server.port, "/late"))) -- its call is made in a timer
    client:run(0.1, function() return false end)
    server:signal(web.signals.quit)
    local started = around.now()
    assert.is_true(client:run(10))
    check(requests)
    assert.equal("all", parallel.body)
    assert.is_true(around.eventually(function() return not server:runs() end))
    assert.truthy(around.now() - started < 1.5, around.now() - started)
  end)

  it("stops at once when it is told to", function()
    local client = ask_all()
    client:run(0.1, function() return false end)
    server:signal(web.signals.stop)
    local started = around.now()
    assert.is_true(around.eventually(function() return not server:runs() end))
    assert.truthy(around.now() - started < 0.25, around.now() - started)
    client:run(1)
  end)
end)
