--- The loop of a cqueues controller: each coroutine waits on a condition of its own, and one more polls the
--- calls' sockets for all of them.
local condition = require "cqueues.condition"
local cqueues = require "cqueues"
local protect = require "ddokta.protect"
local socket = require "cqueues.socket"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

---@type ddokta.Loop
local cqueues_loop = { name = "cqueues" }

-- By controller, for a client may be used in several: {waiters =, running =, fd =, polled =, changed =}.
function cqueues_loop.attach() return setmetatable({}, { __mode = "k" }) end

-- may_wait() -> true | nil, message
function cqueues_loop.may_wait()
  if cqueues.running() then return true end
  return nil, "the loop cqueues needs a coroutine of cqueues: controller:wrap(function() ... end)"
end

-- --- the calls' sockets -----------------------------------------------------------------------------

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

local function watch(driver, steps)
  local fd = driver.native:pollset()
  if not fd then return watch_each(steps, driver.native:pollfds()) end
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

local function step_for_all(driver, controller, steps)
  while steps.waiters > 0 do
    local wanted = watch(driver, steps)
    wanted[#wanted + 1] = steps.changed
    wanted[#wanted + 1] = driver.native:timeout() -- nil: as long as it takes
    cqueues.poll(unpack(wanted))
    driver:pump(0)
  end
  forget(controller, steps)
  watch_each(steps, {})
  steps.running = false
end

function cqueues_loop.let_go(state)
  for controller, steps in pairs(state) do
    forget(controller, steps)
    steps.changed:signal()
  end
end

function cqueues_loop.refresh(state)
  for _, steps in pairs(state) do
    steps.changed:signal()
  end
end

local function steps_of(driver, controller)
  local state = driver:attach(cqueues_loop)
  local steps = state[controller]
  if not steps then
    steps = { waiters = 0, polled = {}, changed = condition.new() }
    state[controller] = steps
  end
  return steps
end

local function join(driver, controller)
  local steps = steps_of(driver, controller)
  steps.waiters = steps.waiters + 1
  if steps.running then
    steps.changed:signal() -- there may be other sockets and times to wait for
  else
    steps.running = true
    controller:wrap(step_for_all, driver, controller, steps)
  end
end

local function leave(driver, controller)
  local steps = steps_of(driver, controller)
  steps.waiters = steps.waiters - 1
  if steps.waiters == 0 then steps.changed:signal() end
end

-- --- waiting ----------------------------------------------------------------------------------------

function cqueues_loop.pause(waiter, drivers, seconds)
  local controller = cqueues.running()
  local woken, signal = false, condition.new()
  waiter.wake = function()
    woken = true
    signal:signal()
  end
  for _, driver in ipairs(drivers) do
    join(driver, controller)
  end
  local due = seconds and cqueues.monotime() + seconds
  repeat
    signal:wait(due and due - cqueues.monotime()) -- nil: as long as it takes
  until woken or due and cqueues.monotime() >= due
  waiter.wake = nil
  for _, driver in ipairs(drivers) do
    leave(driver, controller)
  end
end

-- --- tasks ------------------------------------------------------------------------------------------

function cqueues_loop.start(run, failed) cqueues.running():wrap(protect.task(run, failed)) end

function cqueues_loop.join() end

return cqueues_loop
