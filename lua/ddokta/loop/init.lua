-- Which loop waits for calls. A loop is a table:
--   name
--   pause(waiter, engines, seconds)  returns when one of the engines may have made progress, or so
--                           many seconds later (nil: as long as it takes); it sees to it that they
--                           are pumped. It may set waiter.wake, a function(waiter) that makes pause
--                           return; waiter is its own to keep things in.
--   may_wait()              optional: true, or nil and a message where it cannot wait here
--   start(run)              optional: runs run() beside what runs now
--   resumes_itself          true where others may resume a task's own coroutine, see ddokta.task
--   pause and start are called in the coroutine that waits; a loop may leave engine.let_go, a
--   function that is called before the engine closes its sockets
local M = {}

local named = { blocking = true, nginx = true, uv = true, cqueues = true }

-- The loop for "auto", found anew at each call: a client may be made in nginx's init phase and used
-- in a request. Inside nginx and Neovim nothing blocks; elsewhere calls do.
local function detect()
  if type(ngx) == "table" and ngx.get_phase and ngx.sleep then
    if ngx.get_phase() == "init" then
      return require "ddokta.loop.blocking" -- before the workers are there, nobody else waits
    end
    return require "ddokta.loop.nginx"
  end
  if type(vim) == "table" and (vim.uv or vim.loop) then
    return require "ddokta.loop.uv"
  end
  return require "ddokta.loop.blocking"
end

local function checked(find)
  return function()
    local loop = find()
    if loop.may_wait then
      local ok, message = loop.may_wait()
      if not ok then
        return nil, message
      end
    end
    return loop
  end
end

local detect_checked = checked(detect)

-- pick(wanted) -> function() -> loop | nil, message. wanted: the client's option `loop`. Answers
-- nil, message where there is no such loop.
function M.pick(wanted)
  if wanted == "auto" then
    if type(ngx) == "table" or type(vim) == "table" then
      return detect_checked
    end
    wanted = "blocking" -- a plain Lua does not become another
  end
  if type(wanted) == "function" then
    local loop = require("ddokta.loop.sleep").new(wanted)
    return function() return loop end
  end
  if not named[wanted] then
    return nil, ('there is no loop "%s": auto, blocking, nginx, uv, cqueues or a function sleep(seconds)')
      :format(wanted)
  end
  local ok, loop = pcall(require, "ddokta.loop." .. wanted)
  if not ok then
    return nil, ("the loop %s cannot be used here: %s"):format(wanted, loop)
  end
  return checked(function() return loop end)
end

-- start(run): runs run(loop) beside what runs now where the surroundings can, else at once and to
-- its end. For ddokta.spawn, which knows no client: loop is the one that the surroundings suggest.
function M.start(run)
  local cqueues, luv = package.loaded.cqueues, package.loaded.luv
  local co, main = coroutine.running()
  local loop
  if cqueues and cqueues.running() then
    loop = require "ddokta.loop.cqueues"
  elseif luv and (not co or main or luv.loop_mode and luv.loop_mode()) then
    -- any other coroutine may be another scheduler's
    loop = require "ddokta.loop.uv"
  else
    loop = detect()
  end
  if loop.start then
    loop.start(function() run(loop) end)
  else
    run(loop)
  end
end

return M
