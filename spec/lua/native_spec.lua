-- lua/ddokta/native.lua: a core.so that cannot be used says so in one sentence: what was found, what is
-- wanted, what to do. Each in a Lua of its own, with files as they are built or with some bytes changed.
local files = require "spec.support.files"
local quote = require("ddokta.shell").quote
local system = require("ddokta.core").system
local version = require "ddokta.version"

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"
local RELEASE = _VERSION:match "%d%.%d"
local THIS = jit and "LuaJIT" or _VERSION
local INSTALL = ("`make install LUA=%s` or `luarocks --lua-version=%s make`"):format(
  jit and "luajit" or "lua" .. RELEASE,
  RELEASE
)
local BUILT = os.getenv("DDOKTA_COMMAND"):gsub("/bin/ddokta$", "")

describe("require of ddokta", function()
  local dir

  setup(function() dir = assert(system.mkdtemp "ddokta-native-") end)
  teardown(function() os.execute("rm -rf " .. quote(dir)) end)

  -- what it raises, or "loaded"; cpath: where modules of C are
  local function load(cpath, module)
    local script = ("print(select(2, pcall(require, %q)))"):format(module or "ddokta")
    local pipe = io.popen(
      ("unset LUA_CPATH_%s; LUA_CPATH=%s %s -e %s 2>&1"):format(
        (RELEASE:gsub("%.", "_")),
        quote(cpath),
        LUA,
        quote(script)
      )
    )
    local said = pipe:read "*a"
    pipe:close()
    return said:find "^table: " and "loaded" or said:gsub("\n$", "")
  end

  -- a copy of core.so in a folder of its own -> its path, and the path on which modules are looked for
  local function copy(name, change)
    local folder = dir .. "/" .. name
    assert(os.execute("mkdir -p " .. quote(folder .. "/ddokta")))
    local bytes, changes = change(files.read(BUILT .. "/ddokta/core.so"))
    assert(changes ~= 0)
    files.write(folder .. "/ddokta/core.so", bytes)
    return folder .. "/ddokta/core.so", folder .. "/?.so;;"
  end

  local function replace(text, other)
    assert(#text == #other)
    return function(bytes) return bytes:gsub(text:gsub("%p", "%%%0"), other) end
  end

  local function release_of(lua) return lua == "luajit" and "5.1" or lua:match "%d%.%d" end

  for other in (os.getenv "DDOKTA_LUAS" or ""):gmatch "%S+" do
    it("with the core.so of " .. other, function()
      local folder = BUILT:gsub("[^/]+$", "") .. other
      local path = folder .. "/ddokta/core.so"
      if not system.stat(path) then return pending(other .. " is not built") end
      local expected = "loaded"
      if release_of(other) ~= RELEASE then
        expected = ("ddokta: %s was built for %s, and this is %s: install ddokta for it, with %s"):format(
          path,
          release_of(other) == "5.1" and "Lua 5.1 and LuaJIT" or "Lua " .. release_of(other),
          THIS,
          INSTALL
        )
      end
      assert.equal(expected, load(folder .. "/?.so;;"))
      assert.equal(expected, load(folder .. "/?.so;;", "ddokta.bulk"))
    end)
  end

  it("with the core.so of another version", function()
    local path, cpath = copy("a version", replace(version, (version:gsub("%d", "9"))))
    assert.equal(
      ("ddokta: %s is of version %s, and the Lua files in %s of %s: install one version of both, with %s"):format(
        path,
        version:gsub("%d", "9"),
        os.getenv("LUA_PATH"):match "([^;]*)%?" .. "ddokta/",
        version,
        INSTALL
      ),
      load(cpath)
    )
  end)

  it("where a library is missing", function()
    local path, cpath = copy("library", replace("libcurl.so.4", "libcurl.so.9"))
    assert.equal(
      ("ddokta: %s needs libcurl.so.9, which is not on this system: install it, on Debian with "):format(path)
        .. "`apt-get install libcurl4-openssl-dev`",
      load(cpath)
    )
  end)

  it("where the loader refuses the file", function()
    local path, cpath = copy("cut", function(bytes) return bytes:sub(1, 40) end)
    assert.equal(
      ("ddokta: %s cannot be loaded (%s: file too short): build it on this system, with %s"):format(
        path,
        path,
        INSTALL
      ),
      load(cpath)
    )
  end)

  it("that is not built", function()
    local others = {} -- it may be installed here
    for template in package.cpath:gmatch "[^;]+" do
      if not system.stat((template:gsub("%?", "ddokta/core"))) then others[#others + 1] = template end
    end
    assert.equal(
      ("ddokta: the part in C, ddokta/core.so, is nowhere on package.cpath for %s: build and install it with %s, "):format(
        THIS,
        INSTALL
      ) .. 'or in a checkout `make` it and say where it is with `eval "$(make -s env)"`',
      load(table.concat(others, ";"))
    )
  end)
end)
