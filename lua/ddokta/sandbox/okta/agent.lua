--- Okta's provisioning agent: what happens in Datadog because of a change in Okta. Every function is told
--- of a change that has been made; `push_delay` seconds later the agent acts, on what there is then.
local json = require "ddokta.sandbox.json"
local schedule = require "ddokta.sandbox.schedule"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"
local scim_groups = require "ddokta.sandbox.datadog.scim.groups"
local scim = require "ddokta.sandbox.okta.scim_client"

local agent = {}

-- after so many refusals with 429 a person has to look; each wait is twice the one before
local MOST_TRIES = 10

-- The work, tried again after a 429. What else the agent meets ends the work: `on_failure(message)`.
local function persistent(work, on_failure, try)
  return function(now, state)
    local ok, failure = pcall(work, now)
    if ok then return end
    if type(failure) ~= "table" then error(failure, 0) end
    if not failure.wait or try >= MOST_TRIES then return on_failure(failure.message) end
    schedule.add(state, now + failure.wait * 2 ^ (try - 1), persistent(work, on_failure, try + 1))
  end
end

local function act_later(state, now, work, on_failure)
  schedule.at(state, now + state.settings.push_delay, now, persistent(work, on_failure, 1))
end

-- users

-- the attributes that Datadog's app takes from a profile; an attribute without a value is not sent
local function scim_user(app_user)
  local profile, user_name = app_user.profile, app_user.user_name
  local full = profile.displayName
    or table.concat({ profile.firstName, profile.lastName }, " "):match("%S.*")
    or user_name
  return {
    userName = user_name,
    displayName = full,
    title = profile.title,
    locale = profile.locale or "en-US",
    name = { givenName = profile.firstName, familyName = profile.lastName, formatted = full },
    emails = { { primary = true, type = "work", value = profile.email or user_name } },
    roles = profile.role and { { type = "slot1", value = profile.role } } or nil,
    active = true,
    groups = json.array(),
  }
end

-- what POST has besides: a password that nobody uses, and who this is in Okta
local function new_scim_user(app_user)
  local user = scim_user(app_user)
  user.externalId, user.password = app_user.user.id, protocol.id "pw"
  return user
end

local function adopt(state, now, app_user, found)
  local can = app_user.app.provisioning
  if found.active == false then scim.set_active(state, now, found.id, true) end
  if can.update then scim.replace_user(state, now, found.id, scim_user(app_user)) end
  return found
end

local function find_or_create(state, now, app_user)
  local found = scim.find_user(state, now, app_user.user_name)
  if found then return adopt(state, now, app_user, found) end
  if not app_user.app.provisioning.create then
    error({ message = "The user does not exist in Datadog, and Create Users is off." }, 0)
  end
  return scim.create_user(state, now, new_scim_user(app_user))
end

local function synchronized(app_user, now)
  app_user.sync, app_user.last_sync, app_user.problem = "SYNCHRONIZED", now, nil
end

local function failed(app_user)
  return function(message)
    app_user.sync, app_user.problem = "ERROR", message
  end
end

local function is_gone(state, app_user) return state.okta.app_users:get(app_user.id) ~= app_user end

-- Has the members of a pushed group sent to its team at `time`: once, however many changes ask for that time.
local function await_push(state, mapping, time)
  if mapping.awaits == time then return end
  mapping.awaits = time
  schedule.add(state, time, function(at)
    mapping.awaits = nil
    agent.push_members(state, mapping, at)
  end)
end

-- pushed groups get a user as soon as there is one in Datadog, and lose one who loses the app
local function push_groups_of(state, user, app, now)
  for _, mapping in ipairs(state.okta.mappings:find_all("app", app.id)) do
    if mapping.source.members:get(user.id) then await_push(state, mapping, now) end
  end
end

local function can_provision(app, capability)
  return app.provisioning and app.name == "datadog" and (not capability or app.provisioning[capability])
end

--- An app user was added.
function agent.user_assigned(state, app_user, now)
  if not can_provision(app_user.app) then return end
  app_user.status, app_user.sync = "STAGED", "SYNCING"
  act_later(state, now, function(at)
    if is_gone(state, app_user) then return end
    app_user.external_id = find_or_create(state, at, app_user).id
    app_user.status, app_user.status_changed = "PROVISIONED", at
    synchronized(app_user, at)
    push_groups_of(state, app_user.user, app_user.app, at)
  end, failed(app_user))
end

--- The profile of an app user has changed.
function agent.user_updated(state, app_user, now)
  if not can_provision(app_user.app, "update") then return end
  if not app_user.external_id then return agent.user_assigned(state, app_user, now) end
  app_user.sync = "OUT_OF_SYNC"
  act_later(state, now, function(at)
    if is_gone(state, app_user) then return end
    scim.replace_user(state, at, app_user.external_id, scim_user(app_user))
    synchronized(app_user, at)
  end, failed(app_user))
end

--- An app user was removed: Okta never deletes, it deactivates.
function agent.user_removed(state, app_user, now)
  local app, user = app_user.app, app_user.user
  if not can_provision(app, "deactivate") or not app_user.external_id then return end
  act_later(state, now, function(at)
    -- assigned again in the meantime: nothing is to be taken away
    if org.app_user(state, app, user) then return end
    push_groups_of(state, user, app, at)
    scim.set_active(state, at, app_user.external_id, false)
  end, failed(app_user))
end

-- pushed groups

-- SCIM id -> user name of the members that exist in Datadog: those without an assignment are missing
local function members_in_app(state, mapping)
  local members = {}
  for _, user in ipairs(org.members(mapping.source)) do
    local app_user = org.app_user(state, mapping.app, user)
    if app_user and app_user.external_id then members[app_user.external_id] = app_user.user_name end
  end
  return members
end

local function sorted_keys(set)
  local keys = {}
  for key in pairs(set) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local function as_members(ids, names)
  local list = {}
  for i, id in ipairs(ids) do
    list[i] = { value = id, display = names[id] }
  end
  return list
end

local function missing_from(other, set)
  local keys = {}
  for _, key in ipairs(sorted_keys(set)) do
    if not other[key] then keys[#keys + 1] = key end
  end
  return keys
end

local function target_of(state, now, mapping)
  if mapping.target then return mapping.target end
  local name = mapping.target_name
  local known = org.group_named(state, name, mapping.app)
  if not known then
    local group = scim.find_group(state, now, name) or scim.create_group(state, now, name)
    known = org.add_group(state, { name = name, app = mapping.app, external_id = group.id }, now)
  end
  mapping.target = known
  return known
end

local function is_pushing(state, mapping)
  return state.okta.mappings:get(mapping.id) == mapping and mapping.status ~= "INACTIVE"
end

local function pushed(mapping, members, now)
  mapping.status, mapping.problem, mapping.last_push = "ACTIVE", nil, now
  mapping.pushed = members
end

local function push_failed(mapping)
  return function(message)
    if mapping.status ~= "INACTIVE" then
      mapping.status, mapping.problem = "ERROR", message
    end
  end
end

local function push_all(state, mapping, now)
  local target, members = target_of(state, now, mapping), members_in_app(state, mapping)
  scim.rename_group(state, now, target.external_id, target.profile.name)
  scim.replace_members(state, now, target.external_id, as_members(sorted_keys(members), members))
  pushed(mapping, members, now)
end

local function push_changes(state, mapping, now)
  local target, members = mapping.target, members_in_app(state, mapping)
  local added, removed = missing_from(mapping.pushed, members), missing_from(members, mapping.pushed)
  if #added + #removed == 0 then return end
  scim.rename_group(state, now, target.external_id, target.profile.name)
  scim.change_members(state, now, target.external_id, as_members(added, members), removed)
  pushed(mapping, members, now)
end

--- A mapping was made active: the target gets the name and exactly the members of the source.
function agent.mapping_activated(state, mapping, now)
  mapping.pushed = nil
  act_later(state, now, function(at)
    if is_pushing(state, mapping) then push_all(state, mapping, at) end
  end, push_failed(mapping))
end

--- Brings a team up to date now. After a push that failed everything is pushed; before the first one
--- nothing, for it is still to come.
function agent.push_members(state, mapping, now)
  persistent(function(at)
    if not is_pushing(state, mapping) then return end
    if mapping.status == "ERROR" then return push_all(state, mapping, at) end
    if mapping.pushed then push_changes(state, mapping, at) end
  end, push_failed(mapping), 1)(now, state)
end

--- The members of a group have changed.
function agent.group_changed(state, group, now)
  for _, mapping in ipairs(state.okta.mappings:find_all("source", group.id)) do
    await_push(state, mapping, now + state.settings.push_delay)
  end
end

local function forget_target(state, target)
  if state.okta.groups:get(target.id) == target then state.okta.groups:remove(target) end
end

--- A mapping was removed, with the wish to delete the group in Datadog or to leave it there. Leaving
--- it, Okta sends nothing, and yet the team is no longer managed afterwards.
function agent.mapping_deleted(state, mapping, delete_target, now)
  local target = mapping.target
  if not target then return end
  local function forget() forget_target(state, target) end
  act_later(state, now, function(at)
    if delete_target then
      scim.delete_group(state, at, target.external_id)
    else
      scim_groups.unlink(state, target.external_id, at)
    end
    forget()
  end, forget) -- a group that Datadog does not know is gone as well
end

return agent
