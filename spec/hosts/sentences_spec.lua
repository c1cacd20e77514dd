-- A key that is wrong and one that is missing, the first mistakes that everybody makes: the same sentence on
-- each Lua, in Neovim, in nginx and from the command, by what README and examples/ have, as it is shipped.
-- Hosts whose Lua is LuaJIT run with that one.
local pages = require "spec.support.pages"
local sandbox = require "ddokta.sandbox"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
local README = pages.read "README.md"

local MISSING =
  "config: missing app_key (set DD_APP_KEY); or a bearer_token (DD_BEARER_TOKEN) instead of both"
local WRONG =
  ": forbidden %(403%): Forbidden; [%l_; ]*wrong keys, or those of another site, may be answered so too"
-- the command knows one more place for a key
local OF_THE_COMMAND = "ddokta: no application key: set $DD_APP_KEY, or use --app-key-file"

-- before: what a shell does first
local MISTAKES = {
  missing = {
    before = "unset DD_APP_KEY",
    is_said = function(text) return text:find(MISSING, 1, true) or text:find(OF_THE_COMMAND, 1, true) end,
  },
  wrong = { before = "export DD_APP_KEY=wrong", is_said = function(text) return text:find(WRONG) end },
}

local function first_script()
  local block = README:match "## The first script.-```lua\n(.-)```"
  return assert(block, "README has no first script")
end

describe("of a key", function()
  local box, folder

  setup(function()
    box = assert(sandbox.start { seed = sandbox.seeds.demo })
    folder = assert(system.mkdtemp "ddokta-sentences-")
    pages.write(folder .. "/people.csv", "userName\nada@example.com\n")
    pages.write(folder .. "/first.lua", first_script())
  end)

  teardown(function()
    box:stop()
    shell.run("rm -rf " .. shell.quote(folder))
  end)

  -- a host that is a shell's line
  local function line(text)
    return function(mistake)
      local commands = os.getenv("DDOKTA_COMMAND"):gsub("/[^/]*$", "")
      local before = ("%s\n%s\nexport FOLDER=%s PATH=%s:$PATH\n"):format(
        box:exports(),
        mistake.before,
        shell.quote(folder),
        shell.quote(commands)
      )
      return (shell.run(before .. text))
    end
  end

  -- what each of them says of a mistake
  local hosts = {
    ["README's first script"] = line(lua .. ' "$FOLDER/first.lua"'),
    ["provision.lua"] = line(lua .. " examples/provision.lua Platform"),
    ["provision.sh"] = line 'sh examples/provision.sh "$FOLDER/people.csv"',
    ["shards.sh"] = line 'SHARDS=1 sh examples/shards.sh "$FOLDER/people.csv" "$FOLDER/run"',
    ["the command"] = line "ddokta accounts list",
  }

  if lua == "luajit" then
    local neovim = require "spec.support.nvim"
    local web = require "spec.lua.loop.web"

    local function nvim(text)
      return function(mistake)
        local editor = neovim.new(box)
        local output = editor:run(text, mistake.before)
        editor:remove()
        return output
      end
    end

    hosts[":DdoktaAccounts in Neovim"] = nvim [[
      vim.cmd "DdoktaAccounts"
      wait_for "could not be read"
      say(unpack(lines()))
    ]]
    hosts["README's first script in Neovim"] = nvim(
      "require('ddokta').spawn(function()\n"
        .. first_script()
        .. "end)\nwait(function() return messages() ~= '' end)"
    )
    hosts["the example of Neovim"] = nvim [[
      vim.cmd "luafile examples/neovim.lua"
      vim.cmd "DdoktaWhoAmI"
      wait(function() return messages() ~= "" end)
    ]]

    -- of an nginx that starts, what it logs of a request
    local function nginx(whole, path)
      return function(mistake)
        local started, server =
          pcall(web.start, { whole = whole, exports = web.exports(box) .. mistake.before })
        if not started then return server end
        web.get(server.port, path)
        local log = server:log()
        server:stop()
        return log
      end
    end

    local function conf(http)
      return web.example("nginx.conf"):gsub("  init_by_lua_block.*", function() return http .. "\n}\n" end)
    end

    hosts["the example of nginx"] = nginx(web.example "nginx.conf", "/accounts")
    hosts["README's first script in init_by_lua_block"] =
      nginx(conf("init_by_lua_block {\n" .. first_script() .. "}"), "/")
    hosts["README's first script in content_by_lua_block"] = nginx(
      conf(
        "server {\n listen 127.0.0.1:$PORT;\n location / { content_by_lua_block {\n"
          .. first_script()
          .. "} }\n}"
      ),
      "/"
    )
  end

  for name, host in pairs(hosts) do
    for what, mistake in pairs(MISTAKES) do
      it(("that is %s says %s what to do"):format(what, name), function()
        local text = host(mistake)
        assert.is_nil(text:find("cannot open", 1, true), text)
        assert.truthy(mistake.is_said((text:gsub("%s+", " "))), text)
      end)
    end
  end
end)

describe("no example", function()
  -- that hides an error which is a table, on Lua 5.1, 5.2 and in nginx
  it("uses Lua's own assert for what ddokta returns", function()
    for path in io.popen("find README.md doc examples -name '*.md' -o -path 'examples/*'"):lines() do
      for before, rest in pages.read(path):gmatch "([%w_.]*)assert%(([^\n]*)" do
        local is_own = before == "ddokta." or rest:find "^err%.kind" or rest:find '^secret and .*, "set '
        is_own = is_own or rest:find "^socket%." or rest:find "^udp:" -- LuaSocket's errors are strings
        assert.truthy(is_own, path .. ": " .. before .. "assert(" .. rest)
      end
    end
  end)
end)
