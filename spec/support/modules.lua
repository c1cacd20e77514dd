--- Modules that a system may lack for the Lua under test, as Debian lacks copas for Lua 5.4. A spec that
--- needs one is reported as skipped, with the reason:
---   local missing = modules.missing "copas"
---   if missing then modules.skip("copas", missing, it, function(why) pending(why) end) return end
local modules = {}

local function has(lua, script)
  local ok = os.execute(('%s -e "%s" > /dev/null 2>&1'):format(lua, script))
  return ok == true or ok == 0
end

local function script_for(...)
  local script = ""
  for _, name in ipairs { ... } do
    script = script .. ("require '%s';"):format(name)
  end
  return script
end

--- Why they cannot all be loaded, for modules.skip; nil where they can.
function modules.missing(...)
  for _, name in ipairs { ... } do
    local ok, why = pcall(require, name)
    if not ok then return { why = tostring(why):match "^[^\n]*", script = script_for(...) } end
  end
end

-- Reports what is skipped, unless one of the Luas of this run of the suite runs it: runs(lua)
local function report(what, why, runs, it, skip)
  for lua in (os.getenv "DDOKTA_LUAS" or ""):gmatch "%S+" do
    if runs(lua) then return end
  end
  it(what, function() skip(why) end)
end

--- Reports what is skipped for want of modules, unless another Lua of this run of the suite has them and so
--- runs it. skip: function(why) pending(why) end, of the spec. Outside of tests `pending` is another, that
--- lets them pass.
function modules.skip(what, missing, it, skip)
  report(what, missing.why, function(lua) return has(lua, missing.script) end, it, skip)
end

--- Whether this is left to another Lua than the one under test, as what runs in nginx or Neovim is to LuaJIT.
--- It is reported as skipped if that one is not of this run:
---   if modules.is_left_to("luajit", "Neovim", it, function(why) pending(why) end) then return end
function modules.is_left_to(lua, what, it, skip)
  if os.getenv "DDOKTA_LUA" == lua then return false end
  report(what, "it is run with " .. lua, function(other) return other == lua end, it, skip)
  return true
end

--- The first of the Luas, the one under test before all others, that has them all; or nil.
function modules.lua_with(...)
  local under_test = os.getenv "DDOKTA_LUA" or "lua5.4"
  for _, lua in ipairs { under_test, "lua5.4", "luajit", "lua5.3", "lua5.1", "lua5.2", "lua5.5" } do
    if has(lua, script_for(...)) then return lua end
  end
end

return modules
