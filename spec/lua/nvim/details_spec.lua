-- lua/ddokta/nvim/details.lua: a window above the others. In a real Neovim: run with LuaJIT.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "ddokta.nvim.details", it, function(why) pending(why) end) then return end

local neovim = require "spec.support.nvim"

describe("ddokta.nvim.details", function()
  local editor = neovim.of(setup, teardown)

  it("is as large as what it has, and no larger than the editor", function()
    local output, status = editor:run [[
      local details = require "ddokta.nvim.details"
      local function size()
        local config = vim.api.nvim_win_get_config(0)
        return config.width .. "x" .. config.height
      end
      details.open { "one", "日本" }
      say(size())
      press "q"
      local long = {}
      for i = 1, 100 do long[i] = ("x"):rep(200) end
      details.open(long)
      say(size())
      press "q"
      vim.o.lines = 4
      details.open { "x" }
      say(size())
      press "q"
      vim.o.lines = 24
      for _, key in ipairs { "<Esc>", "<CR>", "q" } do
        details.open { "x" }
        press(key)
        assert(#vim.api.nvim_list_wins() == 1, key)
      end
      assert(#vim.api.nvim_list_bufs() == 1)
    ]]
    assert.equal("4x2\n76x20\n1x1\n", output)
    assert.equal(0, status)
  end)
end)
