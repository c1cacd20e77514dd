--- push_group: a new managed team from an Okta group ("Create a new team in Datadog" of the guide).
--- Without a client of Okta: from a list of Datadog's user names, by SCIM alone.

local find = require "ddokta.recipes.find"
local push = require "ddokta.recipes.push"
local run = require "ddokta.recipes.run"

-- Okta does not ask before it takes over a team that is there: that is link_team's, which shows first
-- who will lose it.
local function read(work)
  local facts, err = push.read(work, work.args.name)
  if not facts then return nil, err end
  local team = facts.teams[1]
  if facts.mapping and facts.mapping.status ~= "ACTIVE" and team then
    facts.before, err = find.team_members(work, team) -- who has come since it was pushed last
    if not facts.before then return nil, err end
  end
  if facts.mapping or facts.scim_group then return facts end
  if not team then return facts end
  if team.is_managed then
    return find.refuse(
      "managed",
      "there is a team %s already, managed by somebody else: "
        .. "find out who pushes it, or give another name",
      find.show_team(team)
    )
  end
  return find.refuse(
    "exists",
    "there is a team %s already: link_team links it to the group, " .. "and shows first who is in it",
    find.show_team(team)
  )
end

return run {
  name = "push_group",
  summary = "make a managed team from an Okta group, or from a list of users",
  okta = "used",
  arguments = {
    {
      name = "group",
      kind = "text",
      required = true,
      words = "the Okta group, by name or id; without Okta: the team's name",
    },
    { name = "name", kind = "text", words = "the team's name (the group's)" },
    { name = "app", kind = "text", words = "Okta's app, by id or label (the one Datadog app)" },
    { name = "members", kind = "list", words = "without Okta: who is to be in the team, by user name" },
    {
      name = "remove_members",
      kind = "flag",
      allows = "member_removals",
      words = "without Okta: take out who is not in that list",
    },
  },
  steps = push.steps,
  read = read,
  plan = push.plan,
  measure = function(_, facts, steps)
    local losses, members = push.losses(facts, steps)
    return { losses = losses, members = members }
  end,
  acts = push.acts,
  verify = push.verify,
  details = function(_, facts) return push.details(facts) end,
}
