--- Which loop waits for calls: the surroundings' own, or the one that a client was given.

--- Who waits for calls. pause and start are called in the coroutine that waits. A loop with `start` has
--- coroutines that run beside each other, and join too.
---@class ddokta.Loop
---@field name string
--- Returns when one of the drivers may have made progress, or so many seconds later (nil: as long as it
--- takes), and sees to it that they are pumped. It may set waiter.wake, a function(waiter) that makes it
--- return; waiter is its own to keep things in.
---@field pause fun(waiter: table, drivers: ddokta.Driver[], seconds?: number)
---@field may_wait? fun(): true?, string? nil and a message: it cannot wait here
---@field attach? fun(driver: ddokta.Driver): any what it keeps of a driver: see Driver:attach
---@field let_go? fun(state: any) called with that before the driver closes its sockets
---@field later? fun(run: function) runs run() where a watcher of events may do what it likes
--- Runs run() in a coroutine, and answers a thread. What run raises goes to failed, and if this answers true,
--- run() is called again.
---@field start? fun(run: function, failed: fun(message: any, traceback: string): boolean?): any
---@field join? fun(thread: any) gives it back; it has ended
--- Have the surroundings ended the coroutine that pauses with it?
---@field is_abandoned? fun(waiter: table): boolean?
--- fn, or a function that calls it where the host wants callbacks
---@field callback? fun(fn: function): function
local M = {}

local named = { blocking = true, nginx = true, uv = true, cqueues = true }

-- nginx or Neovim, with the loop that it has here; nil: neither
local function host()
  if type(ngx) == "table" and ngx.get_phase and ngx.sleep then
    -- before the workers are there, nobody else waits
    return "nginx", ngx.get_phase() ~= "init" and require "ddokta.loop.nginx" or nil
  end
  if type(vim) == "table" and (vim.uv or vim.loop) then
    -- in a thread of its own (uv.new_work) no loop runs
    return "vim", not (vim.is_thread and vim.is_thread()) and require "ddokta.loop.uv" or nil
  end
end

-- The loop for "auto", found anew at each call: a client may be made in nginx's init phase and used
-- in a request. Inside nginx and Neovim nothing blocks; elsewhere calls do.
local function detect()
  local _, loop = host()
  return loop or require "ddokta.loop.blocking"
end

local function checked(find)
  return function()
    local loop = find()
    if loop.may_wait then
      local ok, message = loop.may_wait()
      if not ok then return nil, message end
    end
    return loop
  end
end

local detect_checked = checked(detect)

-- pick(wanted) -> function() -> loop | nil, message. wanted: the client's option `loop`. Answers
-- nil, message where there is no such loop.
function M.pick(wanted)
  if wanted == "auto" then
    if type(ngx) == "table" or type(vim) == "table" then return detect_checked end
    wanted = "blocking" -- a plain Lua does not become another
  end
  if type(wanted) == "function" then
    local loop = require("ddokta.loop.sleep").new(wanted)
    return function() return loop end
  end
  if not named[wanted] then
    return nil,
      ('there is no loop "%s": auto, blocking, nginx, uv, cqueues or a function sleep(seconds)'):format(
        wanted
      )
  end
  local ok, loop = pcall(require, "ddokta.loop." .. wanted)
  if not ok then return nil, ("the loop %s cannot be used here: %s"):format(wanted, loop) end
  local function find() return loop end
  return loop.may_wait and checked(find) or find
end

local function runs_cqueues()
  local cqueues = package.loaded.cqueues
  return cqueues and cqueues.running() ~= nil
end

-- Is what runs libuv's? Any other coroutine may be another scheduler's.
local function runs_luv()
  local luv = package.loaded.luv
  local co, main = coroutine.running()
  return luv and (not co or main or package.loaded["ddokta.loop.uv"] or luv.loop_mode and luv.loop_mode())
end

-- Outside of nginx and Neovim a program may have a loop and use clients that block all the same: its
-- tasks wait as its clients do, and one that waits in a loop has loaded that.
local function chosen(name) return package.loaded["ddokta.loop." .. name] ~= nil end

-- around(waits) -> the loop of the surroundings that has coroutines of its own, or nil. For parallel
-- and spawn, which know no client. waits: the caller waits there itself.
function M.around(waits)
  local inside, loop = host()
  if not inside then
    if runs_cqueues() and (chosen "cqueues" or not waits) then
      loop = require "ddokta.loop.cqueues"
    elseif runs_luv() and (chosen "uv" or not waits) then
      loop = require "ddokta.loop.uv"
    end
  end
  if loop and waits and not loop.may_wait() then return nil end
  return loop
end

-- callback(fn) -> a function that calls fn where the host wants its callbacks to run.
function M.callback(fn)
  local _, loop = host()
  return loop and loop.callback and loop.callback(fn) or fn
end

return M
