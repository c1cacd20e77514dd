-- lua/ddokta/output.lua: a file appears whole or not at all.
local output = require "ddokta.output"
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

describe("output", function()
  local dir, count = nil, 0

  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  local function new_path(text)
    count = count + 1
    local path = ("%s/%d/file"):format(dir, count)
    os.execute(("mkdir '%s/%d'"):format(dir, count))
    if text then
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
    end
    return path
  end

  local function read(path)
    local file = io.open(path, "rb")
    if not file then return nil end
    local text = file:read "*a"
    file:close()
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

  it("writes what it is given, and leaves nothing beside it", function()
    local path = new_path()
    assert(output.check(path))
    assert.is_nil(read(path))
    assert(output.write(path, put_text))
    assert(output.write(path, put_text))
    assert.equal("one,two", read(path))
    assert.equal("file\n", shell("ls -A '%s'", (path:gsub("/file$", ""))))
  end)

  it("keeps the rights of what it replaces, and a link", function()
    local path = new_path "old"
    os.execute(("chmod 640 '%s'; ln -s file '%s.link'"):format(path, path))
    assert(output.write(path .. ".link", put_text))
    assert.equal("one,two", read(path))
    assert.equal("640 regular file\n", shell("stat -c '%%a %%F' '%s'", path))
    assert.equal("symbolic link\n", shell("stat -c %%F '%s.link'", path))
    local fresh = new_path()
    assert.equal(
      "644\n",
      shell(
        [[umask 022; %s -e 'assert(require("ddokta.output").write("%s", function(put)
      put "x" end))'; stat -c %%a '%s']],
        LUA,
        fresh,
        fresh
      )
    )
  end)

  it("leaves the file as it was where it cannot be filled", function()
    local path = new_path "old"
    local ok, err = output.write(path, function(put)
      put "half"
      return nil, { message = "mine" }
    end)
    assert.same({ nil, "mine" }, { ok, err.message })
    assert.is_false(pcall(output.write, path, function(put)
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
        assert(require("ddokta.output").write("%s", function(put)
          for _ = 1, 300 do put(("new"):rep(1000)) end end)) end']]):format(LUA, path))
      local pid = tonumber(writer:read "*l")
      system.sleep(0.01 + 0.003 * i)
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
        local given = method == "check" and { name, { "-", path } } or { name, put_text, { path } }
        local ok, err = output[method](given[1], given[2], given[3])
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
        local ok, err = output[method](path, method == "write" and put_text or nil)
        assert.is_nil(ok)
        assert.same({ "config", "file" }, { err.kind, err.code })
        assert.equal(("cannot write %s: %s"):format(path, words), err.message)
      end
    end
    local ok, err = output.write("/dev/full", function(put) put(("x"):rep(100000)) end)
    assert.is_nil(ok)
    assert.truthy(err.message:find("cannot write /dev/full: .*No space left"), err.message)
  end)

  it("writes to a device or a pipe as it is", function()
    assert(output.check "/dev/null")
    assert(output.write("/dev/null", put_text))
    assert.truthy(shell("stat -c %%F /dev/null"):find "character special")
    assert.equal(
      "one,two",
      shell(
        [[%s -e 'assert(require("ddokta.output").write("/dev/stdout", function(put)
      put "one," put "two" end))' | cat]],
        LUA
      )
    )
  end)
end)
