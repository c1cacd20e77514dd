-- lua/ddokta/cli/values.lua: words for metavariables, from the tables that have them.
local bulk = require "ddokta.bulk"
local core = require "ddokta.core"
local ddokta = require "ddokta"
local values = require "ddokta.cli.values"

local function words(name, context)
  local list = {}
  for i, word in ipairs(values[name].words(context or { path = "", arguments = {} })) do
    list[i] = word[1]
  end
  return list
end

describe("a metavariable", function()
  it("stands for the names that there are", function()
    assert.same(core.sites, words "<site>")
    assert.equal(#bulk.guards.list, #words "<guard[=n]>")
    assert.equal(#ddokta.operations + 2, #words "<operation>")
  end)

  it("stands for the columns of the command's kind", function()
    local names = {}
    for i, column in ipairs(bulk.forms.describe(bulk.kind "scim_groups").columns) do
      names[i] = column.name .. "="
    end
    assert.same(names, words("<column=...>", { path = "groups import", arguments = {} }))
    local shown = { "displayName", "externalId", "members", "id" }
    assert.same(shown, words("<columns>", { path = "groups list", arguments = {} }))
    assert.same("permission", words("<columns>", { path = "operations", arguments = {} })[5])
    assert.same({}, words("<columns>", { path = "journal", arguments = {} }))
  end)

  it("stands for where a source of that kind may be", function()
    local context = { path = "users import", arguments = {} }
    assert.same({ "okta:group/", "okta:app/" }, words("<source>", context))
    assert.same({}, words("<source>", { path = "accounts import", arguments = {} }))
  end)

  it("of a journal: what to do with it stands first alone", function()
    assert.same(
      { "show", "list", "check", "repair", "discard" },
      words("<journal>", { path = "journal", arguments = {} })
    )
    assert.same({}, words("<journal>", { path = "journal", arguments = { "show" } }))
  end)
end)
