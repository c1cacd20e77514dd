--- Neovim's commands. Nothing of ddokta is loaded before one of them is used.
if vim.g.loaded_ddokta or vim.fn.has "nvim-0.7" == 0 then return end
vim.g.loaded_ddokta = true

-- Runs a function of ddokta.nvim. That it cannot be loaded is said in a sentence; that it was built of other
-- sources too, once.
local is_looked_at = false
local function call(name, ...)
  local ok, nvim = pcall(require, "ddokta.nvim")
  if not ok then return vim.notify(nvim, vim.log.levels.ERROR) end
  local complaint = not is_looked_at and require("ddokta.plugin").complaint()
  is_looked_at = true
  if complaint then vim.notify("ddokta: " .. complaint, vim.log.levels.WARN) end
  return nvim[name](...)
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
