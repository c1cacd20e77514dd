--- update_users: those users of a source whom Datadog has get the attributes and the roles that the source
--- says ("Update User Attributes" of the guide). Nobody is made, activated or deactivated.

local people = require "ddokta.recipes.people"

local function read(work)
  local list, err = people.read_source(work, work.args.source)
  if not list then return nil, err end
  local ok
  ok, err = people.default_roles(work, list)
  if not ok then return nil, err end
  local options = { only_there = true }
  function options.change(row) return people.with(row, "active", nil) end
  local facts
  facts, err = people.facts(work, list, options)
  if not facts then return nil, err end
  if options.missing then
    work.warn(
      ("not in Datadog, so not updated (provision_users makes them): %s"):format(
        people.shown(options.missing)
      )
    )
  end
  return facts
end

return people.recipe {
  name = "update_users",
  summary = "bring users up to date from a file or an Okta group",
  arguments = { "source", "mapping", "roles", "delimiter", "format" },
  read = read,
}
