-- lua/ddokta/loop/uv.lua in a real Neovim without a screen. Neovim's Lua is LuaJIT: run with that one.
local around = require "spec.lua.loop.surroundings"
local shell = require "ddokta.shell"
local tasks = require "spec.lua.loop.tasks"
local timed = around.timed(it, function(why) pending(why) end)

local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "the loop uv in Neovim", it, function(why) pending(why) end) then return end

-- what every script below begins and ends with; `finish` leaves after a watchdog's ten seconds too
local PRELUDE = [[
local ddokta = require "ddokta"
local uv = vim.uv or vim.loop
local unpack = unpack
local function say(...)
  local words = {}
  for i = 1, select("#", ...) do
    words[i] = tostring((select(i, ...)))
  end
  io.stdout:write(table.concat(words, " "), "\n")
end
local function finish() vim.cmd "qa!" end
vim.defer_fn(function() say "too late" vim.cmd "cquit" end, 10000)
local function client(more)
  local options = { max_in_flight = 200, proxy = "" }
  for name, value in pairs(more or {}) do options[name] = value end
  return assert(ddokta.client(options))
end
local handles = {}
for _, name in ipairs { "new_poll", "new_timer" } do
  local new = uv[name]
  uv[name] = function(...)
    handles[#handles + 1] = new(...)
    return handles[#handles]
  end
end
local function open_handles()
  local n = 0
  for _, handle in ipairs(handles) do
    n = n + (handle:is_closing() and 0 or 1)
  end
  return n
end
]]

describe("the loop uv in Neovim", function()
  local box, quick, folder

  setup(function()
    box = around.box()
    quick = around.box { latency = 0 }
    folder = around.folder()
  end)

  teardown(function()
    box:stop()
    quick:stop()
    around.remove(folder)
  end)

  -- nvim(box, arguments...) -> what it wrote (both streams), exit status, seconds
  local function nvim(its_box, ...)
    local started = around.now()
    local output, status = shell.run(
      ("%s\nunset LD_PRELOAD; export HOME=%s XDG_STATE_HOME=%s; exec %s"):format(
        its_box:exports(),
        shell.quote(folder),
        shell.quote(folder),
        shell.line { "timeout", "20", "nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", ... }
      )
    )
    return output:gsub("\r", ""), status, around.now() - started
  end

  local function script(its_box, text)
    around.write(folder .. "/script.lua", PRELUDE .. text)
    return nvim(its_box, "-c", "luafile " .. folder .. "/script.lua")
  end

  -- runs a script that must say this and leave with status 0
  local function says(expected, its_box, text)
    local output, status = script(its_box, text)
    assert.equal(expected, output)
    assert.equal(0, status)
  end

  timed("makes 50 calls together while a timer of 10 ms goes on", function()
    local output, status = nvim(box, "-c", "luafile bench/nvim.lua")
    local late, ticks, seconds =
      output:match("^nvim_timer_late_ms (%S+) nvim_timer_ticks (%d+) nvim_calls_seconds (%S+)\n$")
    assert.truthy(late, output)
    assert.equal(0, status)
    assert.truthy(tonumber(seconds) < 2 * around.CALL, seconds)
    assert.truthy(tonumber(late) / 1000 <= around.LATE, late)
    assert.truthy(tonumber(ticks) >= 20, ticks)
  end)

  it(
    "calls back once, where the editor may be touched",
    function()
      says(
        "1 nil 3 false Account 1\n",
        quick,
        [[
      local dd, times = client { on_event = function() vim.api.nvim_get_current_buf() end }, 0
      ddokta.spawn(function()
        local accounts = assert(dd:list_okta_accounts())
        vim.api.nvim_buf_set_lines(0, 0, -1, false, { accounts[1].name })
        return #accounts
      end, function(err, count)
        times = times + 1
        local line = vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]
        vim.defer_fn(function()
          say(times, err, count, vim.in_fast_event(), line)
          finish()
        end, 50)
      end)
    ]]
      )
    end
  )

  it(
    "tells events where the editor may be touched",
    function()
      says(
        "attempt,answer,\n",
        quick,
        [[
      local seen = ""
      local dd = client { on_event = function(event)
        vim.api.nvim_buf_set_lines(0, 0, -1, false, { event.type })
        seen = seen .. event.type .. ","
      end }
      ddokta.spawn(function() assert(dd:list_okta_accounts()) end, function()
        vim.schedule(function() say(seen) finish() end)
      end)
    ]]
      )
    end
  )

  it(
    "runs what libuv's callbacks spawn on the main loop",
    function()
      says(
        "false 3 false\n",
        quick,
        [[
      local dd, timer = client(), uv.new_timer()
      timer:start(1, 0, function()
        timer:close()
        ddokta.spawn(function()
          local fast = vim.in_fast_event()
          return fast, #assert(dd:list_okta_accounts())
        end, function(_, fast, count)
          say(fast, count, vim.in_fast_event())
          finish()
        end)
      end)
    ]]
      )
    end
  )

  it(
    "answers an error outside of a coroutine",
    function()
      says(
        "nil config true\n",
        quick,
        [[
      local accounts, err = client():list_okta_accounts()
      say(accounts, err.kind, tostring(err):find("ddokta.spawn", 1, true) ~= nil)
      finish()
    ]]
      )
    end
  )

  it(
    "closes its handles when the work is done",
    function()
      says(
        "true 0\n",
        quick,
        [[
      local dd = client()
      ddokta.spawn(function()
        for _ = 1, 3 do assert(dd:list_okta_accounts()) end
      end, function()
        local made = #handles
        say(made >= 2, open_handles()) -- the connection is kept, and not watched
        finish()
      end)
    ]]
      )
    end
  )

  it(
    "goes on in vim.wait",
    function()
      says(
        "true 3\n",
        box,
        [[
      local dd, count = client(), nil
      ddokta.spawn(function() count = #assert(dd:list_okta_accounts()) end)
      local ok = vim.wait(5000, function() return count ~= nil end, 5)
      say(ok, count)
      finish()
    ]]
      )
    end
  )

  it(
    "goes on in vim.wait wherever that is called",
    function()
      says(
        "main true\nscheduled true\ncallback true\ncallback's callback true\ntask true\nafter 3\n",
        quick,
        [[
      local dd = client()
      local function waits(where)
        local count
        ddokta.spawn(function() return #assert(dd:list_okta_accounts()) end, function(_, n) count = n end)
        say(where, (vim.wait(3000, function() return count == 3 end, 5)))
      end
      waits "main"
      vim.schedule(function()
        waits "scheduled"
        ddokta.spawn(function() return dd:list_okta_accounts() end, function()
          waits "callback"
          ddokta.spawn(function() end, function()
            waits "callback's callback"
            ddokta.spawn(function()
              assert(dd:list_okta_accounts())
              waits "task"
              return #assert(dd:list_okta_accounts())
            end, function(err, count)
              say("after", err or count)
              finish()
            end)
          end)
        end)
      end)
    ]]
      )
    end
  )

  it(
    "holds up no other task while one is in vim.wait",
    function()
      says(
        "true nil nil\n",
        quick,
        [[
      local dd = client { timeout = 1 }
      ddokta.spawn(function()
        local results = ddokta.parallel(3, { 0, 1500, 0 }, function(ms)
          if ms > 0 then
            return vim.wait(ms, function() end) == false
          end
          return #assert(dd:list_okta_accounts())
        end)
        return results[2][1], results[1][2], results[3][2]
      end, function(err, ...)
        if err then say(err) else say(...) end
        finish()
      end)
    ]]
      )
    end
  )

  it(
    "runs a callback outside of the task that ended",
    function()
      says(
        "main false\n",
        quick,
        [[
      ddokta.spawn(function() return coroutine.running() end, function(_, task)
        local co, is_main = coroutine.running() -- is_main: of a LuaJIT that is like 5.2 there
        say(co and not is_main and "coroutine" or "main", co == task)
        finish()
      end)
    ]]
      )
    end
  )

  it(
    "shows nothing where a connection is refused or reset",
    function()
      says(
        "50 network\n40 true\n",
        quick,
        [[
      local dd, n, kind = client { base_url = "http://127.0.0.1:1", max_retries = 1 }, 0, nil
      for _ = 1, 50 do
        ddokta.spawn(function() return select(2, dd:list_okta_accounts()).kind end, function(_, what)
          n, kind = n + 1, what
        end)
      end
      vim.wait(8000, function() return n == 50 end, 5)
      say(n, kind)
      dd:close()
      local a, b, m = client(), client(), 0
      for _ = 1, 40 do
        ddokta.spawn(function()
          return #assert(a:list_okta_accounts()) + #assert(b:list_okta_accounts())
        end, function(err) m = m + (err and 0 or 1) end)
      end
      vim.wait(8000, function() return m == 40 end, 5)
      say(m, open_handles() == 0)
      finish()
    ]]
      )
    end
  )

  it(
    "shows what a spawned function raises as a message",
    function()
      says(
        "true true true\n",
        quick,
        [[
      local shown = {}
      vim.notify = function(text, level) shown[#shown + 1] = level == vim.log.levels.ERROR and text end
      ddokta.spawn(function() error "a bug" end)
      ddokta.spawn(function() error { message = "what a table says" } end)
      vim.wait(3000, function() return #shown == 2 end, 5)
      local all = table.concat(shown, "\n")
      say(#shown == 2, all:find("a spawned task failed: .*a bug") ~= nil,
        all:find("a spawned task failed: what a table says", 1, true) ~= nil)
      finish()
    ]]
      )
    end
  )

  it(
    "blocks in a thread of its own",
    function()
      says(
        "true 3\n",
        quick,
        [[
      local outcome
      local work = uv.new_work(function(path, cpath)
        package.path, package.cpath = path, cpath
        local ok, result = pcall(function()
          local ddokta = require "ddokta"
          local dd = assert(ddokta.client { proxy = "" })
          local results = ddokta.parallel(2, { 1, 2 }, function() return #assert(dd:list_okta_accounts()) end)
          dd:close()
          return results[2][1] or tostring(results[2][2])
        end)
        return tostring(ok), tostring(result)
      end, function(...) outcome = { ... } end)
      work:queue(package.path, package.cpath)
      vim.wait(8000, function() return outcome end, 5)
      say(unpack(outcome))
      finish()
    ]]
      )
    end
  )

  it(
    "lets a task wait for other things of Neovim",
    function()
      says(
        "typed 3 3 typed\n",
        quick,
        [[
      local dd = client()
      vim.ui.input = function(_, answer) vim.schedule(function() answer "typed" end) end
      local function ask()
        local co = coroutine.running()
        vim.ui.input({}, function(text) assert(coroutine.resume(co, text)) end)
        return coroutine.yield()
      end
      ddokta.spawn(function()
        local first = ask()
        local count = #assert(dd:list_okta_accounts())
        local results = ddokta.parallel(2, { 1, 2 }, function()
          local text = ask()
          return #assert(dd:list_okta_accounts()), text
        end)
        return first, count, unpack(results[2])
      end, function(err, ...)
        if err then say(err) else say(...) end
        finish()
      end)
    ]]
      )
    end
  )

  it(
    "awaits what Neovim's own vim.ui.input calls before it returns, and what comes later",
    function()
      says(
        "nil typed cancelled 3 nil\nawait: a call that does not block needs a coroutine\n",
        quick,
        [[
      vim.fn.input = function() return "typed" end -- nobody types here; vim.ui.input is the stock one
      local ok, outside = pcall(function() ddokta.await(function() end) end)
      ddokta.spawn(function()
        local dd = client()
        local typed = ddokta.await(function(resume) vim.ui.input({ prompt = "name: " }, resume) end)
        local later = ddokta.await(function(resume) vim.defer_fn(function() resume "cancelled" end, 50) end)
        local count = ddokta.await(function(resume)
          ddokta.spawn(function() return #assert(dd:list_okta_accounts()) end, function(_, n) resume(n) end)
        end)
        return typed, later, count
      end, function(err, typed, later, count)
        say(tostring(err) .. " " .. typed .. " " .. later .. " " .. count .. " " .. tostring(ok and "raised not" or nil))
        say(outside:match "await: .- coroutine")
        finish()
      end)
    ]]
      )
    end
  )

  it("shows the error of a callback and goes on", function()
    local output, status = script(
      quick,
      [[
      local dd = client()
      ddokta.spawn(function() assert(dd:list_okta_accounts()) end, function() error "my callback's bug" end)
      ddokta.spawn(function()
        assert(dd:list_okta_accounts())
        return #assert(dd:list_okta_accounts())
      end, function(err, count)
        say(err, count)
        vim.schedule(finish)
      end)
    ]]
    )
    assert.truthy(output:find("my callback's bug", 1, true), output)
    assert.truthy(output:find("nil 3", 1, true), output)
    assert.equal(0, status)
  end)

  it(
    "can block where it is asked to",
    function()
      says(
        "3\n",
        quick,
        [[
      say(#assert(client { loop = "blocking" }:list_okta_accounts()))
      finish()
    ]]
      )
    end
  )

  describe("with calls in flight that take five seconds", function()
    setup(function() around.tell(box, "POST", "faults", '{"delay":5,"times":"always","path":"^/api/"}') end)

    teardown(function() around.tell(box, "DELETE", "faults") end)

    local START = [[
      local dd = client()
      for _ = 1, 5 do
        ddokta.spawn(function() say(#assert(dd:list_okta_accounts())) end, function(err) say(err) end)
      end
    ]]

    local function leaves(text)
      local output, status, seconds = script(box, text)
      assert.equal("", output)
      assert.equal(0, status)
      assert.truthy(seconds < 2, seconds)
    end

    timed("leaves at once, cleanly", function() leaves(START .. "finish()") end)

    timed(
      "leaves from a callback of the main loop while they are on the wire",
      function() leaves(START .. "vim.defer_fn(finish, 100)") end
    )

    timed(
      "leaves from within a task",
      function() leaves(START .. "vim.defer_fn(function() ddokta.spawn(finish) end, 100)") end
    )

    timed("closes the client at once, before or while they are on the wire", function()
      local output, status, seconds = script(
        box,
        [[
        local n = 0
        local function start()
          local dd = client()
          ddokta.spawn(function() return dd:list_okta_accounts() end, function(_, accounts, err)
            say(accounts, err.kind)
            n = n + 1
            if n == 2 then finish() end
          end)
          return dd
        end
        start():close()
        local dd = start()
        vim.defer_fn(function() dd:close() end, 100)
      ]]
      )
      assert.equal("nil cancelled\nnil cancelled\n", output)
      assert.equal(0, status)
      assert.truthy(seconds < 2, seconds)
    end)
  end)

  describe("the example", function()
    local function shown()
      return nvim(
        quick,
        "-c",
        "luafile examples/neovim.lua",
        "-c",
        "DdoktaWhoAmI",
        "-c",
        "lua vim.wait(5000, function() return vim.api.nvim_exec('messages', true) ~= '' end)",
        "-c",
        "qa!"
      )
    end

    it("says whose keys these are", function()
      local output, status = shown()
      assert.equal(0, status)
      assert.equal("sandbox@example.com at datadoghq.com", output)
    end)

    it("says what is wrong", function()
      around.tell(quick, "POST", "faults", '{"status":403,"path":"^/api/"}')
      local output, status = shown()
      assert.truthy(output:find("get_current_user: forbidden (403)", 1, true), output)
      assert.equal(0, status)
    end)
  end)

  describe("task:", function()
    local outcomes = {}

    setup(function()
      local output = script(
        quick,
        [[
        local dd, options = client(), { loop = "uv", proxy = "" }
        local function sleep(seconds)
          local co = coroutine.running()
          vim.defer_fn(function() assert(coroutine.resume(co)) end, math.ceil(seconds * 1000))
          coroutine.yield()
        end
        ddokta.spawn(function()
          for _, task in ipairs(require "spec.lua.loop.tasks") do
            local ok, message = pcall(task.run, ddokta, dd, options, sleep)
            say("\n" .. task.name .. "=" .. (ok and "ok" or tostring(message):gsub("\n", " ")))
          end
        end, function(err)
          if err then say(err) end
          finish()
        end)
      ]]
      )
      for name, outcome in output:gmatch "([^\n=]+)=([^\n]+)" do
        outcomes[name] = outcome
      end
      outcomes.all = output
    end)

    for _, task in ipairs(tasks) do
      it(task.name, function() assert.equal("ok", outcomes[task.name] or outcomes.all) end)
    end
  end)
end)
