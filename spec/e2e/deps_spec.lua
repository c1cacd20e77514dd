-- .ci/deps and .ci/packages: what each of make's targets needs of a system. Where there is no dpkg it says
-- what is missing and installs nothing: it runs here with no programs but those that it uses itself.
local once = require "spec.support.once"
local read = require("spec.support.files").read
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

if not once "what is tried is a script of the shell and a list" then return end

local USES = {}
for use in ("demo test loops check bench node everywhere emulator musl openresty"):gmatch "%a+" do
  USES[use] = true
end

-- {package, uses} of each line
local function lines()
  local list = {}
  for line in read(".ci/packages"):gmatch "[^\n]+" do
    local name, uses = line:match "^([^#%s]%S*)%s+(%S+)$"
    assert.truthy(name or line:find "^#", line)
    if name then list[#list + 1] = { name = name, uses = "," .. uses .. "," } end
  end
  return list
end

describe("what is needed", function()
  local bare

  setup(function()
    bare = assert(system.mkdtemp "ddokta-bare-")
    for _, name in ipairs { "sh", "awk", "dirname" } do
      shell.run(('ln -s "$(command -v %s)" %s/%s'):format(name, bare, name))
    end
  end)
  teardown(function() shell.run("rm -rf " .. shell.quote(bare)) end)

  local function deps(uses) return shell.run(("PATH=%s sh .ci/deps %s"):format(shell.quote(bare), uses)) end

  it("has a use that make knows", function()
    for _, line in ipairs(lines()) do
      for use in line.uses:gmatch "[^,]+" do
        assert.is_true(USES[use] or use:find "^lua" ~= nil, line.name .. " is for " .. use)
      end
    end
  end)

  it("for a demo is little: no browser, no editor, no compiler besides that of C", function()
    local count = 0
    for _, line in ipairs(lines()) do
      if line.uses:find(",demo,", 1, true) or line.uses:find(",lua5.4,", 1, true) then
        count = count + 1
        for _, heavy in ipairs { "chromium", "neovim", "clang", "build%-essential", "valgrind", "slurm" } do
          assert.is_nil(line.name:gsub("gcc|clang", ""):find(heavy), line.name)
        end
      end
    end
    assert.is_true(count <= 13, count)
  end)

  it("is said where there is no apt-get, by what it is for", function()
    local prefix = "ddokta: not a Debian system; please install: "
    assert.equal(prefix .. "cc pkg-config nginx openssl lua5.3\n", (deps "demo lua5.3"))
    assert.truthy(deps("demo test"):find("lua5.1 lua5.2 lua5.3 lua5.4 luajit busted\n", 1, true))
    assert.truthy(deps("check"):find(prefix .. "luacheck\n", 1, true))
    assert.equal(1, (select(2, deps "")))
    assert.same({ "", 0 }, { deps "node" })
  end)

  it(
    "is there, where specs run",
    function()
      assert.same(
        { "", 0 },
        { shell.run "command -v dpkg-query >/dev/null || exit 0; sh .ci/deps demo test" }
      )
    end
  )
end)
