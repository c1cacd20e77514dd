--- Who has an app: by an assignment of their own (scope USER) or by a group (scope GROUP).
local agent = require "ddokta.sandbox.okta.agent"
local org = require "ddokta.sandbox.okta.org"

local assignments = {}

-- what the profile mapping takes from Okta's profile into that of the app
local MAPPED = { "email", "firstName", "lastName", "displayName", "title", "locale" }

--- Takes what is mapped from the user's profile into the app user's.
function assignments.map_profile(app_user)
  for _, name in ipairs(MAPPED) do
    app_user.profile[name] = app_user.user.profile[name]
  end
end

--- Gives a user an app. fields: {scope = "USER" | "GROUP", user_name = the login, profile =}.
function assignments.assign(state, app, user, fields, now)
  local app_user = org.add_app_user(state, app, user, {
    scope = fields.scope,
    user_name = fields.user_name or user.profile.login,
    profile = {},
    status = "ACTIVE",
    sync = "DISABLED",
    created = now,
    updated = now,
    status_changed = now,
  })
  assignments.map_profile(app_user)
  for name, value in pairs(fields.profile or {}) do
    app_user.profile[name] = value
  end
  agent.user_assigned(state, app_user, now)
  return app_user
end

--- Takes an app from a user.
function assignments.unassign(state, app_user, now)
  state.okta.app_users:remove(app_user)
  agent.user_removed(state, app_user, now)
end

-- has the user the app by a group?
local function is_covered(state, app, user)
  for group_id in pairs(user.groups) do
    if org.assignment(state, app, state.okta.groups:get(group_id)) then return true end
  end
  return false
end

--- Makes what a user has of an app agree with the groups: to be called when one of them changed.
function assignments.settle(state, app, user, now)
  local app_user = org.app_user(state, app, user)
  local covered = is_covered(state, app, user)
  if covered and not app_user then
    assignments.assign(state, app, user, { scope = "GROUP" }, now)
  elseif app_user and app_user.scope == "GROUP" and not covered then
    assignments.unassign(state, app_user, now)
  end
end

--- Takes a direct assignment away: the app stays, by a group, where there is one that gives it.
function assignments.remove(state, app_user, now)
  if app_user.scope == "USER" and is_covered(state, app_user.app, app_user.user) then
    app_user.scope, app_user.updated = "GROUP", now
    return
  end
  assignments.unassign(state, app_user, now)
end

--- An app was assigned to a group, or no longer is: its members have it, or no longer do.
function assignments.group_settle(state, app, group, now)
  for _, user in ipairs(org.members(group)) do
    assignments.settle(state, app, user, now)
  end
end

--- Puts a user into a group or takes one out, with all that follows.
function assignments.set_member(state, group, user, is_member, now)
  if not org.set_member(group, user, is_member, now) then return end
  for _, assignment in ipairs(state.okta.assignments:find_all("group", group.id)) do
    assignments.settle(state, assignment.app, user, now)
  end
  agent.group_changed(state, group, now)
end

-- the list of a store's key changes while its records are removed
local function copy(list)
  local new = {}
  for i, item in ipairs(list) do
    new[i] = item
  end
  return new
end

--- Takes everything from a user: groups first, for a group that stays would give its apps again.
function assignments.strip(state, user, now)
  local groups = {}
  for _, group in pairs(user.groups) do
    groups[#groups + 1] = group
  end
  table.sort(groups, function(a, b) return a.serial < b.serial end)
  for _, group in ipairs(groups) do
    assignments.set_member(state, group, user, false, now)
  end
  for _, app_user in ipairs(copy(state.okta.app_users:find_all("user", user.id))) do
    assignments.unassign(state, app_user, now)
  end
end

return assignments
