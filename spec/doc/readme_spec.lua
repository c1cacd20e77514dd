-- README.md: all that it shows as code runs, and what it links to exists.
--
-- ```lua blocks are run as scripts and ```sh blocks by a shell, both beside a sandbox as the environment
-- says, each in its order; ```console blocks are commands that install or take minutes: of those, make's
-- are tried with -n and LuaRocks' is what spec/e2e/packaging_spec.lua runs.
local pages = require "spec.support.pages"
local sandbox = require "ddokta.sandbox"

local lua = os.getenv "DDOKTA_LUA" or "lua5.4"

local readme = pages.read "README.md"
local blocks = pages.code_blocks(readme)

describe("README", function()
  local box, checkout

  setup(function()
    box = assert(sandbox.start {
      seed = {
        okta_accounts = { { name = "Example", domain = "https://example.okta.com/", auth_method = "oauth" } },
        okta = { demo = true },
      },
    })
    checkout = pages.checkout(box)
  end)

  teardown(function()
    if box then box:stop() end
    if checkout then checkout:remove() end
  end)

  local function must_run(text)
    local output, status = checkout:run(text)
    assert.equal(0, status, output)
    return output
  end

  local runners = {
    lua = function(text)
      checkout:write("block.lua", text)
      assert.truthy(#must_run(lua .. " block.lua") > 0)
    end,
    sh = function(text) assert.truthy(#must_run((text:gsub("lua5%.4", lua))) > 0) end,
    console = function(text)
      for command in text:gmatch "%$ ([^\n]+)" do
        local program, arguments = command:match "^(%S+) (.*)$"
        if program == "make" then
          must_run("make -n " .. arguments)
        else
          assert.equal("luarocks --lua-version=5.4 make --deps-mode=none", command)
        end
      end
    end,
  }

  for _, block in ipairs(blocks) do
    it(
      ("shows %s at line %d that runs"):format(block.language, block.line),
      function() assert(runners[block.language], "no one knows how to run it")(block.text) end
    )
  end

  it(
    "shows the example as it is",
    function() assert.truthy(readme:find(pages.read "examples/list_accounts.lua", 1, true)) end
  )

  it("links to what exists", function()
    for _, path in ipairs { "README.md", "CHANGELOG.md" } do
      for _, target in ipairs(pages.links(pages.read(path), "")) do
        assert.truthy(os.rename(target, target), target)
      end
    end
  end)

  it("names every kind of error", function()
    local list = readme:match "`err.kind` is one of (.-)%."
    local count = select(2, list:gsub("`[%l_]+`", ""))
    assert.equal(13, count)
  end)
end)
