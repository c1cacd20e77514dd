-- lua/ddokta/loop/cqueues.lua in a cqueues controller.
local modules = require "spec.support.modules"
local missing = modules.missing "cqueues"
if missing then
  modules.skip("the loop cqueues", missing, it, function(why) pending(why) end)
  return
end

local cqueues = require "cqueues"
local ddokta = require "ddokta"
local condition = require "cqueues.condition"
local around = require "spec.lua.loop.surroundings"
local serving = require "spec.support.serving"
local tasks = require "spec.lua.loop.tasks"
local timed = around.timed(it, function(why) pending(why) end)

describe("the loop cqueues", function()
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

  local function client(its_box) return around.client(its_box or box, { loop = "cqueues" }) end

  -- runs each function in a coroutine of one controller, until all have ended
  local function run(...)
    local controller = cqueues.new()
    for _, fn in ipairs { ... } do
      controller:wrap(fn)
    end
    assert(controller:loop(20))
    assert.is_true(controller:empty(), "a coroutine did not end")
  end

  timed("makes 50 calls in 50 coroutines together, while others' timers go on", function()
    local dd, done, late, ended = client(), 0, 0, false
    local started = around.now()
    local all = {}
    for i = 1, 50 do
      all[i] = function()
        assert.equal(3, #assert(dd:list_okta_accounts()))
        done = done + 1
        ended = done == 50
      end
    end
    all[51] = function()
      while not ended do
        local due = around.now() + 0.010
        cqueues.sleep(0.010)
        late = math.max(late, around.now() - due)
      end
    end
    run((table.unpack or unpack)(all)) -- luacheck: ignore 113 143
    assert.equal(50, done)
    assert.truthy(around.now() - started < 2 * around.CALL)
    assert.truthy(late <= around.LATE, late)
    dd:close()
  end)

  timed("tells of a call that another coroutine's step has ended, without delay", function()
    -- one call at a time over connections that close: the next call's socket is opened by whoever
    -- steps, while its own coroutine waits for sockets that are gone
    if server then
      server:stop() -- of the last try
    end
    server = serving.start()
    server:answer {
      status = 200,
      headers = { ["Content-Type"] = "application/json", Connection = "close" },
      body = '{"data":[]}',
    }
    local dd = server:client { loop = "cqueues", max_in_flight = 1 }
    local all, started = {}, around.now()
    for i = 1, 20 do
      all[i] = function() assert(dd:list_okta_accounts()) end
    end
    run((table.unpack or unpack)(all)) -- luacheck: ignore 113 143
    assert.truthy(around.now() - started < 0.5, around.now() - started)
    assert.equal(20, server:log().connections)
    dd:close()
  end)

  it("takes a descriptor that comes again for a new one", function()
    server = serving.start()
    server:script [[local _, n = ...
      local answer = { status = 200, headers = { ["Content-Type"] = "application/json" },
        body = '{"data":[]}' }
      return n % 2 == 1 and { answer, { close = true } } or { { sleep = 0.02 }, answer } ]]
    local dd = server:client { loop = "cqueues", max_retries = 2 }
    run(function()
      for _ = 1, 10 do
        local started = around.now()
        assert(dd:list_okta_accounts())
        assert.truthy(around.now() - started < 0.5)
      end
    end)
    dd:close()
    -- a socket of cqueues itself gets the number next
    run(function()
      local socket = assert(require("cqueues.socket").connect("127.0.0.1", tonumber(server.port)))
      socket:settimeout(2)
      socket:setmode("b", "b")
      assert(socket:write "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      socket:flush()
      assert.equal("HTTP/1.1 200 OK\r", (socket:read "*L"):sub(1, -2))
      socket:close()
    end)
  end)

  it("gives the answers of a client that is used in two controllers to each", function()
    local dd = client(quick)
    local function two()
      local inner = cqueues.new()
      inner:wrap(function() assert(dd:list_okta_accounts()) end)
      inner:wrap(function() assert(dd:list_okta_accounts()) end)
      assert(inner:loop(5))
    end
    run(function() assert(dd:list_okta_accounts()) end)
    run(function() assert(dd:list_okta_accounts()) end, two)
    dd:close()
  end)

  timed("closes with calls in flight: they end as cancelled, at once", function()
    local dd, err = client(), nil
    local started = around.now()
    run(function() err = select(2, dd:list_okta_accounts()) end, function()
      cqueues.sleep(0.05)
      dd:close()
    end)
    assert.equal("cancelled", err.kind)
    assert.truthy(around.now() - started < 0.25, around.now() - started)
  end)

  it("spawn returns at once, and what it runs may wait for other things of cqueues", function()
    local dd = client()
    local order, signal = {}, condition.new()
    run(function()
      ddokta.spawn(function()
        cqueues.sleep(0.01)
        signal:wait(1)
        local accounts = assert(dd:list_okta_accounts())
        cqueues.sleep(0.01)
        return #accounts
      end, function(err, count) order[#order + 1] = err or count end)
      order[#order + 1] = "spawned"
    end, function()
      cqueues.sleep(0.02)
      signal:signal()
    end)
    assert.same({ "spawned", 3 }, order)
    dd:close()
  end)

  it("a task of parallel may wait for other things of cqueues", function()
    local dd = client(quick)
    run(function()
      local results = ddokta.parallel(2, { 1, 2, 3 }, function(n)
        cqueues.sleep(0.005)
        local accounts = assert(dd:list_okta_accounts())
        cqueues.sleep(0.005)
        return n + #accounts
      end)
      assert.same({ 4, 5, 6 }, { results[1][1], results[2][1], results[3][1] })
    end)
    dd:close()
  end)

  it("answers an error outside of a controller", function()
    local dd = client()
    local accounts, err = dd:list_okta_accounts()
    assert.is_nil(accounts)
    assert.equal("config", err.kind)
    assert.truthy(tostring(err):find("controller:wrap", 1, true))
    dd:close()
  end)

  local function leaves_no_descriptor_open()
    collectgarbage()
    collectgarbage()
    local before = around.descriptors()
    for _ = 1, 3 do
      local dd = client(quick)
      run(function() assert(dd:list_okta_accounts()) end)
      dd:close()
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, around.descriptors())
  end

  it("leaves no descriptor open", leaves_no_descriptor_open)

  it("polls duplicates where the system has no descriptor for all sockets", function()
    local methods = debug.getmetatable(getmetatable(client()).native).__index
    local pollset = methods.pollset
    methods.pollset = function() end
    local ok, message = pcall(leaves_no_descriptor_open)
    methods.pollset = pollset
    assert(ok, message)
  end)

  for _, task in ipairs(tasks) do
    it(task.name, function()
      local dd = client(quick)
      run(function() task.run(ddokta, dd, around.options(quick, { loop = "cqueues" }), cqueues.sleep) end)
      dd:close()
    end)
  end
end)
