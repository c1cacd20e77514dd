-- lua/ddokta/cli/stdout.lua: whatever the command prints, a full disk is no success.
local command = require "spec.lua.cli.command"

describe("the command's output", function()
  for _, words in ipairs {
    { "help" },
    { "--help" },
    { "users", "import", "--help" },
    { "--version" },
    { "completion", "bash" },
    { "operations" },
    { "operations", "--json" },
    { "__complete", "ddokta", "use" },
  } do
    it(("of `%s` on a full disk is a failure that is told"):format(table.concat(words, " ")), function()
      local result = command.shell(command.line(words, {}) .. " >/dev/full")
      assert.same({ 1, "ddokta: cannot write: No space left on device\n" }, { result.status, result.err })
    end)
  end

  it("ends without a word where nobody reads it", function()
    local line = command.line({ "help" }, {})
    local result = command.shell(("{ trap '' PIPE; sleep 0.1; %s; echo $? >&2; } | true"):format(line))
    assert.equal("1\n", result.err)
  end)
end)
