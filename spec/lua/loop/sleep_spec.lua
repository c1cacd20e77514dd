-- lua/ddokta/loop/sleep.lua with schedulers that are nothing but a function; and a loop of one's own
-- on client:pollfds(), client:timeout() and client:step().
local core = require "ddokta.core"
local ddokta = require "ddokta"
local socket = require "socket"
local around = require "spec.lua.loop.surroundings"
local modules = require "spec.support.modules"
local serving = require "spec.support.serving"
local tasks = require "spec.lua.loop.tasks"
local timed = around.timed(it, function(why) pending(why) end)

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

describe("the loop of a function sleep(seconds)", function()
  local quick

  setup(function() quick = around.box { latency = 0 } end)
  teardown(function() quick:stop() end)

  timed("is asked for short times that grow, and never for more than is due", function()
    local asked = {}
    local server = serving.start()
    server:answer { { sleep = 0.1 }, serving.EMPTY_LIST }
    local dd = server:client {
      loop = function(seconds)
        asked[#asked + 1] = seconds
        core.system.sleep(seconds)
      end,
    }
    assert(dd:list_okta_accounts())
    dd:close()
    server:stop()
    assert.truthy(#asked >= 5 and #asked <= 60, #asked)
    for _, seconds in ipairs(asked) do
      assert.truthy(seconds >= 0.001 and seconds <= 0.010, seconds)
    end
  end)

  it("may raise: the error is the caller's", function()
    local dd = around.client(quick, { loop = function() error("the scheduler stops", 0) end })
    local ok, message = pcall(dd.list_okta_accounts, dd)
    assert.is_false(ok)
    assert.equal("the scheduler stops", message)
    dd:close()
  end)

  for _, task in ipairs(tasks) do
    it(task.name, function()
      local dd = around.client(quick, { loop = core.system.sleep })
      task.run(ddokta, dd, around.options(quick, { loop = core.system.sleep }))
      dd:close()
    end)
  end
end)

describe("the blocking loop", function()
  local quick

  setup(function() quick = around.box { latency = 0 } end)
  teardown(function() quick:stop() end)

  for _, task in ipairs(tasks) do
    it(task.name, function()
      local dd = around.client(quick, { loop = "blocking" })
      task.run(ddokta, dd, around.options(quick, { loop = "blocking" }))
      dd:close()
    end)
  end
end)

-- Coroutines that yield when they would sleep, and who resumes them: all that a stranger's loop must be.
describe("a loop of one's own", function()
  local box

  setup(function() box = around.box() end)
  teardown(function() box:stop() end)

  -- runs the functions in coroutines; wait(client) returns when client:step() is worth it
  local function drive(client, functions, wait)
    local coroutines, waits = {}, 0
    for i, fn in ipairs(functions) do
      coroutines[i] = coroutine.create(fn)
    end
    local left = #coroutines
    while left > 0 do
      for i, co in pairs(coroutines) do
        assert(coroutine.resume(co))
        if coroutine.status(co) == "dead" then
          coroutines[i] = nil
          left = left - 1
        end
      end
      if left > 0 then
        wait(client)
        waits = waits + 1
        client:step()
      end
    end
    return waits
  end

  local waits = {
    -- cqueues.poll outside of a controller polls for once: on duplicates, for cqueues does not forget
    ["cqueues.poll"] = function(client)
      local list, twins = {}, {}
      for i, polled in ipairs(client:pollfds()) do
        twins[i] = assert(require("cqueues.socket").dup(polled.fd))
        list[i] = { pollfd = twins[i]:pollfd(), events = polled.events }
      end
      list[#list + 1] = client:timeout() or 0
      local controller = require("cqueues").new()
      controller:wrap(function() require("cqueues").poll(unpack(list)) end)
      assert(controller:loop())
      controller:close()
      for _, twin in ipairs(twins) do
        twin:close()
      end
    end,
    -- LuaSocket selects among things that have getfd()
    ["socket.select"] = function(client)
      local reading, writing = {}, {}
      for _, polled in ipairs(client:pollfds()) do
        local thing = { getfd = function() return polled.fd end, dirty = function() return false end }
        if polled.events:find "r" then reading[#reading + 1] = thing end
        if polled.events:find "w" then writing[#writing + 1] = thing end
      end
      socket.select(reading, writing, client:timeout() or 0)
    end,
  }

  local missing = modules.missing "cqueues"
  if missing then
    waits["cqueues.poll"] = nil
    modules.skip("waits with cqueues.poll", missing, it, function(why) pending(why) end)
  end

  for name, wait in pairs(waits) do
    timed("waits with " .. name, function()
      local dd = around.client(box, { loop = function(seconds) coroutine.yield(seconds) end })
      local functions, done, started = {}, 0, around.now()
      for i = 1, 50 do
        functions[i] = function()
          assert.equal(3, #assert(dd:list_okta_accounts()))
          done = done + 1
        end
      end
      local turns = drive(dd, functions, wait)
      assert.equal(50, done)
      assert.truthy(around.now() - started < 2 * around.CALL, around.now() - started)
      assert.truthy(turns < 200, turns) -- it waited, and did not turn in circles
      assert.is_nil(dd:timeout())
      assert.same({}, dd:pollfds())
      dd:close()
    end)
  end

  it("is told when a call is to be tried again, without a socket to wait for", function()
    around.tell(box, "POST", "faults", '{"status":503,"times":1,"path":"^/api/"}')
    local dd = around.client(box, { loop = function(seconds) coroutine.yield(seconds) end })
    local slept = false
    drive(dd, { function() assert(dd:list_okta_accounts()) end }, function(client)
      slept = slept or #client:pollfds() == 0 and client:timeout() > 0
      waits["socket.select"](client)
    end)
    assert.is_true(slept)
    dd:close()
  end)
end)
