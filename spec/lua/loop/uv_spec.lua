-- lua/ddokta/loop/uv.lua with luv: no Neovim around it.
local modules = require "spec.support.modules"
local missing = modules.missing "luv"
if missing then
  modules.skip("the loop uv in luv", missing, it, function(why) pending(why) end)
  return
end

local uv = require "luv"
local ddokta = require "ddokta"
local around = require "spec.lua.loop.surroundings"
local serving = require "spec.support.serving"
local tasks = require "spec.lua.loop.tasks"
local timed = around.timed(it, function(why) pending(why) end)

describe("the loop uv with luv", function()
  local box, quick, server

  setup(function()
    box = around.box()
    quick = around.box { latency = 0 }
  end)

  teardown(function()
    box:stop()
    quick:stop()
  end)

  after_each(function()
    if server then
      server:stop()
      server = nil
    end
  end)

  local function client(its_box) return around.client(its_box or box, { loop = "uv" }) end

  -- uv.run() until nothing is under way; fails after 20 seconds, and where a handle is left
  local function run()
    local watchdog = uv.new_timer()
    watchdog:start(20000, 0, function() error "uv.run() does not end" end)
    watchdog:unref()
    uv.run()
    watchdog:close()
    uv.run()
    uv.walk(function(handle) error("left open: " .. tostring(handle)) end)
  end

  -- fn in a task -> what it returned, when uv.run() has ended
  local function in_task(fn)
    local times, failure, result = 0, nil, nil
    ddokta.spawn(fn, function(err, value)
      times, failure, result = times + 1, err, value
    end)
    run()
    assert.equal(1, times)
    if failure ~= nil then error(failure, 0) end
    return result
  end

  timed("makes 50 calls together while a timer of 10 ms goes on; uv.run() ends by itself", function()
    local dd, done, ticks, late = client(), 0, 0, 0
    local started = around.now()
    local timer = uv.new_timer()
    for _ = 1, 50 do
      ddokta.spawn(function() return #assert(dd:list_okta_accounts()) end, function(err, count)
        assert.is_nil(err)
        assert.equal(3, count)
        done = done + 1
        if done == 50 then timer:close() end
      end)
    end
    assert.equal(0, done)
    local due = around.now() + 0.010
    uv.update_time()
    timer:start(10, 10, function()
      ticks = ticks + 1
      late = math.max(late, around.now() - due)
      due = around.now() + 0.010
    end)
    run()
    assert.equal(50, done)
    assert.truthy(around.now() - started < 2 * around.CALL)
    assert.truthy(ticks >= 20, ticks)
    assert.truthy(late <= around.LATE, late)
    dd:close()
  end)

  it("runs in any coroutine, not only in tasks", function()
    local dd, count = client(quick), nil
    coroutine.wrap(function() count = #assert(dd:list_okta_accounts()) end)()
    run()
    assert.equal(3, count)
    dd:close()
  end)

  it("spawn in a coroutine returns at once", function()
    local dd, order = client(quick), {}
    coroutine.wrap(function()
      ddokta.spawn(
        function() return #assert(dd:list_okta_accounts()) end,
        function(_, count) order[#order + 1] = count end
      )
      order[#order + 1] = "spawned"
    end)()
    run()
    assert.same({ "spawned", 3 }, order)
    dd:close()
  end)

  it("answers an error outside of a coroutine", function()
    local dd = client()
    local accounts, err = dd:list_okta_accounts()
    assert.is_nil(accounts)
    assert.equal("config", err.kind)
    assert.truthy(tostring(err):find("ddokta.spawn", 1, true))
    dd:close()
  end)

  -- suspends the coroutine, which the timer's own callback resumes
  local function sleep(seconds)
    local co, timer = coroutine.running(), uv.new_timer()
    timer:start(math.ceil(seconds * 1000), 0, function()
      timer:close()
      assert(coroutine.resume(co))
    end)
    coroutine.yield()
  end

  it("a task may be resumed by another callback than ddokta's", function()
    local dd = client(quick)
    assert.equal(
      9,
      in_task(function()
        sleep(0.005)
        local n = #assert(dd:list_okta_accounts())
        sleep(0.005)
        local results = ddokta.parallel(2, { 1, 2 }, function()
          sleep(0.005)
          local accounts = assert(dd:list_okta_accounts())
          sleep(0.005)
          return #accounts
        end)
        return n + results[1][1] + results[2][1]
      end)
    )
    dd:close()
  end)

  it("takes a descriptor that comes again for a new one", function()
    server = serving.start()
    server:answer {
      status = 200,
      headers = { ["Content-Type"] = "application/json", Connection = "close" },
      body = '{"data":[]}',
    }
    local dd = server:client { loop = "uv", max_in_flight = 2 }
    local started = around.now()
    in_task(function()
      ddokta.parallel(
        10,
        function() return server:log().connections < 30 or nil end,
        function() assert(dd:list_okta_accounts()) end
      )
    end)
    assert.truthy(server:log().connections >= 30)
    assert.truthy(around.now() - started < 2, around.now() - started)
    dd:close()
    -- a socket of luv's own gets the number next
    local tcp, answer = uv.new_tcp(), nil
    tcp:connect("127.0.0.1", tonumber(server.port), function(err)
      assert(not err, err)
      tcp:write "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
      tcp:read_start(function(_, bytes)
        answer = bytes
        tcp:close()
      end)
    end)
    run()
    assert.truthy(answer:find("HTTP/1.1 200", 1, true))
  end)

  -- the descriptors that libuv is given while fn runs in a task
  local function polled_while(fn)
    local new_poll, polled = uv.new_poll, {}
    uv.new_poll = function(fd) -- luacheck: ignore 122
      polled[#polled + 1] = fd
      return new_poll(fd)
    end
    local ok, message = pcall(in_task, fn)
    uv.new_poll = new_poll -- luacheck: ignore 122
    assert(ok, message)
    return polled
  end

  local function descriptors()
    for _ = 1, 4 do
      collectgarbage()
    end
    return around.descriptors()
  end

  local function ten_connections(dd)
    return function()
      for _ = 1, 10 do
        assert(dd:list_okta_accounts())
      end
    end
  end

  it("watches one descriptor, whatever sockets come and go", function()
    server = serving.start()
    server:answer {
      status = 200,
      headers = { ["Content-Type"] = "application/json", Connection = "close" },
      body = '{"data":[]}',
    }
    local before = descriptors()
    local dd = server:client { loop = "uv" }
    local fd = getmetatable(dd).native:pollset()
    for _, polled in ipairs(polled_while(ten_connections(dd))) do
      assert.equal(fd, polled)
    end
    assert.equal(10, server:log().connections)
    dd:close()
    assert.equal(before, descriptors())
    assert.is_nil(getmetatable(dd).native:pollset())
  end)

  it("watches each socket, as a duplicate, where the system has no descriptor for all", function()
    server = serving.start()
    server:answer {
      status = 200,
      headers = { ["Content-Type"] = "application/json", Connection = "close" },
      body = '{"data":[]}',
    }
    local before = descriptors()
    local dd = server:client { loop = "uv" }
    local methods = debug.getmetatable(getmetatable(dd).native).__index
    local pollset = methods.pollset
    methods.pollset = function() end
    local ok, polled = pcall(polled_while, ten_connections(dd))
    methods.pollset = pollset
    assert(ok, polled)
    assert.truthy(#polled >= 10, #polled)
    assert.equal(10, server:log().connections)
    dd:close()
    assert.equal(before, descriptors())
  end)

  it("tries again where connections are reset, with new sockets", function()
    around.tell(box, "POST", "faults", '{"reset":"connection","times":2,"path":"^/api/"}')
    local dd = client()
    in_task(function()
      local results = ddokta.parallel(3, { 1, 2, 3 }, function() return #assert(dd:list_okta_accounts()) end)
      for i = 1, 3 do
        assert.equal(3, results[i][1])
      end
    end)
    around.tell(box, "DELETE", "faults")
    dd:close()
  end)

  it("an event's watcher may close the client", function()
    local dd
    dd = around.client(box, { loop = "uv", on_event = function() dd:close() end })
    assert.equal("cancelled", in_task(function() return select(2, dd:list_okta_accounts()).kind end))
  end)

  timed("closes with calls in flight: they end as cancelled, their sockets are forgotten", function()
    local dd, kinds = client(), {}
    local started = around.now()
    for i = 1, 3 do
      ddokta.spawn(function() kinds[i] = select(2, dd:list_okta_accounts()).kind end)
    end
    local timer = uv.new_timer()
    timer:start(50, 0, function()
      timer:close()
      dd:close()
    end)
    run()
    assert.same({ "cancelled", "cancelled", "cancelled" }, kinds)
    assert.truthy(around.now() - started < 0.25, around.now() - started)
    -- before libuv has seen the sockets at all: it aborts the process for a closed one
    dd = client()
    ddokta.spawn(function() kinds[4] = select(2, dd:list_okta_accounts()).kind end)
    dd:close()
    run()
    assert.equal("cancelled", kinds[4])
  end)

  for _, task in ipairs(tasks) do
    it(task.name, function()
      local dd = client(quick)
      in_task(function() task.run(ddokta, dd, around.options(quick, { loop = "uv" }), sleep) end)
      dd:close()
    end)
  end
end)
