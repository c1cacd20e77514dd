-- examples/neovim_teams.lua in a real Neovim without a screen. Neovim's Lua is LuaJIT: run with that one.
if os.getenv "DDOKTA_LUA" ~= "luajit" then return end

local around = require "spec.lua.loop.surroundings"
local shell = require "ddokta.shell"

-- what each script begins with; it ends by itself after ten seconds
local PRELUDE = [[
vim.defer_fn(function() io.stdout:write "too late\n" vim.cmd "cquit" end, 10000)
vim.cmd "luafile examples/neovim_teams.lua"
local function lines() return vim.api.nvim_buf_get_lines(0, 0, -1, false) end
local function wait(condition) assert(vim.wait(5000, condition), "it did not come") end
local function shows(text) return table.concat(lines(), "\n"):find(text, 1, true) ~= nil end
local function messages() return vim.api.nvim_exec("messages", true) end
local function print_lines()
  for _, line in ipairs(lines()) do io.stdout:write((line:gsub("\t", " ")), "\n") end
end
]]

describe("the example of teams in Neovim", function()
  local box, folder

  setup(function()
    box = around.box {
      latency = 0.05,
      seed = {
        okta_accounts = around.accounts(2),
        teams = { { name = "Platform", handle = "platform", is_managed = true } },
      },
    }
    folder = around.folder()
  end)

  teardown(function()
    box:stop()
    around.remove(folder)
  end)

  before_each(function() around.tell(box, "POST", "reset") end)

  local function nvim(text)
    around.write(folder .. "/script.lua", PRELUDE .. text .. "\nvim.cmd 'qa!'")
    local set = "%s\nunset LD_PRELOAD; export ADMIN=%s HOME=%s XDG_STATE_HOME=%s; exec %s"
    local output, status = shell.run(
      set:format(
        box:exports(),
        box.http_url .. "/_sandbox",
        shell.quote(folder),
        shell.quote(folder),
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
          "luafile " .. folder .. "/script.lua",
        }
      )
    )
    return output:gsub("\r", ""), status
  end

  it("lists accounts and teams in a buffer while the editor goes on", function()
    local output, status = nvim [[
      local beats = 0
      local timer = (vim.uv or vim.loop).new_timer()
      timer:start(0, 5, function() beats = beats + 1 end)
      vim.cmd "DdoktaTeams"
      assert(beats == 0 and lines()[1] == "")
      wait(function() return shows "Teams (1)" end)
      timer:close()
      assert(beats > 3, beats)
      assert(not vim.bo.modifiable)
      print_lines()
    ]]
    assert.equal(
      "Okta accounts (2)\n  Account 1 https://number-1.okta.com/\n"
        .. "  Account 2 https://number-2.okta.com/\nTeams (1)\n  Platform platform managed\n",
      output
    )
    assert.equal(0, status)
  end)

  it("reads them again, in the same buffer", function()
    local output, status = nvim [[
      vim.cmd "DdoktaTeams"
      wait(function() return shows "Teams (1)" end)
      local made = false
      require("ddokta").spawn(function()
        local dd = assert(require("ddokta").client())
        assert(dd:create_team { name = "Security", handle = "security" })
      end, function(err) assert(not err, err) made = true end)
      wait(function() return made end)
      assert(shows "Teams (1)")
      vim.cmd "normal R"
      wait(function() return shows "Teams (2)" end)
      local buffer = vim.api.nvim_get_current_buf()
      vim.cmd "DdoktaTeams"
      assert(vim.api.nvim_get_current_buf() == buffer)
      print_lines()
    ]]
    assert.truthy(output:find("Teams (2)\n", 1, true), output)
    assert.truthy(output:find("  Security security\n", 1, true), output)
    assert.equal(0, status)
  end)

  it("says what is wrong, keeps what it shows, and can be asked again", function()
    local output, status = nvim [[
      vim.cmd "DdoktaTeams"
      wait(function() return shows "Teams (1)" end)
      os.execute("unset LD_PRELOAD; curl -q -sS --noproxy '*' --data-binary "
        .. "'{\"status\":403,\"path\":\"/api/v2/team\"}' $ADMIN/faults >/dev/null")
      vim.cmd "normal R"
      wait(function() return messages() ~= "" end)
      assert(shows "Teams (1)")
      io.stdout:write(messages(), "\n")
      vim.cmd "normal R"
      wait(function() return shows "Teams (1)" end)
    ]]
    assert.truthy(output:find("list_teams: forbidden (403)", 1, true), output)
    assert.equal(0, status)
  end)
end)
