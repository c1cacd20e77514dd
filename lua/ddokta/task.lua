-- Coroutines that make calls together. A call inside a task suspends the task alone; the scheduler
-- pauses in the loop that waits, and resumes whose call is done.
local start = require("ddokta.loop").start

local M = {}

local unpack = table.unpack or unpack -- luacheck: ignore 113 143
local running, yield = coroutine.running, coroutine.yield

-- The task that a coroutine is; a coroutine that a task makes itself is none. Whoever runs a task
-- holds it: where that is given up (nginx ends a request whose client went away) all of it goes.
local tasks = setmetatable({}, { __mode = "kv" })

local function pack(...)
  return { n = select("#", ...), ... }
end

local function current()
  return tasks[running() or false]
end

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
  task.waits = true
  scheduler:look()
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

-- loop: that which runs us, if it is known; later the one that waits for calls
local function new_scheduler(loop)
  -- live: all tasks not yet ended; ready: a queue of those to resume; engines: how many tasks wait
  -- for a call of which engine; waiter: how the loop wakes us
  return setmetatable({ live = {}, ready = {}, first = 1, last = 0, engines = {}, loop = loop,
    waiter = setmetatable({}, Waiter) }, Scheduler)
end

local function make_ready(scheduler, task)
  scheduler.last = scheduler.last + 1
  scheduler.ready[scheduler.last] = task
  scheduler:look()
end

local Task = {}
Task.__index = Task

-- The call that the task waited for is done.
function Task:ready(engine)
  local scheduler = self.scheduler
  scheduler.engines[engine] = scheduler.engines[engine] - 1
  make_ready(scheduler, self)
end

local function add_task(scheduler, run)
  local task = setmetatable({ scheduler = scheduler, coroutine = coroutine.create(run) }, Task)
  tasks[task.coroutine] = task
  scheduler.live[task] = true
  make_ready(scheduler, task)
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
  if coroutine.status(task.coroutine) ~= "dead" then
    if not task.waits and passes_on(task.scheduler) then
      -- it waits for a thing of the surroundings, their sleep for one
      return resume(task, yield(...))
    end
    return
  end
  tasks[task.coroutine] = nil
  task.scheduler.live[task] = nil
  if not ok and task.on_error then
    local message = ...
    task.on_error(message, debug.traceback(task.coroutine, tostring(message)))
  end
end

resume = function(task, ...)
  task.waits = false
  return after_resume(task, coroutine.resume(task.coroutine, ...))
end

local function run_ready(scheduler)
  scheduler.runs = true
  while scheduler.first <= scheduler.last do
    local task = scheduler.ready[scheduler.first]
    scheduler.ready[scheduler.first] = nil
    scheduler.first = scheduler.first + 1
    resume(task)
  end
  scheduler.first, scheduler.last, scheduler.runs = 1, 0, false
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

-- Runs tasks until done() says so.
local function run(scheduler, done)
  run_ready(scheduler)
  while not done() do
    local engines = waited_for(scheduler)
    if #engines == 0 and not (scheduler.loop and scheduler.loop.resumes_itself) then
      error("ddokta: a task waits for something that is not a call of ddokta", 0)
    end
    scheduler.loop.pause(scheduler.waiter, engines)
    run_ready(scheduler)
  end
end

-- Returns when done() is true: in a task by suspending it (whoever makes done() true calls wake()),
-- else by running the scheduler.
local function settle(group)
  local task = current()
  if not task then
    return run(group.scheduler, group.done)
  end
  while not group.done() do
    group.parent = task
    task.waits = true
    yield()
  end
end

-- A task of the group has ended, whoever resumed it.
local function wake(group)
  if group.parent and group.done() then
    make_ready(group.parent.scheduler, group.parent)
    group.parent = nil
  end
  group.scheduler:look()
end

local function current_scheduler()
  local task = current()
  return task and task.scheduler or new_scheduler()
end

-- --- what users call ----------------------------------------------------------------------------

-- An iterator over (index, item) of a list or of an iterator function.
local function numbered(items)
  local i = 0
  if type(items) == "function" then
    return function()
      local item = items()
      if item ~= nil then
        i = i + 1
        return i, item
      end
    end
  end
  return function()
    i = i + 1
    if items[i] ~= nil then
      return i, items[i]
    end
  end
end

-- What a task that raised leaves as its result: an error object as it is, of a bug the traceback.
local function raised(message, traceback)
  if message == nil or type(message) == "string" then
    message = traceback
  end
  return pack(nil, message)
end

-- parallel(most, items, fn [, sink]) -> results
-- Calls fn(item, index) for each item, at most `most` at once, each in a task of its own. items: a
-- list, or an iterator function. results[i] holds what fn returned for item i: {value, ...} or
-- {nil, err}; if fn raised, err is what was raised (with a traceback where that is a string).
-- With a sink nothing is kept: sink(i, item, ...) is called with what fn returned, as it comes.
function M.parallel(most, items, fn, sink)
  if type(most) ~= "number" or most < 1 or most % 1 ~= 0 then
    error("parallel: the first argument is how many run at once, a whole number above 0", 2)
  end
  if type(items) ~= "table" and type(items) ~= "function" then
    error("parallel: the items must be a list or an iterator function, not a " .. type(items), 2)
  end
  local scheduler, next_item = current_scheduler(), numbered(items)
  local results, workers, exhausted, failure = {}, 0, false, nil
  local group = { scheduler = scheduler, done = function() return workers == 0 end }

  -- the worker has its result: what the sink raises is no item's error
  local function keep(worker, result)
    local i, item = worker.i, worker.item
    worker.i = nil
    if sink then
      sink(i, item, unpack(result, 1, result.n))
    else
      results[i] = result
    end
  end

  -- An iterator that makes calls suspends whoever asks it: the others wait until it is back.
  local asking, queue = false, {}
  local function let_next_ask()
    asking = false
    local task = table.remove(queue, 1)
    if task then
      make_ready(scheduler, task)
    end
  end

  local function ask_for_item()
    while asking do
      local task = current()
      queue[#queue + 1] = task
      task.waits = true
      yield()
    end
    local i, item
    if not exhausted then
      asking = true
      i, item = next_item()
      exhausted = i == nil
    end
    let_next_ask()
    return i, item
  end

  local start_worker
  local function work(worker)
    while not exhausted do
      worker.asks = true
      local i, item = ask_for_item()
      worker.asks = false
      if i == nil then
        break
      end
      worker.i, worker.item = i, item
      keep(worker, pack(fn(item, i)))
    end
    workers = workers - 1
    wake(group)
  end

  start_worker = function()
    workers = workers + 1
    local worker = {}
    local task = add_task(scheduler, function() work(worker) end)
    task.on_error = function(message, traceback)
      if worker.i == nil then -- the iterator or the sink raised: no item to blame
        exhausted, failure = true, failure or message or traceback
        if worker.asks then
          let_next_ask()
        end
      else
        local ok, sunk = pcall(keep, worker, raised(message, traceback))
        if not ok then
          exhausted, failure = true, failure or sunk
        end
      end
      workers = workers - 1
      if not exhausted then
        start_worker()
      end
      wake(group)
    end
  end

  local count = type(items) == "table" and math.min(most, #items) or most
  for _ = 1, count do
    start_worker()
  end
  settle(group)
  if failure then
    error(failure, 0)
  end
  return results
end

-- Adds the task of a spawned function -> a function that says whether it is over.
local function add_spawned(scheduler, fn, on_done)
  local over = false
  local task = add_task(scheduler, function()
    local result = pack(fn())
    over = true
    scheduler:look()
    on_done(nil, unpack(result, 1, result.n))
  end)
  task.on_error = function(message, traceback)
    if over then
      error(message, 0) -- on_done itself raised
    end
    over = true
    on_done(type(message) == "string" and traceback or message)
  end
  return function() return over end
end

local function report_failure(err)
  if err ~= nil then
    io.stderr:write("ddokta: a spawned task failed: ", tostring(err), "\n")
  end
end

-- spawn(fn [, on_done]): runs fn in a task of its own. on_done(err, ...) is called once: err is nil
-- and what fn returned follows, or err is what it raised (of a bug, with its traceback). Returns at
-- once in a task, in Neovim, nginx, cqueues and luv; where calls block, when fn has.
function M.spawn(fn, on_done)
  on_done = on_done or report_failure
  local task = current()
  if task then
    add_spawned(task.scheduler, fn, on_done)
    return
  end
  start(function(loop)
    local scheduler = new_scheduler(loop)
    local over = add_spawned(scheduler, fn, on_done)
    run_ready(scheduler)
    local waits = scheduler.loop -- known now that a call has been made
    if over() then
      return
    elseif waits ~= loop and waits.start then
      waits.start(function() run(scheduler, over) end)
    else
      run(scheduler, over)
    end
  end)
end

return M
