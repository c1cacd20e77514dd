-- lua/ddokta/health.lua: what :checkhealth ddokta tells, in a real Neovim. Run with LuaJIT.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", ":checkhealth", it, function(why) pending(why) end) then return end

local around = require "spec.lua.loop.surroundings"
local neovim = require "spec.support.nvim"

-- Neovim marks a line "- OK", "- ✅ OK" or "  - OK:"; what is only information is "INFO:" in 0.7.
local CHECK = [[
  vim.cmd "checkhealth ddokta"
  for _, line in ipairs(lines()) do
    say((line:gsub("^[-%s]*[^%w$]*", ""):gsub("^(%u+): ", "%1 "):gsub("^INFO ", "")))
  end
]]

describe("ddokta.health", function()
  local box, editor

  setup(function()
    box = around.box { latency = 0 }
    editor = neovim.new(box)
  end)

  teardown(function()
    box:stop()
    editor:remove()
  end)

  before_each(function() around.tell(box, "POST", "reset") end)

  -- what it tells; before: Lua that is run first; environment: lines of a shell
  local function check(before, environment)
    local output, status = editor:run((before or "") .. CHECK, environment)
    assert.equal(0, status, output)
    return output
  end

  local function has(output, pattern) assert.truthy(output:find(pattern), output) end
  local function lacks(output, pattern) assert.is_nil(output:find(pattern), output) end

  it("tells what is there and that both services answer", function()
    local output = check()
    has(
      output,
      "\nOK version " .. require("ddokta.version"):gsub("%.", "%%.") .. ", in .*/a plugin/lua/ddokta\n"
    )
    has(output, "\nOK Lua: LuaJIT %d[^\n]+ in Neovim %d+%.%d+%.%d+\n")
    has(output, "\nOK its module of C is [^\n]+/a plugin/lua/ddokta/core%.so\n")
    has(output, "\nOK libcurl %d[^\n ]+, TLS by OpenSSL/")
    has(output, "\nOK HTTP/2")
    has(output, "\nOK lua%-cjson %d")
    has(output, "\nOK utf8proc %d")
    has(output, "\nOK Datadog: %$DD_API_KEY, %$DD_APP_KEY set\n")
    has(output, "\nOK Okta: %$OKTA_CLIENT_TOKEN set\n")
    has(output, "\nOK Datadog answers: " .. box.base_url)
    has(output, "\nOK Okta answers: ")
    lacks(output, "WARNING")
    lacks(output, "ERROR")
  end)

  it("shows no key", function()
    local output = check()
    for _, key in ipairs { box.api_key, box.app_key, box.okta_token } do
      assert.is_nil(output:find(key, 1, true))
    end
  end)

  it("says which keys lack and what to do; Okta's need not be there", function()
    local output = check(nil, "unset DD_APP_KEY OKTA_CLIENT_TOKEN")
    has(output, "\nWARNING Datadog: %$DD_API_KEY set; missing app_key %(set DD_APP_KEY%)")
    has(output, "\nADVICE:?\nexport them before Neovim is begun")
    has(output, "\nOkta: no key in the environment; missing token")
    has(output, "\nwithout keys no service is asked")
  end)

  it("a token of Datadog is asked for by what a token may", function()
    local output = check(nil, "unset DD_API_KEY DD_APP_KEY; export DD_BEARER_TOKEN=no-such-token")
    has(output, "\nOK Datadog: %$DD_BEARER_TOKEN set\n")
    has(output, "\nERROR Datadog answers 40[13]: ")
  end)

  it("a key that is refused is an error of the key, and not of the network", function()
    local output = check(nil, "export DD_API_KEY=wrong OKTA_CLIENT_TOKEN=wrong")
    has(output, "\nERROR Datadog answers 403: " .. box.base_url)
    has(output, "\nERROR Okta answers 401: ")
    has(output, "\ncheck the key, and that it is of this address\n")
  end)

  it("says that a service is not there", function()
    local output = check(nil, "export DDOKTA_BASE_URL=http://127.0.0.1:1")
    has(output, "\nERROR Datadog does not answer: http://127%.0%.0%.1:1: [^\n]+\nADVICE:?\ncheck the network")
    has(output, "\nOK Okta answers: ")
  end)

  it("waits for a service for some seconds only, and Neovim goes on meanwhile", function()
    around.tell(box, "POST", "faults", '{"delay":20,"times":"always","path":"^/api/"}')
    local began = around.now()
    local output = check [[
      local beats = 0
      local timer = (vim.uv or vim.loop).new_timer()
      timer:start(0, 10, function() beats = beats + 1 end)
      vim.defer_fn(function() say(beats > 50 and "goes on" or beats) end, 2000)
    ]]
    around.tell(box, "DELETE", "faults")
    has(output, "goes on\n")
    has(output, "\nERROR Datadog does not answer: ")
    has(output, "\nERROR Okta does not answer: ")
    assert.is_true(around.now() - began < 6)
  end)

  it("names the place of a second one", function()
    local output = check [[
      local other = plugin .. " 2"
      vim.fn.mkdir(other .. "/lua/ddokta", "p")
      vim.fn.writefile({}, other .. "/lua/ddokta/health.lua")
      vim.opt.runtimepath:append(other)
    ]]
    has(
      output,
      "\nWARNING it is there once more, in [^\n]*/a plugin 2\nADVICE:?\nthe first on the runtimepath"
    )
  end)

  it("says what is wrong with a module of C of another place", function()
    local output = check [[
      local other = plugin .. " 3"
      vim.fn.mkdir(other .. "/lua/ddokta", "p")
      os.execute(("cp '%s/lua/ddokta/core.so' '%s/lua/ddokta'"):format(plugin, other))
      vim.opt.runtimepath:prepend(other)
    ]]
    has(
      output,
      "\nERROR the Lua files are those of [^\n]*/a plugin, and the module of C is [^\n]*/a plugin 3/"
    )
    has(output, "\nADVICE:?\nrun `make nvim` in [^\n]*/a plugin\n")
    lacks(output, "libcurl")
  end)
end)
