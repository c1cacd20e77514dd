-- A real Neovim without a terminal, this checkout as its plugin, a sandbox as its services. Neovim's Lua is
-- LuaJIT: for specs of that one. It draws its screen as it would on a terminal of 80 columns and 24 lines.
local around = require "spec.lua.loop.surroundings"
local shell = require "ddokta.shell"

local M = {}
M.__index = M

-- what each script begins with, behind the plugin's folder; it ends by itself after ten seconds
local PRELUDE = [[
vim.defer_fn(function() io.stdout:write "too late\n" vim.cmd "cquit" end, 10000)
vim.opt.runtimepath:prepend(plugin)
vim.cmd "runtime plugin/ddokta.lua"
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

-- This checkout as `make nvim` leaves one, in a folder with a space, with the build under test: what the
-- checkout itself was built for, if at all, must not be what is tested.
local MAKE_PLUGIN = [[
mkdir -p %s && cd %s && mkdir -p lua/ddokta && ln -s %s/plugin %s/doc %s/csrc . || exit
for entry in %s/lua/ddokta/*; do
  case $entry in *.so) ;; *) ln -s "$entry" lua/ddokta ;; esac
done
cp %s lua/ddokta/core.so]]

-- the plugin's folder
local function make_plugin(folder)
  local core = assert(package.searchpath("ddokta.core", package.cpath)) -- luacheck: ignore 143 LuaJIT has it
  local plugin, here = folder .. "/a plugin", shell.quote(shell.run("pwd"):gsub("\n", ""))
  local quoted = shell.quote(plugin)
  local output, status =
    shell.run(MAKE_PLUGIN:format(quoted, quoted, here, here, here, here, shell.quote(core)))
  assert(status == 0, output)
  return plugin
end

--- A Neovim to be run, with a home of its own.
---@param box table a sandbox
function M.new(box)
  local folder = around.folder()
  return setmetatable({ box = box, folder = folder, plugin = make_plugin(folder) }, M)
end

--- Runs Lua in it -> what was written, the exit status.
---@param text string
---@param environment? string more lines of a shell
function M:run(text, environment)
  local place = ("local plugin = %q\n"):format(self.plugin)
  around.write(self.folder .. "/script.lua", place .. PRELUDE .. text .. "\nvim.cmd 'qa!'")
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

--- One for the specs of a describe, whose setup and teardown these are.
---@param setup fun(run: function)
---@param teardown fun(run: function)
---@param options? table of its sandbox
function M.of(setup, teardown, options)
  local editor = setmetatable({}, M)
  setup(function()
    for name, value in pairs(M.new(around.box(options or { latency = 0 }))) do
      editor[name] = value
    end
  end)
  teardown(function()
    editor.box:stop()
    editor:remove()
  end)
  return editor
end

--- Runs Lua in it, which must write that.
---@param expected string
---@param text string
function M:says(expected, text)
  local output, status = self:run(text)
  if output == expected and status == 0 then return end
  error(("status %s, expected:\n%s\ncame:\n%s"):format(tostring(status), expected, output), 2)
end

return M
