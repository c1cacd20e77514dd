-- lua/ddokta/dependency.lua: what is not installed is named in one sentence, by module and command.
local dependency = require "ddokta.dependency"
local quote = require("ddokta.shell").quote
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"
local RELEASE = _VERSION:match "%d%.%d"
local THIS = jit and "LuaJIT" or _VERSION
local BUILT = os.getenv("DDOKTA_COMMAND"):gsub("/bin/ddokta$", "")
local HERE = os.getenv("LUA_PATH"):match "([^;]*)/lua/%?%.lua"

-- what the line says in a Lua whose paths are these alone
local function said_by(line, path, cpath)
  local pipe = io.popen(
    ("unset LUA_PATH_%s LUA_CPATH_%s; LUA_PATH=%s LUA_CPATH=%s %s %s 2>&1; echo $?"):format(
      (RELEASE:gsub("%.", "_")),
      (RELEASE:gsub("%.", "_")),
      quote(path),
      quote(cpath),
      LUA,
      line
    )
  )
  local said = pipe:read "*a"
  pipe:close()
  return said
end

describe("a dependency", function()
  local dir
  local ours = ("%s/lua/?.lua;%s/lua/?/init.lua"):format(HERE, HERE)
  local require_it = ("-e %s"):format(quote [[print(select(2, pcall(require, "ddokta.bulk")))]])
  local command = quote(HERE .. "/bin/ddokta") .. " accounts list"

  setup(function() dir = assert(system.mkdtemp "ddokta-dependency-") end)
  teardown(function() os.execute("rm -rf " .. quote(dir)) end)

  it("is what it is", function() assert.equal(require "cjson", dependency("cjson", "lua-cjson")) end)

  it("that is missing is named, and how to get it", function()
    local sentence = "ddokta: %s is not installed for %s: get it with `luarocks --lua-version=%s install %s` or, on "
      .. "Debian, with `apt-get install %s`\n"
    local cjson = sentence:format("lua-cjson", THIS, RELEASE, "lua-cjson", "lua-cjson")
    assert.equal(cjson .. "0\n", said_by(require_it, ours, BUILT .. "/?.so"))
    assert.equal(
      sentence:format("argparse", THIS, RELEASE, "argparse", "lua-argparse") .. "1\n",
      said_by(command, ours, BUILT .. "/?.so")
    )
  end)

  it("of which a file cannot be loaded is named with the loader's words", function()
    local broken = dir .. "/cjson.so"
    assert(io.open(broken, "w")):close()
    assert.equal(
      ("ddokta: %s, a part of lua-cjson, cannot be loaded by %s (%s: file too short)\n0\n"):format(
        broken,
        THIS,
        broken
      ),
      said_by(require_it, ours, ("%s/?.so;%s/?.so"):format(dir, BUILT))
    )
  end)

  it("raises what is wrong with itself as it was raised", function()
    package.preload["ddokta-broken"] = function() error { "a table" } end
    local ok, raised = pcall(dependency, "ddokta-broken", "ddokta-broken")
    assert.is_false(ok)
    assert.same({ "a table" }, raised)
    package.preload["ddokta-broken"] = nil
  end)

  it(
    "is also what the command is made of",
    function()
      assert.equal(
        ("ddokta: its Lua files are nowhere on package.path for %s: install ddokta for it, or say where it is with "):format(
          THIS
        )
          .. "$LUA_PATH and $LUA_CPATH (`make -s env` in a checkout, `luarocks path` for a tree)\n1\n",
        said_by(command, dir .. "/?.lua", BUILT .. "/?.so")
      )
    end
  )
end)
