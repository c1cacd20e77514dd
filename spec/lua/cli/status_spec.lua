-- lua/ddokta/cli/status.lua: what a command ends with.
local errors = require "ddokta.error"
local status = require "ddokta.cli.status"

describe("an exit status", function()
  it("says what an error means where nothing was done before", function()
    for kind, code in pairs {
      unauthorized = status.UNAUTHORISED,
      forbidden = status.UNAUTHORISED,
      conflict = status.STOPPED,
      config = status.USAGE,
      not_found = status.FAILED,
      network = status.FAILED,
    } do
      assert.equal(code, status.of_error(errors.new { kind = kind, message = "no" }), kind)
    end
  end)

  it("has the words of doc/command.md", function()
    local page = require("spec.support.files").read "doc/command.md"
    for _, row in ipairs(status.list) do
      local line = ("| %d | %s |\n"):format(row.code, row.words)
      assert.truthy(page:find(line, 1, true), line)
    end
  end)

  it("is that of a failure where something was sent", function()
    local err = errors.new { kind = "conflict", code = "not_taken", message = "no" }
    assert.equal(status.FAILED, status.of_error(err))
  end)

  it("is raised with its words, or with none, and is told from what else is raised", function()
    local ok, raised = pcall(error, status.stop(status.STOPPED, "a guard"), 0)
    assert.same(
      { false, true, 3, "a guard" },
      { ok, status.is_stop(raised), raised.status, tostring(raised) }
    )
    assert.is_nil(status.stop(status.INTERRUPTED).message)
    assert.is_false(status.is_stop { status = 3 })
  end)
end)
