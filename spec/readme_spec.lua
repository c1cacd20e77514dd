-- README.md: all that it shows as code runs, and what it links to exists.
--
-- ```lua blocks are run as scripts and ```sh blocks by a shell, both beside a sandbox as the environment
-- says, each in its order; ```console blocks are commands that install or take minutes: of those, make's
-- are tried with -n and LuaRocks' is what spec/packaging_spec.lua runs.
local sandbox = require "ddokta.sandbox"
local system = require("ddokta.core").system

local lua = os.getenv "DDOKTA_LUA" or "lua5.4"

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- {language, text, line} of each fenced block
local function code_blocks(text)
  local list, block, number = {}, nil, 0
  for line in text:gmatch "([^\n]*)\n" do
    number = number + 1
    local fence = line:match "^```(.*)$"
    if fence and block then
      block.text = table.concat(block, "\n") .. "\n"
      list[#list + 1], block = block, nil
    elseif fence then
      block = { language = fence, line = number }
    elseif block then
      block[#block + 1] = line
    end
  end
  assert(not block, "a code block without an end")
  return list
end

local readme = read "README.md"
local blocks = code_blocks(readme)

describe("README", function()
  local box, dir, environment

  setup(function()
    box = assert(sandbox.start {
      seed = { { name = "Example", domain = "https://example.okta.com/", auth_method = "oauth" } },
    })
    dir = assert(system.mkdtemp "ddokta-readme-")
    -- a checkout to stand in, in which a block may leave files
    assert(os.execute(("ln -s \"$PWD\"/* %s/"):format(quote(dir))))
    environment = ("unset MAKEFLAGS MFLAGS MAKELEVEL; %s\nPATH=%s:$PATH; export PATH; cd %s\n"):format(
      box:exports(), quote((os.getenv "DDOKTA_COMMAND" or ""):gsub("/[^/]*$", "")), quote(dir))
  end)

  teardown(function()
    if box then box:stop() end
    if dir then os.execute("rm -rf " .. quote(dir)) end
  end)

  -- runs a shell's text in that checkout -> output, exit status
  local function run(text)
    write(dir .. "/block.sh", environment .. "set -e\n" .. text)
    local pipe = io.popen(("sh %s 2>&1 < /dev/null; echo $?"):format(quote(dir .. "/block.sh")))
    local output, status = pipe:read("*a"):match "^(.-)(%d+)\n$"
    pipe:close()
    return output, tonumber(status)
  end

  local function must_run(text)
    local output, status = run(text)
    assert.equal(0, status, output)
    return output
  end

  local runners = {
    lua = function(text)
      write(dir .. "/block.lua", text)
      assert.truthy(#must_run(lua .. " block.lua") > 0)
    end,
    sh = function(text)
      assert.truthy(#must_run((text:gsub("lua5%.4", lua))) > 0)
    end,
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
    it(("shows %s at line %d that runs"):format(block.language, block.line), function()
      assert(runners[block.language], "no one knows how to run it")(block.text)
    end)
  end

  it("shows the example as it is", function()
    assert.truthy(readme:find(read "examples/list_accounts.lua", 1, true))
  end)

  it("links to what exists", function()
    for _, path in ipairs { "README.md", "CHANGELOG.md" } do
      for target in read(path):gmatch "%]%(([^)]+)%)" do
        if not target:find "^https://" then
          assert.truthy(os.rename(target, target), target)
        end
      end
    end
  end)

  it("names every kind of error", function()
    local list = readme:match "`err.kind` is one of (.-)%."
    local count = select(2, list:gsub("`[%l_]+`", ""))
    assert.equal(13, count)
  end)
end)
