-- `make everywhere`, but for its roots, which only root can make: the commands that it reads in README.md,
-- and the table that it makes of results.
local once = require "spec.support.once"
local pages = require "spec.support.pages"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

if not once "what is tried are scripts of the shell" then return end

local quote = shell.quote

describe("make everywhere", function()
  local dir

  setup(function() dir = assert(system.mkdtemp "ddokta-everywhere-") end)
  teardown(function() shell.run("rm -rf " .. quote(dir)) end)

  local function write(name, text)
    pages.write(dir .. "/" .. name, text)
    return quote(dir .. "/" .. name)
  end

  describe("reads in a page", function()
    local PAGE = [[
# A page

```console
$ not this
```

## Try it

```console
$ make one \
    two three
what it prints
$ make four
```

```sh
# not a heading
ddokta check
```

## Try it again

```lua
print(1)
```
]]

    local page
    setup(function() page = write("page.md", PAGE) end)

    local function readme(words) return shell.run(("sh .ci/everywhere/readme %s %s"):format(words, page)) end

    it(
      "the commands of a section, each on a line",
      function() assert.same({ "make one two three\nmake four\n", 0 }, { readme "'Try it' console" }) end
    )

    it("a block of a kind as it is", function()
      assert.same({ "# not a heading\nddokta check\n", 0 }, { readme "'Try it' sh" })
      assert.same({ "print(1)\n", 0 }, { readme "'Try it again' lua" })
    end)

    it("that there is none", function()
      assert.same({ "", 1 }, { readme "'Try it again' console" })
      assert.same({ "", 1 }, { readme "'Try' console" })
    end)

    it(
      "which sections have commands",
      function() assert.same({ "A page\nTry it\n", 0 }, { readme "sections" }) end
    )
  end)

  it("finds in README.md what it follows", function()
    for _, words in ipairs { "'Try it' console", "Install console", "Install sh", "'The first script' lua" } do
      assert.equal(0, (select(2, shell.run("sh .ci/everywhere/readme " .. words))), words)
    end
  end)

  it("knows what each spec file came to, also of one that has no test or cannot be read", function()
    local files = {
      write("a_spec.lua", 'it("passes", function() end)\nit("fails", function() error("no", 0) end)\n'),
      write("b_spec.lua", 'it("is skipped", function() pending "not here" end)\npending "some day"\n'),
      write("c_spec.lua", "return\n"),
      write("d_spec.lua", "error 'no'\n"),
    }
    shell.run(
      ("COUNTS=%s lua5.4 spec/support/runner.lua --pattern=_spec --output=spec/support/output.lua %s"):format(
        write("few.count", ""),
        table.concat(files, " ")
      )
    )
    assert.equal(
      ([[
fail|a_spec.lua|fails
file|a_spec.lua|1|1|0
skip|b_spec.lua|not here
skip|b_spec.lua|no reason given
file|b_spec.lua|0|0|2
file|c_spec.lua|0|0|0
fail|d_spec.lua|d_spec.lua
file|d_spec.lua|0|1|0
]]):gsub("|", "\t"),
      (pages.read(dir .. "/few.results"):gsub("[^\t\n]*/", ""))
    )
  end)

  describe("makes a table", function()
    local HOSTS = "# comment\nnginx a_spec.lua\nnginx spec/n*\nscript *\n"
    local EXPECTED = "# comment\nsid lua?.? spec/n* nginx's Lua is LuaJIT\n* * old_spec.lua it is old\n"

    local function tabulate(...)
      local results = table.concat({ ... }, "\n"):gsub(" ?| ?", "\t") .. "\n"
      local said, status = shell.run(
        ("sh .ci/everywhere/table %s %s < %s"):format(
          write("hosts", HOSTS),
          write("expected", EXPECTED),
          write("results", results)
        )
      )
      return said:gsub(" +", " "):gsub(" \n", "\n"), status
    end

    it("with a row for each host, and what was skipped in it", function()
      local said, status = tabulate(
        "file | trixie | lua5.4 | spec/x_spec.lua | 3 | 0 | 2",
        "skip | trixie | lua5.4 | spec/x_spec.lua | no browser",
        "skip | trixie | lua5.4 | spec/x_spec.lua | no browser",
        "file | trixie | lua5.4 | spec/n_spec.lua | 4 | 0 | 0",
        "file | trixie | lua5.4 | a_spec.lua | 1 | 0 | 0",
        "left | trixie | lua5.2 | - | it is not there"
      )
      assert.equal(
        [[
system Lua host passed failed skipped reason
trixie lua5.4 nginx 5 0 0
trixie lua5.4 script 3 0 2 no browser (2)
trixie lua5.2 - - - - it is not there
8 passed, 0 failed, 2 skipped
]],
        said
      )
      assert.equal(0, status)
    end)

    it("that fails where a spec failed that nobody expected to", function()
      local said, status = tabulate(
        "file | sid | luajit | spec/x_spec.lua | 3 | 1 | 0",
        "fail | sid | luajit | spec/x_spec.lua | it counts",
        "file | sid | luajit | old_spec.lua | 0 | 1 | 0",
        "fail | sid | luajit | old_spec.lua | it is young"
      )
      assert.truthy(said:find("sid luajit script 3 2 0 it is old\n", 1, true), said)
      assert.truthy(said:find("\nFAILED: sid luajit spec/x_spec.lua: it counts\n", 1, true), said)
      assert.truthy(said:find("\n3 passed, 1 failed, 1 failed as expected\n$"), said)
      assert.equal(1, status)
    end)

    it("that shows a file without a test", function()
      local said, status = tabulate(
        "file | sid | lua5.4 | spec/n_spec.lua | 0 | 0 | 0",
        "file | sid | luajit | spec/n_spec.lua | 0 | 0 | 0",
        "file | sid | luajit | spec/x_spec.lua | 1 | 0 | 0"
      )
      assert.truthy(said:find("sid lua5.4 nginx 0 0 0 nginx's Lua is LuaJIT\n", 1, true), said)
      assert.truthy(said:find("FAILED: sid luajit spec/n_spec.lua: it ran no test\n", 1, true), said)
      assert.equal(1, status)
    end)

    it("that says to which Lua a file left its tests", function()
      local said, status = tabulate(
        "file | sid | lua5.4 | a_spec.lua | 0 | 0 | 0",
        "file | sid | luajit | a_spec.lua | 2 | 0 | 0",
        "file | trixie | lua5.4 | x_spec.lua | 1 | 0 | 0"
      )
      assert.truthy(said:find("sid lua5.4 nginx 0 0 0 left to luajit\n", 1, true), said)
      assert.equal(0, status)
    end)

    it(
      "that fails where nothing ran",
      function() assert.equal(1, (select(2, tabulate "left | sid | luajit | - | no"))) end
    )
  end)
end)
