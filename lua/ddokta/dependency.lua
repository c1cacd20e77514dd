--- A module that somebody else wrote, or one sentence on how to get it.

local plugin = require "ddokta.plugin"

local RELEASE = _VERSION:match "%d%.%d"
local THIS = jit and "LuaJIT" or _VERSION

---@param module string as it is required: "cjson"
---@param rock string what LuaRocks calls it: "lua-cjson"
---@return table
local function dependency(module, rock)
  local ok, found = pcall(require, module)
  if ok then return found end
  if type(found) ~= "string" then error(found, 0) end
  if found:find("module '" .. module .. "' not found", 1, true) then
    local sentence = "ddokta: %s is not installed for %s: get it with `luarocks --lua-version=%s install %s` or, on "
      .. "Debian, with `apt-get install lua-%s`%s"
    -- which finds it where this Neovim does not look
    local build = plugin.build() and ", then run " .. plugin.build() or ""
    error(sentence:format(rock, THIS, RELEASE, rock, (rock:gsub("^lua%-", "")), build), 0)
  end
  local path, words = found:match "^error loading module '[%w.]+' from file '(.-)':%s*([^\n]*)"
  if not path then error(found, 0) end
  error(("ddokta: %s, a part of %s, cannot be loaded by %s (%s)"):format(path, rock, THIS, words), 0)
end

return dependency
