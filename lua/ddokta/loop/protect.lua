-- What a coroutine of the surroundings runs, so that nothing that a task raises is lost.

if jit or _VERSION ~= "Lua 5.1" then
  -- protect(run, failed) -> a function that runs run(). What that raises goes to failed(message,
  -- traceback); if this answers true, run() is called again.
  return function(run, failed)
    return function()
      local traceback
      local function explain(message)
        traceback = debug.traceback(tostring(message), 2)
        return message
      end
      repeat
        local ok, message = xpcall(run, explain)
      until ok or not failed(message, traceback or tostring(message))
    end
  end
end

-- Lua 5.1 cannot yield across xpcall: a coroutine in between passes on what run() yields.
local function pass_on(co, ok, ...)
  if not ok then return false, (...), debug.traceback(co, tostring((...))) end
  if coroutine.status(co) == "dead" then return true end
  return pass_on(co, coroutine.resume(co, coroutine.yield(...)))
end

return function(run, failed)
  return function()
    repeat
      local co = coroutine.create(run)
      local ok, message, traceback = pass_on(co, coroutine.resume(co))
    until ok or not failed(message, traceback)
  end
end
