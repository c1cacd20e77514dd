-- lua/ddokta/nvim/init.lua: what the commands call. In a real Neovim: run with LuaJIT; the commands
-- themselves: spec/hosts/neovim_commands_spec.lua.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "ddokta.nvim", it, function(why) pending(why) end) then return end

local neovim = require "spec.support.nvim"

describe("ddokta.nvim", function()
  local editor = neovim.of(setup, teardown)

  it("opens a view where it is told to, once in each tab page", function()
    local output, status = editor:run [[
      local nvim = require "ddokta.nvim"
      nvim.open("accounts", {}, "vertical")
      wait_for "Account 3"
      assert(vim.api.nvim_win_get_width(0) < 80)
      nvim.open "accounts"
      say(#vim.api.nvim_tabpage_list_wins(0))
      nvim.open("accounts", { "site=us5.datadoghq.com" })
      say(#vim.api.nvim_tabpage_list_wins(0), vim.api.nvim_buf_get_name(0))
      vim.cmd "tabnew"
      nvim.open "accounts"
      say(#vim.api.nvim_tabpage_list_wins(0), #vim.api.nvim_list_tabpages())
      wait_for "Account 3"
    ]]
    assert.equal("2\n3\nddokta://accounts?site=us5.datadoghq.com\n2\n2\n", output)
    assert.equal(0, status)
  end)
end)
