-- Who waits inside nginx: a request's light thread sleeps on a semaphore of its own, and one timer
-- of the worker steps the engine for all of them. nginx cannot watch a foreign socket, so the
-- timer looks again after one to ten milliseconds.
local nap = require("ddokta.loop.sleep").nap

local M = { name = "nginx" }

-- phases in which nginx can suspend what runs
local yields = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true,
  ssl_cert = true, ssl_session_fetch = true, ssl_client_hello = true, preread = true,
}

-- may_wait() -> true | nil, message
function M.may_wait()
  local phase = ngx.get_phase()
  if yields[phase] then
    return true
  end
  return nil, ("nginx cannot wait in its %s phase: make the call in ngx.timer.at(0, ...)"):format(phase)
end

local function step_until_idle(premature, engine)
  local turn, list = 0, { engine }
  while not premature and engine.core:pending() > 0 do
    local before = engine.core:pending()
    engine:pump(0)
    turn = engine.core:pending() < before and 0 or turn + 1
    ngx.sleep(nap(turn, list))
  end
  engine.stepped = false
  engine:pump(0)
end

local function ensure_stepped(engine)
  if engine.stepped or ngx.worker.exiting() then
    return engine.stepped
  end
  engine.stepped = ngx.timer.at(0, step_until_idle, engine) and true
  return engine.stepped
end

function M.pause(waiter, engines)
  local stepped = true
  for _, engine in ipairs(engines) do
    stepped = ensure_stepped(engine) and stepped
  end
  if not stepped then -- no timer to be had, or the worker is going: everyone steps for himself
    waiter.turn = (waiter.turn or -1) + 1
    ngx.sleep(nap(waiter.turn, engines))
    for _, engine in ipairs(engines) do
      engine:pump(0)
    end
    return
  end
  waiter.semaphore = waiter.semaphore or require("ngx.semaphore").new()
  waiter.wake = waiter.wake or function() waiter.semaphore:post() end
  waiter.semaphore:wait(1) -- wakes by itself to see whether the timer is still there
end

function M.start(run)
  ngx.thread.spawn(run)
end

return M
