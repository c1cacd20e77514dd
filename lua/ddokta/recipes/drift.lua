--- drift: what differs between Okta's app with its pushed groups and Datadog's users and teams, and why that
--- is likely. It changes nothing; the command ends with status 1 where there is a difference, so that cron
--- can tell.
--
-- All is read completely before anything is compared: a list that is not whole is an error, not a drift.

local ddokta = require "ddokta"
local drift = require "ddokta.recipes.drift_compare"
local failure = require "ddokta.error"
local find = require "ddokta.recipes.find"
local okta_source = require "ddokta.bulk.sources.okta"
local page = require "ddokta.recipes.drift_page"
local people = require "ddokta.recipes.people"
local push = require "ddokta.recipes.push"
local rows = require "ddokta.recipes.rows"
local run = require "ddokta.recipes.run"

local AT_ONCE = 8 -- groups that are read

-- --- Okta -----------------------------------------------------------------------------------------

-- what Okta sends as displayName, unless a mapping says what the name is
local function display_name(app_user, mapping)
  if mapping and mapping.name then return nil end
  local user = (app_user._embedded or {}).user or {}
  return (app_user.profile or {}).displayName or (user.profile or {}).displayName
end

local function read_app_users(work, world)
  local mapping, by_id = rows.mapping_of(work.args.mapping), {}
  local list, err = find.all(function(query)
    return work.okta:list_application_users(world.app.id, query)
  end, { limit = 200, expand = "user" }, "app users")
  if not list then return nil, err end
  for _, app_user in ipairs(list) do
    app_user.row = okta_source.app_user_row(app_user, mapping)
    app_user.display_name = display_name(app_user, mapping)
    by_id[app_user.id] = app_user
  end
  world.app_users = list
  return by_id
end

local function is_wanted(work, group)
  local wanted = work.args.groups
  if not wanted then return true end
  for _, name in ipairs(wanted) do
    if name == group.id or name == group.profile.name then return true end
  end
  return false
end

-- a pushed group; false where it is none of those that are asked for
local function read_push(work, mapping, app_users)
  local group, err = work.okta:get_group(mapping.sourceGroupId)
  if not group then return nil, err end
  if not is_wanted(work, group) then return false end
  local name, members
  name, err = push.target_name(work, mapping)
  if name == nil then return nil, err end
  members, err = find.members(work, group, app_users)
  if not members then return nil, err end
  return { mapping = mapping, group = group, name = name or group.profile.name, members = members }
end

local function raised(err)
  return failure.is(err) and err or failure.new{ kind = "protocol", message = tostring(err) }
end

-- act(item) -> a value or false, for all of a list at once: the values | nil, err
local function each_of(list, act)
  local results, values = ddokta.parallel(AT_ONCE, list, act), {}
  for i = 1, #list do
    local value, err = results[i][1], results[i][2]
    if value == nil then return nil, raised(err) end
    if value then values[#values + 1] = value end
  end
  return values
end

local function groups_named(work, pushes)
  for _, wanted in ipairs(work.args.groups or {}) do
    local found = false
    for _, one in ipairs(pushes) do
      found = found or one.group.id == wanted or one.group.profile.name == wanted
    end
    if not found then return find.missing("the app pushes no group '%s'", tostring(wanted)) end
  end
  return true
end

local function read_pushes(work, world, app_users)
  local mappings, err = find.mappings(work, world.app)
  if not mappings then return nil, err end
  world.pushes, err = each_of(mappings, function(mapping) return read_push(work, mapping, app_users) end)
  if not world.pushes then return nil, err end
  return groups_named(work, world.pushes)
end

-- Okta's own pages say that it does not support one group for both.
local function warn_of_double(work, world)
  local list, err = find.all(function(query)
    return work.okta:list_application_group_assignments(world.app.id, query)
  end, { limit = 200 }, "group assignments")
  if not list then return nil, err end
  local assigned, names = {}, {}
  for _, assignment in ipairs(list) do assigned[assignment.id] = true end
  for _, one in ipairs(world.pushes) do
    if assigned[one.group.id] then names[#names + 1] = one.group.profile.name end
  end
  if names[1] then
    work.warn(("both assigned to the app and pushed, which Okta does not support: %s")
      :format(people.shown(names)))
  end
  return true
end

-- --- Datadog --------------------------------------------------------------------------------------

local function read_datadog(work, world)
  local err
  world.users, err = find.all(function(query) return work.dd:list_scim_users(query) end, { count = 100 },
    "SCIM users")
  if not world.users then return nil, err end
  world.teams, err = find.all(function(query) return work.dd:list_teams(query) end, { ["page[size]"] = 100 },
    "teams")
  if not world.teams then return nil, err end
  return true
end

local function read_team_members(work, world)
  return each_of(world.pushes, function(one)
    local team = drift.team_of(world, one)
    if not team or one.mapping.status == "INACTIVE" then return false end
    local members, err = find.team_members(work, team)
    if not members then return nil, err end
    one.team_members = members
    return true
  end)
end

-- --- the recipe -----------------------------------------------------------------------------------

local function read_world(work)
  local app, err = find.app(work)
  if not app then return nil, err end
  local world = { app = app, all_teams = work.args.groups == nil, ignore = {} }
  for _, name in ipairs(work.args.ignore or {}) do world.ignore[tostring(name):lower()] = true end
  local app_users, ok
  app_users, err = read_app_users(work, world)
  if not app_users then return nil, err end
  for _, part in ipairs{ read_pushes, warn_of_double, read_datadog, read_team_members } do
    ok, err = part(work, world, app_users)
    if not ok then return nil, err end
  end
  return world
end

local function facts_of(work, world)
  return { differences = drift.compare(world), warnings = work.warnings,
    time = os.date("!%Y-%m-%dT%H:%M:%SZ"),
    details = { app = ("'%s' (%s)"):format(tostring(world.app.label), world.app.id), users = #world.users,
      groups = #world.pushes } }
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
  if not path then return read_and_write(work, function() return true end) end
  local write, err = page.open(path) -- a wrong name is said before anything is read
  if not write then return nil, err end
  return read_and_write(work, write)
end

return run{
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
