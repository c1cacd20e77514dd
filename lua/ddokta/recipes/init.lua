--- recipes: the steps of the guide "Configure SCIM with Okta" as functions, one file each.
--
--   local recipes = require "ddokta.recipes"
--   local report, err = recipes.push_group(dd, okta, { group = "Platform", dry_run = true })
--
-- What a recipe is and does: ddokta.recipes.run. recipes.list has them in the order of the guide, each with
-- name, summary and arguments.

local names = {
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
}

local recipes = { list = {} }

for i, name in ipairs(names) do
  local recipe = require("ddokta.recipes." .. name)
  recipes[name], recipes.list[i] = recipe, recipe
end

return recipes
