--- Makes the Okta organisation that a seed describes.
--- The seed's part `okta` is {demo = true}, for the organisation of demo.lua, or has any of
---   users  = { {login =, id = random, status = "ACTIVE", profile = {...}}, ... }
---   groups = { {name =, id = random, description =, members = {logins}}, ... }
---   apps   = { {name =, id = random, label = name, status = "ACTIVE", provisioning = true | false |
---              {create =, update =, deactivate =}, users = {logins}, groups = {names of those assigned},
---              push = {names of those pushed}}, ... }
---   service_accounts = { {name =, username =, containerOrn =, ...}, ... }
--- Without `apps` the only app is Datadog's: its provisioning is switched on, and nobody has it.
local app_groups = require "ddokta.sandbox.okta.app_groups"
local assignments = require "ddokta.sandbox.okta.assignments"
local demo = require "ddokta.sandbox.okta.demo"
local group_push = require "ddokta.sandbox.okta.group_push"
local schedule = require "ddokta.sandbox.schedule"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"
local service_accounts = require "ddokta.sandbox.okta.service_accounts"
local store = require "ddokta.sandbox.store"

local okta_seed = {}

-- a copy of a seed's part: nothing of the seed is changed later
local function copy(value)
  if type(value) ~= "table" then return value end
  local new = {}
  for key, item in pairs(value) do
    new[key] = copy(item)
  end
  return new
end

local function problem_of(entry, name, collection)
  if protocol.text(1, 255)(entry[name]) then return name .. " must be a text" end
  if entry.id ~= nil and protocol.text(1, 100)(entry.id) then return "id must be a text" end
  if entry.id and collection:get(entry.id) then return "its id is taken" end
end

local function seed_user(state, entry, now)
  local profile = copy(entry.profile or {})
  profile.login = entry.login or profile.login
  local problem = problem_of({ login = profile.login, id = entry.id }, "login", state.okta.users)
  if problem then return problem end
  if org.user(state, profile.login) then return "its login is taken" end
  profile.email = profile.email or profile.login
  org.add_user(state, { id = entry.id, status = entry.status, profile = profile }, now)
end

local function seed_group(state, entry, now)
  local problem = problem_of(entry, "name", state.okta.groups)
  if problem then return problem end
  if org.group_named(state, entry.name) then return "its name is taken" end
  local group =
    org.add_group(state, { id = entry.id, name = entry.name, description = entry.description }, now)
  for _, login in ipairs(entry.members or {}) do
    local user = org.user(state, login)
    if not user then return "there is no user " .. tostring(login) end
    org.set_member(group, user, true, now)
  end
end

local function seed_app(state, entry, now)
  local problem = problem_of(entry, "name", state.okta.apps)
  if problem then return problem end
  local app = org.add_app(state, entry, now)
  for _, login in ipairs(entry.users or {}) do
    if not org.user(state, login) then return "there is no user " .. tostring(login) end
  end
  for _, list in ipairs { entry.groups or {}, entry.push or {} } do
    for _, name in ipairs(list) do
      if not org.group_named(state, name) then return "there is no group " .. tostring(name) end
    end
  end
  app.at_start = { users = entry.users or {}, groups = entry.groups or {}, push = entry.push or {} }
end

-- users before the groups they are in, groups before the apps they have
local PARTS = {
  { "users", seed_user },
  { "groups", seed_group },
  { "apps", seed_app },
  { "service_accounts", service_accounts.seed },
}

local KNOWN = { demo = true, users = true, groups = true, apps = true, service_accounts = true }

local DATADOG_APP = { { name = "datadog", id = org.DATADOG_APP_ID, label = "Datadog" } }

-- the part `okta` of a seed with what is left out, or nil and a message
local function part_of(seed)
  local given = seed.okta or {}
  for name in pairs(given) do
    if not KNOWN[name] then return nil, ("okta of the seed has no part %q"):format(tostring(name)) end
  end
  if given.demo then given = demo end
  return {
    users = given.users or {},
    groups = given.groups or {},
    apps = given.apps or DATADOG_APP,
    service_accounts = given.service_accounts or {},
  }
end

-- Assigns an app to the users and groups that the seed names, and pushes the groups that it names.
local function assign_and_push(state, app, now)
  local start = app.at_start
  for _, login in ipairs(start.users) do
    assignments.assign(state, app, org.user(state, login), { scope = "USER" }, now)
  end
  for _, name in ipairs(start.groups) do
    app_groups.assign(state, app, org.group_named(state, name), {}, now)
  end
  for _, name in ipairs(start.push) do
    local source = org.group_named(state, name)
    group_push.map(state, app, { source = source, target_name = name, status = "ACTIVE" }, now)
  end
end

--- Makes the organisation: true, or nil and a message.
function okta_seed.reset(state, seed)
  local given, problem = part_of(seed)
  if not given then return nil, problem end
  state.okta = org.new_collections()
  for _, part in ipairs(PARTS) do
    local ok
    ok, problem = store.fill(state, "okta." .. part[1], given[part[1]], part[2])
    if not ok then return nil, problem end
  end
  -- Scheduled for before the first request: Okta's agent then sends requests to Datadog's side, which needs
  -- the whole sandbox. Here `state` has only the collections that are being made, and the seed may still be
  -- refused. The list of scheduled work is taken over with them.
  schedule.add(state, 0, function(at, running)
    for _, app in ipairs(running.okta.apps:all()) do
      assign_and_push(running, app, at)
    end
  end)
  return true
end

--- For /_sandbox/state.
function okta_seed.describe(state)
  local okta = state.okta
  return {
    okta = {
      users = okta.users.count,
      groups = okta.groups.count,
      apps = okta.apps.count,
      app_users = okta.app_users.count,
      group_assignments = okta.assignments.count,
      group_push_mappings = okta.mappings.count,
      service_accounts = okta.service_accounts.count,
      work_to_come = #state.scheduled,
    },
  }
end

return okta_seed
