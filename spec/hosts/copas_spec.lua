-- lua/ddokta/loop/sleep.lua in copas, which Debian has for Lua 5.1, 5.2 and LuaJIT: version 1.2, which
-- cannot sleep yet.
local modules = require "spec.support.modules"
local missing = modules.missing "copas"
if missing then
  modules.skip("the loop sleep in copas", missing, it, function(why) pending(why) end)
  return
end

local copas = require "copas"
local ddokta = require "ddokta"
local around = require "spec.lua.loop.surroundings"
local tasks = require "spec.lua.loop.tasks"
local timed = around.timed(it, function(why) pending(why) end)

local sleep, loop = copas.sleep, copas.loop

-- A thread of copas 1.2 yields a queue and what it waits for there; this one is for times.
if not sleep then
  local due = {}
  local times = {}
  function times.insert() end
  function times.push(_, time, co) due[co] = time end

  sleep = function(seconds) coroutine.yield(around.now() + seconds, times) end

  loop = function()
    while next(due) do
      copas.step(0.001)
      local awake = {}
      for co, time in pairs(due) do
        awake[#awake + 1] = time <= around.now() and co or nil
      end
      for _, co in ipairs(awake) do
        due[co] = nil
        copas.addthread(co)
      end
    end
  end
end

describe("the loop of copas", function()
  local box, quick

  setup(function()
    box = around.box()
    quick = around.box { latency = 0 }
  end)

  teardown(function()
    box:stop()
    quick:stop()
  end)

  local function client(its_box) return around.client(its_box or box, { loop = sleep }) end

  -- runs each function in a thread of copas; raises what one of them raises
  local function run(...)
    local failure
    for _, fn in ipairs { ... } do
      copas.addthread(function()
        copas.setErrorHandler(function(message) failure = failure or message or "?" end)
        fn()
      end)
    end
    loop()
    if failure then error(failure, 0) end
  end

  timed("makes 50 calls in 50 threads together, while others' go on", function()
    local dd, all, done, late, started = client(), {}, 0, 0, around.now()
    for i = 1, 50 do
      all[i] = function()
        assert.equal(3, #assert(dd:list_okta_accounts()))
        done = done + 1
      end
    end
    all[51] = function()
      while done < 50 do
        local due = around.now() + 0.010
        sleep(0.010)
        late = math.max(late, around.now() - due)
      end
    end
    run((table.unpack or unpack)(all)) -- luacheck: ignore 113 143
    assert.equal(50, done)
    assert.truthy(around.now() - started < 2 * around.CALL, around.now() - started)
    assert.truthy(late <= 0.050, late)
    dd:close()
  end)

  it("a task may sleep as copas does", function()
    local dd, results = client(quick), nil
    run(function()
      results = ddokta.parallel(2, { 1, 2, 3 }, function(n)
        sleep(0.005)
        local accounts = assert(dd:list_okta_accounts())
        sleep(0.005)
        return n + #accounts
      end)
    end)
    assert.same({ 4, 5, 6 }, { results[1][1], results[2][1], results[3][1] })
    dd:close()
  end)

  for _, task in ipairs(tasks) do
    it(task.name, function()
      local dd = client(quick)
      run(function() task.run(ddokta, dd, around.options(quick, { loop = sleep })) end)
      dd:close()
    end)
  end
end)
