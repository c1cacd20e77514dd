--- Many things at once: `ddokta.parallel` calls a function for each item of a list, so many at a time, and
--- `ddokta.spawn` runs one beside the rest of a program. Code within reads as if it blocked, and does not.
local arguments = require "ddokta.arguments"
local finalizer = require "ddokta.finalizer"
local latches = require "ddokta.latch"
local loops = require "ddokta.loop"
local scheduler = require "ddokta.scheduler"

local raised = scheduler.raised

local task = {
  loads_all = loops.loads_all, -- for upper floors: where the program gives up its rights
}

local function pack(...) return { n = select("#", ...), ... } end

-- --- await ------------------------------------------------------------------------------------

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local LOOK = 1 -- seconds after which who awaits looks whether anybody can still call back
local ALONE = "await: nothing runs here that could call back: there is no loop of which ddokta knows"
local LOST = "await: nobody can call back any more: what was to be called is collected, and was not called"

-- What is to be called, and tells when nobody has it any more. A function of its own: nginx wipes the stack
-- of a coroutine that it ends, and what a closure shares with it.
local function new_resume(wait)
  local alive = finalizer.new(function() wait.is_lost = true end)
  return function(...)
    if not alive then return false end
    alive, wait.results = nil, pack(...)
    if wait.task then wait.task:ready() end
    return true
  end
end

-- Nothing that this leaves behind has what is to be called: only so its end is seen.
local function begin(fn, wait) fn(new_resume(wait)) end

--- Has fn(resume) begin something that calls back, and returns what resume is called with, whenever that
--- is: before fn returns, or later, from wherever. Meanwhile other tasks and calls go on. What counts is the
--- first call of resume, which answers true; all others answer false. Raises where nothing can run that would
--- call back, and when resume is collected without having been called.
---
---     local name = ddokta.await(function(resume) vim.ui.input({ prompt = "Name: " }, resume) end)
---
---@param fn fun(resume: fun(...): boolean)
---@return any ...
function task.await(fn)
  arguments.need(type(fn) == "function", "await", "a function that begins something", fn)
  local here, why = scheduler.here()
  if why then error("await: " .. why, 2) end
  local wait = {}
  begin(fn, wait)
  if not (wait.results or here) then error(ALONE, 2) end
  wait.task = here
  while not wait.results do
    here:rest(LOOK)
    local lost = not wait.results and (wait.is_lost and LOST or here.is_alone and ALONE)
    if lost then error(lost, 2) end
  end
  return unpack(wait.results, 1, wait.results.n)
end

-- --- parallel -----------------------------------------------------------------------------------

-- A function that gives the next item of a list, or an iterator function as it is.
local function iterator(items)
  if type(items) == "function" then return items end
  local i = 0
  return function()
    i = i + 1
    return items[i]
  end
end

-- Hands out the items, one worker at a time: an iterator that makes calls suspends whoever asks it,
-- and the others wait until it is back.
local function new_counter(items)
  local next_item, asking, latch, count = iterator(items), false, latches.new(), 0
  local counter = { exhausted = false }

  function counter.release()
    asking = false
    latch:wake_one()
  end

  -- next() -> index, item | nil
  function counter.next()
    while asking do
      latch:wait()
    end
    local item
    if not counter.exhausted then
      asking = true
      item = next_item()
      asking = false
      counter.exhausted = item == nil
    end
    latch:wake_one()
    if item ~= nil then
      count = count + 1
      return count, item
    end
  end

  return counter
end

-- What the workers of a parallel share -> {results =, failure =}, a function that adds one. They keep
-- nothing on the stack of whoever waits for them: nginx wipes that of a light thread that it ends.
local function new_job(group, items, fn, sink)
  local counter = new_counter(items)
  local job = { results = {} }

  -- from here on the item has its result: what the sink raises is no item's error
  local function keep(worker, ...)
    local i, item = worker.i, worker.item
    worker.i = nil
    if sink then
      sink(i, item, ...)
    else
      job.results[i] = pack(...)
    end
  end

  local function work(worker)
    if worker.failed then
      worker.failed = false
      keep(worker, nil, worker.err)
    end
    while not counter.exhausted do
      worker.asks = true
      local i, item = counter.next()
      worker.asks = false
      if i == nil then break end
      if group.loop and group:is_abandoned() then
        counter.exhausted = true
        break
      end
      worker.i, worker.item = i, item
      keep(worker, fn(item, i))
    end
    group:ended()
  end

  -- -> true: the worker goes on
  local function failed(worker, message, traceback)
    if worker.i then
      worker.failed, worker.err = true, raised(message, traceback)
      return true
    end
    counter.exhausted = true -- the iterator or the sink raised: no item to blame
    job.failure = job.failure or message or traceback
    if worker.asks then counter.release() end
    group:ended()
    return false
  end

  return job,
    function()
      local worker = {}
      group:add(
        function() work(worker) end,
        function(message, traceback) return failed(worker, message, traceback) end
      )
    end
end

--- Calls fn(item, index) for each item, each in a task of its own. `results[i]` holds what fn returned for
--- item i: `{value, ...}` or `{nil, err}`; if fn raised, err is what was raised (with a traceback where that
--- is a string). With a sink nothing is kept: sink(index, item, ...) is called with what fn returned, as it
--- comes. Raises for arguments of another type.
---@generic T
---@param most integer how many are called at once, at most
---@param items T[]|fun(): T? a list, or an iterator
---@param fn fun(item: T, index: integer): ...
---@param sink? fun(index: integer, item: T, ...)
---@return any[][] results in the order of the items
function task.parallel(most, items, fn, sink)
  if type(most) ~= "number" or most < 1 or most % 1 ~= 0 then
    error("parallel: the first argument is how many run at once, a whole number above 0", 2)
  end
  if type(items) ~= "table" and type(items) ~= "function" then
    error("parallel: the items must be a list or an iterator function, not a " .. type(items), 2)
  end
  arguments.need(type(fn) == "function", "parallel", "a function that is called for each item", fn)
  arguments.need(sink == nil or type(sink) == "function", "parallel", "a function for results, or nil", sink)
  local group = scheduler.group()
  local job, add_worker = new_job(group, items, fn, sink)
  for _ = 1, type(items) == "table" and math.min(most, #items) or most do
    add_worker()
  end
  group:settle()
  if job.failure then error(job.failure, 0) end
  return job.results
end

-- --- spawn --------------------------------------------------------------------------------------

local function report_failure(err)
  if err ~= nil then loops.log("a spawned task failed", err) end
end

--- Runs fn in a task of its own. on_done(err, ...) is called once: err is nil and what fn returned follows,
--- or err is what it raised (of a bug, with its traceback). Returns at once in a task, in Neovim, nginx,
--- cqueues and luv; where calls block, when fn has. What on_done raises is then spawn's own error; elsewhere,
--- and without an on_done, it goes to the log of the host.
---@param fn fun(): ...
---@param on_done? fun(err: any, ...)
---@return nil
function task.spawn(fn, on_done)
  arguments.need(type(fn) == "function", "spawn", "a function to run", fn)
  arguments.need(
    on_done == nil or type(on_done) == "function",
    "spawn",
    "a function that is told the end, or nil",
    on_done
  )
  local tell = loops.callback(on_done or report_failure)
  local failed, err, over, bug, returned = false, nil, false, nil, false

  local function finish(...)
    over = true
    tell(...)
  end

  local ran_here = scheduler.beside(function()
    if failed then
      finish(err)
    else
      finish(nil, fn())
    end
  end, function(message, traceback)
    if not over then
      failed, err = true, raised(message, traceback)
      return true -- to tell it
    end
    bug = raised(message, traceback)
    if returned then loops.log("the callback of a spawned task failed", bug) end
    return false
  end)
  returned = true
  if bug ~= nil and ran_here then
    error(bug, 0)
  elseif bug ~= nil then
    loops.log("the callback of a spawned task failed", bug)
  end
end

return task
