--- What tasks wait for, so that it can be ended for all of them together. A task is of the scope of whoever
--- began it.

---@class ddokta.Scope
---@field is_stopped boolean
---@field waiting table<table, true> who waits: for who.call, or asleep
---@field inner table<ddokta.Scope, true> those that are open within it
---@field outer? ddokta.Scope
local Scope = {}
Scope.__index = Scope

local scope = {
  was_stopped = false, -- any, ever: until then nobody needs to look
}

---@param outer? ddokta.Scope
---@return ddokta.Scope
function scope.open(outer)
  local self = { is_stopped = outer ~= nil and outer.is_stopped, waiting = {}, inner = {}, outer = outer }
  if outer then outer.inner[self] = true end
  return setmetatable(self, Scope)
end

function Scope:close()
  if self.outer then self.outer.inner[self] = nil end
end

--- One waits for a call, or sleeps.
---@param who table a task
---@param driver? ddokta.Driver
---@param call? userdata|table
function Scope:enter(who, driver, call)
  who.driver, who.call = driver, call
  self.waiting[who] = true
end

--- It goes on.
function Scope:leave(who)
  who.driver, who.call = nil, nil
  self.waiting[who] = nil
end

--- Ends what its tasks wait for, but for calls that have left the machine; what they ask for from now on is
--- refused (see ddokta.client).
function Scope:stop()
  if self.is_stopped then return end
  self.is_stopped, scope.was_stopped = true, true
  local drivers = {}
  for who in pairs(self.waiting) do
    if who.call then
      who.call:withdraw()
      drivers[who.driver] = true
    else
      who:awaken()
    end
  end
  for driver in pairs(drivers) do
    driver:refresh()
  end
  for inner in pairs(self.inner) do
    inner:stop()
  end
end

return scope
