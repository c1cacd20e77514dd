--- Neovim's commands. Nothing of ddokta is loaded before one of them is used.
if vim.g.loaded_ddokta or vim.fn.has "nvim-0.7" == 0 then return end
vim.g.loaded_ddokta = true

-- a checkout that is a plugin has what `make LUA=luajit` builds here; an installed ddokta has no such folder
local root = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h")
package.cpath = root .. "/build/luajit/?.so;" .. package.cpath

local function explain(message)
  if message:find("module 'ddokta.core' not found", 1, true) then
    return ("its module of C is not there: run make LUA=luajit in %s, or install ddokta for LuaJIT"):format(
      root
    )
  end
  return (message:match("^[^\n]*\n?[^\n]*"):gsub("\n%s*", " "))
end

-- runs a function of ddokta.nvim; that it cannot be loaded is said in a sentence
local function call(name, ...)
  local ok, nvim = pcall(require, "ddokta.nvim")
  if ok then return nvim[name](...) end
  vim.notify("ddokta: " .. explain(nvim), vim.log.levels.ERROR)
end

local COMMANDS = {
  accounts = "list the Okta accounts of Datadog's Okta integration",
  teams = "list Datadog's teams",
  users = "list Datadog's users",
  drift = "compare Okta with Datadog",
}

for name, words in pairs(COMMANDS) do
  vim.api.nvim_create_user_command(
    "Ddokta" .. name:gsub("^%l", string.upper),
    function(command) call("open", name, command.fargs, command.mods) end,
    {
      nargs = "*",
      desc = words,
      complete = function(beginning, line) return call("complete", name, beginning, line) or {} end,
    }
  )
end

vim.api.nvim_create_autocmd("BufReadCmd", {
  group = vim.api.nvim_create_augroup("ddokta", {}),
  pattern = "ddokta://*",
  callback = function(event) call("read", event.buf) end,
})
