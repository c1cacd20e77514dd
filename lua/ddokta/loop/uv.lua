--- The loop of libuv, inside Neovim or with luv: who waits is suspended, libuv polls the calls' sockets,
--- and the main loop resumes.
local protect = require "ddokta.protect"
local system = require("ddokta.native").system
local uv = vim and (vim.uv or vim.loop) or require "luv"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

---@type ddokta.Loop
local uv_loop = { name = "uv" }

-- In Neovim a watcher of events may touch the editor only on the main loop.
uv_loop.later = vim and vim.schedule

-- timer, handles: what is watched, by a socket's serial number; nil while nothing is
function uv_loop.attach(driver) return { driver = driver } end

-- In Neovim, callbacks of libuv may not touch the editor; what vim.schedule runs may.
local later = vim and vim.schedule
  or function(run)
    local timer = uv.new_timer()
    timer:start(0, 0, function()
      timer:close()
      run()
    end)
  end

-- may_wait() -> true | nil, message
function uv_loop.may_wait()
  local co, main = coroutine.running()
  if co and not main then return true end
  return nil, "a call that does not block needs a coroutine: make it in ddokta.spawn(function() ... end)"
end

-- --- the calls' sockets -----------------------------------------------------------------------------

local watch

-- Where the system has a descriptor for all sockets that one is watched. Elsewhere each of them is, as
-- a duplicate of ours: libcurl closes sockets without asking, and libuv does not bear that.
local function to_watch(driver)
  local fd = driver.native:pollset()
  if fd then return { { fd = fd, serial = "all", events = "r", shared = true } } end
  return driver.native:pollfds()
end

local function new_handle(socket)
  if socket.shared then return { poll = assert(uv.new_poll(socket.fd)) } end
  local fd = assert(system.dup(socket.fd))
  return { fd = fd, poll = assert(uv.new_poll(fd)) }
end

local function unwatch(handle)
  handle.poll:stop()
  handle.poll:close()
  if handle.fd then system.close(handle.fd) end
end

-- One poll handle per descriptor; sockets come and go with each step.
local function sync(state)
  local handles, wanted = state.handles, {}
  for _, socket in ipairs(to_watch(state.driver)) do
    wanted[socket.serial] = socket
  end
  for serial, handle in pairs(handles) do
    if not wanted[serial] then
      handles[serial] = nil
      unwatch(handle)
    end
  end
  for serial, socket in pairs(wanted) do
    local handle = handles[serial]
    if not handle then
      handle = new_handle(socket)
      handles[serial] = handle
    end
    if handle.events ~= socket.events then
      handle.events = socket.events
      handle.poll:start(socket.events, function() watch(state) end)
    end
  end
end

local function arm(state)
  local seconds = state.driver.native:timeout()
  if seconds then
    state.timer:start(math.ceil(seconds * 1000), 0, function() watch(state) end)
  else
    state.timer:stop()
  end
end

-- Nothing is under way: libuv must be free to end, and idle connections need no watch.
function uv_loop.let_go(state)
  if not state.timer then return end
  for serial, handle in pairs(state.handles) do
    unwatch(handle)
    state.handles[serial] = nil
  end
  state.timer:stop()
  state.timer:close()
  state.timer, state.handles = nil, nil
end

watch = function(state)
  if not state.timer then return end
  local driver = state.driver
  driver:pump(0)
  if not state.timer then return end -- a watcher of events has closed the client
  if driver.native:pending() == 0 then return uv_loop.let_go(state) end
  sync(state)
  arm(state)
end

uv_loop.refresh = watch

local function begin(driver)
  local state = driver:attach(uv_loop)
  if not state.timer then
    state.timer, state.handles = uv.new_timer(), {}
  end
  watch(state)
end

-- --- waiting ----------------------------------------------------------------------------------------

-- Runs wake() once so many seconds have passed -> a function that gives the timer back
local function alarm(seconds, wake)
  local timer = uv.new_timer()
  local function close()
    if not timer:is_closing() then
      timer:stop()
      timer:close()
    end
  end
  timer:start(math.ceil(seconds * 1000), 0, function()
    close()
    wake()
  end)
  return close
end

-- What to do where we resume a coroutine and it raises; else that is shown as any callback's bug is.
local on_failure = setmetatable({}, { __mode = "k" })

local function resume(co)
  local ok, message = coroutine.resume(co)
  if ok then return end
  local traceback = debug.traceback(co, tostring(message))
  if not on_failure[co] then error(traceback, 0) end
  on_failure[co](message, traceback)
end

function uv_loop.pause(waiter, drivers, seconds)
  local co = coroutine.running()
  local asleep, woken = false, false
  waiter.wake = function()
    if woken then return end
    woken = true
    later(function()
      if asleep then
        asleep = false
        resume(co)
      end
    end)
  end
  for _, driver in ipairs(drivers) do
    begin(driver)
  end
  local stop_alarm = seconds and alarm(seconds, waiter.wake)
  asleep = true
  coroutine.yield()
  asleep, waiter.wake = false, nil -- it may have been another who resumed
  if stop_alarm then stop_alarm() end
end

-- --- tasks ------------------------------------------------------------------------------------------

-- Anybody may resume a task's coroutine, so nothing may stand between it and what it runs: where Lua
-- 5.1 cannot yield across xpcall, only what it raises after we have resumed it is seen.
local begin_task
if jit or _VERSION ~= "Lua 5.1" then
  begin_task = function(run, failed) resume(coroutine.create(protect.task(run, failed))) end
else
  begin_task = function(run, failed)
    local co = coroutine.create(run)
    on_failure[co] = function(message, traceback)
      if failed(message, traceback) then later(function() begin_task(run, failed) end) end
    end
    resume(co)
  end
end

function uv_loop.start(run, failed)
  if vim and vim.in_fast_event() then
    vim.schedule(function() begin_task(run, failed) end)
  else
    begin_task(run, failed)
  end
end

function uv_loop.join() end

-- In Neovim a callback runs on the main loop, outside of the task that ended: it may wait for others.
if vim then
  function uv_loop.callback(fn)
    return function(...)
      local n, results = select("#", ...), { ... }
      vim.schedule(function() fn(unpack(results, 1, n)) end)
    end
  end
end

return uv_loop
