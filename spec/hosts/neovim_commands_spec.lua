-- :DdoktaAccounts, :DdoktaTeams, :DdoktaUsers and :DdoktaDrift as somebody uses them who sits before a real
-- Neovim: what stands on the screen, and what keys do. Neovim's Lua is LuaJIT: run with that one.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "commands in Neovim", it, function(why) pending(why) end) then return end

local around = require "spec.lua.loop.surroundings"
local neovim = require "spec.support.nvim"
local timed = around.timed(it, function(why) pending(why) end)

local SEED = {
  okta_accounts = {
    { name = "Acme", domain = "https://acme.okta.com/", auth_method = "oauth", client_id = "0oa1" },
    { name = "日本語アカウント", domain = "https://nihongo.okta.com/", auth_method = "oauth" },
    { name = "e\204\129cole", domain = "https://ecole.okta.com/", auth_method = "oauth", client_id = "0oa3" },
  },
  teams = { { name = "Handmade", handle = "handmade" } },
  okta = { demo = true },
}

describe("in a real Neovim", function()
  local box, editor

  setup(function()
    box = around.box { latency = 0.02, seed = SEED }
    editor = neovim.new(box)
  end)

  teardown(function()
    box:stop()
    editor:remove()
  end)

  before_each(function() around.tell(box, "POST", "reset") end)

  -- runs a script that must leave with status 0 -> what it wrote
  local function nvim(text, environment)
    local output, status = editor:run(text, environment)
    assert.equal(0, status, output)
    return output
  end

  -- the same; ids, times and addresses, which differ from run to run, as one word each
  local function plain(text)
    text = text:gsub("%x%x%x%x%x%x%x%x%-%x+%-%x+%-%x+%-%x+", "ID"):gsub("127%.0%.0%.1:%d+", "HOST")
    return (text:gsub("%d%d:%d%d:%d%d", "TIME"))
  end

  it("the accounts stand aligned on the screen, also where characters are wide or combine", function()
    local shown = plain(nvim [[
      vim.o.columns = 130
      vim.cmd "DdoktaAccounts"
      wait_for "Acme"
      say(screen())
    ]])
    assert.equal(
      ([[
3 Okta accounts, HOST, TIME
<CR> shows one whole, R reads again

name              domain                     auth_method  client_id  id
Acme              https://acme.okta.com/     oauth        0oa1       ID
日本語アカウント  https://nihongo.okta.com/  oauth                   ID
ecole             https://ecole.okta.com/    oauth        0oa3       ID
]]):gsub("ecole ", "e\204\129cole "),
      shown:match "^(.-\n)~"
    )
  end)

  it("the buffer has a name, is no file and cannot be edited", function()
    local output = nvim [[
      vim.cmd "DdoktaAccounts"
      wait_for "Acme"
      local o = vim.bo
      say(vim.api.nvim_buf_get_name(0), o.buftype, o.modifiable, o.bufhidden, o.filetype, o.swapfile)
      local before = table.concat(lines())
      pcall(press, "dd")
      pcall(press, ":write<CR>")
      assert(table.concat(lines()) == before)
    ]]
    assert.equal("ddokta://accounts\nnofile\nfalse\nwipe\nddokta\nfalse\n", output:match "^(.-)Error")
    assert.truthy(output:find("E21: ", 1, true) and output:find("E382: ", 1, true), output)
  end)

  it("says that it reads, and the editor goes on meanwhile", function()
    around.tell(box, "POST", "faults", '{"delay":0.5,"times":"always","path":"^/api/"}')
    assert.equal(
      "Teams: reading…\ntyped\n1\n",
      nvim [[
        vim.cmd "DdoktaTeams"
        say(screen():match "^[^\n]+")
        vim.cmd "wincmd p"
        local beats = 0
        local timer = (vim.uv or vim.loop).new_timer()
        timer:start(0, 5, function() beats = beats + 1 end)
        press "ityped<Esc>"
        say(lines()[1])
        vim.cmd "wincmd p"
        wait_for "Handmade"
        timer:close()
        assert(beats > 20, beats)
        say(vim.fn.line "$" - 5)
      ]]
    )
    around.tell(box, "DELETE", "faults")
  end)

  it("Enter shows one whole above the others, and q closes that", function()
    local shown = nvim [[
      vim.cmd "DdoktaUsers"
      wait_for "grace.murray@example.com"
      vim.fn.search "grace"
      press "<CR>"
      local above = table.concat(lines(), "\n")
      assert(vim.api.nvim_win_get_config(0).relative ~= "")
      press "q"
      assert(vim.api.nvim_win_get_config(0).relative == "" and has "ada.byron")
      press "<CR>"
      vim.cmd "wincmd p"
      assert(#vim.api.nvim_list_wins() == 2)
      press "gg<CR>"
      assert(#vim.api.nvim_list_wins() == 2, "a line that is no row has no details")
      say(above)
    ]]
    assert.truthy(shown:find("userName  grace.murray@example.com", 1, true), shown)
    assert.truthy(shown:find("title     Site Reliability Engineer", 1, true), shown)
    assert.truthy(shown:find("meta.resourceType  User", 1, true), shown)
  end)

  -- the Neovim of this script has a terminal in which runs another, that is seen and typed to as by a person
  it("stands on a terminal, above the list what Enter shows", function()
    local shown = nvim [[
      vim.cmd "enew"
      local job = vim.fn.termopen({
        "nvim", "-u", "NONE", "-i", "NONE", "-n", "--cmd", "set notermguicolors",
        "--cmd", "lua vim.opt.runtimepath:prepend(os.getenv 'PLUGIN')", "--cmd", "runtime plugin/ddokta.lua",
      }, { env = { PLUGIN = plugin } })
      local function type_keys(keys) vim.fn.chansend(job, keys) end
      wait_for "[No Name]"
      type_keys ":DdoktaUsers\r"
      wait_for "grace.murray@example.com"
      say("list", unpack(lines()))
      type_keys "/grace\r\r"
      wait_for "Site Reliability Engineer"
      say("above", unpack(lines()))
      type_keys "q"
      wait(function() return not has "Site Reliability Engineer" end)
      type_keys ":quitall!\r"
    ]]
    local list, above = shown:match "^list\n(.*)above\n(.*)$"
    assert.truthy(list:find("\nuserName +name +email +ti\nada%.byron@example%.com +Ada Byron"), list)
    assert.truthy(above:find("╭", 1, true) and above:find("│ *title +Site Reliability Engineer"), above)
  end)

  it(
    "R reads again, and the cursor stays on what it was on",
    function()
      assert.equal(
        "3 teams\nHandmade\n",
        nvim [[
        vim.cmd "DdoktaTeams"
        wait_for "Handmade"
        vim.fn.search "^Handmade"
        local made = false
        require("ddokta").spawn(function()
          local dd = require("ddokta").assert(require("ddokta").client())
          require("ddokta").assert(dd:create_team { name = "Aardvark", handle = "aardvark" })
        end, function(err) assert(not err, err) made = true end)
        wait(function() return made end)
        assert(not has "Aardvark")
        press "R"
        assert(has "reading again…" and has "Handmade")
        wait_for "Aardvark"
        say(lines()[1]:match "^[^,]+", (vim.fn.getline("."):match "^%S+"))
      ]]
      )
    end
  )

  it(
    "the same command again goes to its window and reads again",
    function()
      assert.equal(
        "2\n",
        nvim [[
        vim.cmd "DdoktaTeams"
        wait_for "Handmade"
        local window = vim.api.nvim_get_current_win()
        vim.cmd "wincmd p"
        vim.cmd "vertical DdoktaTeams"
        assert(vim.api.nvim_get_current_win() == window and has "reading again…")
        wait(function() return not has "reading" end)
        vim.cmd "edit"
        assert(has "reading")
        wait(function() return not has "reading" end)
        say(#vim.api.nvim_list_wins())
      ]]
      )
    end
  )

  it(
    "two read at once",
    function()
      assert.equal(
        "true true\n",
        nvim [[
        vim.cmd "DdoktaAccounts"
        local accounts = vim.api.nvim_get_current_buf()
        vim.cmd "vertical DdoktaDrift"
        assert(has("reading…", accounts) and has "reading…")
        wait_for("Acme", accounts)
        wait_for "compared"
        say(tostring(has("Acme", accounts)) .. " " .. tostring(has "managed without mapping" or has "no difference"))
      ]]
      )
    end
  )

  it("says in words that there is nothing", function()
    around.tell(
      box,
      "POST",
      "faults",
      '{"times":"always","path":"^/api/v2/integrations/okta","body":"{\\"data\\":[]}"}'
    )
    local shown = plain(nvim [[
      vim.cmd "DdoktaAccounts"
      wait_for "no Okta accounts"
      say(screen())
    ]])
    assert.equal("no Okta accounts, HOST, TIME\nR reads again\n", shown:match "^(.-\n)~")
    around.tell(box, "DELETE", "faults")
  end)

  it("says in words what is wrong, no wider than its window, and keeps what was there", function()
    local shown = plain(nvim [[
      vim.cmd "DdoktaTeams"
      wait_for "Handmade"
      admin("POST", "faults", '{"status":403,"path":"/api/v2/team"}')
      press "R"
      wait_for "forbidden"
      local blank
      for _, line in ipairs(lines()) do
        if line == "" and has "forbidden" then blank = (blank or 0) + 1 end
        if blank ~= 2 then assert(vim.fn.strdisplaywidth(line) <= 80, line) end
      end
      assert(not has "traceback" and not has ".lua:" and messages() == "", messages())
      say(unpack(lines()))
      press "R"
      wait_for "2 teams"
    ]])
    local words = shown:gsub("%s+", " ")
    assert.truthy(
      words:find(
        "Teams: could not be read <CR> shows one whole, R reads again list_teams: forbidden (403)",
        1,
        true
      ),
      shown
    )
    assert.truthy(words:find("2 teams, HOST, TIME: name handle", 1, true), shown)
  end)

  it("no key stands in a buffer or a message, also where a service sends it back", function()
    for path, key in pairs { ["^/api/v2/"] = box.api_key .. " " .. box.app_key, ["^/api/v1/"] = box.okta_token } do
      local body = ('{\\"errors\\":[\\"%s\\"],\\"errorSummary\\":\\"%s\\"}'):format(key, key)
      around.tell(
        box,
        "POST",
        "faults",
        ('{"path":"%s","status":403,"times":"always","body":"%s"}'):format(path, body)
      )
    end
    local shown = nvim [[
      for _, name in ipairs { "Accounts", "Teams", "Users", "Drift" } do
        vim.cmd("Ddokta" .. name)
        wait_for "(secret)"
        say(table.concat(lines(), "\n"), screen())
      end
      say(messages())
    ]]
    around.tell(box, "DELETE", "faults")
    for _, key in ipairs { box.api_key, box.app_key, box.okta_token } do
      assert.is_nil(shown:find(key, 1, true), shown)
    end
  end)

  it("says which keys are missing, of either service", function()
    local words = nvim(
      [[
      vim.cmd "DdoktaAccounts"
      wait_for "DD_APP_KEY"
      say(unpack(lines()))
    ]],
      "unset DD_APP_KEY"
    ):gsub("%s+", " ")
    assert.truthy(words:find("config: missing app_key (set DD_APP_KEY)", 1, true), words)
    words = nvim(
      [[
      vim.cmd "DdoktaDrift"
      wait_for "OKTA_CLIENT_TOKEN"
      say(unpack(lines()))
    ]],
      "unset OKTA_CLIENT_TOKEN"
    ):gsub("%s+", " ")
    assert.truthy(words:find("missing token (set OKTA_CLIENT_TOKEN)", 1, true), words)
  end)

  it("a window that is closed ends the reading", function()
    around.tell(box, "POST", "faults", '{"delay":3,"times":"always","path":"^/api/"}')
    assert.equal(
      "1 true\n",
      nvim [[
        local closed = 0
        local client = require("ddokta").client
        require("ddokta").client = function(...)
          local dd = client(...)
          local close = dd.close
          return setmetatable({ close = function() closed = closed + 1 close(dd) end }, { __index = dd })
        end
        vim.cmd "DdoktaUsers"
        vim.wait(200)
        local buffer = vim.api.nvim_get_current_buf()
        vim.cmd "close"
        say(closed .. " " .. tostring(not vim.api.nvim_buf_is_valid(buffer)))
        vim.wait(300)
        assert(messages() == "", messages())
      ]]
    )
    around.tell(box, "DELETE", "faults")
  end)

  it("may be left at once, and while it reads, without a word", function()
    around.tell(box, "POST", "faults", '{"delay":3,"times":"always","path":"^/api/"}')
    assert.equal("", nvim [[vim.cmd "DdoktaUsers"]])
    assert.equal("", nvim("vim.cmd 'DdoktaUsers'", "unset DD_APP_KEY"))
    assert.equal(
      "",
      nvim [[
        vim.cmd "DdoktaUsers"
        vim.cmd "DdoktaTeams"
        vim.wait(200)
      ]]
    )
    around.tell(box, "DELETE", "faults")
  end)

  it(
    "refuses an argument that it does not know, and completes those that it does",
    function()
      assert.equal(
        "ddokta: there is no argument 'sit=', did you mean 'site='?\n1\napp= site=\nsite=us3.datadoghq.com\n",
        nvim [[
        local told
        vim.notify = function(text) told = text end
        vim.cmd "DdoktaDrift sit=x"
        say(told, #vim.api.nvim_list_wins())
        say(table.concat(vim.fn.getcompletion("DdoktaDrift ", "cmdline"), " "))
        say(table.concat(vim.fn.getcompletion("DdoktaDrift site=us3", "cmdline"), " "))
      ]]
      )
    end
  )

  it("says which app it compares, and that there is none of that name", function()
    local words = nvim([[
      vim.cmd "DdoktaDrift app=Nothing"
      wait_for "could not be read"
      say(vim.api.nvim_buf_get_name(0), unpack(lines()))
    ]]):gsub("%s+", " ")
    assert.truthy(words:find("ddokta://drift?app=Nothing Drift: could not be read", 1, true), words)
    assert.truthy(words:find("'Nothing'", 1, true), words)
  end)

  it(
    "loads nothing and takes no time before it is used",
    function()
      assert.equal(
        "0 loaded\n",
        nvim [[
        local count = 0
        for name in pairs(package.loaded) do
          if name:find "^ddokta" then count = count + 1 end
        end
        say(count .. " loaded")
      ]]
      )
    end
  )

  timed("begins within 0.2 ms", function()
    local microseconds = tonumber(nvim [[
      local now, best = (vim.uv or vim.loop).hrtime, math.huge
      for _ = 1, 50 do
        vim.g.loaded_ddokta = nil
        local began = now()
        vim.cmd "runtime plugin/ddokta.lua"
        best = math.min(best, now() - began)
      end
      say(best / 1000)
    ]])
    assert.is_true(microseconds < 200, microseconds)
  end)
end)
