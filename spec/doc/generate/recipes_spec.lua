-- doc/generate/recipes.lua: the recipes' rows as types.
local generated = require "doc.generate.recipes"
local recipes = require "ddokta.recipes"

describe("doc.generate.recipes", function()
  local classes, functions = generated.all()

  it("has a function and a class of arguments for each recipe, in their order", function()
    assert.equal(#recipes.list, #classes)
    for i, recipe in ipairs(recipes.list) do
      assert.equal(recipe.name, functions[i].name)
      assert.equal("ddokta.recipe." .. recipe.name .. ".arguments", classes[i].name)
      assert.equal(classes[i].name, functions[i].params[3].type)
      assert.equal(#recipe.arguments, #classes[i].fields)
    end
  end)

  it("says which argument is needed, of which type, and what it is", function()
    for i, recipe in ipairs(recipes.list) do
      for j, argument in ipairs(recipe.arguments) do
        local field = classes[i].fields[j]
        assert.same({ argument.name, not argument.required, argument.words }, {
          field.name,
          field.optional,
          field.words,
        })
        assert.equal(argument.kind == "flag", field.type == "boolean")
      end
    end
  end)

  it("says which client may be left out", function()
    local types = {}
    for i, recipe in ipairs(recipes.list) do
      types[recipe.name] = { functions[i].params[1].type, functions[i].params[2].type }
    end
    assert.same({ "ddokta.Datadog", "ddokta.Okta?" }, types.push_group)
    assert.same({ "ddokta.Datadog", "ddokta.Okta" }, types.drift)
    assert.same({ "ddokta.Datadog?", "ddokta.Okta" }, types.import_service_accounts)
  end)
end)
