-- `make dist` and what LuaRocks does with what it makes: install, document, test, remove, upgrade. It builds
-- the module several times, so most of it runs for one Lua: packaging_spec installs for each.
local files = require "spec.support.files"
local once = require "spec.support.once"
local release = dofile ".ci/release.lua"
local system = require("ddokta.core").system
local version = require "ddokta.version"

local quote = require("ddokta.shell").quote

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"
local NAME = "ddokta-" .. version
local CHECKOUT = system.stat ".git" ~= nil -- an archive is no repository

local ADDRESSES = {
  repository = "https://code.ddokta.dev/tools/ddokta",
  homepage = "https://ddokta.dev/",
  issues = "https://code.ddokta.dev/tools/ddokta/issues",
  maintainer = "The maintainers <team@ddokta.dev>",
  security = "security@ddokta.dev",
}

local function with(changes)
  local all = {}
  for name, text in pairs(ADDRESSES) do
    all[name] = text
  end
  for name, text in pairs(changes) do
    all[name] = text
  end
  return all
end

describe("the addresses", function()
  it("stand in the rockspecs and in SECURITY.md as `make doc` writes them", function()
    for path, text in pairs(release.files()) do
      assert.is_true(files.read(path) == text, path .. " is out of date: run make doc")
    end
  end)

  it("must all be there before there is a release", function()
    assert.is_nil(release.complaint(ADDRESSES))
    assert.equal(
      "rockspecs/addresses.lua does not say repository, security yet",
      release.complaint(with { repository = "", security = "" })
    )
  end)

  for _, case in ipairs {
    { "repository", "https://code.ddokta.dev/tools/ddokta.git", "a page of https without .git at its end" },
    { "repository", "https://code.ddokta.dev/", "a page of https without .git at its end" },
    { "repository", "git@code.ddokta.dev:tools/ddokta", "a page of https without .git at its end" },
    { "homepage", "https://example.com/ddokta", "a page of https" },
    { "homepage", "https://ddokta.example", "a page of https" },
    { "homepage", "http://ddokta.dev/", "a page of https" },
    { "homepage", 'https://ddokta.dev/"', "a page of https" },
    { "issues", "https://localhost/issues", "a page of https" },
    { "issues", "https://code.ddokta.dev/a b", "a page of https" },
    { "maintainer", "team@ddokta.dev", "NAME <MAIL>" },
    { "maintainer", 'The "team" <team@ddokta.dev>', "NAME <MAIL>" },
    { "maintainer", "The team <team@ddokta.invalid>", "NAME <MAIL>" },
    { "security", "security at ddokta.dev", "a mail address or a page of https" },
  } do
    it(
      ("may not be '%s' (%s)"):format(case[2], case[1]),
      function()
        assert.equal(
          ('%s is "%s" in rockspecs/addresses.lua, and must be %s that exists'):format(
            case[1],
            case[2],
            case[3]
          ),
          release.complaint(with { [case[1]] = case[2] })
        )
      end
    )
  end

  it("fill a rockspec, which without them names none", function()
    local filled, empty = {}, {}
    for fields, addresses in pairs { [filled] = ADDRESSES, [empty] = dofile "rockspecs/addresses.lua" } do
      local text = release.rockspec(version, addresses)
      for name, value in text:gmatch '\n%s*([%w_]+) = "([^"\n]*)"' do
        fields[name] = value
      end
      assert.is_nil(text:find("example.", 1, true))
    end
    assert.equal("git+https://code.ddokta.dev/tools/ddokta.git", filled.url)
    assert.equal("v" .. version, filled.tag)
    for field, name in pairs { homepage = "homepage", issues_url = "issues", maintainer = "maintainer" } do
      assert.equal(ADDRESSES[name], filled[field])
    end
    assert.truthy(empty.url)
    local text = release.rockspec("scm", ADDRESSES)
    assert.truthy(text:find('url = "git+https://code.ddokta.dev/tools/ddokta.git",\n}', 1, true))
    assert.truthy(release.rockspec(version, ADDRESSES, "5.1"):find('"lua >= 5.1, < 5.2"', 1, true))
    local page = release.security(files.read "SECURITY.md", ADDRESSES)
    assert.truthy(page:find("\nWrite to <security@ddokta.dev>.\n", 1, true))
    page = release.clones(files.read "doc/neovim.md", ADDRESSES)
    assert.truthy(page:find("git clone " .. ADDRESSES.repository .. " ", 1, true))
    assert.is_nil(page:find("example.", 1, true))
  end)

  it("are not the only thing that is checked: so is the changelog", function()
    local part = "## [1.0.0] - 2026-01-02\n\n- all\n"
    assert.equal(
      "- all\n",
      release.changes("# C\n\n" .. part .. "\n## [0.9.0] - 2025-01-02\n- less\n", "1.0.0")
    )
    assert.equal(
      "- less\n",
      release.changes("# C\n" .. part .. "\n## [0.9.0] - 2025-01-02\n- less\n", "0.9.0")
    )
    for text, sentence in pairs {
      ["# C\n\n## [Unreleased]\n- all\n"] = "CHANGELOG.md has no part ## [1.0.0] - DATE",
      ["## [1.0.0] - soon\n- all\n"] = "CHANGELOG.md names no day behind ## [1.0.0]",
      ["## [1.0.0] - 2026-01-02\n\n## [0.9.0] - 2025-01-02\n- less\n"] = "CHANGELOG.md says nothing below ## [1.0.0]",
    } do
      assert.same({ nil, sentence }, { release.changes(text, "1.0.0") })
    end
  end)
end)

if LUA ~= "lua5.4" or not once "make, LuaRocks and tar make a release, whichever Lua asks for it" then
  return
end

-- neither the flags of the make that runs us, nor a sanitizer's library, nor this checkout's paths
local CLEAN = "unset MAKEFLAGS MFLAGS MAKELEVEL LD_PRELOAD LUA B LUA_PATH LUA_CPATH; "
  .. [[PATH=$(printf %s "$PATH" | sed 's|[^:]*/shims:||'); ]]

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

local is_root = must("id -u") == "0\n"
-- without a network, where this system lets us take it away: neither making nor installing asks one
local OFFLINE = select(2, sh "unshare -n true") == 0 and "unshare -n " or ""

describe("a release", function()
  local dir, source, rock

  -- runs a line as somebody who is not root, whose home it gives
  local function as_nobody(line)
    local home = dir .. "/a home"
    must("mkdir -p " .. quote(home))
    local shell = ("env HOME=%s sh -c %s"):format(quote(home), quote(line))
    if not is_root then return must(shell) end
    must(("chown -R 65534:65534 %s"):format(quote(home)))
    return must(OFFLINE .. "setpriv --reuid=65534 --regid=65534 --clear-groups " .. shell)
  end

  -- LuaRocks in the unpacked archive
  local function rocks(line)
    return ("cd %s && LUAROCKS_CONFIG=%s luarocks "):format(quote(source), quote(dir .. "/config")) .. line
  end

  -- the files of a tree that are not LuaRocks' own
  local function left_in(tree)
    return must(("find %s -type f ! -name manifest ! -name 'manifest-*'"):format(quote(tree)))
  end

  setup(function()
    if not (CHECKOUT and has "luarocks" and has "git") then return end
    dir = assert(system.mkdtemp "ddokta-release-")
    must("chmod 755 " .. quote(dir))
    -- the sources of this checkout as they are now, as a commit
    must(
      ("mkdir %s/repo && git ls-files -co --exclude-standard | tar -cf - --ignore-failed-read -T - | tar -xf - -C %s/repo"):format(
        dir,
        dir
      )
    )
    local lines = {}
    for name, text in pairs(ADDRESSES) do
      lines[#lines + 1] = ("  %s = %q,\n"):format(name, text)
    end
    files.write(dir .. "/repo/rockspecs/addresses.lua", "return {\n" .. table.concat(lines) .. "}\n")
    files.write(dir .. "/config", 'variables = { CFLAGS = "-O0 -fPIC" }\n') -- it is installed, not measured
    must(
      ("cd %s/repo && git init -q && git add -A && "):format(dir)
        .. "git -c user.name=x -c user.email=x@ddokta.dev commit -qm x"
    )
    must(("git clone -q %s/repo %s/one && git clone -q %s/repo '%s/another one'"):format(dir, dir, dir, dir))
    must(("cd %s/one && LUAROCKS_CONFIG=%s/config make -s dist LUA=lua5.4"):format(dir, dir))
    must(("cd %s && tar -xzf one/build/dist/%s.tar.gz"):format(dir, NAME))
    source = dir .. "/" .. NAME
    rock = must(("ls %s/one/build/dist/5.4/*.rock"):format(dir)):gsub("\n", "")
  end)
  teardown(function()
    if dir then must("rm -rf " .. quote(dir)) end
  end)

  local function check(name, body)
    it(name, function()
      if not CHECKOUT then return pending "this is no repository" end
      if not dir then return pending "git or luarocks is missing" end
      body()
    end)
  end

  check("is refused with one sentence where something is missing", function()
    local function refused() return (sh(("cd %s/one && sh .ci/dist lua5.4"):format(dir))) end
    files.write(dir .. "/one/new", "")
    assert.equal("dist: there are changes that are not committed, and a release is a commit\n", refused())
    os.remove(dir .. "/one/new")
    files.write(dir .. "/one/rockspecs/addresses.lua", "return {}")
    assert.equal(
      "dist: rockspecs/addresses.lua does not say repository, homepage, issues, maintainer, security yet\n",
      refused()
    )
    must(("cd %s/one && git checkout -q ."):format(dir))
  end)

  check("is the same archive on every machine", function()
    -- another folder, user, umask, time zone, locale, and settings of git and tar
    must("mkdir -p " .. quote(dir .. "/a home"))
    files.write(
      dir .. "/a home/.gitconfig",
      "[core]\n autocrlf = true\n[tar]\n umask = 0\n[safe]\n directory = *\n"
    )
    if is_root then must(("chown -R 65534:65534 '%s/another one'"):format(dir)) end
    as_nobody(
      ("cd %s && umask 077 && TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 TAR_OPTIONS=--mode=777 GZIP=-1 sh .ci/dist lua5.4"):format(
        quote(dir .. "/another one")
      )
    )
    local archive = "/build/dist/" .. NAME .. ".tar.gz"
    assert.is_true(files.read(dir .. "/one" .. archive) == files.read(dir .. "/another one" .. archive))
    -- and has what a checkout has, but the rockspec of no version
    local listed = must(("tar -tzf %s/one%s"):format(dir, archive))
    for _, path in ipairs { "Makefile", "doc/index.md", "spec/run", "csrc/base/list.c", "SECURITY.md" } do
      assert.truthy(listed:find(NAME .. "/" .. path .. "\n", 1, true), path)
    end
    assert.is_nil(listed:find("scm", 1, true))
  end)

  check("comes with sums, its rockspec and what changed", function()
    local dist = dir .. "/one/build/dist"
    must(("cd %s && sha256sum -c SHA256SUMS"):format(dist))
    assert.equal(
      ("5.4/%s-1.%s.rock\nchanges.md\n%s-1.rockspec\n%s.tar.gz\n"):format(
        NAME,
        rock:match "1%.(.*)%.rock$",
        NAME,
        NAME
      ),
      must(("cd %s && awk '{ print $2 }' SHA256SUMS"):format(dist))
    )
    assert.equal(release.changes(files.read "CHANGELOG.md", version), files.read(dist .. "/changes.md"))
    local text = files.read(("%s/%s-1.rockspec"):format(dist, NAME))
    assert.equal(release.rockspec(version, ADDRESSES), text)
    assert.equal(text, files.read(("%s/rockspecs/%s-1.rockspec"):format(source, NAME)))
    assert.truthy(files.read(source .. "/SECURITY.md"):find("Write to <security@ddokta.dev>.", 1, true))
    must(
      ("luarocks lint %s/%s-1.rockspec && luarocks lint %s/one/ddokta-scm-1.rockspec"):format(dist, NAME, dir)
    )
  end)

  -- each command of a tree or a home, with nothing set, from anywhere
  local function check_command(path, prefix)
    local line = ("cd / && %s --version && %s operations | tail -n 1"):format(quote(path), quote(path))
    local output = (prefix or must)(line)
    assert.equal("ddokta " .. version .. "\n", output:match "^[^\n]*\n")
    assert.truthy(output:find "datadog" or output:find "okta", output)
  end

  check("is a rock that was built elsewhere", function()
    local tree = dir .. "/a tree"
    must(
      ("cd / && luarocks --lua-version=5.4 --tree=%s install --deps-mode=none %s"):format(
        quote(tree),
        quote(rock)
      )
    )
    check_command(tree .. "/bin/ddokta")
    local listed =
      must(("luarocks --lua-version=5.4 --tree=%s doc ddokta --list --porcelain"):format(quote(tree)))
    assert.truthy(listed:find("/doc/index.md\n", 1, true), listed)
    must(("luarocks --lua-version=5.4 --tree=%s remove ddokta"):format(quote(tree)))
    assert.equal("", left_in(tree))
  end)

  check("is built from the archive, in the place of what had no version, and beside another Lua's", function()
    local tree = dir .. "/several"
    local make = "--lua-version=%s --tree=" .. quote(tree) .. " make --deps-mode=none %s"
    local function list(release_of_lua)
      return must(
        rocks("--lua-version=" .. release_of_lua .. " --tree=" .. quote(tree) .. " list --porcelain")
      )
    end
    must(("cp %s/one/ddokta-scm-1.rockspec %s"):format(dir, source))
    must(rocks(make:format("5.4", "ddokta-scm-1.rockspec")))
    assert.truthy(list("5.4"):find "^ddokta\tscm%-1\t[^\n]*\n$")
    must("rm " .. source .. "/ddokta-scm-1.rockspec")

    local said = must(rocks(make:format("5.4", "")))
    assert.truthy(said:find("has lua-cjson and argparse", 1, true), said)
    assert.truthy(list("5.4"):find("^ddokta\t" .. version:gsub("%p", "%%%0") .. "%-1\t[^\n]*\n$"))
    check_command(tree .. "/bin/ddokta")

    must(rocks(make:format("5.1", "")))
    for _, lua in ipairs { "lua5.4", "lua5.1", "luajit" } do
      local short = lua == "luajit" and "5.1" or lua:match "%d%.%d"
      if has(lua) then
        assert.equal(
          version .. "\n",
          must(
            ("cd / && LUA_PATH='%s/share/lua/%s/?.lua;%s/share/lua/%s/?/init.lua;;' LUA_CPATH='%s/lib/lua/%s/?.so;;' "):format(
              tree,
              short,
              tree,
              short,
              tree,
              short
            )
              .. lua
              .. [[ -e 'io.write(require("ddokta").version, "\n")']]
          )
        )
      end
    end
    check_command(tree .. "/bin/ddokta")
    must(("luarocks --lua-version=5.1 --tree=%s remove ddokta"):format(quote(tree)))
    must(("luarocks --lua-version=5.4 --tree=%s remove ddokta"):format(quote(tree)))
    -- what LuaRocks put aside when the second Lua's command took the first's place
    assert.equal(tree .. "/bin/ddokta~\n", left_in(tree))
  end)

  check("is installed by somebody who is not root, into a home", function()
    if is_root then must("chown -R 65534:65534 " .. quote(source)) end
    local install = rocks "--lua-version=5.4 make --local --deps-mode=none"
    as_nobody(install)
    check_command(dir .. "/a home/.luarocks/bin/ddokta", as_nobody)
    as_nobody "cd / && luarocks --lua-version=5.4 remove --local ddokta"
    assert.equal("", left_in(dir .. "/a home/.luarocks"))
  end)

  check("is tested by `luarocks test`", function()
    -- from 3.9 on it wants what the rock depends on, which the system has and LuaRocks cannot know of
    local config = files.read(dir .. "/config")
    files.write(dir .. "/config", 'rocks_provided = { ["lua-cjson"] = "2.1.0-1", argparse = "0.7.1-1" }\n')
    local test = "export MAKEFLAGS=OPTIMIZE=-O0; " .. rocks "--lua-version=5.4 test -- spec/lua/"
    local said = must(test .. "version_spec.lua")
    assert.truthy(said:find("lua5.4: 3 passed, 0 failed", 1, true), said)
    said = sh(test .. "no_such_spec.lua")
    assert.truthy(said:find("tests failed", 1, true), said)
    files.write(dir .. "/config", config)
  end)
end)
