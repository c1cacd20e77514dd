--- provision_users: whoever a source has gets Datadog ("Create Users" of the guide): users are made, those
--- who are there already are adopted, active again and as the source has them. Nobody is deactivated.

local people = require "ddokta.recipes.people"

local function read(work)
  local list, err = people.read_source(work, work.args.source)
  if not list then return nil, err end
  local ok
  ok, err = people.default_roles(work, list)
  if not ok then return nil, err end
  local left_out = {}
  for row in list:each() do
    if people.is_inactive(row) then left_out[#left_out + 1] = tostring(row.userName) end
  end
  if left_out[1] then
    work.warn(("not active in the source, so neither made nor changed: %s"):format(people.shown(left_out)))
  end
  return people.facts(work, list, {
    change = function(row)
      if people.is_inactive(row) then return nil end
      -- what is no boolean is the plan's to refuse
      if row.active ~= nil and row.active ~= "" then return row end
      return people.with(row, "active", true)
    end,
  })
end

return people.recipe {
  name = "provision_users",
  summary = "make users from a file or an Okta group, adopt those who are there",
  arguments = { "source", "mapping", "roles", "delimiter", "format" },
  read = read,
  advice = function(_, facts)
    if facts.plan.counts.create == 0 then return {} end
    return { "Datadog sends whoever is new an invitation by e-mail; its link is said to be good for 2 days" }
  end,
}
