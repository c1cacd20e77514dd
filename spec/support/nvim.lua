-- A real Neovim without a terminal, this checkout as its plugin, a sandbox as its services. Neovim's Lua is
-- LuaJIT: for specs of that one. It draws its screen as it would on a terminal of 80 columns and 24 lines.
local around = require "spec.lua.loop.surroundings"
local shell = require "ddokta.shell"

local M = {}
M.__index = M

-- what each script begins with; it ends by itself after ten seconds
local PRELUDE = [[
vim.defer_fn(function() io.stdout:write "too late\n" vim.cmd "cquit" end, 10000)
local cpath = package.cpath
vim.cmd "set runtimepath+=."
vim.cmd "runtime plugin/ddokta.lua"
package.cpath = cpath -- the build under test, which need not be the one of a plugin
local function say(...)
  for _, value in ipairs { ... } do io.stdout:write(tostring(value), "\n") end
end
local function lines(buffer) return vim.api.nvim_buf_get_lines(buffer or 0, 0, -1, false) end
local function has(text, buffer) return table.concat(lines(buffer), "\n"):find(text, 1, true) ~= nil end
local function wait(condition)
  if not vim.wait(5000, condition, 5) then error("it did not come:\n" .. table.concat(lines(), "\n")) end
end
local function wait_for(text, buffer) wait(function() return has(text, buffer) end) end
local function press(keys)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, true, true), "xt", false)
end
local function messages() return vim.api.nvim_exec("messages", true) end
local function screen()
  vim.cmd "redraw!"
  local shown = {}
  for row = 1, vim.o.lines do
    local cells = {}
    for column = 1, vim.o.columns do cells[column] = vim.fn.screenstring(row, column) end
    shown[row] = table.concat(cells):gsub(" +$", "")
  end
  return table.concat(shown, "\n")
end
local function admin(method, path, body) -- curl hangs with a sanitizer's library
  os.execute(("unset LD_PRELOAD; curl -q -sS --noproxy '*' -X %s --data-binary '%s' $ADMIN/%s >/dev/null"):format(
    method, body or "{}", path))
end
]]

--- A Neovim to be run, with a home of its own.
---@param box table a sandbox
function M.new(box) return setmetatable({ box = box, folder = around.folder() }, M) end

--- Runs Lua in it -> what was written, the exit status.
---@param text string
---@param environment? string more lines of a shell
function M:run(text, environment)
  around.write(self.folder .. "/script.lua", PRELUDE .. text .. "\nvim.cmd 'qa!'")
  local output, status = shell.run(
    ("%s\nunset LD_PRELOAD; export ADMIN=%s HOME=%s XDG_STATE_HOME=%s LC_ALL=C.UTF-8\n%s\nexec %s"):format(
      self.box:exports(),
      self.box.http_url .. "/_sandbox",
      shell.quote(self.folder),
      shell.quote(self.folder),
      environment or "",
      shell.line {
        "timeout",
        "20",
        "nvim",
        "--headless",
        "-u",
        "NONE",
        "-i",
        "NONE",
        "-n",
        "-c",
        "luafile " .. self.folder .. "/script.lua",
      }
    )
  )
  return output:gsub("\r", ""), status
end

function M:remove() around.remove(self.folder) end

return M
