-- Who waits inside nginx: a request's light thread sleeps on a semaphore of its own, and one timer
-- of the worker steps the engine for all of them. nginx cannot watch a foreign socket, so the
-- timer looks again after one to ten milliseconds.
local nap = require("ddokta.loop.sleep").nap

local M = { name = "nginx" }

-- A timer that has not stepped for so many seconds is not relied on: where lua_max_running_timers run
-- already nginx drops a timer, and tells its log alone.
local SILENCE = 1

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
  return nil, ("nginx cannot wait in its %s phase: make the call in ddokta.spawn(function() ... end), "
    .. "which runs it in a timer"):format(phase)
end

-- Also in a worker that is told to quit: what is under way is finished.
local function step_until_idle(_, engine)
  local turn, list = 0, { engine }
  while engine.core:pending() > 0 do
    local before = engine.core:pending()
    engine:pump(0)
    turn = engine.core:pending() < before and 0 or turn + 1
    engine.stepped = ngx.now()
    ngx.sleep(nap(turn, list))
  end
  engine.stepped, engine.asked = nil, nil
  engine:pump(0)
end

local function recent(time)
  return time and ngx.now() - time < SILENCE
end

-- Does this worker's timer step the engine? engine.stepped: when it did last, engine.asked: when it
-- was asked for. What a client carries through nginx's fork is outdated within the second.
local function is_stepped(engine)
  if recent(engine.stepped) then
    return true
  end
  if not recent(engine.asked) and not ngx.worker.exiting() then
    engine.asked = ngx.now()
    ngx.timer.at(0, step_until_idle, engine)
  end
  return false
end

-- No closure: nginx wipes the stack of a coroutine that it ends (a client went away), and what a
-- closure shares with it.
local function wake(waiter)
  if waiter.asleep then
    waiter.asleep = false
    waiter.semaphore:post()
  end
end

function M.pause(waiter, engines, seconds)
  local stepped = true
  for _, engine in ipairs(engines) do
    stepped = is_stepped(engine) and stepped
  end
  if not stepped then -- not yet, or no timer is to be had, or the worker quits: everyone for himself
    waiter.turn = (waiter.turn or -1) + 1
    ngx.sleep(nap(waiter.turn, engines))
    for _, engine in ipairs(engines) do
      engine:pump(0)
    end
    return
  end
  waiter.semaphore = waiter.semaphore or require("ngx.semaphore").new()
  waiter.wake = wake
  waiter.asleep = true
  waiter.semaphore:wait(math.min(seconds or SILENCE, SILENCE))
  waiter.asleep = false
end

-- In a phase that cannot wait, in a timer.
function M.start(run)
  if yields[ngx.get_phase()] then
    ngx.thread.spawn(run)
  elseif not ngx.timer.at(0, run) then
    run() -- whose calls answer why they cannot be made
  end
end

return M
