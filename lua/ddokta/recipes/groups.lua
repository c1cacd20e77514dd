--- groups: the recipes push_group and link_team, by which a group of Okta comes to manage a team of Datadog.
--
-- push_group makes a new team, link_team takes one that is there.

local errors = require "ddokta.error"
local find = require "ddokta.recipes.find"
local push = require "ddokta.recipes.push"
local run = require "ddokta.recipes.run"

local members_argument =
  { name = "members", kind = "list", words = "without Okta: who is to be in the team, by user name" }

-- --- push_group -----------------------------------------------------------------------------------

-- A new managed team from an Okta group ("Create a new team in Datadog" of the guide). Without a client of
-- Okta: from a list of Datadog's user names, by SCIM alone.
--
-- Okta does not ask before it takes over a team that is there: that is link_team's, which shows first
-- who will lose it.
local function read_new(work)
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

local push_group = run.recipe {
  name = "push_group",
  order = 6,
  summary = "make a managed team from an Okta group, or from a list of users",
  okta = "used",
  arguments = {
    find.group_argument,
    { name = "name", kind = "text", words = "the team's name (default: the group's)" },
    find.app_argument,
    members_argument,
    {
      name = "remove_members",
      kind = "flag",
      allows = "member_removals",
      words = "without Okta: take out who is not in that list",
    },
  },
  steps = push.steps,
  read = read_new,
  plan = push.plan,
  measure = function(_, facts, steps)
    local losses, members = push.losses(facts, steps)
    return { losses = losses, members = members }
  end,
  acts = push.acts,
  verify = push.verify,
  details = function(_, facts) return push.details(facts) end,
}

-- --- link_team ------------------------------------------------------------------------------------

-- An existing team gets managed by an Okta group ("Synchronize an existing Datadog Team with an Okta group"
-- of the guide). The guide asked for the same name, and asks today for the handle that is derived from the
-- group's name: both must be the team's, or it is refused.
--
-- The link makes the group's members the team's. So the report's details say who will be added and who
-- removed, and somebody is removed only where remove_members says so.

-- The teams that the text means: by id, by name, by handle.
local function meant(teams, text)
  local list = {}
  for _, team in ipairs(teams) do
    if team.id == text or team.name == text or team.handle == text then list[#list + 1] = team end
  end
  return list
end

local function find_given(work, text)
  if text:find("^%x+%-%x+%-%x+%-%x+%-%x+$") then return work.dd:get_team(text) end
  local teams, err = find.teams(work, text)
  if not teams then return nil, err end
  return find.one(meant(teams, text), "team", text, find.show_team)
end

-- Both name and handle must be those of one team.
local function compare(work, facts, team)
  for _, other in ipairs(facts.teams) do
    if other.id ~= team.id then
      return find.refuse(
        "ambiguous",
        "two teams may be meant by '%s': %s has the name or the handle '%s' "
          .. "too, beside %s; give one of them another",
        facts.name,
        find.show_team(other),
        facts.handle or facts.name,
        find.show_team(team)
      )
    end
  end
  if team.name ~= facts.name then
    return find.refuse(
      "name",
      "the team %s is not called '%s' as the group is: rename one of them",
      find.show_team(team),
      facts.name
    )
  end
  if not facts.handle then
    work:warn(
      (
        "which handle Datadog makes of the name '%s' is not known: it links the team %s if it is "
        .. "that one, and makes another if not"
      ):format(facts.name, find.show_team(team))
    )
  elseif team.handle ~= facts.handle then
    return find.refuse(
      "handle",
      "the team %s has another handle than '%s', which follows from the name " .. "'%s': change it in Datadog",
      find.show_team(team),
      facts.handle,
      facts.name
    )
  end
  return true
end

local function choose(work, facts)
  if work.args.team then return find_given(work, work.args.team) end
  for _, team in ipairs(facts.teams) do
    if team.name == facts.name then return team end
  end
  if facts.teams[1] then return facts.teams[1] end
  return find.missing(
    "there is no team with the name '%s'%s: push_group makes one",
    facts.name,
    facts.handle and (" or the handle '%s'"):format(facts.handle) or ""
  )
end

local function is_linked(facts) return facts.mapping ~= nil or facts.scim_group ~= nil end

local function read_existing(work)
  if not work.okta and not work.args.group then
    return nil, errors.new { kind = "config", code = "argument", message = "link_team needs a group" }
  end
  local facts, err = push.read(work)
  if not facts then return nil, err end
  facts.team, err = choose(work, facts)
  if not facts.team then return nil, err end
  local ok
  ok, err = compare(work, facts, facts.team)
  if not ok then return nil, err end
  if facts.team.is_managed and not is_linked(facts) then
    return find.refuse(
      "managed",
      "the team %s is managed by somebody else already",
      find.show_team(facts.team)
    )
  end
  facts.before, err = find.team_members(work, facts.team)
  if not facts.before then return nil, err end
  return facts
end

local function plan_link(work, facts)
  local steps = push.plan(work, facts)
  facts.removed = find.difference(facts.before, facts.wanted)
  return steps
end

-- Whoever leaves the team by it is to be known before, be it one.
local function measure_link(_, facts, steps)
  local removed = push.removed(facts, steps)
  local losses, members = push.losses(facts, steps)
  return {
    losses = losses,
    members = members,
    taken = next(removed) and { { name = facts.name, lost = find.sorted(removed) } } or nil,
  }
end

local function details_of_link(_, facts)
  local shown = push.details(facts)
  shown.will_be_added = find.sorted(find.difference(facts.wanted, facts.before))
  shown.will_be_removed = find.sorted(facts.removed)
  shown.members = find.sorted(facts.before)
  return shown
end

local link_team = run.recipe {
  name = "link_team",
  order = 7,
  summary = "have an existing team managed by an Okta group",
  okta = "used",
  arguments = {
    find.group_argument,
    {
      name = "team",
      kind = "text",
      value = "id or name",
      words = "the team, by name, handle or id (default: the one of the group's name)",
    },
    find.app_argument,
    members_argument,
    {
      name = "remove_members",
      kind = "flag",
      allows = "take_over member_removals",
      words = "take out of the team who is not in the group",
    },
  },
  steps = push.steps,
  read = read_existing,
  plan = plan_link,
  measure = measure_link,
  acts = push.acts,
  verify = push.verify,
  details = details_of_link,
}

return { push_group, link_team }
