-- Gives an Okta group Datadog: its people get users, the group becomes a managed team.
--
--   lua5.4 provision.lua Engineering "Datadog Read Only Role"
--
-- Run again it does nothing; with a third argument "dry" it shows what it would do.
local ddokta = require "ddokta"
local recipes = require "ddokta.recipes"

local group, role, dry = arg[1], arg[2], arg[3] == "dry"
if not group then error("the name of an Okta group is wanted", 0) end

local dd, okta = ddokta.assert(ddokta.client()), ddokta.assert(ddokta.okta())

local function run(recipe, args)
  args.dry_run = dry
  print(ddokta.assert(recipe(dd, okta, args)))
end

run(recipes.provision_users, { source = "okta:group/" .. group, roles = role and { role } })
run(recipes.push_group, { group = group, timeout = 180 })
