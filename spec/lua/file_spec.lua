-- lua/ddokta/file.lua: what a folder of ddokta holds, and files that appear whole or not at all.
local file = require "ddokta.file"
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

describe("file", function()
  local dir, count = nil, 0

  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  local function new_path(text)
    count = count + 1
    local path = ("%s/%d/file"):format(dir, count)
    os.execute(("mkdir '%s/%d'"):format(dir, count))
    if text then
      local handle = assert(io.open(path, "wb"))
      handle:write(text)
      handle:close()
    end
    return path
  end

  local function read(path)
    local handle = io.open(path, "rb")
    if not handle then return nil end
    local text = handle:read "*a"
    handle:close()
    return text
  end

  local function shell(words, ...)
    local pipe = io.popen(words:format(...))
    local text = pipe:read "*a"
    pipe:close()
    return text
  end

  local function put_text(put)
    put "one,"
    put "two"
  end

  it("finds the modules of a folder, in their order", function()
    assert.same({ "blocking", "cqueues", "nginx", "sleep", "uv" }, file.modules "loop")
    assert.equal(file.modules "loop", file.modules "loop") -- read once
    assert.is_false(pcall(file.modules, "no.such.folder"))
  end)

  it("finds them wherever ddokta was loaded from, a folder with init.lua among them", function()
    local path = new_path() -- a Lua path that is relative, and a name with what patterns take for theirs
    local tree = path:gsub("file$", "a-tree.d/ddokta")
    os.execute(("mkdir -p '%s/x/sub' '%s/x/empty' && cp lua/ddokta/*.lua '%s'"):format(tree, tree, tree))
    os.execute(
      ("cd '%s/x' && touch init.lua b.lua a.lua sub/init.lua .c.lua d.lua.orig empty/e.lua"):format(tree)
    )
    local names = shell(
      [[cd '%s/..' && LUA_PATH="./?.lua;$LUA_PATH" %s -e 'print(table.concat(require("ddokta.file").modules "x", " "))' 2>&1]],
      tree,
      LUA
    )
    assert.equal("a b sub\n", names)
  end)

  it("knows whether there is one", function()
    assert.is_true(file.exists(new_path "") and file.exists(dir))
    assert.is_false(file.exists(new_path()))
  end)

  it("knows a name's extension", function()
    assert.same({ "csv", "html" }, { file.extension "a.b/People.CSV", file.extension "x.old.html" })
    for _, path in ipairs { "people", "a.csv/people", "people.", "" } do
      assert.is_nil(file.extension(path), path)
    end
  end)

  it("writes what it is given, and leaves nothing beside it", function()
    local path = new_path()
    assert(file.check(path))
    assert.is_nil(read(path))
    assert(file.write(path, put_text))
    assert(file.write(path, put_text))
    assert.equal("one,two", read(path))
    assert.equal("file\n", shell("ls -A '%s'", (path:gsub("/file$", ""))))
  end)

  it("keeps the rights of what it replaces, and a link", function()
    local path = new_path "old"
    os.execute(("chmod 640 '%s'; ln -s file '%s.link'"):format(path, path))
    assert(file.write(path .. ".link", put_text))
    assert.equal("one,two", read(path))
    assert.equal("640 regular file\n", shell("stat -c '%%a %%F' '%s'", path))
    assert.equal("symbolic link\n", shell("stat -c %%F '%s.link'", path))
    assert(file.write(path, put_text, { is_private = true }))
    assert.equal("600\n", shell("stat -c %%a '%s'", path))
    local fresh = new_path()
    assert.equal(
      "644\n",
      shell(
        [[umask 022; %s -e 'assert(require("ddokta.file").write("%s", function(put)
      put "x" end))'; stat -c %%a '%s']],
        LUA,
        fresh,
        fresh
      )
    )
  end)

  it("leaves the file as it was where it cannot be filled", function()
    local path = new_path "old"
    local ok, err = file.write(path, function(put)
      put "half"
      return nil, { message = "mine" }
    end)
    assert.same({ nil, "mine" }, { ok, err.message })
    assert.is_false(pcall(file.write, path, function(put)
      put "half"
      error("a bug", 0)
    end))
    assert.equal("old", read(path))
    assert.equal("file\n", shell("ls -A '%s'", (path:gsub("/file$", ""))))
  end)

  it("is the old or the new one after any death", function()
    local path = new_path(("old"):rep(100000))
    for i = 1, 20 do
      local writer = io.popen(([[echo $$; exec %s -e 'while true do
        assert(require("ddokta.file").write("%s", function(put)
          for _ = 1, 300 do put(("new"):rep(1000)) end end)) end']]):format(LUA, path))
      local pid = tonumber(writer:read "*l")
      -- where other programs have the processors, each dies before its first line: the last may write once
      local most = system.now() + (i == 20 and 30 or 0)
      repeat
        system.sleep(0.01 + 0.003 * i)
      until read(path):sub(1, 3) == "new" or system.now() > most
      system.kill(pid, 9)
      writer:close()
      local text = read(path)
      assert.is_true(text == ("old"):rep(100000) or text == ("new"):rep(300000), #text .. " bytes")
    end
    assert.equal("new", read(path):sub(1, 3))
  end)

  it("refuses what is read, by whatever name", function()
    local path = new_path "name,domain\n"
    os.execute(("ln '%s' '%s.hard'; ln -s file '%s.soft'"):format(path, path, path))
    for _, name in ipairs { path, path .. ".hard", path .. ".soft" } do
      for _, method in ipairs { "check", "write" } do
        local given = method == "check" and { name, { sources = { "-", path } } }
          or { name, put_text, { sources = { path } } }
        local ok, err = file[method](given[1], given[2], given[3])
        assert.is_nil(ok)
        assert.same({ "config", "source" }, { err.kind, err.code })
        assert.truthy(err.message:find(path .. ", which is read", 1, true), err.message)
      end
    end
    assert.equal("name,domain\n", read(path))
  end)

  it("says why a file cannot be written", function()
    for path, words in pairs {
      [dir .. "/no/such/folder"] = "No such file or directory",
      [dir] = "Is a directory",
    } do
      for _, method in ipairs { "check", "write" } do
        local ok, err = file[method](path, method == "write" and put_text or nil)
        assert.is_nil(ok)
        assert.same({ "config", "file" }, { err.kind, err.code })
        assert.equal(("cannot write %s: %s"):format(path, words), err.message)
      end
    end
    local ok, err = file.write("/dev/full", function(put) put(("x"):rep(100000)) end)
    assert.is_nil(ok)
    assert.truthy(err.message:find("cannot write /dev/full: .*No space left"), err.message)
  end)

  it("writes to a device or a pipe as it is", function()
    assert(file.check "/dev/null")
    assert(file.write("/dev/null", put_text))
    assert.truthy(shell("stat -c %%F /dev/null"):find "character special")
    assert.equal(
      "one,two",
      shell(
        [[%s -e 'assert(require("ddokta.file").write("/dev/stdout", function(put)
      put "one," put "two" end))' | cat]],
        LUA
      )
    )
  end)
end)
