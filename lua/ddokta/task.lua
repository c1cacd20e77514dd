-- What users call to have things done together: parallel and spawn. See ddokta.scheduler.
local schedulers = require "ddokta.scheduler"
local start = require("ddokta.loop").start

local current, suspend = schedulers.current, schedulers.suspend
local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local M = {}

local function pack(...)
  return { n = select("#", ...), ... }
end

-- --- parallel -----------------------------------------------------------------------------------

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

-- What a task that raised leaves as its error: an error object as it is, of a bug the traceback.
local function raised(message, traceback)
  if message == nil or type(message) == "string" then
    return traceback
  end
  return message
end

-- Hands out the items, one worker at a time: an iterator that makes calls suspends whoever asks it,
-- and the others wait until it is back.
local function new_counter(scheduler, items)
  local next_item, asking, queue = numbered(items), false, {}
  local counter = { exhausted = false }

  function counter.release()
    asking = false
    if queue[1] then
      scheduler:make_ready(table.remove(queue, 1))
    end
  end

  -- next() -> index, item | nil
  function counter.next()
    while asking do
      local task = current()
      queue[#queue + 1] = task
      suspend(task)
    end
    if counter.exhausted then
      counter.release()
      return nil
    end
    asking = true
    local i, item = next_item()
    counter.exhausted = i == nil
    counter.release()
    return i, item
  end

  return counter
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
  local group = schedulers.group()
  local counter = new_counter(group.scheduler, items)
  local results, failure = {}, nil

  -- from here on the item has its result: what the sink raises is no item's error
  local function keep(worker, ...)
    local i, item = worker.i, worker.item
    worker.i = nil
    if sink then
      sink(i, item, ...)
    else
      results[i] = pack(...)
    end
  end

  local function work(worker)
    while not counter.exhausted do
      worker.asks = true
      local i, item = counter.next()
      worker.asks = false
      if i == nil then
        break
      end
      worker.i, worker.item = i, item
      keep(worker, fn(item, i))
    end
    group:ended()
  end

  local function stop(message)
    counter.exhausted = true
    failure = failure or message
  end

  local start_worker
  local function on_error(worker, message, traceback)
    if worker.i == nil then -- the iterator or the sink raised: no item to blame
      stop(message or traceback)
      if worker.asks then
        counter.release()
      end
    else
      local ok, sunk = pcall(keep, worker, nil, raised(message, traceback))
      if not ok then
        stop(sunk)
      end
    end
    if not counter.exhausted then
      start_worker()
    end
    group:ended()
  end

  start_worker = function()
    local worker = {}
    group.left = group.left + 1
    group.scheduler:add(function() work(worker) end,
      function(message, traceback) on_error(worker, message, traceback) end)
  end

  for _ = 1, type(items) == "table" and math.min(most, #items) or most do
    start_worker()
  end
  group:settle()
  if failure then
    error(failure, 0)
  end
  return results
end

-- --- spawn --------------------------------------------------------------------------------------

-- Adds the task of a spawned function -> a function that says whether it is over.
local function add_spawned(scheduler, fn, on_done)
  local over = false
  scheduler:add(function()
    local result = pack(fn())
    over = true
    scheduler:look()
    on_done(nil, unpack(result, 1, result.n))
  end, function(message, traceback)
    if over then
      error(message, 0) -- on_done itself raised
    end
    over = true
    on_done(raised(message, traceback))
  end)
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
    local scheduler = schedulers.new(loop)
    local over = add_spawned(scheduler, fn, on_done)
    scheduler:run_ready()
    local waits = scheduler.loop -- known now that a call has been made
    if over() then
      return
    elseif waits ~= loop and waits.start then
      waits.start(function() scheduler:run(over) end)
    else
      scheduler:run(over)
    end
  end)
end

return M
