-- lua/ddokta/cli/commands.lua: a row for each command.
local bulk = require "ddokta.bulk"
local rows = require "ddokta.cli.commands"
local system = require("ddokta.core").system

-- a module that has what a command has
local function is_command(module)
  return type(module) == "table" and module.configure and (module.run or module.show)
end

describe("the commands", function()
  it("are a row for each file that is one, and for each kind of bulk", function()
    local files, kinds = {}, {}
    for _, file in ipairs(assert(system.list "lua/ddokta/cli")) do
      local name = file:match "^(.*)%.lua$"
      if name and is_command(require("ddokta.cli." .. name)) then files[name] = true end
    end
    for _, name in ipairs(bulk.kinds) do
      kinds[name] = true
    end
    for _, row in ipairs(rows) do
      files[row.name] = nil
      if row.kind then kinds[row.kind] = nil end
    end
    assert.same({ {}, {} }, { files, kinds })
  end)

  it("each can be configured and run", function()
    for _, row in ipairs(rows) do
      assert.truthy(row.summary:find "^%a", row.name)
      local command = require("ddokta.cli.parser").command(row)
      assert.same(
        { "function", "function" },
        { type(command.configure), type(command.run or command.show) },
        row.name
      )
    end
  end)
end)
