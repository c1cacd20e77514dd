-- csrc/binding/system.c: a new file, and what the disk says.
local system = require("ddokta.core").system

describe("core.system", function()
  local dir

  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  it("makes a file that is new and ours alone", function()
    local path = dir .. "/new"
    local fd = assert(system.create(path))
    assert.is_true(system.write(fd, "a\0b\n"))
    system.close(fd)
    local file = assert(io.open(path, "rb"))
    assert.equal("a\0b\n", file:read "*a")
    file:close()
    local pipe = io.popen("stat -c %a '" .. path .. "'")
    assert.equal("600", pipe:read "*l")
    pipe:close()
    local again, why = system.create(path)
    assert.same({ nil, "File exists" }, { again, why })
    assert.is_nil((system.create(dir .. "/no/where")))
  end)

  it("says what the disk says", function()
    local ok, why = system.write(9999, "x")
    assert.is_nil(ok)
    assert.equal("Bad file descriptor", why)
  end)
end)
