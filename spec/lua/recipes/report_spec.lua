-- lua/ddokta/recipes/report.lua: what a recipe did, for people and for programs.
local json = require("ddokta.core").json
local report = require "ddokta.recipes.report"

local function fields(changes)
  local all = {
    recipe = "toy",
    outcome = "done",
    seconds = 1.5,
    steps = {
      { key = "a", title = "do one", sends = "1", outcome = "done" },
      { key = "b", title = "do two", sends = "2", outcome = "failed", error = { message = "no" } },
    },
    verified = { { what = "it is there", ok = true }, { what = "it is whole", ok = false, missing = "half" } },
    warnings = {},
    advice = { "look at it" },
    details = { team = "Red", who_is_in = { "ada", "bob" }, nobody = {} },
  }
  for name, value in pairs(changes or {}) do
    all[name] = value
  end
  return report.new(all)
end

describe("recipes.report", function()
  it(
    "is a page for people, without what there is not",
    function()
      assert.equal(
        table.concat({
          "toy: done in 1.5 s.",
          "Steps",
          "  done       do one",
          "               1",
          "  failed     do two",
          "               2",
          "               no",
          "What is there",
          "  nobody: none",
          "  team: Red",
          "  who is in: ada, bob",
          "Verified",
          "  yes        it is there",
          "  NOT YET    it is whole (half)",
          "Next",
          "  look at it",
        }, "\n"),
        tostring(fields())
      )
    end
  )

  it("says what a dry run would do, and what refuses it", function()
    local text = tostring(fields { outcome = "dry run", blocked = "a guard\27[0m" })
    assert.equal("toy: 2 to do. Dry run, nothing was changed.", text:match "^[^\n]*")
    assert.truthy(text:find("\nREFUSED: a guard\\x1B[0m\n", 1, true), text)
    assert.matches("^toy: nothing to do%. Dry run", tostring(fields { outcome = "dry run", steps = {} }))
  end)

  it("knows whether anything was changed", function()
    assert.is_true(fields():has_done())
    assert.is_false(fields({ steps = { { outcome = "unchanged" } } }):has_done())
  end)

  it("is data for programs", function()
    local one = fields()
    assert.is_nil(getmetatable(one:to_table()))
    assert.equal("do one", json.decode(one:to_json()).steps[1].title)
  end)
end)
