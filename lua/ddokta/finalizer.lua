--- Something to do when an object is collected. Tables have no __gc on Lua 5.1 and LuaJIT.
local finalizer = {}

local newproxy = rawget(_G, "newproxy")

--- It may run at any allocation, and when the state is closed: then nothing else may be there any more.
---@param action fun()
---@return any object when nobody has it any more, action() is called
function finalizer.new(action)
  if not newproxy then return setmetatable({}, { __gc = action }) end
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = action
  return proxy
end

return finalizer
