--- What a client and its views share on the Lua side: the client of C, the loop that waits for it, and who
--- waits for which call. Every loop drives it through pump().
local loops = require "ddokta.loop"

---@class ddokta.Driver
---@field native userdata the client of C
---@field pick fun(): table?, string? the loop that waits now; nil and a message: it cannot wait here
---@field waiting table<integer, table> by a call's id, a table whose ready() is called once the call is done
---@field spare userdata[] calls whose results were fetched, to be used again
---@field max_in_flight integer
---@field on_event? fun(event: ddokta.Event)
---@field alone ddokta.Driver[] a list of this driver alone: a loop waits for a list of drivers
---@field attached table<table, any> what each loop keeps about this driver
---@field later? fun(run: function) that of the loop: see ddokta.Loop
local Driver = {}
Driver.__index = Driver

local driver = {}

---@param native userdata
---@param pick fun(): table?, string?
---@param options table the client's: max_in_flight and on_event are used
---@return ddokta.Driver
function driver.new(native, pick, options)
  local self = {
    native = native,
    pick = pick,
    waiting = {},
    spare = {},
    max_in_flight = options.max_in_flight,
    on_event = options.on_event,
    attached = {},
  }
  self.alone = { self }
  return setmetatable(self, Driver)
end

--- What the loop keeps of this driver, made when it first waits for it.
function Driver:attach(loop)
  local state = self.attached[loop]
  if state == nil then
    state = loop.attach(self)
    self.attached[loop], self.later = state, loop.later or self.later
  end
  return state
end

local function tell_events(self)
  local event = self.native:event()
  while event do
    local ok, message = pcall(self.on_event, event)
    if not ok then
      self.on_event = nil -- a watcher's bug must not end the watched
      loops.log("on_event failed and is not called again", message)
      return
    end
    event = self.native:event()
  end
end

-- A loop may say when: later(run) runs run() where a watcher may do what it likes.
local function tell_later(self)
  if not self.later then return tell_events(self) end
  if self.is_telling then return end
  self.is_telling = true
  self.later(function()
    self.is_telling = false
    if self.on_event then tell_events(self) end
  end)
end

--- Tells whoever waits for a call that is done now.
function Driver:dispatch()
  local native, waiting = self.native, self.waiting
  local finished = native.finished
  local id = finished(native)
  while id do
    local waiter = waiting[id]
    if waiter then
      waiting[id] = nil
      waiter:ready()
    end
    id = finished(native)
  end
  if self.on_event then tell_later(self) end
end

--- Does what can be done, after waiting for it so many seconds at most (nil: as long as it takes).
---@param seconds? number
function Driver:pump(seconds)
  self.native:step(seconds)
  self:dispatch()
end

--- Calls may have come to their end without a step: their waiters go on, and loops wait for what is left.
function Driver:refresh()
  self:dispatch()
  for loop, state in pairs(self.attached) do
    if loop.refresh then loop.refresh(state) end
  end
end

--- Ends what is in flight as cancelled, tells who waited for it, and closes the sockets.
function Driver:close()
  for loop, state in pairs(self.attached) do
    if loop.let_go then loop.let_go(state) end -- nothing is to be watched any more
  end
  self.native:close()
  self:dispatch()
end

return driver
