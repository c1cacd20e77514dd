-- Which loop waits for calls. A loop is a table:
--   name
--   pause(waiter, engines, seconds)  returns when one of the engines may have made progress, or so
--                           many seconds later (nil: as long as it takes); it sees to it that they
--                           are pumped. It may set waiter.wake, a function(waiter) that makes pause
--                           return; waiter is its own to keep things in.
--   may_wait()              optional: true, or nil and a message where it cannot wait here
-- and where it has coroutines that run beside each other:
--   start(run, failed)      runs run() in one of them. What run() raises goes to failed(message,
--                           traceback); if that answers true, run() is called again. -> a thread
--   join(thread)            gives it back; it has ended
--   is_abandoned(waiter)    optional: has the surroundings ended the coroutine that pauses with it?
--   callback(fn)            optional: fn, or a function that calls it where the host wants callbacks
--   pause and start are called in the coroutine that waits; a loop may leave engine.let_go, a
--   function that is called before the engine closes its sockets
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
