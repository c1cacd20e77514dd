--- The Okta organisation that the sandbox is: its users, groups, apps and who has what. Other modules
--- change these through the functions below, so that Okta's agent (agent.lua) sees every change. A seed
--- is read by seed.lua.
local protocol = require "ddokta.sandbox.okta.protocol"
local store = require "ddokta.sandbox.store"

local org = {
  ID = "00oSandbox00000000g1",
  DATADOG_APP_ID = "0oaSandboxDatadog0g1",
  USER_TYPE_ID = "otySandboxUser0000g1",
}

-- what an app lets Okta do in it where nothing else is said: these are on after "Enable API integration"
local CAPABILITIES = { "create", "update", "deactivate" }

local function pair_key(app, other) return app.id .. "/" .. other.id end

--- Collections of an organisation in which there is nothing.
function org.new_collections()
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

--- Adds a record to a collection of state.okta. It gets a serial: lists are in its order.
function org.add(state, name, record)
  state.okta.serial = state.okta.serial + 1
  record.serial = state.okta.serial
  return state.okta[name]:add(record)
end

--- Adds a user. fields: {id =, status =, profile = {login =, email =, firstName =, lastName =, ...}}.
function org.add_user(state, fields, now)
  return org.add(state, "users", {
    id = fields.id or protocol.id("00u"),
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
    id = fields.id or protocol.id("00g"),
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
    id = fields.id or protocol.id("0oa"),
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

return org
