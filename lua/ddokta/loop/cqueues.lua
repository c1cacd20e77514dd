-- Who waits inside a cqueues controller: each coroutine on a condition of its own, and one more
-- coroutine that polls the engine's sockets and steps it for all of them.
local condition = require "cqueues.condition"
local cqueues = require "cqueues"
local protect = require "ddokta.loop.protect"
local socket = require "cqueues.socket"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local M = { name = "cqueues" }

-- may_wait() -> true | nil, message
function M.may_wait()
  if cqueues.running() then return true end
  return nil, "the loop cqueues needs a coroutine of cqueues: controller:wrap(function() ... end)"
end

-- --- the engine's sockets ---------------------------------------------------------------------------

-- Where the system has no descriptor for all sockets, duplicates of ours are polled: cqueues cannot
-- forget a descriptor once it is closed, and libcurl closes without asking. steps.polled: by the
-- socket's serial number.
local function watch_each(steps, sockets)
  local polled, wanted = {}, {}
  for i, watched in ipairs(sockets) do
    local twin = steps.polled[watched.serial] or assert(socket.dup(watched.fd))
    polled[watched.serial], steps.polled[watched.serial] = twin, nil
    wanted[i] = { pollfd = twin:pollfd(), events = watched.events }
  end
  for _, twin in pairs(steps.polled) do
    twin:close()
  end
  steps.polled = polled
  return wanted
end

local function watch(engine, steps)
  local fd = engine.core:pollset()
  if not fd then return watch_each(steps, engine.core:pollfds()) end
  steps.fd = fd
  return { { pollfd = fd, events = "r" } }
end

-- cqueues forgets the descriptor, while it is open.
local function forget(controller, steps)
  if steps.fd then
    controller:cancel(steps.fd)
    steps.fd = nil
  end
end

local function step_for_all(engine, controller, steps)
  while steps.waiters > 0 do
    local wanted = watch(engine, steps)
    wanted[#wanted + 1] = steps.changed
    wanted[#wanted + 1] = engine.core:timeout() -- nil: as long as it takes
    cqueues.poll(unpack(wanted))
    engine:pump(0)
  end
  forget(controller, steps)
  watch_each(steps, {})
  steps.running = false
end

local function let_go(engine)
  for controller, steps in pairs(engine.steps) do
    forget(controller, steps)
    steps.changed:signal()
  end
end

-- One for each engine and controller: a client may be used in several controllers.
local function steps_of(engine, controller)
  if not engine.steps then
    engine.steps, engine.let_go = setmetatable({}, { __mode = "k" }), let_go
  end
  local steps = engine.steps[controller]
  if not steps then
    steps = { waiters = 0, polled = {}, changed = condition.new() }
    engine.steps[controller] = steps
  end
  return steps
end

local function join(engine, controller)
  local steps = steps_of(engine, controller)
  steps.waiters = steps.waiters + 1
  if steps.running then
    steps.changed:signal() -- there may be other sockets and times to wait for
  else
    steps.running = true
    controller:wrap(step_for_all, engine, controller, steps)
  end
end

local function leave(engine, controller)
  local steps = steps_of(engine, controller)
  steps.waiters = steps.waiters - 1
  if steps.waiters == 0 then steps.changed:signal() end
end

-- --- waiting ----------------------------------------------------------------------------------------

function M.pause(waiter, engines, seconds)
  local controller = cqueues.running()
  local woken, signal = false, condition.new()
  waiter.wake = function()
    woken = true
    signal:signal()
  end
  for _, engine in ipairs(engines) do
    join(engine, controller)
  end
  local due = seconds and cqueues.monotime() + seconds
  repeat
    signal:wait(due and due - cqueues.monotime()) -- nil: as long as it takes
  until woken or due and cqueues.monotime() >= due
  waiter.wake = nil
  for _, engine in ipairs(engines) do
    leave(engine, controller)
  end
end

-- --- tasks ------------------------------------------------------------------------------------------

function M.start(run, failed) cqueues.running():wrap(protect(run, failed)) end

function M.join() end

return M
