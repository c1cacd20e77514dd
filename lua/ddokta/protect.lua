--- Catches what is raised by functions that may wait; in Lua 5.1 pcall cannot, for nothing yields across it.
local protect = {}

local YIELDS_ACROSS_PCALL = jit ~= nil or _VERSION ~= "Lua 5.1"

--- Was it raised because memory ran out, by Lua or by the binding? That is a string, and Lua's own does not
--- pass through the handler of xpcall. Whoever catches errors must not take it for an answer.
---@param raised any
---@return boolean
function protect.is_out_of_memory(raised)
  return type(raised) == "string" and raised:find("not enough memory", 1, true) ~= nil
end

--- pcall of what may make calls itself. On Lua 5.1 it runs in a coroutine of its own, whose calls wait where
--- they are.
---@param fn fun(): any
---@return boolean ok
---@return any ... what it returned, or what it raised
function protect.call(fn)
  if YIELDS_ACROSS_PCALL then return pcall(fn) end
  return coroutine.resume(coroutine.create(function() return fn() end)) -- it takes no function of C
end

-- Lua 5.1: a coroutine in between passes on what run() yields.
local function pass_on(co, ok, ...)
  if not ok then return false, (...), debug.traceback(co, tostring((...))) end
  if coroutine.status(co) == "dead" then return true end
  return pass_on(co, coroutine.resume(co, coroutine.yield(...)))
end

local function run_beneath(run)
  local co = coroutine.create(run)
  return pass_on(co, coroutine.resume(co))
end

local function run_traced(run)
  local traceback
  local ok, message = xpcall(run, function(message)
    traceback = debug.traceback(tostring(message), 2)
    return message
  end)
  return ok, message, traceback or not ok and tostring(message)
end

--- What a coroutine of the surroundings runs, so that nothing that a task raises is lost.
---@param run fun()
---@param failed fun(message: any, traceback: string): boolean? told what run() raised; true: it is run again
---@return fun()
function protect.task(run, failed)
  local attempt = YIELDS_ACROSS_PCALL and run_traced or run_beneath
  return function()
    repeat
      local ok, message, traceback = attempt(run)
    until ok or not failed(message, traceback)
  end
end

return protect
