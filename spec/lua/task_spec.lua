-- lua/ddokta/task.lua: parallel and spawn, against a server that counts who is there at once.
local ddokta = require "ddokta"
local lfs = require "lfs"
local serving = require "spec.support.serving"
local system = require("ddokta.core").system
local timed = require "spec.support.timed"(it, function(why) pending(why) end)

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local server, client

-- Answers each get_okta_account after a while with its id; "slow-..." after a longer one.
local SCRIPT = [[
  local request = ...
  local id = request.path:match "([^/]+)$"
  local body = ('{"data":{"id":"%s","type":"okta-accounts","attributes":{"name":"%s"}}}'):format(id, id)
  local seconds = id:find "slowest" and 1 or id:find "slow" and 0.12 or 0.02
  return { { sleep = seconds }, { status = 200, body = body } } ]]

local function most_at_once(requests)
  local most = 0
  for _, request in ipairs(requests) do
    most = math.max(most, request.busy)
  end
  return most
end

local function numbers(n)
  local list = {}
  for i = 1, n do
    list[i] = i
  end
  return list
end

local function open_files()
  local n = 0
  for _ in lfs.dir "/proc/self/fd" do -- another process that looked would find its own pipe now and then
    n = n + 1
  end
  return n
end

-- Collects before, during and after every step of a call.
local COLLECTING = [[
  local ddokta = require "ddokta"
  local client = assert(ddokta.client { base_url = arg[1], api_key = "key", app_key = "key", proxy = "",
    timeout = 120, attempt_timeout = 60 })
  if not pcall(collectgarbage, "setpause", 1) then collectgarbage("param", "pause", 1) end -- of Lua 5.5
  if not pcall(collectgarbage, "setstepmul", 1000) then collectgarbage("param", "stepmul", 1000) end
  local items = {}
  for i = 1, 24 do
    items[i] = i
  end
  local results = ddokta.parallel(8, items, function(i)
    collectgarbage "step"
    local account, response = client:get_okta_account(i)
    collectgarbage()
    assert(account, response)
    return account.id, response.headers["content-length"], response.body.data.id
  end)
  for i = 1, 24 do
    assert(results[i][1] == tostring(i), results[i][2])
    assert(results[i][3] == tostring(i))
  end
  print(#results .. " calls") ]]

describe("tasks", function()
  setup(function() server = serving.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:script(SCRIPT)
    client = server:client { max_in_flight = 50 }
    assert(client:get_okta_account "first") -- known to speak HTTP/1.1: calls go side by side now
  end)
  after_each(function() client:close() end)

  describe("parallel", function()
    it("keeps the order, whoever is first", function()
      local items = { "slow-1", "b", "slow-3", "d", "e" }
      local results = ddokta.parallel(5, items, function(id, index)
        local account = assert(client:get_okta_account(id))
        return account.id, index
      end)
      assert.equal(5, #results)
      for i, id in ipairs(items) do
        assert.equal(id, results[i][1])
        assert.equal(i, results[i][2])
      end
    end)

    it("runs at once as many as it is told, and no more", function()
      for _, most in ipairs { 1, 4 } do
        server:script(SCRIPT)
        ddokta.parallel(most, numbers(12), function(i) return assert(client:get_okta_account(i)) end)
        local requests = server:requests()
        assert.equal(12, #requests)
        assert.equal(most, most_at_once(requests))
      end
    end)

    it("is as quick as that: ten at once take the time of one", function()
      local started = system.now()
      ddokta.parallel(10, numbers(10), function(i) return assert(client:get_okta_account("slow-" .. i)) end)
      local took = system.now() - started
      assert.is_true(took >= 0.12 and took < 0.6, tostring(took))
    end)

    it("max_in_flight bounds it as well", function()
      local narrow = server:client { max_in_flight = 3 }
      ddokta.parallel(10, numbers(10), function(i) return assert(narrow:get_okta_account(i)) end)
      assert.equal(3, most_at_once(server:requests()))
    end)

    it("of nothing is nothing", function()
      assert.same({}, ddokta.parallel(5, {}, error))
      assert.same({}, ddokta.parallel(5, function() return nil end, error))
    end)

    it("gives errors as results", function()
      server:answer(serving.json(404, '{"errors":["no such account"]}'))
      local results = ddokta.parallel(2, numbers(3), function(i) return client:get_okta_account(i) end)
      for i = 1, 3 do
        assert.is_nil(results[i][1])
        assert.equal("not_found", results[i][2].kind)
      end
    end)

    it("keeps all that was returned, nils as well", function()
      local results = ddokta.parallel(2, numbers(2), function(i) return nil, i, nil, "end" end)
      assert.equal(4, results[1].n)
      assert.equal("end", results[1][4])
      assert.equal(2, results[2][2])
    end)

    it("gives a bug of one task with its traceback, and goes on", function()
      local results = ddokta.parallel(2, numbers(4), function(i)
        assert(client:get_okta_account(i))
        if i == 2 then error "a bug" end
        return i
      end)
      assert.is_nil(results[2][1])
      assert.matches("task_spec%.lua:%d+: a bug", results[2][2])
      assert.matches("traceback", results[2][2])
      for _, i in ipairs { 1, 3, 4 } do
        assert.equal(i, results[i][1])
      end
    end)

    it("gives error objects as they are", function()
      server:answer(serving.json(409, '{"errors":["taken"]}'))
      local results = ddokta.parallel(2, numbers(2), function(i)
        local account, err = client:get_okta_account(i)
        return account or error(err)
      end)
      assert.equal("conflict", results[1][2].kind)
      assert.equal("conflict", results[2][2].kind)
      local object = {}
      results = ddokta.parallel(1, { 1 }, function() error(object) end)
      assert.equal(object, results[1][2])
    end)

    it("an error without a value is an error all the same", function()
      local results = ddokta.parallel(1, { 1, 2 }, function(i)
        if i == 1 then error() end
        return i
      end)
      assert.is_nil(results[1][1])
      assert.is_not_nil(results[1][2])
      assert.equal(2, results[2][1])
    end)

    it("takes an iterator, and asks it for no more than it needs", function()
      local asked, busy, ahead = 0, 0, 0
      local results = ddokta.parallel(3, function()
        asked = asked + 1
        return asked <= 10 and asked or nil
      end, function(i)
        busy = busy + 1
        ahead = math.max(ahead, asked - i)
        local account = assert(client:get_okta_account(i))
        busy = busy - 1
        return account.id
      end)
      assert.equal(10, #results)
      for i = 1, 10 do
        assert.equal(tostring(i), results[i][1])
      end
      assert.equal(0, busy)
      assert.is_true(ahead <= 3, "asked for " .. ahead .. " too early")
    end)

    it("an iterator may make calls, and is never called while it does", function()
      local inside, n = false, 0
      local results = ddokta.parallel(3, function()
        assert(not inside, "the iterator was called while it was at work")
        inside = true
        n = n + 1
        local account = n <= 6 and assert(client:get_okta_account("page-" .. n)) or nil
        inside = false
        return account and account.id
      end, function(id) return id end)
      assert.equal(6, #results)
      for i = 1, 6 do
        assert.equal("page-" .. i, results[i][1])
      end
    end)

    it("a coroutine may be the iterator, and make calls", function()
      local pages = coroutine.wrap(function()
        for i = 1, 4 do
          coroutine.yield(assert(client:get_okta_account("page-" .. i)).id)
        end
      end)
      local results = ddokta.parallel(2, pages, function(id) return (assert(client:get_okta_account(id))) end)
      for i = 1, 4 do
        assert.equal("page-" .. i, results[i][1].id)
      end
    end)

    it("raises what the iterator raises, when what was begun is done", function()
      local n, done = 0, 0
      local ok, message = pcall(ddokta.parallel, 2, function()
        n = n + 1
        if n == 3 then error "no more pages" end
        return n
      end, function(i)
        assert(client:get_okta_account(i))
        done = done + 1
      end)
      assert.is_false(ok)
      assert.matches("no more pages", message)
      assert.equal(2, done)
    end)

    it("with a sink keeps nothing, and tells it once per item", function()
      local told = {}
      local results = ddokta.parallel(3, { "slow-1", "b", "c" }, function(id)
        if id == "c" then error "a bug" end
        return client:get_okta_account(id)
      end, function(i, item, value, second)
        assert.is_nil(told[i])
        told[i] = { item, value, second }
      end)
      assert.same({}, results)
      assert.equal("slow-1", told[1][2].id)
      assert.equal("b", told[2][1])
      assert.equal(200, told[2][3].status)
      assert.is_nil(told[3][2])
      assert.matches("a bug", told[3][3])
    end)

    it("raises what the sink raises, and calls it once per item", function()
      local calls = {}
      local ok, message = pcall(ddokta.parallel, 1, numbers(3), function(i) return i end, function(i)
        calls[#calls + 1] = i
        if #calls == 1 then error "the disk is full" end
      end)
      assert.is_false(ok)
      assert.matches("the disk is full", message)
      assert.same({ 1 }, calls)
    end)

    it("can be nested", function()
      local results = ddokta.parallel(2, { "a", "b", "c" }, function(name)
        local inner = ddokta.parallel(
          3,
          numbers(3),
          function(i) return assert(client:get_okta_account(name .. i)).id end
        )
        return inner[1][1] .. inner[2][1] .. inner[3][1]
      end)
      assert.equal("a1a2a3", results[1][1])
      assert.equal("c1c2c3", results[3][1])
      local most = most_at_once(server:requests())
      assert.is_true(most > 3 and most <= 6, "at once: " .. most)
    end)

    it("nested with nothing to do, and with errors", function()
      local results = ddokta.parallel(2, numbers(3), function(i)
        assert.same({}, ddokta.parallel(2, {}, error))
        local inner = ddokta.parallel(2, numbers(2), function() error("bug " .. i) end)
        return inner[2][2]
      end)
      assert.matches("bug 3", results[3][1])
    end)

    timed("serves several clients at once", function()
      local clients = { client, server:client(), server:client() }
      local started = system.now()
      local results = ddokta.parallel(
        3,
        clients,
        function(c, i) return assert(c:get_okta_account("slow-" .. i)).id end
      )
      assert.equal("slow-3", results[3][1])
      assert.is_true(system.now() - started < 0.5)
      assert.equal(3, most_at_once(server:requests()))
    end)

    it("wrong arguments raise", function()
      for _, most in ipairs { 0, -1, 1.5, "2" } do
        assert.has_error(function() ddokta.parallel(most, {}, print) end)
      end
      assert.has_error(function() ddokta.parallel(1, "items", print) end)
      assert.has_error(function() ddokta.parallel(1, nil, print) end)
    end)

    it("nobody can wait for what never comes", function()
      assert.has_error(function()
        ddokta.parallel(1, { 1 }, function() coroutine.yield() end)
      end)
    end)
  end)

  describe("await", function()
    it("needs no loop for what calls back before it returns", function()
      assert.same({ 2, "a" }, { select("#", ddokta.await(function(resume) resume("a", nil) end)), "a" })
    end)

    it("says at the caller where nothing can call back", function()
      local later
      local ok, message = pcall(function()
        local got = ddokta.await(function(resume) later = resume end)
        return got
      end)
      assert.is_false(ok)
      assert.matches("task_spec%.lua:%d+: await: nothing runs here that could call back", message)
      assert.is_true(later "too late")
    end)

    it("leaves nothing behind when it is over", function()
      local count = setmetatable({}, { __mode = "k" })
      ddokta.parallel(5, numbers(50), function(i)
        local object = {}
        count[object] = true
        return (ddokta.await(function(resume) resume(object) end)) == object and i
      end)
      collectgarbage()
      collectgarbage()
      assert.is_nil(next(count))
    end)
  end)

  describe("calls", function()
    it("work in a coroutine that a task makes itself", function()
      local results = ddokta.parallel(2, { "a", "slow-b" }, function(id)
        local inside = coroutine.wrap(function()
          for i = 1, 2 do
            coroutine.yield(assert(client:get_okta_account(id .. i)).id)
          end
        end)
        return inside() .. inside()
      end)
      assert.equal("a1a2", results[1][1])
      assert.equal("slow-b1slow-b2", results[2][1])
    end)

    it("work in a coroutine outside of any task", function()
      local inside = coroutine.wrap(function()
        coroutine.yield(assert(client:get_okta_account "one").id)
        coroutine.yield(assert(client:get_okta_account "two").id)
      end)
      assert.equal("one", inside())
      assert.equal("two", inside())
    end)

    it("of a task go on while others wait", function()
      local order = {}
      ddokta.parallel(2, { "slow", "quick" }, function(what)
        if what == "slow" then
          assert(client:get_okta_account "slowest-1") -- three others take less on any machine
        else
          for i = 1, 3 do
            assert(client:get_okta_account(i))
            order[#order + 1] = i
          end
        end
        order[#order + 1] = what
      end)
      assert.same({ 1, 2, 3, "quick", "slow" }, order)
    end)

    it("made while an event is told", function()
      local told = 0
      local other = server:client()
      local watched = server:client {
        on_event = function(event)
          if event.type == "answer" then
            told = told + 1
            assert(other:get_okta_account("told-" .. told))
          end
        end,
      }
      ddokta.parallel(2, numbers(3), function(i) return assert(watched:get_okta_account(i)) end)
      assert.equal(3, told)
      assert.equal(7, #server:requests()) -- with the first of all
    end)

    it("made by a key's function", function()
      local other = server:client()
      local asking = server:client {
        api_key = function() return "key-" .. assert(other:get_okta_account "vault").id end,
      }
      local results = ddokta.parallel(2, numbers(2), function(i) return asking:get_okta_account(i) end)
      assert.is_nil(results[1][2].kind, tostring(results[1][2]))
      assert.equal("1", results[1][1].id)
      assert.equal("2", results[2][1].id)
    end)
  end)

  describe("spawn", function()
    it("tells once what came of it", function()
      local told = {}
      ddokta.spawn(function()
        local account = assert(client:get_okta_account "x")
        return account.id, nil, 3
      end, function(...) told[#told + 1] = { n = select("#", ...), ... } end)
      assert.equal(1, #told)
      assert.is_nil(told[1][1])
      assert.equal("x", told[1][2])
      assert.equal(3, told[1][4])
      assert.equal(4, told[1].n)
    end)

    it("tells a bug with its traceback, and an error object as it is", function()
      local err
      ddokta.spawn(function() error "a bug" end, function(e) err = e end)
      assert.matches("a bug", err)
      assert.matches("traceback", err)
      server:answer(serving.json(403, "{}"))
      ddokta.spawn(function() error(select(2, client:list_okta_accounts())) end, function(e) err = e end)
      assert.equal("forbidden", err.kind)
    end)

    it("raises what on_done raises, and does not call it again", function()
      local calls = 0
      local ok, message = pcall(ddokta.spawn, function() return 1 end, function()
        calls = calls + 1
        error "on_done's own"
      end)
      assert.is_false(ok)
      assert.matches("on_done's own", message)
      assert.equal(1, calls)
    end)

    it("runs what it spawns itself to its end, and then raises what on_done raises", function()
      local order = {}
      local ok, message = pcall(ddokta.spawn, function()
        ddokta.spawn(function()
          assert(client:get_okta_account "slow-1")
          order[#order + 1] = "child"
        end, function() order[#order + 1] = "child done" end)
        return assert(client:get_okta_account "x").id
      end, function(_, id)
        order[#order + 1] = id
        error "on_done's own"
      end)
      assert.is_false(ok)
      assert.matches("on_done's own", message)
      assert.same({ "x", "child", "child done" }, order)
    end)

    it("a child that outlives its parallel is run to its end", function()
      local told = 0
      ddokta.parallel(2, numbers(2), function(i)
        ddokta.spawn(
          function() return assert(client:get_okta_account("slow-" .. i)).id end,
          function(err) told = told + (err and 0 or 1) end
        )
      end)
      assert.equal(2, told)
    end)

    it("without a callback tells an error table as its text", function()
      local stderr, log = io.stderr, ""
      -- luacheck: ignore 122
      io.stderr = { write = function(_, ...) log = log .. table.concat { ... } end }
      server:answer(serving.json(403, "{}"))
      ddokta.spawn(function() error(select(2, client:list_okta_accounts())) end)
      ddokta.spawn(function() error { message = "what a table says" } end)
      io.stderr = stderr
      assert.matches("ddokta: a spawned task failed: list_okta_accounts: forbidden %(403%)", log)
      assert.matches("ddokta: a spawned task failed: what a table says\n", log)
    end)

    it("in a task returns at once", function()
      local order = {}
      ddokta.parallel(1, { 1 }, function()
        ddokta.spawn(function()
          assert(client:get_okta_account "x")
          order[#order + 1] = "spawned"
        end, function() order[#order + 1] = "done" end)
        order[#order + 1] = "went on"
        assert(client:get_okta_account "slow-1")
        order[#order + 1] = "end"
      end)
      assert.same({ "went on", "spawned", "done", "end" }, order)
    end)
  end)

  describe("closing", function()
    it("wakes who waits, also when another client is waited for", function()
      local other = server:client()
      local started, woken = system.now(), nil
      server:script [[ local request = ...
        if request.path:find "stall" then
          return { { stall = true } }
        end
        local seconds = request.path:find "slow" and 0.6 or 0.05
        return { { sleep = seconds }, { status = 200, body = '{"data":{}}' } } ]]
      local results = ddokta.parallel(3, { "wait", "close", "other" }, function(what)
        if what == "wait" then
          local result, err = client:get_okta_account "stall"
          woken = system.now() - started
          return result, err
        elseif what == "close" then
          assert(other:get_okta_account "quick")
          client:close()
          return true
        end
        return other:get_okta_account "slow"
      end)
      assert.equal("cancelled", results[1][2].kind)
      assert.is_true(woken < 0.4, "woken after " .. woken)
      assert.is_table(results[3][1])
    end)

    it("a call after it, in a task, is cancelled", function()
      local results = ddokta.parallel(2, numbers(2), function(i)
        client:close()
        return client:get_okta_account(i)
      end)
      assert.equal("cancelled", results[1][2].kind)
      assert.equal("cancelled", results[2][2].kind)
    end)
  end)

  describe("the collector", function()
    local function collect()
      for _ = 1, 4 do -- an older Lua frees what a finalizer let go in the next cycle only
        collectgarbage()
      end
    end

    it("takes clients with their sockets", function()
      client:close()
      collect()
      local before = open_files()
      for i = 1, 12 do
        local c = server:client()
        assert(c:get_okta_account(i))
        if i % 2 == 0 then c:with { timeout = 1 }:list_okta_accounts() end
      end
      collect()
      local after = open_files() -- of twelve; one that the stack still shows may be left
      assert.is_true(after <= before + 2, ("%d files, before %d"):format(after, before))
    end)

    it("takes clients with calls in flight", function()
      client:close()
      collect()
      local before = open_files()
      server:answer { stall = true }
      for _ = 1, 20 do
        local c = server:client()
        -- the task is abandoned while its call is on the wire
        pcall(ddokta.parallel, 2, { 1, 2 }, function(i)
          if i == 2 then
            coroutine.yield() -- for ever: parallel gives up below
          end
          return c:with({ timeout = 0.02 }):list_okta_accounts()
        end)
      end
      collect()
      -- of twenty; LuaJIT may see one or two in stack slots that nobody uses any more
      local after = open_files()
      assert.is_true(after <= before + 4, ("%d files, before %d"):format(after, before))
    end)

    -- in a program of its own: collecting all that a suite has takes minutes on a slow machine
    it("may run at any time", function()
      local file = os.tmpname()
      local out = assert(io.open(file, "w"))
      out:write(COLLECTING)
      out:close()
      local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
      local pipe = assert(io.popen(("%s %s %s 2>&1"):format(lua, file, server.url), "r"))
      local output = pipe:read "*a"
      pipe:close()
      os.remove(file)
      assert.equal("24 calls\n", output)
    end)
  end)

  it("a thousand calls leave nothing behind", function()
    server:answer(serving.json(200, serving.ACCOUNT))
    local sum = 0
    ddokta.parallel(
      20,
      numbers(1000),
      function(i) return client:get_okta_account(i) end,
      function(_, _, account) sum = sum + (account and 1 or 0) end
    )
    assert.equal(1000, sum)
    assert.equal(1000, #server:requests())
    assert.is_nil(next(getmetatable(client).driver.waiting))
  end)

  it("of many calls at once few objects are kept", function()
    server:answer(serving.json(200, serving.ACCOUNT))
    local wide = server:client { max_in_flight = 300 }
    ddokta.parallel(300, numbers(600), function(i) return assert(wide:get_okta_account(i)) end)
    assert.is_true(#getmetatable(wide).driver.spare <= 64, #getmetatable(wide).driver.spare)
    wide:close()
  end)

  it("unpack is there", function() -- what results are for
    local results = ddokta.parallel(1, { 1 }, function() return 1, 2 end)
    assert.same({ 1, 2 }, { unpack(results[1]) })
  end)
end)
