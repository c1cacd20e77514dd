-- lua/ddokta/nvim/views.lua: what each view reads of a real sandbox. In a real Neovim: run with LuaJIT.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "ddokta.nvim.views", it, function(why) pending(why) end) then return end

local around = require "spec.lua.loop.surroundings"
local neovim = require "spec.support.nvim"

local SEED = {
  okta_accounts = around.accounts(1),
  users = { { email = "zoe@example.com", name = "Zoe", roles = { "Datadog Standard Role" } } },
  teams = { { name = "Handmade", handle = "handmade" } },
  okta = { demo = true },
}

describe("ddokta.nvim.views", function()
  local editor = neovim.of(setup, teardown, { latency = 0, seed = SEED })

  -- the first row of a view that has this text in its first cells, as "column=cell" lines
  local function row_of(view, word)
    local output, status = editor:run(([[
      local ddokta, views = require "ddokta", require "ddokta.nvim.views"
      local function connect(service) return service == "okta" and ddokta.okta() or ddokta.client() end
      local over
      ddokta.spawn(function() return views.%s.read(connect, {}) end, function(raised, found, err)
        say(raised or err or "")
        for _, row in ipairs(found and found.rows or {}) do
          if row.cells[1] == %q or row.cells[2] == %q then
            for i, column in ipairs(views.%s.columns) do say(column .. "=" .. tostring(row.cells[i])) end
          end
        end
        over = true
      end)
      wait(function() return over end)
    ]]):format(view, word, word, view))
    assert.equal(0, status, output)
    return output
  end

  it(
    "reads accounts without their secrets",
    function()
      assert.matches(
        "^\nname=Account 1\ndomain=https://number%-1%.okta%.com/\nauth_method=oauth\nclient_id=\nid=%S+\n$",
        row_of("accounts", "Account 1")
      )
    end
  )

  it(
    "reads users with the names of their roles",
    function()
      assert.matches(
        "^\nuserName=zoe@example%.com\nname=Zoe\n.*roles=Datadog Standard Role\nid=%S+\n$",
        row_of("users", "zoe@example.com")
      )
    end
  )

  it("reads teams, and who manages them", function()
    assert.matches(
      "handle=handmade\nmanaged=no\nmembers=0\ndescription=\nid=%S+\n$",
      row_of("teams", "Handmade")
    )
    assert.matches("handle=platform\nmanaged=yes\nmembers=3\n", row_of("teams", "Platform"))
  end)

  it(
    "reads what differs, and why",
    function()
      assert.matches(
        "^\nwhat=user\nname=zoe@example%.com\nteam=\ndifference=.-\nin Okta=\nin Datadog=\nlikely cause=no assignment\n$",
        row_of("drift", "zoe@example.com")
      )
    end
  )
end)
