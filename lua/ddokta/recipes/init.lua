--- Recipes: the steps of the guide "Configure SCIM with Okta" as functions.
---
---   local recipes = require "ddokta.recipes"
---   local report, err = recipes.push_group(dd, okta, { group = "Platform", dry_run = true })
--
-- What a recipe is and does: ddokta.recipes.run. A file of this folder that returns a recipe, or a list of
-- them, adds them here.

local run = require "ddokta.recipes.run"
local system = require("ddokta.core").system

---@class ddokta.recipes
---@field list ddokta.recipe[] in the order of the guide
local recipes = { list = {} }

local function add(recipe)
  recipes[recipe.name] = recipe
  recipes.list[#recipes.list + 1] = recipe
end

-- those of a file: what else it returns is no list of recipes
local function recipes_in(file)
  local name = file:match "^([%w_]+)%.lua$"
  local found = name and name ~= "init" and require("ddokta.recipes." .. name)
  if run.is_recipe(found) then return { found } end
  return type(found) == "table" and run.is_recipe(found[1]) and found or {}
end

local folder = debug.getinfo(1, "S").source:match "^@(.*)init%.lua$"
for _, file in ipairs(assert(system.list(folder))) do
  for _, recipe in ipairs(recipes_in(file)) do
    add(recipe)
  end
end
table.sort(recipes.list, function(a, b) return a.order < b.order end)

return recipes
