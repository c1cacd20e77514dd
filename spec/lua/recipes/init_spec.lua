-- lua/ddokta/recipes/init.lua: the recipes that there are.
local recipes = require "ddokta.recipes"

describe("recipes", function()
  it("are found, in the order of the guide", function()
    local names = {}
    for i, recipe in ipairs(recipes.list) do
      names[i] = recipe.name
      assert.equal(i, recipe.order, recipe.name)
      assert.equal(recipe, recipes[recipe.name])
    end
    assert.same({
      "check",
      "service_account_key",
      "provision_users",
      "update_users",
      "deactivate_users",
      "push_group",
      "link_team",
      "unlink_keep_members",
      "unlink_remove_members",
      "import_service_accounts",
      "drift",
    }, names)
  end)

  it("each have a summary, and arguments with words", function()
    for _, recipe in ipairs(recipes.list) do
      assert.truthy(recipe.summary)
      for _, row in ipairs(recipe.arguments) do
        assert.truthy(row.words and row.kind, row.name)
      end
    end
  end)
end)
