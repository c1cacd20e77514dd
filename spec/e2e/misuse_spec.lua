-- lua/ddokta/init.lua: what a script gets wrong raises with what was meant, at the script's own line;
-- and ddokta.assert, which every example uses.
local around = require "spec.lua.loop.surroundings"
local ddokta = require "ddokta"
local pages = require "spec.support.pages"
local serving = require "spec.support.serving"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"
local unpack = table.unpack or unpack -- luacheck: ignore 113 143

describe("a method that is not there", function()
  local server, dd, okta

  setup(function()
    server = serving.start()
    dd = server:client()
    okta = assert(ddokta.okta { base_url = server.url, token = "t", proxy = "", max_retries = 0 })
  end)

  teardown(function()
    dd:close()
    okta:close()
    server:stop()
  end)

  -- raises(words, fn): at the line of fn
  local function raises(words, fn)
    local line = debug.getinfo(fn, "S").linedefined -- luacheck: ignore 143
    local ok, message = pcall(fn)
    assert.is_false(ok)
    assert.equal(("spec/e2e/misuse_spec.lua:%d: %s"):format(line, words), (message:gsub("^%./", "")))
  end

  it("raises with its nearest name", function()
    raises(
      "there is no method list_okta_account, did you mean 'list_okta_accounts'?",
      function() dd:list_okta_account() end
    )
    raises("there is no method each_teams, did you mean 'each_team'?", function() dd:each_teams() end)
    raises("there is no method wiht, did you mean 'with'?", function() okta:wiht {} end)
    raises(
      "there is no method list_aplications, did you mean 'list_applications'? (of a client "
        .. "that ddokta.okta makes)",
      function() dd:list_aplications() end
    )
    raises("there is no method frobnicate", function() dd:frobnicate() end)
  end)

  it("is asked for by nobody in vain", function()
    assert.is_nil(dd.__pairs)
    assert.is_nil(dd[1])
    assert.truthy(dd.list_teams and dd.close and okta.with)
  end)

  it("says which client has it", function()
    local okta_has = "list_applications is an operation of Okta: it takes a client that ddokta.okta makes, "
      .. "and this one is of Datadog"
    raises(okta_has, function() dd:list_applications() end)
    raises(okta_has, function() okta.list_applications(dd) end)
    raises(
      "each_team is an operation of Datadog: it takes a client that ddokta.client makes, and this one "
        .. "is of Okta",
      function() okta:each_team() end
    )
    raises(
      "create_team is an operation of Datadog: it takes a client that ddokta.client makes, and this "
        .. "one is of Okta",
      function() dd.create_team(okta, { name = "A", handle = "a" }) end
    )
    raises(okta_has, function() dd:start "list_applications" end)
    assert.same({}, server:requests())
  end)

  it("says that a colon was meant", function()
    for _, name in ipairs {
      "list_okta_accounts",
      "create_team",
      "each_team",
      "with",
      "start",
      "call",
      "pollfds",
      "timeout",
      "step",
      "sleep",
      "stats",
      "close",
    } do
      local words = ("%s is called with a colon: client:%s(...), not client.%s(...)"):format(name, name, name)
      raises(words, function() dd[name]() end)
      raises(words, function() dd[name] "x" end)
      raises(words, function() dd[name] {} end)
    end
  end)

  it("may be known by its name alone", function()
    server:answer(serving.json(200, serving.ACCOUNT))
    local account, response = dd:call("get_okta_account", "an-id")
    assert.equal("Okta-Prod", account.name)
    assert.equal(200, response.status)
    assert.equal("/api/v2/integrations/okta/accounts/an-id", server:requests()[1].path)
    server:answer(serving.EMPTY_LIST)
    for _ in dd:call "each_team" do
      error "none"
    end
    assert.is_table(dd:call "stats")
    raises("there is no method list_teamz, did you mean 'list_teams'?", function() dd:call "list_teamz" end)
    raises("call takes the name of a method, not a nil", function() dd:call() end)
    raises("call takes the name of a method, not a table", function() dd:call {} end)
  end)
end)

describe("ddokta.assert", function()
  it("passes a success on, all of it", function()
    local function values(...) return select("#", ...), ... end
    assert.same({ 4, 1, nil, "x", nil }, { values(ddokta.assert(1, nil, "x", nil)) })
    assert.same({ 1, true }, { values(ddokta.assert(true)) })
  end)

  it("raises a failure as one line with its place", function()
    local function failure(...)
      local given, n = { ... }, select("#", ...)
      local ok, message = pcall(function() local _ = ddokta.assert(unpack(given, 1, n)) end)
      assert.is_false(ok)
      assert.equal("string", type(message))
      local place, words = message:match "^(%S+:%d+): (.*)$"
      assert.truthy(place and place:find("misuse_spec.lua", 1, true), message)
      return words
    end
    local _, err = ddokta.client { site = "nowhere", api_key = "a", app_key = "b" }
    assert.equal(tostring(err), failure(nil, err))
    assert.matches("^config: unknown site", failure(nil, err))
    assert.equal("no such file", failure(nil, "no such file"))
    assert.equal("no such file", failure(false, "no such file"))
    local unsaid = "it failed, and nothing says why"
    assert.equal(unsaid, failure(nil))
    assert.equal(unsaid, failure(false))
    assert.equal(unsaid, failure())
  end)

  local PROGRAM = [[
local ddokta = require "ddokta"

local dd = ddokta.assert(ddokta.client { api_key = "a" })
print(dd)
]]
  local WORDS = "config: missing app_key (set DD_APP_KEY); "
    .. "or a bearer_token (DD_BEARER_TOKEN) instead of both"

  describe("in a program of its own", function()
    local folder

    setup(function()
      folder = assert(system.mkdtemp "ddokta-spec-")
      around.write(folder .. "/keyless.lua", PROGRAM)
    end)
    teardown(function() around.remove(folder) end)

    local function run(...)
      return (
        shell.run(
          "unset LD_PRELOAD DD_API_KEY DD_APP_KEY DD_BEARER_TOKEN; export HOME="
            .. shell.quote(folder)
            .. "; exec "
            .. shell.line { ... }
        )
      )
    end

    it("says what is missing and where", function()
      local output = run(LUA, folder .. "/keyless.lua")
      assert.truthy(output:find("keyless.lua:3: " .. WORDS, 1, true), output)
    end)

    if LUA ~= "luajit" then return end

    it("says it in Neovim", function()
      local output = run(
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
        "luafile " .. folder .. "/keyless.lua",
        "-c",
        "qa!"
      )
      assert.truthy(output:find("keyless.lua:3: " .. WORDS, 1, true), output)
    end)

    it("says it in nginx's log, when it starts and in a request", function()
      local web = require "spec.lua.loop.web"
      local ok, message = pcall(web.start, {
        exports = "unset DD_API_KEY DD_APP_KEY DD_BEARER_TOKEN",
        http = ([[
        init_by_lua_block { dofile %q }
        server { listen 127.0.0.1:$PORT; }]]):format(folder .. "/keyless.lua"),
      })
      assert.is_false(ok)
      assert.truthy(message:find("keyless.lua:3: " .. WORDS, 1, true), message)
      local server = web.start {
        exports = "unset DD_API_KEY DD_APP_KEY DD_BEARER_TOKEN",
        http = ([[
        init_by_lua_block { require "ddokta" }
        server { listen 127.0.0.1:$PORT; location / { content_by_lua_block { dofile %q } } }]]):format(
          folder .. "/keyless.lua"
        ),
      }
      shell.run(("curl -s -o /dev/null --noproxy '*' http://127.0.0.1:%d/"):format(server.port))
      local log = server:log()
      server:stop()
      assert.truthy(log:find("keyless.lua:3: " .. WORDS, 1, true), log)
    end)
  end)

  -- what a reader copies
  it("is what every example uses", function()
    local files = { "README.md" }
    local list = shell.run "ls examples/* doc/*.md lua/ddokta/*/init.lua"
    for name in list:gmatch "[^\n]+" do
      files[#files + 1] = name
    end
    local uses = 0
    for _, name in ipairs(files) do
      for line in pages.read(name):gmatch "[^\n]+" do
        local is_shown = not name:find "%.lua$" or name:find "^examples/" or line:find "^%-%-"
        local plain = (" " .. line):match "[^%w_.]assert%s*%(?%s*([%w_.:]+)"
        uses = uses + (line:find("ddokta.assert(", 1, true) and 1 or 0)
        if is_shown and plain then
          assert.is_nil(
            plain:find "^ddokta[.:]"
              or plain:find "^dd:"
              or plain:find "^okta:"
              or plain:find "^bulk%."
              or plain:find "^recipes%."
              or plain:find "^call:",
            name .. ": " .. line
          )
        end
      end
    end
    assert.is_true(uses > 20, uses)
  end)
end)
