-- lua/ddokta/nvim/address.lua: names of buffers, there and back. In a real Neovim: run with LuaJIT.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "ddokta.nvim.address", it, function(why) pending(why) end) then return end

local neovim = require "spec.support.nvim"

describe("ddokta.nvim.address", function()
  local editor = neovim.of(setup, teardown)

  local function says(expected, text)
    editor:says(expected, 'local address = require "ddokta.nvim.address"\n' .. text)
  end

  it(
    "names a view and its arguments, whatever is in them",
    function()
      says(
        "ddokta://teams\nddokta://drift?app=A %26 B%25&site=datadoghq.eu\ndrift A & B% datadoghq.eu\n",
        [[
      say(address.format("teams", {}))
      local name = address.format("drift", { site = "datadoghq.eu", app = "A & B%" })
      say(name)
      local view, arguments = address.parse(name)
      say(view .. " " .. arguments.app .. " " .. arguments.site)
    ]]
      )
    end
  )

  it(
    "says what is wrong with a name or an argument",
    function()
      says(
        "there is no view 'team', did you mean 'teams'?\n"
          .. "there is no view 'xxxxxxxxx' (known: accounts, drift, teams, users)\n"
          .. "there is no argument 'app=' (known: site=)\n"
          .. "site= has no value\nthere is no argument 'eu' (known: site=)\n",
        [[
      for _, name in ipairs { "ddokta://team", "ddokta://xxxxxxxxx", "ddokta://users?app=Datadog" } do
        say(select(2, address.parse(name)))
      end
      say(select(2, address.arguments("users", { "site=" })))
      say(select(2, address.arguments("users", { "eu" })))
    ]]
      )
    end
  )

  it(
    "completes what is not written yet",
    function()
      says(
        "app= site=\nsite=\n\nsite=us3.datadoghq.com\n",
        [[
      local function complete(...) say(table.concat(address.complete(...), " ")) end
      complete("drift", "", "DdoktaDrift ")
      complete("drift", "", "DdoktaDrift app=Datadog ")
      complete("users", "x", "DdoktaUsers x")
      complete("users", "site=us3", "DdoktaUsers site=us3")
    ]]
      )
    end
  )
end)
