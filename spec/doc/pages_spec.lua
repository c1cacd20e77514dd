-- README.md and the pages that it leads to: all that they show as code runs, and what they link to exists.
--
-- ```lua blocks are run as scripts and ```sh blocks by a shell, each in its order, beside a sandbox as the
-- environment says. ```console blocks are commands that install, take minutes or wait: make's are tried
-- with -n, LuaRocks' is what spec/e2e/packaging_spec.lua runs, ddokta's are asked for their help, and what
-- apt-get installs must be in .ci/packages, of which a bare system is made in `make everywhere`. The lines
-- with which it is a plugin of Neovim are tried by spec/hosts/neovim_plugin_spec.lua.
local pages = require "spec.support.pages"
local sandbox = require "ddokta.sandbox"

local lua = os.getenv "DDOKTA_LUA" or "lua5.4"

-- doc/bulk.md and doc/scim-guide.md have specs of their own
local PAGES = {
  "README.md",
  "CONTRIBUTING.md",
  "doc/scripts.md",
  "doc/neovim.md",
  "doc/nginx.md",
  "doc/recipes.md",
  "doc/errors.md",
  "doc/command.md",
  "doc/sandbox.md",
}

-- the second is for OpenResty, which is not here
local OPENRESTY = "/usr/local/openresty/luajit"
local ROCKS = {
  ["luarocks --lua-version=5.4 make --deps-mode=none"] = true,
  ['luarocks --lua-version=5.1 --tree="$HOME/.local/share/nvim/rocks" make --deps-mode=none'] = true,
  ["luarocks --lua-dir=" .. OPENRESTY .. " --lua-version=5.1 --tree=" .. OPENRESTY .. " make --deps-mode=none"] = true,
}

local function each_page()
  local list = {}
  for path in io.popen("find doc *.md -name '*.md'"):lines() do
    list[#list + 1] = path
  end
  return list
end

describe("the pages", function()
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

  local function try(command)
    local program, arguments = command:match "^(%S+) ([^#]*)"
    if program == "apt-get" then
      local known = pages.read(".ci/packages") .. "\nmake " -- without which nobody comes that far
      for package in assert(arguments:match "^install %-y (.*)"):gmatch "%S+" do
        assert.truthy(known:find("[\n|]" .. package:gsub("%p", "%%%0") .. "[ |]"), package)
      end
    elseif program == "git" or program == "nvim" or arguments:find "site/pack" then
      assert.truthy(pages.read("spec/hosts/neovim_plugin_spec.lua"):find('lines_of("git clone")', 1, true))
    elseif program == "make" then
      must_run("make -n " .. arguments)
    elseif program == "export" then
      must_run(command)
    elseif program == "ddokta" then
      must_run("ddokta " .. arguments .. " --help")
    else
      assert.truthy(ROCKS[command], command)
    end
  end

  local runners = {
    lua = function(text)
      if text:find "^%-%- lua/plugins/" or text:find "^%-%- init%.lua\n" then return end
      checkout:write("block.lua", text)
      assert.truthy(#must_run(lua .. " block.lua") > 0)
    end,
    sh = function(text) assert.truthy(#must_run((text:gsub("lua5%.4", lua))) > 0) end,
    console = function(text)
      for command in text:gsub("\\\n *", ""):gmatch "%$ ([^\n]+)" do
        try(command)
      end
    end,
  }

  for _, path in ipairs(PAGES) do
    for _, block in ipairs(pages.code_blocks(pages.read(path))) do
      it(
        ("show %s at line %d of %s that runs"):format(block.language, block.line, path),
        function() assert(runners[block.language], "no one knows how to run it")(block.text) end
      )
    end
  end

  it("link to what exists", function()
    for _, path in ipairs(each_page()) do
      for _, target in ipairs(pages.links(pages.read(path), path:match "^(.*/)" or "")) do
        assert.truthy(os.rename(target, target), path .. " links to " .. target)
      end
    end
  end)

  it("can all be reached from README and from doc/index.md", function()
    local index = pages.read "doc/index.md"
    for _, path in ipairs(each_page()) do
      local name = path:match "^doc/(.*%.md)$"
      if name and name ~= "index.md" then assert.truthy(index:find("(" .. name .. ")", 1, true), name) end
    end
    assert.truthy(pages.read("README.md"):find("(doc/index.md)", 1, true))
  end)
end)

describe("README", function()
  local readme = pages.read "README.md"

  it("can be read at once", function()
    local _, lines = readme:gsub("\n", "")
    assert.is_true(lines <= 130, lines)
  end)

  it(
    "shows the example as it is",
    function() assert.truthy(readme:find(pages.read "examples/list_accounts.lua", 1, true)) end
  )
end)

describe("doc/errors.md", function()
  it("names every kind of error", function()
    local list = pages.read("doc/errors.md"):match "`err.kind` is one of (.-)%."
    local count = select(2, list:gsub("`[%l_]+`", ""))
    assert.equal(13, count)
  end)
end)
