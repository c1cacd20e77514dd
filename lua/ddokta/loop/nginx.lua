--- The loop of nginx: a request's light thread sleeps on a semaphore of its own, and one timer of the worker
--- makes the calls of a client go on for all of them. nginx cannot watch a foreign socket, so the timer looks
--- again after one to ten milliseconds.
local errors = require "ddokta.error"
local ffi = require "ffi"
local nap = require("ddokta.loop.sleep").nap
local now = require("ddokta.native").system.now -- nginx's own is the wall clock, which may be set back
local protect = require "ddokta.protect"
local semaphore = require "ngx.semaphore"

---@type ddokta.Loop
local nginx = { name = "nginx" }

-- A timer that has not stepped for so many seconds is not relied on: where lua_max_running_timers run
-- already nginx drops a timer, and tells its log alone.
local SILENCE = 1

-- phases in which nginx can suspend what runs
local yields = {
  rewrite = true,
  server_rewrite = true,
  access = true,
  precontent = true,
  content = true,
  timer = true,
  ssl_cert = true,
  preread = true,
}

-- nginx's own code ends a handshake that waits for its client's hello, or for who looks at an upstream's
-- certificate or chooses one for it; OpenResty's build has it mended.
if ngx.config.nginx_configure and ngx.config.nginx_configure():find("../ngx_lua-", 1, true) then
  yields.ssl_client_hello, yields.proxy_ssl_verify, yields.proxy_ssl_cert = true, true, true
end

-- A session is waited for only by an OpenSSL with OpenResty's patch: from another's callback nothing returns.
ffi.cdef "void *SSL_magic_pending_session_ptr(void);"
if pcall(function() return ffi.C.SSL_magic_pending_session_ptr end) then yields.ssl_session_fetch = true end

-- may_wait() -> true | nil, message
function nginx.may_wait()
  local phase = ngx.get_phase()
  if yields[phase] then return true end
  return nil,
    (
      "nginx cannot wait in its %s phase: make the call in ddokta.spawn(function() ... end), "
      .. "which runs it in a timer"
    ):format(phase)
end

-- --- sleeping ---------------------------------------------------------------------------------------

-- Sleeps so many seconds, or until wake(waiter).
local function sleep(waiter, seconds)
  waiter.semaphore = waiter.semaphore or semaphore.new()
  waiter.asleep = true
  waiter.semaphore:wait(seconds)
  waiter.asleep = false
end

-- No closure: nginx wipes the stack of a coroutine that it ends (a client went away), and what a
-- closure shares with it.
local function wake(waiter)
  if waiter.asleep then
    waiter.asleep = false
    waiter.semaphore:post()
  end
end

-- Has nginx ended the light thread of one that sleeps? It takes it off the semaphore then, which counts
-- below zero who waits.
local function is_gone(waiter) return waiter.asleep and waiter.semaphore:count() >= 0 end

local function recent(time) return time and now() - time < SILENCE end

-- --- calls ------------------------------------------------------------------------------------------

-- stepped: when the timer stepped the driver last; asked: when that timer was asked for; swept: when it was
-- looked for calls that nobody waits for. What a client carries through nginx's fork is outdated within the
-- second.
function nginx.attach(driver) return { driver = driver } end

-- How often to look for calls that nobody waits for, in seconds
local SWEEP = 0.1

-- Has nginx ended the light thread that waits, or the one that waits for its group of tasks?
function nginx.is_abandoned(waiter)
  while waiter do
    if is_gone(waiter) then return true end
    waiter = waiter.group and waiter.group.parent
  end
  return false
end

-- A call is dropped if whoever wanted it is gone; one that has left the machine goes on to its answer.
local function drop_abandoned(state)
  if recent(state.swept) and now() - state.swept < SWEEP then return end
  state.swept = now()
  for _, waiter in pairs(state.driver.waiting) do
    if nginx.is_abandoned(waiter) then waiter.call:withdraw() end
  end
end

-- Also in a worker that is told to quit: what is under way is finished.
local function step_until_idle(_, state)
  local driver, turn = state.driver, 0
  while driver.native:pending() > 0 do
    local before = driver.native:pending()
    drop_abandoned(state)
    driver:pump(0)
    turn = driver.native:pending() < before and 0 or turn + 1
    state.stepped = now()
    ngx.sleep(nap(turn, driver.alone))
  end
  state.stepped, state.asked = nil, nil
  driver:pump(0)
end

-- Does this worker's timer step the driver?
local function is_stepped(driver)
  local state = driver:attach(nginx)
  if recent(state.stepped) then return true end
  if not recent(state.asked) and not ngx.worker.exiting() then
    state.asked = now()
    ngx.timer.at(0, step_until_idle, state)
  end
  return false
end

function nginx.pause(waiter, drivers, seconds)
  local stepped = true
  for _, driver in ipairs(drivers) do
    stepped = is_stepped(driver) and stepped
  end
  if not stepped then -- not yet, or no timer is to be had, or the worker quits: everyone for himself
    waiter.turn = (waiter.turn or -1) + 1
    waiter.wake = wake
    sleep(waiter, nap(waiter.turn, drivers))
    for _, driver in ipairs(drivers) do
      driver:pump(0)
    end
    return
  end
  if seconds == 0 then
    ngx.sleep(0) -- a semaphore would not let others go first
    return
  end
  waiter.wake = wake
  sleep(waiter, math.min(seconds or SILENCE, SILENCE))
end

-- --- tasks ------------------------------------------------------------------------------------------

-- What is spawned in a phase that cannot wait is run in light threads of a timer, one timer of the
-- worker for all of them: nginx drops what is beyond lua_max_running_timers, without telling us.
local MOST_QUEUED = 100000
-- ... at once, and also how many one timer begins: nginx keeps a record of each until the timer ends.
local MOST_RUNNING = 1000

-- queue: jobs {run =, failed =}; accepting: the runner whose timer takes new jobs; runners: all whose
-- jobs have not ended; asked: when a timer was asked for.
local spawned = { queue = {}, first = 1, last = 0, running = 0, runners = {} }

local function push(job)
  spawned.last = spawned.last + 1
  spawned.queue[spawned.last] = job
end

local function pop()
  local job = spawned.queue[spawned.first]
  if job then
    spawned.queue[spawned.first] = nil
    spawned.first = spawned.first + 1
  end
  return job
end

local function run_job(runner, job)
  job.run()
  runner.jobs[job] = nil
  spawned.running = spawned.running - 1
  wake(runner)
  wake(spawned.accepting or runner)
end

-- A job has called ngx.exit: that ended all light threads of its timer. Those that had not ended hear it.
local function clear_up(runner)
  spawned.runners[runner] = nil
  if spawned.accepting == runner then spawned.accepting = nil end
  for job in pairs(runner.jobs) do
    spawned.running = spawned.running - 1
    if
      job.failed(errors.new {
        kind = "cancelled",
        code = "ended",
        message = "nginx has ended the timer that this ran in: ngx.exit was called in a spawned function",
      })
    then
      push(job)
    end
  end
end

local function clear_up_all()
  for runner in pairs(spawned.runners) do
    if is_gone(runner) then clear_up(runner) end
  end
end

local ask_for_timer

-- In a timer, also in one that comes early because the worker quits: runs what is spawned.
local function run_spawned()
  clear_up_all()
  if spawned.accepting or spawned.first > spawned.last then return end
  local runner = { jobs = {} }
  spawned.runners[runner], spawned.accepting = true, runner
  local begun = 0
  while begun < MOST_RUNNING do
    local job = spawned.running < MOST_RUNNING and pop()
    if job then
      begun, spawned.running = begun + 1, spawned.running + 1
      runner.jobs[job] = true
      ngx.thread.spawn(run_job, runner, job)
    elseif next(runner.jobs) or spawned.first <= spawned.last then
      sleep(runner, SILENCE)
    else
      break
    end
  end
  spawned.accepting, spawned.asked = nil, nil
  if spawned.first <= spawned.last then ask_for_timer() end
  while next(runner.jobs) do
    sleep(runner, SILENCE)
  end
  spawned.runners[runner] = nil
end

-- -> false: no timer is to be had
ask_for_timer = function()
  if spawned.accepting then
    wake(spawned.accepting)
    return true
  end
  if spawned.pid ~= ngx.worker.pid() and not ngx.worker.exiting() then
    -- a timer that is dropped is not the last: this one comes again
    if ngx.timer.every(SILENCE, run_spawned) then spawned.pid = ngx.worker.pid() end
  end
  if recent(spawned.asked) then return true end
  spawned.asked = now()
  return ngx.timer.at(0, run_spawned) or spawned.pid == ngx.worker.pid()
end

-- Why a job cannot be queued; nil: it can.
local function refusal()
  if spawned.last - spawned.first + 1 >= MOST_QUEUED then
    return ("%d spawned functions wait in this worker already"):format(MOST_QUEUED)
  elseif ngx.get_phase() == "exit_worker" then
    return "the worker ends"
  elseif not ask_for_timer() then
    return "nginx has no timer left (lua_max_pending_timers)"
  end
end

local function enqueue(job)
  local why = refusal()
  if not why then
    push(job)
  elseif
    job.failed(errors.new {
      kind = "cancelled",
      code = "not_run",
      retryable = true,
      message = "the spawned function was not run: " .. why,
    })
  then
    job.run()
  end
end

function nginx.start(run, failed)
  if yields[ngx.get_phase()] then return ngx.thread.spawn(protect.task(run, failed)) end
  enqueue { run = protect.task(run, failed), failed = failed }
end

-- A light thread that nobody waits for is kept until its parent ends.
function nginx.join(thread) ngx.thread.wait(thread) end

return nginx
