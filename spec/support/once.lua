--- What is the same whichever Lua runs it, one Lua of a run does: a browser's work on a page, a compiler's on
--- the core. Nothing of ddokta that runs in the Lua under test is such a thing. In a spec:
---   if once "what the browser does with a page is the same whichever Lua has written it" then
---     describe(...)
---   end
--- The run prints where that is and why, as "once, on lua5.4: spec/...: why". A sanitizer, which sees the
--- module and not the browser, is no other run of it. (What runs in a host is left to the host's Lua:
--- modules.is_left_to.)
local sanitized = require "spec.support.sanitized"

local luas = os.getenv "DDOKTA_LUAS" or "lua5.4"
local lua = (" " .. luas .. " "):find(" lua5.4 ", 1, true) and "lua5.4" or luas:match "%S+"

return function(why)
  if sanitized or os.getenv "DDOKTA_LUA" ~= lua then return false end
  if luas ~= lua then
    local place = debug.getinfo(2, "Sl")
    print(("once, on %s: %s:%d: %s"):format(lua, place.short_src, place.currentline, why))
  end
  return true
end
