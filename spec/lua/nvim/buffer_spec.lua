-- lua/ddokta/nvim/buffer.lua: a buffer from its name to its end. In a real Neovim: run with LuaJIT.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "ddokta.nvim.buffer", it, function(why) pending(why) end) then return end

local around = require "spec.lua.loop.surroundings"
local neovim = require "spec.support.nvim"

describe("ddokta.nvim.buffer", function()
  local editor = neovim.of(setup, teardown, { latency = 0.02 })

  local function says(expected, text) editor:says(expected, text) end

  it(
    "is filled by its name alone, and one of a wrong name says so",
    function()
      says(
        "3 Okta accounts\nthere is no view 'account', did you mean 'accounts'?\n",
        [[
      vim.cmd "edit ddokta://accounts"
      wait_for "Account 3"
      say((lines()[1]:match "^[^,]+"))
      vim.cmd "edit ddokta://account"
      say(unpack(lines()))
    ]]
      )
    end
  )

  it(
    "is found while it is there",
    function()
      says(
        "true\nnil\n",
        [[
      local buffer = require "ddokta.nvim.buffer"
      vim.cmd "edit ddokta://accounts"
      wait_for "Account 3"
      say(buffer.find "ddokta://accounts" == vim.api.nvim_get_current_buf())
      vim.cmd "enew"
      say(tostring((buffer.find "ddokta://accounts")))
    ]]
      )
    end
  )

  it("shows what was read last, however often it was asked", function()
    around.tell(editor.box, "POST", "faults", '{"delay":0.3,"times":2,"path":"^/api/","status":503}')
    says(
      "3 Okta accounts\n0 messages\n",
      [[
      vim.cmd "edit ddokta://accounts"
      vim.wait(50)
      for _ = 1, 20 do press "R" end
      wait_for "Account 3"
      vim.wait(500)
      say((lines()[1]:match "^[^,]+"), #messages() .. " messages")
    ]]
    )
    around.tell(editor.box, "DELETE", "faults")
  end)

  it(
    "goes with its buffer, however that goes",
    function()
      says(
        "no message\n",
        [[
      for _, command in ipairs { "bwipeout!", "enew", "close", "bdelete", "bunload", "quit", "only | silent %bwipeout" } do
        vim.cmd "split ddokta://accounts"
        vim.wait(5)
        vim.cmd(command)
        vim.wait(100)
        assert(require("ddokta.nvim.buffer").find "ddokta://accounts" == nil, command)
      end
      say(messages() == "" and "no message" or messages())
    ]]
      )
    end
  )

  it(
    "has no traceback for what is a bug, and goes on",
    function()
      says(
        "true\n3 Okta accounts\n",
        [[
      local views = require "ddokta.nvim.views"
      local read = views.accounts.read
      views.accounts.read = function() error "a bug" end
      vim.cmd "edit ddokta://accounts"
      wait_for "a bug"
      say(not has "traceback")
      views.accounts.read = read
      press "R"
      wait_for "Account 3"
      say((lines()[1]:match "^[^,]+"))
    ]]
      )
    end
  )

  it(
    "bears a buffer that is wiped without events while it reads, and the next one is read",
    function()
      says(
        "reads\n3 Okta accounts\nno message\n",
        [[
      vim.cmd "split ddokta://accounts"
      say(has "reading" and "reads")
      vim.cmd "noautocmd bwipeout"
      vim.wait(300)
      vim.cmd "DdoktaAccounts"
      wait_for "Account 3"
      say((lines()[1]:match "^[^,]+"))
      say(messages() == "" and "no message" or messages())
    ]]
      )
    end
  )

  it(
    "shows on one line what is wrong with a name that has several",
    function()
      says(
        "1\ntrue\nno message\n",
        [[
      vim.api.nvim_buf_set_name(0, "ddokta://te\nams")
      vim.cmd "edit"
      say(#lines(), has [=[there is no view 'te\x0Aams']=])
      say(messages() == "" and "no message" or messages())
    ]]
      )
    end
  )
end)
