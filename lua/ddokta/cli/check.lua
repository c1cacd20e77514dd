--- check: finds out whether the keys work, whose they are, and whether they may do what ddokta does: those
--- checks of the recipe that are about keys.

local recipes = require "ddokta.recipes"
local status = require "ddokta.cli.status"
local text = require "ddokta.text"

local function run(app, args)
  local dd = app:client()
  local okta = app:names_okta() and app:must(app:named_okta_client()) or nil
  if not args.json then app:print("checking " .. text.show(dd.base_url)) end
  local checks = app:must(recipes.check(dd, okta, { keys_only = true })).checks
  for _, check in ipairs(args.json and {} or checks) do
    app:print_check(check.result, check.name, check.detail, check.remedy)
  end
  local code = app.status_of_checks(checks)
  if args.json then app:json { site = dd.base_url, ok = code == status.DONE, checks = checks } end
  return code
end

return {
  configure = function() end,
  run = run,
}
