-- doc/bulk.md: its commands run, and what it names - options, guards, variables, columns - is there.
local command = require "spec.lua.cli.command"
local pages = require "spec.support.pages"
local sandbox = require "ddokta.sandbox"

local page = pages.read "doc/bulk.md"
local blocks = pages.code_blocks(page)

-- what `... --help` says of each command that the page is about
local function all_help()
  local texts = {
    command.run({}, "--help").out,
    command.run({}, "journal", "--help").out,
    command.run({}, "recipe", "service-account-key", "--help").out,
  }
  for _, resource in ipairs { "accounts", "users", "groups", "service-accounts" } do
    for _, verb in ipairs { "columns", "plan", "import", "export", "update", "restore" } do
      local result = command.run({}, resource, verb, "--help")
      assert.equal(0, result.status, result.err)
      texts[#texts + 1] = result.out
    end
  end
  return table.concat(texts, "\n")
end

local function names_in_table(heading)
  local names = {}
  local section = page:match("\n## " .. heading .. "\n(.-)\n## ")
  for name in section:gmatch "\n| `([%w_]+)` |" do
    names[#names + 1] = name
  end
  return names
end

describe("doc/bulk.md", function()
  local box, checkout

  setup(function()
    box = assert(sandbox.start {})
    checkout = pages.checkout(box)
    checkout:write("people.csv", "userName,name\nada@example.com,Ada Byron\ngrace@example.com,Grace Murray\n")
    for _, block in ipairs(blocks) do
      if block.language == "csv" then checkout:write("hr.csv", block.text) end
    end
  end)
  teardown(function()
    if box then box:stop() end
    if checkout then checkout:remove() end
  end)

  for _, block in ipairs(blocks) do
    if block.language == "sh" then
      it(("shows commands at line %d that run"):format(block.line), function()
        local output, status = checkout:run(block.text)
        assert.equal(0, status, output)
      end)
    end
  end

  it("shows a mapping that is what it says", function()
    local line = page:match "\n(ddokta users plan hr%.csv.-)\n```"
    local output, status = checkout:run((line:gsub("^ddokta ", "ddokta --json ")))
    assert.equal(0, status, output)
    for _, name in ipairs { "Ada Byron", "Grace Murray" } do
      assert.truthy(output:find(name, 1, true), output)
    end
  end)

  it("names options that there are", function()
    local help, count = all_help(), 0
    for option in page:gmatch "%-%-%l[%l-]+" do
      count = count + 1
      assert.truthy(help:find(option:gsub("%-", "%%-") .. "[^%l-]"), option)
    end
    assert.is_true(count > 20)
  end)

  it("has every guard, in the table's order", function()
    local names = {}
    for i, guard in ipairs(require("ddokta.bulk.guards").list) do
      names[i] = guard.name
    end
    assert.same(names, names_in_table "Guards")
  end)

  it("names variables that are read", function()
    for variable in page:gmatch "%$([%u_]+)" do
      local found = command.shell("grep -rlw " .. variable .. " lua/ddokta --include=*.lua")
      assert.equal(0, found.status, variable)
    end
  end)

  it("names statuses that there are", function()
    local known = {}
    for name, code in pairs(require "ddokta.cli.status") do
      if type(code) == "number" then known[code] = name end
    end
    local count = 0
    for code in page:match("\n## Exit status\n(.*)"):gmatch "\n| (%d+) |" do
      count = count + 1
      assert.is_string(known[tonumber(code)], code)
    end
    assert.equal(8, count)
  end)

  it("is linked from README, and links to what exists", function()
    assert.truthy(pages.read("README.md"):find("(doc/bulk.md)", 1, true))
    for _, target in ipairs(pages.links(page, "doc/")) do
      assert.truthy(os.rename(target, target), target)
    end
  end)
end)
