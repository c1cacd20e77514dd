--- Who runs next: a call suspends the task that makes it, and others go on.
---
--- Where the surroundings have coroutines that may wait (nginx's light threads, those of cqueues and of
--- libuv) a task is one of theirs, and waits as any other of them does. Elsewhere a runner resumes the tasks:
--- a call suspends its task alone, and while none can go on the loop is paused that waits for calls.
local around = require("ddokta.loop").around
local now = require("ddokta.native").system.now

local scheduler = {}

local create, running, status = coroutine.create, coroutine.running, coroutine.status
local resume, yield = coroutine.resume, coroutine.yield

-- The task that a coroutine is; a coroutine that a task makes itself is none. Whoever runs a task
-- holds it: where that is given up (nginx ends a request whose client went away) all of it goes.
local tasks = setmetatable({}, { __mode = "kv" })

local function current()
  return tasks[running()] -- Lua 5.1's main coroutine is nil
end

--- A task, for whoever has it wait: suspend() returns after ready().
---@class ddokta.Task
---@field ready fun(task: ddokta.Task)
---@field suspend fun(task: ddokta.Task)
---@field rest fun(task: ddokta.Task, seconds: number) as suspend, but no longer than that
---@field is_alone? boolean nothing runs that could call ready

--- The task that runs.
---@return ddokta.Task?
function scheduler.current() return current() end

--- The scope of what runs: that of whoever began it.
---@return ddokta.Scope?
local function scope_here()
  local task = current()
  return task and task.scope
end

scheduler.scope = scope_here

--- Is nothing sent any more for what runs, because its scope was stopped?
function scheduler.is_stopped()
  local scope = scope_here()
  return scope and scope.is_stopped or false
end

local function back_into(task, scope, ...)
  task.scope = scope
  return ...
end

--- Calls fn(...), which must not raise, in another scope, or in none.
---@param scope? ddokta.Scope
---@param fn fun(...): ...
---@return any ...
function scheduler.within(scope, fn, ...)
  local task = current()
  if not task then return fn(...) end
  local before = task.scope
  task.scope = scope
  return back_into(task, before, fn(...))
end

-- No driver to wait for.
local NONE = {}

-- --- who waits in a loop that has coroutines of its own ---------------------------------------------

-- One that waits in loop.pause: a task of the surroundings, or whoever makes a call outside of any.
local Waiter = {}
Waiter.__index = Waiter

-- What it waits for is there.
function Waiter:ready()
  self.woken = true
  if self.wake then self:wake() end
end

-- Returns after ready(). Where it was ready before, all others that can run do so first.
function Waiter:suspend()
  if self.woken then self.loop.pause(self, NONE, 0) end
  while not self.woken do
    self.loop.pause(self, NONE)
  end
  self.woken = nil
end

-- Returns after ready(), or so much later.
function Waiter:rest(seconds)
  if not self.woken then self.loop.pause(self, NONE, seconds) end
  self.woken = nil
end

-- Its sleep ends before its time.
Waiter.awaken = Waiter.ready

local function new_waiter(loop) return setmetatable({ loop = loop }, Waiter) end

-- Runs run() in a coroutine of the loop; what it raises goes to failed, see ddokta.loop. group: whose
-- task it is, if any. -> what loop.join takes
local function begin(loop, run, failed, group)
  local task = new_waiter(loop)
  task.group, task.scope = group, group and group.scope or scope_here()
  return loop.start(function()
    local co = running() or false -- false: it is refused, and run where it was spawned
    tasks[co] = task
    run()
    tasks[co] = nil -- no tail call above: the coroutine holds the task
  end, failed)
end

-- --- who waits in the runner below ---------------------------------------------------------------

-- What a task yields that waits for its ready(); anything else is for the surroundings.
local WAITS = {}

local Runner = {}
Runner.__index = Runner

local Task = {}
Task.__index = Task

-- What it waits for is there. It is resumed once, however many say so.
function Task:ready()
  if self.is_ready then return end
  self.is_ready = true
  local runner = self.runner
  local last = runner.last + 1
  runner.last = last
  runner.ready[last] = self
  if not runner.runs then runner:look() end
end

-- Its sleep ends before its time.
function Task:awaken()
  self.runner.sleepers[self] = nil
  self:ready()
end

-- Returns after ready(). Where it was ready before, all others that are ready go first.
function Task.suspend() yield(WAITS) end

-- Returns after ready(), so much later, or when its runner knows of nobody who could call ready (is_alone).
function Task:rest(seconds)
  self.is_alone = nil
  self.runner.resting[self] = now() + seconds
  yield(WAITS)
  self.runner.resting[self] = nil
end

-- There is something to do for it, which it does not know of unless it runs just now.
function Runner:look()
  if not self.runs then self.waiter:ready() end
end

local function new_runner()
  -- live: all tasks not yet ended; ready: a queue of those to resume; drivers: those that tasks wait
  -- for; loop: that of who waits; sleepers: until when a task sleeps; resting: tasks that wait for what is
  -- no call; waiter: how the loop wakes us
  return setmetatable({
    live = {},
    ready = {},
    first = 1,
    last = 0,
    drivers = {},
    sleepers = {},
    resting = {},
    waiter = new_waiter(),
  }, Runner)
end

-- Runs run() in a task; what it raises goes to failed, see ddokta.loop.
function Runner:add(run, failed, scope)
  local task = setmetatable({ runner = self, coroutine = create(run), run = run, failed = failed }, Task)
  task.scope = scope or scope_here()
  tasks[task.coroutine] = task
  self.live[task] = true
  task:ready()
end

local function ended(task, ok, message)
  tasks[task.coroutine] = nil
  if ok or not task.failed(message, debug.traceback(task.coroutine, tostring(message))) then
    task.runner.live[task] = nil
    return
  end
  task.coroutine = create(task.run)
  tasks[task.coroutine] = task
  task:ready()
end

-- May a task yield to whoever runs the runner?
local function passes_on()
  local co, main = running()
  return co and not main
end

local function after_resume(task, ok, what, ...)
  if what == WAITS then return end
  if status(task.coroutine) == "dead" then return ended(task, ok, what) end
  if passes_on() then
    -- it waits for a thing of the surroundings, which only we can be resumed by
    return after_resume(task, resume(task.coroutine, yield(what, ...)))
  end
end

-- Resumes tasks until none is ready.
function Runner:run_ready()
  local ready = self.ready
  self.runs = true
  while self.first <= self.last do
    local first = self.first
    local task = ready[first]
    ready[first] = nil
    task.is_ready = nil
    self.first = first + 1
    after_resume(task, resume(task.coroutine))
  end
  self.first, self.last, self.runs = 1, 0, false
end

local function waited_for(runner)
  local list = {}
  for driver in pairs(runner.drivers) do
    if next(driver.waiting) ~= nil then
      list[#list + 1] = driver
    else
      runner.drivers[driver] = nil
    end
  end
  return list
end

-- Makes those ready who have slept enough -> seconds until the next has, nil: nobody sleeps.
local function wake_sleepers(runner)
  local time, first = now(), nil
  for task, due in pairs(runner.sleepers) do
    if due <= time then
      runner.sleepers[task] = nil
      task:ready()
    else
      first = math.min(first or due, due)
    end
  end
  return first and first - time
end

-- Makes those ready who have rested enough -> seconds until the next has, nil: nobody rests.
local function wake_rested(runner)
  local time, first = now(), nil
  for task, due in pairs(runner.resting) do
    if due <= time then task:ready() end
    first = math.min(first or due, due)
  end
  return first and first - time
end

-- Nothing runs that could make those ready who rest.
local function wake_alone(runner)
  for task in pairs(runner.resting) do
    task.is_alone = true
    task:ready()
  end
end

-- Pauses until a task may be ready.
local function pause(runner)
  local drivers, seconds, rest = waited_for(runner), wake_sleepers(runner), wake_rested(runner)
  if runner.first <= runner.last then return end
  local loop = runner.loop
  if #drivers == 0 and not seconds then
    if not rest then error("ddokta: a task waits for something that is not a call of ddokta", 0) end
    if not (loop and loop.others_run) then return wake_alone(runner) end
  end
  if rest then seconds = math.min(seconds or rest, rest) end
  if loop.may_wait then
    local ok, message = loop.may_wait() -- here, not only in a task
    if not ok then error("ddokta: " .. message, 0) end
  end
  loop.pause(runner.waiter, drivers, seconds)
  wake_sleepers(runner)
end

-- Runs tasks until all have ended.
function Runner:run()
  self:run_ready()
  while next(self.live) do
    pause(self)
    self:run_ready()
  end
end

-- --- waiting ----------------------------------------------------------------------------------------

-- Lets all tasks go first that can run now.
local function step_back(task)
  task:ready()
  task:suspend()
end

--- Lets all tasks go first that can run now; outside of any there is nothing to let go first.
function scheduler.step_back()
  local task = current()
  if task then step_back(task) end
end

--- Returns when a call is done: suspends the task, or pauses the loop.
---@param driver ddokta.Driver
---@param call userdata|table what a loop may cancel where who waits is gone
---@param id? integer the call's; nil: it is done
---@param loop ddokta.Loop
function scheduler.wait(driver, call, id, loop)
  if not id then
    driver:dispatch()
    return
  end
  local waiting, task = driver.waiting, tasks[running()]
  local runner, scope = task and task.runner, task and task.scope
  if runner then
    waiting[id] = task
    if scope then scope:enter(task, driver, call) end
    runner.loop = loop
    runner.drivers[driver] = true
    if not runner.runs then runner:look() end
    repeat
      yield(WAITS)
    until not waiting[id]
    if scope then scope:leave(task) end
    return
  end
  -- it holds the call, which so goes on to its end if this coroutine is given up
  local waiter = setmetatable({ call = call, group = task and task.group }, Waiter)
  waiting[id] = waiter
  if scope then scope:enter(waiter, driver, call) end
  repeat
    loop.pause(waiter, driver.alone)
  until not waiting[id]
  if scope then scope:leave(waiter) end
end

--- Lets go first whatever else can run now, and the driver do what it can. For who has work without end and
--- nothing to wait for.
---@param driver ddokta.Driver
---@param loop ddokta.Loop
function scheduler.pass(driver, loop)
  local task = current()
  if task and task.runner then
    driver:pump(0)
    step_back(task)
  else
    loop.pause(new_waiter(loop), driver.alone, 0)
  end
end

--- Returns so much later, or when its scope is stopped. A task is suspended and the others go on; outside of
--- any the loop is paused, and what the driver has under way goes on.
---@param driver ddokta.Driver
---@param seconds number
---@param loop ddokta.Loop
function scheduler.sleep(driver, seconds, loop)
  local task, due = current(), now() + seconds
  local runner, scope = task and task.runner, task and task.scope
  local who = runner and task or new_waiter(loop)
  if scope then scope:enter(who) end
  if runner then
    runner.loop = loop
    runner.sleepers[task] = due
    runner:look() -- it pauses for too long, or for nothing
    repeat
      yield(WAITS)
    until not runner.sleepers[task]
  end
  while not runner and seconds > 0 and not (scope and scope.is_stopped) do
    loop.pause(who, driver.native:pending() > 0 and driver.alone or NONE, seconds)
    seconds = due - now()
  end
  if scope then scope:leave(who) end
end

--- Who waits here for what is no call: the task that runs, or the coroutine that may wait in the
--- surroundings' loop. It has ready() and rest(seconds).
---@return ddokta.Task? task
---@return string? why nil and no words: nothing else runs here
function scheduler.here()
  local task = current()
  if task then return task end
  local loop = around { waits = false }
  if not loop then return nil end
  local ok, why = loop.may_wait()
  if not ok then return nil, why end
  return new_waiter(loop)
end

--- What a task that raised leaves as its error: an error object as it is, of a bug the traceback.
---@param message any
---@param traceback string
---@return any
function scheduler.raised(message, traceback)
  if message == nil or type(message) == "string" then return traceback end
  return message
end

-- --- groups -----------------------------------------------------------------------------------------

--- Tasks that somebody waits for together.
---@class ddokta.Group
---@field left integer how many have not ended; they tell when they do
---@field loop? ddokta.Loop whose coroutines they are; nil: a runner's tasks
---@field scope? ddokta.Scope of these tasks; nil: that of whoever begins them
local Group = {}
Group.__index = Group

--- A group in the surroundings' coroutines, else in the runner of the task that runs, else in one of its own.
---@param scope? ddokta.Scope
---@return ddokta.Group
function scheduler.group(scope)
  local task = current()
  local loop
  if task then
    loop = task.loop
  else
    loop = around { waits = true }
  end
  local group = { left = 0, loop = loop, scope = scope, threads = {}, task = task }
  if not loop then group.runner = task and task.runner or new_runner() end
  return setmetatable(group, Group)
end

--- Runs run() in a task of the group, which calls ended() last.
---@param run fun()
---@param failed fun(message: any, traceback: string): boolean? told what it raises; true: it is run again
function Group:add(run, failed)
  self.left = self.left + 1
  if self.loop then
    self.threads[#self.threads + 1] = begin(self.loop, run, failed, self)
  else
    self.runner:add(run, failed, self.scope)
  end
end

--- Returns when all have ended; nobody else runs those that they have spawned in our runner.
function Group:settle()
  local loop = self.loop
  if not (loop or self.task) then return self.runner:run() end
  local parent = self.task or new_waiter(loop)
  while self.left > 0 do
    self.parent = parent
    parent:suspend()
  end
  for _, thread in ipairs(self.threads) do
    loop.join(thread) -- none without a loop
  end
end

--- Has whoever waits for the group been ended by the surroundings?
function Group:is_abandoned()
  local loop = self.loop
  return loop and loop.is_abandoned and loop.is_abandoned(self.parent)
end

--- A task of the group has ended, whoever resumed it.
function Group:ended()
  self.left = self.left - 1
  if self.left == 0 and self.parent then
    self.parent:ready()
    self.parent = nil
  end
  if self.runner then self.runner:look() end
end

-- --- tasks that nobody waits for --------------------------------------------------------------------

--- Runs run() in a task beside what runs now where there is somebody to run it, else at once and to its end.
---@param run fun()
---@param failed fun(message: any, traceback: string): boolean? told what it raises; true: it is run again
---@return boolean has_ended
function scheduler.beside(run, failed)
  local task = current()
  if task and task.runner then
    task.runner:add(run, failed)
    return false
  end
  local loop = task and task.loop or around { waits = false }
  if loop then
    begin(loop, run, failed)
    return false
  end
  local runner = new_runner()
  runner:add(run, failed)
  runner:run()
  return true
end

return scheduler
