--- Recipes: the steps of the guide "Configure SCIM with Okta" as functions.
---
---   local recipes = require "ddokta.recipes"
---   local report, err = recipes.push_group(dd, okta, { group = "Platform", dry_run = true })
--
-- What a recipe is and does: ddokta.recipes.run. A file of this folder that returns a recipe, or a list of
-- them, adds them here.

local arguments = require "ddokta.arguments"
local file = require "ddokta.file"
local pushes = require "ddokta.recipes.pushes"
local run = require "ddokta.recipes.run"

---@class ddokta.recipes
---@field list ddokta.recipe[] in the order of the guide
local recipes = { list = {}, pushes_of_teams = pushes.of_teams }

local function add(recipe)
  recipes[recipe.name] = recipe
  recipes.list[#recipes.list + 1] = recipe
end

for _, name in ipairs(file.modules "recipes") do
  local found = require("ddokta.recipes." .. name)
  if run.is_recipe(found) then found = { found } end
  -- what else a file returns is no list of recipes
  for _, recipe in ipairs(type(found) == "table" and run.is_recipe(found[1]) and found or {}) do
    add(recipe)
  end
end
table.sort(recipes.list, function(a, b) return a.order < b.order end)

return arguments.strict(recipes, "ddokta.recipes")
