-- Tasks, coroutines that make calls together, and who resumes them. A call inside a task suspends
-- the task alone; the scheduler pauses in the loop that waits, and resumes whose call is done.
local now = require("ddokta.core").system.now

local M = {}

local running, yield = coroutine.running, coroutine.yield

-- The task that a coroutine is; a coroutine that a task makes itself is none. Whoever runs a task
-- holds it: where that is given up (nginx ends a request whose client went away) all of it goes.
local tasks = setmetatable({}, { __mode = "kv" })

-- current() -> the task that runs, or nil
local function current()
  return tasks[running() or false]
end
M.current = current

-- --- waiting for a call -------------------------------------------------------------------------

-- Who waits outside of any task: a waiter of its own, see ddokta.loop.
local Waiter = {}
Waiter.__index = Waiter

function Waiter:ready()
  if self.wake then
    self:wake()
  end
end

local function wait_alone(engine, call, id, loop)
  -- it holds the call, which so goes on to its end if this coroutine is given up
  local waiter, engines = setmetatable({ call = call }, Waiter), { engine }
  engine.waiting[id] = waiter
  repeat
    loop.pause(waiter, engines)
  until call:done()
  engine.waiting[id] = nil
end

-- wait(engine, call, id, loop): returns when the call is done; id: nil if it is. Suspends the task,
-- or pauses the loop.
function M.wait(engine, call, id, loop)
  if not id then
    engine:dispatch()
    return
  end
  local task = current()
  if not task then
    return wait_alone(engine, call, id, loop)
  end
  local scheduler = task.scheduler
  scheduler.loop = loop
  scheduler.engines[engine] = (scheduler.engines[engine] or 0) + 1
  engine.waiting[id] = task
  if not scheduler.runs then
    scheduler:look()
  end
  task.waits = true
  yield()
end

-- --- the scheduler ------------------------------------------------------------------------------

local Scheduler = {}
Scheduler.__index = Scheduler

-- There is something to do for it, which it does not know of unless it runs just now.
function Scheduler:look()
  if not self.runs then
    self.waiter:ready()
  end
end

-- new([loop]) -> scheduler. loop: that which runs us, if it is known; later the one that waits for
-- calls.
function M.new(loop)
  -- live: all tasks not yet ended; ready: a queue of those to resume; engines: how many tasks wait
  -- for a call of which engine; sleepers: until when a task sleeps; waiter: how the loop wakes us
  return setmetatable({ live = {}, ready = {}, first = 1, last = 0, engines = {}, sleepers = {},
    loop = loop, waiter = setmetatable({}, Waiter) }, Scheduler)
end

-- The task is to be resumed.
function Scheduler:make_ready(task)
  local last = self.last + 1
  self.last = last
  self.ready[last] = task
  if not self.runs then
    self.waiter:ready()
  end
end

local Task = {}
Task.__index = Task

-- The call that the task waited for is done.
function Task:ready(engine)
  local scheduler = self.scheduler
  scheduler.engines[engine] = scheduler.engines[engine] - 1
  scheduler:make_ready(self)
end

-- Suspends the task that runs, until somebody makes it ready.
local function suspend(task)
  task.waits = true
  yield()
end
M.suspend = suspend

-- add(run, on_error) -> task: runs run(); what that raises goes to on_error(message, traceback).
function Scheduler:add(run, on_error)
  local task = setmetatable(
    { scheduler = self, coroutine = coroutine.create(run), on_error = on_error }, Task)
  tasks[task.coroutine] = task
  self.live[task] = true
  self:make_ready(task)
  return task
end

-- May a task yield to whoever runs the scheduler? With uv it is the coroutine itself that others
-- resume, and the scheduler goes on without it.
local function passes_on(scheduler)
  local co, main = running()
  return co and not main and not (scheduler.loop and scheduler.loop.resumes_itself)
end

local resume

local function after_resume(task, ok, ...)
  if task.waits then
    return
  end
  if coroutine.status(task.coroutine) ~= "dead" then
    if passes_on(task.scheduler) then
      -- it waits for a thing of the surroundings, their sleep for one
      return resume(task, yield(...))
    end
    return
  end
  tasks[task.coroutine] = nil
  task.scheduler.live[task] = nil
  if not ok then
    local message = ...
    task.on_error(message, debug.traceback(task.coroutine, tostring(message)))
  end
end

resume = function(task, ...)
  task.waits = false
  return after_resume(task, coroutine.resume(task.coroutine, ...))
end

-- Resumes tasks until none is ready.
function Scheduler:run_ready()
  local ready = self.ready
  self.runs = true
  while self.first <= self.last do
    local first = self.first
    local task = ready[first]
    ready[first] = nil
    self.first = first + 1
    resume(task)
  end
  self.first, self.last, self.runs = 1, 0, false
end

local function waited_for(scheduler)
  local list = {}
  for engine, count in pairs(scheduler.engines) do
    if count > 0 then
      list[#list + 1] = engine
    else
      scheduler.engines[engine] = nil
    end
  end
  return list
end

-- Makes those ready who have slept enough -> seconds until the next has, nil: nobody sleeps.
local function wake_sleepers(scheduler)
  local time, first = now(), nil
  for task, due in pairs(scheduler.sleepers) do
    if due <= time then
      scheduler.sleepers[task] = nil
      scheduler:make_ready(task)
    else
      first = math.min(first or due, due)
    end
  end
  return first and first - time
end

-- Runs tasks until done() says so.
function Scheduler:run(done)
  self:run_ready()
  while not done() do
    local engines, seconds = waited_for(self), wake_sleepers(self)
    if self.first > self.last then
      if #engines == 0 and not seconds and not (self.loop and self.loop.resumes_itself) then
        error("ddokta: a task waits for something that is not a call of ddokta", 0)
      end
      self.loop.pause(self.waiter, engines, seconds)
      wake_sleepers(self)
    end
    self:run_ready()
  end
end

-- sleep(engine, seconds, loop): returns so much later. A task is suspended and the others go on;
-- outside of any the loop is paused, and what the engine has under way goes on.
function M.sleep(engine, seconds, loop)
  local task, due = current(), now() + seconds
  if task then
    local scheduler = task.scheduler
    scheduler.loop = loop
    scheduler.sleepers[task] = due
    if not scheduler.runs then
      scheduler:look() -- it pauses for too long, or for nothing
    end
    return suspend(task)
  end
  local waiter = setmetatable({}, Waiter)
  while seconds > 0 do
    loop.pause(waiter, engine.core:pending() > 0 and { engine } or {}, seconds)
    seconds = due - now()
  end
end

-- --- groups -------------------------------------------------------------------------------------

-- Tasks that somebody waits for together.
local Group = {}
Group.__index = Group

-- group() -> group, in the scheduler of the task that runs, else in one of its own. left: how many
-- of its tasks have not ended; whoever adds and ends them counts.
function M.group()
  local task = current()
  local group = { scheduler = task and task.scheduler or M.new(), left = 0 }
  group.done = function() return group.left == 0 end
  return setmetatable(group, Group)
end

-- Returns when all have ended: in a task by suspending it, else by running the scheduler.
function Group:settle()
  local task = current()
  if not task then
    return self.scheduler:run(self.done)
  end
  while not self.done() do
    self.parent = task
    suspend(task)
  end
end

-- A task of the group has ended, whoever resumed it.
function Group:ended()
  self.left = self.left - 1
  if self.parent and self.done() then
    self.parent.scheduler:make_ready(self.parent)
    self.parent = nil
  end
  self.scheduler:look()
end

return M

