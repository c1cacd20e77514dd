-- lua/ddokta/cli/parser.lua: what it loads, and what it takes for a name.
local parser = require "ddokta.cli.parser"
local rows = require "ddokta.cli.commands"

describe("the parser", function()
  it("has every command, and loads those alone that are named", function()
    local root, commands = parser.new(parser.named { "--json", "users", "list" })
    assert.equal(#rows, #root._commands)
    assert.same({ "users" }, { next(commands), next(commands, "users") })
  end)

  it("takes a script's name of a recipe for the command's", function()
    local is_named = parser.named { "recipe", "push_group" }
    assert.same({ true, true, false }, { is_named "push-group", is_named "push_group", is_named "drift" })
  end)

  it("takes global options wherever they stand", function()
    local root = parser.new(parser.named { "users" })
    for _, words in ipairs { { "--timeout", "5", "users", "list" }, { "users", "list", "--timeout", "5" } } do
      local args = root:parse(words)
      assert.same({ 5, "users", "list" }, { args.timeout, args.command, args.verb })
    end
  end)

  it("lays help out for who asks for it alone, and once", function()
    package.loaded["ddokta.cli.help"] = nil
    local root = parser.new(parser.named { "users" })
    root:parse { "users", "list" }
    assert.is_nil(package.loaded["ddokta.cli.help"])
    local help = root:get_help()
    assert.truthy(help:find("\nExit status:\n", 1, true))
    assert.equal(help, root:get_help())
  end)
end)
