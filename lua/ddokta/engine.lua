-- What a client and its views share on the Lua side: the client of C, the loop that waits for it,
-- and who waits for which call. Every loop drives it through pump().
local host_log = require "ddokta.loop.host_log"

local Engine = {}
Engine.__index = Engine

local M = {}

-- new(core, pick, options) -> engine. core: the client of C; pick() -> the loop that waits now |
-- nil, message; see ddokta.loop. options: the client's, of which on_event and max_in_flight are used.
function M.new(core, pick, options)
  -- waiting: by a call's id, a table whose ready() is called once the call is done
  -- spare: calls whose results were fetched, to be used again
  -- most: how many calls are in flight at most
  -- alone: itself as a list, which is what a loop waits for
  local engine = {
    core = core,
    pick = pick,
    waiting = {},
    spare = {},
    most = options.max_in_flight,
    on_event = options.on_event,
  }
  engine.alone = { engine }
  return setmetatable(engine, Engine)
end

local function tell_events(engine)
  local event = engine.core:event()
  while event do
    local ok, message = pcall(engine.on_event, event)
    if not ok then
      engine.on_event = nil -- a watcher's bug must not end the watched
      host_log("on_event failed and is not called again", message)
      return
    end
    event = engine.core:event()
  end
end

-- A loop may say when: engine.later(run) runs run() where a watcher may do what it likes.
local function tell_later(engine)
  if not engine.later then return tell_events(engine) end
  if not engine.telling then
    engine.telling = true
    engine.later(function()
      engine.telling = false
      if engine.on_event then tell_events(engine) end
    end)
  end
end

-- Tells whoever waits for a call that is done now.
function Engine:dispatch()
  local core, waiting = self.core, self.waiting
  local finished = core.finished
  local id = finished(core)
  while id do
    local waiter = waiting[id]
    if waiter then
      waiting[id] = nil
      waiter:ready()
    end
    id = finished(core)
  end
  if self.on_event then tell_later(self) end
end

-- Does what can be done, after waiting for it `seconds` at most (nil: as long as it takes).
function Engine:pump(seconds)
  self.core:step(seconds)
  self:dispatch()
end

-- Ends what is in flight as cancelled, tells who waited for it, and closes the sockets.
function Engine:close()
  if self.let_go then
    self:let_go() -- nothing is to be watched any more
  end
  self.core:close()
  self:dispatch()
end

return M
