-- csrc/binding/file_error.c: the errors of files, by what stands in the way.
local core = require "ddokta.core"
local pages = require "spec.support.pages"

describe("the error of a file", function()
  local dir

  setup(function() dir = assert(core.system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  local function refused(path, sort)
    local journal, err = core.journal.open(path, sort or "spec")
    assert.is_nil(journal)
    return err
  end

  it("that is not there names the path and says why", function()
    local path = dir .. "/no/where"
    local err = refused(path)
    assert.same({ "config", "file" }, { err.kind, err.code })
    assert.equal(path, err.message:sub(1, #path))
    assert.matches(": No such file or directory$", err.message)
  end)

  it("that is in use names who has it", function()
    local journal = assert(core.journal.open(dir .. "/used", "spec"))
    assert(journal:start {})
    assert(journal:commit())
    local err = refused(dir .. "/used")
    assert.same({ "conflict", "in_use" }, { err.kind, err.code })
    assert.matches("is in use", err.message)
    journal:close()
  end)

  it("that is another's is foreign", function()
    pages.write(dir .. "/foreign", "dear diary\n")
    assert.equal("foreign", refused(dir .. "/foreign").code)
  end)

  it("that is damaged names the line", function()
    local path = dir .. "/damaged"
    local journal = assert(core.journal.open(path, "spec"))
    assert(journal:start {})
    assert(journal:load(9))
    for n = 1, 3 do
      assert(journal:step(n, "begin", { key = "k" .. n }))
      assert(journal:commit())
    end
    assert(journal:close())
    local text = pages.read(path)
    pages.write(path, (text:gsub('\n[^\n]*"k2"[^\n]*', "\n{broken")))
    journal = assert(core.journal.open(path, "spec"))
    local done, err = journal:load(9)
    journal:close()
    assert.is_nil(done)
    assert.same({ "damaged", 3 }, { err.code, err.line })
    assert.matches(", line 3: ", err.message)
  end)

  it("that holds no key is the same error", function()
    pages.write(dir .. "/key", "short")
    local key, err = core.fingerprint.key(dir .. "/key")
    assert.is_nil(key)
    assert.equal("config", err.kind)
    assert.is_string(err.code)
  end)
end)
