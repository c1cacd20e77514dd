--- What Neovim's commands do: :DdoktaAccounts, :DdoktaTeams, :DdoktaUsers and :DdoktaDrift. See
--- plugin/ddokta.lua.
local address = require "ddokta.nvim.address"
local buffer = require "ddokta.nvim.buffer"

local nvim = {}

-- the window of this tab page that shows the buffer
local function window_of(number)
  for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if vim.api.nvim_win_get_buf(window) == number then return window end
  end
end

--- Shows a view in a window of its own and reads it: again, where it is shown already.
---@param view_name "accounts"|"teams"|"users"|"drift"
---@param words? string[] arguments, each "name=value"
---@param modifiers? string of the command, such as "vertical"
function nvim.open(view_name, words, modifiers)
  local arguments, message = address.arguments(view_name, words or {})
  if not arguments then return vim.notify("ddokta: " .. message, vim.log.levels.ERROR) end
  local name = address.format(view_name, arguments)
  local number = buffer.find(name)
  local window = number and window_of(number)
  if window then
    vim.api.nvim_set_current_win(window)
  else
    vim.cmd(("%s split %s"):format(modifiers or "", vim.fn.fnameescape(name)))
  end
  if number then buffer.read(number) end -- a new one reads by itself
end

--- Fills the buffer whose name begins with ddokta://.
---@param number integer
function nvim.read(number) buffer.attach(number) end

nvim.complete = address.complete

return nvim
