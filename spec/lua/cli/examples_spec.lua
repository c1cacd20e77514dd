-- lua/ddokta/cli/examples.lua: each command has an example, and the real parser takes it.
local examples = require "ddokta.cli.examples"
local help = require "ddokta.cli.help"
local parser = require "ddokta.cli.parser"
local shell = require "ddokta.shell"

-- the words of a line, as a shell has them
local function words_of(line)
  local words = {}
  for word in (shell.run("printf '%s\\n' " .. line:gsub("^ddokta ", ""):gsub(">.*", ""))):gmatch "[^\n]+" do
    words[#words + 1] = word
  end
  return words
end

local function parse(words)
  local root = parser.new(parser.named(words))
  return root:pparse(words)
end

describe("an example", function()
  local function check(one)
    local path = help.path(one)
    it("of " .. path, function()
      local lines = examples.of(path)
      assert.truthy(lines[1])
      for _, line in ipairs(lines) do
        assert.equal("ddokta " .. path, line:sub(1, #path + 7))
        assert.same({ true }, { (assert(parse(words_of(line)))) }, line)
      end
    end)
    for _, command in ipairs(one._commands) do
      check(command)
    end
  end
  check((parser.new(function() return true end)))

  it("is not there of what is no command", function()
    assert.same({}, examples.of "users frobnicate")
    assert.same({ false }, { (parse(words_of "ddokta users import a b")) })
  end)
end)
