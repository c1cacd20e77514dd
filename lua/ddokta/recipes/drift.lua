--- drift: what differs between Okta's app with its pushed groups and Datadog's users and teams, and why that
--- is likely. It changes nothing; the command ends with status 1 where there is a difference, so that cron
--- can tell.
--
-- All is read completely before anything is compared: a list that is not whole is an error, not a drift.

local drift = require "ddokta.recipes.drift_compare"
local find = require "ddokta.recipes.find"
local kind = assert(require("ddokta.bulk.kinds").get("scim_users"))
local okta_source = require "ddokta.bulk.sources.okta"
local page = require "ddokta.recipes.drift_page"
local people = require "ddokta.recipes.people"
local push = require "ddokta.recipes.push"
local resources = require "ddokta.bulk.resources"
local run = require "ddokta.recipes.run"

-- --- Okta -----------------------------------------------------------------------------------------

-- what Okta sends as displayName, unless a mapping says what the name is
local function display_name(app_user, mapping)
  if mapping and mapping.name then return nil end
  local user = (app_user._embedded or {}).user or {}
  return (app_user.profile or {}).displayName or (user.profile or {}).displayName
end

local function read_app_users(work, world)
  local options, list, err
  options, err = people.source_options(work)
  if not options then return nil, err end
  list, err = find.list_app_users(work, world.app, "user")
  if not list then return nil, err end
  local mapping = options.map
  for _, app_user in ipairs(list) do
    app_user.row = okta_source.app_user_row(app_user, mapping)
    app_user.display_name = display_name(app_user, mapping)
  end
  world.app_users = list
  return true
end

local function is_wanted(work, group)
  local wanted = work.args.groups
  if not wanted then return true end
  for _, name in ipairs(wanted) do
    if name == group.id or name == find.name_of_group(group) then return true end
  end
  return false
end

-- the name that the group is pushed to; false where Okta knows none yet | nil, err
local function target_name(work, mapping, groups)
  local target = groups[mapping.targetGroupId or false]
  if target then return find.name_of_group(target) end
  return push.target_name(work, mapping)
end

-- a pushed group; false where it is none of those that are asked for | nil, err. A group that no list has
-- is asked for alone, whose answer says why.
local function push_of(work, mapping, groups)
  local group, err = groups[mapping.sourceGroupId], nil
  if not group then
    group, err = work.okta:get_group(mapping.sourceGroupId)
  end
  if not group then return nil, err end
  if not is_wanted(work, group) then return false end
  local name
  name, err = target_name(work, mapping, groups)
  if name == nil then return nil, err end
  return { mapping = mapping, group = group, name = name or find.name_of_group(group) }
end

local function groups_named(work, pushes)
  for _, wanted in ipairs(work.args.groups or {}) do
    local found = false
    for _, one in ipairs(pushes) do
      found = found or one.group.id == wanted or find.name_of_group(one.group) == wanted
    end
    if not found then return find.missing("the app pushes no group '%s'", tostring(wanted)) end
  end
  return true
end

local function read_pushes(work, world)
  local mappings, groups, err
  mappings, err = find.mappings(work, world.app)
  if not mappings then return nil, err end
  groups, err = find.groups_of(work, mappings)
  if not groups then return nil, err end
  world.pushes, err = find.each_of(mappings, function(mapping) return push_of(work, mapping, groups) end)
  if not world.pushes then return nil, err end
  return groups_named(work, world.pushes)
end

local function read_assigned(work, world)
  local err
  world.assigned, err = find.assigned_groups(work, world.app)
  if not world.assigned then return nil, err end
  return true
end

-- Okta's own pages say that it does not support one group for both.
local function warn_of_double(work, world)
  local names = {}
  for _, one in ipairs(world.pushes) do
    if world.assigned[one.group.id] then names[#names + 1] = find.name_of_group(one.group) end
  end
  if names[1] then
    work.warn(
      ("both assigned to the app and pushed, which Okta does not support: %s"):format(people.shown(names))
    )
  end
end

-- --- Datadog --------------------------------------------------------------------------------------

local function read_users(work, world)
  local err
  world.users, err = find.all(work.dd, "list_scim_users", {}, { count = 100 }, "SCIM users")
  if not world.users then return nil, err end
  return true
end

local function read_teams(work, world)
  local err
  world.teams, err = find.all(work.dd, "list_teams", {}, { ["page[size]"] = 100 }, "teams")
  if not world.teams then return nil, err end
  return true
end

-- Roles are names in Okta and ids in Datadog.
local function read_roles(work, world)
  local has_any = false
  for _, app_user in ipairs(world.app_users) do
    has_any = has_any or app_user.row.roles ~= nil
  end
  if not has_any then return true end
  local err
  world.roles, err = resources.read_names(work.dd, resources.references(kind)[1])
  return world.roles and true, err
end

-- --- who is in a group, and in its team -----------------------------------------------------------

local function read_group(work, _, one)
  local err
  one.users, err = find.group_users(work, one.group)
  if not one.users then return nil, err end
  return true
end

local function read_team(work, world, one)
  local team = drift.team_of(world, one)
  if not team or one.mapping.status == "INACTIVE" then return true end
  local err
  one.team_members, err = find.team_members(work, team)
  if not one.team_members then return nil, err end
  return true
end

-- --- the recipe -----------------------------------------------------------------------------------

-- Reads parts of the world side by side -> true | nil, err
local function read_all(work, world, parts)
  local done, err = find.each_of(parts, function(part) return part.read(work, world, part.one) end)
  if not done then return nil, err end
  return true
end

local function read_members(work, world)
  local ok, err = read_all(work, world, { { read = read_pushes }, { read = read_teams } })
  if not ok then return nil, err end
  local parts = {}
  for _, one in ipairs(world.pushes) do
    parts[#parts + 1] = { read = read_group, one = one }
    parts[#parts + 1] = { read = read_team, one = one }
  end
  return read_all(work, world, parts)
end

local function read_world(work)
  local app, err = find.app(work)
  if not app then return nil, err end
  local world = { app = app, all_teams = work.args.groups == nil, ignore = {} }
  for _, name in ipairs(work.args.ignore or {}) do
    world.ignore[tostring(name):lower()] = true
  end
  local ok
  ok, err = read_all(
    work,
    world,
    { { read = read_app_users }, { read = read_members }, { read = read_assigned }, { read = read_users } }
  )
  if ok then
    ok, err = read_roles(work, world)
  end
  if not ok then return nil, err end
  local app_users = {}
  for _, app_user in ipairs(world.app_users) do
    app_users[app_user.id] = app_user
  end
  for _, one in ipairs(world.pushes) do
    one.members = find.as_members(one.users, app_users)
  end
  warn_of_double(work, world)
  return world
end

local function facts_of(work, world)
  return {
    differences = drift.compare(world),
    warnings = work.warnings,
    time = os.date("!%Y-%m-%dT%H:%M:%SZ"),
    details = {
      app = ("'%s' (%s)"):format(tostring(world.app.label), world.app.id),
      users = #world.users,
      groups = #world.pushes,
    },
  }
end

local function read_and_write(work, write)
  local world, err = read_world(work)
  if not world then return nil, err end
  local facts = facts_of(work, world)
  local ok
  ok, err = write(facts)
  if not ok then return nil, err end
  return facts
end

local function read(work)
  local path = work.args.report
  if not path then
    return read_and_write(work, function() return true end)
  end
  local write, err = page.open(path) -- a wrong name is said before anything is read
  if not write then return nil, err end
  return read_and_write(work, write)
end

return run {
  name = "drift",
  summary = "compare Okta's assignments and groups with Datadog's users and teams",
  okta = "needed",
  arguments = {
    { name = "app", kind = "text", words = "Okta's app, by id or label (the one Datadog app)" },
    { name = "groups", kind = "list", words = "only these pushed groups, by name or id (all)" },
    { name = "ignore", kind = "list", words = "users of whom nothing is said, by user name" },
    people.arguments.mapping,
    { name = "report", kind = "text", words = "write what was found to this file: .html, .json or .txt" },
  },
  steps = {},
  acts = {},
  read = read,
  plan = function() return {} end,
  details = function(_, facts) return facts.details end,
  result = function(_, facts) return { differences = facts.differences, ok = #facts.differences == 0 } end,
  outcome = function(_, facts) return #facts.differences == 0 and "no drift" or "drift" end,
  new_report = page.new_report,
}
