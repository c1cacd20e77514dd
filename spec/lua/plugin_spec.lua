-- lua/ddokta/plugin.lua: which module of C belongs to a checkout that is a plugin, and the sentences where it
-- is not there, not the right one, or not as new as its sources. In a real Neovim, with LuaJIT; elsewhere
-- there is nothing to say.
local around = require "spec.lua.loop.surroundings"
local modules = require "spec.support.modules"
local neovim = require "spec.support.nvim"
local plugin = require "ddokta.plugin"

describe("ddokta.plugin", function()
  it("has nothing to say where this is no Neovim", function()
    assert.is_nil(plugin.folder())
    assert.is_nil(plugin.checkout())
    assert.is_nil(plugin.build())
    assert.is_nil(plugin.core_file())
    assert.is_nil(plugin.complaint())
  end)

  if modules.is_left_to("luajit", "in Neovim", it, function(why) pending(why) end) then return end

  local box, editor

  setup(function() box = around.box { latency = 0 } end)
  teardown(function() box:stop() end)
  before_each(function() editor = neovim.new(box) end) -- each spoils its own
  after_each(function() editor:remove() end)

  local COMMAND = [[
    vim.notify = function(text) say(text) end
    vim.cmd "DdoktaTeams app=x"
  ]]

  -- what a command says after `spoil`, a shell's lines in the plugin's folder; with the folder as PLUGIN
  local function said(spoil, before)
    local output, status = editor:run(
      ("os.execute(%q)\n"):format("cd " .. around.quote(editor.plugin) .. "; " .. spoil)
        .. (before or "")
        .. COMMAND
    )
    assert.equal(0, status, output)
    return (output:gsub(editor.plugin:gsub("%p", "%%%0"), "PLUGIN"))
  end

  local REFUSAL = "ddokta: there is no argument 'app=' (known: site=)\n"

  it(
    "says that it is not built",
    function()
      assert.equal(
        "ddokta: the part in C, lua/ddokta/core.so, is not built: run `make nvim` in PLUGIN\n",
        said("rm lua/ddokta/core.so", "require 'cjson' package.cpath = '/nowhere/?.so'\n")
      )
    end
  )

  it("says that it is of no use here", function()
    local output = said "head -c 40 lua/ddokta/core.so > cut && mv cut lua/ddokta/core.so"
    assert.truthy(
      output:find("^ddokta: PLUGIN/lua/ddokta/core%.so cannot be loaded %(.-file too short%): "),
      output
    )
    assert.truthy(output:find("with `make nvim` in PLUGIN\n$"), output)
  end)

  it("says that a library is not there", function()
    local output = said "sed -i s/libcurl.so.4/libcurl.so.9/ lua/ddokta/core.so"
    assert.truthy(
      output:find("^ddokta: PLUGIN/lua/ddokta/core%.so needs libcurl%.so%.9, which is not on this system: "),
      output
    )
  end)

  it("says that it is of another version", function()
    local version = require "ddokta.version"
    local other = version:gsub("%d", "9")
    local output = said(("sed -i s/%s/%s/ lua/ddokta/core.so"):format(version:gsub("%p", "\\%0"), other))
    assert.truthy(
      output:find(
        ("ddokta: PLUGIN/lua/ddokta/core.so is of version %s, and the Lua files in PLUGIN/lua/ddokta/ of %s: "):format(
          other,
          version
        ),
        1,
        true
      ),
      output
    )
  end)

  it("says that lua-cjson is not there, and what links it", function()
    local output = said("true", "package.cpath, package.loaded.cjson = '/nowhere/?.so', nil\n")
    assert.truthy(output:find("^ddokta: lua%-cjson is not installed for LuaJIT: "), output)
    assert.truthy(output:find("then run `make nvim` in PLUGIN\n$"), output)
  end)

  it("says once that it is older than a source, and goes on", function()
    local output = said("touch csrc.new && rm csrc && mkdir -p csrc/base && mv csrc.new csrc/base", COMMAND)
    assert.equal(
      "ddokta: PLUGIN/lua/ddokta/core.so is older than its sources: run `make nvim` in PLUGIN\n"
        .. REFUSAL
        .. REFUSAL,
      output
    )
  end)

  it("says that it is of another place", function()
    local output = said(
      "mkdir -p '../b/lua/ddokta' && mv lua/ddokta/core.so ../b/lua/ddokta",
      'vim.opt.runtimepath:append(vim.fn.fnamemodify(plugin, ":h") .. "/b")\n'
    )
    assert.truthy(
      output:find(
        "^ddokta: the Lua files are those of PLUGIN, and the module of C is [^\n]*/b/lua/ddokta/core%.so: run "
      ),
      output
    )
    assert.truthy(output:find(REFUSAL, 1, true), output)
  end)

  it("says nothing where all is well", function() assert.equal(REFUSAL, said "true") end)

  it("serves in a worker thread, where nobody can be asked", function()
    local output = editor:run [[
      local uv = vim.uv or vim.loop
      local done
      local work = uv.new_work(function(path)
        package.path = path
        local plugin = require "ddokta.plugin"
        return tostring(plugin.core_file()) .. " " .. tostring(plugin.complaint())
      end, function(...) say(...) done = true end)
      work:queue(plugin .. "/lua/?.lua;" .. package.path)
      wait(function() return done end)
    ]]
    assert.equal("nil nil\n", output)
  end)
end)
