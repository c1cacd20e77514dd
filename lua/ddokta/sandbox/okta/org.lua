-- The Okta organisation that the sandbox is: its users, groups, apps and who has what. Other modules
-- change these through the functions below, so that Okta's agent (agent.lua) sees every change.
--
-- A seed's part `okta` is {demo = true} for the organisation of demo.lua, or has any of
--   users  = { {login =, id = random, status = "ACTIVE", profile = {...}}, ... }
--   groups = { {name =, id = random, description =, members = {logins}}, ... }
--   apps   = { {name =, id = random, label = name, status = "ACTIVE", provisioning = true | false |
--              {create =, update =, deactivate =}, users = {logins}, groups = {names of those assigned},
--              push = {names of those pushed}}, ... }
--   service_accounts = { {name =, username =, containerOrn =, ...}, ... }
-- Without `apps` there is the Datadog app, its provisioning on as an administrator leaves it, and
-- nothing else.
local body = require "ddokta.sandbox.okta.body"
local demo = require "ddokta.sandbox.okta.demo"
local id_of = require "ddokta.sandbox.okta.id"
local store = require "ddokta.sandbox.store"

local org = {
  ID = "00oSandbox00000000g1",
  DATADOG_APP_ID = "0oaSandboxDatadog0g1",
  USER_TYPE_ID = "otySandboxUser0000g1",
}

-- what an app lets Okta do in it where nothing else is said: these are on after "Enable API integration"
local CAPABILITIES = { "create", "update", "deactivate" }

local function pair_key(app, other) return app.id .. "/" .. other.id end

local function new_collections()
  local function app_id(record) return record.app.id end
  return {
    serial = 0,
    users = store.new { login = function(user) return user.profile.login:lower() end },
    groups = store.new {
      name = function(group)
        return group.type .. "/" .. (group.app and group.app.id or "") .. "/" .. group.profile.name
      end,
    },
    apps = store.new(),
    app_users = store.new { app = app_id, user = function(record) return record.user.id end },
    assignments = store.new { app = app_id, group = function(record) return record.group.id end },
    mappings = store.new { app = app_id, source = function(record) return record.source.id end },
    service_accounts = store.new(),
  }
end

-- records get a serial: lists are in its order (pages.lua)
local function add(okta, name, record)
  okta.serial = okta.serial + 1
  record.serial = okta.serial
  return okta[name]:add(record)
end

--- Adds a record to a collection of state.okta.
function org.add(state, name, record) return add(state.okta, name, record) end

--- Adds a user. fields: {id =, status =, profile = {login =, email =, firstName =, lastName =, ...}}.
function org.add_user(state, fields, now)
  return org.add(state, "users", {
    id = fields.id or id_of("00u"),
    status = fields.status or "ACTIVE",
    profile = fields.profile,
    created = now,
    updated = now,
    status_changed = now,
    groups = {},
  })
end

--- The user of an id or a login (the login in any case), or nil.
function org.user(state, id_or_login)
  return state.okta.users:get(id_or_login) or state.okta.users:find("login", id_or_login:lower())
end

--- Adds a group. fields: {id =, name =, description =}; one that stands for a group in an app has
--- {app =, external_id =} too.
function org.add_group(state, fields, now)
  return org.add(state, "groups", {
    id = fields.id or id_of("00g"),
    type = fields.app and "APP_GROUP" or "OKTA_GROUP",
    profile = { name = fields.name, description = fields.description },
    app = fields.app,
    external_id = fields.external_id,
    members = store.new(),
    created = now,
    updated = now,
    membership_updated = now,
  })
end

--- Okta's own group of a name, or an app's; or nil.
function org.group_named(state, name, app)
  local kind = app and "APP_GROUP/" .. app.id or "OKTA_GROUP/"
  return state.okta.groups:find("name", kind .. "/" .. name)
end

local function by_serial(members)
  local list = {}
  for i, user in ipairs(members:all()) do
    list[i] = user
  end
  table.sort(list, function(a, b) return a.serial < b.serial end)
  return list
end

--- The members of a group, in the order in which users were made. The list is not to be changed.
function org.members(group) return group.members:derived("by serial", by_serial) end

--- Puts a user into a group or takes one out; is it a change?
function org.set_member(group, user, is_member, now)
  if (group.members:get(user.id) ~= nil) == is_member then return false end
  if is_member then
    group.members:add(user)
  else
    group.members:remove(user)
  end
  user.groups[group.id] = is_member and group or nil
  group.membership_updated = now
  return true
end

local function capabilities(given)
  if given == false then return nil end
  local set = {}
  for _, name in ipairs(CAPABILITIES) do
    set[name] = type(given) ~= "table" or given[name] == true
  end
  return set
end

--- Adds an app. fields: as an app of a seed.
function org.add_app(state, fields, now)
  local app = {
    id = fields.id or id_of("0oa"),
    name = fields.name,
    label = fields.label or fields.name,
    status = fields.status or "ACTIVE",
    provisioning = capabilities(fields.provisioning),
    created = now,
    updated = now,
  }
  app.orn = ("orn:okta:idp:%s:apps:%s:%s"):format(org.ID, app.name, app.id)
  return org.add(state, "apps", app)
end

--- What a user has of an app, or nil.
function org.app_user(state, app, user) return state.okta.app_users:get(pair_key(app, user)) end

--- Adds what a user has of an app.
function org.add_app_user(state, app, user, record)
  record.id, record.app, record.user = pair_key(app, user), app, user
  return org.add(state, "app_users", record)
end

--- The assignment of an app to a group, or nil.
function org.assignment(state, app, group) return state.okta.assignments:get(pair_key(app, group)) end

--- Adds the assignment of an app to a group.
function org.add_assignment(state, app, group, record)
  record.id, record.app, record.group = pair_key(app, group), app, group
  return org.add(state, "assignments", record)
end

-- a copy of a seed's part: nothing of the seed is changed later
local function copy(value)
  if type(value) ~= "table" then return value end
  local new = {}
  for key, item in pairs(value) do
    new[key] = copy(item)
  end
  return new
end

local function required_text(entry, name, place)
  if body.text(1, 255)(entry[name]) then return ("%s: %s must be a text"):format(place, name) end
end

local function check_id(collection, entry, place)
  if entry.id ~= nil and body.text(1, 100)(entry.id) then return place .. ": id must be a text" end
  if entry.id and collection:get(entry.id) then return place .. ": its id is taken" end
end

local function seed_user(state, entry, place, now)
  local profile = copy(entry.profile or {})
  profile.login = entry.login or profile.login
  local problem = required_text(profile, "login", place) or check_id(state.okta.users, entry, place)
  if problem then return problem end
  if org.user(state, profile.login) then return place .. ": its login is taken" end
  profile.email = profile.email or profile.login
  org.add_user(state, { id = entry.id, status = entry.status, profile = profile }, now)
end

local function seed_group(state, entry, place, now)
  local problem = required_text(entry, "name", place) or check_id(state.okta.groups, entry, place)
  if problem then return problem end
  if org.group_named(state, entry.name) then return place .. ": its name is taken" end
  local group =
    org.add_group(state, { id = entry.id, name = entry.name, description = entry.description }, now)
  for _, login in ipairs(entry.members or {}) do
    local user = org.user(state, login)
    if not user then return ("%s: there is no user %s"):format(place, tostring(login)) end
    org.set_member(group, user, true, now)
  end
end

local function seed_app(state, entry, place, now)
  local problem = required_text(entry, "name", place) or check_id(state.okta.apps, entry, place)
  if problem then return problem end
  local app = org.add_app(state, entry, now)
  for _, login in ipairs(entry.users or {}) do
    if not org.user(state, login) then return ("%s: there is no user %s"):format(place, tostring(login)) end
  end
  for _, list in ipairs { entry.groups or {}, entry.push or {} } do
    for _, name in ipairs(list) do
      if not org.group_named(state, name) then
        return ("%s: there is no group %s"):format(place, tostring(name))
      end
    end
  end
  app.at_start = { users = entry.users or {}, groups = entry.groups or {}, push = entry.push or {} }
end

-- users before the groups they are in, groups before the apps they have
local PARTS = {
  { "users", seed_user },
  { "groups", seed_group },
  { "apps", seed_app },
}

local KNOWN = { demo = true, users = true, groups = true, apps = true, service_accounts = true }

local DATADOG_APP = { { name = "datadog", id = org.DATADOG_APP_ID, label = "Datadog" } }

--- The part `okta` of a seed with what is left out, or nil and a message.
function org.seed_of(seed)
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

--- Makes the organisation: true, or nil and a message.
function org.reset(state, seed)
  local given, problem = org.seed_of(seed)
  if not given then return nil, problem end
  local now = os.time()
  -- a seed's collections come with a list of work to come, which may be another module's already
  state.okta, state.later = new_collections(), state.later or {}
  for _, part in ipairs(PARTS) do
    for i, entry in ipairs(given[part[1]]) do
      local place = ("okta.%s %d"):format(part[1], i)
      if type(entry) ~= "table" then return nil, place .. " is not a table" end
      problem = part[2](state, entry, place, now)
      if problem then return nil, problem end
    end
  end
  return true
end

--- For /_sandbox/state.
function org.describe(state)
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
      work_to_come = #state.later,
    },
  }
end

return org
