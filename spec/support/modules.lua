--- Modules that a system may lack for the Lua under test, as Debian lacks copas for Lua 5.4. A spec that
--- needs one is reported as skipped, with the reason:
---   local missing = modules.missing "copas"
---   if missing then it("the loop sleep in copas", function() pending(missing) end) return end
local modules = {}

--- Why they cannot all be loaded, in a line; nil where they can.
function modules.missing(...)
  for _, name in ipairs { ... } do
    local ok, why = pcall(require, name)
    if not ok then return tostring(why):match "^[^\n]*" end
  end
end

--- The first of the Luas, the one under test before all others, that has them all; or nil.
function modules.lua_with(...)
  local script = ""
  for _, name in ipairs { ... } do script = script .. ("require '%s';"):format(name) end
  local under_test = os.getenv "DDOKTA_LUA" or "lua5.4"
  for _, lua in ipairs { under_test, "lua5.4", "luajit", "lua5.3", "lua5.1", "lua5.2", "lua5.5" } do
    local ok = os.execute(('%s -e "%s" > /dev/null 2>&1'):format(lua, script))
    if ok == true or ok == 0 then return lua end
  end
end

return modules
