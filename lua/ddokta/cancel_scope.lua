--- Runs what may be asked to stop: then nothing new is sent, what waits for its turn is given up at once, and
--- what has left the machine is waited for.
local loops = require "ddokta.loop"
local protect = require "ddokta.protect"
local scheduler = require "ddokta.scheduler"
local scopes = require "ddokta.scope"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local cancel_scope = {}

-- Seconds between two questions while all that runs waits.
local INTERVAL = 0.1

-- The program's function is called as it is where it was given: its own calls are not stopped.
local function ask(scope)
  if scope.is_stopped or not scope.should_stop then return scope.is_stopped end
  local ok, answer = scheduler.within(nil, protect.call, scope.should_stop)
  if not ok then
    scope.should_stop = nil
    loops.log("should_stop failed and is not called again", answer)
  elseif answer then
    scope:stop()
  end
  return scope.is_stopped
end

--- Asks whether what runs now is to stop.
---@return boolean
function cancel_scope.is_stopped()
  local scope = scheduler.scope()
  while scope do
    if ask(scope) then return true end
    scope = scope.outer
  end
  return false
end

-- Asks on and on, in a task of its own, until the run is over.
local function watch(scope, group)
  local task = scheduler.current()
  scope.watcher = task
  while not (scope.is_over or scope.is_stopped or task.is_alone or group:is_abandoned()) do
    task:rest(INTERVAL)
    if not scope.is_over then ask(scope) end
  end
  scope.watcher = nil
end

local function pack(...) return { n = select("#", ...), ... } end

local function watch_beside(job)
  scheduler.beside(
    function() watch(job.scope, job.group) end,
    function(_, traceback) loops.log("asking should_stop failed", traceback) end
  )
end

local function finish(job)
  local scope = job.scope
  scope.is_over = true
  if scope.watcher then scope.watcher:ready() end
  scope:close()
  job.group:ended()
end

local function work(job)
  watch_beside(job)
  job.results = pack(job.fn())
  finish(job)
end

local function failed(job, message, traceback)
  job.raised = scheduler.raised(message, traceback)
  finish(job)
  return false
end

--- Calls fn() in a task, and stops what it and the tasks that it begins do when should_stop() answers true.
--- That is asked ten times a second while they wait, and by is_stopped(); where it raises, that is told once,
--- and all goes on. Without should_stop fn() is called as it is.
---@param should_stop? fun(): boolean?
---@param fn fun(): ...
---@return any ... what fn returns; what it raises is raised
function cancel_scope.run(should_stop, fn)
  if not should_stop then return fn() end
  local scope = scopes.open(scheduler.scope())
  local group = scheduler.group(scope)
  local job = { group = group, scope = scope, fn = fn }
  scope.should_stop = should_stop
  group:add(function() work(job) end, function(message, traceback) return failed(job, message, traceback) end)
  group:settle()
  if job.raised ~= nil then error(job.raised, 0) end
  return unpack(job.results, 1, job.results.n)
end

return cancel_scope
