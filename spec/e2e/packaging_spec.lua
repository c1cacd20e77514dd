-- The rockspec and `make install`: what a stranger installs is whole, runs, and exports no
-- more than it must. For the Lua under test.
local once = require "spec.support.once"
local system = require("ddokta.core").system

local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
local version = lua == "luajit" and "5.1" or lua:match "%d%.%d"

-- neither the flags of the make that runs us, nor a sanitizer's library, nor this checkout's paths
-- (.ci/sanitize has its Luas in a folder "shims", beside which LuaRocks would look for headers)
local CLEAN = "unset MAKEFLAGS MFLAGS MAKELEVEL LD_PRELOAD LUA LUA_PATH LUA_CPATH; "
  .. [[PATH=$(printf %s "$PATH" | sed 's|[^:]*/shims:||'); ]]

local quote = require("ddokta.shell").quote

-- sh(command) -> its output, its exit status
local function sh(command)
  local pipe = io.popen("(" .. CLEAN .. command .. "\n) 2>&1; echo $?")
  local output, status = pipe:read("*a"):match "^(.-)(%d+)\n$"
  pipe:close()
  return output, tonumber(status)
end

local function must(command)
  local output, status = sh(command)
  assert.equal(0, status, command .. "\n" .. output)
  return output
end

local function has(program) return select(2, sh("command -v " .. program)) == 0 end

local read = require("spec.support.files").read

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    list[#list + 1] = line
  end
  return list
end

-- the files below a folder, in order
local function files(folder)
  return lines(must(("cd %s && find ddokta -type f | LC_ALL=C sort"):format(quote(folder))))
end

local ROCKSPEC = ("rockspecs/ddokta-%s-1.rockspec"):format(require "ddokta.version")

-- those of lua/ but for what `make nvim` puts there
local function sources()
  local list = {}
  for _, path in ipairs(files "lua") do
    if not path:find "%.so$" then list[#list + 1] = path end
  end
  return list
end

local function rockspec()
  local fields = {}
  local chunk, message
  if setfenv then -- luacheck: ignore 113
    chunk, message = loadfile(ROCKSPEC)
    setfenv(assert(chunk, message), fields) -- luacheck: ignore 113
  else
    chunk, message = loadfile(ROCKSPEC, "t", fields) -- luacheck: ignore 231
  end
  assert(chunk, message)()
  return fields
end

-- what make installs may be a sanitizer's build, which needs its library
local sanitized = os.getenv "LD_PRELOAD"
local AWAY = ("export LD_PRELOAD=%s; cd /; "):format(quote(sanitized or ""))

-- where an installation has what: folders of Lua files, of C modules, and the command, which finds both
local function check_installed(place)
  assert.same(sources(), files(place.lua))
  assert.same({ "ddokta/core.so" }, files(place.c))
  assert.is_true(sanitized ~= nil or #read(place.c .. "/ddokta/core.so") < 400 * 1024)
  local paths = ("export LUA_PATH=%s LUA_CPATH=%s; "):format(
    quote(place.lua .. "/?.lua;" .. place.lua .. "/?/init.lua;;"),
    quote(place.c .. "/?.so;;")
  )
  local expected = require "ddokta.version"
  local ask = lua .. [[ -e 'io.write(require("ddokta").version, "\n")']]
  assert.equal(expected .. "\n", must(AWAY .. paths .. ask))
  local command = AWAY .. quote(place.command)
  assert.equal("ddokta " .. expected .. "\n", must(command .. " --version"))
  local output, status = sh(command .. " no-such-command")
  assert.equal(2, status, output)
end

-- the man page, and the completion of each shell
local function check_share(prefix)
  local share = prefix .. "/share/"
  assert.equal(read "doc/ddokta.1", read(share .. "man/man1/ddokta.1"))
  for shell, path in pairs {
    bash = "bash-completion/completions/ddokta",
    zsh = "zsh/site-functions/_ddokta",
    fish = "fish/vendor_completions.d/ddokta.fish",
  } do
    assert.equal(must(quote(prefix .. "/bin/ddokta") .. " completion " .. shell), read(share .. path))
  end
end

-- Neovim finds the plugin among what a system installs, and the plugin the module; its Lua is LuaJIT
local function check_plugin(prefix, place)
  local site = prefix .. "/share/nvim/site/"
  for _, path in ipairs {
    "plugin/ddokta.lua",
    "lua/ddokta/health.lua",
    "doc/ddokta.txt",
    "doc/ddokta-okta.txt",
  } do
    assert.equal(version == "5.1", io.open(site .. path) ~= nil)
  end
  if lua ~= "luajit" then return end
  local output = must(
    ("export XDG_DATA_DIRS=%s LD_PRELOAD=%s LUA_PATH=%s LUA_CPATH=%s HOME=%s; cd /; "):format(
      quote(prefix .. "/share"),
      quote(os.getenv "LD_PRELOAD" or ""),
      quote(place.lua .. "/?.lua;" .. place.lua .. "/?/init.lua;;"),
      quote(place.c .. "/?.so;;"),
      quote(prefix .. ".home")
    )
      .. "nvim --headless -i NONE -n -c 'DdoktaTeams app=x' -c 'help ddokta.Okta:get_user()' "
      .. "-c 'lua print(vim.fn.expand [[%:t]])' -c 'checkhealth ddokta' -c 'lua print(unpack(vim.fn.getline(1, [[$]])))' -c 'quitall!'"
  )
  assert.truthy(output:find("ddokta: there is no argument 'app=' (known: site=)", 1, true), output)
  assert.truthy(output:find("ddokta-okta.txt", 1, true), output)
  assert.truthy(
    output:find("OK:? version " .. require("ddokta.version"):gsub("%p", "%%%0") .. ", in "),
    output
  )
end

local function check_exports(path)
  if not has "nm" then return end
  local exported = {}
  for _, line in ipairs(lines(must("nm -D --defined-only " .. quote(path)))) do
    local name = line:match "%S+$"
    if not name:find "^__" then -- a sanitizer's own
      exported[#exported + 1] = name
    end
  end
  assert.same({ "luaopen_ddokta_core" }, exported)
end

describe("packaging", function()
  local dir

  setup(function() dir = assert(system.mkdtemp "ddokta-packaging-") end)
  teardown(function() must("rm -rf " .. quote(dir)) end)

  it("names what the Lua files need from others", function()
    -- what a host brings: LuaJIT, nginx, Neovim, and the loops that a program may run in
    local declared = { jit = true, ffi = true, ngx = true, vim = true, luv = true, cqueues = true }
    for _, dependency in ipairs(rockspec().dependencies) do
      local rock = dependency:match "^%S+"
      declared[rock:gsub("^lua%-", "")] = true -- lua-cjson is required as cjson
    end
    for _, path in ipairs(sources()) do
      local text = read("lua/" .. path)
        :gsub('require "ddokta%.dependency"%(', "require(")
        :gsub("dependency%(", "require(")
      for module in text:gmatch "require%s*%(?%s*[\"']([%w_]+)" do
        assert.truthy(module == "ddokta" or declared[module], path .. " requires " .. module)
      end
    end
  end)

  it("is a rock", function()
    if not has "luarocks" then return pending "luarocks is missing" end
    must("luarocks lint " .. ROCKSPEC)
    -- a copy, so that two Luas under test at once do not build in one folder, and nothing but what is
    -- listed here can be needed
    local copy, tree = dir .. "/source", dir .. "/tree"
    must(
      ("mkdir %s && cp -R Makefile csrc lua bin plugin doc examples rockspecs README.md CHANGELOG.md LICENSE %s"):format(
        quote(copy),
        quote(copy)
      )
    )
    local output = must(
      ("unset B; cd %s && luarocks --lua-version=%s make --deps-mode=none " .. "--tree=%s %s"):format(
        quote(copy),
        version,
        quote(tree),
        ROCKSPEC
      )
    )
    assert.is_nil(output:lower():find("warning", 1, true), output)
    local place = {
      lua = ("%s/share/lua/%s"):format(tree, version),
      c = ("%s/lib/lua/%s"):format(tree, version),
      command = tree .. "/bin/ddokta",
    }
    check_installed(place)
    check_exports(place.c .. "/ddokta/core.so")
  end)

  -- Fedora, Alpine, Arch, Homebrew name their Luas otherwise, and Debian's `lua` may not be its lua.pc's.
  if once "the names are the Makefile's, which builds for each of them in this run" then
    it("is built and installed for a Lua of any name", function()
      local names = { lua54 = "5.4", ["lua-5.4"] = "5.4", lua = "5.1", luajit = "5.3" }
      local bin, prefix = dir .. "/names", dir .. "/named"
      local path = ("PATH=%s:$PATH; "):format(quote(bin))
      must("mkdir " .. quote(bin))
      for name, is in pairs(names) do
        must(("ln -s $(command -v lua%s) %s/%s"):format(is, quote(bin), name))
        assert.equal(is .. "\n", must(path .. "sh .ci/luas version " .. name))
        local headers = must(path .. "pkg-config --modversion $(sh .ci/luas package " .. name .. ")")
        assert.equal(is, headers:match "^%d%.%d")
      end
      local install = "make -s install OPTIMIZE=-O0 SAN= B=%s/build PREFIX=%s LUA="
      must(path .. install:format(quote(dir), quote(prefix)) .. "lua54")
      must(path .. AWAY .. quote(prefix .. "/bin/ddokta") .. " --version")
      local output, status = sh(install:format(quote(dir), quote(prefix)) .. "lua9.9")
      assert.equal(2, status)
      assert.truthy(output:find("ddokta: lua9.9 is not here, or not its headers", 1, true), output)
    end)

    it("is installed in a folder that is named from here, from home, or whole", function()
      local home = dir .. "/a home"
      -- the same place from here
      local up = ("../"):rep(select(2, must("pwd"):gsub("/", ""))) .. home:sub(2)
      local install = ("HOME=%s make -s %%s LUA=lua5.4 "):format(quote(home))
      must(install:format "install" .. "PREFIX=" .. quote(up .. "/own place"))
      must(AWAY .. quote(home .. "/own place/bin/ddokta") .. " --version")
      must(install:format "uninstall" .. "PREFIX=" .. quote "~/own place")
      assert.same({}, lines(must(("find %s -type f"):format(quote(home)))))
      -- a package's files, which will be elsewhere
      must(install:format "install" .. "PREFIX='/usr/own place' DESTDIR=" .. quote(up))
      local command = read(home .. "/usr/own place/bin/ddokta")
      assert.truthy(command:find('package.path = "/usr/own place/share/lua/5.4/?.lua;', 1, true), command)
      assert.truthy(command:find('package.cpath = "/usr/own place/lib/lua/5.4/?.so;', 1, true), command)
    end)

    it("is not installed where Lua or a shell would look elsewhere", function()
      local goals = { [";"] = "install", ["?"] = "uninstall", ["'"] = "install", ["$"] = "install" }
      for character, goal in pairs(goals) do
        local place = quote(("%s/with %sx"):format(dir, character == "$" and "$$" or character))
        local output, status = sh(("make -s %s LUA=lua5.4 PREFIX=%s"):format(goal, place))
        assert.equal(2, status, output)
        local why = "ddokta: cannot be installed where a folder's name has " .. character .. " in it"
        assert.truthy(output:find(why, 1, true), output)
      end
      assert.equal("", must(("cd %s && find . -name 'with*'"):format(quote(dir))))
    end)
  end

  it("is installed by make install", function()
    local prefix = dir .. "/a prefix"
    must(("make -s install LUA=%s PREFIX=%s"):format(lua, quote(prefix)))
    local place = {
      lua = ("%s/share/lua/%s"):format(prefix, version),
      c = ("%s/lib/lua/%s"):format(prefix, version),
      command = prefix .. "/bin/ddokta",
    }
    check_installed(place)
    check_exports(place.c .. "/ddokta/core.so")
    check_plugin(prefix, place)
    check_share(prefix)
    must(("make -s uninstall LUA=%s PREFIX=%s"):format(lua, quote(prefix)))
    assert.same({}, lines(must(("find %s -type f"):format(quote(prefix)))))
  end)
end)
