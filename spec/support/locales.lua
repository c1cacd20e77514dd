-- Locales in which a number has a comma and letters fold in their own way, made for a suite in a folder
-- of its own: they need not be installed. glibc finds them by $LOCPATH, which it reads when a program
-- begins to use a locale: so each is tried in a program of its own.
local system = require("ddokta.core").system

local M = {}
M.__index = M

M.NAMES = { "de_DE", "tr_TR" }

-- make() -> {folder =} | nil where the system has nothing to make them of
function M.make()
  local self = setmetatable({ folder = assert(system.mkdtemp "ddokta-spec-") }, M)
  for _, name in ipairs(M.NAMES) do
    local made =
      os.execute(("localedef -i %s -f UTF-8 '%s/%s' >/dev/null 2>&1"):format(name, self.folder, name))
    if made ~= true and made ~= 0 then
      self:remove()
      return nil
    end
  end
  return self
end

-- run(source) -> what the program printed: this Lua with these locales. glibc never frees what it makes
-- of $LOCPATH, so no sanitizer looks for leaks in it.
function M:run(source)
  local name = self.folder .. "/program.lua"
  local file = assert(io.open(name, "w"))
  file:write(source)
  file:close()
  local environment = ("LOCPATH='%s' DDOKTA_LEAKS=0"):format(self.folder)
  local pipe =
    assert(io.popen(("%s %s %s 2>&1"):format(environment, os.getenv "DDOKTA_LUA" or "lua5.4", name), "r"))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

function M:remove() os.execute(("rm -rf '%s'"):format(self.folder)) end

return M
